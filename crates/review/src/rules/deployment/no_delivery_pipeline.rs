//! `no-delivery-pipeline`: nothing builds, tests and scans before release.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-delivery-pipeline",
    family: Family::Deployment,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "Nothing builds, tests and scans before release.",
    why: "Every release depends on the machine and the memory of one person.",
    fires: "The repository has code and a deployment, and no definition of a pipeline; or a pipeline deploys without a step that tests.",
    silent: "Pipelines that live outside the repository should be accepted with their place.",
    fix: "Define a pipeline that builds, tests, scans and then deploys, and protect the main branch with it.",
    references: &["NIST SSDF PO.3", "NIST SSDF PW.7", "CWE-1127"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::Pipeline, State::Absent);
    let found =
        per_component(subject, seen, Confidence::Medium, |name, all| format!("{name}: {}", subjects(all, 3)));
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Pipeline, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Pipeline, State::Absent, "subject");
        let found = draft.find("no-delivery-pipeline");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Pipeline, State::Present, "subject");
        assert!(!draft.breaks("no-delivery-pipeline"));
    }
}
