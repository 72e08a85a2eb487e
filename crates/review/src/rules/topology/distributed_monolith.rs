//! `distributed-monolith`: services are split in packaging but still change, start or fail together.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Flow, Id, Library, Place};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "distributed-monolith",
    family: Family::Topology,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Services are split in packaging but still change, start or fail together.",
    why: "It has the cost of distribution, network, operations and debugging, without the one gain: that parts change and fail alone.",
    fires: "At least two of four: most pairs that could call each other wait for each other; two or more share tables; three or more are built from one library of the repository that carries the domain; calls run in circles. Or, alone, at medium severity: images of four or more services are each built from the whole of one code base.",
    silent: "Systems of fewer than four services.",
    fix: "Join what always changes together; give each table one owner; keep shared code to technical libraries.",
    references: &["Taibi et al. 2020", "Newman, Building Microservices"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let services: Vec<&Id> = subject.services().map(|(id, _)| id).collect();
    if services.len() < 4 {
        return;
    }
    let mut signs: Vec<String> = Vec::new();
    let mut places: Vec<(&Place, String)> = Vec::new();
    let called = |f: &&Flow| services.contains(&&f.from) && services.contains(&&f.to);
    let calls: BTreeSet<(&Id, &Id)> = subject.sync_calls().filter(called).map(|f| (&f.from, &f.to)).collect();
    // More than one and a half waiting calls for each service.
    if calls.len() * 2 > services.len() * 3 {
        signs.push(format!("{} waiting calls between {} services", calls.len(), services.len()));
        places.extend(
            subject
                .sync_calls()
                .filter(called)
                .filter_map(|f| f.evidence.first())
                .take(3)
                .map(|p| (p, "waits".to_owned())),
        );
    }
    let circular = calls.iter().filter(|(a, b)| calls.contains(&(*b, *a))).count() / 2;
    if circular > 0 {
        signs.push(format!("{circular} pairs wait for each other"));
    }
    let shared = shared_tables(subject);
    if !shared.is_empty() {
        signs.push(format!("{} tables have several writers", shared.len()));
        places.extend(shared.iter().take(3).map(|(t, p)| (*p, format!("table {t}"))));
    }
    if let Some((library, users)) = shared_library(subject) {
        signs.push(format!("{} services are built from {library}", users.len()));
        places.extend(
            users.first().and_then(|l| l.built_at.as_ref()).map(|p| (p, format!("builds {library}"))),
        );
        places.extend(users.iter().take(40).map(|l| (&l.place, format!("built from {library}"))));
    }
    let lockstep = one_code_base(subject);
    if let Some((name, images)) = &lockstep {
        signs.push(format!("{} images are built from the whole of {name}", images.len()));
        places.splice(0..0, images.values().map(|place| (*place, "copies the whole code base".to_owned())));
    }
    if signs.len() < 2 && lockstep.is_none() {
        return answers.kept();
    }
    let alone = signs.len() < 2;
    let message = format!("{} services move together: {}", services.len(), signs.join("; "));
    let mut broken = Broken::at(services[0], message).sure(Confidence::Medium);
    for (place, proves) in places {
        broken = broken.seen(place, proves);
    }
    answers.broken(if alone { broken.ranked(Rank::Medium, "only the build is shared") } else { broken });
}

/// The code base that four or more components have an image of, each built from the whole of it, with the
/// Dockerfiles.
fn one_code_base<'a>(subject: &Subject<'a>) -> Option<(&'a str, BTreeMap<&'a Id, &'a Place>)> {
    let mut users: BTreeMap<&str, BTreeMap<&Id, &Place>> = BTreeMap::new();
    for library in subject.survey.libraries.iter().filter(|l| l.ecosystem == "source") {
        if let Some(component) = &library.component {
            users.entry(&library.name).or_default().entry(component).or_insert(&library.place);
        }
    }
    users.into_iter().filter(|(_, u)| u.len() >= 4).max_by_key(|(_, u)| u.len())
}

/// Tables of one store with two or more writers, and where the second writes.
fn shared_tables<'a>(subject: &Subject<'a>) -> Vec<(&'a str, &'a Place)> {
    let mut writers: BTreeMap<(&Id, &str), BTreeMap<&Id, &Place>> = BTreeMap::new();
    for table in subject.survey.tables.iter().filter(|t| t.writes) {
        if let Some(store) = &table.store {
            writers.entry((store, &table.table)).or_default().entry(&table.component).or_insert(&table.place);
        }
    }
    let several = writers.into_iter().filter(|(_, w)| w.len() > 1);
    several.filter_map(|((_, table), w)| w.into_values().nth(1).map(|p| (table, p))).collect()
}

/// A library of the repository itself that three or more services are built from, and where they say so.
fn shared_library<'a>(subject: &Subject<'a>) -> Option<(&'a str, Vec<&'a Library>)> {
    let mut users: BTreeMap<&str, BTreeMap<&Id, &Library>> = BTreeMap::new();
    for library in &subject.survey.libraries {
        let name = library.name.rsplit([':', '/']).next().unwrap_or(&library.name).to_ascii_lowercase();
        let carries_domain = DOMAIN.iter().any(|w| name.contains(w));
        if carries_domain
            && library.built_at.is_some()
            && library.ecosystem != "source"
            && let Some(component) = &library.component
        {
            users.entry(library.name.as_str()).or_default().entry(component).or_insert(library);
        }
    }
    users
        .into_iter()
        .map(|(name, users)| (name, users.into_values().collect::<Vec<_>>()))
        .filter(|(_, users)| users.len() >= 3)
        .max_by_key(|(_, users)| users.len())
}

/// Words in names of libraries that carry what services should own.
const DOMAIN: &[&str] = &["common", "shared", "domain", "core", "model", "entit", "dto"];

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    fn system(tables: bool) -> Draft {
        let names = ["a", "b", "c", "d"];
        let mut draft = names.into_iter().fold(Draft::new(), Draft::service);
        for (from, to) in [("a", "b"), ("b", "a"), ("a", "c"), ("b", "c"), ("c", "d"), ("d", "a"), ("b", "d")]
        {
            draft = draft.calls(from, to);
        }
        if tables {
            draft = draft.table("a", "db", "orders").table("b", "db", "orders");
        }
        draft
    }

    #[test]
    fn dense_calls_and_shared_tables_are_found() {
        let found = system(true).find("distributed-monolith");
        assert!(found[0].message.contains("1 tables have several writers"), "{}", found[0].message);
    }

    #[test]
    fn images_of_one_code_base_move_together() {
        let names = ["a", "b", "c", "d"];
        let mut draft = names.into_iter().fold(Draft::new(), Draft::service);
        for name in names {
            draft = draft.library("source", "the repository", "", name);
        }
        assert_eq!(draft.find("distributed-monolith")[0].severity.as_str(), "medium");
    }

    #[test]
    fn a_library_of_the_domain_that_is_built_here_counts() {
        let draft =
            ["a", "b", "c"].into_iter().fold(system(false), |d, s| d.built_from(s, "shop:shop-common"));
        let found = draft.find("distributed-monolith");
        assert!(
            found[0].message.contains("3 services are built from shop:shop-common"),
            "{}",
            found[0].message
        );
        assert!(found[0].location.places.iter().any(|p| p.path == "common/pom.xml"));
    }

    #[test]
    fn few_services_are_no_distributed_monolith() {
        assert!(!Draft::new().service("a").service("b").calls("a", "b").breaks("distributed-monolith"));
    }
}
