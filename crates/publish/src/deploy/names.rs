//! Names that every configuration language accepts, made from identifiers that may hold anything.

use std::collections::BTreeSet;

/// The longest label: DNS allows 63 characters, and platforms add suffixes of their own.
const LONGEST: usize = 40;

/// A DNS label (RFC 1123): lower-case letters, digits and hyphens, beginning with a letter, at most [`LONGEST`]
/// characters. Long texts are kept apart by a hash of the whole.
pub(crate) fn label(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().map(|c| c.to_ascii_lowercase()) {
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let plain = out.trim_end_matches('-').to_owned();
    let lost = !text.is_ascii();
    let mut out = if plain.starts_with(|c: char| c.is_ascii_lowercase()) {
        plain
    } else {
        format!("x-{plain}").trim_end_matches('-').to_owned()
    };
    if out.len() > LONGEST || lost {
        let hash = blake3::hash(text.as_bytes()).to_hex();
        out.truncate(LONGEST - 7);
        out = format!("{}-{}", out.trim_end_matches('-'), &hash[..6]);
    }
    out
}

/// The label, with a number when it is taken.
pub(crate) fn unused(taken: &mut BTreeSet<String>, text: &str) -> String {
    let stem = label(text);
    let mut candidate = stem.clone();
    let mut n = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{stem}-{n}");
        n += 1;
    }
    candidate
}

/// A name for an environment variable.
pub(crate) fn variable(label: &str) -> String {
    label.replace('-', "_").to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_labels_and_stay_apart() {
        let texts = [
            "Shop",
            "shop",
            "1st",
            "",
            "größer ≥ 5",
            "-",
            "a.b_c",
            "null",
            &"x".repeat(200),
            &"x".repeat(201),
        ];
        let mut taken = BTreeSet::new();
        for text in texts {
            let made = unused(&mut taken, text);
            assert!(made.len() <= 45 && made.starts_with(|c: char| c.is_ascii_lowercase()), "{text}: {made}");
            assert!(
                made.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{made}"
            );
            assert!(!made.ends_with('-'), "{made}");
        }
        assert_eq!(taken.len(), texts.len());
        assert_eq!(label("Online shop"), "online-shop");
    }
}
