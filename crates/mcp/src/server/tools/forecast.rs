//! `forecast`: what the capacity model says of a blueprint.

use loadcase_publish::outline::{self, ForecastOutline};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{Progress, Reply, Tool, arguments, input_schema, output_schema};
use crate::server::host::{Host, bounded};
use crate::server::refusal::Refusal;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "forecast",
    title: "Forecast an architecture",
    description: "Computes latency percentiles, the busiest components, the load at which something is full, \
                  availability, cost and people for an architecture under its loads. Takes a design_id, or a \
                  blueprint that was written or edited (YAML, as `design` writes it). Use it to check a change to a \
                  blueprint before you recommend it.",
    writes: false,
    input: input_schema::<Input>,
    output: output_schema::<ForecastOutline>,
    run,
};

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
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    progress.step(1, 2, "reading the blueprint")?;
    let session = host.usual_session()?;
    let blueprint = match (&input.design_id, &input.blueprint_file, &input.blueprint) {
        (Some(id), None, None) => host.design(id)?.blueprint.clone(),
        (None, Some(file), None) => host.blueprint(&session, &host.text(file)?, file)?,
        (None, None, Some(text)) => {
            bounded("blueprint", text)?;
            host.blueprint(&session, text, "the blueprint")?
        }
        _ => {
            return Err(Refusal::new(
                "one of `design_id`, `blueprint_file` and `blueprint` is needed",
                "give exactly one of them",
            ));
        }
    };
    progress.step(2, 2, "computing")?;
    let outline = outline::forecast(&blueprint, &session.forecast(&blueprint));
    Reply::new(&outline, &outline.text())
}
