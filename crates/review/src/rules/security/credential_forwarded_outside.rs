//! `credential-forwarded-outside`: a caller's credential is passed on to a third party.

use loadcase_model::{Aspect, ComponentKind, Id, Practice, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "credential-forwarded-outside",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A caller's credential is passed on to a third party.",
    why: "Whoever receives a credential can use it. A token meant for this system then works for a stranger until it expires.",
    fires: "A call to an external or client-chosen address carries the authorization header of the request that is being handled.",
    silent: "Calls to other components of the same system that check the same token.",
    fix: "Ask for a credential of your own for that party, or exchange the token for one whose audience is the callee.",
    references: &["CWE-522", "API10:2023", "ASVS 10.1.1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen =
        subject.in_state(Aspect::CredentialForwarded, State::Present).filter(|p| is_outside(subject, p));
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} passes its caller's credential on: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::CredentialForwarded, State::Absent).for_each(|_| answers.kept());
}

/// How many lines a call and its headers are apart at most.
const NEAR: usize = 15;

/// Whether a credential goes to somebody else: another system, or an address that the caller chooses.
fn is_outside(subject: &Subject<'_>, practice: &Practice) -> bool {
    let strange = |id: &Id| subject.component(id).is_some_and(|c| c.kind == ComponentKind::External);
    match &practice.peer {
        Some(peer) => strange(peer),
        None => subject.in_state(Aspect::UserControlledDestination, State::Present).any(|p| {
            p.component == practice.component
                && p.place.path == practice.place.path
                && (p.place.line.abs_diff(practice.place.line) <= NEAR
                    || p.operation.is_some() && p.operation == practice.operation)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let system = |kind: ComponentKind| {
            Draft::new().service("orders").component("pay", kind, "").practice_of(
                "orders",
                None,
                Some("pay"),
                Aspect::CredentialForwarded,
                State::Present,
                "subject",
            )
        };
        assert!(!system(ComponentKind::Service).breaks("credential-forwarded-outside"));
        let draft = system(ComponentKind::External);
        let found = draft.find("credential-forwarded-outside");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::CredentialForwarded,
            State::Absent,
            "subject",
        );
        assert!(!draft.breaks("credential-forwarded-outside"));
    }
}
