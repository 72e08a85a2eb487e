//! A simulation as one HTML file that needs nothing else.

use std::fmt::Write;

use loadcase_catalog::Catalog;
use loadcase_model::{Figure, Interval, ScenarioRun, Simulation, Tag, TriedChange};

use super::charts::{Drawn, of_curve, of_scenario};
use super::text::{summary, total};
use super::{back, in_time};
use crate::fidelity;
use crate::honesty::plain_legend;
use crate::text::markup::escape;
use crate::text::plain::prose;
use crate::text::sentence;

const STYLE: &str = include_str!("html.css");

/// What the browser may load for this page: nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// As a page: the table, then each scenario with its charts.
#[must_use]
pub fn html(simulation: &Simulation, catalog: &Catalog) -> String {
    let title = escape(&format!("Simulation of {}", simulation.name));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n{}</header>\n<main>\n",
        head(simulation)
    );
    out.push_str(&table(&simulation.scenarios));
    if let Some(curve) = &simulation.curve {
        out.push_str(&format!(
            "<section>\n<h2>Response time against load</h2>\n{}</section>\n",
            figure(&of_curve(curve))
        ));
    }
    for run in &simulation.scenarios {
        out.push_str(&section(run, simulation.in_time.as_ref()));
    }
    let skipped = simulation.skipped.iter().map(|s| format!("{}: {}", escape(&s.name), escape(&s.reason)));
    out.push_str(&listed("Not run", &skipped.collect::<Vec<_>>()));
    let notes: Vec<String> = simulation.notes.iter().map(|n| escape(&prose(n, Tag::User))).collect();
    out.push_str(&listed("Notes", &notes));
    let trust: Vec<String> = fidelity::lines(catalog).iter().map(|l| escape(l)).collect();
    out.push_str(&listed(fidelity::TITLE, &trust));
    let _ = write!(
        out,
        "<p class=\"legend\">{}</p>\n</main>\n</body>\n</html>\n",
        escape(&plain_legend(|_| true))
    );
    out
}

fn head(simulation: &Simulation) -> String {
    let mut out = format!("<p><b>{}</b></p>\n", escape(&summary(simulation)));
    let when = simulation.horizon.map_or("", |h| match h {
        loadcase_model::Horizon::Now => "Load: that of today. ",
        loadcase_model::Horizon::Later => "Load: that in 24 months. ",
    });
    if let Some(bound) = &simulation.in_time {
        let _ = writeln!(out, "<p>{when}{}</p>", in_time(&number(bound)));
    }
    out
}

/// A figure with its letter, which tells its origin when pointed at.
fn number(figure: &Figure) -> String {
    format!(
        "<span title=\"{}\">{}&nbsp;<sup>{}</sup></span>",
        escape(&figure.origin.describe()),
        escape(&figure.text()),
        figure.origin.tag().letter()
    )
}

fn estimate(interval: &Interval) -> String {
    let Some(_) = interval.value else { return "none".to_owned() };
    let end = |v: Option<f64>| v.map(|v| loadcase_model::format_quantity(v, interval.unit));
    let spread = match (end(interval.low), end(interval.high)) {
        (Some(low), Some(high)) if low != high => format!("{low} to {high}; "),
        _ => String::new(),
    };
    format!(
        "<span title=\"{}\">{}&nbsp;<sup>{}</sup></span>",
        escape(&format!("{spread}{}", interval.origin.describe())),
        escape(&interval.text()),
        interval.tag().letter()
    )
}

fn table(runs: &[ScenarioRun]) -> String {
    let head =
        ["scenario", "targets", "in time", "p50", "p95", "p99", "no answer", "back after", "full first"];
    let mut out = "<div class=\"wide\"><table>\n<tr>".to_owned();
    head.iter().for_each(|h| out.push_str(&format!("<th>{h}</th>")));
    out.push_str("</tr>\n");
    for run in runs {
        let (class, word) = if run.holds { ("held", "held") } else { ("broken", "broken") };
        let _ = writeln!(
            out,
            "<tr class=\"{class}\"><td><a href=\"#{}\">{}</a></td><td>{word}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            anchor(run),
            escape(&run.name),
            estimate(&run.good),
            estimate(&run.p50),
            estimate(&run.p95),
            estimate(&run.p99),
            total(run).map_or_else(|| "–".to_owned(), |t| estimate(&t)),
            back(run).map_or_else(escape, number),
            run.saturated.as_ref().map_or_else(|| "–".to_owned(), |s| escape(&s.part)),
        );
    }
    out.push_str("</table></div>\n");
    out
}

fn anchor(run: &ScenarioRun) -> String {
    loadcase_model::Id::slug(&run.name).to_string()
}

fn section(run: &ScenarioRun, in_time: Option<&Figure>) -> String {
    let class = if run.holds { "held" } else { "broken" };
    let mut out = format!(
        "<section id=\"{}\" class=\"{class}\">\n<h2>{}</h2>\n<p>{}</p>\n<ul>\n",
        anchor(run),
        escape(&run.name),
        escape(&sentence(&prose(&run.summary, Tag::Assumed)))
    );
    for target in &run.targets {
        let seen = if target.seen.value.is_some() {
            estimate(&target.seen)
        } else {
            "not within the run".to_owned()
        };
        let word = if target.held { "held" } else { "broken" };
        let _ = writeln!(
            out,
            "<li><b class=\"{word}\">{word}</b>: {}: {seen}, wanted {}</li>",
            escape(&target.name),
            number(&target.wanted)
        );
    }
    if let Some(part) = &run.saturated {
        let _ = writeln!(
            out,
            "<li>full first: {}, {} after the start</li>",
            escape(&part.part),
            number(&part.at)
        );
    }
    for error in &run.errors {
        let _ = writeln!(out, "<li>no answer, {}: {}</li>", escape(&error.cause), estimate(&error.share));
    }
    if let Some(remedy) = &run.remedy {
        match &remedy.found {
            Some(found) => {
                let because = escape(&prose(&found.because, Tag::Assumed));
                let _ = writeln!(
                    out,
                    "<li><b class=\"held\">would have held</b>: {}. {because}</li>",
                    told(found)
                );
            }
            None => {
                let _ = writeln!(
                    out,
                    "<li>none of the {} changes that were tried would have held</li>",
                    number(&remedy.tried)
                );
            }
        }
        for other in &remedy.others {
            let _ = writeln!(out, "<li>did not hold: {}</li>", told(other));
        }
    }
    out.push_str("</ul>\n");
    of_scenario(run, in_time).iter().for_each(|d| out.push_str(&figure(d)));
    out.push_str("</section>\n");
    out
}

fn told(change: &TriedChange) -> String {
    let cost = change.monthly.as_ref().map_or(String::new(), |m| format!(", {} on the bill", number(m)));
    format!(
        "{} (<code>{}</code>){cost}: {} in time",
        escape(&prose(&change.change, Tag::Computed)),
        escape(&change.with),
        estimate(&change.good)
    )
}

fn figure(drawn: &Drawn) -> String {
    format!("<figure>\n{}</figure>\n", drawn.svg)
}

/// A section with a list; nothing when the list is empty. Items are HTML.
fn listed(title: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let lines: String = items.iter().map(|item| format!("<li>{item}</li>\n")).collect();
    format!("<section>\n<h2>{title}</h2>\n<ul>\n{lines}</ul>\n</section>\n")
}
