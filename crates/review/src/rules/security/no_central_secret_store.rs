//! `no-central-secret-store`: secrets have no store that issues, rotates and audits them.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-central-secret-store",
    family: Family::Security,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "Secrets have no store that issues, rotates and audits them.",
    why: "Secrets spread over files and variables cannot be rotated together, and nobody can say who read them.",
    fires: "Two or more components use secrets, by literals, variables or connection strings, and neither a secret store, a key service nor the platform's secrets are seen.",
    silent: "Systems of one component; secrets that come from the platform.",
    fix: "Take the platform's secret store, and let components read their secrets at start or by short-lived credentials.",
    references: &["ASVS 13.3.1", "Schneider et al. 2024, R25"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let stored = subject.in_state(Aspect::SecretStore, State::Present).next().is_some()
        || subject.components().any(|(id, _)| subject.has_role(id, loadcase_model::Role::SecretStore));
    if stored {
        return answers.kept();
    }
    let mut users: Vec<_> = subject
        .in_state(Aspect::LiteralSecret, State::Present)
        .chain(subject.in_state(Aspect::DefaultCredentials, State::Present))
        .filter_map(|p| p.component.as_ref().map(|c| (c, &p.place)))
        .collect();
    users.sort();
    users.dedup_by_key(|(c, _)| *c);
    let [(first, place), rest @ ..] = users.as_slice() else { return };
    if rest.is_empty() {
        return;
    }
    let message = format!("{} components use secrets, and no store of secrets is seen", users.len());
    let mut broken =
        Broken::at(first, message).seen(place, "a secret that no store keeps").sure(Confidence::Medium);
    for (component, place) in rest.iter().take(6) {
        broken = broken.and(component).seen(place, "a secret that no store keeps");
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn secrets_in_two_components_need_a_store() {
        let draft = Draft::new()
            .service("a")
            .service("b")
            .practice("a", Aspect::LiteralSecret, State::Present, "KEY")
            .practice("b", Aspect::LiteralSecret, State::Present, "KEY");
        let found = draft.find("no-central-secret-store");
        assert_eq!(found[0].message, "2 components use secrets, and no store of secrets is seen");
    }

    #[test]
    fn a_store_is_enough() {
        let draft = Draft::new()
            .service("a")
            .service("b")
            .practice("a", Aspect::LiteralSecret, State::Present, "KEY")
            .practice("b", Aspect::SecretStore, State::Present, "vault");
        assert!(!draft.breaks("no-central-secret-store"));
    }
}
