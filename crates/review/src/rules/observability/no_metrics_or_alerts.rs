//! `no-metrics-or-alerts`: nobody is told when a user-facing operation fails.

use loadcase_model::{Aspect, Role};

use super::{Somewhere, somewhere};
use crate::answer::Answers;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-metrics-or-alerts",
    family: Family::Observability,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Nobody is told when a user-facing operation fails.",
    why: "Customers find the outage, and the graphs that would explain it were never drawn.",
    fires: "Components answer people, and no metrics are seen to be exported or collected; or metrics are collected and no alert is defined beside them.",
    silent: "Components whose languages are not read; a single component behind a platform that measures requests.",
    fix: "Export rate, errors and duration of each operation, and alert on the share of failures and on the tail of the duration.",
    references: &["A09:2025", "AWS REL06", "AWS OPS08"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let collected = Somewhere {
        roles: &[Role::MetricsServer, Role::Dashboard, Role::StreamAggregator, Role::AdminServer],
        practices: &[Aspect::Metrics, Aspect::Alerting],
        looked_for: &[Aspect::Metrics],
        fact: "whether it exports metrics",
        nowhere: "export no metrics",
    };
    somewhere(subject, answers, &collected);
}

#[cfg(test)]
mod tests {
    use loadcase_model::State;

    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        ["a", "b", "c"].into_iter().fold(Draft::new(), |d, s| d.service(s).looked(s, Aspect::Metrics))
    }

    #[test]
    fn a_system_without_metrics_is_found() {
        assert_eq!(system().find("no-metrics-or-alerts")[0].message, "3 components export no metrics");
    }

    #[test]
    fn a_dashboard_inside_a_service_is_kept() {
        let draft = system().component("d", loadcase_model::ComponentKind::Service, "hystrix-dashboard");
        assert!(!draft.breaks("no-metrics-or-alerts"));
    }

    #[test]
    fn exported_metrics_are_kept() {
        assert!(
            !system()
                .practice("a", Aspect::Metrics, State::Present, "prometheus")
                .breaks("no-metrics-or-alerts")
        );
    }
}
