//! `retry-without-idempotency`: a call is retried although repeating it changes state again.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::cite;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "retry-without-idempotency",
    family: Family::Resilience,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A call is retried although repeating it changes state again.",
    why: "A timeout does not say whether the first try did its work. The second does it again.",
    fires: "A retry policy is seen on a call whose method changes state, and neither an idempotency key nor a conditional write is seen at the callee.",
    silent: "Reads, and writes that end in the same state.",
    fix: "Send a key for each intended effect and let the receiver remember it; or retry reads only.",
    references: &["AWS REL04", "AIP-155", "CWE-837"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    for practice in subject.practices(Aspect::Retry) {
        let changes =
            ["POST", "PATCH"].iter().any(|m| practice.subject.contains(m) || practice.detail.contains(m));
        let Some(component) = &practice.component else { continue };
        let keyed = practice
            .peer
            .as_ref()
            .is_some_and(|p| subject.of(p, Aspect::IdempotencyKey).any(|k| k.state == State::Present))
            || subject.of(component, Aspect::IdempotencyKey).any(|k| k.state == State::Present);
        if !changes || keyed {
            answers.kept();
            continue;
        }
        let message =
            format!("{} repeats a call that changes state: {}", subject.name(component), practice.subject);
        answers.broken(cite(Broken::at(component, message).sure(Confidence::Medium), practice));
    }
    for flow in subject.blueprint().flows.iter().filter(|f| f.retries.is_some_and(|r| r > 0)) {
        let changes = flow.purpose.contains("POST ") || flow.purpose.contains("PATCH ");
        let keyed = subject.of(&flow.to, Aspect::IdempotencyKey).any(|k| k.state == State::Present);
        if !changes || keyed {
            answers.kept();
            continue;
        }
        let message = format!(
            "{} repeats calls to {} that change state",
            subject.name(&flow.from),
            subject.name(&flow.to)
        );
        let mut broken = Broken::at(&flow.from, message).and(&flow.to).sure(Confidence::Medium);
        for place in flow.evidence.iter().take(3) {
            broken = broken.seen(place, "repeated on failure");
        }
        answers.broken(broken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_repeated_post_is_found() {
        let draft =
            Draft::new().service("shop").practice("shop", Aspect::Retry, State::Present, "POST /charge");
        assert_eq!(
            draft.find("retry-without-idempotency")[0].message,
            "shop repeats a call that changes state: POST /charge"
        );
    }

    #[test]
    fn a_repeated_read_is_kept() {
        let draft =
            Draft::new().service("shop").practice("shop", Aspect::Retry, State::Present, "GET /stock");
        assert!(!draft.breaks("retry-without-idempotency"));
    }
}
