//! What a manifest writes as a version: the exact one, or a range of which one is taken at installation.

use std::str::FromStr;

use super::{Scheme, Version, node_range};

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// One version.
    Exact(String),
    /// A range, as written.
    Range(String),
    /// Something that names no version: a branch, a tag, a variable.
    Other(String),
}

/// Reads what a manifest of an ecosystem writes; `locked` when a lock file does.
#[must_use]
pub fn pin(ecosystem: &str, text: &str, locked: bool) -> Pin {
    let text = text.trim();
    let scheme = Scheme::of(ecosystem);
    let bare = text.strip_prefix("==").or_else(|| text.strip_prefix('=')).unwrap_or(text).trim();
    let plain = bare.starts_with(|c: char| c.is_ascii_digit())
        || bare.starts_with('v') && bare[1..].starts_with(|c: char| c.is_ascii_digit());
    let wild = bare.contains(['*', ',', '|', ' ', '<', '>', '+']) && scheme != Scheme::Go
        || bare.ends_with(".x")
        || bare.contains(".x.");
    // Cargo reads a plain version as a range; so does npm when numbers are missing.
    let short =
        scheme == Scheme::Semver && bare.split(['-', '+']).next().is_some_and(|n| n.split('.').count() < 3);
    let means_range = !locked && (ecosystem == "cargo" && !text.starts_with('=') || short);
    if plain && (!wild || locked) && !means_range && Version::parse(scheme, bare).is_some() {
        return Pin::Exact(bare.to_owned());
    }
    let is_range = text.starts_with(['^', '~', '>', '<', '[', '(', '*', '!']) || plain;
    if is_range && !text.contains(['$', '/', ':']) {
        let text = if ecosystem == "cargo" && plain { format!("^{text}") } else { text.to_owned() };
        return Pin::Range(text);
    }
    Pin::Other(text.to_owned())
}

/// Whether a range of an ecosystem allows a version; nothing when it cannot be decided.
#[must_use]
pub fn allows(ecosystem: &str, range: &str, version: &str) -> Option<bool> {
    match ecosystem {
        "npm" => node_range(range, version),
        "cargo" => {
            let range = semver::VersionReq::parse(range).ok()?;
            Some(range.matches(&super::semantic(version)?))
        }
        "composer" => node_range(&range.replace('|', " || ").replace(" ||  || ", " || "), version),
        "pypi" => {
            let version = pep440_rs::Version::from_str(version).ok()?;
            // Poetry's caret is npm's.
            if range.starts_with('^') {
                return node_range(range, &version.to_string());
            }
            let range = pep440_rs::VersionSpecifiers::from_str(range).ok()?;
            Some(range.contains(&version))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Pin, allows, pin};

    #[test]
    fn what_is_exact_and_what_is_a_range() {
        let exact = |e: &str, t: &str| matches!(pin(e, t, false), Pin::Exact(_));
        let range = |e: &str, t: &str| matches!(pin(e, t, false), Pin::Range(_));
        assert!(
            exact("npm", "4.17.1")
                && exact("npm", "v1.2.3")
                && exact("pypi", "2.0")
                && exact("maven", "5.3.18")
        );
        assert!(exact("go", "v1.3.1-0.20190301021747-ccb9e902956d") && exact("go", "v2.0.0+incompatible"));
        assert!(exact("cargo", "=0.8.1") && range("cargo", "0.8.1") && range("npm", "4"));
        assert!(
            range("npm", "^4.17.1")
                && range("npm", ">=1 <2")
                && range("npm", "1.x")
                && range("pypi", ">= 2.0, <3")
        );
        assert!(range("maven", "[1.0,2.0)"));
        assert!(matches!(pin("npm", "latest", false), Pin::Other(_)));
        assert!(matches!(pin("npm", "git+https://x/y", false), Pin::Other(_)));
        assert!(matches!(pin("maven", "${revision}", false), Pin::Other(_)));
        assert_eq!(pin("cargo", "0.8", true), Pin::Exact("0.8".to_owned()));
    }

    #[test]
    fn ranges_allow_what_they_say() {
        for (ecosystem, range, version, expected) in [
            ("npm", "^4.17.1", "4.22.3", true),
            ("npm", "^4.17.1", "5.0.0", false),
            ("cargo", "^0.8", "0.8.6", true),
            ("cargo", "^0.8", "0.9.0", false),
            ("pypi", ">=2.0,<3", "2.9.1", true),
            ("pypi", "~=2.1", "3.0", false),
            ("pypi", "^3.9", "3.12", true),
            ("pypi", ">=3.10", "3.9.2", false),
            ("composer", "^8.1|^8.2", "8.2.1", true),
        ] {
            assert_eq!(allows(ecosystem, range, version), Some(expected), "{ecosystem} {range} {version}");
        }
        assert_eq!(allows("maven", "[1,2)", "1.5"), None);
    }
}
