//! Helm charts: templates are filled in with the chart's own values, within bounds, and read as manifests.

mod call;
mod chart;
mod expression;
mod render;
mod template;
mod write;

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::secret::{Secrecy, is_key, judge};
use crate::sighting::{Deployed, Platform, Seen};
use crate::source::{Sightings, Source};
use crate::yaml::{Node, Value, documents};

use super::container::About;
use super::kubernetes::{SEES, Set, flat};
use super::kustomize::Images;

/// Reads the templates of charts.
pub(super) const TEMPLATES: Extractor =
    Extractor { id: "helm", reads: reads_template, sees: SEES, extract: templates };

/// Reads what a chart depends on and its values.
pub(super) const CHARTS: Extractor =
    Extractor { id: "helm-chart", reads: reads_chart, sees: &[], extract: charts };

fn reads_template(path: &str) -> bool {
    (path.contains("/templates/") || path.starts_with("templates/"))
        && [".yaml", ".yml", ".tpl"].iter().any(|e| path.ends_with(e))
        && !path.rsplit('/').next().is_some_and(|n| n.starts_with('_'))
}

fn reads_chart(path: &str) -> bool {
    matches!(path.rsplit('/').next(), Some("Chart.yaml" | "requirements.yaml" | "values.yaml"))
}

/// Whether a file is a template of a chart.
pub(super) fn is_template(source: &Source<'_>) -> bool {
    chart::root(source).is_some()
}

fn templates(source: &Source<'_>, out: &mut Sightings) {
    let Some(root) = chart::root(source) else {
        out.passed = true;
        return;
    };
    let chart = chart::Chart::of(source, &root);
    let rendered = render::render(source.text, &chart);
    let (mut documents, _) = documents(&rendered.text);
    for document in &mut documents {
        let head = document.get("kind").map_or(document.line, |k| k.line);
        let is_off = rendered.is_off(head);
        relabel(document, &rendered);
        document.tag = is_off.then(|| OFF.to_owned());
    }
    let set = Set {
        source,
        documents: flat(documents),
        platform: Platform::Helm,
        optional: chart.optional,
        images: Images::default(),
    };
    out.passed = !set.tell(&|document| document.tag.as_deref() == Some(OFF), out);
}

/// The tag that marks a document the values of the chart leave out.
const OFF: &str = "off";

/// Gives every value the line of the template it comes from.
fn relabel(node: &mut Node, rendered: &render::Rendered) {
    let mut todo = vec![node];
    while let Some(node) = todo.pop() {
        node.line = rendered.line(node.line);
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::List(list) => todo.extend(list.iter_mut()),
            Value::Map(pairs) => todo.extend(pairs.iter_mut().map(|(_, v)| v)),
        }
    }
}

fn charts(source: &Source<'_>, out: &mut Sightings) {
    let folder = source.folder();
    if !crate::source::join(folder, "Chart.yaml").is_some_and(|p| source.tree.has(&p)) {
        return;
    }
    let chart = chart::Chart::of(source, folder);
    let Some(node) = crate::yaml::document(source.text) else { return };
    if source.name() == "values.yaml" {
        if !source.is_test() && !chart.optional {
            secrets(&node, &chart, out);
        }
        return;
    }
    for dependency in node.get("dependencies").map(Node::list).unwrap_or_default() {
        depend(source, dependency, &chart, out);
    }
}

/// A chart of somebody else that this one brings along.
fn depend(source: &Source<'_>, dependency: &Node, chart: &chart::Chart, out: &mut Sightings) {
    let Some(name) = dependency.text_of("name") else { return };
    let own = crate::source::join(source.folder(), &format!("charts/{name}"));
    let is_local =
        dependency.text_of("repository").is_some_and(|r| r.starts_with("file:") || r.starts_with('.'));
    if is_local || own.is_some_and(|f| source.tree.has_folder(&f)) {
        return;
    }
    let Some(sign) = source.signs.image(name).or_else(|| source.signs.technology(name)) else { return };
    let known = dependency.text_of("alias").unwrap_or(name);
    let condition = dependency.text_of("condition").and_then(|c| c.split(',').next());
    let off = condition.is_some_and(|c| {
        let path: Vec<&str> = c.trim().split('.').collect();
        chart.values.at(&path).and_then(Node::text) == Some("false")
    });
    let release = &chart.name;
    let deployed = Deployed {
        name: known.to_owned(),
        platform: Some(Platform::Helm),
        hosts: ["", "-master", "-primary", "-headless"]
            .iter()
            .map(|e| format!("{release}-{known}{e}"))
            .collect(),
        kind: sign.component,
        technology: Some(sign.technology.as_str().to_owned()),
        version: None,
        optional: off || chart.optional,
        ..Deployed::default()
    };
    out.add(dependency.line, Seen::Deployed(Box::new(deployed)));
}

/// Literal secrets among the values of a chart.
fn secrets(values: &Node, chart: &chart::Chart, out: &mut Sightings) {
    let mut about = About { out, of: Some(&chart.name) };
    for (key, value, line) in values.flat() {
        let last = key.rsplit('.').next().unwrap_or(&key);
        let secrecy = if is_key(last) { judge(value) } else { Secrecy::Harmless };
        if secrecy != Secrecy::Harmless {
            about.practice(line, Aspect::LiteralSecret, State::Present, &key, "a value of the chart");
        }
        if secrecy == Secrecy::Default {
            about.practice(
                line,
                Aspect::DefaultCredentials,
                State::Present,
                &key,
                "a value everybody tries first",
            );
        }
    }
}

#[cfg(test)]
mod tests;
