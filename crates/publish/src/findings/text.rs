//! Findings for a terminal, in the manner of rustc.

use std::collections::BTreeMap;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use loadcase_model::{FilePath, Finding, Review};

use crate::findings::tally;
use crate::honesty::tagged;
use crate::text::clean;

/// Lines of files, so that findings can show the line they are about: by path, the line's number and text.
pub type Sources = BTreeMap<(FilePath, usize), String>;

/// Most places that one finding shows.
const PLACES: usize = 4;

/// Longest line that is shown, characters.
const WIDTH: usize = 140;

/// Renders a review. `sources` has the lines of the findings' places as far as they can be shown; lines with
/// secrets are left out by the caller.
#[must_use]
pub fn text(review: &Review, sources: &Sources, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for finding in &review.findings {
        out.push_str(&renderer.render(&groups(finding, sources)));
        out.push_str("\n\n");
    }
    for stale in &review.stale {
        out.push_str(&format!(
            "note: acceptance of {} at {}: {}\n",
            clean(&stale.rule),
            clean(&stale.place.to_string()),
            stale.problem
        ));
    }
    for failed in &review.failed {
        let path = failed.path.as_deref().map_or(String::new(), |p| format!(" {}:", clean(p)));
        out.push_str(&format!("note: not checked ({}):{path} {}\n", failed.check, clean(&failed.reason)));
    }
    out.push_str(&summary(review));
    out
}

fn summary(review: &Review) -> String {
    let size = &review.size;
    let mut line = format!(
        "{}: {} in {} components, {} flows, {} operations ({} files read)",
        clean(&review.name),
        tally(&review.findings),
        size.components,
        size.flows,
        size.operations,
        size.files
    );
    if !review.accepted.is_empty() {
        line.push_str(&format!("; {} accepted", review.accepted.len()));
    }
    if review.known > 0 {
        line.push_str(&format!("; {} known from the baseline", review.known));
    }
    if !review.undecided.is_empty() {
        line.push_str(&format!("; {} undecided", review.undecided.len()));
    }
    line
}

fn groups<'a>(finding: &'a Finding, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match finding.severity.as_str() {
        "critical" | "high" => Level::ERROR,
        "medium" => Level::WARNING,
        _ => Level::NOTE,
    };
    let level = level.with_name(Some(finding.severity.as_str()));
    let mut group =
        Group::with_title(level.primary_title(finding.message.as_str()).id(finding.rule.as_str()));
    let proves = finding.review.as_ref().map_or(&[][..], |d| d.proves.as_slice());
    for (i, place) in finding.location.places.iter().take(PLACES).enumerate() {
        let label = proves.get(i).map_or("", String::as_str);
        let line = sources.get(&(place.path.clone(), place.line));
        group = match line {
            Some(line) if line.chars().count() <= WIDTH && !line.trim().is_empty() => {
                let start = line.len() - line.trim_start().len();
                let kind = if i == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                let annotation = kind.span(start..line.trim_end().len()).label(label);
                group.element(
                    Snippet::source(line.as_str())
                        .path(clean(&place.path))
                        .line_start(place.line)
                        .annotation(annotation),
                )
            }
            _ => group.element(annotate_snippets::Origin::path(clean(&place.path)).line(place.line)),
        };
    }
    let more = finding.location.places.len().saturating_sub(PLACES);
    if more > 0 {
        group = group.element(Level::NOTE.message(format!("and {more} more places")));
    }
    if let Some(detail) = &finding.review {
        for step in &detail.why {
            group = group.element(Level::NOTE.message(step.as_str()));
        }
        for number in &detail.numbers {
            group =
                group.element(Level::NOTE.message(format!("{}: {}", number.name, tagged(&number.figure))));
        }
        if let Some(reason) = &detail.severity_reason {
            group = group.element(Level::NOTE.message(format!("severity: {reason}")));
        }
    }
    group = group.element(Level::HELP.message(finding.fix.as_str()));
    vec![group]
}
