//! Passwords in addresses and connection strings: found, told of whom, hidden.

use super::{Secrecy, is_key, judge, without_default};

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
        out.push(':');
        out.push_str(&without_default(password));
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
    (is_name && !is_digest && judge(password) != Secrecy::Harmless)
        .then(|| format!("{user}:{}{tail}", without_default(password)))
}

/// A text with the values of parameters hidden whose names are those of secrets: `?api_key=x`, `;Password=x`.
fn parameters_hidden(text: &str) -> Option<String> {
    if !text.contains('=') {
        return None;
    }
    let ends = |c: char| matches!(c, '&' | ';' | '#' | '"' | '\'' | ',' | ')') || c.is_whitespace();
    let in_list = text.contains("://") || text.contains('@') || text.matches('=').nth(1).is_some();
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find('=') {
        let (before, value) = (rest.get(..at).unwrap_or(""), rest.get(at + 1..).unwrap_or(""));
        let start = before.rfind(|c: char| ends(c) || c == '?').map_or(0, |i| i + 1);
        let name = before.get(start..).unwrap_or("").trim_start_matches('-');
        let end = value.find(ends).unwrap_or(value.len());
        let (value, after) = value.split_at(end);
        let inside = start > 0 || in_list;
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

/// User, password and the rest (from `@` on) of what follows `scheme://`. What stands in braces is one piece.
pub(crate) fn user_info(after: &str) -> Option<(&str, &str, &str)> {
    let mut depth = 0usize;
    let mut colon = None;
    let mut at = None;
    for (i, c) in after.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' | '?' | '#' | ' ' | '"' | '\'' if depth == 0 => break,
            ':' if depth == 0 && colon.is_none() => colon = Some(i),
            '@' if depth == 0 => at = Some(i),
            _ => {}
        }
    }
    let (colon, at) = (colon?, at?);
    Some((after.get(..colon)?, after.get(colon + 1..at)?, after.get(at..)?))
}

/// A text as it may be stored: without the passwords of its addresses.
pub(crate) fn masked(text: &str) -> String {
    cleaned(text).unwrap_or_else(|| text.to_owned())
}

/// An account in an address whose password is written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account<'a> {
    /// The user; empty when only a password is given.
    pub(crate) user: &'a str,
    /// What the password is.
    pub(crate) secrecy: Secrecy,
}

/// The account in a connection string: `amqp://guest:guest@mq`, `root:x@tcp(db:3306)/shop`.
pub(crate) fn in_address(text: &str) -> Option<Account<'_>> {
    let after = match text.split_once("://") {
        Some((scheme, after)) if !scheme.contains(char::is_whitespace) => after,
        None if text.contains("@tcp(") || text.contains("@unix(") => text,
        _ => return None,
    };
    let (user, password, _) = user_info(after)?;
    if password.contains(['*', '{']) && judge(password) == Secrecy::Literal {
        return None;
    }
    match judge(password) {
        Secrecy::Harmless => None,
        Secrecy::Literal if user == password => Some(Account { user, secrecy: Secrecy::Default }),
        secrecy => Some(Account { user, secrecy }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn accounts_are_found_in_addresses() {
        let found = |text: &str| in_address(text).map(|a| (a.user.to_owned(), a.secrecy));
        let account = |user: &str, secrecy| Some((user.to_owned(), secrecy));
        assert_eq!(found("amqp://guest:guest@mq:5672/"), account("guest", Secrecy::Default));
        assert_eq!(found("mysql://shop:shop@db/x"), account("shop", Secrecy::Default));
        assert_eq!(found("redis://:hT7!x@cache"), account("", Secrecy::Literal));
        assert_eq!(found("root:hT7!x@tcp(db:3306)/x"), account("root", Secrecy::Literal));
        for text in
            ["amqp://a:${P}@mq", "http://h:80/a@b", "postgres://u:{password}@db", "a:b@c", "http://db:5432"]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn defaults_inside_addresses_are_hidden_and_their_placeholders_stay() {
        for (text, expected) in [
            ("postgres://${U:app}:${P:hT7!x}@${H:db}/x", "postgres://${U:app}:${P:***}@${H:db}/x"),
            ("root:hT7!x@tcp(db:3306)/x", "root:***@tcp(db:3306)/x"),
            ("password=hT7!x host=db", "password=*** host=db"),
        ] {
            assert_eq!(masked(text), expected);
        }
        assert_eq!(masked("http://a/b@c"), "http://a/b@c");
    }
}
