//! `deprecated-oauth-flow`: an OAuth client uses a flow that is no longer allowed.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "deprecated-oauth-flow",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "An OAuth client uses a flow that is no longer allowed.",
    why: "The implicit flow puts tokens into URLs; the password flow teaches users to type their password into other programs; a code without proof of possession can be stolen on the way.",
    fires: "A client is configured for the implicit or the password grant, for a code flow without PKCE, or with a wildcard redirect.",
    silent: "The client-credentials flow between services.",
    fix: "Use the authorization code flow with PKCE for users and client credentials for services; register exact redirect addresses.",
    references: &["RFC 9700", "RFC 7636", "ASVS 10.4.4"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::OauthFlow, State::Weak);
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} uses an OAuth flow that is no longer allowed: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::OauthFlow, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::OauthFlow, State::Weak, "subject");
        let found = draft.find("deprecated-oauth-flow");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::OauthFlow, State::Present, "subject");
        assert!(!draft.breaks("deprecated-oauth-flow"));
    }
}
