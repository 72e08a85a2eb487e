//! `missing-rate-limit`: a public operation has no rate limit.

use loadcase_model::{Aspect, ComponentKind, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "missing-rate-limit",
    family: Family::Api,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "A public operation has no rate limit.",
    why: "One script can use what was meant for all, try every code and send every mail.",
    fires: "Operations can be reached from outside and no limiter is seen at the gateway, in the middleware or in the service, although each of them was looked at. Worse where codes, resets, searches or money are behind it.",
    silent: "Limits outside the repository, at a content delivery network or cloud gateway, should be accepted with their place.",
    fix: "Limit by account and address at the entry, with lower limits for sign-in, codes, search and money.",
    references: &["API4:2023", "API6:2023", "ASVS 2.4.1", "CWE-770"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    if let Some(limit) = subject.in_state(Aspect::RateLimit, State::Present).next()
        && limit.component.as_ref().is_none_or(|c| {
            subject
                .component(c)
                .is_some_and(|c| matches!(c.kind, ComponentKind::Gateway | ComponentKind::Edge))
        })
    {
        return answers.kept();
    }
    let reachable = subject.reachable();
    let mut open = Vec::new();
    for (id, component) in subject.services().filter(|(id, _)| reachable.contains(id)) {
        if subject.of(id, Aspect::RateLimit).any(|p| p.state == State::Present) {
            answers.kept();
        } else if !subject.looked(id, Aspect::RateLimit) {
            answers.unknown(id, "whether its requests are limited");
        } else if subject.operations_of(id).next().is_some() {
            open.push((id, component));
        }
    }
    let Some((first, _)) = open.first() else { return };
    let costly = open
        .iter()
        .any(|(id, _)| subject.operations_of(id).any(|(_, o)| o.path.as_deref().is_some_and(is_costly)));
    let names: Vec<String> = open.iter().take(4).map(|(id, _)| subject.name(id)).collect();
    let message =
        format!("{} components answer the internet without a rate limit: {}", open.len(), names.join(", "));
    let mut broken = Broken::at(first, message).sure(Confidence::Low);
    for (id, component) in &open {
        broken = broken.and(id);
        let place =
            subject.operations_of(id).find_map(|(_, o)| o.evidence.first()).or(component.evidence.first());
        if let Some(place) = place.filter(|_| broken.evidence.len() < 8) {
            broken = broken.seen(place, "answers without a limit");
        }
    }
    answers.broken(if costly {
        broken.ranked(Rank::High, "codes, resets or money are behind it")
    } else {
        broken
    });
}

/// Whether a path costs money or opens an account when it is tried often.
fn is_costly(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ["otp", "reset", "forgot", "payment", "checkout", "transfer", "coupon"].iter().any(|w| lower.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        Draft::new()
            .service("a")
            .used_by_people("a")
            .operation("a", "GET", "/x")
            .looked("a", Aspect::RateLimit)
    }

    #[test]
    fn an_open_component_without_a_limit_is_found() {
        assert_eq!(
            system().find("missing-rate-limit")[0].message,
            "1 components answer the internet without a rate limit: a"
        );
    }

    #[test]
    fn a_limiter_is_kept() {
        assert!(
            !system()
                .practice("a", Aspect::RateLimit, State::Present, "limiter")
                .breaks("missing-rate-limit")
        );
    }
}
