//! `no-login-throttling`: login, code or reset can be tried without limit.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-login-throttling",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Login, code or reset can be tried without limit.",
    why: "Passwords are reused and codes are short. Without a limit on attempts both fall to a script in minutes.",
    fires: "An operation that signs in, checks a code or resets a password has no limit of attempts, lockout or second factor, and the language shows where one would stand.",
    silent: "Sign-in that a product or an identity provider does; a limit at the gateway for that path.",
    fix: "Limit attempts by account and by address, with growing delays, on every version of the operation that is routed.",
    references: &["API2:2023", "CWE-307", "ASVS 6.3.1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let limited_before = subject.in_state(Aspect::LoginThrottling, State::Present).any(|p| {
        p.component.as_ref().is_some_and(|c| {
            subject.component(c).is_some_and(|c| c.kind == loadcase_model::ComponentKind::Gateway)
        })
    });
    if limited_before {
        return answers.kept();
    }
    let open = subject.in_state(Aspect::LoginThrottling, State::Absent);
    let found = per_component(subject, open, Confidence::Medium, |name, all| {
        format!("{name} lets callers try without limit: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::LoginThrottling, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn an_unlimited_code_check_is_found() {
        let draft = Draft::new().service("auth").practice(
            "auth",
            Aspect::LoginThrottling,
            State::Absent,
            "POST /otp",
        );
        assert_eq!(
            draft.find("no-login-throttling")[0].message,
            "auth lets callers try without limit: POST /otp"
        );
    }

    #[test]
    fn a_limit_at_the_gateway_is_enough() {
        let draft = Draft::new()
            .service("auth")
            .component("edge", loadcase_model::ComponentKind::Gateway, "nginx")
            .practice("auth", Aspect::LoginThrottling, State::Absent, "POST /login")
            .practice("edge", Aspect::LoginThrottling, State::Present, "/login");
        assert!(!draft.breaks("no-login-throttling"));
    }
}
