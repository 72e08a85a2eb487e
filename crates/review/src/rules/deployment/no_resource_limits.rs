//! `no-resource-limits`: one workload can starve the others.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::cite;
use crate::paths::is_compose;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-resource-limits",
    family: Family::Deployment,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "One workload can starve the others.",
    why: "Without a limit one leak takes the memory of the machine, and the kernel chooses who dies.",
    fires: "A workload of an orchestrator has no memory limit.",
    silent: "Compose files, which describe one machine.",
    fix: "Set requests to what it uses on a busy day and a memory limit above it.",
    references: &["CWE-770"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mut open: Vec<_> = subject
        .in_state(Aspect::ResourceLimit, State::Absent)
        .filter(|p| !is_compose(&p.place.path))
        .filter_map(|p| p.component.as_ref().map(|c| (c, p)))
        .collect();
    open.sort_by_key(|(c, p)| (*c, &p.place));
    let everywhere = open.clone();
    open.dedup_by_key(|(c, _)| *c);
    subject.in_state(Aspect::ResourceLimit, State::Present).for_each(|_| answers.kept());
    let Some((first, practice)) = open.first() else { return };
    let message = match open.len() {
        1 => format!("{} has no limit: {}", subject.name(first), practice.subject),
        n => format!("{n} workloads have no memory limit"),
    };
    let mut broken = Broken::at(first, message).sure(Confidence::High);
    // Each workload once, then the other manifests of the same.
    for (component, practice) in open.iter().chain(&everywhere).take(60) {
        broken = cite(broken.and(component), practice);
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_once_for_the_system() {
        let draft = Draft::new()
            .service("a")
            .service("b")
            .practice("a", Aspect::ResourceLimit, State::Absent, "x")
            .practice("b", Aspect::ResourceLimit, State::Absent, "x");
        let found = draft.find("no-resource-limits");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("2 "), "{}", found[0].message);
    }

    #[test]
    fn where_it_is_set_it_is_kept() {
        let draft = Draft::new().service("a").practice("a", Aspect::ResourceLimit, State::Present, "x");
        assert!(!draft.breaks("no-resource-limits"));
    }
}
