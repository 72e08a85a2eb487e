//! Identifiers that are given once.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::Id;

/// Gives identifiers that are taken a number.
#[derive(Debug, Default)]
pub(crate) struct Unique {
    taken: BTreeSet<Id>,
    /// The next number to try.
    next: BTreeMap<Id, usize>,
}

impl Unique {
    /// An identifier that was not given before: the wanted one, or with the first number that is free. One that is as
    /// long as identifiers may be gives up its end.
    pub(crate) fn of(&mut self, wanted: Id) -> Id {
        if self.taken.insert(wanted.clone()) {
            return wanted;
        }
        let next = self.next.entry(wanted.clone()).or_insert(2);
        loop {
            let number = next.to_string();
            let head: String = wanted.as_str().chars().take(Id::MAX_LENGTH - number.len() - 1).collect();
            let id = Id::slug(&format!("{head}-{number}"));
            *next += 1;
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use loadcase_model::Id;

    use super::Unique;

    #[test]
    fn what_is_taken_gets_a_number_and_the_longest_gives_up_its_end() {
        let mut unique = Unique::default();
        let given: Vec<String> =
            ["a", "a-2", "a", "a"].into_iter().map(|w| unique.of(Id::slug(w)).to_string()).collect();
        assert_eq!(given, ["a", "a-2", "a-3", "a-4"]);
        let long = "x".repeat(Id::MAX_LENGTH);
        assert_eq!(unique.of(Id::slug(&long)).as_str(), long);
        assert_eq!(unique.of(Id::slug(&long)).as_str(), format!("{}-2", "x".repeat(Id::MAX_LENGTH - 2)));
    }
}
