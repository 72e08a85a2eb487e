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
