//! Secrets in files: which keys hold one, which values are one, and how they are told and hidden.
//!
//! Every extractor asks here, whatever it reads: what is a secret in one kind of file is one in all of them.
//! [`is_key`] and [`judge`] are for settings, where a value stands for itself; [`literal`] is for code, where a
//! string may also be a name, a message or a part of a path; [`address`] is for connection strings.

mod address;
mod literal;

use loadcase_model::{Aspect, State};

use crate::source::Sightings;

pub(crate) use address::{Account, cleaned, in_address, masked, url_hidden, user_info};
pub(crate) use literal::{is_name, judge_literal};

/// What a value of a secret's key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// No secret: empty, a flag, a path, a reference to somewhere else.
    Harmless,
    /// A literal secret.
    Literal,
    /// A literal that everybody tries first: `admin`, `changeme`.
    Default,
}

/// Words that make a key a secret's, compared with the key in lower case and without separators.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "accesskey",
    "privatekey",
    "secretkey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "jwtkey",
    "authkey",
    "sharedkey",
    "accountkey",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "apitoken",
    "bottoken",
    "roottoken",
    "credentials",
    "erlangcookie",
    "clientsecret",
    "licensekey",
    "credential",
    "encryptkey",
    "jwtkeyvalue",
    "verifierkey",
];

/// Last words of keys that speak about a secret without holding it.
const ABOUT: &[&str] = &[
    "file",
    "path",
    "dir",
    "url",
    "uri",
    "name",
    "header",
    "expiry",
    "expiration",
    "expires",
    "ttl",
    "length",
    "lifetime",
    "validity",
    "timeout",
    "algorithm",
    "encoder",
    "policy",
    "enabled",
    "store",
    "type",
    "location",
    "arn",
    "ref",
    "id",
    "issuer",
    "endpoint",
    "duration",
    "seconds",
    "minutes",
    "namespace",
    "version",
    "provider",
    "parameter",
    "attempts",
    "min",
    "max",
    "field",
    "label",
    "placeholder",
    "text",
    "title",
    "subject",
    "message",
    "template",
    "regex",
    "pattern",
    "prefix",
    "suffix",
    "format",
    "strength",
    "rounds",
    "iterations",
    "required",
    "count",
    "size",
    "hash",
    "error",
    "page",
    "route",
    "form",
    "event",
    "action",
    "schema",
];

/// Values that everybody tries first.
const TRIED_FIRST: &[&str] = &[
    "admin",
    "administrator",
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "password1",
    "password123",
    "pass",
    "pass123",
    "passwd",
    "pwd",
    "root",
    "toor",
    "guest",
    "user",
    "test",
    "test123",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "change_it",
    "secret",
    "mysecret",
    "example",
    "default",
    "demo",
    "dev",
    "sa",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "mongodb",
    "redis",
    "rabbit",
    "rabbitmq",
    "elastic",
    "neo4j",
    "minio",
    "minioadmin",
    "minio123",
    "keycloak",
    "grafana",
    "vault",
    "oracle",
    "cassandra",
    "qwerty",
    "123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "admin123",
    "root123",
    "letmein",
    "welcome",
    "foobar",
    "xxx",
    "xxxx",
    "dummy",
    "supersecret",
    "secretkey",
    "keyboard cat",
    "keyboardcat",
    "yoursecret",
];

/// Whether a key holds a secret: `DB_PASSWORD`, `spring.datasource.password`, `apiKey`.
pub(crate) fn is_key(key: &str) -> bool {
    let words = words(key);
    let Some(last) = words.last() else { return false };
    if ABOUT.contains(&last.as_str()) {
        return false;
    }
    if matches!(last.as_str(), "token" | "pass" | "pwd" | "pw" | "secret" | "secrets" | "salt" | "psk") {
        return true;
    }
    let joined = words.concat();
    // A flag about a password (`ALLOW_EMPTY_PASSWORD`) has a harmless value.
    WORDS.iter().any(|w| joined.ends_with(w))
        || WORDS.iter().any(|w| joined.contains(w)) && words.len() <= 4 && !joined.contains("public")
}

/// The words of a key in lower case: at separators and at capitals.
fn words(key: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut before = '_';
    for c in key.chars() {
        if !c.is_alphanumeric() {
            before = '_';
            continue;
        }
        if before == '_' || (c.is_uppercase() && before.is_lowercase()) {
            out.push(String::new());
        }
        if let Some(word) = out.last_mut() {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    out
}

/// What the value of a secret's key is.
pub(crate) fn judge(value: &str) -> Secrecy {
    let value = value.trim().trim_matches(['"', '\'']);
    // Some configuration puts the default of a placeholder into quotes of its own.
    let literal = literal_of(value).trim_matches('`');
    let lower = literal.to_ascii_lowercase();
    let is_path = literal.starts_with(['/', '.', '~']) && literal.contains('/')
        || lower.starts_with("file:")
        || lower.starts_with("classpath:");
    // References to other places, formats, and what is encrypted where it stands.
    let refers =
        ["{", "$(", "<", "%", "arn:", "vault:", "ssm:", "secretref:", "op://", "***", "sm://", "enc("]
            .iter()
            .any(|p| lower.starts_with(p))
            || literal.contains("${")
            || literal.contains("#{");
    if literal.is_empty()
        || matches!(
            lower.as_str(),
            "true"
                | "false"
                | "null"
                | "none"
                | "nil"
                | "yes"
                | "no"
                | "undefined"
                | "~"
                | "0"
                | "-1"
                | "empty"
                | "unset"
                | "n/a"
        )
        || is_path
        || is_route(literal)
        || refers
        || lower.starts_with("env_")
        || literal.starts_with('$')
    {
        return Secrecy::Harmless;
    }
    // `value: API_KEY_VALUE`: the name of what somebody is to put there.
    let is_shouted = literal.contains('_') && literal.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    if is_shouted && ["KEY", "SECRET", "PASSWORD", "TOKEN"].iter().any(|w| literal.contains(w)) {
        return Secrecy::Harmless;
    }
    if TRIED_FIRST.contains(&lower.as_str()) {
        return Secrecy::Default;
    }
    let asks = ["changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me", "placeholder"];
    let hints = ["your-", "your_", "your ", "todo"];
    if asks.iter().any(|p| lower.contains(p)) || hints.iter().any(|p| lower.starts_with(p)) {
        return Secrecy::Default;
    }
    Secrecy::Literal
}

/// Whether a value is an address without credentials: `https://shop/reset`, `api/v2/user/reset-password`.
pub(crate) fn is_route(literal: &str) -> bool {
    if let Some((scheme, rest)) = literal.split_once("://") {
        return matches!(scheme, "http" | "https") && !rest.contains('@');
    }
    let is_segment = |s: &str| {
        let word =
            s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.'));
        let parameter = s.starts_with(['<', '{', ':']);
        parameter || (word && s.starts_with(|c: char| c.is_ascii_lowercase()) && s.len() < 32)
    };
    literal.split('/').count() > 2 && literal.split('/').all(is_segment)
}

/// The literal in a value: the default of a single placeholder, the value itself otherwise; empty when it is
/// made of placeholders only.
fn literal_of(value: &str) -> &str {
    let Some(rest) = value.strip_prefix("${") else { return value };
    let Some(inside) = rest.strip_suffix('}') else { return value };
    if inside.contains('}') {
        return "";
    }
    let default =
        inside.split_once(":-").or_else(|| inside.split_once(":=")).or_else(|| inside.split_once(':'));
    match default.map(|(_, d)| d).or_else(|| inside.split_once('-').map(|(_, d)| d)) {
        Some(default) if !default.starts_with('?') => default,
        _ => "",
    }
}

/// A value as it may be stored: literals of secrets hidden, also passwords in addresses. The placeholder around a
/// default stays.
pub(crate) fn hidden(key: &str, value: &str) -> String {
    if is_key(key) && judge(value) != Secrecy::Harmless {
        return without_default(value);
    }
    masked(value)
}

/// What is stored instead of a secret: `***`, or `${NAME:***}` when the secret is the default of a placeholder.
fn without_default(value: &str) -> String {
    let default = literal_of(value.trim());
    match value.trim().strip_suffix('}').and_then(|v| v.strip_suffix(default)) {
        Some(before) if before.starts_with("${") && !default.is_empty() => format!("{before}***}}"),
        _ => "***".to_owned(),
    }
}

/// Tells of a secret in a file, by its name. `detail` says how it stands there.
pub(crate) fn tell(secrecy: Secrecy, name: &str, detail: &str, line: usize, out: &mut Sightings) {
    if secrecy == Secrecy::Harmless {
        return;
    }
    out.practice(line, Aspect::LiteralSecret, State::Present, name, detail);
    if secrecy == Secrecy::Default {
        let known = "a value that everybody tries first";
        out.practice(line, Aspect::DefaultCredentials, State::Present, name, known);
    }
}

/// Tells of the password in an address.
pub(crate) fn tell_account(account: &Account<'_>, line: usize, out: &mut Sightings) {
    let name = if account.user.is_empty() { "connection string" } else { account.user };
    tell(account.secrecy, name, "literal value in an address", line, out);
}

/// Tells of a secret in a setting; the account is the name beside it, when there is one.
pub(crate) fn tell_setting(key: &str, value: &str, account: Option<&str>, line: usize, out: &mut Sightings) {
    if !is_key(key) {
        if let Some(account) = in_address(value) {
            tell(account.secrecy, key, "literal value in an address", line, out);
        } else if cleaned(value).is_some() {
            tell(Secrecy::Literal, key, "literal value in an address", line, out);
        }
        return;
    }
    let is_default = value.trim().starts_with("${");
    let detail = if is_default { "literal value as a default" } else { "literal value" };
    // A password that is the name of its user is tried as early as any.
    let same = account.is_some_and(|a| !a.is_empty() && a == value.trim());
    match judge(value) {
        Secrecy::Literal if same => {
            out.practice(line, Aspect::LiteralSecret, State::Present, key, detail);
            let same = "the password is the name of its user";
            out.practice(line, Aspect::DefaultCredentials, State::Present, key, same);
        }
        Secrecy::Default if literal::signs(key) => tell(Secrecy::Literal, key, detail, line, out),
        secrecy => tell(secrecy, key, detail, line, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_secrets_are_told_from_keys_about_them() {
        for key in [
            "DB_PASSWORD",
            "spring.datasource.password",
            "apiKey",
            "JWT_SECRET",
            "GITHUB_TOKEN",
            "aws_secret_access_key",
            "encrypt.key",
            "jwt.key-value",
        ] {
            assert!(is_key(key), "{key}");
        }
        for key in [
            "TOKEN_EXPIRY",
            "PASSWORD_FILE",
            "secretName",
            "PORT",
            "keyspace",
            "JWT_SECRET_PATH",
            "tokenizer",
            "security.oauth2.client.access-token-uri",
            "token.validity",
            "mail.password-reset.subject",
        ] {
            assert!(!is_key(key), "{key}");
        }
    }

    #[test]
    fn references_and_flags_are_no_secrets() {
        for value in [
            "",
            "${X}",
            "true",
            "/run/secrets/db",
            "{{ .Values.x }}",
            "$(SECRET)",
            "${A:?must be set}",
            "{cipher}4af1",
            "ENC(4af1)",
            "prefix-${X}",
            "GOOGLE_API_KEY_VAL",
        ] {
            assert_eq!(judge(value), Secrecy::Harmless, "{value}");
        }
        assert_eq!(judge("${X:-s3cr3t-Value}"), Secrecy::Literal);
        assert_eq!(judge("changeme"), Secrecy::Default);
        assert_eq!(judge("hT7!x"), Secrecy::Literal);
    }

    #[test]
    fn routes_are_no_secrets() {
        assert_eq!(judge("api/v2/user/reset-password"), Secrecy::Harmless);
        assert_eq!(judge("https://shop.example/reset"), Secrecy::Harmless);
        assert_eq!(judge("wJalrXUt/K7MDENG/bPxRfiCY"), Secrecy::Literal);
    }

    #[test]
    fn passwords_in_urls_are_hidden() {
        assert_eq!(
            hidden("DATABASE_URL", "postgres://shop:s3cret@db:5432/shop"),
            "postgres://shop:***@db:5432/shop"
        );
        assert_eq!(hidden("URL", "postgres://shop:${PW}@db/x"), "postgres://shop:${PW}@db/x");
        assert_eq!(hidden("DB_PASSWORD", "abc"), "***");
    }

    #[test]
    fn the_placeholder_around_a_default_stays() {
        assert_eq!(hidden("a.client-secret", "${S:abc}"), "${S:***}");
        assert_eq!(hidden("DB_PASSWORD", "${PW:-hT7!x}"), "${PW:-***}");
        assert_eq!(hidden("DB_PASSWORD", "${PW}"), "${PW}");
    }

    #[test]
    fn a_password_that_is_the_name_of_its_user_is_a_default() {
        let told = |value: &str, account: &str| {
            let mut out = Sightings::new("a.yml", "test");
            tell_setting("spring.datasource.password", value, Some(account), 1, &mut out);
            out.items.len()
        };
        assert_eq!(told("orders", "orders"), 2);
        assert_eq!(told("hT7!x", "orders"), 1);
        assert_eq!(told("${PW}", "orders"), 0);
    }
}
