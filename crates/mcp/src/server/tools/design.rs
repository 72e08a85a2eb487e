//! `design`: a brief becomes a design.

use std::collections::BTreeMap;

use loadcase_engine::{DesignOptions, Session};
use loadcase_model::{Brief, Design};
use loadcase_publish::outline::{self, DesignOutline};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Field, Progress, Reply, Tool, arguments, input_schema, output_schema};
use crate::server::host::Host;
use crate::server::refusal::Refusal;
use crate::server::resources;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "design",
    title: "Design a backend",
    description: "Computes a backend design from a brief: the simplest architecture that meets the numbers, with \
                  forecast, cost, what would change the answer, risks and versions. Use it before you recommend an \
                  architecture, a database, a queue or a number of services. Pass everything the user said about \
                  product, users, team, budget and constraints. Returns a design_id for the other tools; documents, \
                  OpenAPI, schema and deployment are resources under loadcase://design/{design_id}/. Writes nothing \
                  unless `out` says where.",
    writes: true,
    input: input_schema::<Input>,
    output: output_schema::<Output>,
    run,
};

/// Most answers taken.
const MOST_ANSWERS: usize = 32;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// What to build, best in the user's own words: product, users now and in two years, traffic, team, skills,
    /// budget, what exists, what must hold. Prose or the YAML of a brief.
    brief: String,
    /// Folder of a repository inside the server's folders; decisions established in its docs/backend and decision
    /// records are kept unless the numbers speak against them.
    #[serde(default)]
    repository: Option<String>,
    /// Answers to `questions` of an earlier result, by input: a value such as "5" or "50k", or "5 / 9" for now and in
    /// 24 months. Also sets any input named in `assumed`.
    #[serde(default)]
    answers: BTreeMap<String, Answer>,
    /// Keep established decisions whatever the numbers say.
    #[serde(default)]
    respect_established: bool,
    /// Whether the user may be asked, in one form, for what could change the design. Default true; where the client
    /// cannot ask, assumptions are used and listed.
    #[serde(default = "yes")]
    ask_user: bool,
    /// Folder inside the server's folders to write all deliverables into, such as docs/backend. Files that people
    /// edited are kept. Without it nothing is written.
    #[serde(default)]
    out: Option<String>,
    /// Seed of the sampled assumptions; the same seed gives the same design. Default 1.
    #[serde(default = "one")]
    seed: u64,
}

const fn yes() -> bool {
    true
}

const fn one() -> u64 {
    1
}

/// A value as text or number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Answer {
    Text(String),
    Number(f64),
}

impl Answer {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct Output {
    /// Names this design in other tools and in resources; the same design has the same one.
    design_id: String,
    /// The design.
    #[serde(flatten)]
    design: DesignOutline,
    /// What was written, when `out` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<Written>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Written {
    /// The folder.
    folder: String,
    /// Files that are new or were replaced, in words.
    files: String,
    /// Files that people edited: kept, with the new text beside them.
    kept: Vec<String>,
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    progress.step(1, 3, "reading the brief")?;
    let repository = input.repository.as_deref().map(|r| host.folder(Some(r))).transpose()?;
    let out = input.out.as_deref().map(|o| host.roots().output(o)).transpose()?;
    let session = match &repository {
        Some(folder) => host.session(Some(folder))?,
        None => host.usual_session()?,
    };
    let mut brief = host.brief(&session, &input.brief, repository.as_deref())?;
    take_answers(&session, &mut brief, &input.answers)?;
    progress.step(2, 3, "comparing and sizing designs")?;
    let how = DesignOptions {
        seed: input.seed,
        respect_pins: input.respect_established,
        ..DesignOptions::default()
    };
    let made = session.design(&brief, &how)?;
    progress.step(3, 3, "writing the answer")?;
    let written = out.map(|out| write(&out, &made, &session)).transpose()?;
    reply(host, &session, made, written, input.ask_user)
}

/// Puts the answers into the brief.
fn take_answers(
    session: &Session,
    brief: &mut Brief,
    answers: &BTreeMap<String, Answer>,
) -> Result<(), Refusal> {
    if answers.len() > MOST_ANSWERS {
        return Err(Refusal::new(
            format!("{} answers were given; the limit is {MOST_ANSWERS}", answers.len()),
            "answer the questions of the last result",
        ));
    }
    for (name, answer) in answers {
        let read = session.answered(name, &answer.text()).map_err(|why| {
            Refusal::new(
                format!("the answer to `{name}` cannot be read: {why}"),
                "use the `input` of a question as the name and a value such as \"5\", \"50k\" or \"5 / 9\"",
            )
        })?;
        brief.numbers.extend(read.numbers);
    }
    Ok(())
}

fn write(out: &std::path::Path, made: &Design, session: &Session) -> Result<Written, Refusal> {
    let files = loadcase_publish::deliverables(made, session.catalog());
    let report = loadcase_publish::write(out, &files).map_err(|e| {
        Refusal::new(e.to_string(), "name another folder for `out`, or remove what is in the way")
    })?;
    Ok(Written {
        folder: out.display().to_string(),
        files: format!("{} written, {} unchanged", report.written.len(), report.unchanged.len()),
        kept: report
            .conflicts
            .into_iter()
            .map(|c| format!("{} (new text in {})", c.path, c.new_text))
            .collect(),
    })
}

/// Keeps the design and says what it is.
fn reply(
    host: &Host,
    session: &Session,
    made: Design,
    written: Option<Written>,
    ask_user: bool,
) -> Result<Reply, Refusal> {
    let outline = outline::design(&made, session.catalog());
    let fields = |o: &DesignOutline| o.questions.iter().map(field).collect();
    let questions = if ask_user { fields(&outline) } else { Vec::new() };
    let (design_id, _) = host.kept().keep(made);
    let mut text = format!("design_id {design_id}\n{}", outline.text());
    if let Some(written) = &written {
        text.push_str(&format!("\nIn {}: {}.", written.folder, written.files));
        for kept in &written.kept {
            text.push_str(&format!("\nKept, since it was edited: {kept}"));
        }
    }
    text.push_str(&format!(
        "\nMore: `explain` with this design_id says why; documents are resources, listed at \
         loadcase://design/{design_id}/files."
    ));
    let links = resources::links(&design_id);
    let record = Output { design_id, design: outline, written };
    Ok(Reply { links, questions, ..Reply::new(&record, &text)? })
}

fn field(question: &outline::OpenQuestion) -> Field {
    Field {
        input: question.input.clone(),
        ask: question.ask.clone(),
        why: question.why.clone(),
        assumed: question.assumed.tagged(),
    }
}
