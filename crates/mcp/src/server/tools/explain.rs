//! `explain`: what is known of a word, and why a design decided as it did.

use loadcase_engine::Session;
use loadcase_model::Decision;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sections::Headings;
use super::{BUDGET, Progress, Reply, Tool, arguments, input_schema, output_schema};
use crate::server::host::Host;
use crate::server::refusal::Refusal;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "explain",
    title: "Explain a choice, technology, rule or term",
    description: "Explains what Loadcase knows: a technology (versions with support dates, advisories, limits, \
                  prices, each dated and sourced), a decision and its options, a pattern, a domain, a term, or a \
                  rule of `review`. With design_id and a decision such as topology or primary-store: why that \
                  design chose as it did, what lost and by how much. Without a topic: the list of topics.",
    writes: false,
    input: input_schema::<Input>,
    output: output_schema::<Output>,
    run,
};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// A name or identifier: postgresql, topology, transactional-outbox, p99, a rule. Empty: the list.
    #[serde(default)]
    topic: String,
    /// A design whose own reasons are wanted.
    #[serde(default)]
    design_id: Option<String>,
    /// Only sections whose heading holds one of these words.
    #[serde(default)]
    sections: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Output {
    /// The topic that was looked up.
    topic: String,
    /// The explanation in Markdown, or the sections asked for.
    explanation: String,
    #[serde(flatten)]
    headings: Headings,
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    progress.step(1, 1, "looking it up")?;
    let session = host.usual_session()?;
    let topic = input.topic.trim();
    let whole = match &input.design_id {
        Some(id) => {
            let design = host.design(id)?;
            match design.decisions.iter().find(|d| d.id == topic) {
                Some(decision) => why(decision),
                None if topic.is_empty() => decisions(&design.decisions),
                None => known(&session, topic)?,
            }
        }
        None => known(&session, topic)?,
    };
    let (explanation, headings) = Headings::part(&whole, &input.sections, BUDGET - 120)?;
    let text = format!("{explanation}{}", headings.note());
    let record = Output { topic: topic.to_owned(), explanation, headings };
    Reply::new(&record, &text)
}

/// What the catalog and the rules know of a topic.
fn known(session: &Session, topic: &str) -> Result<String, Refusal> {
    let catalog = session.catalog();
    if topic.is_empty() {
        return Ok(index(session));
    }
    if let Some(rule) = loadcase_engine::reviewing::find(topic) {
        return Ok(rule.documentation());
    }
    loadcase_publish::explain::explain(topic, catalog).ok_or_else(|| {
        let near = loadcase_publish::explain::suggestions(topic, catalog);
        let help = if near.is_empty() {
            "call `explain` without a topic for the list".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        };
        Refusal::new(format!("nothing is known of `{}`", topic.chars().take(80).collect::<String>()), help)
    })
}

fn index(session: &Session) -> String {
    let catalog = session.catalog();
    let mut text = "What can be explained.\n\n".to_owned();
    let ids = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join(", ");
    for (kind, names) in [
        ("Decisions", ids(&mut catalog.decisions.keys().map(loadcase_model::Id::as_str))),
        ("Technologies", ids(&mut catalog.technologies.keys().map(loadcase_model::Id::as_str))),
        ("Rules", ids(&mut loadcase_engine::reviewing::all().map(|r| r.id))),
        ("Scenarios", ids(&mut catalog.scenarios.keys().map(loadcase_model::Id::as_str))),
        ("Patterns", ids(&mut catalog.patterns.keys().map(loadcase_model::Id::as_str))),
        ("Domains", ids(&mut catalog.domains.keys().map(loadcase_model::Id::as_str))),
        ("Terms", ids(&mut catalog.terms.keys().map(loadcase_model::Id::as_str))),
    ] {
        text.push_str(&format!("## {kind}\n\n{names}\n\n"));
    }
    text
}

/// The decisions of a design, one line each.
fn decisions(all: &[Decision]) -> String {
    let lines: Vec<String> = all
        .iter()
        .map(|d| format!("- {}: {} (holds in {})", d.id, d.verdict.name, d.holds.tagged()))
        .collect();
    format!("Decisions of this design; explain one by its name.\n\n{}\n", lines.join("\n"))
}

/// Why a design decided as it did.
fn why(decision: &Decision) -> String {
    let mut text = format!(
        "# {}\n\n{} {}. {} Holds in {} of the sampled assumptions.\n",
        decision.id,
        decision.question,
        decision.verdict.name,
        decision.verdict.summary,
        decision.holds.tagged()
    );
    text.push_str("\n## Why\n\n");
    for driver in &decision.drivers {
        let worth = driver.worth.as_ref().map_or_else(String::new, |w| format!(" ({})", w.tagged()));
        text.push_str(&format!("- {}{worth}\n", driver.because));
    }
    if let Some(pin) = &decision.pin {
        let stands = if pin.departs { "departs from" } else { "follows" };
        text.push_str(&format!(
            "- It {stands} the established {} ({}): {}\n",
            pin.established, pin.place, pin.because
        ));
    }
    text.push_str("\n## What lost\n\n");
    for other in &decision.alternatives {
        let behind = other.behind.as_ref().map_or_else(String::new, |b| format!(" ({} more)", b.tagged()));
        text.push_str(&format!("- {}{behind}: {}\n", other.name, other.reason));
    }
    if !decision.flips.is_empty() {
        text.push_str("\n## What would change it\n\n");
    }
    for flip in &decision.flips {
        let side = if flip.above { "above" } else { "below" };
        text.push_str(&format!(
            "- {} {side} {} {}: {} (planned {})\n",
            flip.input.label(),
            flip.at.tagged(),
            flip.horizon.label(),
            flip.to_name,
            flip.present.tagged()
        ));
    }
    text
}
