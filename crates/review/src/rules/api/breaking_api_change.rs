//! `breaking-api-change`: a contract change breaks its callers.

use std::collections::BTreeSet;

use loadcase_model::Operation;

use crate::answer::{Answers, Broken, Confidence};
use crate::paths::without_names;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "breaking-api-change",
    family: Family::Api,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A contract change breaks its callers.",
    why: "Callers that were not changed in the same minute fail.",
    fires: "Compared with an earlier version of the system, an operation is gone or its path has changed, and no version of the path is new.",
    silent: "Needs an earlier version: `loadcase diff` gives one. Operations that only operators use.",
    fix: "Keep the old operation beside the new one until its callers have moved, and say when it ends.",
    references: &["AIP-180"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let Some(previous) = subject.previous else {
        if let Some((first, _)) = subject.services().next() {
            answers.unknown(first, "an earlier version to compare with");
        }
        return;
    };
    let key = |o: &Operation| {
        (
            subject.answers_in(o),
            o.method.clone().unwrap_or_default(),
            without_names(o.path.as_deref().unwrap_or("")),
        )
    };
    let now: BTreeSet<(String, String, String)> = subject.blueprint().operations.values().map(key).collect();
    for operation in previous.operations.values().filter(|o| o.path.is_some()) {
        let old = key(operation);
        // A component that is gone altogether is told by the comparison itself.
        if now.contains(&old) || !now.iter().any(|(component, ..)| *component == old.0) {
            answers.kept();
            continue;
        }
        let component = operation.steps.first().map(|s| s.component.clone());
        let mut broken =
            Broken::file(format!("{} no longer answers {}", old.0, operation.name)).sure(Confidence::Medium);
        broken.elements.extend(component);
        for place in &operation.evidence {
            broken = broken.seen(place, "answered here before");
        }
        answers.broken(broken);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn a_removed_operation_is_found() {
        let old = Draft::new().service("a").operation("a", "GET", "/x").operation("a", "GET", "/y");
        let new = Draft::new().service("a").operation("a", "GET", "/y");
        assert_eq!(new.find_since("breaking-api-change", &old)[0].message, "a no longer answers GET /x");
    }

    #[test]
    fn an_added_operation_breaks_nobody() {
        let old = Draft::new().service("a").operation("a", "GET", "/x");
        let new = Draft::new().service("a").operation("a", "GET", "/x").operation("a", "GET", "/y");
        assert!(new.find_since("breaking-api-change", &old).is_empty());
    }
}
