//! Words by which middleware, guards and fields are known: idioms of the language's libraries.

/// Names of middleware that asks who is calling.
const AUTHENTICATION: &[&str] = &[
    "jwt",
    "passport",
    "loggedin",
    "login",
    "protect",
    "token",
    "bearer",
    "apikey",
    "api_key",
    "authguard",
    "restrict",
    "secured",
    "keycloak",
    "clerk",
    "signedin",
    "requireuser",
    "currentuser",
    "ensureuser",
    "verifysession",
    "requiresession",
    "isuser",
    "oidc",
    "oauth",
    "cognito",
    "requiresauth",
    "auth0",
];

/// Names of middleware that asks for a role.
const AUTHORIZATION: &[&str] = &[
    "role",
    "permission",
    "authoriz",
    "authoris",
    "isadmin",
    "requireadmin",
    "adminonly",
    "ensureadmin",
    "checkadmin",
    "adminguard",
    "acl",
    "scope",
    "polic",
    "ability",
    "rbac",
    "casl",
    "checkaccess",
    "isowner",
    "requireowner",
];

/// Names of middleware that limits the rate.
const RATE: &[&str] = &[
    "ratelimit",
    "rate-limit",
    "rate_limit",
    "limiter",
    "throttl",
    "slowdown",
    "slow-down",
    "bruteforce",
    "brute",
];

/// Whether a text names authentication. `author` is somebody else.
pub(in crate::extract) fn authenticates(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut rest = lower.as_str();
    while let Some(at) = rest.find("auth") {
        let after = rest.get(at + 4..).unwrap_or("");
        if !after.starts_with("or") || after.starts_with("oriz") || after.starts_with("oris") {
            return !lower.contains("auth: false") && !lower.contains("auth false");
        }
        rest = after;
    }
    AUTHENTICATION.iter().any(|w| lower.contains(w)) && !lower.contains("csrf")
}

/// Whether a text names authorization.
pub(in crate::extract) fn authorizes(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    AUTHORIZATION.iter().any(|w| lower.contains(w))
}

/// Whether a text names a limit of rate.
pub(in crate::extract) fn limits_rate(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    RATE.iter().any(|w| lower.contains(w))
}

/// The roles named in what stands before a handler: the literals of `requireRole('admin')`.
pub(in crate::extract) fn roles(before: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for text in before.iter().filter(|t| authorizes(t)) {
        for (i, part) in text.split(['\'', '"']).enumerate() {
            let is_name = part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '.'));
            if i % 2 == 1 && is_name && !part.is_empty() && found.len() < 8 {
                found.push(part.to_owned());
            }
        }
    }
    found
}

/// Names of fields that hold secrets.
const SECRETS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "api_key",
    "accesskey",
    "access_key",
    "privatekey",
    "private_key",
    "authtoken",
    "auth_token",
    "accesstoken",
    "access_token",
    "clientsecret",
    "signingkey",
    "signing_key",
    "encryptionkey",
    "encryption_key",
    "jwtkey",
    "jwt_key",
    "credential",
    "masterkey",
    "bottoken",
    "pwd",
    "webhooksecret",
];

/// Ends of names that speak of a secret without holding one.
const ABOUT: &[&str] = &[
    "field",
    "name",
    "id",
    "label",
    "placeholder",
    "hash",
    "url",
    "uri",
    "path",
    "file",
    "length",
    "type",
    "regex",
    "pattern",
    "error",
    "message",
    "header",
    "expiry",
    "expiration",
    "expires",
    "input",
    "policy",
    "reset",
    "confirm",
    "attempts",
    "required",
    "strength",
    "min",
    "max",
    "text",
    "title",
    "key_name",
    "visible",
    "schema",
    "route",
    "endpoint",
    "prefix",
    "ttl",
    "param",
    "invalid",
    "mismatch",
    "event",
    "action",
    "page",
    "form",
    "count",
    "incorrect",
];

/// Whether a name is of something that holds a secret.
pub(in crate::extract) fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase().replace('-', "_");
    if matches!(lower.as_str(), "token" | "pass") {
        return true;
    }
    let named = SECRETS.iter().any(|w| lower.contains(w))
        || lower.ends_with("_token")
        || lower.ends_with("secret_key")
        || lower.ends_with("secretkey");
    named
        && !ABOUT.iter().any(|w| lower.ends_with(w))
        && !lower.starts_with("is")
        && !lower.starts_with("has")
}

/// Passwords that everybody tries first.
const DEFAULTS: &[&str] = &[
    "admin",
    "root",
    "password",
    "postgres",
    "guest",
    "changeme",
    "change_me",
    "change-me",
    "secret",
    "test",
    "123456",
    "12345678",
    "example",
    "default",
    "user",
    "mysql",
    "mongo",
    "rabbitmq",
    "minioadmin",
    "qwerty",
    "letmein",
    "pass",
    "1234",
    "password123",
    "keyboard cat",
    "keyboardcat",
    "supersecret",
    "mysecret",
    "your-secret-key",
    "secretkey",
];

/// Whether a value is one that everybody tries first.
pub(in crate::extract) fn is_default_secret(value: &str) -> bool {
    DEFAULTS.contains(&value.to_ascii_lowercase().as_str())
}

/// Whether a literal can be a secret: not a sentence, a path, a type's name, a placeholder or a switch.
pub(in crate::extract) fn can_be_secret(name: &str, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let flat = |t: &str| t.to_ascii_lowercase().replace(['_', '-', ' '], "");
    // A bare `token` is often a name of something; a secret has digits.
    let vague = matches!(name.to_ascii_lowercase().as_str(), "token" | "pass");
    (!vague || value.len() >= 8 && value.chars().any(|c| c.is_ascii_digit()))
        && value.len() >= 3
        && !value.contains([' ', '<', '{', '}', '(', '\n'])
        && !value.starts_with(['/', '.', '$', '%', '#', '@'])
        && !lower.starts_with("http")
        && !lower.contains("://")
        && !crate::secret::is_route(value)
        && (flat(name) != flat(value) || is_default_secret(value))
        && !matches!(
            lower.as_str(),
            "string" | "text" | "number" | "boolean" | "varchar" | "required" | "hidden" | "true" | "false" | "null"
                | "undefined" | "none" | "bearer" | "basic" | "jwt" | "header" | "query" | "include" | "omit" | "same-origin"
                | "asc" | "desc" | "access_token" | "refresh_token" | "x-api-key" | "authorization" | "function" | "object"
        )
        // `PASSWORD_MISMATCH`, `auth.password`: names of messages, not secrets.
        && !(value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        && !(value.contains('.') && value.split('.').all(|p| !p.is_empty() && p.chars().all(|c| c.is_ascii_alphabetic())))
}

/// Hides the password of a connection string.
pub(in crate::extract) fn mask(url: &str) -> String {
    match password_of(url) {
        Some((from, to)) => {
            let (before, after) = (url.get(..from).unwrap_or(""), url.get(to..).unwrap_or(""));
            format!("{before}***{after}")
        }
        None => url.to_owned(),
    }
}

/// The bytes of the password of a connection string, when it is a literal.
pub(in crate::extract) fn password_of(url: &str) -> Option<(usize, usize)> {
    let start = url.find("://")? + 3;
    let rest = url.get(start..)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let at = rest.get(..end)?.rfind('@')?;
    let colon = rest.get(..at)?.find(':')?;
    let password = rest.get(colon + 1..at)?;
    let literal = !password.is_empty() && !password.contains(['{', '}', '*', '<']);
    (literal && !rest.get(..colon)?.contains("${")).then_some((start + colon + 1, start + at))
}

/// Names of card data that must not be kept.
pub(in crate::extract) const CARD: &[&str] = &[
    "cardnumber",
    "card_number",
    "creditcardnumber",
    "credit_card_number",
    "ccnumber",
    "cc_number",
    "cvv",
    "cvc",
    "cardcvv",
    "card_cvv",
    "creditcardcvv",
    "credit_card_cvv",
    "card_cvc",
    "cardcvc",
    "securitycode",
    "cvv2",
    "pan",
    "primaryaccountnumber",
    "ccnum",
    "longnum",
];

/// Whether a name is of an amount of money.
pub(in crate::extract) fn is_money(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["amount", "price", "balance", "total", "cost", "fee", "salary", "subtotal"]
        .iter()
        .any(|w| lower == *w || lower.ends_with(w) || lower.starts_with(&format!("{w}_")))
        && !lower.contains("count")
        && !lower.contains("pages")
}
