//! `unencrypted-store`: confidential data is stored in clear text.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "unencrypted-store",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Confidential data is stored in clear text.",
    why: "A copied disk, snapshot or backup gives everything away. Credentials in clear text open other systems as well.",
    fires: "Passwords are stored or compared without hashing, or a store of personal, financial or card data has encryption at rest switched off where its definition shows the switch.",
    silent: "Stores whose definition has no such switch are unknown. Managed stores that encrypt by default are kept.",
    fix: "Hash passwords with Argon2id or bcrypt; switch encryption at rest on, with a key you control for the most sensitive.",
    references: &["A04:2025", "ASVS 11.4.2", "ASVS 14.2.4", "CWE-311"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let plain = subject.in_state(Aspect::PasswordHashing, State::Absent);
    for broken in per_component(subject, plain, Confidence::Medium, |name, all| {
        format!("{name} keeps passwords in clear text: {}", subjects(all, 3))
    }) {
        answers.broken(broken.ranked(Rank::Critical, "credentials without hashing"));
    }
    let open = subject.in_state(Aspect::EncryptionAtRest, State::Absent);
    for broken in per_component(subject, open, Confidence::High, |name, all| {
        format!("{name} is not encrypted where it rests: {}", subjects(all, 3))
    }) {
        answers.broken(broken);
    }
    subject.in_state(Aspect::EncryptionAtRest, State::Present).for_each(|_| answers.kept());
    for (component, _) in subject.components().filter(|(id, _)| subject.is_data(id)) {
        if subject.of(component, Aspect::EncryptionAtRest).next().is_none() {
            answers.unknown(component, "whether it is encrypted where it rests");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn passwords_in_clear_text_are_critical() {
        let draft = Draft::new().service("users").practice(
            "users",
            Aspect::PasswordHashing,
            State::Absent,
            "password",
        );
        assert_eq!(draft.find("unencrypted-store")[0].severity.as_str(), "critical");
    }

    #[test]
    fn hashed_passwords_are_kept() {
        let draft = Draft::new().service("users").practice(
            "users",
            Aspect::PasswordHashing,
            State::Present,
            "bcrypt",
        );
        assert!(!draft.breaks("unencrypted-store"));
    }
}
