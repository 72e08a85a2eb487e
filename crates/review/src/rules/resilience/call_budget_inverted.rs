//! `call-budget-inverted`: timeouts and retries on a path exceed what the caller will wait.

use loadcase_model::{Figure, FindingNumber, Origin, Unit};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "call-budget-inverted",
    family: Family::Resilience,
    severity: Rank::High,
    needs_numbers: true,
    fault: "Timeouts and retries on a path exceed what the caller will wait.",
    why: "The caller gives up and tries again while the callee still works for the first try. Load doubles and nobody gets an answer.",
    fires: "A component waits longer for one of its callees, its own tries included, than its caller waits for it; or tries multiply along a path to more than ten.",
    silent: "Flows whose limits are not written down are unknown.",
    fix: "Give each step a limit below what remains of its caller's, pass the deadline on, and retry in one place of the path only.",
    references: &["Google SRE book, chapter 22", "AWS REL05"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    for outer in subject.sync_calls() {
        let Some(patience) = outer.timeout_ms else { continue };
        for inner in subject.sync_calls().filter(|f| f.from == outer.to) {
            let Some(limit) = inner.timeout_ms else {
                answers.unknown(&inner.from, format!("how long it waits for {}", inner.to));
                continue;
            };
            let tries = f64::from(inner.retries.unwrap_or(0) + 1);
            let product = tries * f64::from(outer.retries.unwrap_or(0) + 1);
            if limit * tries <= patience && product <= TRIES {
                answers.kept();
                continue;
            }
            let (a, b, c) = (subject.name(&outer.from), subject.name(&outer.to), subject.name(&inner.to));
            let message = if limit * tries > patience {
                format!("{a} waits {patience} ms for {b}, which waits {} ms for {c}", limit * tries)
            } else {
                format!("{product} tries reach {c} for one request of {a}")
            };
            let mut broken =
                Broken::at(&outer.from, message).and(&outer.to).and(&inner.to).sure(Confidence::Medium);
            for place in outer.evidence.iter().take(1).chain(inner.evidence.iter().take(1)) {
                broken = broken.seen(place, "a limit on the path");
            }
            let origin = Origin::Computed { by: "timeout x tries".to_owned() };
            let figure = Figure { value: limit * tries, unit: Unit::Milliseconds, origin };
            answers.broken(broken.counted(FindingNumber { name: "waits for its callee".to_owned(), figure }));
        }
    }
}

/// Tries of one request that a callee can bear.
const TRIES: f64 = 10.0;

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    fn system(outer: f64, inner: f64) -> Draft {
        let mut draft = Draft::new().service("a").service("b").service("c").calls("a", "b").calls("b", "c");
        draft.survey.blueprint.flows[0].timeout_ms = Some(outer);
        draft.survey.blueprint.flows[1].timeout_ms = Some(inner);
        draft
    }

    #[test]
    fn a_callee_that_waits_longer_than_its_caller_is_found() {
        assert_eq!(
            system(1000.0, 3000.0).find("call-budget-inverted")[0].message,
            "a waits 1000 ms for b, which waits 3000 ms for c"
        );
    }

    #[test]
    fn shrinking_limits_are_kept() {
        assert!(!system(3000.0, 1000.0).breaks("call-budget-inverted"));
    }
}
