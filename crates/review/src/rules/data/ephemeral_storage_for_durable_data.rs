//! `ephemeral-storage-for-durable-data`: data of record lives in a container, memory or a drop-and-create schema.

use loadcase_model::{Aspect, ComponentKind, Practice, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::paths::is_compose;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "ephemeral-storage-for-durable-data",
    family: Family::Data,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Data of record lives in a container, memory or a drop-and-create schema.",
    why: "The next deployment, eviction or restart deletes it.",
    fires: "A store of an orchestrated or composed system has no volume, or one that ends with it; or the schema is dropped and created at each start.",
    silent: "Caches, brokers of transient messages, stores of tests. A compose file without volumes is told with lower severity: it usually serves development.",
    fix: "Mount a persistent volume or use a managed store; let migrations change the schema, never the start of the application.",
    references: &["AWS REL09"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let durable = |p: &&Practice| {
        p.component
            .as_ref()
            .is_some_and(|c| subject.component(c).is_some_and(|c| c.kind == ComponentKind::Store))
    };
    let open = subject.in_state(Aspect::DurableStorage, State::Absent).filter(durable);
    for broken in per_component(subject, open, Confidence::High, |name, all| {
        format!("{name} loses its data with its container: {}", subjects(all, 2))
    }) {
        let local = broken.evidence.iter().all(|(p, _)| is_compose(&p.path));
        let kept_elsewhere = broken.elements.first().is_some_and(|id| {
            subject.in_state(Aspect::DurableStorage, State::Present).any(|p| p.component.as_ref() == Some(id))
        });
        answers.broken(if kept_elsewhere {
            broken
                .because("another deployment of it has a volume")
                .ranked(Rank::Low, "another deployment of it keeps the data")
                .sure(Confidence::Low)
        } else if local {
            broken.ranked(Rank::Medium, "a compose file, which usually serves development")
        } else {
            broken
        });
    }
    let dropped = subject.in_state(Aspect::SchemaDropped, State::Present);
    for broken in per_component(subject, dropped, Confidence::Medium, |name, all| {
        // What a request sets off does not happen at the start.
        let when = if all.iter().all(|p| p.operation.is_some()) { "on request" } else { "at start" };
        let by = Some(subjects(all, 2)).filter(|s| !s.is_empty()).map(|s| format!(": {s}"));
        format!("{name} drops and creates its schema {when}{}", by.unwrap_or_default())
    }) {
        answers
            .broken(broken.ranked(Rank::Medium, "a profile that is not in the repository may switch it off"));
    }
    subject.in_state(Aspect::DurableStorage, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system(state: State) -> Draft {
        Draft::new().component("db", ComponentKind::Store, "mysql").practice(
            "db",
            Aspect::DurableStorage,
            state,
            "emptyDir",
        )
    }

    #[test]
    fn a_store_without_a_volume_is_found() {
        assert_eq!(
            system(State::Absent).find("ephemeral-storage-for-durable-data")[0].message,
            "db loses its data with its container: emptyDir"
        );
    }

    #[test]
    fn a_volume_is_kept() {
        assert!(!system(State::Present).breaks("ephemeral-storage-for-durable-data"));
    }
}
