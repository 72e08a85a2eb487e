//! Versions of programs without an ecosystem: dotted numbers, perhaps with a pre-release behind.

use std::cmp::Ordering;

/// A version as it is compared: trailing zeros do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    numbers: Vec<u64>,
    /// The rank of a pre-release and its numbers.
    pre: Option<(u8, Vec<u64>)>,
}

impl Key {
    pub(super) const fn is_prerelease(&self) -> bool {
        self.pre.is_some()
    }
}

/// Words of pre-releases, the earliest first.
const WORDS: &[(&str, u8)] = &[
    ("dev", 0),
    ("nightly", 0),
    ("canary", 0),
    ("preview", 1),
    ("pre", 1),
    ("alpha", 1),
    ("a", 1),
    ("beta", 2),
    ("b", 2),
    ("milestone", 3),
    ("m", 3),
    ("rc", 4),
    ("snapshot", 5),
];

/// Reads a version; words in front (`v`, `RELEASE.`) are passed over, words behind that are no pre-release as well.
pub(super) fn parse(text: &str) -> Option<Key> {
    let text = text.to_ascii_lowercase();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    // `jammy-2023`, `sha256-1f`: a name with digits is no version.
    if text[..start].trim_end_matches(['.', '-']).len() > "release".len() {
        return None;
    }
    let mut numbers = Vec::new();
    let mut rest = &text[start..];
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        numbers.push(rest[..end].parse().ok()?);
        rest = &rest[end..];
        match rest.strip_prefix('.') {
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => rest = next,
            _ => break,
        }
    }
    let pre = prerelease(rest);
    // The days and hours of `RELEASE.2025-10-15T17-29-55Z` are numbers of their own.
    if pre.is_none() && text.starts_with("release.") {
        numbers.extend(digits(rest));
    }
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    Some(Key { numbers, pre })
}

fn prerelease(rest: &str) -> Option<(u8, Vec<u64>)> {
    let rest = rest.trim_start_matches(['-', '.', '_', '~']);
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (_, rank) = WORDS.iter().find(|(word, _)| *word == &rest[..end])?;
    Some((*rank, digits(&rest[end..])))
}

fn digits(text: &str) -> Vec<u64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (&self.pre, &other.pre) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => a.cmp(b),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scheme;
    use std::cmp::Ordering::{Equal, Less};

    #[test]
    fn versions_of_programs_ascend() {
        for list in [
            &["16beta1", "16rc1", "16", "16.9", "16.10"][..],
            &["8.0.9", "8.0.10-rc1", "8.0.10", "8.2"][..],
            &["RELEASE.2025-09-07T16-13-09Z", "RELEASE.2025-10-15T17-29-55Z"][..],
        ] {
            for pair in list.windows(2) {
                assert_eq!(Scheme::Dotted.compare(pair[0], pair[1]), Some(Less), "{pair:?}");
            }
        }
        assert_eq!(Scheme::Dotted.compare("v1.30.0", "1.30"), Some(Equal));
        assert_eq!(Scheme::Dotted.compare("latest", "1"), None);
    }
}
