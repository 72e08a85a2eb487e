//! Names in schemas: from identifiers, short enough, different from each other.

use std::collections::BTreeSet;

/// Longest name, in bytes, that PostgreSQL and MySQL (64) both keep.
pub(crate) const LONGEST: usize = 63;

/// A name from an identifier.
pub(crate) fn identifier(text: &str) -> String {
    let name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    shorten(name)
}

/// Keeps long names apart by a hash of the whole.
pub(crate) fn shorten(name: String) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    let hash = blake3::hash(name.as_bytes()).to_hex();
    format!("{}_{}", &name[..LONGEST - 9], &hash[..8])
}

/// The name, with a number when it is taken.
pub(crate) fn unused(taken: &mut BTreeSet<String>, name: &str) -> String {
    let mut candidate = shorten(name.to_owned());
    let mut n = 2;
    while !taken.insert(candidate.clone()) {
        candidate = shorten(format!("{name}_{n}"));
        n += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_would_clash_are_kept_apart() {
        let mut taken = BTreeSet::new();
        let long = "x".repeat(200);
        let names: BTreeSet<String> =
            [format!("{long}a"), format!("{long}b"), "a-b".into(), "a_b".into(), "a.b".into()]
                .iter()
                .map(|n| unused(&mut taken, &identifier(n)))
                .collect();
        assert_eq!(names.len(), 5, "{names:?}");
        assert!(names.iter().all(|n| n.len() <= LONGEST), "{names:?}");
    }
}
