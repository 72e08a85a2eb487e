//! What a file shows of secrets, tokens, passwords, browsers' origins, state, money and observability.

use loadcase_model::{Aspect, State};
use tree_sitter::Node;

use super::module::{Js, is_script, read};
use super::place::in_browser;
use super::words::CARD;
use crate::extract::Extractor;
use crate::secret;
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads them.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "javascript-safety",
    reads: is_script,
    sees: &[
        Aspect::LiteralSecret,
        Aspect::DefaultCredentials,
        Aspect::TlsVerification,
        Aspect::Cors,
        Aspect::TokenValidation,
        Aspect::PasswordHashing,
        Aspect::BodyLimit,
        Aspect::QueryLimit,
        Aspect::DebugSurface,
        Aspect::StateInProcess,
        Aspect::SensitiveLog,
        Aspect::Logging,
        Aspect::Metrics,
        Aspect::Tracing,
        Aspect::CardData,
        Aspect::IdempotencyKey,
        Aspect::BalanceInPlace,
        Aspect::ConcurrencyGuard,
        Aspect::OauthFlow,
        Aspect::CentralLogging,
    ],
    extract,
};

/// Packages that show a practice by being loaded.
const LOADED: &[(&str, Aspect)] = &[
    ("pino", Aspect::Logging),
    ("winston", Aspect::Logging),
    ("bunyan", Aspect::Logging),
    ("log4js", Aspect::Logging),
    ("morgan", Aspect::Logging),
    ("pino-http", Aspect::Logging),
    ("nestjs-pino", Aspect::Logging),
    ("nest-winston", Aspect::Logging),
    ("prom-client", Aspect::Metrics),
    ("express-prom-bundle", Aspect::Metrics),
    ("fastify-metrics", Aspect::Metrics),
    ("@willsoto/nestjs-prometheus", Aspect::Metrics),
    ("hot-shots", Aspect::Metrics),
    ("@opentelemetry/sdk-metrics", Aspect::Metrics),
    ("@opentelemetry/sdk-node", Aspect::Tracing),
    ("@opentelemetry/sdk-trace-node", Aspect::Tracing),
    ("dd-trace", Aspect::Tracing),
    ("jaeger-client", Aspect::Tracing),
    ("zipkin", Aspect::Tracing),
    ("@instana/collector", Aspect::Tracing),
    ("elastic-apm-node", Aspect::Tracing),
    ("newrelic", Aspect::Tracing),
    ("aws-xray-sdk", Aspect::Tracing),
    ("nestjs-otel", Aspect::Tracing),
    ("@sentry/node", Aspect::CentralLogging),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    read(source, |js| {
        let browser = in_browser(source, js);
        for node in js.nodes.iter().copied() {
            secrets(js, node, out);
            if !browser {
                switches(js, node, out);
                state(js, node, out);
            }
        }
        if browser {
            return;
        }
        for call in js.calls() {
            of_call(js, call, out);
        }
        for (node, package) in js.loads() {
            if let Some((_, aspect)) = LOADED.iter().find(|(p, _)| *p == package) {
                out.practice(syntax::line(node), *aspect, State::Present, package, "the library is in use");
            }
        }
        passwords(js, out);
        card_data(js, out);
        changes(js, out);
    });
}

/// A name and the value that is given to it.
fn named<'t>(js: &Js<'t>, node: Node<'t>) -> Option<(&'t str, Node<'t>)> {
    let (name, value) = match node.kind() {
        "pair" => (syntax::field(node, "key")?, syntax::field(node, "value")?),
        "variable_declarator" => (syntax::field(node, "name")?, syntax::field(node, "value")?),
        "assignment_expression" => (syntax::field(node, "left")?, syntax::field(node, "right")?),
        "public_field_definition" => (syntax::field(node, "name")?, syntax::field(node, "value")?),
        "field_definition" => (syntax::field(node, "property")?, syntax::field(node, "value")?),
        _ => return None,
    };
    let name = if name.kind() == "member_expression" { syntax::field(name, "property")? } else { name };
    Some((js.literal(name), value))
}

fn secrets<'t>(js: &Js<'t>, node: Node<'t>, out: &mut Sightings) {
    let found = match named(js, node) {
        Some((name, value)) if secret::is_name(name) => literal_of(js, value).map(|l| (name, value, l)),
        Some(_) => None,
        None => signing(js, node),
    };
    let Some((name, value, literal)) = found else { return };
    secret::tell(secret::judge_literal(name, literal), name, "literal value", syntax::line(value), out);
}

/// A literal, also as the default of an environment variable.
fn literal_of<'t>(js: &Js<'t>, value: Node<'t>) -> Option<&'t str> {
    match value.kind() {
        "string" => Some(js.literal(value)),
        "template_string" if !js.of(value).contains("${") => Some(js.literal(value)),
        "binary_expression" => {
            let operator = syntax::field(value, "operator").map_or("", |o| js.of(o));
            let right = syntax::field(value, "right").filter(|_| matches!(operator, "||" | "??"))?;
            (right.kind() == "string").then(|| js.literal(right))
        }
        _ => None,
    }
}

/// `jwt.sign(payload, 'literal')`, `stripe('sk_live_...')`
fn signing<'t>(js: &Js<'t>, node: Node<'t>) -> Option<(&'t str, Node<'t>, &'t str)> {
    if !matches!(node.kind(), "call_expression" | "new_expression") {
        return None;
    }
    let package = js.origin(node)?.package;
    let at = match (package, js.called(node)) {
        ("jsonwebtoken", "sign" | "verify") => 1,
        ("stripe", _) => 0,
        _ => return None,
    };
    let value = *js.arguments(node).get(at)?;
    let literal = literal_of(js, value)?;
    Some((if at == 1 { "signing key" } else { "api key" }, value, literal))
}

/// Switches whose value is the fault.
fn switches<'t>(js: &Js<'t>, node: Node<'t>, out: &mut Sightings) {
    let Some((name, value)) = named(js, node) else { return };
    let (line, text) = (syntax::line(node), js.literal(value));
    match name {
        "rejectUnauthorized" | "strictSSL" if text == "false" => {
            out.practice(line, Aspect::TlsVerification, State::Absent, name, "certificates are not checked");
        }
        "NODE_TLS_REJECT_UNAUTHORIZED" if text == "0" => {
            out.practice(
                line,
                Aspect::TlsVerification,
                State::Absent,
                name,
                "certificates are not checked by the whole process",
            );
        }
        "ignoreExpiration" if text == "true" => {
            out.practice(line, Aspect::TokenValidation, State::Weak, name, "expired tokens are accepted");
        }
        "algorithms" | "algorithm" if text.contains("none") => {
            out.practice(line, Aspect::TokenValidation, State::Weak, name, "the algorithm none is accepted");
        }
        "Access-Control-Allow-Origin" if text == "*" => {
            out.practice(line, Aspect::Cors, State::Weak, "*", "any origin");
        }
        "playground" | "graphiql" | "introspection" if text == "true" => {
            out.practice(line, Aspect::DebugSurface, State::Present, name, "switched on");
        }
        "grant_type" if text == "password" => {
            out.practice(line, Aspect::OauthFlow, State::Weak, name, "password grant");
        }
        _ => {}
    }
}

/// Collections of the module that code writes to: state of one process.
fn state<'t>(js: &Js<'t>, node: Node<'t>, out: &mut Sightings) {
    if !matches!(node.kind(), "variable_declarator" | "public_field_definition" | "field_definition") {
        return;
    }
    let Some((name, value)) = named(js, node) else { return };
    let is_local = node.kind() == "variable_declarator" && js.function_around(node).is_some();
    let class = js.class_around(node).and_then(|c| syntax::field_text(c, "name", js.text)).unwrap_or("");
    let keeps = node.kind() == "variable_declarator"
        || ["Service", "Repository", "Store", "Controller"].iter().any(|e| class.ends_with(e));
    let empty = matches!(js.of(value).replace(' ', "").as_str(), "[]" | "{}")
        || value.kind() == "new_expression" && matches!(js.called(value), "Map" | "Set");
    if is_local || !keeps || !empty {
        return;
    }
    let text = js.whole();
    let written = [".push(", ".set(", ".add(", ".unshift(", "["].iter().any(|w| {
        let pattern = format!("{name}{w}");
        text.match_indices(&pattern).any(|(at, _)| {
            *w != "["
                || text
                    .get(at..at + 120.min(text.len() - at))
                    .is_some_and(|t| t.lines().next().is_some_and(|l| l.contains("] = ") || l.contains("]=")))
        })
    });
    if written {
        out.practice(
            syntax::line(node),
            Aspect::StateInProcess,
            State::Present,
            name,
            "a collection of the process that requests write to",
        );
    }
}

fn of_call<'t>(js: &Js<'t>, call: Node<'t>, out: &mut Sightings) {
    let line = super::client::line_of(js, call);
    let arguments = js.arguments(call);
    let called = js.called(call);
    let origin = js.origin(call);
    let package = origin.as_ref().map_or("", |o| o.package);
    let path = origin.as_ref().map_or("", |o| o.path.as_str());
    match (package, path) {
        ("cors" | "@koa/cors" | "@fastify/cors" | "fastify-cors", "()") => {
            cors(js, arguments.first().copied(), line, out);
        }
        (
            "express" | "body-parser" | "koa-body" | "koa-bodyparser",
            "json()" | "urlencoded()" | "raw()" | "text()" | "()",
        ) if path != "()" || package != "express" => {
            let limit = arguments
                .first()
                .and_then(|o| js.first_property(*o, &["limit", "jsonLimit"]))
                .map(|l| js.value(l));
            let detail = limit.unwrap_or_else(|| "the parser's default of 100 kB to 1 MB".to_owned());
            out.practice(line, Aspect::BodyLimit, State::Present, called, detail);
        }
        ("multer", "()") => {
            let limited = arguments.first().is_some_and(|o| js.property(*o, "limits").is_some());
            let state = if limited { State::Present } else { State::Absent };
            out.practice(
                line,
                Aspect::BodyLimit,
                state,
                "uploads",
                if limited { "limits are set" } else { "multer sets no limit by default" },
            );
        }
        ("express-session", "()") => {
            let stored = arguments.first().is_some_and(|o| js.property(*o, "store").is_some());
            if !stored {
                out.practice(
                    line,
                    Aspect::StateInProcess,
                    State::Present,
                    "sessions",
                    "the session store is the memory of the process",
                );
            }
        }
        _ => third_party(js, call, (package, path, called), line, out),
    }
    let texts: Vec<&str> = arguments.iter().take(2).map(|a| js.literal(*a)).collect();
    if matches!(called, "set" | "header" | "setHeader")
        && texts.as_slice() == ["Access-Control-Allow-Origin", "*"]
    {
        out.practice(line, Aspect::Cors, State::Weak, "*", "any origin");
    }
    if called == "enableCors" {
        cors(js, arguments.first().copied(), line, out);
    }
    sensitive_log(js, call, called, &arguments, line, out);
}

/// Tokens, passwords, surfaces, payments and GraphQL.
fn third_party<'t>(
    js: &Js<'t>,
    call: Node<'t>,
    (package, path, called): (&str, &str, &str),
    line: usize,
    out: &mut Sightings,
) {
    match (package, path) {
        ("jsonwebtoken" | "jwt-decode" | "jose", "decode()" | "()" | "decodeJwt()" | "jwtDecode()") => {
            let text = js.whole();
            if !text.contains("verify(") && !text.contains("jwtVerify(") {
                out.practice(
                    line,
                    Aspect::TokenValidation,
                    State::Weak,
                    called,
                    "the token is decoded, its signature is not checked",
                );
            }
        }
        ("jsonwebtoken", "verify()") | ("jose", "jwtVerify()") => {
            out.practice(line, Aspect::TokenValidation, State::Present, called, "the signature is checked");
        }
        ("bcrypt" | "bcryptjs" | "argon2", "hash()" | "hashSync()") => {
            out.practice(line, Aspect::PasswordHashing, State::Present, package, "hashed");
        }
        ("swagger-ui-express" | "@nestjs/swagger" | "@fastify/swagger-ui", _)
            if matches!(called, "setup" | "serve") =>
        {
            out.practice(line, Aspect::DebugSurface, State::Present, "swagger", "documentation is served");
        }
        ("errorhandler" | "express-status-monitor", "()") => {
            out.practice(
                line,
                Aspect::DebugSurface,
                State::Present,
                package,
                "a debugging surface is served",
            );
        }
        ("stripe", _)
            if called == "create"
                && (path.contains("harges")
                    || path.contains("paymentIntents")
                    || path.contains("refunds")
                    || path.contains("payouts")
                    || path.contains("transfers")) =>
        {
            let key = js.lowered(call).contains("idempotencykey");
            let state = if key { State::Present } else { State::Absent };
            out.practice(
                line,
                Aspect::IdempotencyKey,
                state,
                path.trim_end_matches("()"),
                if key { "a key is sent" } else { "no idempotency key is sent" },
            );
        }
        (
            "@apollo/server"
            | "apollo-server"
            | "apollo-server-express"
            | "express-graphql"
            | "graphql-yoga"
            | "mercurius"
            | "@nestjs/graphql",
            _,
        ) if matches!(called, "ApolloServer" | "graphqlHTTP" | "createYoga" | "forRoot") => {
            let lower = js.whole().to_ascii_lowercase();
            let limited =
                ["depthlimit", "querydepth", "complexity", "costanalysis", "graphql-armor", "maxdepth"]
                    .iter()
                    .any(|w| lower.contains(w));
            let state = if limited { State::Present } else { State::Absent };
            out.practice(
                line,
                Aspect::QueryLimit,
                state,
                "graphql",
                if limited { "depth or cost is limited" } else { "neither depth nor cost is limited" },
            );
        }
        _ => {}
    }
}

fn cors<'t>(js: &Js<'t>, options: Option<Node<'t>>, line: usize, out: &mut Sightings) {
    let origin = options.and_then(|o| js.property(o, "origin")).map(|o| js.value(o));
    let (state, detail) = match origin.as_deref() {
        None if options.is_none_or(|o| js.object(o).is_some()) => {
            (State::Weak, "any origin by default".to_owned())
        }
        None => return,
        Some("*") => (State::Weak, "any origin".to_owned()),
        Some("true") => (State::Weak, "the origin is reflected".to_owned()),
        Some(origin) => (State::Present, origin.to_owned()),
    };
    out.practice(line, Aspect::Cors, state, "origin", detail);
}

fn sensitive_log<'t>(
    js: &Js<'t>,
    call: Node<'t>,
    called: &str,
    arguments: &[Node<'t>],
    line: usize,
    out: &mut Sightings,
) {
    if !matches!(called, "log" | "info" | "debug" | "warn" | "error" | "trace") {
        return;
    }
    let object = js.method(call).map(|(o, _)| js.tail(o).to_ascii_lowercase()).unwrap_or_default();
    if !(object == "console" || object.ends_with("log") || object.ends_with("logger")) {
        return;
    }
    let around = || js.function_around(call).map_or("", |f| js.searched(f));
    for node in arguments.iter().flat_map(|a| js.below(*a)).take(200) {
        let what = match node.kind() {
            "member_expression"
                if matches!(js.of(*node), "req.body" | "request.body" | "ctx.request.body") =>
            {
                let around = around();
                (around.contains(".password") || around.contains("cvv"))
                    .then_some("the whole body, which holds a password")
            }
            "member_expression" if matches!(js.of(*node), "req.headers" | "request.headers") => {
                Some("all headers, which hold credentials")
            }
            "identifier" | "property_identifier" if secret::is_name(js.of(*node)) => Some(js.of(*node)),
            "property_identifier" | "identifier"
                if CARD.contains(&js.of(*node).to_ascii_lowercase().as_str()) =>
            {
                Some(js.of(*node))
            }
            _ => None,
        };
        if let Some(what) = what.filter(|_| !is_cut(js, *node)) {
            out.practice(line, Aspect::SensitiveLog, State::Present, what, "goes to the log");
            return;
        }
    }
}

/// Whether only a part or the size of a value is taken: `number.slice(-4)`, `token.length`.
fn is_cut(js: &Js<'_>, node: Node<'_>) -> bool {
    let Some(parent) = node.parent().filter(|p| p.kind() == "member_expression") else { return false };
    let is_object = syntax::field(parent, "object").is_some_and(|o| o.id() == node.id());
    let taken = syntax::field(parent, "property").map_or("", |p| js.of(p));
    is_object && matches!(taken, "slice" | "substr" | "substring" | "length" | "replace" | "at")
}

/// Passwords that are compared or stored as they came.
fn passwords(js: &Js<'_>, out: &mut Sightings) {
    let lower = js.text.to_ascii_lowercase();
    if ["bcrypt", "argon2", "scrypt", "pbkdf2", "hashpassword", "passwordhash", "comparepassword"]
        .iter()
        .any(|w| lower.contains(w))
    {
        return;
    }
    for node in js.nodes.iter().copied() {
        let (line, detail) = match node.kind() {
            "binary_expression" if node.byte_range().len() < 200 => {
                let operator = syntax::field(node, "operator").map_or("", |o| js.of(o));
                let side = |name| syntax::field(node, name).map_or("", |n| js.of(n)).to_ascii_lowercase();
                let both = side("left").ends_with("password") && side("right").ends_with("password");
                let confirms = side("left").contains("confirm") || side("right").contains("confirm");
                if !(matches!(operator, "==" | "===" | "!=" | "!==") && both) || confirms {
                    continue;
                }
                (syntax::line(node), "compared as it is")
            }
            "call_expression"
                if matches!(
                    js.called(node),
                    "insertOne" | "create" | "findOne" | "find" | "insert" | "updateOne"
                ) =>
            {
                let has = js.arguments(node).first().is_some_and(|a| {
                    let value = js.property(*a, "password").map(|p| js.of(p));
                    value.is_some_and(|v| v == "password" || v.ends_with(".password"))
                });
                if !has {
                    continue;
                }
                (super::client::line_of(js, node), "stored or looked up as it is")
            }
            _ => continue,
        };
        out.practice(line, Aspect::PasswordHashing, State::Absent, "password", detail);
    }
}

fn card_data(js: &Js<'_>, out: &mut Sightings) {
    let mut seen: Vec<String> = Vec::new();
    for node in js.nodes.iter().copied() {
        if !matches!(
            node.kind(),
            "property_identifier"
                | "identifier"
                | "shorthand_property_identifier"
                | "shorthand_property_identifier_pattern"
        ) {
            continue;
        }
        let name = js.of(node);
        let lower = name.to_ascii_lowercase();
        if CARD.contains(&lower.as_str()) && !seen.contains(&lower) {
            out.practice(syntax::line(node), Aspect::CardData, State::Present, name, name);
            seen.push(lower);
        }
    }
}

/// Balances and stock that are read, changed and written back.
fn changes(js: &Js<'_>, out: &mut Sightings) {
    for node in js.all("augmented_assignment_expression") {
        let Some(left) = syntax::field(node, "left").filter(|l| l.kind() == "member_expression") else {
            continue;
        };
        let name = syntax::field_text(left, "property", js.text).unwrap_or("").to_ascii_lowercase();
        let balance = ["balance", "credits", "wallet"].iter().any(|w| name.ends_with(w));
        let stock =
            ["stock", "inventory", "quantity", "available", "seats"].iter().any(|w| name.ends_with(w));
        if !(balance || stock) {
            continue;
        }
        let around = js.function_around(node).map_or("", |f| js.searched(f));
        let saved = [".save(", ".update", "UPDATE "].iter().any(|w| around.contains(w));
        if !saved {
            continue;
        }
        let line = syntax::line(node);
        if balance {
            out.practice(line, Aspect::BalanceInPlace, State::Present, name.clone(), "changed in place");
        }
        let lower = around.to_ascii_lowercase();
        let guarded = ["transaction", "lock", "version", "for update", "session", "optimistic"]
            .iter()
            .any(|w| lower.contains(w));
        let state = if guarded { State::Present } else { State::Absent };
        out.practice(
            line,
            Aspect::ConcurrencyGuard,
            state,
            name,
            if guarded { "guarded" } else { "read, changed and written back without a guard" },
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn secrets_switches_and_passwords() {
        let seen = see(
            "svc/auth.js",
            "const jwt = require('jsonwebtoken');\nconst https = require('https');\n\
             const secret = process.env.JWT_SECRET || 'n0t-a-g00d-one';\nconst passwordField = 'password';\n\
             const agent = new https.Agent({ rejectUnauthorized: false });\n\
             function login(req, user) {\n  if (user.password === req.body.password) return jwt.sign({}, secret);\n  \
             console.log('failed', req.body.password);\n}\n",
        );
        let practices = practices(&seen);
        for one in [
            "LiteralSecret Present secret",
            "TlsVerification Absent rejectUnauthorized",
            "PasswordHashing Absent password",
            "SensitiveLog Present the whole body, which holds a password",
        ] {
            assert!(practices.contains(&one.to_owned()), "{one}: {practices:?}");
        }
        assert_eq!(practices.iter().filter(|p| p.starts_with("LiteralSecret")).count(), 1);
        assert!(!format!("{seen:?}").contains("n0t-a-g00d-one"));
    }
}
