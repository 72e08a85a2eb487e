//! `card-data-in-scope`: card data enters own systems, or the security code is kept.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::{cite, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "card-data-in-scope",
    family: Family::Payments,
    severity: Rank::Critical,
    needs_numbers: false,
    fault: "Card data enters own systems, or the security code is kept.",
    why: "Every system that sees a card number is in the scope of PCI DSS, with its network, its logs and its staff. The security code may never be kept after authorisation.",
    fires: "A field, column or message of the system holds a card number, track or security code.",
    silent: "Tokens and the last four digits; test code.",
    fix: "Let the provider's fields or page take the card, and keep only its token. Delete stored security codes today.",
    references: &["PCI DSS 3.3.1", "PCI DSS 3.5.1", "PCI DSS 1.2.4"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    for (component, seen) in subject.by_component(subject.in_state(Aspect::CardData, State::Present)) {
        let message = format!("{} handles card data itself: {}", subject.name(component), subjects(&seen, 4));
        let mut broken = Broken::at(component, message).sure(Confidence::Medium);
        for practice in seen.iter().take(8) {
            broken = cite(broken, practice);
        }
        let keeps_code = seen.iter().any(|p| {
            let told = format!("{} {}", p.subject, p.detail).to_ascii_lowercase();
            ["cvv", "cvc", "security code", "track"].iter().any(|w| told.contains(w))
        });
        answers.broken(if keeps_code {
            broken
        } else {
            broken.ranked(Rank::High, "no security code is seen among it")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_kept_security_code_is_critical() {
        let draft = Draft::new().service("pay").practice("pay", Aspect::CardData, State::Present, "cvv");
        assert_eq!(draft.find("card-data-in-scope")[0].severity.as_str(), "critical");
    }

    #[test]
    fn tokens_are_no_finding() {
        assert!(!Draft::new().service("pay").breaks("card-data-in-scope"));
    }
}
