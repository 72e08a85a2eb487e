//! `scattered-identity`: login or permission logic lives in several places.

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "scattered-identity",
    family: Family::Security,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Login or permission logic lives in several places.",
    why: "Each copy of the logic is changed and patched on its own day. The weakest of them decides.",
    fires: "Two or more components sign users in or issue tokens themselves.",
    silent: "Resource servers that only check tokens of one issuer.",
    fix: "Let one component or product sign users in, and let all others check its tokens with one library.",
    references: &["Ponce et al. 2022, multiple user authentication", "Schneider et al. 2024, R8 to R11"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let signs_in = |path: &str| {
        let lower = path.to_ascii_lowercase();
        ["/login", "/signin", "/sign-in", "/oauth/token", "/authenticate"].iter().any(|w| lower.ends_with(w))
    };
    let mut issuers: Vec<(&loadcase_model::Id, &loadcase_model::Place)> = Vec::new();
    for (id, component) in subject.services().filter(|(id, c)| {
        c.kind != loadcase_model::ComponentKind::Gateway
            && !subject.has_role(id, loadcase_model::Role::WebApplication)
    }) {
        let operation = subject
            .operations_of(id)
            .find(|(_, o)| o.method.as_deref() != Some("GET") && o.path.as_deref().is_some_and(signs_in));
        if let Some(place) = operation.and_then(|(_, o)| o.evidence.first()) {
            issuers.push((id, place));
        } else if subject.has_role(id, loadcase_model::Role::AuthServer)
            && let Some(place) = component.evidence.first()
        {
            issuers.push((id, place));
        }
    }
    // Variants of one code base sign in at one place.
    let mut code = std::collections::BTreeSet::new();
    issuers.retain(|(_, place)| code.insert(*place));
    let [(first, place), rest @ ..] = issuers.as_slice() else { return };
    if rest.is_empty() {
        return answers.kept();
    }
    let names: Vec<String> = issuers.iter().map(|(id, _)| subject.name(id)).collect();
    let mut broken =
        Broken::at(first, format!("{} components sign users in: {}", names.len(), names.join(", ")))
            .seen(place, "signs in here")
            .sure(Confidence::Medium);
    for (id, place) in rest {
        broken = broken.and(id).seen(place, "and here");
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn two_logins_are_found_with_both_places() {
        let draft = Draft::new().service("a").service("b").operation("a", "POST", "/login").operation(
            "b",
            "POST",
            "/api/signin",
        );
        let found = draft.find("scattered-identity");
        assert_eq!(found[0].location.places.len(), 2);
    }

    #[test]
    fn one_login_is_kept() {
        assert!(!Draft::new().service("a").operation("a", "POST", "/login").breaks("scattered-identity"));
    }
}
