//! Decisions that do not interact through sizing: each is settled on its own, after the joint ones and in the
//! catalog's order, so that later ones may depend on earlier ones.

use indexmap::IndexMap;
use loadcase_catalog::{DecisionSpec, OptionSpec};
use loadcase_model::{Id, Stance};

use crate::context::{Context, Values};
use crate::prepare::{Bench, JOINT, bench};

/// The option chosen for every decision so far.
pub type Options = IndexMap<Id, Id>;

/// Decisions settled on their own, in order.
pub fn separate<'a>(context: &Context<'a>) -> Vec<&'a DecisionSpec> {
    context.catalog.decisions.values().filter(|d| !JOINT.contains(&d.id.as_str())).collect()
}

/// Evaluates the options of a decision beside the options chosen so far.
#[must_use]
pub fn standings(context: &Context, decision: &DecisionSpec, values: &Values, options: &Options) -> Bench {
    let chosen = |d: &str, o: &str| options.get(d).is_some_and(|x| *x == *o);
    bench(context, decision, values, &chosen)
}

/// Engineers an option takes with its moving parts.
#[must_use]
pub fn weight(context: &Context, decision: &DecisionSpec, bench: &Bench, option: usize) -> f64 {
    let parts = decision.options[option].parts * context.catalog.lexicon.plan("per-part");
    bench.standings[option].engineers + parts
}

/// The best option: what is required where it is not barred, then fewest bars, then fewest people, then the
/// simplest (the earliest listed).
#[must_use]
pub fn choose(context: &Context, decision: &DecisionSpec, bench: &Bench) -> usize {
    let key = |option: usize| {
        let bars = bench.standings[option].barred.len();
        (bars > 0 || !required(context, &decision.options[option]), bars)
    };
    let mut best = 0;
    for option in 1..bench.standings.len() {
        let lighter =
            weight(context, decision, bench, option) < weight(context, decision, bench, best) - 1e-9;
        if key(option) < key(best) || key(option) == key(best) && lighter {
            best = option;
        }
    }
    best
}

/// Whether the brief requires a technology that this option brings.
#[must_use]
pub fn required(context: &Context, option: &OptionSpec) -> bool {
    option.technologies.iter().any(|t| context.brief.names(t.as_str(), Stance::Required))
}

/// Settles every separate decision.
pub fn settle(context: &Context, values: &Values, options: &mut Options, pins: bool) {
    for decision in separate(context) {
        let standing = standings(context, decision, values, options);
        let mut option = choose(context, decision, &standing);
        if pins && let Some(pinned) = pinned_option(context, decision) {
            option = pinned;
        }
        options.insert(decision.id.clone(), decision.options[option].id.clone());
    }
}

/// The option that an established decision settles on.
#[must_use]
pub fn pinned_option(context: &Context, decision: &DecisionSpec) -> Option<usize> {
    let pin = context.brief.pins.iter().find(|p| p.decision == decision.id)?;
    decision.options.iter().position(|o| o.id == pin.option)
}
