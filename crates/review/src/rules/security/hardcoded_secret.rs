//! `hardcoded-secret`: a secret is in source, image or manifest.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "hardcoded-secret",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A secret is in source, image or manifest.",
    why: "Whoever reads the repository, an image layer or a backup of either has the secret, for as long as it is valid. It cannot be rotated without a release, and it is the same in every environment.",
    fires: "A key that names a password, token, key or connection string with credentials has a literal value in code, configuration, a Dockerfile, a compose file, a chart or a manifest. The value itself is never kept or printed.",
    silent: "Placeholders, references to secret stores, empty values and test code. Well-known default pairs are `default-credentials`.",
    fix: "Rotate the secret, move it to a secret store or to the platform's secrets, and refer to it from here.",
    references: &["CWE-798", "A07:2025", "ASVS 13.3.1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let literal = || subject.in_state(Aspect::LiteralSecret, State::Present);
    for (component, secrets) in subject.by_component(literal()) {
        let mut keys: Vec<&str> = secrets.iter().map(|p| p.subject.as_str()).collect();
        keys.dedup();
        keys.truncate(3);
        let message = format!("{} has literal secrets: {}", subject.name(component), keys.join(", "));
        let mut broken = Broken::at(component, message).sure(Confidence::High);
        for secret in &secrets {
            broken = broken.seen(&secret.place, format!("`{}` has a literal value", secret.subject));
        }
        answers.broken(broken);
    }
    for secret in literal().filter(|p| p.component.is_none()) {
        let broken = Broken::file(format!("`{}` is a literal secret", secret.subject));
        answers.broken(broken.seen(&secret.place, "a literal value").sure(Confidence::High));
    }
    for _ in subject.practices(Aspect::SecretStore) {
        answers.kept();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_literal_is_found_and_its_value_is_nowhere() {
        let draft =
            Draft::new().service("pay").practice("pay", Aspect::LiteralSecret, State::Present, "STRIPE_KEY");
        let found = draft.find("hardcoded-secret");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "pay has literal secrets: STRIPE_KEY");
    }

    #[test]
    fn a_reference_to_a_store_is_no_finding() {
        let draft = Draft::new().service("pay").practice("pay", Aspect::SecretStore, State::Present, "vault");
        assert!(!draft.breaks("hardcoded-secret"));
    }
}
