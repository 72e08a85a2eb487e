//! The growth path: what to do when the load outgrows the design, in order.

use loadcase_model::{Figure, Forecast, GrowthStep, Horizon, Id, Unit};

use crate::choice::Choice;
use crate::context::Context;
use crate::sway::Grown;

/// The steps from the design to the largest load that was looked at. All loads grow together, and each step is told
/// by the requests of clients that come with it.
#[must_use]
pub fn steps(context: &Context, choice: &Choice, forecast: &Forecast) -> Vec<GrowthStep> {
    let peak = context.client_requests(Horizon::Later);
    let mut steps = vec![more_of_the_same(context, choice, forecast)];
    steps.extend(choice.growth.iter().map(|grown| moved(choice, forecast, peak, grown)));
    steps
}

/// The bill of the finished design, grown as that of its sizing does.
fn bill(choice: &Choice, forecast: &Forecast, infra_usd: f64) -> Figure {
    let present = choice.bills.first().map_or(0.0, |(_, usd)| *usd);
    let factor = if present > 0.0 { infra_usd / present } else { 1.0 };
    Figure::computed(
        forecast.cost_total.value * factor,
        Unit::UsdPerMonth,
        "bill in 24 months x growth of the infrastructure that the load then takes",
    )
}

fn moved(choice: &Choice, forecast: &Forecast, peak: f64, grown: &Grown) -> GrowthStep {
    let changed: Vec<usize> = (0..grown.to.len()).filter(|d| grown.to[*d] != grown.from[*d]).collect();
    let name = |d: usize, o: u8| choice.decisions[d].options[o as usize].name.as_str();
    let moves: Vec<String> = changed
        .iter()
        .map(|d| format!("from {} to {}", name(*d, grown.from[*d]), name(*d, grown.to[*d])))
        .collect();
    let each = |tell: fn(&str) -> &'static str, between: &str| {
        let mut told: Vec<&str> = changed.iter().map(|d| tell(choice.decisions[*d].id.as_str())).collect();
        told.dedup();
        told.join(between)
    };
    GrowthStep {
        at: Figure::computed(
            peak * grown.factor,
            Unit::RequestsPerSecond,
            format!(
                "requests of clients when all loads are {:.0} times as high: {}",
                grown.factor, grown.because
            ),
        ),
        station: changed.first().map_or_else(|| Id::slug("app"), |d| choice.decisions[*d].id.clone()),
        trigger: each(trigger, "; "),
        action: format!("Move {}: {}.", moves.join(", and "), grown.because),
        undo: each(undo, " "),
        monthly: bill(choice, forecast, grown.infra_usd),
    }
}

/// The first step is always the same design with more of what saturates first.
fn more_of_the_same(context: &Context, choice: &Choice, forecast: &Forecast) -> GrowthStep {
    let threshold = context.catalog.lexicon.plan("target-utilisation");
    let factor = forecast.saturation.rate.value * threshold / forecast.arrivals.value.max(1e-9);
    let peak = context.client_requests(Horizon::Later);
    let then = choice.bills.iter().find(|(f, _)| *f >= factor).or(choice.bills.last());
    let present = choice.bills.first().map_or(0.0, |(_, usd)| *usd);
    GrowthStep {
        at: Figure::computed(
            peak * factor,
            Unit::RequestsPerSecond,
            "requests of clients when the first component is as busy as it is planned to be at most",
        ),
        station: forecast.saturation.station.clone(),
        trigger: "its processors are busier at peak than the target utilisation, in two weeks of three"
            .to_owned(),
        action:
            "Add nodes, or take the next size, of the component that saturates first; nothing else changes."
                .to_owned(),
        undo: "Take the nodes away again.".to_owned(),
        monthly: bill(choice, forecast, then.map_or(present, |(_, usd)| usd.max(present))),
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
