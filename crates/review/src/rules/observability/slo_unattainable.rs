//! `slo-unattainable`: the promised availability is above what the dependencies allow.

use loadcase_model::{FindingNumber, Input};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "slo-unattainable",
    family: Family::Observability,
    severity: Rank::High,
    needs_numbers: true,
    fault: "The promised availability is above what the dependencies allow.",
    why: "No care in operation brings a chain above the product of its parts. The promise is broken by design.",
    fires: "A brief states an availability, and the capacity model forecasts less from redundancy and dependencies.",
    silent: "Without a stated availability it is unknown.",
    fix: "Remove dependencies from the path, make them soft, add copies where the forecast is weakest, or promise less.",
    references: &["Treynor et al. 2017, the calculus of service availability"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let Some(first) = subject.services().map(|(id, _)| id).next() else { return };
    let Some(target) = subject.target(Input::Availability) else {
        return answers.unknown(first, "the promised availability (give a brief)");
    };
    let Some(forecast) = subject.forecasts.last() else {
        return answers.unknown(first, "the load (give a brief)");
    };
    let share = &forecast.availability.share;
    if share.value >= target.value {
        return answers.kept();
    }
    let weakest = forecast.availability.weakest.as_ref().unwrap_or(first);
    let message = format!(
        "{} is promised and {} is what the dependencies allow; {} costs most",
        target.text(),
        share.text(),
        subject.name(weakest)
    );
    let mut broken = Broken::at(weakest, message).sure(Confidence::Medium);
    broken = broken
        .counted(FindingNumber { name: "promised".to_owned(), figure: target })
        .counted(FindingNumber { name: "forecast".to_owned(), figure: share.clone() });
    if let Some(place) = subject.component(weakest).and_then(|c| c.evidence.first()) {
        broken = broken.seen(place, "the weakest part");
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_promise_above_the_forecast_is_found() {
        let found =
            Draft::new().service("a").find_under("slo-unattainable", Input::Availability, 0.9999, 0.99, 0.5);
        assert!(found[0].message.contains("a costs most"), "{}", found[0].message);
    }

    #[test]
    fn a_promise_below_is_kept() {
        assert!(
            Draft::new()
                .service("a")
                .find_under("slo-unattainable", Input::Availability, 0.9, 0.99, 0.5)
                .is_empty()
        );
    }
}
