//! Settings written in Python: constants of settings files, classes of settings, and what Django's settings say about
//! stores, debugging, origins and permissions.

use tree_sitter::Node;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::python::code::Code;
use crate::extract::python::{is_python, is_test};
use crate::sighting::{Reach, ReachKind, Seen, Setting};
use crate::source::{Sightings, Source};
use crate::syntax;

/// Reads settings.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "python-settings",
    reads: is_python,
    sees: &[Aspect::DebugSurface, Aspect::Cors, Aspect::LiteralSecret, Aspect::DefaultCredentials],
    extract,
};

/// Engines of Django's databases with technology and scheme.
const ENGINES: &[(&str, &str, &str)] = &[
    ("postgresql", "postgresql", "postgresql"),
    ("postgis", "postgresql", "postgresql"),
    ("mysql", "mysql", "mysql"),
    ("sqlite3", "sqlite", "sqlite"),
    ("oracle", "oracle", "oracle"),
    ("djongo", "mongodb", "mongodb"),
    ("mongodb", "mongodb", "mongodb"),
    ("mssql", "sqlserver", "mssql"),
    ("cockroachdb", "cockroachdb", "postgresql"),
];

/// Bases of classes whose fields are environment variables.
const CLASSES: &[&str] = &["BaseSettings", "Settings", "BaseConfig", "Config", "EnvConfig"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if is_test(source) {
        return;
    }
    let Some(code) = Code::of(source) else { return };
    let is_settings = {
        let lower = source.path.to_ascii_lowercase();
        ["settings", "config", "constants", "conf.py", "environment"].iter().any(|n| lower.contains(n))
    };
    if is_settings {
        constants(&code, out);
    }
    classes(&code, out);
    if code.text.contains("INSTALLED_APPS")
        || code.text.contains("DATABASES")
        || code.text.contains("REST_FRAMEWORK")
    {
        django(source, &code, out);
    }
    flask(&code, out);
}

/// Assignments of the module itself, by name.
fn top<'t>(code: &'t Code) -> Vec<(&'t str, Node<'t>)> {
    let statement = |s: &Node<'t>| s.named_child(0).filter(|a| a.kind() == "assignment");
    let pair = |a: Node<'t>| Some((code.field(a, "left"), syntax::field(a, "right")?));
    syntax::children(code.root()).iter().filter_map(statement).filter_map(pair).collect()
}

/// A setting, unless it only hands its own variable on. A variable of the same name with a default gives the default.
fn setting(out: &mut Sightings, line: usize, key: &str, value: &str) {
    let own = format!("${{{key}");
    let value = match value.strip_prefix(own.as_str()) {
        Some("}") => return,
        Some(rest) => match rest.strip_prefix(':').and_then(|r| r.strip_suffix('}')) {
            Some(default) => default,
            None => return,
        },
        None => value,
    };
    let value = crate::secret::hidden(key, value);
    out.add(line, Seen::Setting(Setting { of: None, profile: None, key: key.to_owned(), value }));
}

fn constants(code: &Code, out: &mut Sightings) {
    for (name, value) in top(code) {
        if name.chars().any(|c| c.is_ascii_lowercase()) || value.kind() == "integer" {
            continue;
        }
        if let Some(text) = code.value(value).filter(|t| !t.is_empty()) {
            setting(out, syntax::line(value), name, &text);
        }
    }
}

/// Fields of classes of settings: `class Settings(BaseSettings): database_url: str = "..."`.
fn classes(code: &Code, out: &mut Sightings) {
    for class in syntax::of_kind(code.root(), "class_definition") {
        let bases = code.bases(class);
        let known = |b: &String| CLASSES.contains(&b.rsplit('.').next().unwrap_or(b));
        let is_plain = bases.is_empty() && code.field(class, "name").ends_with("Config");
        if !bases.iter().any(known) && !is_plain {
            continue;
        }
        let prefix = syntax::descendants(class)
            .filter(|n| matches!(n.kind(), "assignment" | "keyword_argument"))
            .find(|n| code.field(*n, "left") == "env_prefix" || code.field(*n, "name") == "env_prefix")
            .and_then(|n| syntax::field(n, "right").or_else(|| syntax::field(n, "value")))
            .and_then(|v| code.literal(v))
            .unwrap_or_default();
        let Some(body) = syntax::field(class, "body") else { continue };
        for statement in syntax::children(body) {
            let Some(assign) = statement.named_child(0).filter(|a| a.kind() == "assignment") else {
                continue;
            };
            let Some(value) = syntax::field(assign, "right") else { continue };
            let name = code.field(assign, "left");
            // `Field("x", env="Y")`
            let is_field = value.kind() == "call" && code.callee(value).ends_with("Field");
            let (value, key) = if is_field {
                let key = ["env", "validation_alias", "alias"].iter().find_map(|k| code.arg(value, None, k));
                (code.arg(value, Some(0), "default"), key.and_then(|k| code.literal(k)))
            } else {
                (Some(value), None)
            };
            let key = key.unwrap_or_else(|| format!("{prefix}{name}").to_ascii_uppercase());
            if let Some(text) =
                value.filter(|v| v.kind() != "none").and_then(|v| code.value(v)).filter(|t| !t.is_empty())
            {
                setting(out, syntax::line(assign), &key, &text);
            }
        }
    }
}

/// The values of a dictionary literal by key.
pub(crate) fn pairs<'t>(code: &Code, node: Node<'t>) -> Vec<(String, Node<'t>)> {
    let pair = |p: Node<'t>| {
        let key = syntax::field(p, "key").and_then(|k| code.literal(k))?;
        Some((key, syntax::field(p, "value")?))
    };
    syntax::children(node).into_iter().filter(|p| p.kind() == "pair").filter_map(pair).collect()
}

fn of<'t>(pairs: &[(String, Node<'t>)], key: &str) -> Option<Node<'t>> {
    pairs.iter().find(|(k, _)| k == key).map(|(_, v)| *v)
}

fn django(source: &Source<'_>, code: &Code, out: &mut Sightings) {
    for (name, value) in top(code) {
        let line = syntax::line(value);
        let text = code.text_of(value);
        match name {
            "DATABASES" => databases(code, value, out),
            "CACHES" | "CHANNEL_LAYERS" => caches(source, code, value, out),
            "DEBUG" if text == "True" => {
                out.practice(
                    line,
                    Aspect::DebugSurface,
                    State::Present,
                    "DEBUG",
                    "Django shows tracebacks and settings",
                );
            }
            "DEBUG" if text.contains(", True") || text.contains("default=True") => out.practice(
                line,
                Aspect::DebugSurface,
                State::Present,
                "DEBUG",
                "Django's debugging is on unless the environment says otherwise",
            ),
            "CORS_ORIGIN_ALLOW_ALL" | "CORS_ALLOW_ALL_ORIGINS" if text == "True" => {
                out.practice(line, Aspect::Cors, State::Weak, name, "any origin is allowed");
            }
            "CORS_ALLOWED_ORIGINS" | "CORS_ORIGIN_WHITELIST" => {
                out.practice(line, Aspect::Cors, State::Present, name, "a list of origins");
            }
            "REST_FRAMEWORK" => rest_framework(code, value, out),
            "LOGGING" => {
                out.practice(line, Aspect::Logging, State::Present, "LOGGING", "logging is configured");
            }
            "PASSWORD_HASHERS"
                if text.find("MD5").or_else(|| text.find("SHA1")).is_some_and(|at| at < 80) =>
            {
                out.practice(line, Aspect::PasswordHashing, State::Weak, name, "a fast hash comes first");
            }
            "DATA_UPLOAD_MAX_MEMORY_SIZE" if text == "None" => {
                out.practice(line, Aspect::BodyLimit, State::Absent, name, "the limit is switched off");
            }
            "MIDDLEWARE" | "INSTALLED_APPS" | "MIDDLEWARE_CLASSES" => apps(value, code, out),
            "CELERY_BROKER_URL" | "BROKER_URL" => {
                if let Some(url) = code.value(value) {
                    let mut reach = Reach::new(ReachKind::Publish, crate::secret::masked(&url), "amqp");
                    reach.technology = source.signs.scheme(&url).map(|s| s.technology.to_string());
                    out.add(line, Seen::Reach(Box::new(reach)));
                }
            }
            _ => {}
        }
    }
}

/// What installed applications and middleware tell.
fn apps(list: Node<'_>, code: &Code, out: &mut Sightings) {
    for item in syntax::of_kind(list, "string") {
        let Some(name) = code.literal(item) else { continue };
        let line = syntax::line(item);
        let (aspect, detail) = match name.as_str() {
            n if n.starts_with("axes") || n.starts_with("defender") => {
                (Aspect::LoginThrottling, "failed logins are counted")
            }
            n if n.starts_with("django_ratelimit") => (Aspect::RateLimit, "rate limits of views"),
            n if n.contains("prometheus") => (Aspect::Metrics, "metrics of requests"),
            n if n.starts_with("opentelemetry") || n.contains("jaeger") || n.contains("elasticapm") => {
                (Aspect::Tracing, "traces of requests")
            }
            "health_check" => (Aspect::HealthProbe, "health page"),
            n if n.starts_with("debug_toolbar") || n.starts_with("silk.") || n == "silk" => {
                (Aspect::DebugSurface, "a debugging application is installed")
            }
            n if n.contains("auditlog") || n.contains("easyaudit") || n.contains("simple_history") => {
                (Aspect::Audit, "changes are recorded")
            }
            n if n.ends_with("LoginRequiredMiddleware") => {
                (Aspect::Authentication, "every view asks for a login")
            }
            _ => continue,
        };
        let subject = if aspect == Aspect::Authentication { "*".to_owned() } else { name };
        out.practice(line, aspect, State::Present, subject, detail);
    }
}

fn rest_framework(code: &Code, value: Node<'_>, out: &mut Sightings) {
    for (key, value) in pairs(code, value) {
        let line = syntax::line(value);
        let text = code.text_of(value);
        match key.as_str() {
            "DEFAULT_PERMISSION_CLASSES" if text.contains("AllowAny") => {
                out.practice(
                    line,
                    Aspect::Authentication,
                    State::Absent,
                    "*",
                    "AllowAny is the default permission",
                );
            }
            "DEFAULT_PERMISSION_CLASSES" => {
                out.practice(
                    line,
                    Aspect::Authentication,
                    State::Present,
                    "*",
                    "the default permission asks who is calling",
                );
            }
            "DEFAULT_THROTTLE_RATES" => {
                out.practice(
                    line,
                    Aspect::RateLimit,
                    State::Present,
                    "*",
                    "default throttles of the REST framework",
                );
            }
            "DEFAULT_PAGINATION_CLASS" | "PAGE_SIZE" => {
                out.practice(line, Aspect::PageLimit, State::Present, "*", "generic lists are paged");
            }
            _ => {}
        }
    }
}

fn databases(code: &Code, value: Node<'_>, out: &mut Sightings) {
    for (alias, entry) in pairs(code, value) {
        let line = syntax::line(entry);
        if entry.kind() != "dictionary" {
            // `dj_database_url.config(...)`, `env.db()`
            let url = code.value(entry).unwrap_or_else(|| "${DATABASE_URL}".to_owned());
            out.add(
                line,
                Seen::Reach(Box::new(Reach::new(ReachKind::Data, crate::secret::masked(&url), "sql"))),
            );
            continue;
        }
        let fields = pairs(code, entry);
        let client = of(&fields, "CLIENT").map(|c| pairs(code, c)).unwrap_or_default();
        let text = |key: &str, inner: &str| {
            of(&fields, key)
                .or_else(|| of(&client, inner))
                .and_then(|v| code.value(v))
                .filter(|v| !v.is_empty())
        };
        let engine = text("ENGINE", "").unwrap_or_default();
        let known = ENGINES.iter().find(|(e, _, _)| engine.contains(e));
        let name = text("NAME", "name").unwrap_or_default();
        if known.is_some_and(|(e, _, _)| *e == "sqlite3") {
            out.practice(
                line,
                Aspect::DurableStorage,
                State::Absent,
                &alias,
                "a SQLite file beside the code",
            );
            continue;
        }
        let (technology, scheme) = known.map_or((None, "sql"), |(_, t, s)| (Some((*t).to_owned()), *s));
        let host = text("HOST", "host").unwrap_or_else(|| "localhost".to_owned());
        let port = text("PORT", "port").map(|p| format!(":{p}")).unwrap_or_default();
        let target = if host.contains("://") { host } else { format!("{scheme}://{host}{port}/{name}") };
        let mut reach = Reach::new(ReachKind::Data, crate::secret::masked(&target), "sql");
        if technology.as_deref() == Some("mongodb") {
            reach.protocol = "mongodb";
        }
        reach.technology = technology;
        out.span(line, syntax::last_line(entry), Seen::Reach(Box::new(reach)));
    }
}

fn caches(source: &Source<'_>, code: &Code, value: Node<'_>, out: &mut Sightings) {
    let in_process =
        code.text_of(value).contains("LocMemCache") || code.text_of(value).contains("InMemoryChannelLayer");
    if in_process {
        let line = syntax::line(value);
        out.practice(
            line,
            Aspect::StateInProcess,
            State::Present,
            "cache",
            "a cache in the memory of the process",
        );
    }
    for item in
        syntax::descendants(value).filter(|n| matches!(n.kind(), "string" | "call" | "tuple" | "subscript"))
    {
        let url = match item.kind() {
            "tuple" => {
                let host = item.named_child(0).and_then(|h| code.value(h));
                let port = item.named_child(1).and_then(|p| code.value(p));
                host.zip(port).map(|(h, p)| format!("redis://{h}:{p}"))
            }
            _ => code.value(item),
        };
        let Some(url) = url.filter(|u| u.contains("://") || u.starts_with("${")) else { continue };
        let mut reach = Reach::new(ReachKind::Data, crate::secret::masked(&url), "redis");
        let is_memcached = code.text_of(value).contains("emcache");
        let sign = source.signs.scheme(&url).map(|s| s.technology.to_string());
        reach.technology = sign.or_else(|| Some(if is_memcached { "memcached" } else { "redis" }.to_owned()));
        out.add(syntax::line(item), Seen::Reach(Box::new(reach)));
        return;
    }
}

/// Flask's settings: `app.config["KEY"] = ...`, `app.config.update(KEY=...)`.
fn flask(code: &Code, out: &mut Sightings) {
    for assign in syntax::of_kind(code.root(), "assignment") {
        let Some(left) = syntax::field(assign, "left").filter(|l| l.kind() == "subscript") else { continue };
        if !code.field(left, "value").ends_with("config") {
            continue;
        }
        let key = syntax::field(left, "subscript").and_then(|k| code.literal(k));
        let value = syntax::field(assign, "right").and_then(|v| code.value(v)).filter(|v| !v.is_empty());
        if let Some((key, value)) = key.zip(value) {
            if key == "MAX_CONTENT_LENGTH" {
                let detail = "a limit on request bodies";
                out.practice(syntax::line(assign), Aspect::BodyLimit, State::Present, "*", detail);
            }
            setting(out, syntax::line(assign), &key, &value);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, reaches, see};

    #[test]
    fn django_settings_tell_stores_and_practices() {
        let text = "import os\ndef need(name):\n    return os.environ[name]\nDEBUG = True\nINSTALLED_APPS = ['axes']\nCORS_ALLOW_ALL_ORIGINS = True\nUSERS_URL = 'http://{}/users'.format(need('USERS_HOST'))\nDATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': need('DB'), 'HOST': os.environ.get('DB_HOST', 'db'), 'PORT': 5432}}\nREST_FRAMEWORK = {'DEFAULT_PERMISSION_CLASSES': ['rest_framework.permissions.IsAuthenticated']}\n";
        let seen = see("site/settings.py", text);
        assert_eq!(reaches(&seen), ["Data postgresql://${DB_HOST:db}:5432/${DB}"]);
        let found = practices(&seen);
        for expected in [
            "DebugSurface Present DEBUG",
            "Cors Weak CORS_ALLOW_ALL_ORIGINS",
            "Authentication Present *",
            "LoginThrottling Present axes",
        ] {
            assert!(found.contains(&expected.to_owned()), "{found:?}");
        }
        let url = seen.iter().find_map(|s| match &s.seen {
            Seen::Setting(s) if s.key == "USERS_URL" => Some(s.value.clone()),
            _ => None,
        });
        assert_eq!(url.as_deref(), Some("http://${USERS_HOST}/users"));
    }

    #[test]
    fn classes_of_settings_are_environment_variables() {
        let text = "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    database_url: str = 'postgresql://u:hunter2@db/x'\n    api_key: str = 'abcd1234'\n";
        let seen = see("app/core.py", text);
        let settings: Vec<_> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Setting(s) => Some((s.key.as_str(), s.value.as_str())),
                _ => None,
            })
            .collect();
        assert_eq!(settings, [("DATABASE_URL", "postgresql://u:***@db/x"), ("API_KEY", "***")]);
    }
}
