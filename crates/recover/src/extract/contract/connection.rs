//! Connection strings in code and configuration: their secrets, and how they are shown.

use loadcase_model::{Aspect, State};

use crate::secret::{Secrecy, judge};
use crate::source::Sightings;

/// A connection string with its password hidden.
pub(crate) fn hidden(value: &str) -> String {
    let shown: Vec<String> = value
        .split(';')
        .map(|pair| match pair.split_once('=') {
            Some((key, password)) if is_password(key) && judge(password) != Secrecy::Harmless => {
                format!("{key}=***")
            }
            _ => pair.to_owned(),
        })
        .collect();
    let shown = shown.join(";");
    crate::secret::url_hidden(&shown).unwrap_or(shown)
}

fn is_password(key: &str) -> bool {
    ["password", "pwd", "accountkey", "sharedaccesskey", "key"]
        .iter()
        .any(|k| key.trim().eq_ignore_ascii_case(k))
}

/// The secrets in a connection string.
pub(crate) fn secrets(value: &str, line: usize, out: &mut Sightings) {
    let pairs: Vec<(&str, &str)> = value.split(';').filter_map(|p| p.split_once('=')).collect();
    let user = pairs
        .iter()
        .find(|(k, _)| {
            ["user", "username", "user id", "uid", "userid"].contains(&k.trim().to_ascii_lowercase().as_str())
        })
        .map(|(_, v)| *v);
    for (key, password) in pairs.iter().filter(|(k, _)| is_password(k)) {
        match judge(password) {
            Secrecy::Harmless => continue,
            Secrecy::Default => {
                let detail = user.unwrap_or("a password that everybody tries first");
                out.practice(line, Aspect::DefaultCredentials, State::Present, *key, detail);
            }
            Secrecy::Literal => {
                out.practice(line, Aspect::LiteralSecret, State::Present, *key, "literal value");
            }
        }
    }
    if value.contains("://")
        && let Some((_, password, _)) =
            value.split_once("://").and_then(|(_, rest)| crate::secret::user_info(rest))
    {
        match judge(password) {
            Secrecy::Harmless => {}
            Secrecy::Default => {
                out.practice(
                    line,
                    Aspect::DefaultCredentials,
                    State::Present,
                    "url",
                    "a password that everybody tries first",
                );
            }
            Secrecy::Literal => {
                out.practice(line, Aspect::LiteralSecret, State::Present, "url", "literal value");
            }
        }
    }
    for (key, size) in &pairs {
        let key = key.trim();
        if ["Max Pool Size", "MaxPoolSize", "Maximum Pool Size"].iter().any(|k| key.eq_ignore_ascii_case(k)) {
            out.practice(line, Aspect::ConnectionPool, State::Present, key, *size);
        }
        let lax = key.eq_ignore_ascii_case("TrustServerCertificate") && size.eq_ignore_ascii_case("true");
        if lax {
            out.practice(line, Aspect::TlsVerification, State::Absent, key, "any certificate is accepted");
        }
    }
}
