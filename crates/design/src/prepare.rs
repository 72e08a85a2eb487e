//! Conditions of the catalog's options evaluated once for a set of inputs, so that ranking a candidate is
//! table look-ups and arithmetic.

use loadcase_catalog::{DecisionSpec, OptionSpec, Shift};
use loadcase_model::{Horizon, Id, Input, Stance};

use crate::context::{Context, Values};

/// Decisions that interact through sizing and cost, and are searched together. All others are settled after
/// them, each on its own.
pub const JOINT: [&str; 7] =
    ["topology", "primary-store", "data-scaling", "edge-cache", "data-cache", "messaging", "deployment"];

/// Position of a decision in [`JOINT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Seat {
    /// How many deployables.
    Topology,
    /// The system of record.
    Store,
    /// How it is spread.
    Scaling,
    /// The edge cache.
    Edge,
    /// The cache beside the store.
    Cache,
    /// How work is handed on.
    Messaging,
    /// Where it runs.
    Deployment,
}

/// A point of the design space: the option of each joint decision, by position.
pub type Candidate = [u8; JOINT.len()];

/// A circumstance that changed an option's cost in people.
#[derive(Clone, Debug)]
pub struct Applied {
    /// Engineers.
    pub engineers: f64,
    /// Why.
    pub because: String,
}

/// What the circumstances say of one option.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Engineers to build and run it, before technology, platform and load.
    pub engineers: f64,
    /// What made it so, without the part that depends on other decisions.
    pub applied: Vec<Applied>,
    /// Why it is ruled out; empty when it is not.
    pub barred: Vec<String>,
}

/// The circumstances' word on every option of one decision.
#[derive(Clone, Debug)]
pub struct Bench {
    /// One entry for each option.
    pub standings: Vec<Standing>,
}

/// Engineers that an option of one decision adds when an option of another is chosen.
#[derive(Clone, Debug)]
pub struct PairTable {
    /// Position of the decision whose option the change belongs to.
    pub of: usize,
    /// Position of the other decision.
    pub with: usize,
    /// Engineers, by option of `of` and option of `with`.
    pub engineers: Vec<Vec<f64>>,
}

/// Everything about the circumstances that ranking needs.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// By joint decision.
    pub benches: Vec<Bench>,
    /// Changes that depend on two decisions.
    pub pairs: Vec<PairTable>,
}

/// The joint decisions of the catalog, in order; a decision the catalog lacks is left out by its tests.
pub fn joint<'a>(context: &Context<'a>) -> Vec<&'a DecisionSpec> {
    JOINT.iter().filter_map(|id| context.catalog.decision(id)).collect()
}

impl Prepared {
    /// Evaluates every condition at `values`.
    #[must_use]
    pub fn new(context: &Context, decisions: &[&DecisionSpec], values: &Values) -> Self {
        let benches = decisions.iter().map(|d| bench(context, d, values, &|_, _| false)).collect();
        Self { benches, pairs: pairs(context, decisions, values) }
    }
}

/// Evaluates the options of a decision. Shifts that depend on another decision count when `chosen` says so.
pub fn bench(
    context: &Context,
    decision: &DecisionSpec,
    values: &Values,
    chosen: &dyn Fn(&str, &str) -> bool,
) -> Bench {
    let view = context.view(values, chosen);
    let needs: Vec<_> = decision.needs.iter().filter(|n| n.when.holds(&view)).collect();
    let arises = decision.arises.as_ref().is_none_or(|c| c.holds(&view));
    let standings = decision.options.iter().enumerate().map(|(i, option)| {
        let mut standing = Standing { engineers: option.engineers, ..Standing::default() };
        for shift in &option.shifts {
            if shift.when.as_ref().is_none_or(|c| c.holds(&view)) {
                standing.apply(amount(shift, values), &shift.because);
            }
        }
        preferences(context, decision, option, &mut standing);
        standing
            .barred
            .extend(option.never.iter().filter(|r| r.when.holds(&view)).map(|r| r.because.clone()));
        for need in &needs {
            if !provides(context, option, &need.capability) {
                standing.barred.push(need.because.clone());
            }
        }
        if !arises && i > 0 {
            standing.barred.push("the question does not arise".to_owned());
        }
        standing
    });
    Bench { standings: standings.collect() }
}

impl Standing {
    fn apply(&mut self, engineers: f64, because: &str) {
        if engineers != 0.0 {
            self.engineers += engineers;
            self.applied.push(Applied { engineers, because: because.to_owned() });
        }
    }
}

/// Whether an option or the technology it brings has a trait.
#[must_use]
pub fn provides(context: &Context, option: &OptionSpec, capability: &Id) -> bool {
    let technology = option.technologies.first().and_then(|t| context.catalog.technologies.get(t));
    option.has(capability.as_str()) || technology.is_some_and(|t| t.has(capability.as_str()))
}

fn amount(shift: &Shift, values: &Values) -> f64 {
    shift.per.map_or(shift.engineers, |input| {
        // People are counted as they are now; loads as they will be.
        let people = matches!(input, Input::Engineers | Input::Teams | Input::Operators);
        let horizon = if people { Horizon::Now } else { Horizon::Later };
        shift.engineers * (values.get(input, horizon) - shift.above).max(0.0)
    })
}

/// What is in use, known, wanted, ruled out or established.
fn preferences(context: &Context, decision: &DecisionSpec, option: &OptionSpec, standing: &mut Standing) {
    let plan = |id: &str| context.catalog.lexicon.plan(id);
    for technology in &option.technologies {
        let name =
            context.catalog.technologies.get(technology).map_or(technology.as_str(), |t| t.name.as_str());
        let named = |stance| context.brief.names(technology.as_str(), stance);
        if named(Stance::Rejected) && option.technologies.first() == Some(technology) {
            standing.barred.push(format!("{name} was ruled out"));
        }
        // A reason stands behind the name of its option, which is not said twice.
        let subject = if option.technologies.len() == 1 { "it" } else { name };
        if named(Stance::Existing) {
            standing.apply(-plan("uses-bonus"), &format!("{subject} is in use already"));
        } else if named(Stance::Wanted) {
            standing.apply(-plan("wants-bonus"), &format!("{subject} was asked for"));
        } else if named(Stance::Known) {
            standing.apply(-plan("knows-bonus"), &format!("the team knows {subject}"));
        }
    }
    for pin in context.brief.pins.iter().filter(|p| p.decision == decision.id && p.option == option.id) {
        standing.apply(-plan("pin-bonus"), &format!("{} establishes it", pin.place));
    }
}

/// Tables for the shifts whose condition names another joint decision.
fn pairs(context: &Context, decisions: &[&DecisionSpec], values: &Values) -> Vec<PairTable> {
    let mut tables = Vec::new();
    for (of, decision) in decisions.iter().enumerate() {
        for (with, other) in decisions.iter().enumerate() {
            if of == with {
                continue;
            }
            let engineers: Vec<Vec<f64>> = decision
                .options
                .iter()
                .map(|option| {
                    let shifts = || option.shifts.iter().filter(|s| depends_on(s, &other.id));
                    other
                        .options
                        .iter()
                        .map(|chosen| given(context, values, shifts(), other, &chosen.id))
                        .collect()
                })
                .collect();
            if engineers.iter().flatten().any(|e| *e != 0.0) {
                tables.push(PairTable { of, with, engineers });
            }
        }
    }
    tables
}

fn depends_on(shift: &Shift, decision: &Id) -> bool {
    shift.when.as_ref().is_some_and(|c| c.decisions().contains(&decision))
}

/// What choosing `option` of `other` adds beyond what holds without it.
fn given<'s>(
    context: &Context,
    values: &Values,
    shifts: impl Iterator<Item = &'s Shift>,
    other: &DecisionSpec,
    option: &Id,
) -> f64 {
    let chosen = |d: &str, o: &str| other.id == *d && *option == *o;
    let with = context.view(values, &chosen);
    let without = context.view(values, &|_, _| false);
    shifts
        .map(|shift| {
            let Some(condition) = &shift.when else { return 0.0 };
            let change =
                f64::from(u8::from(condition.holds(&with))) - f64::from(u8::from(condition.holds(&without)));
            change * amount(shift, values)
        })
        .sum()
}
