//! `no-central-logging`: logs and traces cannot be put together across components.

use loadcase_model::{Aspect, Role, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-central-logging",
    family: Family::Observability,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Logs and traces cannot be put together across components.",
    why: "A request that passes four components leaves four files on four machines, and none of them names the others.",
    fires: "Two or more components, and no component or agent that collects logs is seen; a chain of three calls without trace context is told with lower severity.",
    silent: "Platforms that collect standard output by themselves: functions, managed containers. Kubernetes alone does not keep logs.",
    fix: "Write structured logs to standard output, let one agent send them to one place, and carry a trace id through every call.",
    references: &["A09:2025", "ASVS 16.4.3", "Schneider et al. 2024, R9"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let services: Vec<_> = subject.services().collect();
    if services.len() < 3 {
        return answers.kept();
    }
    let collected = subject
        .components()
        .any(|(id, _)| subject.has_role(id, Role::LogServer) || subject.has_role(id, Role::TracingServer))
        || [Aspect::CentralLogging, Aspect::Tracing]
            .iter()
            .any(|a| subject.in_state(*a, State::Present).next().is_some());
    if collected {
        return answers.kept();
    }
    let looked = services
        .iter()
        .filter(|(id, _)| subject.looked(id, Aspect::Logging) || subject.looked(id, Aspect::Tracing))
        .count();
    let (first, component) = services[0];
    if looked * 2 < services.len() {
        return answers.unknown(first, "where its logs go");
    }
    let message =
        format!("{} components log each for itself, and nothing puts their lines together", services.len());
    let mut broken = Broken::at(first, message).sure(Confidence::Medium);
    for place in component.evidence.iter().take(1) {
        broken = broken.seen(place, "one of them");
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        ["a", "b", "c"].into_iter().fold(Draft::new(), |d, s| d.service(s).looked(s, Aspect::Logging))
    }

    #[test]
    fn components_that_log_alone_are_found() {
        assert!(
            system().find("no-central-logging")[0].message.starts_with("3 components log each for itself")
        );
    }

    #[test]
    fn a_log_server_is_kept() {
        assert!(!system().service("elk").role("elk", Role::LogServer).breaks("no-central-logging"));
    }
}
