//! `simulate`: what the capacity model says of an architecture, and what happens to it when things go wrong.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use loadcase_engine::{Follow, Session, SimulateOptions, System, Watching, Which};
use loadcase_model::{Horizon, Simulation};
use loadcase_publish::outline::{self, ForecastOutline, SimulationOutline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::system::system;
use super::{Progress, Reply, Tool, arguments, input_schema, output_schema};
use crate::server::host::Host;
use crate::server::refusal::Refusal;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "simulate",
    title: "Forecast and simulate an architecture",
    description: "Forecasts an architecture (percentiles, what is full first, availability, cost, people) and runs it \
                  event by event through scenarios: peak, retry storm, zone or primary lost, slow store, cold cache, \
                  flash crowd. Says which targets break and the smallest change that would have held. Takes a \
                  design_id or a blueprint (YAML as `design` writes it, edited or not). Use it before you claim that \
                  something carries a load or survives a failure.",
    writes: false,
    input: input_schema::<Input>,
    output: output_schema::<Output>,
    run,
};

/// Seconds after which it stops with what it has: usual and most. Many clients wait a minute and no longer.
const SECONDS: (u64, u64) = (40, 240);
/// How often a run looks whether anybody still waits.
const LOOKS: Duration = Duration::from_millis(50);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// A design made before.
    #[serde(default)]
    design_id: Option<String>,
    /// A blueprint file inside the server's folders.
    #[serde(default)]
    blueprint_file: Option<String>,
    /// The YAML of a blueprint.
    #[serde(default)]
    blueprint: Option<String>,
    /// Scenarios by name, as `explain` without a topic lists them; ["all"] for all, ["none"] for the forecast alone.
    /// Default: a short set. Those that bring a system of their own, such as cache-flush, need no other.
    #[serde(default)]
    scenarios: Vec<String>,
    /// Changes to try first, such as "app.copies=6", "cache=off" or "client.retries=0".
    #[serde(default)]
    changes: Vec<String>,
    /// Under the load of "now" or of "later" (in 24 months). Default: later.
    #[serde(default)]
    load: Option<Load>,
    /// Seconds after which it stops with what it has. Default 40, at most 240: many clients wait a minute.
    #[serde(default)]
    seconds: Option<u64>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Load {
    Now,
    Later,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Output {
    /// What the capacity model says, without the changes; absent when the scenarios bring a system of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastOutline>,
    /// What came of the scenarios; absent when none was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    simulation: Option<SimulationOutline>,
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    let session = host.usual_session()?;
    let names = (&input.design_id, &input.blueprint_file, &input.blueprint);
    let which = which(&session, &input.scenarios)?;
    let system = match names {
        (None, None, None) if which.as_ref().is_some_and(Which::own_systems) => None,
        names => Some(system(host, &session, names)?),
    };
    let forecast = system.as_ref().map(|s| outline::forecast(&s.blueprint, &session.forecast(&s.blueprint)));
    let simulation = match which {
        Some(which) => {
            Some(outline::simulation(&simulated(&session, system.as_ref(), &which, &input, progress)?))
        }
        None => None,
    };
    let parts =
        [forecast.as_ref().map(ForecastOutline::text), simulation.as_ref().map(SimulationOutline::text)];
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
    Reply::new(&Output { forecast, simulation }, &text)
}

/// The scenarios that are meant; nothing for none.
fn which(session: &Session, names: &[String]) -> Result<Option<Which>, Refusal> {
    let known = &session.catalog().scenarios;
    match names {
        [] => return Ok(Some(Which::Short)),
        [one] if one == "all" => return Ok(Some(Which::All)),
        [one] if one == "none" => return Ok(None),
        _ => {}
    }
    let one = |name: &String| {
        known.get(name.as_str()).cloned().ok_or_else(|| {
            let all: Vec<&str> = known.keys().map(loadcase_model::Id::as_str).collect();
            let name: String = name.chars().take(80).collect();
            Refusal::new(format!("there is no scenario `{name}`"), format!("there are: {}", all.join(", ")))
        })
    };
    names.iter().map(one).collect::<Result<Vec<_>, _>>().map(|all| Some(Which::These(all)))
}

/// Runs the scenarios until they are done, time is up or nobody waits any more.
fn simulated(
    session: &Session,
    system: Option<&System>,
    which: &Which,
    input: &Input,
    progress: &dyn Progress,
) -> Result<Simulation, Refusal> {
    let options = SimulateOptions {
        horizon: if matches!(input.load, Some(Load::Now)) { Horizon::Now } else { Horizon::Later },
        with: input.changes.clone(),
        ..SimulateOptions::default()
    };
    let until = Instant::now() + Duration::from_secs(input.seconds.unwrap_or(SECONDS.0).clamp(1, SECONDS.1));
    let watch = Watching::new();
    let over = AtomicBool::new(false);
    let tell = |step: &loadcase_engine::Progress<'_>| {
        let (done, all) = step.done;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if progress.step(number(done + 1), number(all + 1), step.scenario).is_err() {
            watch.stop();
        }
    };
    let found = std::thread::scope(|threads| {
        threads.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                if progress.is_over() || Instant::now() >= until {
                    watch.stop();
                }
                std::thread::sleep(LOOKS);
            }
        });
        let found = session.simulate(system, which, &options, Follow { watch: &watch, tell: &tell });
        over.store(true, Ordering::Relaxed);
        found
    });
    Ok(found?)
}
