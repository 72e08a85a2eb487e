//! Practices in C# that belong to no single operation: resilience, tokens, origins, secrets, limits, observability.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::contract::fields;
use crate::extract::dotnet::csharp::{Call, Code, has_unknown};
use crate::secret::{is_key, is_name, judge_literal, tell};
use crate::source::Sightings;
use crate::syntax;

use State::{Absent, Present, Weak};

/// Calls that show a practice by their name alone.
const CALLS: &[(&str, Aspect, State, &str)] = &[
    ("AddCircuitBreaker", Aspect::CircuitBreaker, Present, "Polly"),
    ("CircuitBreakerAsync", Aspect::CircuitBreaker, Present, "Polly"),
    ("AdvancedCircuitBreakerAsync", Aspect::CircuitBreaker, Present, "Polly"),
    ("CircuitBreaker", Aspect::CircuitBreaker, Present, "Polly"),
    ("BulkheadAsync", Aspect::CircuitBreaker, Present, "Polly bulkhead"),
    ("TimeoutAsync", Aspect::Timeout, Present, "Polly"),
    ("AddTimeout", Aspect::Timeout, Present, "Polly"),
    ("AddRetry", Aspect::Retry, Present, "Polly, bounded"),
    ("WaitAndRetryAsync", Aspect::Retry, Present, "Polly, with waits"),
    ("WaitAndRetry", Aspect::Retry, Present, "Polly, with waits"),
    ("RetryAsync", Aspect::Retry, Weak, "at once, without waiting"),
    ("RetryForever", Aspect::Retry, Weak, "without bound"),
    ("RetryForeverAsync", Aspect::Retry, Weak, "without bound"),
    ("WaitAndRetryForeverAsync", Aspect::Retry, Weak, "without bound"),
    ("AddRateLimiter", Aspect::RateLimit, Present, "AddRateLimiter"),
    ("RequireRateLimiting", Aspect::RateLimit, Present, "RequireRateLimiting"),
    ("AddFixedWindowLimiter", Aspect::RateLimit, Present, "fixed window"),
    ("AllowAnyOrigin", Aspect::Cors, Weak, "any origin"),
    ("WithOrigins", Aspect::Cors, Present, "named origins"),
    ("MapHealthChecks", Aspect::HealthProbe, Present, "MapHealthChecks"),
    ("AddHealthChecks", Aspect::HealthProbe, Present, "AddHealthChecks"),
    ("UseHttpsRedirection", Aspect::Tls, Present, "UseHttpsRedirection"),
    ("AddMemoryCache", Aspect::StateInProcess, Present, "memory cache"),
    ("AddDistributedMemoryCache", Aspect::StateInProcess, Present, "a distributed cache kept in memory"),
    ("AddInMemoryTokenCaches", Aspect::StateInProcess, Present, "tokens kept in memory"),
    ("AddDeveloperSigningCredential", Aspect::TokenValidation, Weak, "a developer's signing key"),
    ("AddAzureKeyVault", Aspect::SecretStore, Present, "Azure Key Vault"),
    ("AddSerilog", Aspect::Logging, Present, "Serilog"),
    ("UseSerilog", Aspect::Logging, Present, "Serilog"),
    ("LogInformation", Aspect::Logging, Present, "ILogger"),
    ("LogWarning", Aspect::Logging, Present, "ILogger"),
    ("LogError", Aspect::Logging, Present, "ILogger"),
    ("WithTracing", Aspect::Tracing, Present, "OpenTelemetry"),
    ("AddOpenTelemetryTracing", Aspect::Tracing, Present, "OpenTelemetry"),
    ("WithMetrics", Aspect::Metrics, Present, "OpenTelemetry"),
    ("AddOpenTelemetryMetrics", Aspect::Metrics, Present, "OpenTelemetry"),
    ("UseHttpMetrics", Aspect::Metrics, Present, "prometheus-net"),
    ("MapPrometheusScrapingEndpoint", Aspect::Metrics, Present, "Prometheus"),
    ("MapMetrics", Aspect::Metrics, Present, "prometheus-net"),
    ("AddApplicationInsightsTelemetry", Aspect::Tracing, Present, "Application Insights"),
    ("AddProblemDetails", Aspect::ErrorFormat, Present, "RFC 9457"),
    ("AddApiVersioning", Aspect::ApiVersion, Present, "Asp.Versioning"),
    ("HasApiVersion", Aspect::ApiVersion, Present, "Asp.Versioning"),
    ("AddDataProtection", Aspect::EncryptionAtRest, Present, "keys of data protection"),
    ("HashPassword", Aspect::PasswordHashing, Present, "HashPassword"),
    ("AddStandardHedgingHandler", Aspect::Retry, Present, "hedged requests"),
];

/// Calls that open a surface for developers; inside a check for the development environment they do not.
const SURFACES: &[&str] = &[
    "UseSwagger",
    "UseSwaggerUI",
    "UseDeveloperExceptionPage",
    "MapScalarApiReference",
    "UseMigrationsEndPoint",
    "UseGraphQLPlayground",
    "EnableSensitiveDataLogging",
    "MapOpenApi",
];

/// Checks of tokens that are switched off by `= false`.
const CHECKS: &[&str] = &[
    "ValidateIssuer",
    "ValidateAudience",
    "ValidateLifetime",
    "ValidateIssuerSigningKey",
    "RequireSignedTokens",
    "RequireExpirationTime",
];

/// Reads practices.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    let mut logged = false;
    for call in &code.calls {
        if call.name.starts_with("Log") && std::mem::replace(&mut logged, true) {
            log(code, call, out);
            continue;
        }
        if let Some((_, aspect, state, detail)) = CALLS.iter().find(|(name, ..)| *name == call.name) {
            out.practice(call.line(), *aspect, *state, call.name, *detail);
        }
        log(code, call, out);
        resilience(code, call, out);
        surface(code, call, out);
        sign_in(code, call, out);
    }
    for node in syntax::descendants(code.root) {
        match node.kind() {
            "assignment_expression" => assigned(code, node, out),
            "variable_declarator" => declared(code, node, out),
            "property_declaration" | "parameter" => money(code, node, out),
            "member_access_expression" => accepted(code, node, out),
            _ => {}
        }
    }
}

fn resilience(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let line = call.line();
    if call.name == "AddStandardResilienceHandler" {
        out.practice(line, Aspect::Timeout, Present, call.name, "10 s a try, 30 s in all");
        out.practice(line, Aspect::Retry, Present, call.name, "3 tries with growing waits and jitter");
        out.practice(line, Aspect::CircuitBreaker, Present, call.name, "standard handler");
    }
    if call.name == "AddTransientHttpErrorPolicy" || call.name == "AddPolicyHandler" {
        let text = code.text(call.node);
        if text.contains("Breaker") {
            out.practice(line, Aspect::CircuitBreaker, Present, call.name, "Polly");
        } else if text.contains("Retry") && !text.contains("RetryAsync(") {
            out.practice(line, Aspect::Retry, Present, call.name, "Polly");
        }
    }
    if call.name == "SetIsOriginAllowed" && code.text(call.node).replace(' ', "").contains("=>true") {
        out.practice(line, Aspect::Cors, Weak, call.name, "every origin is allowed");
    }
}

fn surface(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    if !SURFACES.contains(&call.name) {
        return;
    }
    if code.only_in_development(call.node) {
        return;
    }
    out.practice(call.line(), Aspect::DebugSurface, Present, call.name, "not only in development");
}

fn sign_in(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let line = call.line();
    match call.name {
        "AddJwtBearer" => {
            let text = code.text(call.node).replace(' ', "");
            if !CHECKS.iter().any(|c| text.contains(&format!("{c}=false"))) {
                out.practice(
                    line,
                    Aspect::TokenValidation,
                    Present,
                    "AddJwtBearer",
                    "issuer, audience, lifetime and key are checked by default",
                );
            }
        }
        "AddOpenIdConnect" => {
            let text = code.text(call.node).replace(' ', "");
            let implicit =
                ["ResponseType=\"id_tokentoken\"", "ResponseType=\"id_token\"", "ResponseType=\"token\""];
            let (state, detail) = if implicit.iter().any(|i| text.contains(i)) {
                (Weak, "implicit")
            } else {
                (Present, "authorization code with PKCE")
            };
            out.practice(line, Aspect::OauthFlow, state, "AddOpenIdConnect", detail);
        }
        "RequestPasswordTokenAsync" => out.practice(line, Aspect::OauthFlow, Weak, call.name, "password"),
        "PasswordSignInAsync" | "CheckPasswordSignInAsync" => {
            let text = code.text(call.node).replace(' ', "");
            let locks = text.contains("lockoutOnFailure:true") || text.ends_with(",true)");
            let (state, detail) =
                if locks { (Present, "lockout on failure") } else { (Absent, "no lockout on failure") };
            out.practice(line, Aspect::LoginThrottling, state, call.name, detail);
            out.practice(line, Aspect::PasswordHashing, Present, call.name, "ASP.NET Core Identity");
        }
        _ => {}
    }
}

/// Secrets that go to a log.
fn log(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    if !call.name.starts_with("Log") || call.arguments.is_empty() {
        return;
    }
    for (_, argument) in &call.arguments {
        let text = code.text(*argument);
        let name = text.rsplit('.').next().unwrap_or(text);
        let is_name = name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if is_name
            && (is_key(name) || fields::is_card(name))
            && !name.ends_with("CancellationToken")
            && name != "cancellationToken"
        {
            out.practice(call.line(), Aspect::SensitiveLog, Present, name, "goes to the log");
        }
    }
}

fn assigned(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    let (Some(left), Some(right)) = (syntax::field(node, "left"), syntax::field(node, "right")) else {
        return;
    };
    let left = code.text(left);
    let name = left.rsplit('.').next().unwrap_or(left).trim_end_matches('!');
    let value = code.text(right);
    let line = syntax::line(node);
    if CHECKS.contains(&name) && value == "false" {
        out.practice(line, Aspect::TokenValidation, Weak, name, "switched off");
    }
    if name == "RequireHttpsMetadata" && value == "false" {
        out.practice(line, Aspect::Tls, Weak, name, "keys of tokens may be fetched in clear text");
    }
    if name == "RequirePkce" && value == "false" {
        out.practice(line, Aspect::OauthFlow, Weak, name, "authorization code without PKCE");
    }
    if name == "AllowedGrantTypes" {
        let flow = ["Implicit", "Hybrid", "ResourceOwnerPassword"].iter().find(|f| value.contains(**f));
        if let Some(flow) = flow.filter(|f| **f != "Hybrid") {
            out.practice(line, Aspect::OauthFlow, Weak, name, *flow);
        }
    }
    let accepts =
        name == "ServerCertificateCustomValidationCallback" || name == "ServerCertificateValidationCallback";
    if accepts && value.replace([' ', '\n'], "").ends_with("=>true") {
        out.practice(line, Aspect::TlsVerification, Absent, name, "any certificate is accepted");
    }
    secret(code, name, right, line, out);
}

fn accepted(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    if syntax::field_text(node, "name", code.source.text)
        == Some("DangerousAcceptAnyServerCertificateValidator")
    {
        let detail = "any certificate is accepted";
        out.practice(syntax::line(node), Aspect::TlsVerification, Absent, "HttpClientHandler", detail);
    }
}

/// Variables and fields: literal secrets, and collections that outlive a request.
fn declared(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    let Some(name) = syntax::field_text(node, "name", code.source.text) else { return };
    let line = syntax::line(node);
    let value = syntax::children(node).into_iter().skip(1).last();
    if let Some(value) = value {
        secret(code, name, value, line, out);
    }
    let Some(field) = syntax::ancestor(node, &["field_declaration", "local_declaration_statement"]) else {
        return;
    };
    let head = code.text(field);
    let is_static = field.kind() == "field_declaration" && head.contains("static ");
    let collection =
        ["ConcurrentDictionary<", " Dictionary<", "List<", "HashSet<", "ConcurrentBag<", "ConcurrentQueue<"]
            .iter()
            .find(|c| head.contains(**c) && !head.contains("IReadOnly"));
    let is_table =
        head.contains('{') || head.contains("const ") || name.chars().all(|c| c.is_uppercase() || c == '_');
    if is_static
        && !is_table
        && let Some(collection) = collection
    {
        let detail = format!("a static {}", collection.trim().trim_end_matches('<'));
        out.practice(line, Aspect::StateInProcess, Present, name, detail);
    }
    money(code, node, out);
}

/// A literal under a name that holds a secret.
fn secret<'t>(code: &Code<'_, 't>, name: &str, value: Node<'t>, line: usize, out: &mut Sightings) {
    if !is_name(name) || !value.kind().contains("string") {
        return;
    }
    let value = code.value(value);
    if has_unknown(&value) || value.contains([' ', ':', '/', '<', '[']) {
        return;
    }
    // A value that repeats the key is the name of a field, a claim or a setting: `AccessToken = "access_token"`.
    let (key, text) = (joined(name), joined(&value));
    if text.len() > 8 && (key.contains(&text) || text.contains(&key)) {
        return;
    }
    tell(judge_literal(name, &value), name, "literal value", line, out);
}

/// A name in lower case without separators.
fn joined(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Amounts of money as binary floats.
fn money(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    let Some(name) = syntax::field_text(node, "name", code.source.text) else { return };
    let owner = if node.kind() == "variable_declarator" {
        if syntax::ancestor(node, &["field_declaration"]).is_none() {
            return;
        }
        node.parent()
    } else if node.kind() == "parameter" {
        // Of records only: parameters of methods are no data that is kept.
        let list = node.parent().and_then(|l| l.parent());
        if !list.is_some_and(|l| l.kind().starts_with("record")) {
            return;
        }
        Some(node)
    } else {
        Some(node)
    };
    let kind = owner.and_then(|o| syntax::field_text(o, "type", code.source.text)).unwrap_or("");
    if matches!(kind.trim_end_matches('?'), "double" | "float" | "Double" | "Single")
        && fields::is_money(name)
    {
        out.practice(syntax::line(node), Aspect::MoneyAsFloat, Present, name, kind);
    }
}
