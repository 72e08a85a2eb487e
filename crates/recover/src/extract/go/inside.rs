//! What a Go process is and does inside: entries, secrets, tokens, logs, metrics, traces, stored structs, state.

use std::sync::LazyLock;

use regex::Regex;
use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::go::code::{Code, inner};
use crate::extract::go::is_go;
use crate::secret;
use crate::sighting::{EntitySeen, Entry, Seen};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads what a process is and does inside.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "go-inside",
    reads: is_go,
    sees: &[
        Aspect::LiteralSecret,
        Aspect::DefaultCredentials,
        Aspect::TokenValidation,
        Aspect::PasswordHashing,
        Aspect::SensitiveLog,
        Aspect::ResponseData,
        Aspect::Logging,
        Aspect::Metrics,
        Aspect::Tracing,
        Aspect::MoneyAsFloat,
        Aspect::StateInProcess,
        Aspect::ConcurrencyGuard,
        Aspect::BalanceInPlace,
        Aspect::DualWrite,
    ],
    extract,
};

/// Frameworks by their packages.
const FRAMEWORKS: &[(&str, &str)] = &[
    ("github.com/gin-gonic/gin", "gin"),
    ("github.com/labstack/echo", "echo"),
    ("github.com/gofiber/fiber", "fiber"),
    ("github.com/go-chi/chi", "chi"),
    ("github.com/gorilla/mux", "gorilla-mux"),
    ("google.golang.org/grpc", "grpc"),
    ("net/http", "net-http"),
];

/// Packages whose use shows an aspect.
const PACKAGES: &[(&str, Aspect)] = &[
    ("log", Aspect::Logging),
    ("log/slog", Aspect::Logging),
    ("go.uber.org/zap", Aspect::Logging),
    ("github.com/sirupsen/logrus", Aspect::Logging),
    ("github.com/rs/zerolog", Aspect::Logging),
    ("github.com/go-kit/log", Aspect::Logging),
    ("github.com/prometheus/client_golang", Aspect::Metrics),
    ("go.opentelemetry.io/otel/metric", Aspect::Metrics),
    ("github.com/zsais/go-gin-prometheus", Aspect::Metrics),
    ("github.com/DataDog/datadog-go", Aspect::Metrics),
    ("go.opentelemetry.io/otel", Aspect::Tracing),
    ("go.opentelemetry.io/contrib", Aspect::Tracing),
    ("github.com/opentracing/opentracing-go", Aspect::Tracing),
    ("github.com/openzipkin/zipkin-go", Aspect::Tracing),
    ("gopkg.in/DataDog/dd-trace-go.v1", Aspect::Tracing),
    ("github.com/instana/go-sensor", Aspect::Tracing),
    ("github.com/hashicorp/vault/api", Aspect::SecretStore),
    ("cloud.google.com/go/secretmanager", Aspect::SecretStore),
    ("github.com/aws/aws-sdk-go-v2/service/secretsmanager", Aspect::SecretStore),
];

static SENSITIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(password|passwd|^secret|secret$|^token$|accessToken|tokenString|apiKey|api_key|authorization|cvv|cardNumber|creditCard)").expect("the pattern is fixed")
});

static COUNTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(balance|credit|stock|quantity|inventory|wallet|seats|quota|available|funds)")
        .expect("the pattern is fixed")
});

static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(price|amount|balance|cost|total|fee|salary|credit)s?$").expect("the pattern is fixed")
});

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() || source.name().ends_with(".pb.go") {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    entry(&code, out);
    let mut known: Vec<Aspect> = Vec::new();
    for import in syntax::of_kind(code.root(), "import_spec") {
        let path = syntax::unquoted(code.field(import, "path"));
        let hit = PACKAGES.iter().find(|(p, _)| {
            path.strip_prefix(p).is_some_and(|r| r.is_empty() || (*p != "log" && r.starts_with('/')))
        });
        if let Some((name, aspect)) = hit.filter(|(_, a)| !known.contains(a)) {
            known.push(*aspect);
            out.practice(syntax::line(import), *aspect, State::Present, *name, "in use");
        }
    }
    for node in syntax::descendants(code.root()) {
        match node.kind() {
            "const_spec" | "var_spec" => {
                secrets(&code, syntax::field(node, "name"), syntax::field(node, "value"), out);
            }
            "short_var_declaration" | "assignment_statement" => {
                secrets(&code, syntax::field(node, "left"), syntax::field(node, "right"), out);
                counted(&code, node, out);
            }
            "keyed_element" => secrets(&code, node.named_child(0), node.named_child(1), out),
            "interpreted_string_literal" => url(&code, node, out),
            "call_expression" => {
                token(&code, node, out);
                log(&code, node, out);
            }
            "binary_expression" => compared(&code, node, out),
            "type_spec" => structure(&code, node, out),
            _ => {}
        }
    }
    state(&code, out);
    dual(&code, out);
}

fn entry(code: &Code, out: &mut Sightings) {
    let main =
        code.function("main").filter(|m| m.kind() == "function_declaration" && code.package() == "main");
    if let Some(main) = main {
        let framework = FRAMEWORKS.iter().find(|(p, _)| code.uses(p)).map(|(_, f)| (*f).to_owned());
        out.span(syntax::line(main), syntax::last_line(main), Seen::Entry(Entry { framework }));
    }
}

fn secrets(code: &Code, name: Option<Node<'_>>, value: Option<Node<'_>>, out: &mut Sightings) {
    let (Some(name), Some(value)) = (name, value) else { return };
    let mut value = inner(value);
    // `[]byte("...")`
    if matches!(value.kind(), "type_conversion_expression" | "call_expression")
        && code.text_of(value).starts_with("[]byte(")
    {
        value = syntax::of_kind(value, "interpreted_string_literal").next().unwrap_or(value);
    }
    if !value.kind().ends_with("string_literal") {
        return;
    }
    let name = syntax::unquoted(code.text_of(inner(name)));
    let text = syntax::unquoted(code.text_of(value));
    let line = syntax::line(value);
    secret::tell(secret::judge_literal(name, text), name, "literal value", line, out);
}

fn url(code: &Code, node: Node<'_>, out: &mut Sightings) {
    let text = syntax::unquoted(code.text_of(node));
    if let Some(account) = secret::in_address(text) {
        secret::tell_account(&account, syntax::line(node), out);
    }
}

fn token(code: &Code, call: Node<'_>, out: &mut Sightings) {
    let callee = code.callee(call);
    let short = callee.rsplit('.').next().unwrap_or("");
    let line = syntax::line(call);
    let is_jwt = code.imported().any(|i| i.contains("jwt") || i.contains("jose"));
    match short {
        "ParseUnverified" | "UnsafeClaimsWithoutVerification" if is_jwt => {
            out.practice(line, Aspect::TokenValidation, State::Weak, short, "claims are read without proof");
        }
        "Parse" | "ParseWithClaims" if is_jwt && callee.contains("jwt") => {
            let text = code.text_of(call);
            let keyed = code.args(call).iter().any(|a| a.kind() == "func_literal");
            let method = text.contains("Method") || text.contains("WithValidMethods");
            if keyed && !method {
                out.practice(
                    line,
                    Aspect::TokenValidation,
                    State::Weak,
                    short,
                    "the algorithm of the token is not checked",
                );
            } else {
                out.practice(
                    line,
                    Aspect::TokenValidation,
                    State::Present,
                    short,
                    "the signature is checked",
                );
            }
        }
        "GenerateFromPassword" | "CompareHashAndPassword" => {
            out.practice(line, Aspect::PasswordHashing, State::Present, "bcrypt", "a slow hash");
        }
        _ => {
            let fast = matches!(
                callee.as_str(),
                "crypto/md5.Sum" | "crypto/sha1.Sum" | "crypto/sha256.Sum256" | "crypto/sha512.Sum512"
            );
            let argument = code.arg(call, 0).map_or("", |a| code.text_of(a)).to_ascii_lowercase();
            if fast && argument.contains("password") {
                out.practice(line, Aspect::PasswordHashing, State::Weak, callee, "a fast hash of passwords");
            }
        }
    }
}

const LOGS: &[&str] = &[
    "Print", "Println", "Printf", "Info", "Infof", "Debug", "Debugf", "Warn", "Warnf", "Error", "Errorf",
    "Infow", "Debugw", "Trace", "Tracef", "Warningf",
];

fn log(code: &Code, call: Node<'_>, out: &mut Sightings) {
    let callee = code.callee(call);
    let (object, method) = callee.rsplit_once('.').unwrap_or(("", &callee));
    let lower = object.to_ascii_lowercase();
    let is_log =
        lower.contains("log") || lower.contains("zap") || object == "fmt" && method.starts_with("Print");
    if !is_log || !LOGS.contains(&method) {
        return;
    }
    let Some(arguments) = syntax::field(call, "arguments") else { return };
    for node in syntax::descendants(arguments) {
        let name = match node.kind() {
            "identifier" => code.text_of(node),
            "selector_expression" => code.field(node, "field"),
            _ => continue,
        };
        // a length or a check of it is harmless
        if SENSITIVE.is_match(name) && !code.text_of(arguments).contains("len(") {
            out.practice(syntax::line(call), Aspect::SensitiveLog, State::Present, name, "goes to the log");
            return;
        }
    }
}

/// `user.Password == input.Password`.
fn compared(code: &Code, node: Node<'_>, out: &mut Sightings) {
    if !matches!(code.field(node, "operator"), "==" | "!=") {
        return;
    }
    let is = |side: &str| {
        syntax::field(node, side).is_some_and(|n| {
            let name =
                if n.kind() == "selector_expression" { code.field(n, "field") } else { code.text_of(n) };
            matches!(name.to_ascii_lowercase().as_str(), "password" | "passwd" | "pwd")
        })
    };
    if is("left") && is("right") {
        out.practice(
            syntax::line(node),
            Aspect::PasswordHashing,
            State::Absent,
            "password",
            "compared as it is",
        );
    }
}

/// Structs that are stored, and money in floats.
fn structure(code: &Code, node: Node<'_>, out: &mut Sightings) {
    let Some(kind) = syntax::field(node, "type").filter(|t| t.kind() == "struct_type") else { return };
    let name = code.field(node, "name").to_owned();
    let mut fields = Vec::new();
    let mut stored = false;
    let mut shown = Vec::new();
    for field in syntax::of_kind(kind, "field_declaration") {
        let tag = code.field(field, "tag");
        let (field_name, field_type) = (code.field(field, "name"), code.field(field, "type"));
        stored |= ["gorm:", "bson:", "db:", "pg:", "bun:", "dynamodbav:"].iter().any(|t| tag.contains(t))
            || field_type == "gorm.Model";
        let line = syntax::line(field);
        if MONEY.is_match(field_name) && field_type.trim_start_matches('*').starts_with("float") {
            out.practice(
                line,
                Aspect::MoneyAsFloat,
                State::Present,
                field_name,
                format!("{field_type}: a binary float"),
            );
        }
        let lower = field_name.to_ascii_lowercase();
        let secret = matches!(lower.as_str(), "password" | "passwordhash" | "secret" | "ssn" | "cvv" | "pin");
        if secret && tag.contains("json:") && !tag.contains("json:\"-") {
            shown.push((line, field_name));
        }
        if !field_name.is_empty() {
            fields.push((field_name.to_owned(), field_type.chars().take(60).collect(), line));
        }
    }
    if !stored {
        return;
    }
    for (line, field) in shown {
        out.practice(line, Aspect::ResponseData, State::Present, field, "serialised with what is stored");
    }
    let table = syntax::children(code.root())
        .into_iter()
        .filter(|m| {
            m.kind() == "method_declaration"
                && code.field(*m, "name") == "TableName"
                && code.field(*m, "receiver").contains(&name)
        })
        .find_map(|m| syntax::of_kind(m, "interpreted_string_literal").next())
        .map(|t| syntax::unquoted(code.text_of(t)).to_owned());
    out.span(syntax::line(node), syntax::last_line(node), Seen::Entity(EntitySeen { name, table, fields }));
}

/// Maps of the package that functions change.
fn state(code: &Code, out: &mut Sightings) {
    for spec in syntax::of_kind(code.root(), "var_spec").filter(|s| code.around(*s).is_none()) {
        let text = code.text_of(spec);
        let name = code.field(spec, "name");
        if !(text.contains("map[") || text.contains("sync.Map") || text.contains("[]")) || name.is_empty() {
            continue;
        }
        let changed = syntax::descendants(code.root()).any(|n| match n.kind() {
            "assignment_statement" => {
                let left = code.field(n, "left");
                code.around(n).is_some_and(|f| syntax::children(f).len() > 1)
                    && (left.strip_prefix(name).is_some_and(|r| r.starts_with('['))
                        || left == name && code.field(n, "right").starts_with(&format!("append({name}")))
                    && code.declared(n).is_none_or(|f| code.field(f, "name") != "init")
            }
            "call_expression" => {
                matches!(code.method(n), Some((o, "Store" | "LoadOrStore")) if code.text_of(o) == name)
            }
            _ => false,
        });
        if changed {
            out.practice(
                syntax::line(spec),
                Aspect::StateInProcess,
                State::Present,
                name,
                "changed by requests, kept in the process",
            );
        }
    }
}

/// `account.Balance -= x` and a save.
fn counted(code: &Code, node: Node<'_>, out: &mut Sightings) {
    let (left, right) = (code.field(node, "left"), code.field(node, "right"));
    let operator = code.field(node, "operator");
    let field = left.rsplit_once('.').map_or("", |(_, f)| f);
    let changes = matches!(operator, "-=" | "+=")
        || operator == "=" && right.contains(left) && (right.contains('-') || right.contains('+'));
    if field.is_empty() || !COUNTED.is_match(field) || !changes {
        return;
    }
    let text = code.declared(node).map_or("", |f| code.text_of(f));
    if ![".Save(", ".Update", ".Exec(", "ExecContext(", "ReplaceOne(", ".Updates("]
        .iter()
        .any(|w| text.contains(w))
    {
        return;
    }
    let guarded =
        ["FOR UPDATE", "clause.Locking", "Lock()", "ersion", "$inc"].iter().any(|w| text.contains(w));
    let (state, detail) = if guarded {
        (State::Present, "read under a lock or a version")
    } else {
        (State::Absent, "read, changed and written back without a lock or version")
    };
    let line = syntax::line(node);
    out.practice(line, Aspect::ConcurrencyGuard, state, field, detail);
    let lower = field.to_ascii_lowercase();
    if ["balance", "credit", "wallet", "funds"].iter().any(|w| lower.contains(w)) {
        out.practice(line, Aspect::BalanceInPlace, State::Present, field, "changed in place");
    }
}

/// A message that is sent after a write.
fn dual(code: &Code, out: &mut Sightings) {
    for function in syntax::children(code.root())
        .into_iter()
        .filter(|n| matches!(n.kind(), "function_declaration" | "method_declaration"))
    {
        if code.text_of(function).to_ascii_lowercase().contains("outbox") {
            continue;
        }
        let mut wrote = false;
        for call in syntax::of_kind(function, "call_expression") {
            let Some((_, method)) = code.method(call) else { continue };
            let args = code.args(call);
            match method {
                "Create" | "Save" | "InsertOne" | "InsertMany" | "UpdateOne" | "ReplaceOne" | "Exec"
                | "ExecContext" | "Commit" => wrote = true,
                "Publish" | "PublishWithContext" | "SendMessage" | "WriteMessages" | "Produce"
                    if wrote && !args.is_empty() =>
                {
                    let subject: String = code.field(call, "function").chars().take(60).collect();
                    out.practice(
                        syntax::line(call),
                        Aspect::DualWrite,
                        State::Present,
                        subject,
                        "published after a write, without an outbox",
                    );
                    break;
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, see};

    #[test]
    fn a_process_its_secrets_and_its_state() {
        let text = "package main\nimport (\n\"log\"\njwt \"github.com/golang-jwt/jwt\"\n)\nconst jwtKey = \"sup3rkey\"\nvar sessions = map[string]int{}\ntype User struct {\n Name string `gorm:\"primaryKey\"`\n Password string `json:\"password\"`\n Balance float64\n}\nfunc main() {\n sessions[\"a\"] = 1\n p.ParseUnverified(tokenString, nil)\n log.Println(tokenString)\n if u.Password == in.Password {\n }\n u.Balance -= 3\n db.Save(u)\n ch.Publish(\"x\", \"y\")\n}\n";
        let seen = see("svc/main.go", text);
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Entry(_))));
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Entity(e) if e.name == "User")));
        let found = practices(&seen);
        for expected in [
            "LiteralSecret Present jwtKey",
            "StateInProcess Present sessions",
            "TokenValidation Weak ParseUnverified",
            "SensitiveLog Present tokenString",
            "PasswordHashing Absent password",
            "ResponseData Present Password",
            "MoneyAsFloat Present Balance",
            "ConcurrencyGuard Absent Balance",
            "BalanceInPlace Present Balance",
            "DualWrite Present ch.Publish",
        ] {
            assert!(found.contains(&expected.to_owned()), "{expected}: {found:?}");
        }
    }
}
