//! `user-controlled-destination`: the caller chooses where the server connects.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "user-controlled-destination",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "The caller chooses where the server connects.",
    why: "The server stands inside the network. It can be sent to metadata services, admin ports and neighbours that no client could reach.",
    fires: "The host or the whole URL of an outgoing call comes from the body, query, header or path of a request, and no list of allowed hosts is seen.",
    silent: "Addresses from configuration; a path or query parameter under a fixed host.",
    fix: "Let the caller name a destination from a list you keep, resolve it yourself, and refuse private and link-local addresses.",
    references: &["CWE-918", "A01:2025", "API7:2023", "ASVS 13.2.4"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::UserControlledDestination, State::Present);
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} calls an address its caller chooses: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::UserControlledDestination, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::UserControlledDestination,
            State::Present,
            "subject",
        );
        let found = draft.find("user-controlled-destination");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::UserControlledDestination,
            State::Absent,
            "subject",
        );
        assert!(!draft.breaks("user-controlled-destination"));
    }
}
