//! Simulating: scenarios on a blueprint or on a system of their own, judged by targets, with the smallest change
//! that would have held where one is broken.

mod brief;
mod case;
mod curve;
mod duel;
mod judge;
mod opinion;
mod remedy;

use loadcase_catalog::Scenario;
use loadcase_model::{
    Blueprint, Brief, Diagnostic, Figure, Horizon, Input, Origin, ScenarioRun, Simulation, SkippedScenario,
    Unit, yaml,
};
use loadcase_simulate::{Outcome, Prepared, Run, ScenarioError, Watch, simulate_watched};

pub use loadcase_simulate::Watch as Watching;

use crate::change::ChangeError;
use crate::{DesignOptions, EngineError, Session};
use case::Case;

/// A system to be looked at: its blueprint, and the brief it was designed for, where that is known.
#[derive(Clone, Debug)]
pub struct System {
    /// The architecture.
    pub blueprint: Blueprint,
    /// What it was designed for.
    pub brief: Option<Brief>,
}

/// Which scenarios are run.
#[derive(Clone, Debug)]
pub enum Which {
    /// The short set of the catalog.
    Short,
    /// Every scenario of the catalog that applies.
    All,
    /// These.
    These(Vec<Scenario>),
}

impl Which {
    /// Whether all of them bring the system they are about.
    #[must_use]
    pub fn own_systems(&self) -> bool {
        matches!(self, Self::These(scenarios) if scenarios.iter().all(|s| s.system.is_some()))
    }
}

/// How scenarios are run.
#[derive(Clone, Debug)]
pub struct SimulateOptions {
    /// Under which load a blueprint is.
    pub horizon: Horizon,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Independent replications; by what they cost when absent.
    pub replications: Option<u32>,
    /// More replications until half the interval of the mean response time is within this share of it.
    pub precision: Option<f64>,
    /// Whether changes are tried where a target is broken.
    pub remedies: bool,
    /// Whether response times against the load are computed too.
    pub curve: bool,
    /// Changes to the system, as `loadcase what-if` takes them.
    pub with: Vec<String>,
}

impl Default for SimulateOptions {
    fn default() -> Self {
        Self {
            horizon: Horizon::Later,
            seed: 1,
            replications: None,
            precision: None,
            remedies: true,
            curve: false,
            with: Vec::new(),
        }
    }
}

/// What is going on, for whoever waits.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The scenario.
    pub scenario: &'a str,
    /// The change that is tried, where one is.
    pub trying: Option<&'a str>,
    /// Best share of requests answered in time so far, of this scenario.
    pub best: Option<f64>,
    /// Seconds to simulate in this step, over all replications.
    pub seconds: f64,
    /// Scenarios that are done, and all of them.
    pub done: (usize, usize),
}

/// Who follows a simulation: what it shares with the run, and who is told of each step.
#[derive(Clone, Copy)]
pub struct Follow<'a> {
    /// Counts what was simulated, and stops it.
    pub watch: &'a Watch,
    /// Told when a step begins.
    pub tell: &'a dyn Fn(&Progress<'_>),
}

/// Why a simulation cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// A scenario is faulty.
    #[error("{error}")]
    Scenario {
        /// The scenario.
        id: String,
        /// What is wrong with it.
        error: ScenarioError,
    },
    /// A change cannot be carried out.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// A scenario has nothing that the changes could set.
    #[error(transparent)]
    Unset(ChangeError),
    /// There is nothing to run.
    #[error("{0}")]
    Nothing(String),
    /// The session cannot go on.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Events that all replications of one scenario may take together, unless their number is given.
const AFFORDABLE: f64 = 24e6;
/// Replications at most and at least, unless their number is given.
const REPLICATIONS: (f64, f64) = (3.0, 8.0);
/// Most replications when a precision is asked for.
const MOST: u32 = 400;

impl Session {
    /// Reads a scenario that somebody wrote.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read_scenario(&self, source: &str) -> Result<Scenario, Box<Diagnostic>> {
        yaml::read(source)
    }

    /// Runs scenarios on a system, or those that bring a system of their own.
    ///
    /// # Errors
    /// When a scenario that was asked for is faulty or does not apply, a change cannot be carried out, or there is
    /// nothing to run.
    pub fn simulate(
        &self,
        system: Option<&System>,
        which: &Which,
        options: &SimulateOptions,
        follow: Follow<'_>,
    ) -> Result<Simulation, SimulateError> {
        let bounds = self.bounds(system, options.horizon)?;
        let blueprint = system.map(|s| &s.blueprint);
        let (scenarios, mut skipped) = self.choose(blueprint, which)?;
        let strict = matches!(which, Which::These(_));
        let mut runs = Vec::new();
        let mut unset = None;
        let mut partial = false;
        let all = scenarios.len();
        for (done, scenario) in scenarios.iter().enumerate() {
            let in_time = scenario.system.is_none().then_some(bounds.in_time.value / 1e3);
            for case in Case::of(self.catalog(), blueprint, options.horizon, scenario, in_time) {
                let runner = Runner { session: self, options, bounds: &bounds, follow, done: (done, all) };
                match runner.run(case) {
                    Ok(Some(run)) => runs.push(run),
                    Ok(None) => {
                        partial = true;
                        skipped.push(skip(scenario, "stopped before a replication was complete"));
                        break;
                    }
                    Err(SimulateError::Scenario { error, .. }) if !strict && does_not_apply(&error) => {
                        skipped.push(skip(scenario, &why_not(&error)));
                        break;
                    }
                    // A change is tried on the scenarios that have something to set; it must be some.
                    Err(SimulateError::Unset(error)) if !strict => {
                        skipped.push(skip(scenario, "has nothing that the changes could set"));
                        unset = Some(error);
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        if let Some(error) = unset.filter(|_| runs.is_empty()) {
            return Err(error.into());
        }
        partial |= follow.watch.is_stopped();
        let own = system.is_none() || scenarios.iter().all(|s| s.system.is_some());
        let curve = match blueprint.filter(|_| options.curve && !own && !partial) {
            Some(blueprint) => self.changed(blueprint, options)?.and_then(|b| {
                curve::curve(
                    self,
                    &b,
                    options.horizon,
                    options.seed,
                    &curve::Effort::FULL,
                    Some(&bounds.in_time),
                )
            }),
            None => None,
        };
        Ok(Simulation {
            schema: Simulation::SCHEMA.to_owned(),
            name: name(blueprint.filter(|_| !own), &scenarios),
            horizon: (!own).then_some(options.horizon),
            basis: format!("simulated event by event; seed {}", options.seed),
            seed: options.seed,
            holds: runs.iter().all(|r| r.holds),
            partial,
            in_time: (!own).then(|| bounds.in_time.clone()),
            scenarios: runs,
            skipped,
            curve,
            notes: self.notes(system, options),
        })
    }

    /// The blueprint with the changes that were asked for; behaviour is left out.
    fn changed(
        &self,
        blueprint: &Blueprint,
        options: &SimulateOptions,
    ) -> Result<Option<Blueprint>, SimulateError> {
        let mut changed = blueprint.clone();
        for change in &options.with {
            let given = crate::change::Given::read(change)?;
            crate::change::Edit::read(&given, &changed)?.0.on_blueprint(&mut changed);
        }
        Ok(Some(changed))
    }

    /// Scenarios that are meant and have what they need, and those that do not.
    fn choose(
        &self,
        blueprint: Option<&Blueprint>,
        which: &Which,
    ) -> Result<(Vec<Scenario>, Vec<SkippedScenario>), SimulateError> {
        // What is not disturbed comes first: everything else is compared with it.
        let disturbs = |s: &&Scenario| !s.changes.is_empty() || !s.load.is_empty();
        let mut all: Vec<&Scenario> = self.catalog().scenarios.values().collect();
        all.sort_by_key(disturbs);
        let all = all.into_iter();
        let own = "brings a system of its own: runs when it is named";
        match (which, blueprint) {
            (Which::These(scenarios), None) => match scenarios.iter().find(|s| s.system.is_none()) {
                Some(_) => Err(SimulateError::Nothing(
                    "the scenario has no system of its own: name the blueprint it should run on".to_owned(),
                )),
                None => Ok((scenarios.clone(), Vec::new())),
            },
            (Which::These(scenarios), Some(_)) => Ok((scenarios.clone(), Vec::new())),
            (_, None) => Err(SimulateError::Nothing("there is no blueprint to simulate".to_owned())),
            (Which::Short, Some(_)) => {
                Ok((all.filter(|s| s.short && s.system.is_none()).cloned().collect(), Vec::new()))
            }
            (Which::All, Some(_)) => {
                let (own_system, runs): (Vec<_>, Vec<_>) = all.cloned().partition(|s| s.system.is_some());
                Ok((runs, own_system.iter().map(|s| skip(s, own)).collect()))
            }
        }
    }

    /// Within which time an answer is good and a system should be back: of the brief, else what is assumed.
    fn bounds(&self, system: Option<&System>, horizon: Horizon) -> Result<Bounds, SimulateError> {
        let brief = system.and_then(|s| s.brief.as_ref());
        let Some(brief) = brief else {
            return Ok(Bounds { in_time: self.assumed(Input::LatencyP99Ms), recover_within: None });
        };
        let design = self.design(brief, &DesignOptions::default())?;
        let reading = |input| {
            design.reading(input).map(|r| match horizon {
                Horizon::Now => r.now.clone(),
                Horizon::Later => r.later.clone(),
            })
        };
        let in_time = reading(Input::LatencyP99Ms).filter(|f| f.value.is_finite() && f.value > 0.0);
        let recover_within = reading(Input::RecoveryTimeS).filter(|f| f.value.is_finite() && f.value > 0.0);
        Ok(Bounds { in_time: in_time.unwrap_or_else(|| self.assumed(Input::LatencyP99Ms)), recover_within })
    }

    /// What is assumed of an input when nothing is known.
    fn assumed(&self, input: Input) -> Figure {
        let known = self.catalog().lexicon.assumptions.iter().find(|a| a.input == input && a.when.is_none());
        let origin = known.map_or_else(
            || Origin::assumed(1000.0, 1000.0, "nobody said"),
            |a| Origin::assumed(a.low, a.high, a.because.clone()),
        );
        Figure { value: known.map_or(1000.0, |a| a.value), unit: Unit::Milliseconds, origin }
    }

    fn notes(&self, system: Option<&System>, options: &SimulateOptions) -> Vec<String> {
        let mut notes = Vec::new();
        if system.is_some_and(|s| s.brief.is_none()) {
            notes.push(
                "no brief lies beside the blueprint: the response time that is wanted is assumed".to_owned(),
            );
        }
        if system.is_some_and(|s| s.blueprint.workloads.iter().all(|w| w.horizon != options.horizon)) {
            notes.push(format!(
                "the blueprint has no workload {}: nothing was asked for",
                options.horizon.label()
            ));
        }
        notes.extend(options.with.iter().map(|w| format!("with {w}")));
        notes
    }
}

/// What a simulation is of: the blueprint, or the only scenario that brings a system of its own.
fn name(blueprint: Option<&Blueprint>, scenarios: &[Scenario]) -> String {
    match (blueprint, scenarios) {
        (Some(blueprint), _) => blueprint.name.clone(),
        (None, [one]) => one.name.clone(),
        (None, several) => format!("{} scenarios with systems of their own", several.len()),
    }
}

/// What targets are measured by.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) in_time: Figure,
    pub(crate) recover_within: Option<Figure>,
}

/// Runs cases one after the other.
pub(crate) struct Runner<'a> {
    pub(crate) session: &'a Session,
    pub(crate) options: &'a SimulateOptions,
    pub(crate) bounds: &'a Bounds,
    pub(crate) follow: Follow<'a>,
    pub(crate) done: (usize, usize),
}

impl Runner<'_> {
    /// Runs a case and, where a target is broken, looks for the smallest change that would have held. None when it
    /// was stopped before anything was known.
    fn run(&self, mut case: Case<'_>) -> Result<Option<ScenarioRun>, SimulateError> {
        if self.follow.watch.is_stopped() {
            return Ok(None);
        }
        for change in &self.options.with {
            case = case.with(change)?.0;
        }
        let wrong = |error| SimulateError::Scenario { id: case.scenario.id.to_string(), error };
        let Some(prepared) = case.prepared().map_err(wrong)? else {
            return Err(SimulateError::Unset(ChangeError::new(
                format!("{} has nothing that these changes could set", case.name()),
                "changes of `client` need a scenario whose clients have time-outs or retries",
            )));
        };
        let run = self.planned(&prepared);
        let Some(outcome) = self.simulated(&case.name(), &prepared, &run, (None, None))? else {
            return Ok(None);
        };
        let targets = judge::targets(&case, &outcome, self.bounds.recover_within.as_ref());
        let mut judged = judge::judged(&case, &prepared, &outcome, targets);
        if self.options.remedies && !judged.holds && !judged.partial {
            judged.remedy = remedy::search(self, &case, &prepared, &outcome);
        }
        Ok(Some(judged))
    }

    /// The run of a case: as many replications as were asked for, or can be afforded.
    fn planned(&self, prepared: &Prepared) -> Run {
        let each = case::events(&prepared.network, prepared.run.horizon).max(1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above and below")]
        let affordable = (AFFORDABLE / each).clamp(REPLICATIONS.0, REPLICATIONS.1) as u32;
        Run {
            seed: self.options.seed,
            replications: self.options.replications.unwrap_or(affordable).max(1),
            precision: self.options.precision,
            most_replications: MOST,
            ..prepared.run.clone()
        }
    }

    /// Simulates, and tells that it does.
    pub(crate) fn simulated(
        &self,
        scenario: &str,
        prepared: &Prepared,
        run: &Run,
        (trying, best): (Option<&str>, Option<f64>),
    ) -> Result<Option<Outcome>, SimulateError> {
        let seconds = run.horizon * f64::from(run.replications);
        (self.follow.tell)(&Progress { scenario, trying, best, seconds, done: self.done });
        simulate_watched(&prepared.network, run, self.follow.watch)
            .map_err(|e| SimulateError::Scenario { id: scenario.to_owned(), error: e.into() })
    }
}

pub(crate) fn skip(scenario: &Scenario, reason: &str) -> SkippedScenario {
    SkippedScenario { id: scenario.id.clone(), name: scenario.name.clone(), reason: reason.to_owned() }
}

/// Whether a scenario is about something that a blueprint does not have.
pub(crate) const fn does_not_apply(error: &ScenarioError) -> bool {
    matches!(error, ScenarioError::Unknown { .. } | ScenarioError::DoesNotApply { .. })
}

/// Why a scenario does not apply, in words.
pub(crate) fn why_not(error: &ScenarioError) -> String {
    match error {
        ScenarioError::Unknown { name, .. } => format!("the blueprint has no {name}"),
        ScenarioError::DoesNotApply { name } => format!("nothing of {name} is modelled that it could change"),
        other => other.to_string(),
    }
}
