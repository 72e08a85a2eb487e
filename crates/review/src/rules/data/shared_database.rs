//! `shared-database`: two services use the same logical database.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{ComponentKind, Flow, Id};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "shared-database",
    family: Family::Data,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Two services use the same logical database.",
    why: "One migration, one slow query or one pool that runs full is felt by both, and the schema becomes their interface.",
    fires: "Two or more components read and write one store, under the same logical database or under one that is not told. Another database on the same server is only worth knowing.",
    silent: "Caches, brokers and search indexes; a component and its own worker.",
    fix: "Give each component a database or schema and an account of its own; one server may hold several.",
    references: &["Neri et al. 2020, shared persistence", "Taibi et al. 2018, shared persistency"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    for (store, component) in subject.components().filter(|(_, c)| c.kind == ComponentKind::Store) {
        let mut users: Vec<&Flow> =
            subject.flows_to(store).filter(|f| subject.services().any(|(id, _)| *id == f.from)).collect();
        users.sort_by_key(|f| &f.from);
        users.dedup_by_key(|f| &f.from);
        // One program under two names shares nothing with another.
        let mut programs: BTreeSet<Vec<&str>> = BTreeSet::new();
        users.retain(|f| {
            let code = code_of(f);
            code.is_empty() || programs.insert(code)
        });
        if users.len() < 2 {
            answers.kept();
            continue;
        }
        let databases: BTreeMap<&Id, BTreeSet<&str>> = databases(subject, store);
        // One line of shared code connects for all of them: configuration may give each a database of its own.
        let mut lines = users.iter().map(|f| f.evidence.as_slice());
        let first = lines.next().unwrap_or_default();
        if databases.is_empty() && !first.is_empty() && lines.all(|l| l == first) {
            answers.unknown(store, "which database each of its users is configured with");
            continue;
        }
        let named: BTreeSet<&BTreeSet<&str>> = databases.values().collect();
        let apart = databases.len() == users.len() && named.len() == users.len();
        let names: Vec<String> = users.iter().map(|f| subject.name(&f.from)).collect();
        let message = if apart {
            format!("{} share the server {} and have a database each", names.join(", "), component.name)
        } else {
            format!("{} use the same database {}", names.join(", "), component.name)
        };
        let mut broken = Broken::at(store, message).sure(Confidence::Medium);
        for flow in &users {
            broken = broken.and(&flow.from);
            for place in flow.evidence.iter().take(2) {
                broken = broken.seen(place, format!("{} uses it", subject.name(&flow.from)));
            }
        }
        for place in component.evidence.iter().take(1) {
            broken = broken.seen(place, "the store");
        }
        answers.broken(if apart { broken.ranked(Rank::Info, "only the server is shared") } else { broken });
    }
}

/// The files of code and settings in which a component reaches a store, when there are any.
fn code_of(flow: &Flow) -> Vec<&str> {
    let deploys = |p: &str| {
        let name = p.rsplit('/').next().unwrap_or(p);
        let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
        name.ends_with(".tf") || name.starts_with(".env") || yaml && !name.starts_with("application")
    };
    let mut files: Vec<&str> =
        flow.evidence.iter().map(|p| p.path.as_str()).filter(|p| !deploys(p)).collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// The logical databases each component names for a store.
fn databases<'a>(subject: &Subject<'a>, store: &Id) -> BTreeMap<&'a Id, BTreeSet<&'a str>> {
    let mut found: BTreeMap<&Id, BTreeSet<&str>> = BTreeMap::new();
    for table in subject.survey.tables.iter().filter(|t| t.store.as_ref() == Some(store)) {
        if let Some(database) = &table.database {
            found.entry(&table.component).or_default().insert(database);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        Draft::new()
            .service("a")
            .service("b")
            .component("db", ComponentKind::Store, "postgresql")
            .calls("a", "db")
            .calls("b", "db")
    }

    #[test]
    fn two_users_of_one_database_are_found() {
        let found = system().find("shared-database");
        assert_eq!(found[0].message, "a, b use the same database db");
        assert_eq!(found[0].severity.as_str(), "medium");
    }

    #[test]
    fn a_server_with_a_database_each_is_only_worth_knowing() {
        let mut draft = system().table("a", "db", "x").table("b", "db", "y");
        draft.survey.tables[0].database = Some("a".to_owned());
        draft.survey.tables[1].database = Some("b".to_owned());
        assert_eq!(draft.find("shared-database")[0].severity.as_str(), "info");
    }
}
