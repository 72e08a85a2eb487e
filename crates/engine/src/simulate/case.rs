//! One scenario on one system, with changes: what a simulation runs.

use std::borrow::Cow;

use loadcase_catalog::scenario::{CallSpec, Variant};
use loadcase_catalog::{Catalog, Scenario};
use loadcase_model::{Blueprint, Horizon, Id, Workload};
use loadcase_simulate::{Arrivals, Network, Prepared, ScenarioError, Step, from_blueprint, from_scenario};

use crate::change::{ChangeError, Edit, Given};

/// One scenario, in one of its variants, on one system.
#[derive(Clone, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) catalog: &'a Catalog,
    /// The blueprint; none when the scenario has a system of its own.
    pub(crate) blueprint: Option<Cow<'a, Blueprint>>,
    pub(crate) horizon: Horizon,
    /// With exactly one variant.
    pub(crate) scenario: Scenario,
    /// Changes of behaviour that a blueprint does not have.
    pub(crate) behaviour: Vec<Edit>,
    /// Within how many seconds an answer is good, where operations do not say.
    pub(crate) in_time: Option<f64>,
}

impl<'a> Case<'a> {
    /// A case for each variant of a scenario.
    pub(crate) fn of(
        catalog: &'a Catalog,
        blueprint: Option<&'a Blueprint>,
        horizon: Horizon,
        scenario: &Scenario,
        in_time: Option<f64>,
    ) -> Vec<Self> {
        let plain = [Variant::default()];
        let variants = if scenario.variants.is_empty() { &plain[..] } else { &scenario.variants[..] };
        let blueprint = blueprint.filter(|_| scenario.system.is_none()).map(Cow::Borrowed);
        let of = |variant: &Variant| Self {
            catalog,
            blueprint: blueprint.clone(),
            horizon,
            scenario: flattened(scenario, variant),
            behaviour: Vec::new(),
            in_time,
        };
        variants.iter().map(of).collect()
    }

    /// The name of the scenario, with that of the variant.
    pub(crate) fn name(&self) -> String {
        match self.scenario.variants.first().map(|v| v.name.as_str()) {
            Some(variant) if !variant.is_empty() => format!("{}: {variant}", self.scenario.name),
            _ => self.scenario.name.clone(),
        }
    }

    /// The same with one more change, and what the change says.
    pub(crate) fn with(&self, change: &str) -> Result<(Self, loadcase_model::Understood), ChangeError> {
        let given = Given::read(change)?;
        let mut changed = self.clone();
        let (edit, told) = match (&self.blueprint, &self.scenario.system) {
            (Some(blueprint), _) => Edit::read(&given, blueprint)?,
            (None, Some(system)) => Edit::read_system(&given, system)?,
            (None, None) => {
                return Err(ChangeError::new("there is nothing to change", "name a blueprint"));
            }
        };
        match edit {
            Edit::System(system) => changed.scenario.system = Some(*system),
            edit if edit.is_structural() => {
                if let Some(blueprint) = &mut changed.blueprint {
                    edit.on_blueprint(blueprint.to_mut());
                }
            }
            edit => changed.behaviour.push(edit),
        }
        Ok((changed, told))
    }

    /// Makes it ready to run; `None` when a change finds nothing to change.
    pub(crate) fn prepared(&self) -> Result<Option<Prepared>, ScenarioError> {
        let all = match &self.blueprint {
            Some(blueprint) => {
                let empty = Workload {
                    horizon: self.horizon,
                    rate_per_s: indexmap::IndexMap::new(),
                    basis: String::new(),
                };
                let workload = blueprint.workloads.iter().find(|w| w.horizon == self.horizon);
                from_blueprint(blueprint, self.catalog, workload.unwrap_or(&empty)).under(&self.scenario)?
            }
            None => from_scenario(&self.scenario)?,
        };
        // A case has one variant.
        let Some(mut prepared) = all.into_iter().next() else { return Ok(None) };
        if let Some(seconds) = self.in_time {
            let awaited = prepared.network.operations.iter_mut().filter(|o| o.awaited);
            awaited.for_each(|o| o.target = o.target.or(Some(seconds)));
        }
        let applies = self.behaviour.iter().all(|edit| edit.on_network(&mut prepared.network));
        Ok(applies.then_some(prepared))
    }

    /// What a part of the network is called in prose.
    pub(crate) fn part_name(&self, part: &str) -> String {
        let Some(blueprint) = &self.blueprint else { return part.to_owned() };
        let named = |id: &str| blueprint.components.get(&Id::slug(id)).map(|c| c.name.clone());
        if let Some(name) = named(part) {
            return name;
        }
        match (part.strip_suffix(".replicas"), part.split_once(": ")) {
            (Some(id), _) => named(id).map_or_else(|| part.to_owned(), |n| format!("{n}, read replicas")),
            (_, Some((id, rest))) => named(id).map_or_else(|| part.to_owned(), |n| format!("{n}, {rest}")),
            _ => part.to_owned(),
        }
    }

    /// When the disturbance begins and ends, in seconds; nothing when nothing disturbs, or again and again.
    pub(crate) fn disturbed(&self) -> Option<(f64, f64)> {
        let length = self.scenario.length.seconds();
        let once = self.scenario.changes.iter().filter(|c| c.every.is_none());
        let changes = once.map(|c| (c.at.seconds(), c.lasts.map(|l| c.at.seconds() + l.seconds())));
        let loads = self
            .scenario
            .load
            .iter()
            .map(|l| (l.at.seconds(), l.lasts.map(|t| l.at.seconds() + t.seconds())));
        let own = self.scenario.system.iter().flat_map(|s| s.load.values()).filter_map(|l| l.steps.as_ref());
        let steps = own.flat_map(|s| s.iter().skip(1)).map(|(at, _)| (at.seconds(), Some(at.seconds())));
        let all: Vec<(f64, Option<f64>)> = changes.chain(loads).chain(steps).collect();
        let from = all.iter().map(|a| a.0).fold(f64::INFINITY, f64::min);
        let until = all.iter().map(|a| a.1.unwrap_or(a.0)).fold(0.0, f64::max);
        (from < length).then_some((from, until.max(from)))
    }
}

/// A scenario with one variant that says nothing more: what the variant says is in the scenario.
fn flattened(scenario: &Scenario, variant: &Variant) -> Scenario {
    let mut flat = scenario.clone();
    flat.system = scenario.system_of(variant);
    if let (Some(client), Some(patch)) = (&scenario.client, variant.calls.get("client")) {
        flat.client = Some(CallSpec::with(client, patch));
        flat.stubborn = true;
    }
    let rest = Variant { name: variant.name.clone(), expect: variant.expect.clone(), ..Variant::default() };
    flat.variants = vec![rest];
    flat
}

/// Events that a replication takes, roughly: what decides how many can be afforded.
pub(crate) fn events(network: &Network, horizon: f64) -> f64 {
    let each: Vec<f64> = network.operations.iter().map(|o| work(&o.steps)).collect();
    let of = |arrivals: &Arrivals| match arrivals {
        Arrivals::Open { profile, batch, .. } => {
            let mean =
                (0..100).map(|i| profile.rate((f64::from(i) + 0.5) / 100.0 * horizon)).sum::<f64>() / 100.0;
            mean * f64::from(*batch)
        }
        Arrivals::Closed { users, .. } => f64::from(*users),
        Arrivals::Trace(times) => times.len() as f64 / horizon,
    };
    network.sources.iter().map(|s| of(&s.arrivals) * (1.0 + each[s.operation])).sum::<f64>() * horizon
}

/// Events of one pass through steps.
fn work(steps: &[Step]) -> f64 {
    let one = |step: &Step| match step {
        Step::Visit { .. } | Step::Balanced { .. } | Step::Wait(_) | Step::Delay(_) | Step::Read { .. } => {
            1.0
        }
        Step::Fork { branches, .. } => branches.iter().map(|b| work(b)).sum(),
        Step::Choose(options) => options.iter().map(|(p, s)| p * work(s)).sum(),
        Step::Again { probability, steps } => work(steps) / (1.0 - probability).max(0.01),
        Step::Detach(steps) | Step::Hold { steps, .. } => work(steps),
        // Timers of calls that are answered in time are no events, but each call is a task of its own.
        Step::Call { steps, .. } => 0.7 + work(steps),
        Step::Lookup { miss, .. } => 0.5 * work(miss),
        Step::Sometimes { steps, .. } => 0.5 * work(steps),
        Step::Either { steps, otherwise, .. } => work(steps).max(work(otherwise)),
        Step::Publish { steps, .. } => 1.0 + work(steps),
        // On its way to each copy it waits and is applied.
        Step::Commit(_) => 2.0,
        Step::Admit(_) | Step::Risk(_) | Step::Link(_) => 0.0,
    };
    steps.iter().map(one).sum()
}
