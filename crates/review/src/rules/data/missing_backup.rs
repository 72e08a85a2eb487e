//! `missing-backup`: a durable store has no backup, or one too old for its recovery target.

use loadcase_model::{Aspect, ComponentKind, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "missing-backup",
    family: Family::Data,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A durable store has no backup, or one too old for its recovery target.",
    why: "The day it is needed is the day it is found missing.",
    fires: "A store of durable data is defined without backups where its definition shows the switch, or with a retention of nothing.",
    silent: "Stores whose definition cannot show backups are unknown. Caches and test data.",
    fix: "Switch on continuous backups with a retention that covers the time in which a fault is found, and restore one every month.",
    references: &["AWS REL09", "AWS REL13", "CKV_AWS_133"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let open = subject.in_state(Aspect::Backup, State::Absent);
    let found = per_component(subject, open, Confidence::High, |name, all| {
        format!("{name} has no backup: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Backup, State::Present).for_each(|_| answers.kept());
    for (id, _) in subject.components().filter(|(_, c)| c.kind == ComponentKind::Store) {
        if subject.of(id, Aspect::Backup).next().is_none() {
            answers.unknown(id, "whether it is backed up");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_store_without_backups_is_found() {
        let draft = Draft::new().component("db", ComponentKind::Store, "postgresql").practice(
            "db",
            Aspect::Backup,
            State::Absent,
            "backup_retention_period",
        );
        assert_eq!(draft.find("missing-backup")[0].message, "db has no backup: backup_retention_period");
    }

    #[test]
    fn a_retention_is_kept() {
        let draft = Draft::new().component("db", ComponentKind::Store, "postgresql").practice(
            "db",
            Aspect::Backup,
            State::Present,
            "7 days",
        );
        assert!(!draft.breaks("missing-backup"));
    }
}
