//! The growth path: what to do when the load outgrows the design, in order.

use loadcase_model::{Figure, Forecast, GrowthStep, Horizon, Id, Input, Unit};

use crate::choice::Choice;
use crate::context::Context;

/// The steps from the design to the largest load that was looked at.
#[must_use]
pub fn steps(context: &Context, choice: &Choice, forecast: &Forecast) -> Vec<GrowthStep> {
    let mut steps = vec![more_of_the_same(context, choice, forecast)];
    let peak = context.base.get(Input::PeakRps, Horizon::Later);
    let mut present = choice.winner.candidate;
    for (factor, candidate, evaluation) in &choice.growth {
        let changed: Vec<usize> = (0..candidate.len()).filter(|d| candidate[*d] != present[*d]).collect();
        if *factor <= 1.0 || changed.is_empty() {
            continue;
        }
        let name = |d: usize, o: u8| choice.decisions[d].options[o as usize].name.as_str();
        let moves: Vec<String> = changed
            .iter()
            .map(|d| format!("from {} to {}", name(*d, present[*d]), name(*d, candidate[*d])))
            .collect();
        let station = changed.first().map_or_else(|| Id::slug("app"), |d| choice.decisions[*d].id.clone());
        steps.push(GrowthStep {
            at: Figure::computed(
                peak * factor,
                Unit::RequestsPerSecond,
                "load at which another design is cheaper to own or the present one misses a requirement",
            ),
            station: station.clone(),
            trigger: trigger(station.as_str()).to_owned(),
            action: format!("Move {}.", moves.join(", and ")),
            undo: undo(station.as_str()).to_owned(),
            monthly: Figure::computed(evaluation.infra_usd, Unit::UsdPerMonth, "infrastructure at that load"),
        });
        present = *candidate;
    }
    steps
}

/// The first step is always the same design with more of what saturates first.
fn more_of_the_same(context: &Context, choice: &Choice, forecast: &Forecast) -> GrowthStep {
    let threshold = context.catalog.lexicon.plan("target-utilisation");
    let rate = forecast.saturation.rate.value * threshold;
    let doubled = choice
        .growth
        .iter()
        .find(|(f, ..)| *f >= 2.0)
        .map_or(choice.winner.evaluation.infra_usd, |g| g.2.infra_usd);
    GrowthStep {
        at: Figure::computed(
            rate,
            Unit::RequestsPerSecond,
            "saturation of the first component x target utilisation",
        ),
        station: forecast.saturation.station.clone(),
        trigger: "its processors are busier at peak than the target utilisation, in two weeks of three"
            .to_owned(),
        action:
            "Add nodes, or take the next size, of the component that saturates first; nothing else changes."
                .to_owned(),
        undo: "Take the nodes away again.".to_owned(),
        monthly: Figure::computed(
            doubled,
            Unit::UsdPerMonth,
            "infrastructure at twice the load in 24 months",
        ),
    }
}

/// What to watch for each kind of move.
fn trigger(decision: &str) -> &'static str {
    match decision {
        "topology" => "teams wait for each other's releases, or one module needs hardware of its own",
        "primary-store" | "data-scaling" => {
            "the primary's processors or disk are busier at peak than the target utilisation, or its data nears what one node handles"
        }
        "edge-cache" => "most requests ask for the same answers, or far users wait for the distance",
        "data-cache" => "reads of the same rows are most of the database's work",
        "messaging" => "the oldest waiting job is older than its deadline at peak",
        "deployment" => "the bill or the platform's limits grow faster than the load",
        _ => "the measure named in the forecast crosses its target",
    }
}

/// How to go back from each kind of move.
fn undo(decision: &str) -> &'static str {
    match decision {
        "topology" => {
            "Keep the module in the core and route its calls back until the service has carried two peaks."
        }
        "primary-store" | "data-scaling" => {
            "Write to both, compare reads, and switch reads back; drop the old copy only after the new one has carried two peaks."
        }
        "edge-cache" | "data-cache" => {
            "Send requests past the cache: the store is sized to survive that with load shedding."
        }
        "messaging" => {
            "Drain the new queue and turn the relay back to the old one; consumers ignore repeats."
        }
        _ => {
            "Keep the old platform ready until the new one has carried two peaks, then switch the traffic back."
        }
    }
}
