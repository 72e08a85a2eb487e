//! The forces behind a verdict in words and numbers: what another option takes more, and of what that consists.

use loadcase_catalog::DecisionSpec;
use loadcase_model::{Figure, Horizon, Input, Unit};

use crate::choice::Choice;
use crate::context::Context;
use crate::evaluate::Evaluation;
use crate::prepare::Standing;

/// Engineers below which a difference is not told.
const LEAST_ENGINEERS: f64 = 0.005;
/// Dollars a month below which a difference is not told.
const LEAST_USD: f64 = 1.0;
/// Shares of a difference that are told, the largest first.
const MOST_SHARES: usize = 3;

/// A text as a sentence with a space after it; nothing for nothing.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    if text.is_empty() { String::new() } else { format!("{text}. ") }
}

fn engineers(value: f64) -> String {
    Figure::computed(value, Unit::Engineers, "by the catalog's estimates").tagged()
}

/// What the second design takes more than the first, and what it saves: `0.2 engineers c more to build and run and
/// 40 USD/month c less for infrastructure`. None when they are alike.
pub(crate) fn between(context: &Context, a: &Evaluation, b: &Evaluation) -> Option<String> {
    let people = b.engineers - a.engineers;
    let infra = 0.5 * (b.infra_usd + b.infra_now_usd - a.infra_usd - a.infra_now_usd);
    let side = |value: f64| if value > 0.0 { "more" } else { "less" };
    let mut parts = Vec::new();
    if people.is_finite() && people.abs() >= LEAST_ENGINEERS {
        let salary = people.abs() * context.base.get(Input::EngineerUsdMonth, Horizon::Later);
        let usd = Figure::computed(salary, Unit::UsdPerMonth, "engineers at their monthly cost").tagged();
        parts.push(format!("{} ({usd}) {} to build and run", engineers(people.abs()), side(people)));
    }
    if infra.is_finite() && infra.abs() >= LEAST_USD {
        let usd = Figure::computed(infra.abs(), Unit::UsdPerMonth, "mean of both horizons").tagged();
        parts.push(format!("{usd} {} for infrastructure", side(infra)));
    }
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// Of what the difference in people between two options of a decision consists, the largest share first.
pub(crate) fn shares(
    context: &Context,
    spec: &DecisionSpec,
    [chosen, other]: [&Standing; 2],
    [c, o]: [usize; 2],
) -> Vec<String> {
    let mut shares: Vec<(f64, String)> = Vec::new();
    let own = spec.options[o].engineers - spec.options[c].engineers;
    shares.push((own, "for the option itself".to_owned()));
    let parts = spec.options[o].parts - spec.options[c].parts;
    if parts > 0.0 {
        let count = Figure::computed(parts, Unit::One, "moving parts of the option").tagged();
        let word = if parts > 1.0 { "moving parts" } else { "moving part" };
        shares.push((parts * context.catalog.lexicon.plan("per-part"), format!("for {count} {word} more")));
    }
    shares.extend(other.applied.iter().map(|a| (a.engineers, format!("because {}", a.because))));
    let name = &spec.options[c].name;
    shares.extend(
        chosen.applied.iter().map(|a| (-a.engineers, format!("that {name} saves because {}", a.because))),
    );
    shares.retain(|(value, _)| *value >= LEAST_ENGINEERS);
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    shares.into_iter().take(MOST_SHARES).map(|(value, why)| format!("{} {why}", engineers(value))).collect()
}

/// The shares as the end of a sentence.
pub(crate) fn because(shares: &[String]) -> String {
    if shares.is_empty() { String::new() } else { format!("; what weighs most: {}", shares.join(", ")) }
}

/// The load that a decision has to carry, in the numbers that matter to it; none where no number does.
pub(crate) fn load(context: &Context, choice: &Choice, spec: &DecisionSpec) -> Option<String> {
    let (sizing, load) = &choice.sized.later;
    let tagged = |value: f64, unit: Unit, by: &str| Figure::computed(value, unit, by.to_owned()).tagged();
    let per_s = |value: f64| tagged(value, Unit::PerSecond, "load at the peak in 24 months");
    let stated = |input: Input| {
        let e = context.estimate(input, Horizon::Later);
        loadcase_model::figure(e.value, input.unit(), e.origin.clone()).tagged()
    };
    Some(match spec.id.as_str() {
        "topology" => format!(
            "{} in {} build and release it",
            stated(Input::Engineers),
            match context.base.get(Input::Teams, Horizon::Later) {
                teams if teams > 1.0 =>
                    format!("{} teams", tagged(teams, Unit::One, "engineers / 8 to a team")),
                _ => "one team".to_owned(),
            }
        ),
        "primary-store" if sizing.store.primaries > 0 => format!(
            "at the peak in 24 months it takes {} rows written and {} reads, on {} with {} each",
            per_s(load.rows_written_per_s),
            per_s(load.reads_per_s * (1.0 - load.cache_hit)),
            counted(sizing.store.primaries, "primary", "primaries"),
            tagged(sizing.store.node.vcpu, Unit::Vcpu, "smallest size below the target utilisation"),
        ),
        "data-scaling" if sizing.store.primaries > 0 => format!(
            "{} of data and {} rows written in 24 months, on {}",
            tagged(load.data_gb, Unit::Gigabytes, "data planned for"),
            per_s(load.rows_written_per_s),
            counted(sizing.store.primaries, "primary", "primaries"),
        ),
        "edge-cache" => format!(
            "{} of {} could be answered at the edge",
            stated(Input::EdgeCacheableShare),
            stated(Input::PeakRps)
        ),
        "data-cache" if load.reads_per_s >= 0.5 => {
            format!("the database answers {} reads at the peak in 24 months", per_s(load.reads_per_s))
        }
        "messaging" if load.jobs_per_s >= 0.5 => {
            format!("{} background jobs at the peak in 24 months", per_s(load.jobs_per_s))
        }
        "deployment" => format!(
            "{} of the application and {} of workers at the peak in 24 months",
            counted(sizing.app.nodes, "copy", "copies"),
            counted(sizing.workers.nodes, "copy", "copies"),
        ),
        _ => return None,
    })
}

fn counted(count: u32, one: &str, many: &str) -> String {
    let figure = Figure::computed(f64::from(count), Unit::One, "sized for the peak in 24 months").tagged();
    format!("{figure} {}", if count == 1 { one } else { many })
}
