//! Where a Rust process starts, what it stores, and practices that belong to no single operation.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use crate::extract::contract::fields;
use crate::extract::rust::code::{Call, Code, attributes};
use crate::secret::{is_key, judge_literal, tell};
use crate::sighting::{EntitySeen, Entry, Seen};
use crate::source::Sightings;
use crate::syntax;

/// Frameworks by the crate that code names, and their identifier.
const FRAMEWORKS: &[(&str, &str)] = &[
    ("axum", "axum"),
    ("actix_web", "actix-web"),
    ("rocket", "rocket"),
    ("poem", "poem"),
    ("warp", "warp"),
    ("salvo", "salvo"),
    ("tonic", "tonic"),
];

/// Calls that show a practice: end of the path or of the receiver (empty: any), name, aspect, state, detail.
const CALLS: &[(&str, &str, Aspect, State, &str)] = &[
    ("CorsLayer", "permissive", Aspect::Cors, State::Weak, "any origin"),
    ("CorsLayer", "very_permissive", Aspect::Cors, State::Weak, "any origin, with credentials"),
    ("Cors", "permissive", Aspect::Cors, State::Weak, "any origin"),
    ("", "allow_any_origin", Aspect::Cors, State::Weak, "any origin"),
    ("", "allowed_origin", Aspect::Cors, State::Present, "named origins"),
    ("Governor", "new", Aspect::RateLimit, State::Present, "governor"),
    ("RateLimitLayer", "new", Aspect::RateLimit, State::Present, "tower"),
    ("DefaultBodyLimit", "max", Aspect::BodyLimit, State::Present, "DefaultBodyLimit"),
    ("DefaultBodyLimit", "disable", Aspect::BodyLimit, State::Absent, "DefaultBodyLimit is switched off"),
    ("RequestBodyLimitLayer", "new", Aspect::BodyLimit, State::Present, "tower-http"),
    ("TraceLayer", "new_for_http", Aspect::Logging, State::Present, "tower-http"),
    ("tracing_subscriber", "init", Aspect::Logging, State::Present, "tracing"),
    ("fmt", "init", Aspect::Logging, State::Present, "tracing"),
    ("env_logger", "init", Aspect::Logging, State::Present, "env_logger"),
    ("tracing_opentelemetry", "layer", Aspect::Tracing, State::Present, "OpenTelemetry"),
    ("opentelemetry_otlp", "new_pipeline", Aspect::Tracing, State::Present, "OpenTelemetry"),
    ("SpanExporter", "builder", Aspect::Tracing, State::Present, "OpenTelemetry"),
    ("PrometheusBuilder", "new", Aspect::Metrics, State::Present, "Prometheus"),
    ("PrometheusMetricsBuilder", "new", Aspect::Metrics, State::Present, "Prometheus"),
    ("PrometheusMetricLayer", "pair", Aspect::Metrics, State::Present, "Prometheus"),
    ("Argon2", "default", Aspect::PasswordHashing, State::Present, "Argon2"),
    ("bcrypt", "hash", Aspect::PasswordHashing, State::Present, "bcrypt"),
    ("RetryTransientMiddleware", "new_with_policy", Aspect::Retry, State::Present, "reqwest-retry"),
    ("Retry", "spawn", Aspect::Retry, State::Present, "tokio-retry"),
    (
        "",
        "insecure_disable_signature_validation",
        Aspect::TokenValidation,
        State::Weak,
        "the signature is not checked",
    ),
    ("dangerous", "insecure_decode", Aspect::TokenValidation, State::Weak, "the signature is not checked"),
    (
        "Validation",
        "new",
        Aspect::TokenValidation,
        State::Present,
        "jsonwebtoken checks signature and expiry",
    ),
    (
        "Validation",
        "default",
        Aspect::TokenValidation,
        State::Present,
        "jsonwebtoken checks signature and expiry",
    ),
];

/// Reads the file for all of it.
pub(crate) fn extract(code: &Code<'_, '_>, out: &mut Sightings) {
    entry(code, out);
    for call in &code.calls {
        shown(code, call, out);
    }
    let mut logged = false;
    for node in syntax::descendants(code.root) {
        match node.kind() {
            "macro_invocation" => logged = macros(code, node, logged, out),
            "struct_item" => stored(code, node, out),
            "static_item" | "const_item" => named(code, node, "name", out),
            "let_declaration" => named(code, node, "pattern", out),
            "assignment_expression" => switched(code, node, out),
            _ => {}
        }
    }
}

fn entry(code: &Code<'_, '_>, out: &mut Sightings) {
    let path = code.source.path;
    let aside = ["examples/", "benches/", "xtask/"]
        .iter()
        .any(|p| path.starts_with(p) || path.contains(&format!("/{p}")));
    if aside || code.source.name() == "build.rs" {
        return;
    }
    let main = code.functions.get("main").or_else(|| code.functions.get("rocket"));
    let Some(main) = main.filter(|m| m.parent().is_some_and(|p| p.kind() == "source_file")) else { return };
    let used = |name: &str| {
        code.source.text.contains(&format!("{name}::")) || code.source.text.contains(&format!("use {name}"))
    };
    let framework = FRAMEWORKS.iter().find(|(name, _)| used(name)).map(|(_, id)| (*id).to_owned());
    out.add(syntax::line(*main), Seen::Entry(Entry { framework }));
}

fn shown(code: &Code<'_, '_>, call: &Call<'_, '_>, out: &mut Sightings) {
    let path = call.receiver.map_or(call.path, |r| code.text(r));
    let found =
        CALLS.iter().find(|(of, name, ..)| *name == call.name && (of.is_empty() || path.ends_with(of)));
    if let Some((_, _, aspect, state, detail)) = found {
        out.practice(call.line(), *aspect, *state, call.name, *detail);
    }
    if call.name == "allow_origin" {
        let any = call.arguments.first().is_some_and(|a| code.text(*a).ends_with("Any"));
        let (state, detail) =
            if any { (State::Weak, "any origin") } else { (State::Present, "named origins") };
        out.practice(call.line(), Aspect::Cors, state, call.name, detail);
    }
}

/// Log lines, and tables that a macro declares.
fn macros(code: &Code<'_, '_>, node: Node<'_>, logged: bool, out: &mut Sightings) -> bool {
    let name = syntax::field_text(node, "macro", code.source.text).unwrap_or("");
    match name.rsplit("::").next().unwrap_or(name) {
        "info" | "warn" | "error" | "debug" => {
            for secret in syntax::of_kind(node, "identifier")
                .map(|i| code.text(i))
                .filter(|n| is_key(n) || fields::is_card(n))
            {
                out.practice(
                    syntax::line(node),
                    Aspect::SensitiveLog,
                    State::Present,
                    secret,
                    "goes to the log",
                );
            }
            if !logged {
                out.practice(syntax::line(node), Aspect::Logging, State::Present, name, "tracing or log");
            }
            true
        }
        "table" => {
            diesel_table(code, node, out);
            logged
        }
        _ => logged,
    }
}

/// `diesel::table! { orders (id) { id -> Int4, total -> Float8, } }`.
fn diesel_table(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    let (mut table, mut columns) = (String::new(), Vec::new());
    for (i, line) in code.text(node).lines().enumerate() {
        let line = line.trim();
        if let Some((name, kind)) = line.split_once("->") {
            let (name, kind) = (name.trim(), kind.trim().trim_end_matches(','));
            if kind.contains("Float") || kind.contains("Double") {
                money(&table, name, kind, syntax::line(node) + i, out);
            }
            columns.push((name.to_owned(), kind.to_owned(), syntax::line(node) + i));
        } else if table.is_empty()
            && let Some((head, _)) = line.split_once('(')
        {
            let head = head.trim();
            table = head.rsplit(['.', ' ']).next().unwrap_or(head).to_owned();
        }
    }
    if !table.is_empty() && !columns.is_empty() {
        let entity = EntitySeen { name: table.clone(), table: Some(table), fields: columns };
        out.span(syntax::line(node), syntax::last_line(node), Seen::Entity(entity));
    }
}

fn money(owner: &str, name: &str, kind: &str, line: usize, out: &mut Sightings) {
    if fields::is_money(name) {
        out.practice(line, Aspect::MoneyAsFloat, State::Present, format!("{owner}.{name}"), kind);
    }
}

/// A struct: a stored thing when its attributes say so.
fn stored(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    let Some(name) = syntax::field_text(node, "name", code.source.text) else { return };
    let mut fields = Vec::new();
    for field in syntax::of_kind(node, "field_declaration") {
        let (Some(field_name), Some(kind)) = (
            syntax::field_text(field, "name", code.source.text),
            syntax::field_text(field, "type", code.source.text),
        ) else {
            continue;
        };
        if matches!(kind, "f32" | "f64" | "Option<f32>" | "Option<f64>") {
            money(name, field_name, kind, syntax::line(field), out);
        }
        fields.push((field_name.to_owned(), kind.to_owned(), syntax::line(field)));
    }
    let attributes = attributes(node, code.source.text);
    let table = attributes.iter().find_map(|a| {
        let rest = a.split_once("table_name")?.1;
        let rest = rest.trim_start_matches([' ', '=', '"']);
        Some(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
    });
    let is_row = attributes
        .iter()
        .any(|a| ["FromRow", "Queryable", "DeriveEntityModel"].iter().any(|d| a.contains(d)));
    if table.is_some() || is_row {
        let entity = EntitySeen { name: name.to_owned(), table, fields };
        out.span(syntax::line(node), syntax::last_line(node), Seen::Entity(entity));
    }
}

/// A constant or variable: literal secrets, state of the process.
fn named<'t>(code: &Code<'_, 't>, node: Node<'t>, field: &str, out: &mut Sightings) {
    let Some(name) = syntax::field_text(node, field, code.source.text) else { return };
    let line = syntax::line(node);
    let kind = syntax::field_text(node, "type", code.source.text).unwrap_or("");
    if node.kind() == "static_item" && ["Mutex<", "RwLock<", "DashMap<"].iter().any(|c| kind.contains(c)) {
        out.practice(line, Aspect::StateInProcess, State::Present, name, kind);
    }
    let Some(value) = syntax::field(node, "value").filter(|v| v.kind() == "string_literal") else { return };
    let value = code.value(value);
    tell(judge_literal(name, &value), name, "literal value", line, out);
}

/// `validation.validate_exp = false`.
fn switched(code: &Code<'_, '_>, node: Node<'_>, out: &mut Sightings) {
    let left = syntax::field_text(node, "left", code.source.text).unwrap_or("");
    let right = syntax::field_text(node, "right", code.source.text).unwrap_or("");
    let name = left.rsplit('.').next().unwrap_or(left);
    if matches!(name, "validate_exp" | "validate_aud" | "validate_nbf") && right == "false" {
        out.practice(syntax::line(node), Aspect::TokenValidation, State::Weak, name, "switched off");
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, see};

    #[test]
    fn entries_rows_and_practices_are_seen() {
        let text = "use axum::Router;\nconst JWT_SECRET: &str = \"q8Zt!x\";\nstatic CARTS: Mutex<HashMap<u64, Cart>> = Mutex::new(HashMap::new());\n#[derive(sqlx::FromRow)]\nstruct Order { id: i64, price: f64 }\n#[tokio::main]\nasync fn main() { let cors = CorsLayer::permissive(); tracing::info!(\"up\"); }\n#[cfg(test)]\nmod tests { fn x() { let c = reqwest::Client::new(); } }\n";
        let seen = see("src/main.rs", text);
        let mut found = practices(&seen);
        found.sort();
        assert_eq!(
            found,
            [
                "Cors Weak permissive",
                "LiteralSecret Present JWT_SECRET",
                "Logging Present tracing::info",
                "MoneyAsFloat Present Order.price",
                "StateInProcess Present CARTS",
            ]
        );
        assert!(
            seen.iter().any(|s| matches!(&s.seen, Seen::Entry(e) if e.framework.as_deref() == Some("axum")))
        );
        see("src/b.rs", &format!("fn a() {{ let x = {}1{}; }}", "(".repeat(3000), ")".repeat(3000)));
        see("src/c.rs", "fn é( { Router::new().route(\"{é\", get(; format!(\"{é\", x) }");
    }
}
