//! Secrets in files: which keys hold one, which values are one, and how they are hidden.

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
    "keyid",
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
    "field",
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
    let literal = literal_of(value);
    let lower = literal.to_ascii_lowercase();
    let is_path = literal.starts_with(['/', '.', '~']) && literal.contains('/')
        || lower.starts_with("file:")
        || lower.starts_with("classpath:");
    let refers = ["{{", "$(", "<%", "<", "arn:", "vault:", "ssm:", "secretref:", "op://", "***", "sm://"]
        .iter()
        .any(|p| lower.starts_with(p));
    if literal.is_empty()
        || matches!(lower.as_str(), "true" | "false" | "null" | "none" | "nil" | "yes" | "no" | "undefined")
        || is_path
        || refers
        || lower.starts_with("env_")
        || literal.starts_with('$')
    {
        return Secrecy::Harmless;
    }
    if TRIED_FIRST.contains(&lower.as_str()) {
        return Secrecy::Default;
    }
    let asks = ["changeme", "change-me", "change_me", "replaceme", "replace-me", "replace_me", "placeholder"];
    let hints = ["your-", "your_", "todo"];
    if asks.iter().any(|p| lower.contains(p)) || hints.iter().any(|p| lower.starts_with(p)) {
        return Secrecy::Default;
    }
    Secrecy::Literal
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

/// A value as it may be stored: literals of secrets hidden, also passwords in URLs.
pub(crate) fn hidden(key: &str, value: &str) -> String {
    if is_key(key) && judge(value) != Secrecy::Harmless {
        return "***".to_owned();
    }
    url_hidden(value).unwrap_or_else(|| value.to_owned())
}

/// A text with the password of each `scheme://user:password@host` hidden; nothing when there is none.
pub(crate) fn url_hidden(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        rest = after;
        let Some((user, password, tail)) = user_info(after) else { continue };
        if judge(password) == Secrecy::Harmless {
            continue;
        }
        found = true;
        out.push_str(user);
        out.push_str(":***");
        rest = tail;
    }
    out.push_str(rest);
    found.then_some(out)
}

/// A text without passwords in addresses and without values of parameters that hold secrets; nothing when there is
/// none to hide. For everything that is told of a file, whatever read it.
pub(crate) fn cleaned(text: &str) -> Option<String> {
    let urls = url_hidden(text);
    let text = urls.as_deref().unwrap_or(text);
    let bare = bare_hidden(text);
    let parameters = parameters_hidden(bare.as_deref().unwrap_or(text));
    parameters.or(bare).or(urls)
}

/// A text with the password of `user:password@host` hidden.
fn bare_hidden(text: &str) -> Option<String> {
    if text.contains("://") || text.contains(char::is_whitespace) || text.starts_with("jdbc:") {
        return None;
    }
    let (user, password, tail) = user_info(text)?;
    // The digest of an image stands behind the same mark.
    let is_digest = tail.get(1..).is_some_and(|t| t.starts_with("sha256:") || t.starts_with("sha512:"));
    let is_name = !user.is_empty() && user.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    (is_name && !is_digest && judge(password) != Secrecy::Harmless).then(|| format!("{user}:***{tail}"))
}

/// A text with the values of parameters hidden whose names are those of secrets: `?api_key=x`, `;Password=x`.
fn parameters_hidden(text: &str) -> Option<String> {
    if !text.contains('=') {
        return None;
    }
    let ends = |c: char| matches!(c, '&' | ';' | '#' | '"' | '\'' | ',' | ')') || c.is_whitespace();
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find('=') {
        let (before, value) = (rest.get(..at).unwrap_or(""), rest.get(at + 1..).unwrap_or(""));
        let start = before.rfind(|c: char| ends(c) || c == '?').map_or(0, |i| i + 1);
        let name = before.get(start..).unwrap_or("").trim_start_matches('-');
        let end = value.find(ends).unwrap_or(value.len());
        let (value, after) = value.split_at(end);
        let inside = start > 0 || text.contains("://") || text.contains('@');
        let is_secret = inside && (is_key(name) || name.eq_ignore_ascii_case("key"));
        out.push_str(before);
        out.push('=');
        if is_secret && !value.starts_with('{') && judge(value) != Secrecy::Harmless {
            found = true;
            out.push_str("***");
        } else {
            out.push_str(value);
        }
        rest = after;
    }
    out.push_str(rest);
    found.then_some(out)
}

/// User, password and the rest (from `@` on) of what follows `scheme://`.
pub(crate) fn user_info(after: &str) -> Option<(&str, &str, &str)> {
    let end = after.find(['/', '?', '#', ' ', '"', '\'']).unwrap_or(after.len());
    let authority = after.get(..end)?;
    let at = authority.rfind('@')?;
    let (user, password) = authority.get(..at)?.split_once(':')?;
    Some((user, password, after.get(at..)?))
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
        ] {
            assert!(!is_key(key), "{key}");
        }
    }

    #[test]
    fn references_and_flags_are_no_secrets() {
        for value in
            ["", "${X}", "true", "/run/secrets/db", "{{ .Values.x }}", "$(SECRET)", "${A:?must be set}"]
        {
            assert_eq!(judge(value), Secrecy::Harmless, "{value}");
        }
        assert_eq!(judge("${X:-s3cr3t-Value}"), Secrecy::Literal);
        assert_eq!(judge("changeme"), Secrecy::Default);
        assert_eq!(judge("hT7!x"), Secrecy::Literal);
    }

    #[test]
    fn parameters_and_bare_addresses_are_cleaned() {
        for (text, expected) in [
            ("https://a.example/x?page=1&api_key=hT7!x&b=2", "https://a.example/x?page=1&api_key=***&b=2"),
            ("/x?token=hT7!x", "/x?token=***"),
            ("jdbc:mysql://db/x?user=u&password=hT7!x", "jdbc:mysql://db/x?user=u&password=***"),
            (
                "Server=sql;User Id=sa;Password=hT7!x;Encrypt=true",
                "Server=sql;User Id=sa;Password=***;Encrypt=true",
            ),
            ("app:hT7!x@db.example", "app:***@db.example"),
            ("git+https://u:hT7!x@a.example/x.git", "git+https://u:***@a.example/x.git"),
        ] {
            assert_eq!(cleaned(text).as_deref(), Some(expected));
        }
        for text in [
            "nginx:1.27@sha256:0123",
            "jdbc:oracle:thin:@db:1521",
            "GET /a?page=1",
            "u:${PW}@db",
            "/x?token={token}",
        ] {
            assert_eq!(cleaned(text), None, "{text}");
        }
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
}
