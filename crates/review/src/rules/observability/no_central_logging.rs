//! `no-central-logging`: logs and traces cannot be put together across components.

use loadcase_model::{Aspect, Role};

use super::{Somewhere, somewhere};
use crate::answer::Answers;
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
    let collected = Somewhere {
        roles: &[Role::LogServer, Role::TracingServer],
        practices: &[Aspect::CentralLogging, Aspect::Tracing],
        looked_for: &[Aspect::Logging, Aspect::Tracing],
        fact: "where its logs go",
        nowhere: "log each for itself, and nothing puts their lines together",
    };
    somewhere(subject, answers, &collected);
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
