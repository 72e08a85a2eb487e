//! `missing-function-level-authorization`: a privileged operation is open to ordinary roles.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "missing-function-level-authorization",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A privileged operation is open to ordinary roles.",
    why: "Administration is found by trying paths. An operation that only hides is open to every signed-in user.",
    fires: "An operation for administration, internals or destruction is seen to require no role or scope, although the language shows where it would.",
    silent: "Components that answer only from inside; operations guarded by a path rule of the security configuration.",
    fix: "Require the role on the operation or on its path prefix, and deny by default.",
    references: &["API5:2023", "CWE-285", "ASVS 8.2.1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let open = subject.in_state(Aspect::Authorization, State::Absent).filter(|p| is_privileged(subject, p));
    let found = per_component(subject, open, Confidence::Medium, |name, all| {
        format!("{name} leaves privileged operations open to ordinary roles: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Authorization, State::Present).for_each(|_| answers.kept());
}

/// Whether a practice is about an operation for administration.
fn is_privileged(subject: &Subject<'_>, practice: &loadcase_model::Practice) -> bool {
    const WORDS: &[&str] = &[
        "admin",
        "internal",
        "manage",
        "management",
        "sudo",
        "root",
        "superuser",
        "reset",
        "debug",
        "password",
    ];
    let operation = practice.operation.as_ref().and_then(|o| subject.blueprint().operations.get(o));
    let path = operation.and_then(|o| o.path.as_deref()).unwrap_or("").to_ascii_lowercase();
    let told = format!("{} {} {path}", practice.subject, practice.detail).to_ascii_lowercase();
    told.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| WORDS.contains(&w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn an_open_administration_is_found() {
        let draft = Draft::new().service("videos").practice(
            "videos",
            Aspect::Authorization,
            State::Absent,
            "DELETE /admin/videos/{id}",
        );
        assert_eq!(draft.find("missing-function-level-authorization").len(), 1);
    }

    #[test]
    fn ordinary_operations_need_no_role() {
        let draft = Draft::new().service("videos").practice(
            "videos",
            Aspect::Authorization,
            State::Absent,
            "GET /videos",
        );
        assert!(!draft.breaks("missing-function-level-authorization"));
    }
}
