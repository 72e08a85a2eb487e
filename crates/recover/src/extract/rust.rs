//! Evidence in Rust.

mod clients;
mod code;
mod operation;
mod practices;
mod routes;
#[cfg(test)]
mod tests;

use loadcase_model::Aspect;

use crate::extract::Extractor;
use crate::source::{Sightings, Source};
use crate::syntax;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[Extractor {
    id: "rust",
    reads: |path| path.ends_with(".rs"),
    sees: &[
        Aspect::Timeout,
        Aspect::Retry,
        Aspect::CallInLoop,
        Aspect::HardcodedAddress,
        Aspect::TlsVerification,
        Aspect::Authentication,
        Aspect::ObjectOwnership,
        Aspect::RateLimit,
        Aspect::PageLimit,
        Aspect::BodyLimit,
        Aspect::Cors,
        Aspect::TokenValidation,
        Aspect::LiteralSecret,
        Aspect::DefaultCredentials,
        Aspect::PasswordHashing,
        Aspect::HealthProbe,
        Aspect::StateInProcess,
        Aspect::DeadLetter,
        Aspect::Backpressure,
        Aspect::MoneyAsFloat,
        Aspect::ConnectionPool,
        Aspect::Logging,
        Aspect::Metrics,
        Aspect::Tracing,
        Aspect::SensitiveLog,
    ],
    extract,
}];

/// Reads a Rust file: it is parsed once for all.
fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    let Some(tree) = syntax::parse(&tree_sitter_rust::LANGUAGE.into(), source.text) else { return };
    let code = code::Code::new(source, tree.root_node());
    routes::extract(&code, out);
    clients::extract(&code, out);
    practices::extract(&code, out);
}
