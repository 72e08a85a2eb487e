//! Ranges as `package.json` writes them: `>=18 <23 || ^24.1`, `1.2 - 2.3`, `~1.2`, `18.x`, `*`.

use std::ops::RangeInclusive;

use semver::Version;

/// Longest range that is read, bytes.
const LONGEST: usize = 400;

/// Whether a version lies in a range; nothing when one of them cannot be read. Missing numbers of the version are
/// zero.
#[must_use]
pub fn node_range(range: &str, version: &str) -> Option<bool> {
    if range.len() > LONGEST {
        return None;
    }
    let version = super::semantic(version)?;
    let mut inside = false;
    for alternative in range.split("||") {
        inside |= all(alternative.trim(), &version)?;
    }
    Some(inside)
}

/// Bounds of a comparator: from (included) up to (excluded); none is open.
type Bounds = (Option<Version>, Option<Version>);

fn all(text: &str, version: &Version) -> Option<bool> {
    if let Some((low, high)) = text.split_once(" - ") {
        let (from, _) = partial(low.trim())?;
        let (_, to) = partial(high.trim())?;
        return Some(holds(&(from, to), version));
    }
    // `>= 18` is one comparator.
    let mut words: Vec<String> = Vec::new();
    for word in text.split([' ', ',']).filter(|w| !w.is_empty()) {
        match words.last_mut() {
            Some(last) if last.ends_with(['>', '<', '=', '^', '~']) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    let mut inside = true;
    for word in words {
        inside &= one(&word, version)?;
    }
    Some(inside)
}

fn one(word: &str, version: &Version) -> Option<bool> {
    let (operator, rest) =
        word.split_at(word.find(|c| !matches!(c, '>' | '<' | '=' | '^' | '~')).unwrap_or(word.len()));
    let (from, to) = partial(rest)?;
    let bounds = match operator {
        "" | "=" | "==" => (from, to),
        ">=" => (from, None),
        ">" => return Some(at_least(to.as_ref(), from.as_ref(), rest, version)),
        "<" => (None, from),
        "<=" => {
            return Some(if is_whole(rest) {
                from.is_none_or(|f| *version <= f)
            } else {
                holds(&(None, to), version)
            });
        }
        "~" | "~>" => (from.clone(), tilde(rest, &from?)),
        "^" => (from.clone(), caret(rest, &from?)),
        _ => return None,
    };
    Some(holds(&bounds, version))
}

/// `>18` means from 19 on, `>18.1.2` from what follows it.
fn at_least(next: Option<&Version>, from: Option<&Version>, rest: &str, version: &Version) -> bool {
    if is_whole(rest) { from.is_some_and(|f| version > f) } else { next.is_some_and(|n| version >= n) }
}

fn holds((from, to): &Bounds, version: &Version) -> bool {
    from.as_ref().is_none_or(|f| version >= f) && to.as_ref().is_none_or(|t| version < t)
}

fn is_whole(text: &str) -> bool {
    fields(text).len() == 3
}

/// The numbers of a partial version; `x` and `*` end it.
fn fields(text: &str) -> Vec<u64> {
    let text = text.trim_start_matches(['v', '=']);
    let front = text.split(['-', '+']).next().unwrap_or(text);
    front.split('.').map_while(|p| p.parse().ok()).collect()
}

const COUNT: RangeInclusive<usize> = 0..=3;

/// The versions that a partial version stands for: `18.1` is from 18.1.0 up to 18.2.0.
fn partial(text: &str) -> Option<Bounds> {
    let text = text.trim_start_matches(['v', '=']);
    let fields = fields(text);
    let is_wild = text.is_empty() || text.split('.').any(|p| matches!(p, "x" | "X" | "*"));
    if !COUNT.contains(&fields.len()) || fields.is_empty() && !is_wild {
        return None;
    }
    Some(match fields[..] {
        [] => (None, None),
        [a] => (Some(Version::new(a, 0, 0)), Some(Version::new(a.saturating_add(1), 0, 0))),
        [a, b] => (Some(Version::new(a, b, 0)), Some(Version::new(a, b.saturating_add(1), 0))),
        _ => {
            let from = super::semantic(text)?;
            let next = Version::new(from.major, from.minor, from.patch.saturating_add(1));
            (Some(from), Some(next))
        }
    })
}

fn tilde(rest: &str, from: &Version) -> Option<Version> {
    Some(match fields(rest).len() {
        1 => Version::new(from.major.saturating_add(1), 0, 0),
        _ => Version::new(from.major, from.minor.saturating_add(1), 0),
    })
}

fn caret(rest: &str, from: &Version) -> Option<Version> {
    let given = fields(rest).len();
    Some(match (from.major, from.minor) {
        (0, 0) if given > 2 => Version::new(0, 0, from.patch.saturating_add(1)),
        (0, minor) if given > 1 => Version::new(0, minor.saturating_add(1), 0),
        (major, _) => Version::new(major.saturating_add(1), 0, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::node_range;

    #[test]
    fn ranges_hold_what_they_say() {
        for (range, inside, outside) in [
            (">=18", "18.0.0", "16.20.2"),
            (">= 18", "20.1.0", "17.9.9"),
            ("^18.12.0 || >=20.9.0", "18.20.8", "19.1.0"),
            (">=18 <23", "22.9.0", "23.0.0"),
            ("18.x", "18.3.1", "19.0.0"),
            ("1.2 - 2.3", "2.3.9", "2.4.0"),
            ("~1.2.3", "1.2.9", "1.3.0"),
            ("^0.2.3", "0.2.9", "0.3.0"),
            ("^0.0.3", "0.0.3", "0.0.4"),
            ("<=18", "18.9.0", "19.0.0"),
            (">18", "19.0.0", "18.9.0"),
            ("14 || 16", "16.1.0", "18.0.0"),
        ] {
            assert_eq!(node_range(range, inside), Some(true), "{range} {inside}");
            assert_eq!(node_range(range, outside), Some(false), "{range} {outside}");
        }
        assert_eq!(node_range("*", "1.0.0"), Some(true));
        assert_eq!(node_range("", "1.0.0"), Some(true));
        assert_eq!(node_range("latest", "1.0.0"), None);
        assert_eq!(node_range("git+ssh://x", "1.0.0"), None);
        assert_eq!(node_range(&">".repeat(9999), "1.0.0"), None);
    }
}
