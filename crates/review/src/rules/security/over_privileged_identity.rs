//! `over-privileged-identity`: a workload may do more than its flows need.

use loadcase_catalog::{Ability, Signs};
use loadcase_model::{Aspect, Practice, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "over-privileged-identity",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A workload may do more than its flows need.",
    why: "Whoever takes over the workload has all its rights: with wildcards or an administrator role that is the whole cluster or account.",
    fires: "A role grants wildcards, the administrator role, or reads of all secrets to a workload or a default account.",
    silent: "Known agents that only read what they count; roles of operators and controllers whose task is administration, when the file says so.",
    fix: "Grant the verbs and resources that the flows of this workload use, by name.",
    references: &["CWE-250", "ASVS 13.2.2"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let signs = Signs::new(subject.catalog);
    let seen =
        subject.in_state(Aspect::GrantedRights, State::Weak).filter(|p| !only_watches(subject, &signs, p));
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} is granted more than it needs: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::GrantedRights, State::Present).for_each(|_| answers.kept());
}

/// Whether an agent of the cluster may only read what it is there to count: `kube-state-metrics: list,watch on ...`.
fn only_watches(subject: &Subject<'_>, signs: &Signs<'_>, practice: &Practice) -> bool {
    let Some((role, rights)) = practice.subject.split_once(": ") else { return false };
    let Some((verbs, resources)) = rights.split_once(" on ") else { return false };
    let reads = verbs.split(',').all(|v| matches!(v, "get" | "list" | "watch"));
    let is_agent = practice.component.as_ref().is_some_and(|c| subject.works_on_host(signs, c))
        || signs.name_gives(role, Ability::HostAccess);
    reads && is_agent && !resources.split(',').any(|r| r == "*")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::GrantedRights, State::Weak, "subject");
        let found = draft.find("over-privileged-identity");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn an_agent_that_counts_objects_may_read_them() {
        let granted = |role: &str, verbs: &str| {
            let subject = format!("{role}: {verbs} on secrets,nodes");
            let mut draft =
                Draft::new().service("x").practice("x", Aspect::GrantedRights, State::Weak, &subject);
            draft.survey.practices[0].component = None;
            draft.breaks("over-privileged-identity")
        };
        assert!(!granted("kube-state-metrics", "list,watch"));
        assert!(granted("kube-state-metrics", "list,delete"));
        assert!(granted("orders", "list,watch"));
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::GrantedRights,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("over-privileged-identity"));
    }
}
