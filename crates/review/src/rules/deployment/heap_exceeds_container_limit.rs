//! `heap-exceeds-container-limit`: the process is allowed more memory than its container.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "heap-exceeds-container-limit",
    family: Family::Deployment,
    severity: Rank::High,
    needs_numbers: false,
    fault: "The process is allowed more memory than its container.",
    why: "The kernel kills the process under load, without an error of its own, again and again.",
    fires: "The heap a runtime is told, or workers times their footprint, is above the memory limit of the container.",
    silent: "Runtimes that read the limit of the container.",
    fix: "Set the heap to three quarters of the limit, or let the runtime derive it from the limit.",
    references: &["train-ticket fault F3"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::HeapLimit, State::Weak);
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} may take more memory than its container has: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::HeapLimit, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::HeapLimit, State::Weak, "subject");
        let found = draft.find("heap-exceeds-container-limit");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::HeapLimit, State::Present, "subject");
        assert!(!draft.breaks("heap-exceeds-container-limit"));
    }
}
