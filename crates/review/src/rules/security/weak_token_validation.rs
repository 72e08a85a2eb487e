//! `weak-token-validation`: a token is accepted without proper proof.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "weak-token-validation",
    family: Family::Security,
    severity: Rank::Critical,
    needs_numbers: false,
    fault: "A token is accepted without proper proof.",
    why: "A caller who can choose the key or the algorithm, or whose token is never checked, is anybody he says he is.",
    fires: "A token is read without a check of its signature, the algorithm or the key comes from the token itself, `none` is allowed, or expiry and audience are ignored.",
    silent: "Reading a token whose proof was checked before it, by a gateway or a filter that is seen in the same component.",
    fix: "Pin the algorithm and the key set, check signature, issuer, audience and expiry in one place, and refuse everything else.",
    references: &["CWE-347", "RFC 8725", "ASVS 9.1.1", "ASVS 9.2.1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::TokenValidation, State::Weak).filter(|p| !subject.is_in_browser(p));
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} accepts tokens without proper proof: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::TokenValidation, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::TokenValidation,
            State::Weak,
            "subject",
        );
        let found = draft.find("weak-token-validation");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::TokenValidation,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("weak-token-validation"));
    }
}
