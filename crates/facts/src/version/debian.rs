//! Debian's version order: `epoch:upstream-revision`, policy section 5.6.12.

use std::cmp::Ordering;

/// A version as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    epoch: u64,
    upstream: String,
    revision: String,
}

impl Key {
    /// A tilde sorts before the version it announces; in a revision it marks a backport.
    pub(super) fn is_prerelease(&self) -> bool {
        self.upstream.contains('~')
    }
}

/// Reads a version; nothing when it has a character that Debian's versions cannot have.
pub(super) fn parse(text: &str) -> Option<Key> {
    let (epoch, rest) = match text.split_once(':') {
        Some((epoch, rest)) => (epoch.parse().ok()?, rest),
        None => (0, text),
    };
    let (upstream, revision) = rest.rsplit_once('-').unwrap_or((rest, ""));
    let fine = |t: &str, more: &[char]| t.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(&c));
    let sound = fine(upstream, &['.', '+', '-', '~', ':']) && fine(revision, &['.', '+', '~']);
    (sound && upstream.starts_with(|c: char| c.is_ascii_alphanumeric())).then(|| Key {
        epoch,
        upstream: upstream.to_owned(),
        revision: revision.to_owned(),
    })
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| compare(&self.upstream, &other.upstream))
            .then_with(|| compare(&self.revision, &other.revision))
    }
}

/// Compares by turns what is no digit, character by character, and what is, as a number.
fn compare(mut a: &str, mut b: &str) -> Ordering {
    while !a.is_empty() || !b.is_empty() {
        let (words_a, rest_a) = split(a, |c| !c.is_ascii_digit());
        let (words_b, rest_b) = split(b, |c| !c.is_ascii_digit());
        let (digits_a, rest_a) = split(rest_a, |c| c.is_ascii_digit());
        let (digits_b, rest_b) = split(rest_b, |c| c.is_ascii_digit());
        let ordering = words(words_a, words_b).then_with(|| number(digits_a, digits_b));
        if ordering != Ordering::Equal {
            return ordering;
        }
        (a, b) = (rest_a, rest_b);
    }
    Ordering::Equal
}

fn split(text: &str, is: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is(c)).unwrap_or(text.len()))
}

/// A tilde comes before the end, the end before letters, letters before everything else.
fn words(a: &str, b: &str) -> Ordering {
    let rank = |c: Option<char>| match c {
        Some('~') => -1,
        None => 0,
        Some(c) if c.is_ascii_alphabetic() => i64::from(u32::from(c)),
        Some(c) => i64::from(u32::from(c)) + 256,
    };
    let (mut a, mut b) = (a.chars(), b.chars());
    loop {
        let (x, y) = (a.next(), b.next());
        if x.is_none() && y.is_none() {
            return Ordering::Equal;
        }
        match rank(x).cmp(&rank(y)) {
            Ordering::Equal => {}
            other => return other,
        }
    }
}

fn number(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::super::Scheme;
    use proptest::prelude::*;
    use std::cmp::Ordering::{Equal, Less};

    #[test]
    fn versions_ascend_as_the_policy_says() {
        // The policy's own sequence, and versions of the archive.
        for list in [
            &["1~~", "1~~a", "1~", "1", "1a"][..],
            &["1.22.1-9", "1.22.1-9+deb12u1", "1.22.1-9+deb12u2", "1.22.1-10", "1:1.0-1"][..],
            &["5:7.0.15-1~deb12u1", "5:7.0.15-1~deb12u5", "5:7.0.15-1", "5:7.0.15-1.1", "5:7.2.0-1"][..],
            &["2.0~rc1-1", "2.0-1", "2.0+dfsg-1"][..],
        ] {
            for pair in list.windows(2) {
                assert_eq!(Scheme::Debian.compare(pair[0], pair[1]), Some(Less), "{pair:?}");
            }
        }
        assert_eq!(Scheme::Debian.compare("1.0", "1.0-0"), Some(Equal));
        assert_eq!(Scheme::Debian.compare("0:1.0-1", "1.0-1"), Some(Equal));
        assert_eq!(Scheme::Debian.compare("1_0", "1.0"), None);
    }

    proptest! {
        #[test]
        fn the_order_is_total(a in "[0-9][0-3a~+.]{0,6}(-[0-2~+a]{1,3})?", b in "[0-9][0-3a~+.]{0,6}(-[0-2~+a]{1,3})?", c in "[0-9][0-3~.]{0,6}") {
            let [a, b, c] = [a, b, c].map(|t| super::parse(&t).expect("a version"));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            if a <= b && b <= c {
                prop_assert!(a <= c);
            }
        }
    }
}
