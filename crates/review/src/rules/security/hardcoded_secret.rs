//! `hardcoded-secret`: a secret is in source, image or manifest.

use std::collections::BTreeSet;

use loadcase_model::{Aspect, Practice, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::{files, subjects};
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

/// From so many components on, one finding tells of all of them.
const MANY: usize = 4;

/// Most places that one finding cites.
const PLACES: usize = 60;

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    // A well-known default is told once, as such.
    let defaults: BTreeSet<_> =
        subject.in_state(Aspect::DefaultCredentials, State::Present).map(|p| &p.place).collect();
    let literal =
        || subject.in_state(Aspect::LiteralSecret, State::Present).filter(|p| !defaults.contains(&p.place));
    let groups = subject.by_component(literal());
    if groups.len() >= MANY {
        let all: Vec<&Practice> = groups.values().flatten().copied().collect();
        let names: Vec<String> = groups.keys().take(4).map(|c| subject.name(c)).collect();
        let message = format!(
            "{} components have literal secrets ({}): {}",
            groups.len(),
            names.join(", "),
            subjects(&all, 5)
        );
        let broken = groups.keys().fold(Broken::file(message), |broken, component| broken.and(component));
        answers.broken(at(broken, &all));
    } else {
        for (component, secrets) in groups {
            let message =
                format!("{} has literal secrets: {}", subject.name(component), subjects(&secrets, 3));
            answers.broken(at(Broken::at(component, message), &secrets));
        }
    }
    let nobodys: Vec<&Practice> = literal().filter(|p| p.component.is_none()).collect();
    if !nobodys.is_empty() {
        let message = format!("literal secrets stand in {}: {}", files(&nobodys), subjects(&nobodys, 5));
        answers.broken(at(Broken::file(message), &nobodys));
    }
    for _ in subject.practices(Aspect::SecretStore) {
        answers.kept();
    }
}

/// Cites secrets: the first of each file, then the others.
fn at(broken: Broken, secrets: &[&Practice]) -> Broken {
    let mut files = BTreeSet::new();
    let (first, others): (Vec<&Practice>, Vec<&Practice>) =
        secrets.iter().copied().partition(|p| files.insert(p.place.path.as_str()));
    let cited = first.into_iter().chain(others).take(PLACES);
    cited
        .fold(broken, |broken, p| broken.seen(&p.place, format!("`{}` has a literal value", p.subject)))
        .sure(Confidence::High)
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
    fn many_components_are_one_finding() {
        let names = ["a", "b", "c", "d"];
        let draft = names.into_iter().fold(Draft::new(), |draft, name| {
            draft.service(name).practice(name, Aspect::LiteralSecret, State::Present, "DB_PASSWORD")
        });
        let found = draft.find("hardcoded-secret");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "4 components have literal secrets (a, b, c, d): DB_PASSWORD");
        assert_eq!(found[0].location.elements.len(), 4);
    }

    #[test]
    fn a_reference_to_a_store_is_no_finding() {
        let draft = Draft::new().service("pay").practice("pay", Aspect::SecretStore, State::Present, "vault");
        assert!(!draft.breaks("hardcoded-secret"));
    }
}
