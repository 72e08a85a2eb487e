//! Versions in the order of their ecosystem.
//!
//! npm and Cargo order by Semantic Versioning, Python by PEP 440, Maven by its version order, Debian by its policy, Go
//! by its own form of Semantic Versioning, everything else by dotted numbers. Semantic Versioning and PEP 440 are left
//! to the crates that their communities use; no kept crate has the other orders.

mod debian;
mod dotted;
mod go;
mod maven;
mod node_range;
mod pin;
mod runtime;
mod tag;

use std::cmp::Ordering;
use std::str::FromStr;

use loadcase_catalog::AffectedRange;

pub use node_range::node_range;
pub use pin::{Pin, allows, pin};
pub use runtime::{Listed, listed};
pub use tag::{ImageTag, image_tag};

/// An order of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Semantic Versioning 2.0.0, by precedence: build metadata does not count.
    Semver,
    /// PEP 440.
    Pep440,
    /// Maven's version order.
    Maven,
    /// Debian policy, section 5.6.12.
    Debian,
    /// Go modules: Semantic Versioning with `v`, pseudo-versions and `+incompatible`.
    Go,
    /// Dotted numbers with an optional pre-release.
    Dotted,
}

impl Scheme {
    /// The order of an ecosystem as inventories and advisories name it.
    #[must_use]
    pub fn of(ecosystem: &str) -> Self {
        match ecosystem {
            "npm" | "cargo" => Self::Semver,
            "pypi" => Self::Pep440,
            "maven" => Self::Maven,
            "debian" | "ubuntu" => Self::Debian,
            "go" => Self::Go,
            _ => Self::Dotted,
        }
    }

    /// Compares two versions; nothing when one of them is none.
    #[must_use]
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        Version::parse(self, a)?.partial_cmp(&Version::parse(self, b)?)
    }

    /// Whether a version lies in a range; nothing when the version or a bound cannot be read.
    #[must_use]
    pub fn within(self, range: &AffectedRange, version: &Version) -> Option<bool> {
        if range.from != "0" && *version < Version::parse(self, &range.from)? {
            return Some(false);
        }
        if let Some(fixed) = &range.fixed {
            return Some(*version < Version::parse(self, fixed)?);
        }
        match &range.last {
            Some(last) => Some(*version <= Version::parse(self, last)?),
            None => Some(true),
        }
    }
}

/// A version that can be compared with others of its ecosystem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(Key);

#[derive(Clone, Debug)]
enum Key {
    Semver(semver::Version),
    Pep440(Box<pep440_rs::Version>),
    Maven(maven::Key),
    Debian(debian::Key),
    Go(go::Key),
    Dotted(dotted::Key),
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Semver(a), Self::Semver(b)) => Some(a.cmp_precedence(b)),
            (Self::Pep440(a), Self::Pep440(b)) => Some(a.cmp(b)),
            (Self::Maven(a), Self::Maven(b)) => Some(a.cmp(b)),
            (Self::Debian(a), Self::Debian(b)) => Some(a.cmp(b)),
            (Self::Go(a), Self::Go(b)) => Some(a.cmp(b)),
            (Self::Dotted(a), Self::Dotted(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

impl PartialOrd for Version {
    /// Versions of different orders cannot be compared.
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.partial_cmp(&other.0)
    }
}

/// Longest version that is read, bytes.
const LONGEST: usize = 200;

impl Version {
    /// Reads a version.
    #[must_use]
    pub fn parse(scheme: Scheme, text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        Some(Self(match scheme {
            Scheme::Semver => Key::Semver(semantic(text)?),
            Scheme::Pep440 => Key::Pep440(Box::new(pep440_rs::Version::from_str(text).ok()?)),
            Scheme::Maven => Key::Maven(maven::parse(text)),
            Scheme::Debian => Key::Debian(debian::parse(text)?),
            Scheme::Go => Key::Go(go::parse(text)?),
            Scheme::Dotted => Key::Dotted(dotted::parse(text)?),
        }))
    }

    /// Whether it is a pre-release: not what a user should be moved to.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        match &self.0 {
            Key::Semver(v) => !v.pre.is_empty(),
            Key::Pep440(v) => v.any_prerelease(),
            Key::Maven(v) => v.is_prerelease(),
            Key::Debian(v) => v.is_prerelease(),
            Key::Go(v) => v.is_prerelease(),
            Key::Dotted(v) => v.is_prerelease(),
        }
    }
}

/// Semantic Versioning, with a `v` or `=` in front and missing numbers taken as zero.
fn semantic(text: &str) -> Option<semver::Version> {
    let text = text.trim_start_matches(['v', '=', ' ']);
    if let Ok(version) = semver::Version::parse(text) {
        return Some(version);
    }
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let missing = 3usize.checked_sub(numbers.split('.').count())?;
    semver::Version::parse(&format!("{numbers}{}{rest}", ".0".repeat(missing))).ok()
}

/// The leading numbers of a version or line: `18.6`, `v1.27.3`, `2026.1`.
#[must_use]
pub fn numbers(text: &str) -> Vec<u64> {
    let text = text.trim_start_matches('v');
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Scheme, Version};
    use loadcase_catalog::AffectedRange;

    /// Every version is older than the next.
    fn ascend(scheme: Scheme, versions: &[&str]) {
        for pair in versions.windows(2) {
            assert_eq!(scheme.compare(pair[0], pair[1]), Some(std::cmp::Ordering::Less), "{pair:?}");
        }
    }

    #[test]
    fn semantic_versions_ascend_as_the_specification_says() {
        let known = "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.9.0 1.10.0";
        ascend(Scheme::Semver, &known.split(' ').collect::<Vec<_>>());
        assert_eq!(Scheme::Semver.compare("v1.2", "1.2.0+build"), Some(std::cmp::Ordering::Equal));
        assert_eq!(Scheme::Semver.compare("1.2.3.4", "1.2.3"), None);
    }

    #[test]
    fn python_versions_ascend_as_the_specification_says() {
        let known = "1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345 1.0rc1 1.0 1.0+abc.5 1.0.post456.dev34 1.0.post456 1.1.dev1 1!0.1";
        ascend(Scheme::Pep440, &known.split(' ').collect::<Vec<_>>());
        assert_eq!(Scheme::Pep440.compare("5.2a1", "5.2.0a1"), Some(std::cmp::Ordering::Equal));
    }

    #[test]
    fn ranges_hold_their_first_and_not_their_fixed_version() {
        let range = |from: &str, fixed: Option<&str>, last: Option<&str>| AffectedRange {
            from: from.to_owned(),
            fixed: fixed.map(str::to_owned),
            last: last.map(str::to_owned),
        };
        let inside = |r: &AffectedRange, v: &str| {
            Scheme::Semver.within(r, &Version::parse(Scheme::Semver, v).expect("a version"))
        };
        let fixed = range("1.2.1", Some("1.11.1"), None);
        for (version, expected) in
            [("1.2.0", false), ("1.2.1", true), ("1.11.0", true), ("1.11.1", false), ("1.11.1-rc.1", true)]
        {
            assert_eq!(inside(&fixed, version), Some(expected), "{version}");
        }
        assert_eq!(inside(&range("0", None, Some("3.3.0")), "3.3.0"), Some(true));
        assert_eq!(inside(&range("0", None, Some("3.3.0")), "3.3.1"), Some(false));
        assert_eq!(inside(&range("0", None, None), "99.0.0"), Some(true), "no fix is known");
        assert_eq!(
            inside(&range("0", Some("soon"), None), "1.0.0"),
            None,
            "a bound that is none decides nothing"
        );
    }
}
