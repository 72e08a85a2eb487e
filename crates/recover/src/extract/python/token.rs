//! Tokens, passwords and secrets: how they are checked, kept, written down and logged; origins that may call.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test, repeat};
use crate::secret::{self, Secrecy};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads what is done with secrets.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-secret",
    reads: is_python,
    sees: &[
        Aspect::LiteralSecret,
        Aspect::DefaultCredentials,
        Aspect::SecretStore,
        Aspect::TokenValidation,
        Aspect::PasswordHashing,
        Aspect::SensitiveLog,
        Aspect::ResponseData,
        Aspect::Cors,
    ],
    extract,
};

static SENSITIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|_)(password|passwd|pwd|secret|token|api_?key|authorization|ssn|cvv|cvc|card_?number|credit_?card|pan|otp|access_?token|private_?key)($|_?json$|s$|_value$|_data$)").expect("the pattern is fixed")
});

static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(password|passwd|pwd|password_hash|hashed_password|secret|secret_\w+|private_?key|ssn|cvv|cvc|card_?number|pin)$").expect("the pattern is fixed")
});

/// Modules that keep secrets.
const STORES: &[(&str, &str)] = &[
    ("hvac", "Vault"),
    ("google.cloud.secretmanager", "Secret Manager"),
    ("google.cloud.secretmanager_v1", "Secret Manager"),
    ("azure.keyvault", "Key Vault"),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) || source.path.contains("/migrations/") {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    for (module, name) in STORES {
        if code.uses(module) {
            out.practice(1, Aspect::SecretStore, State::Present, *name, "secrets are fetched from it");
        }
    }
    for node in syntax::descendants(code.root()) {
        match node.kind() {
            "assignment" => literal(&code, node, "left", "right", out),
            "keyword_argument" => literal(&code, node, "name", "value", out),
            "pair" => {
                literal(&code, node, "key", "value", out);
                shown(&code, node, out);
            }
            "string" => url(&code, node, out),
            "call" => {
                let callee = code.callee(node);
                fallback(&code, node, &callee, out);
                token(&code, node, &callee, out);
                hash(&code, node, &callee, out);
                log(&code, node, &callee, out);
                cors(&code, node, &callee, out);
                stored(&code, node, out);
            }
            "comparison_operator" => compared(&code, node, out),
            _ => {}
        }
    }
}

fn report(line: usize, name: &str, value: &str, out: &mut Sightings) {
    let name = name.trim_matches(['"', '\'']);
    let secrecy = secret::judge_literal(name, value);
    if secrecy == Secrecy::Harmless {
        return;
    }
    secret::tell(secrecy, name, "literal value", line, out);
    let lower = name.to_ascii_lowercase();
    let signs = lower.contains("secret_key") || lower.contains("jwt") || lower.contains("signing");
    if signs && value.len() < 16 {
        out.practice(line, Aspect::TokenValidation, State::Weak, name, "a short literal key signs");
    }
}

/// The name a value is given: the last key of `app.config["X"]`, the attribute of `self.x`.
fn named<'c>(code: &'c Code, node: Node<'_>) -> &'c str {
    let node =
        if node.kind() == "subscript" { syntax::field(node, "subscript").unwrap_or(node) } else { node };
    let text = syntax::unquoted(code.text_of(node));
    text.rsplit('.').next().unwrap_or(text)
}

fn literal(code: &Code, node: Node<'_>, name: &str, value: &str, out: &mut Sightings) {
    let (Some(name), Some(value)) = (syntax::field(node, name), syntax::field(node, value)) else { return };
    let value = match value.kind() {
        "string" => value,
        "boolean_operator" => match syntax::field(value, "right").filter(|r| r.kind() == "string") {
            Some(right) => right,
            None => return,
        },
        _ => return,
    };
    let Some(text) = code.literal(value) else { return };
    let name = named(code, name);
    report(syntax::line(value), name, &text, out);
}

/// A default of an environment variable: `os.getenv("SECRET_KEY", "abc")`.
fn fallback(code: &Code, call: Node<'_>, callee: &str, out: &mut Sightings) {
    if !matches!(callee, "os.getenv" | "os.environ.get" | "decouple.config" | "env" | "env.str") {
        return;
    }
    let key = code.arg(call, Some(0), "key").and_then(|k| code.literal(k));
    let value =
        code.arg(call, Some(1), "default").filter(|d| d.kind() == "string").and_then(|d| code.literal(d));
    if let Some((key, value)) = key.zip(value) {
        report(syntax::line(call), &key, &value, out);
    }
}

fn url(code: &Code, node: Node<'_>, out: &mut Sightings) {
    let value = syntax::unquoted(code.text_of(node));
    if let Some(account) = secret::in_address(value) {
        secret::tell_account(&account, syntax::line(node), out);
    }
}

fn token(code: &Code, call: Node<'_>, callee: &str, out: &mut Sightings) {
    let line = syntax::line(call);
    let mut weak = |detail: &str| out.practice(line, Aspect::TokenValidation, State::Weak, callee, detail);
    match callee {
        "jwt.decode" | "jose.jwt.decode" | "authlib.jose.jwt.decode" => {
            let options = code
                .arg(call, None, "options")
                .map_or("", |o| code.text_of(o))
                .replace(' ', "")
                .replace('\'', "\"");
            let verify = code.arg(call, None, "verify").is_some_and(|v| v.kind() == "false");
            let algorithms =
                code.arg(call, Some(2), "algorithms").map_or("", |a| code.text_of(a)).to_ascii_lowercase();
            if verify || options.contains("\"verify_signature\":False") {
                weak("the signature is not checked");
            } else if algorithms.contains("none") {
                weak("the algorithm none is accepted");
            } else if algorithms.contains("get_unverified_header") || algorithms.contains("header[") {
                weak("the token chooses its algorithm");
            } else if options.contains("\"verify_exp\":False") {
                weak("the expiry is not checked");
            } else if options.contains("\"verify_aud\":False") {
                weak("the audience is not checked");
            } else {
                out.practice(
                    line,
                    Aspect::TokenValidation,
                    State::Present,
                    callee,
                    "the signature is checked",
                );
            }
            key(code, call, line, out);
        }
        "jose.jwt.get_unverified_claims" => weak("claims are read without proof"),
        "jwt.encode" | "jose.jwt.encode" => {
            let payload = code.arg(call, Some(0), "payload").or_else(|| code.arg(call, None, "claims"));
            let payload = payload.map(|p| match code.lookup(code.text_of(p), p) {
                Some((value, false)) => value,
                _ => p,
            });
            if payload.is_some_and(|p| p.kind() == "dictionary" && !code.text_of(p).contains("exp")) {
                let function = code.around(call).map_or("", |f| code.text_of(f));
                if !function.contains("exp") {
                    weak("the token never expires");
                }
            }
            key(code, call, line, out);
        }
        _ => {}
    }
}

/// A literal key of a token.
fn key(code: &Code, call: Node<'_>, line: usize, out: &mut Sightings) {
    let key = code.arg(call, Some(1), "key").filter(|k| k.kind() == "string");
    if let Some(value) = key.and_then(|k| code.literal(k)).filter(|v| !v.is_empty()) {
        out.practice(line, Aspect::LiteralSecret, State::Present, "key of tokens", "literal value");
        if value.len() < 16 {
            out.practice(
                line,
                Aspect::TokenValidation,
                State::Weak,
                "key of tokens",
                "a short literal key signs",
            );
        }
    }
}

fn hash(code: &Code, call: Node<'_>, callee: &str, out: &mut Sightings) {
    let line = syntax::line(call);
    let slow = [
        "bcrypt.hashpw",
        "bcrypt.checkpw",
        "werkzeug.security.generate_password_hash",
        "werkzeug.security.check_password_hash",
        "django.contrib.auth.hashers.make_password",
        "django.contrib.auth.hashers.check_password",
        "argon2.PasswordHasher",
        "passlib.context.CryptContext",
        "hashlib.pbkdf2_hmac",
        "hashlib.scrypt",
    ];
    let short = callee.rsplit('.').next().unwrap_or(callee);
    if slow.contains(&callee)
        || matches!(short, "set_password" | "generate_password_hash" | "check_password_hash" | "create_user")
    {
        if short == "create_user" && !callee.contains("objects") {
            return;
        }
        out.practice(line, Aspect::PasswordHashing, State::Present, short, "a slow hash");
    } else if matches!(callee, "hashlib.md5" | "hashlib.sha1" | "hashlib.sha256" | "hashlib.sha512") {
        let argument = code.arg(call, Some(0), "string").map_or("", |a| code.text_of(a)).to_ascii_lowercase();
        if argument.contains("password") || argument.contains("passwd") || argument.contains("pwd") {
            out.practice(line, Aspect::PasswordHashing, State::Weak, short, "a fast hash of passwords");
        }
    }
}

/// The last name of an expression: `password` of `data.get("password")`, `user.password`, `data["password"]`.
fn last_name(code: &Code, node: Node<'_>) -> String {
    let name = match node.kind() {
        "attribute" => code.field(node, "attribute").to_owned(),
        "subscript" => syntax::field(node, "subscript")
            .map_or_else(String::new, |s| syntax::unquoted(code.text_of(s)).to_owned()),
        "call" if code.callee(node).ends_with(".get") => {
            code.arg(node, Some(0), "key").and_then(|k| code.literal(k)).unwrap_or_default()
        }
        "identifier" => code.text_of(node).to_owned(),
        _ => String::new(),
    };
    name.to_ascii_lowercase()
}

fn is_password(name: &str) -> bool {
    matches!(name, "password" | "passwd" | "pwd" | "pass" | "user_password" | "new_password")
}

/// A password compared as it is.
fn compared(code: &Code, node: Node<'_>, out: &mut Sightings) {
    let sides = syntax::children(node);
    let [left, right] = sides.as_slice() else { return };
    let operator = code.text.get(left.end_byte()..right.start_byte()).unwrap_or("").trim();
    if !matches!(operator, "==" | "!=")
        || !is_password(&last_name(code, *left))
        || !is_password(&last_name(code, *right))
    {
        return;
    }
    // one side is a stored one
    let stored = |n: &Node<'_>| {
        n.kind() == "attribute" && !code.text_of(*n).starts_with("request.")
            || n.kind() == "subscript" && !repeat::tainted(code, *n)
    };
    let hashed = sides.iter().any(|s| code.text_of(*s).contains("hash"));
    if (stored(left) || stored(right)) && operator == "==" && !hashed {
        out.practice(
            syntax::line(node),
            Aspect::PasswordHashing,
            State::Absent,
            "password",
            "compared as it is",
        );
    }
}

/// A password handed to a stored thing as it is: `User(password=data["password"])`.
fn stored(code: &Code, call: Node<'_>, out: &mut Sightings) {
    let callee = code.callee(call);
    let short = callee.rsplit('.').next().unwrap_or(&callee);
    let makes = short == "create" && callee.contains("objects")
        || (short.ends_with("User") || short == "Account" || short == "Customer");
    if !makes
        || [
            "bcrypt",
            "passlib",
            "argon2",
            "generate_password_hash",
            "make_password",
            "set_password",
            "hash_password",
        ]
        .iter()
        .any(|w| code.text.contains(w))
    {
        return;
    }
    let Some(value) = code.arg(call, None, "password") else { return };
    if repeat::tainted(code, value) && is_password(&last_name(code, value)) {
        out.practice(
            syntax::line(value),
            Aspect::PasswordHashing,
            State::Absent,
            "password",
            "stored as it came",
        );
    }
}

/// Fields in a response or its shape that callers should not see.
fn shown(code: &Code, pair: Node<'_>, out: &mut Sightings) {
    let (Some(key), Some(value)) = (syntax::field(pair, "key"), syntax::field(pair, "value")) else { return };
    let Some(name) = code.literal(key) else { return };
    if value.kind() != "attribute"
        || !HIDDEN.is_match(&name)
        || !HIDDEN.is_match(code.field(value, "attribute"))
    {
        return;
    }
    let holder = code.text_of(syntax::field(value, "object").unwrap_or(value)).to_ascii_lowercase();
    if holder.contains("settings") || holder.contains("config") || holder.ends_with("args") {
        return;
    }
    // what is sent to others or to a store is no response
    let around = syntax::ancestor(pair, &["return_statement", "assignment", "argument_list"]);
    let returns = around.is_some_and(|a| match a.kind() {
        "return_statement" => true,
        "assignment" => {
            let name = code.field(a, "left");
            code.around(a).is_some_and(|f| {
                syntax::of_kind(f, "return_statement")
                    .any(|r| syntax::of_kind(r, "identifier").any(|i| code.text_of(i) == name))
            })
        }
        _ => {
            let call = a.parent().map_or_else(String::new, |c| code.callee(c));
            let short = call.rsplit('.').next().unwrap_or("").to_owned();
            short.contains("jsonify")
                || short.ends_with("Response")
                || matches!(short.as_str(), "dumps" | "json_response")
        }
    });
    if returns {
        out.practice(
            syntax::line(pair),
            Aspect::ResponseData,
            State::Present,
            &name,
            "a field callers should not see",
        );
    }
}

const LOGS: &[&str] = &["debug", "info", "warning", "warn", "error", "exception", "critical", "log", "msg"];

fn log(code: &Code, call: Node<'_>, callee: &str, out: &mut Sightings) {
    let short = callee.rsplit('.').next().unwrap_or(callee);
    let object = callee.rsplit_once('.').map_or("", |(o, _)| o).to_ascii_lowercase();
    if !(callee == "print" || LOGS.contains(&short) && object.contains("log")) {
        return;
    }
    let Some(arguments) = syntax::field(call, "arguments") else { return };
    let line = syntax::line(call);
    for node in syntax::descendants(arguments) {
        let name = match node.kind() {
            "identifier"
                if node.parent().is_some_and(|p| {
                    p.kind() == "keyword_argument" && syntax::field(p, "name") == Some(node)
                }) =>
            {
                continue;
            }
            "identifier" => code.text_of(node),
            "attribute" => {
                let text = code.text_of(node);
                if matches!(
                    text,
                    "request.data"
                        | "request.headers"
                        | "request.json"
                        | "request.form"
                        | "request.POST"
                        | "request.body"
                ) {
                    out.practice(
                        line,
                        Aspect::SensitiveLog,
                        State::Present,
                        text,
                        "the whole request goes to the log",
                    );
                    return;
                }
                code.field(node, "attribute")
            }
            "subscript" => syntax::field(node, "subscript").map_or("", |s| syntax::unquoted(code.text_of(s))),
            _ => continue,
        };
        if SENSITIVE.is_match(name) {
            out.practice(line, Aspect::SensitiveLog, State::Present, name, "goes to the log");
            return;
        }
    }
}

fn cors(code: &Code, call: Node<'_>, callee: &str, out: &mut Sightings) {
    let line = syntax::line(call);
    let mut say = |origins: Option<Node<'_>>, open: bool| {
        let text = origins.map_or("", |o| code.text_of(o)).to_owned();
        let value = origins.and_then(|o| code.value(o)).unwrap_or_default();
        let any = text.contains("\"*\"") || text.contains("'*'") || value == "*" || origins.is_none() && open;
        let (state, detail) =
            if any { (State::Weak, "any origin is allowed") } else { (State::Present, "a list of origins") };
        out.practice(line, Aspect::Cors, state, "*", detail);
    };
    match callee {
        "flask_cors.CORS" | "flask_cors.cross_origin" | "quart_cors.cors" => {
            let origins = code.arg(call, None, "origins").or_else(|| code.arg(call, None, "resources"));
            say(origins.or_else(|| code.arg(call, None, "allow_origin")), true);
        }
        _ if callee.ends_with("add_middleware")
            && code.arg(call, Some(0), "").is_some_and(|m| code.text_of(m).ends_with("CORSMiddleware")) =>
        {
            let origins =
                code.arg(call, None, "allow_origins").map(|o| match code.lookup(code.text_of(o), o) {
                    Some((value, false)) => value,
                    _ => o,
                });
            say(origins.or_else(|| code.arg(call, None, "allow_origin_regex")), false);
        }
        _ if callee.ends_with("set_header")
            || callee.ends_with("headers.add")
            || callee.ends_with("headers.set") =>
        {
            let name = code.arg(call, Some(0), "").and_then(|n| code.literal(n)).unwrap_or_default();
            if name.eq_ignore_ascii_case("access-control-allow-origin") {
                say(code.arg(call, Some(1), ""), false);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{practices, see};

    #[test]
    fn tokens_passwords_and_secrets() {
        let text = "import jwt, logging\nlogger = logging.getLogger()\napp.config['SECRET_KEY'] = 'random'\nd = jwt.decode(token, options={'verify_signature': False})\nURL = 'amqp://guest:guest@mq'\nclass User:\n    def json(self):\n        return {'name': self.name, 'password': self.password}\ndef login(request):\n    if request.json.get('password') == user.password:\n        logger.info(f'in with {token}')\n";
        let found = practices(&see("svc/a.py", text));
        for expected in [
            "LiteralSecret Present SECRET_KEY",
            "TokenValidation Weak SECRET_KEY",
            "TokenValidation Weak jwt.decode",
            "DefaultCredentials Present guest",
            "ResponseData Present password",
            "PasswordHashing Absent password",
            "SensitiveLog Present token",
        ] {
            assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
        }
    }

    #[test]
    fn origins() {
        let text = "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\napp = FastAPI()\norigins = ['*']\napp.add_middleware(CORSMiddleware, allow_origins=origins)\n";
        assert_eq!(practices(&see("svc/a.py", text)), ["Cors Weak *"]);
    }
}
