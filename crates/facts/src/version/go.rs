//! Versions of Go modules: `v1.2.3`, pseudo-versions such as `v0.0.0-20190301021747-ccb9e902956d`, `+incompatible`.
//!
//! The order is that of Semantic Versioning: a pseudo-version is a pre-release of the version it leads up to, and what
//! stands behind a plus does not count.

use std::cmp::Ordering;

/// A version as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    numbers: [u64; 3],
    pre: Vec<Part>,
}

/// A part of a pre-release: numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Word(String),
}

impl Key {
    pub(super) fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }
}

/// Reads a version; `v` may be missing, as advisories leave it out, and so may numbers after the first.
pub(super) fn parse(text: &str) -> Option<Key> {
    let text = text.trim_start_matches("go").trim_start_matches('v');
    let text = text.split('+').next().unwrap_or(text);
    let (front, pre) = match text.split_once('-') {
        Some((front, pre)) => (front, Some(pre)),
        None => (text, None),
    };
    let mut numbers = [0; 3];
    let parts: Vec<&str> = front.split('.').collect();
    if parts.len() > 3 {
        return None;
    }
    for (number, part) in numbers.iter_mut().zip(parts) {
        *number = part.parse().ok()?;
    }
    let pre = match pre {
        None => Vec::new(),
        Some(pre) => pre.split('.').map(part).collect::<Option<_>>()?,
    };
    Some(Key { numbers, pre })
}

fn part(text: &str) -> Option<Part> {
    let sound = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    sound.then(|| match text.parse() {
        Ok(number) if text.chars().all(|c| c.is_ascii_digit()) => Part::Number(number),
        _ => Part::Word(text.to_owned()),
    })
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let pre = || match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.pre.cmp(&other.pre),
        };
        self.numbers.cmp(&other.numbers).then_with(pre)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scheme;
    use proptest::prelude::*;
    use std::cmp::Ordering::{Equal, Less};

    #[test]
    fn pseudo_versions_stand_before_what_they_lead_up_to() {
        let known = [
            "v0.0.0-20180101000000-aaaaaaaaaaaa",
            "v0.0.0-20190301021747-ccb9e902956d",
            "v1.3.0",
            "v1.3.1-0.20190301021747-ccb9e902956d",
            "v1.3.1",
            "v1.4.0-rc.1",
            "v1.4.0-rc.1.0.20240101000000-aaaaaaaaaaaa",
            "v1.4.0-rc.3",
            "v1.4.0",
            "v2.0.0+incompatible",
        ];
        for pair in known.windows(2) {
            assert_eq!(Scheme::Go.compare(pair[0], pair[1]), Some(Less), "{pair:?}");
        }
        assert_eq!(Scheme::Go.compare("v2.0.0+incompatible", "2.0.0"), Some(Equal));
        assert_eq!(Scheme::Go.compare("go1.22", "1.22.0"), Some(Equal));
        assert_eq!(Scheme::Go.compare("master", "1.0.0"), None);
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "v[0-2]\\.[0-2]\\.[0-2](-[0-2a]{1,2}(\\.[0-2a]{1,2})?)?", b in "v[0-2]\\.[0-2]\\.[0-2](-[0-2a]{1,2})?", c in "v[0-2]\\.[0-2]\\.[0-2](-[0-2a]{1,2})?") {
            let [a, b, c] = [a, b, c].map(|t| super::parse(&t).expect("a version"));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }
    }
}
