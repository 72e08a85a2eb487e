//! `incomplete-model`: the model lacks what a rule would need, or holds elements nothing uses.

use loadcase_model::{ComponentKind, Id};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "incomplete-model",
    family: Family::Drift,
    severity: Rank::Info,
    needs_numbers: false,
    fault: "The model lacks what a rule would need, or holds elements nothing uses.",
    why: "A rule that cannot decide keeps silent, and silence looks like health.",
    fires: "A component has no technology, or nothing reaches it and it reaches nothing.",
    silent: "The undecided answers of other rules are listed by the auditor persona, each with the fact that is missing.",
    fix: "Add the missing fact to the blueprint, or remove what is not used.",
    references: &["Threagile, incomplete-model"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let lonely = |id: &Id| !subject.blueprint().flows.iter().any(|f| f.from == *id || f.to == *id);
    let nameless: Vec<&Id> = subject
        .components()
        .filter(|(_, c)| c.technology.is_none() && c.kind != ComponentKind::External)
        .map(|(id, _)| id)
        .collect();
    let alone: Vec<&Id> = subject.components().map(|(id, _)| id).filter(|id| lonely(id)).collect();
    for (what, of) in [("no known technology", nameless), ("no flow to or from anything", alone)] {
        let Some(first) = of.first() else {
            answers.kept();
            continue;
        };
        let names: Vec<String> = of.iter().take(6).map(|id| subject.name(id)).collect();
        let mut broken =
            Broken::at(first, format!("{} components have {what}: {}", of.len(), names.join(", ")))
                .sure(Confidence::High);
        for id in &of {
            broken = broken.and(id);
            if let Some(place) =
                subject.component(id).and_then(|c| c.evidence.first()).filter(|_| broken.evidence.len() < 6)
            {
                broken = broken.seen(place, "seen here");
            }
        }
        answers.broken(broken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_component_nothing_uses_is_listed() {
        let draft = Draft::new().component("a", ComponentKind::Service, "go");
        assert_eq!(
            draft.find("incomplete-model")[0].message,
            "1 components have no flow to or from anything: a"
        );
    }

    #[test]
    fn a_complete_model_is_kept() {
        let draft = Draft::new()
            .component("a", ComponentKind::Service, "go")
            .component("b", ComponentKind::Service, "go")
            .calls("a", "b");
        assert!(!draft.breaks("incomplete-model"));
    }
}
