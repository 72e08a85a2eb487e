//! `missing-health-probes`: the platform cannot tell whether an instance works.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "missing-health-probes",
    family: Family::Resilience,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "The platform cannot tell whether an instance works.",
    why: "A process that hangs gets traffic until somebody looks, and a new version replaces the old one before it can answer.",
    fires: "A workload of a platform that restarts and routes by checks has no readiness or liveness check, or the same one for both.",
    silent: "Stores and other products whose image brings its own check; files that only serve development.",
    fix: "Give each workload a readiness check that asks what it needs to answer, and a liveness check that asks only the process.",
    references: &["Taibi et al. 2020, no health check"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let probed = |id: &&loadcase_model::Id| {
        subject
            .practices(Aspect::HealthProbe)
            .any(|p| p.state == State::Present && p.component.as_ref() == Some(*id))
    };
    let mut open: Vec<_> = subject
        .practices(Aspect::HealthProbe)
        .filter(|p| p.state != State::Present && !is_local(&p.place.path))
        .filter_map(|p| p.component.as_ref().map(|c| (c, p)))
        .filter(|(c, _)| !probed(c) && !subject.is_data(c))
        .collect();
    open.dedup_by_key(|(c, _)| *c);
    subject.in_state(Aspect::HealthProbe, State::Present).for_each(|_| answers.kept());
    let Some((first, practice)) = open.first() else { return };
    let message = match open.len() {
        1 => format!("{} has no health check: {}", subject.name(first), practice.subject),
        n => format!("{n} workloads have no health check of their own"),
    };
    let mut broken = Broken::at(first, message).sure(Confidence::High);
    for (component, practice) in open.iter().take(12) {
        broken = broken.and(component).seen(&practice.place, practice.detail.as_str());
    }
    answers.broken(broken);
}

/// Whether a file describes how the system runs on one machine.
fn is_local(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.contains("compose") || name == "Dockerfile")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_workload_without_a_check_is_found() {
        let draft = Draft::new().service("a").practice("a", Aspect::HealthProbe, State::Absent, "readiness");
        assert_eq!(draft.find("missing-health-probes")[0].message, "a has no health check: readiness");
    }

    #[test]
    fn a_checked_workload_is_kept() {
        let draft = Draft::new().service("a").practice("a", Aspect::HealthProbe, State::Present, "readiness");
        assert!(!draft.breaks("missing-health-probes"));
    }
}
