//! What differs between two versions of an architecture: for a terminal, as Markdown, for programs.

use loadcase_model::{
    ChangedElement, Changes, Difference, FieldChange, Finding, Horizon, NumberChange, Place,
};

use crate::honesty::tagged;
use crate::text::clean;
use crate::text::markdown::{code, escape};

/// A difference as JSON; the schema is `loadcase schema diff`.
#[must_use]
pub fn json(difference: &Difference) -> String {
    serde_json::to_string_pretty(difference).expect("a difference has string keys")
}

/// The parts of the shape, with their names.
fn parts(difference: &Difference) -> [(&'static str, &Changes); 4] {
    let shape = &difference.shape;
    [
        ("components", &shape.components),
        ("flows", &shape.flows),
        ("operations", &shape.operations),
        ("entities", &shape.entities),
    ]
}

/// For a terminal: `+` is new, `-` is gone, `~` has changed.
#[must_use]
pub fn text(difference: &Difference) -> String {
    let mut out = format!("{} -> {}\n", clean(&difference.before), clean(&difference.after));
    if !difference.shape.system.is_empty() {
        out.push_str("\nsystem\n");
        for field in &difference.shape.system {
            out.push_str(&format!("  ~ {}\n", plain_field(field)));
        }
    }
    for (name, changes) in parts(difference).into_iter().filter(|(_, c)| !c.is_empty()) {
        out.push_str(&format!("\n{name}\n"));
        for (mark, element) in marked(changes) {
            let place =
                element.places.first().map_or(String::new(), |p| format!("  ({})", clean(&p.to_string())));
            out.push_str(&format!("  {mark} {}{place}\n", clean(&element.name)));
            for field in &element.fields {
                out.push_str(&format!("      {}\n", plain_field(field)));
            }
        }
    }
    let findings = &difference.findings;
    for (title, mark, of) in [("new findings", '+', &findings.new), ("fixed findings", '-', &findings.fixed)]
    {
        if !of.is_empty() {
            out.push_str(&format!("\n{title}\n"));
        }
        for finding in of {
            out.push_str(&format!(
                "  {mark} {}[{}]: {}{}\n",
                finding.severity,
                finding.rule,
                clean(&finding.message),
                first(finding).map_or(String::new(), |p| format!("  ({})", clean(&p.to_string())))
            ));
        }
    }
    if !difference.numbers.is_empty() {
        out.push_str("\nforecast\n");
    }
    for number in &difference.numbers {
        let (before, after) = (number.before.tagged(), number.after.tagged());
        out.push_str(&format!("  ~ {}: {before} -> {after}\n", title(number)));
    }
    out.push('\n');
    for note in &difference.notes {
        out.push_str(&format!("note: {}\n", clean(note)));
    }
    out.push_str(&format!("{}\n", summary(difference)));
    out
}

/// As a Markdown document, fit for a comment on a pull request.
#[must_use]
pub fn markdown(difference: &Difference) -> String {
    let mut out = format!(
        "# Architecture: {} to {}\n\n{}.\n",
        code(&difference.before),
        code(&difference.after),
        summary(difference)
    );
    if !difference.shape.system.is_empty() {
        out.push_str("\n## System\n\n");
        for field in &difference.shape.system {
            out.push_str(&format!("- {}\n", field_in_markdown(field)));
        }
    }
    for (name, changes) in parts(difference).into_iter().filter(|(_, c)| !c.is_empty()) {
        out.push_str(&format!("\n## {}\n\n", crate::text::capital(name)));
        for (mark, element) in marked(changes) {
            let word = match mark {
                '+' => "added",
                '-' => "removed",
                _ => "changed",
            };
            let fields: Vec<String> = element.fields.iter().map(field_in_markdown).collect();
            let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join("; ")) };
            let place =
                element.places.first().map_or(String::new(), |p| format!(", {}", code(&p.to_string())));
            out.push_str(&format!("- {word}: {}{fields}{place}\n", escape(&element.name)));
        }
    }
    let findings = &difference.findings;
    for (title, of) in [("New findings", &findings.new), ("Fixed findings", &findings.fixed)] {
        if !of.is_empty() {
            out.push_str(&format!("\n## {title}\n\n"));
        }
        for finding in of {
            let place = first(finding).map_or(String::new(), |p| format!(", {}", code(&p.to_string())));
            out.push_str(&format!(
                "- {}: {} (`{}`){place}\n",
                finding.severity,
                escape(&finding.message),
                finding.rule
            ));
        }
    }
    if !difference.numbers.is_empty() {
        out.push_str("\n## Forecast\n\n");
    }
    for number in &difference.numbers {
        let (before, after) = (tagged(&number.before), tagged(&number.after));
        out.push_str(&format!("- {}: {before} to {after}\n", title(number)));
    }
    if !difference.notes.is_empty() {
        out.push_str("\n## Not compared\n\n");
    }
    for note in &difference.notes {
        out.push_str(&format!("- {}\n", escape(note)));
    }
    out
}

fn marked(changes: &Changes) -> impl Iterator<Item = (char, &ChangedElement)> {
    let with = |mark: char| move |e| (mark, e);
    changes
        .removed
        .iter()
        .map(with('-'))
        .chain(changes.added.iter().map(with('+')))
        .chain(changes.changed.iter().map(with('~')))
}

/// How much differs, in one line.
#[must_use]
pub fn summary(difference: &Difference) -> String {
    if difference.is_empty() {
        return "nothing differs".to_owned();
    }
    let mut said: Vec<String> = Vec::new();
    for (name, changes) in parts(difference) {
        let (added, removed, changed) = (changes.added.len(), changes.removed.len(), changes.changed.len());
        if !changes.is_empty() {
            said.push(format!("{name} +{added} -{removed} ~{changed}"));
        }
    }
    let findings = &difference.findings;
    if !findings.new.is_empty() || !findings.fixed.is_empty() {
        said.push(format!("findings +{} -{}", findings.new.len(), findings.fixed.len()));
    }
    if !difference.shape.system.is_empty() {
        said.push(format!("system ~{}", difference.shape.system.len()));
    }
    if !difference.numbers.is_empty() {
        said.push(format!("numbers ~{}", difference.numbers.len()));
    }
    said.join(", ")
}

fn or_none(value: &str) -> String {
    if value.is_empty() { "none".to_owned() } else { clean(value) }
}

fn plain_field(field: &FieldChange) -> String {
    format!("{}: {} -> {}", field.field, or_none(&field.before), or_none(&field.after))
}

fn field_in_markdown(field: &FieldChange) -> String {
    format!("{}: {} to {}", escape(&field.field), code(&or_none(&field.before)), code(&or_none(&field.after)))
}

fn first(finding: &Finding) -> Option<&Place> {
    finding.location.places.first()
}

fn title(number: &NumberChange) -> String {
    let when = match number.horizon {
        Horizon::Now => "now",
        Horizon::Later => "in 24 months",
    };
    format!("{}, {when}", crate::text::words(number.name.as_str()))
}
