//! `single-point-of-failure`: one instance or zone stops a critical operation.

use std::collections::BTreeSet;

use loadcase_model::{ComponentKind, FlowStyle, Id};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "single-point-of-failure",
    family: Family::Resilience,
    severity: Rank::High,
    needs_numbers: false,
    fault: "One instance or zone stops a critical operation.",
    why: "Its restart, its machine and its zone are the availability of everything that waits for it.",
    fires: "A component that several others wait for, or that all requests pass, is seen to run in one copy on a platform that could run more.",
    silent: "Components whose number of copies is not written down are unknown. Compose files describe one machine and say nothing about copies.",
    fix: "Run two copies in two zones behind the platform's balancer; for a store, a standby with automatic failover.",
    references: &["AWS REL10", "AWS REL11"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    for (id, component) in subject.components() {
        let waiting: BTreeSet<&Id> =
            subject.flows_to(id).filter(|f| f.style == FlowStyle::Sync).map(|f| &f.from).collect();
        if waiting.len() < 2 || component.managed || component.kind == ComponentKind::External {
            continue;
        }
        let Some(capacity) = &component.capacity else {
            answers.unknown(id, "in how many copies it runs");
            continue;
        };
        let written = component.evidence.iter().find(|p| !p.path.contains("compose"));
        match written {
            Some(place) if capacity.replicas <= 1 && capacity.standbys == 0 && platform_scales(subject) => {
                let names: Vec<String> = waiting.iter().take(4).map(|w| subject.name(w)).collect();
                let message = format!(
                    "{} runs in one copy and {} components wait for it: {}",
                    subject.name(id),
                    waiting.len(),
                    names.join(", ")
                );
                answers.broken(Broken::at(id, message).seen(place, "one copy").sure(Confidence::Low));
            }
            _ => answers.kept(),
        }
    }
}

/// Whether the platform can run several copies.
fn platform_scales(subject: &Subject<'_>) -> bool {
    subject.blueprint().deployment.platform == "kubernetes"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system(replicas: u32) -> Draft {
        let mut draft = Draft::new().service("a").service("b").service("c").calls("a", "c").calls("b", "c");
        draft.survey.blueprint.deployment.platform = Id::slug("kubernetes");
        let capacity = loadcase_model::Capacity {
            replicas,
            vcpu: 1.0,
            memory_gb: 1.0,
            storage_gb: 0.0,
            standbys: 0,
            read_replicas: 0,
            concurrency: None,
            basis: "test".to_owned(),
        };
        if let Some(c) = draft.survey.blueprint.components.get_mut("c") {
            c.capacity = Some(capacity);
        }
        draft
    }

    #[test]
    fn one_copy_that_two_wait_for_is_found() {
        assert_eq!(
            system(1).find("single-point-of-failure")[0].message,
            "c runs in one copy and 2 components wait for it: a, b"
        );
    }

    #[test]
    fn two_copies_are_kept() {
        assert!(!system(2).breaks("single-point-of-failure"));
    }
}
