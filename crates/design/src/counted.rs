//! The load as somebody who looks at the balancer and the database counts it: calls that bring events are requests of
//! clients, and statements are those of everything that asks the primary store.

use loadcase_model::{Blueprint, ComponentKind, Figure, Forecast, Horizon, Input, Origin, format_number};

use crate::context::Context;
use crate::intake;

/// The figure of an input with what events add to it; `None` where the input says all there is, or was stated.
pub(crate) fn figure_of(
    context: &Context,
    input: Input,
    horizon: Horizon,
    (forecast, blueprint): (&Forecast, &Blueprint),
) -> Option<Figure> {
    if context.is_given(input, horizon) {
        return None;
    }
    let calls = context.event_calls(horizon);
    let factor = context.base.get(Input::PeakFactor, horizon).max(1.0);
    let own = context.base.get(input, horizon);
    match input {
        Input::AverageRps if calls > 0.0 => {
            let by = format!(
                "{} requests of people and of devices that are none of the events ({}), and {} calls that bring the events{}",
                format_number(own),
                words(&context.estimate(input, horizon).origin),
                format_number(calls / factor),
                together(context)
            );
            Some(Figure::computed(own + calls / factor, input.unit(), by))
        }
        Input::PeakRps if calls > 0.0 => {
            let by = "average rate x peak over average, the calls that bring events among them";
            Some(Figure::computed(own + calls, input.unit(), by))
        }
        Input::QueriesPerS => {
            let stores = forecast.stations.iter().filter(|(id, _)| {
                blueprint.components.get(*id).is_some_and(|c| c.kind == ComponentKind::Store)
            });
            let asked: f64 = stores.map(|(_, s)| s.throughput.value).sum();
            let by = "visits to the primary store in the forecast: those of requests, of the calls that bring events, and of jobs";
            (asked > 0.0).then(|| Figure::computed(asked, input.unit(), by))
        }
        _ => None,
    }
}

fn words(origin: &Origin) -> &str {
    match origin {
        Origin::Computed { by } => by,
        _ => "as assumed",
    }
}

/// How many events come together, and what that means for whoever waits for them.
fn together(context: &Context) -> String {
    let events = context.mix.intake.events;
    if intake::is_single(context.brief) {
        return ", one in each: every device sends by itself".to_owned();
    }
    if events <= 1.0 {
        return String::new();
    }
    format!(
        ", {} in each: assumed of the domain, nobody said so. A device then holds what it measures until that many are together, and whatever follows from an event waits as long; one to a call is {} times as many calls and jobs",
        format_number(events),
        format_number(events)
    )
}
