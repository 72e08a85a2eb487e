//! `cost-out-of-proportion`: a component costs much more than its load needs, or the total is over budget.

use loadcase_model::{FindingNumber, Input};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "cost-out-of-proportion",
    family: Family::Capacity,
    severity: Rank::Low,
    needs_numbers: true,
    fault: "A component costs much more than its load needs, or the total is over budget.",
    why: "Money spent on machines that wait is missing where it would help.",
    fires: "Under the load of the brief a component with written sizes is busy for less than a tenth at peak and runs in more copies than redundancy needs, or the sum is above the stated budget.",
    silent: "Components of the smallest size; copies for redundancy; without a load or a budget it is unknown.",
    fix: "Take fewer or smaller copies; keep two for redundancy.",
    references: &["AWS COST06", "FinOps Framework"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let Some(forecast) = subject.forecasts.first() else {
        if let Some((first, _)) = subject.services().next() {
            answers.unknown(first, "the load (give a brief)");
        }
        return;
    };
    if let Some(budget) = subject.target(Input::BudgetUsdMonth)
        && forecast.cost_total.value > budget.value
        && let Some((first, _)) = subject.services().next()
    {
        let message =
            format!("{} is forecast and {} is the budget", forecast.cost_total.text(), budget.text());
        let broken = Broken::at(first, message)
            .sure(Confidence::Medium)
            .counted(FindingNumber { name: "forecast".to_owned(), figure: forecast.cost_total.clone() })
            .counted(FindingNumber { name: "budget".to_owned(), figure: budget });
        answers.broken(broken.ranked(Rank::Medium, "over the stated budget"));
    }
    for (id, station) in &forecast.stations {
        let copies = subject.component(id).and_then(|c| c.capacity.as_ref()).map_or(1, |c| c.replicas);
        if station.utilisation.value >= IDLE || copies <= 2 {
            answers.kept();
            continue;
        }
        let message = format!(
            "{} runs in {copies} copies and is {} busy at peak",
            subject.name(id),
            station.utilisation.text()
        );
        let mut broken = Broken::at(id, message)
            .sure(Confidence::Medium)
            .counted(FindingNumber { name: "busy at peak".to_owned(), figure: station.utilisation.clone() });
        for place in subject.component(id).into_iter().flat_map(|c| &c.evidence).take(1) {
            broken = broken.seen(place, "sized here");
        }
        answers.broken(broken);
    }
}

/// Busy share below which a third copy buys nothing.
const IDLE: f64 = 0.1;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system(copies: u32) -> Draft {
        let mut draft = Draft::new().service("a");
        if let Some(c) = draft.survey.blueprint.components.get_mut("a") {
            c.capacity = Some(loadcase_model::Capacity {
                replicas: copies,
                vcpu: 2.0,
                memory_gb: 4.0,
                storage_gb: 0.0,
                standbys: 0,
                read_replicas: 0,
                concurrency: None,
                basis: "test".to_owned(),
            });
        }
        draft
    }

    #[test]
    fn idle_copies_are_found() {
        let found = system(8).find_under("cost-out-of-proportion", Input::PeakRps, 1.0, 0.99, 0.02);
        assert_eq!(found[0].message, "a runs in 8 copies and is 2% busy at peak");
    }

    #[test]
    fn two_copies_are_redundancy() {
        assert!(system(2).find_under("cost-out-of-proportion", Input::PeakRps, 1.0, 0.99, 0.02).is_empty());
    }
}
