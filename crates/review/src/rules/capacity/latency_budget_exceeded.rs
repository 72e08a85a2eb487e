//! `latency-budget-exceeded`: the expected tail latency is above the target.

use loadcase_model::{FindingNumber, Input};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "latency-budget-exceeded",
    family: Family::Capacity,
    severity: Rank::High,
    needs_numbers: true,
    fault: "The expected tail latency is above the target.",
    why: "One request in a hundred is not rare: a page of twenty requests meets it on every fifth view.",
    fires: "A brief states a response time, and the capacity model forecasts a 99th percentile above it under the load of the brief.",
    silent: "Without a target or a load it is unknown.",
    fix: "Shorten the chain, run steps side by side, cache, or move work behind the answer; the forecast names the station that waits longest.",
    references: &["Dean and Barroso 2013, the tail at scale"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let Some((first, component)) = subject.services().next() else { return };
    let (Some(target), Some(forecast)) = (subject.target(Input::LatencyP99Ms), subject.forecasts.first())
    else {
        return answers.unknown(first, "the target of the response time and the load (give a brief)");
    };
    let p99 = &forecast.latency.p99;
    if p99.value <= target.value {
        return answers.kept();
    }
    let message = if p99.value.is_finite() {
        format!("99 of 100 requests are answered in {}, and {} is the target", p99.text(), target.text())
    } else {
        let station = subject.name(&forecast.saturation.station);
        format!(
            "{station} is busy all the time at peak: no response time holds, and {} is the target",
            target.text()
        )
    };
    let mut broken = Broken::at(&forecast.saturation.station, message)
        .sure(Confidence::Medium)
        .counted(FindingNumber { name: "p99".to_owned(), figure: p99.clone() })
        .counted(FindingNumber { name: "target".to_owned(), figure: target });
    for place in component.evidence.iter().take(1) {
        broken = broken.seen(place, "on the path");
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_tail_above_the_target_is_found() {
        let found = Draft::new().service("a").find_under(
            "latency-budget-exceeded",
            Input::LatencyP99Ms,
            10.0,
            0.99,
            0.5,
        );
        assert!(found[0].message.starts_with("99 of 100 requests"), "{}", found[0].message);
    }

    #[test]
    fn a_tail_below_is_kept() {
        let draft = Draft::new().service("a");
        assert!(
            draft.find_under("latency-budget-exceeded", Input::LatencyP99Ms, 10_000.0, 0.99, 0.5).is_empty()
        );
    }
}
