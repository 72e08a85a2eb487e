//! Path patterns of Python's frameworks, written with braces; and modules as files of the repository.

use crate::source::{Source, join};

/// `/users/<int:id>`, `/users/<id:int>` (Sanic), `/users/{id:path}`, `/users/:id` as `/users/{id}`.
pub(crate) fn braces(path: &str, name_first: bool) -> String {
    let mut out = String::new();
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '<' => {
                let inside: String = chars.by_ref().take_while(|c| *c != '>').collect();
                let mut parts = inside.split(':');
                let (first, second) = (parts.next().unwrap_or(""), parts.next());
                let name = if name_first { first } else { second.unwrap_or(first) };
                out.push_str(&format!("{{{}}}", name.trim()));
            }
            '{' if !out.ends_with('$') => {
                let mut depth = 1;
                let mut inside = String::new();
                for c in chars.by_ref() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                    inside.push(c);
                }
                out.push_str(&format!("{{{}}}", inside.split(':').next().unwrap_or("")));
            }
            ':' if out.ends_with('/') => {
                let mut name = String::new();
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    name.push(c);
                }
                out.push_str(&format!("{{{name}}}"));
            }
            c => out.push(c),
        }
    }
    out
}

/// A regular expression as a path: `^users/(?P<id>\d+)/?$` as `users/{id}`.
pub(crate) fn regex(pattern: &str) -> String {
    let mut out = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '^' | '$' => {}
            '(' => {
                let mut depth = 1;
                let mut inside = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => {
                            inside.push(c);
                            inside.extend(chars.next());
                            continue;
                        }
                        '(' => depth += 1,
                        ')' => depth -= 1,
                        _ => {}
                    }
                    if depth == 0 {
                        break;
                    }
                    inside.push(c);
                }
                let optional = chars.next_if(|c| matches!(c, '?' | '*' | '+')).is_some();
                let named = inside.strip_prefix("?P<").and_then(|i| i.split('>').next());
                match named {
                    Some(name) => out.push_str(&format!("{{{name}}}")),
                    None if inside.starts_with("?:") && optional => {}
                    None if inside.starts_with('?') => {}
                    None => out.push_str("{arg}"),
                }
            }
            '[' => {
                for c in chars.by_ref() {
                    if c == ']' {
                        break;
                    }
                }
                if chars.next_if(|c| matches!(c, '+' | '*')).is_some() {
                    out.push_str("{arg}");
                }
            }
            '\\' => match chars.next() {
                Some('Z' | 'A' | 'b') | None => {}
                Some('d' | 'w' | 'S') => {
                    while chars.next_if(|c| matches!(c, '+' | '*')).is_some() {}
                    out.push_str("{arg}");
                }
                Some(other) => out.push(other),
            },
            '.' if chars.peek() == Some(&'*') || chars.peek() == Some(&'+') => {
                chars.next();
                out.push_str("{arg}");
            }
            '?' | '*' | '+' => {
                // an optional slash at the end
                if out.ends_with('/') && c == '?' {
                    out.pop();
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// Joins two paths with one slash.
pub(crate) fn joined(prefix: &str, path: &str) -> String {
    match (prefix.trim_end_matches('/'), path) {
        ("", path) if path.starts_with('/') => path.to_owned(),
        ("", path) => format!("/{path}"),
        (prefix, "" | "/") if !prefix.is_empty() && path.is_empty() => prefix.to_owned(),
        (prefix, path) => format!("{prefix}/{}", path.trim_start_matches('/')),
    }
}

/// What a dotted import is: the file of the module (without extension) and the name inside it, when it is one.
pub(crate) fn module(source: &Source<'_>, dotted: &str) -> Option<(String, Option<String>)> {
    let dots = dotted.chars().take_while(|c| *c == '.').count();
    let path = dotted.trim_start_matches('.').replace('.', "/");
    let mut folders = Vec::new();
    if dots > 0 {
        folders.push(join(source.folder(), &"../".repeat(dots - 1))?);
    } else {
        // packages are found from the file's folder or any folder above it
        let mut folder = source.folder();
        loop {
            folders.push(folder.to_owned());
            match folder.rsplit_once('/') {
                Some((above, _)) => folder = above,
                None if folder.is_empty() => break,
                None => folder = "",
            }
        }
    }
    folders.iter().find_map(|folder| in_folder(source, folder, &path))
}

fn in_folder(source: &Source<'_>, folder: &str, path: &str) -> Option<(String, Option<String>)> {
    let at = |path: &str| join(folder, path);
    let file = |path: &str| at(path).filter(|p| source.tree.has(&format!("{p}.py")));
    let package = |path: &str| at(path).filter(|p| source.tree.has(&format!("{p}/__init__.py")));
    if let Some(found) = file(path).or_else(|| package(path)) {
        return Some((found, None));
    }
    let (module, name) = path.rsplit_once('/').unwrap_or(("", path));
    if let Some(found) = file(module).filter(|_| !module.is_empty()) {
        return Some((found, Some(name.to_owned())));
    }
    let found = package(module)?;
    // a name that a package hands on: `users_router` of `routers/users.py`
    let short = ["_router", "_bp", "_blueprint", "_api", "_routes", "_urls"]
        .iter()
        .find_map(|s| name.strip_suffix(s));
    let inner = short.map(|s| format!("{found}/{s}")).filter(|p| source.tree.has(&format!("{p}.py")));
    match inner {
        Some(inner) => Some((inner, None)),
        None => Some((found, Some(name.to_owned()))),
    }
}

#[cfg(test)]
mod tests {
    use super::{braces, joined, regex};

    #[test]
    fn patterns_become_paths() {
        assert_eq!(braces("/a/<int:id>/<name>", false), "/a/{id}/{name}");
        assert_eq!(braces("/a/<id:int>", true), "/a/{id}");
        assert_eq!(braces("/f/{path:path}/{n:\\d{2}}", false), "/f/{path}/{n}");
        assert_eq!(regex(r"^orders/(?P<order_id>\d+)/?$"), "orders/{order_id}");
        assert_eq!(regex(r"^/u/([0-9]+)$"), "/u/{arg}");
        assert_eq!(joined("/api/", "/x"), "/api/x");
        assert_eq!(joined("", "x"), "/x");
        assert_eq!(joined("/api", ""), "/api");
        assert_eq!(joined("/api", "/"), "/api/");
    }
}
