//! Parts of answers that come straight from the design: the load, the machines, the bill, the people, what
//! each decision rests on and what would flip it. Every number carries the letter of its origin.

use std::fmt::Write as _;

use indexmap::IndexMap;
use loadcase_catalog::Technology;
use loadcase_model::{
    Alternative, Component, ComponentKind, Decision, Design, Figure, Flip, Forecast, Horizon, Id, Input, Tag,
};

use super::shown::computed;
use crate::honesty::tagged;
use crate::lost::{Stock, gap};
use crate::text::markdown::{code, name, prose};
use crate::text::sentence;

/// Technologies of the catalog by identifier.
pub(super) type Technologies = IndexMap<Id, Technology>;

const SECONDS_OF_A_DAY: f64 = 86_400.0;

/// The figure of an input at a horizon.
fn reading(design: &Design, input: Input, horizon: Horizon) -> Option<&Figure> {
    let reading = design.reading(input)?;
    Some(match horizon {
        Horizon::Now => &reading.now,
        Horizon::Later => &reading.later,
    })
}

/// From users to requests per second at both horizons, as far as the design knows them.
pub(super) fn load(design: &Design) -> String {
    Horizon::ALL
        .iter()
        .filter_map(|&horizon| Some(format!("- {}: {}", horizon.label(), load_at(design, horizon)?)))
        .collect::<Vec<_>>()
        .join("\n")
}

/// From users to requests per second at one horizon.
pub(super) fn load_at(design: &Design, horizon: Horizon) -> Option<String> {
    let get = |input| reading(design, input, horizon);
    let peak = get(Input::PeakRps)?;
    if peak.origin.is_given() {
        return Some(format!("{} at peak, as stated", tagged(peak)));
    }
    let average = get(Input::AverageRps)?;
    let mut text = String::new();
    if average.origin.is_given() {
        let _ = write!(text, "{} on average, as stated", tagged(average));
    } else {
        text.push_str(&users(design, horizon, average)?);
    }
    if let Some(factor) = get(Input::PeakFactor)
        && near(average.value * factor.value, peak.value)
    {
        let _ = write!(text, ", times a peak factor of {}", tagged(factor));
    }
    let _ = write!(text, ", is **{}** at peak", tagged(peak));
    Some(text)
}

/// Users times requests, over the seconds of a day.
fn users(design: &Design, horizon: Horizon, average: &Figure) -> Option<String> {
    let get = |input| reading(design, input, horizon);
    let (daily, each) = (get(Input::DailyUsers)?, get(Input::RequestsPerUserDay)?);
    if !near(daily.value * each.value / SECONDS_OF_A_DAY, average.value) {
        return Some(format!("{} on average", tagged(average)));
    }
    let mut text = String::new();
    if let (Some(monthly), Some(share)) = (get(Input::MonthlyUsers), get(Input::DailyShare))
        && near(monthly.value * share.value, daily.value)
        && !daily.origin.is_given()
    {
        let _ = write!(text, "{} a month, of whom {} on a day: ", tagged(monthly), tagged(share));
    }
    let _ = write!(
        text,
        "{} a day, each {} requests, over the seconds of a day: {} on average",
        tagged(daily),
        tagged(each),
        tagged(average)
    );
    Some(text)
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 0.02 * b.abs().max(1e-9)
}

/// The forecast of a horizon.
pub(super) const fn forecast(design: &Design, horizon: Horizon) -> &Forecast {
    design.forecasts.at(horizon)
}

/// Everything that runs or stores, with its size and how busy it is in the forecast.
pub(super) fn machines(design: &Design, technologies: &Technologies) -> String {
    let mut out = Vec::new();
    for (id, component) in &design.blueprint.components {
        let Some(capacity) = &component.capacity else { continue };
        if matches!(component.kind, ComponentKind::Client | ComponentKind::External) || capacity.replicas == 0
        {
            continue;
        }
        let mut line = format!("- **{}**", name(&component.name));
        if let Some(technology) = technology_name(component, technologies) {
            let _ = write!(line, " ({technology})");
        }
        let copies = f64::from(capacity.replicas);
        let _ = write!(
            line,
            ": {} of {}",
            computed(copies, plural(copies, "node")),
            computed(capacity.vcpu, "vCPU")
        );
        if capacity.memory_gb > 0.0 {
            let _ = write!(line, " and {}", computed(capacity.memory_gb, "GB"));
        }
        for (count, what) in [(capacity.standbys, "standby"), (capacity.read_replicas, "read replica")] {
            if count > 0 {
                let _ = write!(line, ", plus {}", computed(f64::from(count), what));
            }
        }
        let busy = |horizon| forecast(design, horizon).stations.get(id).map(|s| tagged(&s.utilisation));
        if let (Some(now), Some(later)) = (busy(Horizon::Now), busy(Horizon::Later)) {
            let _ = write!(line, "; busy {now} at today's peak, {later} at the peak in two years");
        }
        out.push(line);
    }
    out.join("\n")
}

fn plural(count: f64, noun: &'static str) -> &'static str {
    match noun {
        "node" if (count - 1.0).abs() > 1e-9 => "nodes",
        other => other,
    }
}

/// The name and version of what a component is made of.
fn technology_name(component: &Component, technologies: &Technologies) -> Option<String> {
    let ids = [component.framework.as_ref(), component.technology.as_ref()];
    let names: Vec<String> = ids
        .into_iter()
        .flatten()
        .map(|id| {
            let name = technologies.get(id).map_or(id.as_str(), |t| t.name.as_str());
            match (&component.version, component.technology.as_ref() == Some(id)) {
                (Some(version), true) => format!("{name} `{version}`"),
                _ => name.to_owned(),
            }
        })
        .collect();
    if names.is_empty() { None } else { Some(names.join(" on ")) }
}

/// The name of the first component of a kind: what fills a role.
pub(super) fn role(design: &Design, kind: &str, technologies: &Technologies) -> String {
    let wanted: Option<ComponentKind> = serde_json::from_value(serde_json::Value::from(kind)).ok();
    design
        .blueprint
        .components
        .values()
        .filter(|c| Some(c.kind) == wanted)
        .find_map(|c| c.technology.as_ref())
        .map(|id| technologies.get(id).map_or_else(|| id.to_string(), |t| t.name.clone()))
        .unwrap_or_default()
}

/// The names of the modules, as a list in a sentence.
pub(super) fn modules(design: &Design) -> String {
    let names: Vec<String> =
        design.blueprint.modules.values().map(|m| name(&m.name.to_lowercase())).collect();
    names.join(", ")
}

/// The monthly bill in one line each for the largest items, and the sum.
pub(super) fn costs(design: &Design, technologies: &Technologies) -> String {
    let (now, later) = (forecast(design, Horizon::Now), forecast(design, Horizon::Later));
    let mut lines: Vec<_> = now.cost.iter().filter(|l| l.monthly.value > 0.0).collect();
    lines.sort_by(|a, b| b.monthly.value.total_cmp(&a.monthly.value));
    let mut out = format!(
        "Infrastructure: {} now, {} in two years; list prices{}.",
        tagged(&now.cost_total),
        tagged(&later.cost_total),
        prices_as_of(design, technologies),
    );
    for line in lines.into_iter().take(4) {
        let arithmetic = code(&line.arithmetic);
        let shown = if arithmetic.is_empty() { String::new() } else { format!(" ({arithmetic})") };
        let _ = write!(out, "\n- {}: {}{shown}", told(&line.item), tagged(&line.monthly));
    }
    out
}

/// The days on which the prices of the design's technologies were true.
fn prices_as_of(design: &Design, technologies: &Technologies) -> String {
    let blueprint = &design.blueprint;
    let used = blueprint.components.values().filter_map(|c| c.technology.as_ref());
    let places = [Some(&blueprint.deployment.platform), blueprint.deployment.provider.as_ref()];
    let days: Vec<&str> = used
        .chain(places.into_iter().flatten())
        .filter_map(|id| technologies.get(id))
        .flat_map(|t| t.facts.iter())
        .filter(|(name, _)| name.as_str().starts_with("usd-"))
        .map(|(_, fact)| fact.as_of.as_str())
        .collect();
    match (days.iter().min(), days.iter().max()) {
        (Some(first), Some(last)) if first != last => format!(" of {first} to {last}"),
        (Some(day), _) => format!(" of {day}"),
        _ => String::new(),
    }
}

/// Who is needed to run it.
pub(super) fn people(design: &Design) -> String {
    let now = forecast(design, Horizon::Now);
    let mut lines: Vec<_> = now.people.iter().filter(|l| l.engineers.value > 0.0).collect();
    lines.sort_by(|a, b| b.engineers.value.total_cmp(&a.engineers.value));
    let mut out = format!("Operating load: {}", tagged(&now.people_total));
    let parts: Vec<String> =
        lines.into_iter().take(3).map(|l| format!("{} {}", told(&l.item), tagged(&l.engineers))).collect();
    if !parts.is_empty() {
        let _ = write!(out, " ({})", parts.join("; "));
    }
    out.push('.');
    out
}

/// What is required and what is forecast.
pub(super) fn targets(design: &Design) -> String {
    let lines = design.targets.iter().map(|t| {
        let met = if t.met { "met" } else { "**missed**" };
        format!("- {}: wanted {}, forecast {}: {met}", told(&t.name), tagged(&t.target), tagged(&t.forecast))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The next steps of the growth path: when, what saturates, what to do.
pub(super) fn growth(design: &Design, most: usize) -> String {
    let lines = design.growth.iter().take(most).map(|step| {
        format!(
            "- at {} (`{}` saturates; watch {}): {} Back: {} Then {}.",
            tagged(&step.at),
            step.station,
            told(&step.trigger),
            sentence(&told(&step.action)),
            sentence(&told(&step.undo)),
            tagged(&step.monthly)
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A sentence of the engine: its numbers were computed unless they carry another letter.
pub(super) fn told(text: &str) -> String {
    prose(text, Tag::Computed)
}

/// Values of single inputs at which a decision's verdict changes.
pub(super) fn flips(decision: &Decision, most: usize) -> String {
    let lines = decision.flips.iter().take(most).map(|f| format!("- {}", flip(f)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The same, only towards some of the other options.
pub(super) fn flips_to(decision: &Decision, options: &[String], most: usize) -> String {
    let wanted = decision.flips.iter().filter(|f| options.iter().any(|o| f.to == o.as_str()));
    wanted.take(most).map(|f| format!("- {}", flip(f))).collect::<Vec<_>>().join("\n")
}

/// A flip in one line: the input, the value, where it stands, what then wins.
fn flip(flip: &Flip) -> String {
    let way = if flip.above { "above" } else { "below" };
    format!(
        "{} {way} {} (here {} {}): {}",
        flip.input.label(),
        tagged(&flip.at),
        tagged(&flip.present),
        flip.horizon.label(),
        name(&flip.to_name)
    )
}

/// How firmly a decision stands, with its flips as items under it.
pub(super) fn firmness(decision: &Decision, most: usize) -> String {
    let mut out = format!("- **{}**", name(&decision.verdict.name));
    if decision.holds.value.is_finite() {
        let _ = write!(out, " holds in {} of the sampled assumptions", tagged(&decision.holds));
    }
    if decision.flips.is_empty() {
        out.push_str("; no input moved alone over its plausible range changes it");
    }
    for f in decision.flips.iter().take(most) {
        let _ = write!(out, "\n  - {}", flip(f));
    }
    out
}

/// What was established before and how the design stands to it.
pub(super) fn established(design: &Design) -> String {
    let pinned = design.decisions.iter().filter_map(|d| d.pin.as_ref().map(|pin| (d, pin)));
    let lines = pinned.map(|(decision, pin)| {
        let stands = if pin.departs { "this design **departs** from it" } else { "kept" };
        format!(
            "- {} establishes {} ({}): {stands}, because {}",
            code(&pin.place.to_string()),
            code(pin.established.as_str()),
            told(&decision.question),
            sentence(&told(&pin.because))
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Options that lost, with the reason.
pub(super) fn losers(decision: &Decision, stock: &Stock, most: usize) -> String {
    let lines = decision.alternatives.iter().take(most).map(|option| format!("- {}", loser(option, stock)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Why one option lost, in a line; empty when it did not.
pub(super) fn against(decision: &Decision, stock: &Stock, option: &str) -> String {
    let found = decision.alternatives.iter().find(|a| a.option == option);
    found.map(|a| loser(a, stock)).unwrap_or_default()
}

/// What an option costs more, then what is said of it alone.
fn loser(option: &Alternative, stock: &Stock) -> String {
    let more = gap(option).map(|b| format!("{} more to own, people included.", tagged(b)));
    let why = stock.own(option).map(|reason| sentence(&told(reason)));
    let told: Vec<String> = more.into_iter().chain(why).collect();
    format!("**{}**: {}", name(&option.name), told.join(" "))
}

/// The closest alternative of a decision and why it lost.
pub(super) fn closest(decision: &Decision, stock: &Stock) -> String {
    decision.alternatives.first().map(|a| loser(a, stock)).unwrap_or_default()
}

/// Why the verdict is what it is, heaviest reason first.
pub(super) fn drivers(decision: &Decision, most: usize) -> String {
    let lines = decision.drivers.iter().take(most).map(|driver| {
        let worth = driver
            .worth
            .as_ref()
            .filter(|w| w.value.abs() > 0.0)
            .map_or_else(String::new, |w| format!(" (worth {})", tagged(w)));
        format!("- {}{worth}", told(&driver.because))
    });
    lines.collect::<Vec<_>>().join("\n")
}
