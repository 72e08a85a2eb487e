//! What came of simulations, in a few lines and as a small record.

use loadcase_model::{Interval, Recovery, ScenarioRun, Simulation, SkippedScenario, Tag};
use schemars::JsonSchema;
use serde::Serialize;

use super::Number;
use crate::text::clean;
use crate::text::plain::{clip, prose};

/// Scenarios that are listed: the broken ones first.
const MOST: usize = 12;

/// What came of a system under scenarios.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SimulationOutline {
    /// Whether every target of every scenario held.
    pub holds: bool,
    /// Whether it was stopped before everything had run.
    pub partial: bool,
    /// Scenarios that ran, those that broke a target first.
    pub scenarios: Vec<ScenarioOutline>,
    /// Scenarios that ran and are not listed here, each with whether it held.
    pub others: Vec<String>,
    /// Scenarios that did not run, by the reason.
    pub not_run: Vec<String>,
}

/// What came of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ScenarioOutline {
    /// The scenario.
    pub id: String,
    /// Its name, with that of the variant where it has several.
    pub name: String,
    /// Whether every target held.
    pub holds: bool,
    /// Share of requests that were answered in time.
    pub in_time: Number,
    /// 99th percentile of the response time of what was answered.
    pub p99: Number,
    /// Targets, each with its bound: a disturbance may cost requests while it lasts and hold all the same.
    pub wanted: Vec<String>,
    /// Targets that broke: what was wanted and what was seen.
    pub broken: Vec<String>,
    /// What was busy all the time first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_first: Option<String>,
    /// Whether and when it was back after the disturbance.
    pub back: String,
    /// The smallest change tried that would have held; give it to `changes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_hold: Option<WouldHold>,
}

/// A change under which a scenario holds: it was run.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct WouldHold {
    /// In words.
    pub change: String,
    /// As `changes` takes it.
    pub with: String,
    /// What it adds to the monthly bill, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monthly: Option<Number>,
}

/// The record of a simulation.
#[must_use]
pub fn simulation(simulation: &Simulation) -> SimulationOutline {
    let mut runs: Vec<&ScenarioRun> = simulation.scenarios.iter().collect();
    runs.sort_by_key(|run| run.holds);
    let others = runs.iter().skip(MOST);
    SimulationOutline {
        holds: simulation.holds,
        partial: simulation.partial,
        others: others
            .map(|r| format!("{} {}", clean(&r.name), if r.holds { "holds" } else { "breaks" }))
            .collect(),
        scenarios: runs.into_iter().take(MOST).map(scenario).collect(),
        not_run: not_run(&simulation.skipped),
    }
}

/// What did not run, by the reason.
fn not_run(skipped: &[SkippedScenario]) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in skipped {
        match by_reason.iter_mut().find(|(reason, _)| *reason == one.reason) {
            Some((_, ids)) => ids.push(one.id.as_str()),
            None => by_reason.push((&one.reason, vec![one.id.as_str()])),
        }
    }
    let told = |(reason, ids): &(&str, Vec<&str>)| format!("{} ({reason})", ids.join(", "));
    by_reason.iter().take(MOST).map(|group| clip(&clean(&told(group)), 400)).collect()
}

fn number(interval: &Interval) -> Number {
    let figure = interval.figure();
    if interval.value.is_some() { Number::of(&figure) } else { Number::none(&figure) }
}

fn scenario(run: &ScenarioRun) -> ScenarioOutline {
    let wanted =
        run.targets.iter().map(|t| format!("{} {}", prose(&t.name, Tag::Computed), t.wanted.tagged()));
    let broken = run.targets.iter().filter(|t| !t.held).take(3).map(|t| {
        let seen = if t.seen.value.is_some() { t.seen.tagged() } else { "not within the run".to_owned() };
        format!("{}: {seen}, wanted {}", prose(&t.name, Tag::Computed), t.wanted.tagged())
    });
    let found = run.remedy.as_ref().and_then(|r| r.found.as_ref());
    ScenarioOutline {
        id: run.id.to_string(),
        name: clean(&run.name),
        holds: run.holds,
        in_time: number(&run.good),
        p99: number(&run.p99),
        wanted: wanted.take(4).collect(),
        broken: broken.collect(),
        full_first: run.saturated.as_ref().map(|s| clean(&s.part)),
        back: match &run.recovery {
            Recovery::Undisturbed => "nothing disturbs it".to_owned(),
            Recovery::Unharmed => "unharmed".to_owned(),
            Recovery::After(figure) => format!("after {}", figure.tagged()),
            Recovery::Never => "not within the run".to_owned(),
        },
        would_hold: found.map(|f| WouldHold {
            change: prose(&f.change, Tag::Computed),
            with: f.with.clone(),
            monthly: f.monthly.as_ref().map(Number::of),
        }),
    }
}

impl SimulationOutline {
    /// The record in lines.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for run in &self.scenarios {
            let mark = if run.holds { "holds" } else { "BREAKS" };
            let full = run.full_first.as_ref().map_or_else(String::new, |f| format!(", {f} full first"));
            let wanted = if run.broken.is_empty() && !run.wanted.is_empty() {
                format!("; wanted: {}", run.wanted.join("; "))
            } else {
                String::new()
            };
            lines.push(format!(
                "{mark} {} [{}]: {} in time, p99 {}, back {}{full}{wanted}",
                run.name,
                run.id,
                run.in_time.tagged(),
                run.p99.tagged(),
                run.back
            ));
            lines.extend(run.broken.iter().map(|b| format!("  broken: {b}")));
            if let Some(change) = &run.would_hold {
                let cost =
                    change.monthly.as_ref().map_or_else(String::new, |m| format!(", {} more", m.tagged()));
                lines.push(format!("  would hold: {}{cost}", change.change));
            }
        }
        if !self.others.is_empty() {
            lines.push(format!("Others: {}.", self.others.join("; ")));
        }
        if !self.not_run.is_empty() {
            lines.push(format!("Not run: {}.", self.not_run.join("; ")));
        }
        if self.partial {
            lines.push("It was stopped before everything had run.".to_owned());
        }
        lines.join("\n")
    }
}
