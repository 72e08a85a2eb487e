//! `tenant-from-client-input`: the caller says which tenant he is.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "tenant-from-client-input",
    family: Family::Tenancy,
    severity: Rank::High,
    needs_numbers: false,
    fault: "The caller says which tenant he is.",
    why: "Another number in the path, a header or the body, and one customer reads the data of another.",
    fires: "The tenant's id is read from the path, a header or the body and used in a query, and is not compared with the signed-in user's.",
    silent: "Operations for the operator's own staff.",
    fix: "Take the tenant from the token, and compare it with the one in the path before anything else happens.",
    references: &["API1:2023", "ASVS 8.4.1", "CWE-639"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::TenantFromClient, State::Present);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} lets the caller say which tenant he is: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::TenantFromClient, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::TenantFromClient,
            State::Present,
            "subject",
        );
        let found = draft.find("tenant-from-client-input");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::TenantFromClient,
            State::Absent,
            "subject",
        );
        assert!(!draft.breaks("tenant-from-client-input"));
    }
}
