//! Lists of versions of runtimes and platforms, as lifecycles give them: `17 - 25`, `20, 22, 24`, `>=1.25.0`.

use super::numbers;

/// Whether a version is on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It is.
    Yes,
    /// It is older than everything on it.
    Below,
    /// It is newer than everything on it: a list made before that version says nothing of it.
    Above,
    /// It lies between versions on it.
    Between,
}

/// Whether a version is on a list; nothing when one of them cannot be read.
#[must_use]
pub fn listed(list: &str, version: &str) -> Option<Listed> {
    let version = numbers(version);
    if version.is_empty() {
        return None;
    }
    let (mut lowest, mut highest): (Option<Vec<u64>>, Option<Vec<u64>>) = (None, None);
    for part in list.split(',').flat_map(|p| p.split(" or ")).map(str::trim).filter(|p| !p.is_empty()) {
        let (low, high) = match (part.split_once(" - "), part.strip_prefix(">=")) {
            (Some((low, high)), _) => (numbers(low.trim()), numbers(high.trim())),
            (None, Some(low)) => (numbers(low.trim()), vec![u64::MAX]),
            (None, None) => (numbers(part), numbers(part)),
        };
        if low.is_empty() || high.is_empty() {
            return None;
        }
        if not_below(&version, &low) && not_above(&version, &high) {
            return Some(Listed::Yes);
        }
        lowest = Some(lowest.map_or(low.clone(), |l| l.min(low)));
        highest = Some(highest.map_or(high.clone(), |h| h.max(high)));
    }
    let (lowest, highest) = (lowest?, highest?);
    Some(if !not_below(&version, &lowest) {
        Listed::Below
    } else if !not_above(&version, &highest) {
        Listed::Above
    } else {
        Listed::Between
    })
}

/// A version with fewer numbers stands for all that begin with them: `1.25` is not below `1.25.3`.
fn not_below(version: &[u64], low: &[u64]) -> bool {
    let n = version.len().min(low.len());
    version[..n] >= low[..n]
}

fn not_above(version: &[u64], high: &[u64]) -> bool {
    let n = version.len().min(high.len());
    version[..n] <= high[..n]
}

#[cfg(test)]
mod tests {
    use super::{Listed, listed};

    #[test]
    fn lists_hold_what_they_say() {
        for (list, version, expected) in [
            ("17 - 25", "21.0.5", Listed::Yes),
            ("17 - 25", "25", Listed::Yes),
            ("17 - 25", "11", Listed::Below),
            ("17 - 25", "26", Listed::Above),
            ("20, 22, 24, 26", "22.1.0", Listed::Yes),
            ("20, 22, 24, 26", "23.0.0", Listed::Between),
            ("17, 21, 25 or 26", "26", Listed::Yes),
            ("3.12 - 3.14", "3.9", Listed::Below),
            (">=1.25.0", "1.24.3", Listed::Below),
            (">=1.25.0", "1.27", Listed::Yes),
        ] {
            assert_eq!(listed(list, version), Some(expected), "{list} {version}");
        }
        assert_eq!(listed("any", "1"), None);
        assert_eq!(listed("17", "lts"), None);
    }
}
