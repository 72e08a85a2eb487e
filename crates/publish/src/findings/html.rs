//! Findings as one HTML file that needs nothing else: no script, no style sheet, no picture from elsewhere.

use loadcase_model::{Blueprint, Finding, Review, ReviewDetail};

use crate::findings::{RuleSheet, SEVERITIES, Sources, tally};
use crate::recovered::{Marks, svg};
use crate::text::markup::{escape, prose};
use crate::text::{capital, sentence};

/// Most places that one finding shows.
const PLACES: usize = 12;

/// Longest line of code that is shown, characters.
const WIDTH: usize = 200;

const STYLE: &str = include_str!("html.css");

/// What the browser may load for this page: nothing. Should a name ever escape its place, it stays inert.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A review as a page: summary, drawing, findings with their code, what was accepted, what is open.
/// `sources` has the lines that may be shown, as for [`text`](crate::findings::text()).
#[must_use]
pub fn html(review: &Review, rules: &[RuleSheet], blueprint: &Blueprint, sources: &Sources) -> String {
    let title = escape(&format!("Review of {}", review.name));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n{}</header>\n<main>\n",
        summary(review),
    );
    out.push_str(&format!(
        "<section id=\"diagram\">\n<h2>Components and flows</h2>\n<div class=\"drawing\" tabindex=\"0\">\n{}</div>\n</section>\n",
        svg(blueprint, &marks(review))
    ));
    for severity in SEVERITIES {
        let of: Vec<&Finding> = review.findings.iter().filter(|f| f.severity.as_str() == severity).collect();
        if of.is_empty() {
            continue;
        }
        out.push_str(&format!(
            "<section id=\"{severity}\">\n<h2>{} <span class=\"count\">{}</span></h2>\n",
            capital(severity),
            of.len()
        ));
        for each in of {
            out.push_str(&finding(each, rules, sources));
        }
        out.push_str("</section>\n");
    }
    out.push_str(&accepted(review));
    out.push_str(&listed("stale", "Acceptances that do nothing", &stale(review)));
    out.push_str(&listed("undecided", "Undecided", &undecided(review)));
    out.push_str(&listed("failed", "Not checked", &failed(review)));
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn summary(review: &Review) -> String {
    let size = &review.size;
    let mut out = format!(
        "<p>{} in {} components, {} flows and {} operations; {} files read.</p>\n<nav>\n",
        capital(&tally(&review.findings)),
        size.components,
        size.flows,
        size.operations,
        size.files
    );
    let mut chip = |id: &str, name: &str, count: usize| {
        if count > 0 {
            out.push_str(&format!("<a class=\"chip {id}\" href=\"#{id}\"><b>{count}</b> {name}</a>\n"));
        }
    };
    for severity in SEVERITIES {
        let count = review.findings.iter().filter(|f| f.severity.as_str() == severity).count();
        chip(severity, severity, count);
    }
    chip("accepted", "accepted", review.accepted.len());
    chip("undecided", "undecided", review.undecided.len());
    chip("failed", "not checked", review.failed.len());
    out.push_str("</nav>\n");
    if review.known > 0 {
        out.push_str(&format!("<p>{} more are known from the baseline.</p>\n", review.known));
    }
    out
}

/// The worst severity found at each element.
fn marks(review: &Review) -> Marks {
    let mut marks = Marks::new();
    // Findings come worst first.
    for finding in &review.findings {
        for element in &finding.location.elements {
            marks.entry(element.clone()).or_insert_with(|| finding.severity.to_string());
        }
    }
    marks
}

fn finding(finding: &Finding, rules: &[RuleSheet], sources: &Sources) -> String {
    let detail = finding.review.as_deref();
    let about = detail.map_or(String::new(), |d| {
        format!(", {}, confidence {}", escape(d.family.as_str()), escape(d.confidence.as_str()))
    });
    let mut out = format!(
        "<article class=\"{}\">\n<h3>{}</h3>\n<p class=\"rule\"><code>{}</code>{about}</p>\n",
        escape(finding.severity.as_str()),
        prose(&finding.message),
        escape(finding.rule.as_str()),
    );
    out.push_str(&places(finding, detail, sources));
    let mut steps: Vec<String> = detail.iter().flat_map(|d| &d.why).map(|w| prose(w)).collect();
    steps.extend(
        detail
            .iter()
            .flat_map(|d| &d.numbers)
            .map(|n| format!("{}: {}", escape(&n.name), escape(&n.figure.tagged()))),
    );
    steps.extend(detail.and_then(|d| d.severity_reason.as_ref()).map(|r| format!("Severity: {}", escape(r))));
    if !steps.is_empty() {
        out.push_str(&format!(
            "<ul>\n{}</ul>\n",
            steps.iter().map(|s| format!("<li>{s}</li>\n")).collect::<String>()
        ));
    }
    if let Some(rule) = rules.iter().find(|r| finding.rule == *r.id.as_str()) {
        out.push_str(&format!("<p><b>Why.</b> {}</p>\n", prose(&rule.why)));
    }
    out.push_str(&format!("<p class=\"fix\"><b>Fix.</b> {}</p>\n", prose(&sentence(&finding.fix))));
    let references = detail.map_or(String::new(), |d| d.references.join("; "));
    if !references.is_empty() {
        out.push_str(&format!("<p class=\"see\">See {}</p>\n", escape(&references)));
    }
    out.push_str("</article>\n");
    out
}

fn places(finding: &Finding, detail: Option<&ReviewDetail>, sources: &Sources) -> String {
    let mut out = String::new();
    for (i, place) in finding.location.places.iter().take(PLACES).enumerate() {
        let proof = detail.and_then(|d| d.proves.get(i)).map_or("", String::as_str);
        out.push_str(&format!(
            "<div class=\"place\"><span class=\"at\">{}</span>{}",
            escape(&place.to_string()),
            if proof.is_empty() { String::new() } else { format!(" <span>{}</span>", prose(proof)) },
        ));
        if let Some(line) = sources.get(&(place.path.clone(), place.line)).filter(|l| !l.trim().is_empty()) {
            let shown: String = line.trim().chars().take(WIDTH).collect();
            out.push_str(&format!("<pre><code>{}</code></pre>", escape(&shown)));
        }
        out.push_str("</div>\n");
    }
    let more = finding.location.places.len().saturating_sub(PLACES);
    if more > 0 {
        out.push_str(&format!("<p>And {more} more places.</p>\n"));
    }
    out
}

fn accepted(review: &Review) -> String {
    let each = review.accepted.iter().map(|a| {
        format!(
            "{} <code>{}</code>: {} <span class=\"at\">{}</span>",
            prose(&sentence(&a.finding.message)),
            escape(a.finding.rule.as_str()),
            escape(&a.reason),
            escape(&a.place.to_string())
        )
    });
    listed("accepted", "Accepted", &each.collect::<Vec<_>>())
}

fn stale(review: &Review) -> Vec<String> {
    let each = review.stale.iter().map(|s| {
        format!(
            "<code>{}</code>: {} <span class=\"at\">{}</span>",
            escape(&s.rule),
            escape(&s.problem),
            escape(&s.place.to_string())
        )
    });
    each.collect()
}

fn undecided(review: &Review) -> Vec<String> {
    let each = review.undecided.iter().map(|u| {
        format!(
            "<code>{}</code> for {}: {}",
            escape(u.rule.as_str()),
            escape(u.element.as_str()),
            prose(&u.fact)
        )
    });
    each.collect()
}

fn failed(review: &Review) -> Vec<String> {
    let each = review.failed.iter().map(|f| {
        let path =
            f.path.as_deref().map_or(String::new(), |p| format!(" <span class=\"at\">{}</span>", escape(p)));
        format!("<code>{}</code>{path}: {}", escape(&f.check), escape(&f.reason))
    });
    each.collect()
}

/// A section with a list; nothing when the list is empty. Items are HTML.
fn listed(id: &str, title: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let lines: String = items.iter().map(|item| format!("<li>{item}</li>\n")).collect();
    format!(
        "<section id=\"{id}\">\n<h2>{title} <span class=\"count\">{}</span></h2>\n<ul>\n{lines}</ul>\n</section>\n",
        items.len()
    )
}
