//! `what_if`: what follows when something is different.

use loadcase_publish::outline::{self, WhatIfOutline};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::system::system;
use super::{Progress, Reply, Tool, arguments, input_schema, output_schema};
use crate::server::host::Host;
use crate::server::refusal::Refusal;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "what_if",
    title: "What if something were different",
    description: "Says what follows from changes of a design or a blueprint: which decisions turn, which requirements \
                  break, and how the forecast moves. Changes of the brief (\"users=5M\", \"team=20\", \"budget=500\") \
                  are designed again; changes of parts (\"app.copies=6\", \"cache=off\", \"load=2x\") are applied as \
                  they stand. Use it for every follow-up question about a design instead of reasoning it out.",
    writes: false,
    input: input_schema::<Input>,
    output: output_schema::<WhatIfOutline>,
    run,
};

/// Most changes at once.
const MOST: usize = 16;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// A design made before.
    #[serde(default)]
    design_id: Option<String>,
    /// A blueprint file inside the server's folders; the brief.json beside it counts.
    #[serde(default)]
    blueprint_file: Option<String>,
    /// The YAML of a blueprint.
    #[serde(default)]
    blueprint: Option<String>,
    /// What is different, each as NAME=VALUE.
    changes: Vec<String>,
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    if input.changes.len() > MOST {
        let message = format!("{} changes were given; the limit is {MOST}", input.changes.len());
        return Err(Refusal::new(message, "ask for fewer at once"));
    }
    let session = host.usual_session()?;
    progress.step(1, 2, "reading the system")?;
    let names = (&input.design_id, &input.blueprint_file, &input.blueprint);
    let system = system(host, &session, names)?;
    progress.step(2, 2, "computing both")?;
    let outline = outline::what_if(&session.what_if(&system, &input.changes)?);
    Reply::new(&outline, &outline.text())
}
