//! `permissive-cors`: any site may call with the user's session.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "permissive-cors",
    family: Family::Security,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Any site may call with the user's session.",
    why: "Another site can make the browser of a signed-in user call this API and read the answer.",
    fires: "The allowed origin is a wildcard or the origin of the request reflected.",
    silent: "A wildcard on an API without cookies is less harm than it looks; it is still told.",
    fix: "List the origins that serve your front ends; never combine a wildcard or reflection with credentials.",
    references: &["CWE-942", "A02:2025"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::Cors, State::Weak);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} lets any site call it from a browser: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Cors, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice("orders", Aspect::Cors, State::Weak, "subject");
        let found = draft.find("permissive-cors");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Cors, State::Present, "subject");
        assert!(!draft.breaks("permissive-cors"));
    }
}
