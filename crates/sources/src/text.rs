//! Names, versions and texts from outside: what may be sent, and what may be shown.

use loadcase_facts::Subject;

/// Longest text taken over from a source, characters.
const LONGEST: usize = 400;

/// A text from outside: no control characters, none that turn the direction of writing, bounded.
pub(crate) fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let text: String =
        text.chars().map(|c| if c == '\n' { ' ' } else { c }).filter(|c| !steers(*c)).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().take(LONGEST).collect()
}

/// Whether a subject is a package of an ecosystem, by a name that its ecosystem allows. A name can never be an option
/// of a program, a path or an address.
pub(crate) fn is_package(subject: &Subject) -> bool {
    let name = subject.name.as_str();
    let plain = |t: &str, more: &str| {
        t.starts_with(|c: char| c.is_ascii_alphanumeric())
            && t.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    if name.len() > 214 || name.contains("..") {
        return false;
    }
    match subject.ecosystem.as_str() {
        "npm" => match name.strip_prefix('@') {
            Some(scoped) => scoped.split_once('/').is_some_and(|(s, n)| plain(s, "._-~") && plain(n, "._-~")),
            None => plain(name, "._-~"),
        },
        "pypi" => plain(name, "._-"),
        "cargo" => plain(name, "_-") && name.len() <= 64,
        "nuget" => plain(name, "._-"),
        "maven" => name.split_once(':').is_some_and(|(g, a)| plain(g, "._-") && plain(a, "._-")),
        "go" => name.split('/').all(|part| plain(part, "._-~")) && name.contains('.'),
        "composer" => name.split_once('/').is_some_and(|(v, n)| plain(v, "._-") && plain(n, "._-")),
        _ => false,
    }
}

/// Whether a text can be a version: sent as it is, and nothing else can hide in it.
pub(crate) fn is_version(text: &str) -> bool {
    text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-+!~".contains(c))
}

/// A text as a part of an address: everything but letters, digits and `-._~` is written as its bytes.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{clean, encoded, is_package, is_version};
    use loadcase_facts::Subject;

    #[test]
    fn names_cannot_be_options_paths_or_addresses() {
        let ok = |e: &str, n: &str| is_package(&Subject::new(e, n));
        assert!(
            ok("npm", "express")
                && ok("npm", "@nestjs/core")
                && ok("pypi", "Django")
                && ok("cargo", "tokio-postgres")
        );
        assert!(ok("maven", "io.netty:netty-codec-http2") && ok("go", "github.com/labstack/echo/v5"));
        for name in [
            "--registry=http://x",
            "-g",
            "../x",
            "a b",
            "a;b",
            "http://x/y",
            "a/../b",
            "",
            "@x",
            "$(x)",
            "a\nb",
        ] {
            for ecosystem in ["npm", "pypi", "cargo", "maven", "go", "composer", "nuget"] {
                assert!(!ok(ecosystem, name), "{ecosystem} {name:?}");
            }
        }
        assert!(!ok("docker", "postgres"));
        assert!(is_version("1.0.0-rc.1+b") && !is_version("-1") && !is_version("1 2") && !is_version("1/2"));
    }

    #[test]
    fn texts_from_outside_cannot_steer() {
        assert_eq!(clean("a\u{1b}[31mb\u{202e}c\nd"), "a[31mbc d");
        assert_eq!(clean(&"x".repeat(1000)).len(), 400);
        assert_eq!(encoded("@a/b c"), "%40a%2Fb%20c");
    }
}
