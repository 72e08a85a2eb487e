//! Secrets in settings: which keys hold them, and how a value is kept out of what is stored.

use loadcase_model::{Aspect, State};

use crate::source::Sightings;

/// Ends of keys that hold secrets, without separators.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "secret",
    "secretkey",
    "apikey",
    "accesskey",
    "privatekey",
    "signingkey",
    "clientsecret",
    "token",
    "authtoken",
    "accesstoken",
    "passphrase",
    "credentials",
    "encryptkey",
    "keyvalue",
    "pass",
    "secretaccesskey",
    "jwtkey",
    "apitoken",
    "masterkey",
    "encryptionkey",
    "accountkey",
    "verifierkey",
];

/// Values that only hold a place.
const PLACES: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "changeit",
    "none",
    "todo",
    "example",
    "xxx",
    "xxxx",
    "***",
    "your-secret",
    "yoursecret",
    "placeholder",
    "dummy",
];

/// Values that everybody tries first.
const COMMON: &[&str] = &[
    "password", "admin", "root", "secret", "guest", "test", "123456", "12345", "1234", "user", "default",
    "postgres", "pass", "qwerty", "letmein", "demo", "rabbitmq", "mysql", "mongo", "sa",
];

/// Whether a key holds a secret.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let plain: String = key
        .rsplit('.')
        .next()
        .unwrap_or(key)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let last_two: String = key.rsplit('.').take(2).collect::<Vec<_>>().into_iter().rev().collect();
    let last_two: String =
        last_two.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    SECRET.iter().any(|s| plain == *s || plain.ends_with(s) && !matches!(*s, "pass" | "token" | "keyvalue"))
        || plain == "token"
        || plain.ends_with("apitoken")
        || plain.ends_with("accesstoken")
        || last_two.ends_with("encryptkey")
        || last_two.ends_with("jwtkeyvalue")
}

/// What a value of a secret key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// Nothing worth hiding: empty, a reference, a path, a switch.
    Nothing,
    /// A word that only holds a place.
    Place,
    /// A secret; one that everybody tries first when common.
    Secret { common: bool },
}

fn held(value: &str) -> Held {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    let reference = value.starts_with("${") && value.ends_with('}');
    if value.is_empty()
        || matches!(lower.as_str(), "true" | "false" | "null" | "~" | "0" | "-1")
        || value.starts_with('/')
        || lower.starts_with("classpath:")
        || lower.starts_with("file:")
        || lower.starts_with("{cipher}")
        || lower.starts_with("enc(")
        || value.contains("#{")
    {
        return Held::Nothing;
    }
    if reference {
        let inner = value.trim_start_matches("${").trim_end_matches('}');
        let Some((_, default)) = inner.split_once(':') else { return Held::Nothing };
        return held(default.trim_start_matches('-'));
    }
    if value.contains("${") {
        return Held::Nothing;
    }
    if PLACES.contains(&lower.as_str()) || lower.starts_with('<') || lower.starts_with("your") {
        return Held::Place;
    }
    Held::Secret { common: COMMON.contains(&lower.as_str()) }
}

/// The value as it may be stored.
pub(crate) fn masked(key: &str, value: &str) -> String {
    if is_secret_key(key) {
        return match held(value) {
            Held::Nothing => value.to_owned(),
            _ if value.trim().starts_with("${") => {
                let name = value.trim().trim_start_matches("${");
                format!("${{{}:***}}", name.split(':').next().unwrap_or(name))
            }
            _ => "***".to_owned(),
        };
    }
    masked_url(value)
}

/// A URL whose password is left out: `mongodb://user:***@host`.
pub(crate) fn masked_url(value: &str) -> String {
    let value = masked_parameter(value);
    let Some((scheme, rest)) = value.split_once("://") else { return value };
    let Some((user, host)) = rest.split_once('@') else { return value };
    // A slash or question mark before the sign: it belongs to a path.
    if user.contains('/') && !user.contains("${") || user.contains('?') {
        return value;
    }
    match user.split_once(':') {
        Some((name, password)) if !password.starts_with("${") && !name.contains("${") => {
            format!("{scheme}://{name}:***@{host}")
        }
        _ => value,
    }
}

/// `?password=x` of a connection string.
fn masked_parameter(value: &str) -> String {
    let lower = value.to_ascii_lowercase();
    let Some(at) = lower.find("password=") else { return value.to_owned() };
    let from = at + "password=".len();
    let Some(rest) = value.get(from..) else { return value.to_owned() };
    if rest.starts_with("${") {
        return value.to_owned();
    }
    let end = rest.find(['&', ';', ' ', ',']).unwrap_or(rest.len());
    format!("{}***{}", value.get(..from).unwrap_or(""), rest.get(end..).unwrap_or(""))
}

/// Tells a secret that stands in a setting. The account is the name beside it, when there is one.
pub(crate) fn tell(key: &str, value: &str, account: Option<&str>, line: usize, out: &mut Sightings) {
    if is_secret_key(key) {
        let same = account.is_some_and(|a| !a.is_empty() && !a.contains("${") && a == value.trim());
        let who = account.unwrap_or("");
        match held(value) {
            Held::Nothing => {}
            Held::Place => out.practice(line, Aspect::DefaultCredentials, State::Present, key, who),
            Held::Secret { common } => {
                let detail = if value.trim().starts_with("${") {
                    "literal value as a default"
                } else {
                    "literal value"
                };
                out.practice(line, Aspect::LiteralSecret, State::Present, key, detail);
                if common || same {
                    out.practice(line, Aspect::DefaultCredentials, State::Present, key, who);
                }
            }
        }
    } else if masked_url(value) != value {
        out.practice(line, Aspect::LiteralSecret, State::Present, key, "literal value in an address");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_and_references_stay() {
        assert_eq!(masked("spring.datasource.password", "s3cr3t!"), "***");
        assert_eq!(masked("spring.datasource.password", "${DB_PASSWORD}"), "${DB_PASSWORD}");
        assert_eq!(masked("a.client-secret", "${S:abc}"), "${S:***}");
        assert_eq!(masked("x.uri", "mongodb://u:p@db/x"), "mongodb://u:***@db/x");
        assert_eq!(masked("x.url", "http://a/b@c"), "http://a/b@c");
        assert_eq!(
            masked("x.url", "jdbc:mysql://db/x?user=a&password=b&c=d"),
            "jdbc:mysql://db/x?user=a&password=***&c=d"
        );
        assert!(!is_secret_key("security.oauth2.client.access-token-uri"));
        assert!(!is_secret_key("token.validity"));
        assert!(is_secret_key("jwt.secret") && is_secret_key("encrypt.key"));
    }
}
