//! The page an answer is printed as: premise, verdict, evidence, sections, assumptions, flips, sources.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loadcase_catalog::{Check, Topic};
use loadcase_model::{Brief, Design, Origin, Reading, Tag};

use super::checks::{Material, Spotted};
use super::context::{Matter, Stage, Workshop};
use super::shown::{Used, computed, quantity};
use super::words::sentences;
use super::{AnswerError, Asked, blocks, route};
use crate::explain::cite;
use crate::honesty::tagged;
use crate::text::markdown::prose;

/// The topic that speaks when nothing more special does.
const GENERAL: &str = "general";
/// The topic that asks back.
const INSUFFICIENT: &str = "insufficient-context";
/// A second topic contributes when its score is at least this share of the first's.
const CLOSE: f64 = 0.8;
/// And when it is at least this, so that a stray word does not count.
const NOTABLE: f64 = 2.5;
/// Lines an answer should stay under; a second topic is left out when it would not.
const MOST_LINES: usize = 125;

/// Renders the answer to a question as Markdown, the verdict first.
///
/// # Errors
/// When the catalog has no topics, or a template of one does not render.
pub fn answer(asked: &Asked<'_>) -> Result<String, AnswerError> {
    let chosen = choose(asked);
    let Some((first, second)) = chosen else { return Err(AnswerError::NoTopics) };
    let material = asked.material.filter(|m| !m.trim().is_empty()).or_else(|| pasted(asked.question));
    let matter = Matter { question: asked.question, material, design: asked.design, catalog: asked.catalog };
    let full = page(matter, first, second)?;
    if second.is_some() && full.lines().count() > MOST_LINES { page(matter, first, None) } else { Ok(full) }
}

/// A question of several lines carries its own material.
fn pasted(question: &str) -> Option<&str> {
    let lines = question.lines().filter(|l| !l.trim().is_empty()).count();
    let coded = question.contains("```") || question.contains("):\n") || question.contains("{\n");
    (lines >= 4 || coded).then_some(question)
}

/// The topic that answers and the one that adds to it.
fn choose<'a>(asked: &Asked<'a>) -> Option<(&'a Topic, Option<&'a Topic>)> {
    let ranked = route::topics(asked.question, asked.material, asked.catalog);
    let by_id = |id: &str| asked.catalog.topics.get(id);
    let (says, silent) = (by_id(GENERAL), by_id(INSUFFICIENT));
    let fallback = if thin(&asked.design.brief) { silent.or(says) } else { says.or(silent) };
    let mut special = ranked.iter().filter(|(t, _)| t.id != GENERAL && t.id != INSUFFICIENT);
    let best = ranked.first().map(|(t, score)| (*t, *score));
    match best {
        Some((topic, score)) if topic.id != GENERAL && topic.id != INSUFFICIENT => {
            let second = special.nth(1).filter(|(_, s)| *s >= (CLOSE * score).max(NOTABLE)).map(|(t, _)| *t);
            Some((topic, second))
        }
        _ => fallback.or_else(|| asked.catalog.topics.values().next()).map(|t| (t, None)),
    }
}

/// Whether a brief has nothing a design could be specific about.
fn thin(brief: &Brief) -> bool {
    brief.domains.is_empty()
        && brief.numbers.is_empty()
        && brief.pins.is_empty()
        && brief.technologies.is_empty()
}

fn page(matter: Matter<'_>, topic: &Topic, second: Option<&Topic>) -> Result<String, AnswerError> {
    let workshop = Workshop::new(matter);
    let material = matter.material.map(Material::new);
    let found = material.as_ref().map(|m| m.spotted(&topic.checks)).unwrap_or_default();
    let stage = Stage::new(&workshop, topic, &found);
    let mut out = Page::default();
    premises(&workshop, &mut out)?;
    out.paragraph(&stage.render("verdict", &topic.verdict)?);
    if let Some(material) = &material {
        evidence(&stage, topic, &found, material, &mut out)?;
    }
    for section in &topic.sections {
        let shown = match &section.when {
            Some(expression) => stage.holds(&section.title, expression)?,
            None => true,
        };
        if shown {
            out.section(
                &stage.render("title", &section.title)?,
                &stage.render(&section.title, &section.text)?,
            );
        }
    }
    if material.is_none() && !topic.checks.is_empty() {
        out.section("Check your code for", &to_check(&stage, topic, |_| true)?);
    }
    if let Some(other) = second {
        addition(&workshop, other, &mut out)?;
    }
    let flips = changes(&stage, topic, matter.design)?;
    let asked: Result<Vec<String>, AnswerError> =
        topic.assumes.iter().map(|text| stage.render("assumes", text)).collect();
    out.section("Your established decisions", &blocks::established(matter.design));
    out.section(
        "Assumed here; correct what is wrong",
        &assumptions(matter.design, &asked?, &workshop.used()),
    );
    out.section("What would change this answer", &flips);
    out.section("Sources", &sources(topic, second, &workshop.used()));
    Ok(out.finish())
}

/// Beliefs the question rests on that do not hold, from every topic of the catalog.
fn premises(workshop: &Workshop<'_>, out: &mut Page) -> Result<(), AnswerError> {
    let asked = sentences(workshop.matter.question);
    let mut told = 0;
    for topic in workshop.matter.catalog.topics.values() {
        let hit: Vec<_> = topic.premises.iter().filter(|p| route::mentions(&p.asks, &asked)).collect();
        if hit.is_empty() {
            continue;
        }
        let stage = Stage::new(workshop, topic, &[]);
        for premise in hit {
            let holds = match &premise.when {
                Some(expression) => stage.holds("premises", expression)?,
                None => true,
            };
            if holds && told < 2 {
                told += 1;
                out.paragraph(&format!(
                    "**The premise first.** {}",
                    stage.render("premises", &premise.text)?
                ));
            }
        }
    }
    Ok(())
}

/// What the material shows, with the line, and what could not be seen in it.
fn evidence(
    stage: &Stage,
    topic: &Topic,
    found: &[Spotted<'_>],
    material: &Material<'_>,
    out: &mut Page,
) -> Result<(), AnswerError> {
    if topic.checks.is_empty() {
        return Ok(());
    }
    let mut text = String::new();
    for (i, spot) in found.iter().enumerate() {
        let point = stage.render(spot.check.id.as_str(), &spot.check.point)?;
        let _ = writeln!(
            text,
            "{}. **{}** (line {} `d`: `{}`). {point}",
            i + 1,
            spot.check.title,
            spot.line,
            spot.text
        );
    }
    if found.is_empty() {
        text.push_str(
            "None of the faults below shows in the lines you gave; that is no proof they are absent.\n",
        );
    }
    if let Some(lines) = material.cut_after() {
        let _ = write!(
            text,
            "\nOnly the first {} were read: give the part that matters.",
            computed(lines as f64, "lines")
        );
    }
    out.section("What the lines you gave show", text.trim_end());
    let left = |check: &Check| {
        let seen = found.iter().any(|s| s.check.id == check.id);
        !seen && !material.settles(check)
    };
    out.section("Nothing in those lines shows it; make sure of", &to_check(stage, topic, left)?);
    Ok(())
}

/// The checks that are left, as a list of what to look for.
fn to_check(stage: &Stage, topic: &Topic, left: impl Fn(&Check) -> bool) -> Result<String, AnswerError> {
    let mut lines = Vec::new();
    for check in topic.checks.iter().filter(|check| left(check)) {
        lines.push(format!("- **{}.** {}", check.title, stage.render(check.id.as_str(), &check.point)?));
    }
    Ok(lines.join("\n"))
}

/// What a second, nearly as well matching topic adds.
fn addition(workshop: &Workshop<'_>, other: &Topic, out: &mut Page) -> Result<(), AnswerError> {
    let stage = Stage::new(workshop, other, &[]);
    let mut text = stage.render("verdict", &other.verdict)?;
    for section in &other.sections {
        let shown = section.when.as_ref().map_or(Ok(true), |when| stage.holds(&section.title, when))?;
        let body = if shown { stage.render(&section.title, &section.text)? } else { String::new() };
        if !body.is_empty() {
            let _ = write!(text, "\n\n{body}");
            break;
        }
    }
    out.section(&format!("Also asked: {}", other.title), &text);
    Ok(())
}

/// Computed flips of the topic's decisions, then those the topic names.
fn changes(stage: &Stage, topic: &Topic, design: &Design) -> Result<String, AnswerError> {
    let mut lines: Vec<String> = Vec::new();
    for decision in topic.decides.iter().filter_map(|id| design.decision(id.as_str())) {
        lines.push(blocks::firmness(decision, 3));
    }
    for text in &topic.flips {
        let line = stage.render("flips", text)?;
        if !line.is_empty() {
            lines.push(format!("- {line}"));
        }
    }
    Ok(lines.join("\n"))
}

/// What was assumed: what the topic asks for, the inputs that sway most, the topic's own figures.
fn assumptions(design: &Design, asked: &[String], used: &Used) -> String {
    let mut lines: Vec<String> =
        asked.iter().filter(|line| !line.is_empty()).map(|line| format!("- {line}")).collect();
    let mut assumed: Vec<_> = design
        .readings
        .iter()
        .filter(|r| matches!(r.now.origin, Origin::Assumed { .. }) && r.sways.value > 0.0)
        .collect();
    assumed.sort_by(|a, b| b.sways.value.total_cmp(&a.sways.value));
    for reading in assumed.into_iter().take(3) {
        let Origin::Assumed { low, high, .. } = reading.now.origin else { continue };
        let unit = |value| {
            serde_json::to_value(reading.now.unit)
                .map_or(String::new(), |u| quantity(value, u.as_str().unwrap_or("")))
        };
        lines.push(format!(
            "- {} (between {} `a` and {} `a`); alone it changes a main choice in {} of the samples",
            labelled(reading),
            unit(low),
            unit(high),
            tagged(&reading.sways)
        ));
    }
    for (figure, words) in used.assumed.values().take(8) {
        lines.push(format!("- {}: {}", tagged(figure), prose(words, Tag::Assumed)));
    }
    lines.join("\n")
}

/// An input with its value; the name is left out where the unit already says it.
fn labelled(reading: &Reading) -> String {
    let (label, value) = (reading.input.label(), tagged(&reading.now));
    if reading.now.text().ends_with(label) { value } else { format!("{label}: {value}") }
}

/// References of the topics, and the facts printed with their days.
fn sources(topic: &Topic, second: Option<&Topic>, used: &Used) -> String {
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for reference in
        topic.references.iter().chain(second.into_iter().flat_map(|t| t.references.iter().take(2)))
    {
        if seen.insert(reference.title.clone()) {
            lines.push(format!("- {}", cite(&reference.title, reference.url.as_deref())));
        }
    }
    for (source, as_of) in used.facts.iter().take(6) {
        lines.push(format!("- {} (as of {as_of})", prose(source, Tag::Fact)));
    }
    lines.join("\n")
}

/// A page in the making.
#[derive(Default)]
struct Page(String);

impl Page {
    fn paragraph(&mut self, text: &str) {
        if !text.is_empty() {
            let _ = write!(self.0, "{text}\n\n");
        }
    }

    fn section(&mut self, title: &str, text: &str) {
        if !text.is_empty() {
            let _ = write!(self.0, "## {title}\n\n{text}\n\n");
        }
    }

    /// The page with the legend of the letters that occur in it.
    fn finish(mut self) -> String {
        let legend: Vec<String> = Tag::ALL
            .iter()
            .filter(|tag| self.0.contains(&format!("`{}`", tag.letter())))
            .map(|tag| format!("`{}` {}", tag.letter(), tag.meaning()))
            .collect();
        if !legend.is_empty() {
            let _ = writeln!(self.0, "Numbers: {}.", legend.join(", "));
        }
        self.0
    }
}
