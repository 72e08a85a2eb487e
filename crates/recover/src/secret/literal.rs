//! Secrets as string literals in code: by the name they are given and by the shape of the value.
//!
//! In code a string under such a name is often something else: the name of a field, a message, a part of a path.

use super::{Secrecy, is_key, is_route, judge, words};

/// Words of names that speak about a secret wherever they stand: `resetPassword`, `passwordMismatch`.
const ABOUT: &[&str] = &[
    "reset",
    "forgot",
    "change",
    "confirm",
    "invalid",
    "wrong",
    "incorrect",
    "mismatch",
    "verify",
    "csrf",
    "hash",
    "field",
    "label",
    "prompt",
    "placeholder",
    "error",
    "message",
    "next",
    "page",
    "continuation",
    "sync",
    "header",
    "prefix",
    "pad",
    "eos",
    "bos",
    "unk",
    "mask",
    "input",
    "required",
    "visible",
    "id",
    "is",
    "has",
];

/// Values that name a kind of thing: types, schemes, places of a request.
const KINDS: &[&str] = &[
    "string",
    "str",
    "text",
    "number",
    "boolean",
    "varchar",
    "required",
    "hidden",
    "bearer",
    "basic",
    "jwt",
    "header",
    "query",
    "include",
    "omit",
    "same-origin",
    "asc",
    "desc",
    "access_token",
    "refresh_token",
    "x-api-key",
    "authorization",
    "function",
    "object",
];

/// Whether a name in code is that of a secret: of a variable, a field, an entry.
pub(crate) fn is_name(name: &str) -> bool {
    let name = name.rsplit(['.', '[']).next().unwrap_or(name).trim_matches(['"', '\'', ']', ' ', '$']);
    is_key(name) && !words(name).iter().any(|w| ABOUT.contains(&w.as_str()))
}

/// What a string literal under a name is.
pub(crate) fn judge_literal(name: &str, value: &str) -> Secrecy {
    if !is_name(name) || !can_be_secret(value) {
        return Secrecy::Harmless;
    }
    // A constant that repeats its name is the name of a field: `PASSWORD = "password"`.
    let is_constant = name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    if is_constant && flat(name) == flat(value) {
        return Secrecy::Harmless;
    }
    match judge(value) {
        Secrecy::Literal if is_strong_enough(name, value) => Secrecy::Literal,
        Secrecy::Literal | Secrecy::Harmless => Secrecy::Harmless,
        // A key that signs is nobody's account, however common it is.
        Secrecy::Default if signs(name) => Secrecy::Literal,
        Secrecy::Default => Secrecy::Default,
    }
}

/// Whether a name is that of a key that signs or encrypts.
pub(crate) fn signs(name: &str) -> bool {
    let flat = flat(name);
    ["jwt", "signing", "secretkey", "encryptionkey"].iter().any(|w| flat.contains(w))
}

fn flat(text: &str) -> String {
    text.to_ascii_lowercase().replace(['_', '-', ' '], "")
}

/// Whether a literal has the shape of a secret: no sentence, path, type, placeholder or key of messages.
fn can_be_secret(value: &str) -> bool {
    let is_letters = |p: &str| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphabetic());
    value.len() >= 3
        && !value.contains([' ', '\t', '\n', '<', '(', '{', '}'])
        && !value.starts_with(['/', '.', '$', '%', '#', '@', '*'])
        && !value.contains("://")
        && !is_route(value)
        && !KINDS.contains(&value.to_ascii_lowercase().as_str())
        // `PASSWORD_MISMATCH`, `auth.password`: keys of messages.
        && !(value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        && !(value.contains('.') && value.split('.').all(is_letters))
}

/// Whether a value that nobody tries first is a secret rather than a word: the vaguer the name, the more it takes.
fn is_strong_enough(name: &str, value: &str) -> bool {
    let last = words(name).pop().unwrap_or_default();
    let has_digit = value.chars().any(|c| c.is_ascii_digit());
    let plain = value.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '-' | '.' | ':'));
    let shouted = value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let name_flat = flat(name.rsplit('.').next().unwrap_or(name));
    if name_flat == flat(value) {
        return false;
    }
    // What signs is secret however plain it is.
    if ["jwt", "secret", "signing"].iter().any(|w| name_flat.contains(w)) {
        return !shouted || value.len() < 6;
    }
    if matches!(
        last.as_str(),
        "token" | "tokens" | "salt" | "credential" | "credentials" | "pass" | "pw" | "psk"
    ) {
        return value.len() >= 8 && has_digit;
    }
    // A word of a message: `Updated.`
    let is_word = value.starts_with(|c: char| c.is_ascii_uppercase())
        && value.trim_end_matches(['.', '!']).chars().skip(1).all(|c| c.is_ascii_lowercase());
    let names_itself = plain && ["password", "secret", "key"].iter().any(|w| value.contains(w));
    value.len() >= 4 && !is_word && !names_itself && !shouted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_in_code_are_told_from_names_and_messages() {
        for (name, value) in [
            ("SECRET_KEY", "random"),
            ("API_GATEWAY_PASSWORD", "Pa$$4Vendor_1"),
            ("jwtSecret", "mycompanysecret"),
            ("token", "hT7xq9zt2m"),
            ("this.dbPassword", "hT7!x"),
        ] {
            assert_eq!(judge_literal(name, value), Secrecy::Literal, "{name}");
        }
        assert_eq!(judge_literal("password", "root"), Secrecy::Default);
        assert_eq!(judge_literal("jwtSecretKey", "secret"), Secrecy::Literal);
        for (name, value) in [
            ("RESET_PASSWORD", "reset-password-1"),
            ("password_field", "password"),
            ("token", "access_token"),
            ("nextToken", "hT7xq9zt2m"),
            ("db.password", "${DB_PASSWORD}"),
            ("Password", "Updated."),
            ("SECRET_FILE", "/run/secrets/x"),
            ("clientSecret", "client_secret"),
            ("passwordMismatch", "PASSWORD_MISMATCH"),
            ("password", "auth.password"),
            ("password", "api/v2/user/reset-password"),
            ("accessKeyId", "AKIAIOSFODNN7"),
            ("TOKEN", "X-Auth-Token"),
            ("PASSWORD", "password"),
        ] {
            assert_eq!(judge_literal(name, value), Secrecy::Harmless, "{name}");
        }
    }
}
