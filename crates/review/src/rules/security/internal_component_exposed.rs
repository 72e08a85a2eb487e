//! `internal-component-exposed`: a datastore, broker or internal service is reachable from outside its zone.

use loadcase_model::{Aspect, ComponentKind, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::paths::is_compose;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "internal-component-exposed",
    family: Family::Security,
    severity: Rank::Critical,
    needs_numbers: false,
    fault: "A datastore, broker or internal service is reachable from outside its zone.",
    why: "Databases, brokers and consoles trust whoever reaches them far more than an API does. Exposed ones are found by scanners within hours.",
    fires: "A deployment publishes a port of a store, cache, broker, search index, registry, console or other internal component (one that calls itself internal, too) on all addresses, or gives it a public address.",
    silent: "Ports bound to loopback; ports of gateways, web servers and services that people use.",
    fix: "Drop the published port, bind it to 127.0.0.1 for development, or put the component into a private network.",
    references: &["CWE-668", "A02:2025", "API8:2023"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let internal = |p: &&loadcase_model::Practice| {
        p.component.as_ref().is_some_and(|c| subject.is_data(c) || is_internal(subject, c))
    };
    let exposed = subject.in_state(Aspect::Exposure, State::Present).filter(internal);
    let found = per_component(subject, exposed, Confidence::High, |name, all| {
        format!("{name} is reachable from outside: {}", subjects(all, 3))
    });
    for broken in found {
        // A development file is not the internet, but what stands there is copied.
        let local = broken.evidence.iter().all(|(p, _)| is_compose(&p.path));
        let node = broken.evidence.iter().all(|(_, proves)| proves.contains("NodePort"));
        let keeps_data = broken.elements.first().is_some_and(|id| subject.is_data(id));
        answers.broken(if node && !keeps_data {
            broken.ranked(Rank::High, "a port of the nodes: open to whoever reaches them")
        } else if local {
            broken.ranked(Rank::High, "published by a compose file, which usually runs on one machine")
        } else {
            broken
        });
    }
    subject.in_state(Aspect::Exposure, State::Absent).for_each(|_| answers.kept());
}

/// Whether a component serves operators and other components only.
fn is_internal(subject: &Subject<'_>, id: &loadcase_model::Id) -> bool {
    let is_gateway =
        subject.component(id).is_some_and(|c| matches!(c.kind, ComponentKind::Gateway | ComponentKind::Edge));
    let says_so = subject
        .name(id)
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|w| w.eq_ignore_ascii_case("internal"));
    (subject.is_infrastructure(id) || says_so) && !is_gateway
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_published_database_is_found() {
        let draft = Draft::new().component("db", ComponentKind::Store, "postgresql").practice(
            "db",
            Aspect::Exposure,
            State::Present,
            "5432",
        );
        let found = draft.find("internal-component-exposed");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "db is reachable from outside: 5432");
        assert_eq!(found[0].severity.as_str(), "critical");
    }

    #[test]
    fn what_calls_itself_internal_is_not_published() {
        let draft = Draft::new().service("internal-api").practice(
            "internal-api",
            Aspect::Exposure,
            State::Present,
            "30003",
        );
        assert!(draft.breaks("internal-component-exposed"));
    }

    #[test]
    fn a_service_that_people_use_may_be_published() {
        let draft = Draft::new().service("web").practice("web", Aspect::Exposure, State::Present, "8080");
        assert!(!draft.breaks("internal-component-exposed"));
    }
}
