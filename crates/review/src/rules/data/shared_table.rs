//! `shared-table`: two services write the same table.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Id, Place};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "shared-table",
    family: Family::Data,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Two services write the same table.",
    why: "Neither can change a column, a meaning or an invariant without the other, and nobody knows who wrote what.",
    fires: "The same table of the same store and database is written by two or more components.",
    silent: "Tables of equal names in different stores or databases; migrations that one component runs for another.",
    fix: "Give the table one owner, and let the other ask it or listen to its events.",
    references: &["Neri et al. 2020, shared persistence", "Richardson, database per service"],
    aliases: &[],
    check,
};

/// A table and where its writers write it.
type Shared<'a> = (String, Vec<&'a Place>);

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mut writers: BTreeMap<(&Id, Option<&str>, String), BTreeMap<&Id, &Place>> = BTreeMap::new();
    for table in subject.survey.tables.iter().filter(|t| t.writes && !t.table.is_empty()) {
        if let Some(store) = &table.store {
            let key = (store, table.database.as_deref(), table.table.to_ascii_lowercase());
            writers.entry(key).or_default().entry(&table.component).or_insert(&table.place);
        }
    }
    let mut pairs: BTreeMap<(&Id, Vec<&Id>), Vec<Shared<'_>>> = BTreeMap::new();
    for ((store, _, table), by) in writers {
        // The same line of code runs as several components: one program under two names.
        let places: BTreeSet<&Place> = by.values().copied().collect();
        if by.len() < 2 || places.len() < 2 {
            answers.kept();
            continue;
        }
        pairs
            .entry((store, by.keys().copied().collect()))
            .or_default()
            .push((table, by.into_values().collect()));
    }
    for ((store, components), tables) in pairs {
        let names: Vec<String> = components.iter().map(|c| subject.name(c)).collect();
        let listed: Vec<&str> = tables.iter().take(4).map(|(t, _)| t.as_str()).collect();
        let message =
            format!("{} all write {} of {}", names.join(", "), listed.join(", "), subject.name(store));
        let mut broken = Broken::at(store, message).sure(Confidence::Medium);
        for component in &components {
            broken = broken.and(component);
        }
        for (table, places) in tables.iter().take(4) {
            for place in places {
                broken = broken.seen(place, format!("table {table}"));
            }
        }
        answers.broken(broken);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn two_writers_are_found() {
        let draft =
            Draft::new().service("a").service("b").table("a", "db", "orders").table("b", "db", "orders");
        assert_eq!(draft.find("shared-table")[0].message, "a, b all write orders of db");
    }

    #[test]
    fn tables_of_two_stores_are_two_tables() {
        let draft =
            Draft::new().service("a").service("b").table("a", "db1", "orders").table("b", "db2", "orders");
        assert!(!draft.breaks("shared-table"));
    }
}
