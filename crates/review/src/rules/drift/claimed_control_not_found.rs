//! `claimed-control-not-found`: a control the design promises has no evidence in the code.

use std::collections::BTreeSet;

use loadcase_model::{Aspect, Id, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "claimed-control-not-found",
    family: Family::Drift,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A control the design promises has no evidence in the code.",
    why: "Everybody who decides believes in a control that is not there.",
    fires: "A document states a timeout, login, encryption, limit or backup, and nothing in code or deployment shows it although it was looked for.",
    silent: "Controls outside the repository should be accepted with their place; controls that could not be looked for are unknown.",
    fix: "Build the control, or take the promise back.",
    references: &["A06:2025", "NIST SSDF PW.1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
    for claim in subject.survey.claims.iter().filter(|c| c.kind == "control") {
        let control = if claim.object.is_empty() { claim.subject.as_str() } else { claim.object.as_str() };
        let Some((_, aspects)) =
            CONTROLS.iter().find(|(word, _)| control.to_ascii_lowercase().contains(word))
        else {
            continue;
        };
        let found = aspects.iter().any(|a| subject.in_state(*a, State::Present).next().is_some());
        if found {
            answers.kept();
            continue;
        }
        let looked: Vec<&Id> = subject
            .services()
            .map(|(id, _)| id)
            .filter(|id| aspects.iter().any(|a| subject.looked(id, *a)))
            .collect();
        let Some(first) = looked.first() else {
            if let Some((first, _)) = subject.services().next() {
                answers.unknown(first, format!("whether {control} is there"));
            }
            continue;
        };
        if told.insert((claim.place.path.as_str(), control)) {
            let message = format!(
                "{} promises {control}, and none is seen in {} components",
                claim.place.path,
                looked.len()
            );
            answers.broken(Broken::at(first, message).seen(&claim.place, control).sure(Confidence::Medium));
        }
    }
}

/// Words of controls, and the aspects that show them.
const CONTROLS: &[(&str, &[Aspect])] = &[
    ("timeout", &[Aspect::Timeout]),
    ("circuit", &[Aspect::CircuitBreaker]),
    ("rate limit", &[Aspect::RateLimit]),
    ("rate-limit", &[Aspect::RateLimit]),
    ("encrypt", &[Aspect::Tls, Aspect::EncryptionAtRest]),
    ("tls", &[Aspect::Tls]),
    ("backup", &[Aspect::Backup]),
    ("authenticat", &[Aspect::Authentication]),
    ("login", &[Aspect::Authentication]),
    ("authoriz", &[Aspect::Authorization]),
    ("idempoten", &[Aspect::IdempotencyKey, Aspect::ConsumerIdempotency]),
    ("dead letter", &[Aspect::DeadLetter]),
    ("dead-letter", &[Aspect::DeadLetter]),
    ("audit", &[Aspect::Audit]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        Draft::new().service("a").looked("a", Aspect::RateLimit).claim("control", "gateway", "rate limit")
    }

    #[test]
    fn a_promise_without_evidence_is_found() {
        assert_eq!(
            system().find("claimed-control-not-found")[0].message,
            "docs/architecture.md promises rate limit, and none is seen in 1 components"
        );
    }

    #[test]
    fn a_seen_control_is_kept() {
        assert!(
            !system()
                .practice("a", Aspect::RateLimit, State::Present, "limiter")
                .breaks("claimed-control-not-found")
        );
    }
}
