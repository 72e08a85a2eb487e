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

/// Evaluates the options of a decision beside the options chosen so far; `managed` where others run the stores.
#[must_use]
pub fn standings(
    context: &Context,
    decision: &DecisionSpec,
    values: &Values,
    options: &Options,
    managed: bool,
) -> Bench {
    let chosen = |d: &str, o: &str| options.get(d).is_some_and(|x| *x == *o);
    let mut bench = bench(context, decision, values, &chosen);
    if managed {
        offered(context, decision, values, options, &mut bench);
    }
    bench
}

/// Rules out extensions of the store that whoever hosts it does not offer: a decision for one could not be carried
/// out. Who asks for it is taken at his word, and what the team runs itself can have anything installed: that is also
/// a database on machines of a host who runs no database of its kind for others.
fn offered(
    context: &Context,
    decision: &DecisionSpec,
    values: &Values,
    options: &Options,
    bench: &mut Bench,
) {
    let technologies = &context.catalog.technologies;
    let extension = |o: &OptionSpec| {
        o.technologies.first().and_then(|t| technologies.get(t)).filter(|t| t.has("extension"))
    };
    if decision.options.iter().all(|o| extension(o).is_none()) {
        return;
    }
    let Some(host) = host(context, values, options) else { return };
    if runs_machines(context, options) && !runs_databases(context, options, &host.0) {
        return;
    }
    for (option, standing) in decision.options.iter().zip(&mut bench.standings) {
        let Some(extension) = extension(option) else { continue };
        let asked = [Stance::Required, Stance::Wanted, Stance::Existing];
        let asked = asked.iter().any(|s| context.brief.names(extension.id.as_str(), *s));
        if !asked && !extension.hosted_by.contains(&host.0) {
            standing.barred.push(format!("the databases of {} do not carry {}", host.1, extension.name));
        }
    }
}

/// Whether a provider runs databases of the chosen kind for others.
fn runs_databases(context: &Context, options: &Options, provider: &Id) -> bool {
    let store = context.catalog.decision("primary-store");
    let option = store.and_then(|d| d.option(options.get("primary-store")?.as_str()));
    let technology = option.and_then(|o| context.catalog.technologies.get(o.technologies.first()?));
    technology.is_some_and(|t| t.managed_as.contains_key(provider))
}

/// Whether machines are run by the team itself.
fn runs_machines(context: &Context, options: &Options) -> bool {
    let deployment = context.catalog.decision("deployment");
    let option = deployment.and_then(|d| d.option(options.get("deployment")?.as_str()));
    option.is_some_and(|o| o.has("self-operated"))
}

/// The provider that is chosen, or will be, with its name.
fn host(context: &Context, values: &Values, options: &Options) -> Option<(Id, String)> {
    let provider = context.catalog.decision("provider")?;
    let option = options.get("provider").and_then(|o| provider.option(o.as_str()));
    let chosen = |d: &str, o: &str| options.get(d).is_some_and(|x| *x == *o);
    let coming = || {
        let bench = crate::prepare::bench(context, provider, values, &chosen);
        provider.options.get(choose(context, provider, &bench))
    };
    let option = option.or_else(coming)?;
    Some((option.technologies.first()?.clone(), option.name.clone()))
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
pub fn settle(context: &Context, values: &Values, options: &mut Options, pins: bool, managed: bool) {
    for decision in separate(context) {
        let standing = standings(context, decision, values, options, managed);
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
