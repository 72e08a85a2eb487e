//! `environments-share-data`: test and production share a store or credentials.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "environments-share-data",
    family: Family::Deployment,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Test and production share a store or credentials.",
    why: "A test deletes, fills or leaks what is real.",
    fires: "The same store or secret is referred to by the files of two environments.",
    silent: "Shared registries and read-only artefacts.",
    fix: "Give each environment a store and secrets of its own, and test data that is made up.",
    references: &["PCI DSS 6.5.3", "PCI DSS 6.5.5"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::DurableStorage, State::Weak);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} is shared between environments: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::DurableStorage, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::DurableStorage, State::Weak, "subject");
        let found = draft.find("environments-share-data");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::DurableStorage,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("environments-share-data"));
    }
}
