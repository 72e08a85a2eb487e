//! Values with placeholders: `http://${CATALOGUE_HOST:catalogue}:8080/products`.
//!
//! Extractors write every value that depends on configuration in this one form, `${KEY}` or `${KEY:default}`, so
//! that one place resolves them.

/// Writes a placeholder.
pub(crate) fn placeholder(key: &str, default: Option<&str>) -> String {
    match default {
        Some(default) => format!("${{{key}:{default}}}"),
        None => format!("${{{key}}}"),
    }
}

/// Most placeholders inside placeholders that are followed.
const DEPTH: usize = 8;

/// Longest text that comes out.
const LENGTH: usize = 4096;

/// Replaces placeholders by what `look_up` knows, else by their defaults; what neither knows stays as it is.
/// Shell forms `${KEY:-default}`, `${KEY-default}` and `$KEY` are understood as well.
pub(crate) fn resolve(text: &str, look_up: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = text.to_owned();
    for _ in 0..DEPTH {
        let next = once(&out, look_up);
        if next == out || next.len() > LENGTH {
            break;
        }
        out = next;
    }
    out
}

fn once(text: &str, look_up: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let Some(end) = closing(&rest[at + 2..]) else {
            out.push_str(&rest[at..]);
            return out;
        };
        let inside = &rest[at + 2..at + 2 + end];
        let (key, default) = split(inside);
        match look_up(key).or_else(|| default.map(str::to_owned)) {
            Some(value) => out.push_str(&value),
            None => out.push_str(&rest[at..at + 3 + end]),
        }
        rest = &rest[at + 3 + end..];
    }
    out.push_str(rest);
    out
}

/// The byte of the brace that closes what has just been opened.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(i),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Key and default of what stands in a placeholder.
fn split(inside: &str) -> (&str, Option<&str>) {
    match inside.split_once(':') {
        Some((key, default)) => (
            key.trim(),
            Some(default.strip_prefix(['-', '=']).unwrap_or(default)).filter(|d| !d.starts_with('?')),
        ),
        None => match inside.split_once('-') {
            Some((key, default))
                if key.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit()) =>
            {
                (key, Some(default))
            }
            _ => (inside.trim(), None),
        },
    }
}

/// The keys of the placeholders in a text.
pub(crate) fn keys(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let Some(end) = closing(&rest[at + 2..]) else { break };
        found.push(split(&rest[at + 2..at + 2 + end]).0);
        rest = &rest[at + 3 + end..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_nest_and_unknown_keys_stay() {
        let known = |key: &str| (key == "HOST").then(|| "db".to_owned());
        assert_eq!(resolve("jdbc:${HOST}:${PORT:${OTHER:5432}}/x", &known), "jdbc:db:5432/x");
        assert_eq!(resolve("${A:-b}-${NONE}", &known), "b-${NONE}");
        assert_eq!(resolve("${spring.app-name}", &known), "${spring.app-name}");
        assert_eq!(keys("a${X:1}b${Y}"), ["X", "Y"]);
    }

    #[test]
    fn what_feeds_itself_ends() {
        let loops = |key: &str| (key == "A").then(|| "${A}${A}".to_owned());
        assert!(resolve("${A}", &loops).len() <= 2 * LENGTH);
    }
}
