//! `personal-data-without-retention`: personal data has no retention or deletion path.

use loadcase_model::{Aspect, Sensitivity, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "personal-data-without-retention",
    family: Family::Data,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Personal data has no retention or deletion path.",
    why: "What is never deleted is leaked in full, and people who ask for deletion get an answer that is not true.",
    fires: "An entity holds personal data, and neither a time to live, a job, a deletion operation nor a note on retention is seen in its component.",
    silent: "Components whose operations are not read.",
    fix: "Write down how long each is kept and why, delete by a job, and offer deletion of an account.",
    references: &["ASVS 14.2.7", "GDPR article 5(1)(e)", "GDPR article 17"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mut open = Vec::new();
    for (id, component) in subject.services() {
        let personal: Vec<_> = subject
            .entities_of(id)
            .filter(|(_, e)| {
                e.keep_days.is_none()
                    && e.fields.iter().filter(|f| f.sensitivity == Sensitivity::Personal).count() >= 2
            })
            .collect();
        if personal.is_empty() {
            continue;
        }
        let deletes = subject.operations_of(id).any(|(_, o)| {
            o.method.as_deref() == Some("DELETE")
                || o.path.as_deref().is_some_and(|p| p.contains("delete") || p.contains("purge"))
        });
        if deletes || subject.of(id, Aspect::Retention).any(|p| p.state == State::Present) {
            answers.kept();
        } else if subject.operations_of(id).next().is_some() {
            open.push((id, component, personal));
        } else {
            answers.unknown(id, "whether its personal data is ever deleted");
        }
    }
    let Some((first, ..)) = open.first() else { return };
    let names: Vec<String> =
        open.iter().map(|(id, _, e)| format!("{} ({})", subject.name(id), e[0].1.name)).collect();
    let message = format!("personal data is never deleted in {}", names.join(", "));
    let mut broken = Broken::at(first, message).sure(Confidence::Low);
    for (id, component, _) in &open {
        broken = broken.and(id);
        for place in component.evidence.iter().take(1) {
            broken = broken.seen(place, "keeps personal data");
        }
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        let fields = [("email", Sensitivity::Personal), ("phone", Sensitivity::Personal)];
        Draft::new()
            .service("users")
            .operation("users", "GET", "/users")
            .entity("users", "user", None, &fields)
    }

    #[test]
    fn data_that_is_never_deleted_is_found() {
        assert_eq!(
            system().find("personal-data-without-retention")[0].message,
            "personal data is never deleted in users (user)"
        );
    }

    #[test]
    fn a_deletion_is_kept() {
        assert!(
            !system().operation("users", "DELETE", "/users/{id}").breaks("personal-data-without-retention")
        );
    }
}
