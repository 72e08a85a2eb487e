//! `security-as-afterthought`: the design names no security decisions at all.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "security-as-afterthought",
    family: Family::Security,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "The design names no security decisions at all.",
    why: "What nobody decided is decided by defaults, and found by others.",
    fires: "The system has sensitive data or operations that change state, and no login, no role, no store of secrets, no audit event and no classification is seen anywhere, although the languages show where they would be.",
    silent: "As soon as one of them is seen it keeps silent: the specific rules say what is missing.",
    fix: "Decide, and write down, who signs in how, who may do what, where secrets live, what is logged for audit, and which data is sensitive.",
    references: &["A06:2025", "NIST SSDF PO.1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    const DECISIONS: &[Aspect] = &[
        Aspect::Authentication,
        Aspect::Authorization,
        Aspect::SecretStore,
        Aspect::Audit,
        Aspect::RateLimit,
        Aspect::EncryptionAtRest,
        Aspect::PasswordHashing,
    ];
    if DECISIONS.iter().any(|a| subject.in_state(*a, State::Present).next().is_some()) {
        return answers.kept();
    }
    let services: Vec<_> = subject.services().collect();
    let looked = services.iter().filter(|(id, _)| subject.looked(id, Aspect::Authentication)).count();
    let changes =
        subject.blueprint().operations.values().any(|o| o.method.as_deref().is_some_and(|m| m != "GET"));
    let Some((first, component)) = services.first() else { return };
    let signs_in = subject.blueprint().operations.values().any(|o| {
        let path = o.path.as_deref().unwrap_or("").to_ascii_lowercase();
        ["login", "signin", "sign-in", "oauth/token", "authenticate"].iter().any(|w| path.contains(w))
    });
    if signs_in {
        return answers.kept();
    }
    if looked == 0 || looked * 2 < services.len() || !changes {
        return answers.unknown(first, "where security decisions would be seen");
    }
    let message = format!("no login, role, secret store, audit or limit is seen in {looked} components");
    let mut broken = Broken::at(first, message).sure(Confidence::Medium);
    if let Some(place) = component.evidence.first() {
        broken = broken.seen(place, "one of the components that were read");
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        Draft::new().service("a").operation("a", "POST", "/orders").looked("a", Aspect::Authentication)
    }

    #[test]
    fn a_system_without_any_decision_is_found() {
        assert!(system().breaks("security-as-afterthought"));
    }

    #[test]
    fn one_decision_is_enough_to_keep_silent() {
        assert!(
            !system().practice("a", Aspect::Audit, State::Present, "log").breaks("security-as-afterthought")
        );
    }
}
