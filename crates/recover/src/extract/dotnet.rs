//! Evidence in C# and .NET.

mod apphost;
mod apphost_kinds;
mod clients;
mod controllers;
mod csharp;
mod data;
mod declaration;
mod entry;
mod messaging;
mod operation;
mod practices;
mod project;
mod routes;
#[cfg(test)]
mod tests;

use loadcase_model::Aspect;

use crate::extract::Extractor;
use crate::source::{Sightings, Source};
use crate::syntax;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[Extractor {
    id: "csharp",
    reads: |path| path.ends_with(".cs") && !path.ends_with(".Designer.cs") && !path.ends_with(".g.cs"),
    sees: &[
        Aspect::Timeout,
        Aspect::Retry,
        Aspect::CircuitBreaker,
        Aspect::CallInLoop,
        Aspect::UserControlledDestination,
        Aspect::HardcodedAddress,
        Aspect::TlsVerification,
        Aspect::Authentication,
        Aspect::Authorization,
        Aspect::ObjectOwnership,
        Aspect::LoginThrottling,
        Aspect::RateLimit,
        Aspect::PageLimit,
        Aspect::Cors,
        Aspect::TokenValidation,
        Aspect::OauthFlow,
        Aspect::DebugSurface,
        Aspect::LiteralSecret,
        Aspect::DefaultCredentials,
        Aspect::PasswordHashing,
        Aspect::HealthProbe,
        Aspect::SchemaDropped,
        Aspect::StateInProcess,
        Aspect::DualWrite,
        Aspect::Outbox,
        Aspect::ConcurrencyGuard,
        Aspect::DeadLetter,
        Aspect::ConsumerIdempotency,
        Aspect::Backpressure,
        Aspect::WebhookSignature,
        Aspect::MoneyAsFloat,
        Aspect::Logging,
        Aspect::Metrics,
        Aspect::Tracing,
        Aspect::SensitiveLog,
        Aspect::ApiVersion,
        Aspect::ErrorFormat,
        Aspect::IdempotencyKey,
    ],
    extract,
}];

/// Reads a C# file: it is parsed once for all.
fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    let Some(tree) = syntax::parse(&tree_sitter_c_sharp::LANGUAGE.into(), source.text) else { return };
    let code = csharp::Code::new(source, tree.root_node());
    apphost::extract(&code, out);
    if source.text.contains("DistributedApplication.CreateBuilder") {
        return;
    }
    entry::extract(&code, out);
    entry::things(&code, out);
    routes::extract(&code, out);
    controllers::extract(&code, out);
    clients::extract(&code, out);
    data::extract(&code, out);
    messaging::extract(&code, out);
    practices::extract(&code, out);
}
