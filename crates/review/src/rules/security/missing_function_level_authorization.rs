//! `missing-function-level-authorization`: a privileged operation is open to ordinary roles.

use loadcase_model::{Aspect, Id, State};

use crate::answer::{Answers, Broken, Confidence};
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
    for (component, _) in subject.services() {
        administration(subject, component, answers);
    }
    subject.in_state(Aspect::Authorization, State::Present).for_each(|_| answers.kept());
}

/// Operations under a path for administration that ask for no role, in a component whose roles are read.
fn administration<'a>(subject: &Subject<'a>, component: &'a Id, answers: &mut Answers) {
    if !subject.looked(component, Aspect::Authorization) {
        return;
    }
    let guards: Vec<&str> = subject
        .of(component, Aspect::Authorization)
        .filter(|p| p.state == State::Present && p.operation.is_none())
        .map(|p| p.subject.as_str())
        .collect();
    let open: Vec<_> = subject
        .operations_of(component)
        .filter(|(_, o)| o.roles.is_empty() && o.path.as_deref().is_some_and(is_administration))
        .filter(|(id, o)| {
            // Seen with a role, told above, or open to everybody, which is another rule's.
            let told = subject.of_operation(id, Aspect::Authorization).next().is_some()
                || subject.of_operation(id, Aspect::Authentication).any(|p| p.state == State::Absent);
            let path = o.path.as_deref().unwrap_or("");
            !told && !guards.iter().any(|guard| covers(guard, path))
        })
        .collect();
    if open.is_empty() {
        return;
    }
    let names: Vec<&str> = open.iter().take(4).map(|(_, o)| o.name.as_str()).collect();
    let message = format!(
        "{} asks for no role on operations for administration: {}",
        subject.name(component),
        names.join(", ")
    );
    let mut broken = Broken::at(component, message).sure(Confidence::Medium);
    for (id, operation) in open.iter().take(12) {
        broken = broken.and(id);
        for place in &operation.evidence {
            broken = broken.seen(place, format!("{} asks for no role", operation.name));
        }
    }
    answers.broken(broken);
}

/// Whether a path is one for administration.
fn is_administration(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower.split('/').any(|s| matches!(s, "admin" | "administrator" | "superadmin" | "backoffice" | "sudo"))
}

/// Whether a guard's pattern holds for a path; a guard that names no path holds for all.
fn covers(guard: &str, path: &str) -> bool {
    let prefix = guard.split(['*', '{']).next().unwrap_or("").trim_end_matches('/');
    !guard.starts_with('/') || path.starts_with(prefix)
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
    fn a_path_for_administration_needs_a_role() {
        let draft = Draft::new()
            .service("videos")
            .operation("videos", "DELETE", "/admin/videos/{id}")
            .looked("videos", Aspect::Authorization);
        assert_eq!(draft.find("missing-function-level-authorization").len(), 1);
        let guarded = draft.practice("videos", Aspect::Authorization, State::Present, "/admin/**");
        assert!(!guarded.breaks("missing-function-level-authorization"));
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
