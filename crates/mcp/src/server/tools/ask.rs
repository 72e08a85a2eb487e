//! `ask`: a question answered with the arithmetic behind it.

use loadcase_engine::DesignOptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sections::Headings;
use super::{BUDGET, Progress, Reply, Tool, arguments, input_schema, output_schema};
use crate::server::host::{Host, bounded};
use crate::server::refusal::Refusal;
use crate::server::resources;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "ask",
    title: "Ask about architecture",
    description: "Answers a question about backend architecture from the engine that designs, with the arithmetic: \
                  microservices or a monolith, whether a queue or a cache is worth it, how many servers, how to do \
                  sign-in for tenants, what a payment service must have. Include the numbers the user stated. Long \
                  answers come in sections: name the ones you want.",
    writes: false,
    input: input_schema::<Input>,
    output: output_schema::<Output>,
    run,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The question, with what is known: product, users, traffic, team.
    question: String,
    /// Code, a contract or another text the question is about.
    #[serde(default)]
    material: Option<String>,
    /// The same as a file inside the server's folders.
    #[serde(default)]
    material_file: Option<String>,
    /// Folder of a repository inside the server's folders whose established decisions count.
    #[serde(default)]
    repository: Option<String>,
    /// Only sections whose heading holds one of these words, as listed in `sections` of an earlier result.
    #[serde(default)]
    sections: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Output {
    /// Names the design the answer was computed from.
    design_id: String,
    /// The answer in Markdown, or the sections asked for.
    answer: String,
    #[serde(flatten)]
    headings: Headings,
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    progress.step(1, 3, "reading the question")?;
    let repository = input.repository.as_deref().map(|r| host.folder(Some(r))).transpose()?;
    let session = match &repository {
        Some(folder) => host.session(Some(folder))?,
        None => host.usual_session()?,
    };
    let material = match (&input.material, &input.material_file) {
        (Some(text), None) => Some(text.clone()),
        (None, Some(file)) => Some(host.text(file)?),
        (None, None) => None,
        (Some(_), Some(_)) => {
            return Err(Refusal::new("both `material` and `material_file` were given", "give one of them"));
        }
    };
    if let Some(material) = &material {
        bounded("material", material)?;
    }
    let brief = host.brief(&session, &input.question, repository.as_deref())?;
    progress.step(2, 3, "computing the design behind the answer")?;
    let design = session.design(&brief, &DesignOptions::default())?;
    progress.step(3, 3, "writing the answer")?;
    let whole = session.answer(&brief.text, material.as_deref(), &design)?;
    let (answer, headings) = Headings::part(&whole, &input.sections, BUDGET - 150)?;
    let (design_id, _) = host.kept().keep(design);
    let text = format!("{answer}{}\n\nComputed from design_id {design_id}.", headings.note());
    let links = resources::links(&design_id);
    let record = Output { design_id, answer, headings };
    Ok(Reply { links, ..Reply::new(&record, &text)? })
}
