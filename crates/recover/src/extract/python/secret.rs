//! Secrets as literals: by the name they are given and by the shape of the value. Values never leave this file.

use std::sync::LazyLock;

use regex::Regex;

/// What a literal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A secret.
    Secret,
    /// A password everybody knows.
    Default,
}

/// Passwords everybody tries.
const DEFAULTS: &[&str] = &[
    "guest",
    "root",
    "admin",
    "password",
    "passwd",
    "postgres",
    "mysql",
    "test",
    "secret",
    "changeme",
    "change_me",
    "change-me",
    "123456",
    "12345678",
    "1234",
    "example",
    "default",
    "pass",
    "user",
    "toor",
    "minioadmin",
    "rabbitmq",
    "redis",
    "mongo",
];

static KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(^|[_\-.])?(password|passwd|passphrase|pwd|secret|secret_?key|api_?key|access_?key|private_?key|signing_?key|encryption_?key|jwt_?key|hmac_?key|auth_?token|access_?token|api_?token|bearer_?token|webhook_?secret|client_?secret|credentials?|_pass|token|salt)$",
    )
    .expect("the pattern is fixed")
});

/// Names that only speak about a secret.
static ABOUT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(reset|forgot|change|confirm|invalid|wrong|verify|csrf|hash|field|label|prompt|placeholder|error|message|next|page|continuation|sync|header|prefix|pad|eos|bos|unk|mask)").expect("the pattern is fixed")
});

/// Whether a name is that of a secret.
pub(crate) fn is_key(name: &str) -> bool {
    let name = name.rsplit(['.', '[']).next().unwrap_or(name).trim_matches(['"', '\'', ']', ' ']);
    KEY.is_match(name) && !ABOUT.is_match(name)
}

/// What a literal value under a secret's name is; nothing when it is none.
pub(crate) fn judge(name: &str, value: &str) -> Option<Kind> {
    if !is_key(name) || value.is_empty() || value.contains(char::is_whitespace) || value.contains("${") {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    let is_url = value.contains("://") || value.starts_with(['/', '.', '{', '<', '%', '$', '*']);
    if is_url || matches!(lower.as_str(), "true" | "false" | "none" | "null" | "bearer" | "string" | "str") {
        return None;
    }
    let key = name.to_ascii_lowercase();
    if DEFAULTS.contains(&lower.as_str()) {
        return Some(Kind::Default);
    }
    // `TOKEN = "token_type"`: a name of something, not the thing
    let plain = |v: &str| v.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '-' | '.' | ':'));
    let upper = |v: &str| v.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let is_signing = key.contains("secret_key")
        || key.contains("secretkey")
        || key.contains("jwt")
        || key.contains("signing");
    if is_signing {
        return (!upper(value) || value.len() < 6).then_some(Kind::Secret);
    }
    if key.ends_with("token")
        || key.ends_with("salt")
        || key.ends_with("credential")
        || key.ends_with("credentials")
    {
        return (value.len() >= 12 && !plain(value) && !upper(value)).then_some(Kind::Secret);
    }
    // a word of a message: `Updated.`
    let word = value.trim_end_matches(['.', '!']).chars().skip(1).all(|c| c.is_ascii_lowercase())
        && value.starts_with(|c: char| c.is_ascii_uppercase());
    if word {
        return None;
    }
    let names_itself =
        plain(value) && (value.contains("password") || value.contains("secret") || value.contains("key"));
    (value.len() >= 4 && !names_itself && !upper(value) && !value.contains('{')).then_some(Kind::Secret)
}

static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([a-zA-Z][\w+.\-]*://|)([^:/@\s]*):([^@\s]+)@").expect("the pattern is fixed")
});

/// The account and the kind of password in a connection string, when the password is a literal.
pub(crate) fn in_url(url: &str) -> Option<(String, Kind)> {
    let found = URL.captures(url)?;
    let (scheme, user, password) = (found.get(1)?.as_str(), found.get(2)?.as_str(), found.get(3)?.as_str());
    if password.contains(['{', '$', '%', '<', '*', '/']) || user.is_empty() {
        return None;
    }
    if scheme.is_empty() && !url.contains("@tcp(") {
        return None;
    }
    let known = DEFAULTS.contains(&password.to_ascii_lowercase().as_str()) || user == password;
    Some((user.to_owned(), if known { Kind::Default } else { Kind::Secret }))
}

static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(://[^:/@\s{]*|^[^:/@\s{]*):([^@\s/][^@\s]*)@").expect("the pattern is fixed")
});

static ASSIGNED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\b(password|pwd)=([^\s;&{$]+)").expect("the pattern is fixed"));

/// A connection string whose literal password is replaced by `***`.
pub(crate) fn masked(url: &str) -> String {
    let mut out = url.to_owned();
    if let Some(found) = HIDDEN.captures(url)
        && let Some(password) = found.get(2)
        && !password.as_str().starts_with(['$', '{'])
    {
        out.replace_range(password.range(), "***");
    }
    ASSIGNED.replace_all(&out, "$1=***").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_what_only_looks_like_one() {
        assert_eq!(judge("SECRET_KEY", "random"), Some(Kind::Secret));
        assert_eq!(judge("API_GATEWAY_PASSWORD", "Pa$$4Vendor_1"), Some(Kind::Secret));
        assert_eq!(judge("password", "root"), Some(Kind::Default));
        assert_eq!(judge("RESET_PASSWORD", "reset-password-1"), None);
        assert_eq!(judge("password_field", "password"), None);
        assert_eq!(judge("token", "access_token"), None);
        assert_eq!(judge("db.password", "${DB_PASSWORD}"), None);
        assert_eq!(judge("Password", "Updated."), None);
        assert_eq!(judge("SECRET_FILE", "/run/secrets/x"), None);
    }

    #[test]
    fn passwords_in_urls_are_hidden() {
        assert_eq!(in_url("amqp://guest:guest@mq:5672/"), Some(("guest".to_owned(), Kind::Default)));
        assert_eq!(in_url("amqp://a:${P}@mq"), None);
        assert_eq!(in_url("http://h:80/a@b"), None);
        assert_eq!(masked("postgres://a:s3cr3t@db/x"), "postgres://a:***@db/x");
        assert_eq!(masked("postgres://a:${P:x}@db/x"), "postgres://a:${P:x}@db/x");
        assert_eq!(masked("user:pw@tcp(db:3306)/x"), "user:***@tcp(db:3306)/x");
    }
}
