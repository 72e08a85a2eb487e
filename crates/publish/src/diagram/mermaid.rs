//! Mermaid: flowcharts with the look of C4, sequence diagrams, entity-relationship diagrams.
//!
//! Labels never reach the parser as text: every character outside a small set is written as an entity code.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use loadcase_model::{
    AccessKind, Component, ComponentKind, FlowStyle, Id, Operation, OperationKind, StepMode,
};

use crate::data::columns::{columns, type_word};
use crate::text::{clean, plain};
use crate::view::View;

/// Longest label, in columns.
const LONGEST: usize = 90;

/// A label safe in any diagram.
pub(crate) fn label(text: &str) -> String {
    let mut out = String::new();
    for c in plain::clip(&clean(text), LONGEST).chars() {
        if c.is_alphanumeric()
            || matches!(c, ' ' | '.' | ',' | ':' | '/' | '-' | '_' | '+' | '×' | '\'' | '(' | ')')
        {
            out.push(c);
        } else {
            // Entity codes are decimal character numbers.
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    if out.trim().is_empty() { "unnamed".to_owned() } else { out }
}

/// Node names from identifiers: unique, and no word of Mermaid's own.
struct Names<'a>(BTreeMap<&'a str, String>);

impl<'a> Names<'a> {
    fn new(prefix: &str, ids: impl Iterator<Item = &'a Id>) -> Self {
        let mut taken = BTreeSet::new();
        let mut names = BTreeMap::new();
        for id in ids {
            let base: String =
                id.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            if names.contains_key(id.as_str()) {
                continue;
            }
            let mut name = format!("{prefix}_{base}");
            let mut n = 2;
            while !taken.insert(name.clone()) {
                name = format!("{prefix}_{base}_{n}");
                n += 1;
            }
            names.insert(id.as_str(), name);
        }
        Self(names)
    }

    fn of(&self, id: &Id) -> Option<&str> {
        self.0.get(id.as_str()).map(String::as_str)
    }
}

fn names<'a>(view: &View<'a>) -> Names<'a> {
    let blueprint = view.blueprint();
    Names::new("n", blueprint.actors.keys().chain(blueprint.components.keys()))
}

/// C4 level 1: the system as one box, who uses it, and what it uses.
pub(crate) fn context(view: &View<'_>) -> String {
    let blueprint = view.blueprint();
    let names = names(view);
    let mut out = String::from("flowchart LR\n");
    for (id, actor) in &blueprint.actors {
        let _ = writeln!(out, "  {}([\"{}<br/>person or system\"])", named(&names, id), label(&actor.name));
    }
    let summary = plain::clip(&blueprint.summary, LONGEST);
    let _ = writeln!(out, "  system[\"{}<br/>system: {}\"]", label(&blueprint.name), label(&summary));
    let outside = view.components(&[ComponentKind::External]);
    for (id, component) in &outside {
        let _ = writeln!(out, "  {}[\"{}<br/>external system\"]", named(&names, id), label(&component.name));
    }
    for id in blueprint.actors.keys() {
        let _ = writeln!(out, "  {} -->|uses| system", named(&names, id));
    }
    let is_outside = |id: &Id| outside.iter().any(|(o, _)| *o == id);
    let mut drawn = BTreeSet::new();
    for flow in &blueprint.flows {
        let (from, to) = (is_outside(&flow.from), is_outside(&flow.to));
        let line = match (from, to) {
            (false, true) => format!("  system {}", link(&flow.purpose, flow.style, named(&names, &flow.to))),
            (true, false) => {
                format!("  {} {}", named(&names, &flow.from), link(&flow.purpose, flow.style, "system"))
            }
            _ => continue,
        };
        if drawn.insert(line.clone()) {
            let _ = writeln!(out, "{line}");
        }
    }
    style(&mut out, outside.iter().map(|(id, _)| named(&names, id)));
    out
}

fn named<'n>(names: &'n Names<'_>, id: &Id) -> &'n str {
    names.of(id).unwrap_or("unknown")
}

fn link(purpose: &str, style: FlowStyle, to: &str) -> String {
    let arrow = if style == FlowStyle::Sync { "-->" } else { "-.->" };
    let purpose = clean(purpose);
    if purpose.is_empty() {
        format!("{arrow} {to}")
    } else {
        format!("{arrow}|\"{}\"| {to}", label(&purpose))
    }
}

fn style<'n>(out: &mut String, outside: impl Iterator<Item = &'n str>) {
    let outside: Vec<&str> = outside.collect();
    if !outside.is_empty() {
        let _ = writeln!(out, "  classDef outside stroke-dasharray: 4 4");
        let _ = writeln!(out, "  class {} outside", outside.join(","));
    }
}

/// C4 level 2: what runs and stores, by trust zone, and who calls whom.
pub(crate) fn containers(view: &View<'_>) -> String {
    let blueprint = view.blueprint();
    let names = names(view);
    let zones = Names::new("zone", blueprint.zones.keys());
    let mut out = String::from("flowchart LR\n");
    for (id, actor) in &blueprint.actors {
        let _ = writeln!(out, "  {}([\"{}\"])", named(&names, id), label(&actor.name));
    }
    for (zone, named_zone) in &blueprint.zones {
        let inside: Vec<_> =
            blueprint.components.iter().filter(|(_, c)| c.zone.as_ref() == Some(zone)).collect();
        if inside.is_empty() {
            continue;
        }
        let title = format!("{}, trust level {}", named_zone.name, named_zone.level);
        let _ = writeln!(out, "  subgraph {}[\"{}\"]", named(&zones, zone), label(&title));
        for (id, _) in inside {
            let _ = writeln!(out, "    {}", node(view, &names, id));
        }
        let _ = writeln!(out, "  end");
    }
    for (id, component) in &blueprint.components {
        if component.zone.as_ref().is_none_or(|z| !blueprint.zones.contains_key(z)) {
            let _ = writeln!(out, "  {}", node(view, &names, id));
        }
    }
    for flow in &blueprint.flows {
        if let (Some(from), Some(to)) = (names.of(&flow.from), names.of(&flow.to)) {
            let purpose = match (flow.purpose.as_str(), flow.protocol.as_str()) {
                ("", protocol) => protocol.to_owned(),
                (purpose, "") => purpose.to_owned(),
                (purpose, protocol) => format!("{purpose}, {protocol}"),
            };
            let _ = writeln!(out, "  {from} {}", link(&purpose, flow.style, to));
        }
    }
    let outside = view.components(&[ComponentKind::External]);
    style(&mut out, outside.iter().map(|(id, _)| named(&names, id)));
    out
}

/// A component as a node: its shape tells what it is.
fn node(view: &View<'_>, names: &Names<'_>, id: &Id) -> String {
    use ComponentKind as K;
    let Some(component) = view.blueprint().components.get(id) else { return String::new() };
    let technology = view.technology(component).map_or_else(
        || component.technology.as_ref().map_or_else(String::new, |t| t.as_str().to_owned()),
        |t| t.name.clone(),
    );
    let kind = component.kind.called();
    let detail = if technology.is_empty() { kind.to_owned() } else { format!("{kind}: {technology}") };
    let copies = component.capacity.as_ref().filter(|c| c.replicas > 1).map_or_else(String::new, |c| {
        let figure = crate::honesty::from_basis(f64::from(c.replicas), loadcase_model::Unit::Times, &c.basis);
        format!("<br/>{}", label(&figure.tagged()))
    });
    let text = format!("{}<br/>{}{copies}", label(&component.name), label(&detail));
    let name = named(names, id);
    match component.kind {
        K::Store | K::Search | K::Analytics | K::ObjectStore => format!("{name}[(\"{text}\")]"),
        K::Cache => format!("{name}[(\"{text}\")]"),
        K::Broker => format!("{name}[[\"{text}\"]]"),
        K::Edge | K::Gateway | K::Pooler => format!("{name}{{{{\"{text}\"}}}}"),
        K::Client => format!("{name}([\"{text}\"])"),
        _ => format!("{name}[\"{text}\"]"),
    }
}

/// Where each component runs.
pub(crate) fn deployment(view: &View<'_>) -> String {
    let blueprint = view.blueprint();
    let names = names(view);
    let place = &blueprint.deployment;
    let mut out = String::from("flowchart TB\n");
    let region =
        if place.regions.is_empty() { "region not chosen".to_owned() } else { place.regions.join(", ") };
    let _ = writeln!(out, "  subgraph region[\"{}\"]", label(&region));
    let platform =
        view.catalog.technology(place.platform.as_str()).map_or(place.platform.as_str(), |t| &t.name);
    let groups =
        [(false, "platform", platform.replace('-', " ")), (true, "managed", "managed by others".to_owned())];
    for (managed, group, title) in groups {
        let here = |c: &Component| c.managed == managed && runs(c.kind);
        let inside: Vec<_> = blueprint.components.iter().filter(|(_, c)| here(c)).collect();
        if inside.is_empty() {
            continue;
        }
        let _ = writeln!(out, "    subgraph {group}[\"{}\"]", label(&title));
        for (id, _) in inside {
            let _ = writeln!(out, "      {}", node(view, &names, id));
        }
        let _ = writeln!(out, "    end");
    }
    let _ = writeln!(out, "  end");
    out
}

const fn runs(kind: ComponentKind) -> bool {
    !matches!(kind, ComponentKind::Client | ComponentKind::External)
}

/// What one operation does, step by step.
pub(crate) fn sequence(view: &View<'_>, operation: &Operation) -> String {
    let calls = calls(view, operation);
    let mut parties: Vec<&Id> = Vec::new();
    for call in &calls {
        for id in [call.from, Some(call.to)].into_iter().flatten() {
            if !parties.contains(&id) {
                parties.push(id);
            }
        }
    }
    let names = Names::new("n", parties.iter().copied());
    let mut out = String::from("sequenceDiagram\n  autonumber\n");
    let starter = starter(view, operation, calls.first().map(|c| c.to));
    let _ = writeln!(out, "  participant starter as {}", label(&starter));
    for id in parties {
        let _ = writeln!(out, "  participant {} as {}", named(&names, id), label(view.label(id)));
    }
    for (i, call) in calls.iter().enumerate() {
        let from = call.from.map_or("starter", |id| named(&names, id));
        let arrow = if call.mode == StepMode::Sync { "->>" } else { "-)" };
        let _ = writeln!(out, "  {from}{arrow}{}: {}", named(&names, call.to), label(&call.text));
        let leaf = calls.get(i + 1).is_none_or(|next| next.from != Some(call.to));
        if leaf && call.mode == StepMode::Sync && call.from.is_some() {
            let _ = writeln!(out, "  {}-->>{from}: {}", named(&names, call.to), label("answer"));
        }
    }
    if let Some(first) = calls.first()
        && !matches!(operation.kind, OperationKind::Job | OperationKind::Scheduled)
    {
        let _ = writeln!(out, "  {}-->>starter: {}", named(&names, first.to), label("answer"));
    }
    out
}

/// A visit on the path of an operation. `from` is absent for the first.
struct Call<'a> {
    from: Option<&'a Id>,
    to: &'a Id,
    mode: StepMode,
    text: String,
}

/// The visits with their callers: whoever has a connection to the component visited, the latest first.
fn calls<'a>(view: &View<'a>, operation: &'a Operation) -> Vec<Call<'a>> {
    let flows = &view.blueprint().flows;
    let mut calls: Vec<Call<'a>> = Vec::new();
    for step in &operation.steps {
        let to = &step.component;
        let from = calls
            .iter()
            .rev()
            .find(|c| flows.iter().any(|f| f.from == *c.to && f.to == *to))
            .or(calls.last())
            .map(|c| c.to)
            .filter(|from| *from != to);
        if from.is_none() && !calls.is_empty() {
            continue;
        }
        // What follows later is drawn once, with what the answer waits for.
        let repeated = calls.iter().any(|c| c.to == to && c.from == from);
        if !repeated {
            calls.push(Call { from, to, mode: step.mode, text: visit(view, operation, from, to) });
        }
    }
    come_back(view, operation, &mut calls);
    answered(view, operation, &mut calls);
    calls
}

/// What a store is asked once another has taken a row is a second visit, behind that other one.
fn come_back<'a>(view: &View<'a>, operation: &Operation, calls: &mut Vec<Call<'a>>) {
    let stores: Vec<(&'a Id, &'a Id)> = calls.iter().filter_map(|c| Some((c.from?, c.to))).collect();
    for (from, to) in stores {
        if touched(view, operation, to, Turn::First).is_empty() {
            continue;
        }
        let text = touched(view, operation, to, Turn::Second);
        let other = written_elsewhere(view, operation, to).map(|(_, other)| other);
        if let Some(behind) =
            calls.iter().rposition(|c| other.as_ref() == Some(c.to)).filter(|_| !text.is_empty())
        {
            calls.insert(behind + 1, Call { from: Some(from), to, mode: StepMode::Sync, text });
        }
    }
}

/// The first access that writes to another store, by its place among the accesses, with that store.
fn written_elsewhere(view: &View<'_>, operation: &Operation, store: &Id) -> Option<(usize, Id)> {
    operation.accesses.iter().enumerate().find_map(|(n, access)| {
        let writes = matches!(access.kind, AccessKind::Insert | AccessKind::Update | AccessKind::Delete);
        let other = view.blueprint().entities.get(&access.entity).and_then(|e| view.store_of(e))?;
        (writes && !access.after_call && other != store).then(|| (n, other.clone()))
    })
}

/// Which visit to a store.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Before another store has taken a row.
    First,
    /// After that.
    Second,
    /// After the answer from outside.
    Answered,
}

/// What is written after the answer from outside is a second visit, behind the last call that leaves the system.
fn answered<'a>(view: &View<'a>, operation: &Operation, calls: &mut Vec<Call<'a>>) {
    let outside = view.components(&[ComponentKind::External]);
    let leaves = |c: &Call<'_>| c.mode == StepMode::Sync && outside.iter().any(|(id, _)| *id == c.to);
    let stores: Vec<(&'a Id, &'a Id)> = calls.iter().filter_map(|c| Some((c.from?, c.to))).collect();
    for (from, to) in stores {
        let text = touched(view, operation, to, Turn::Answered);
        if !text.is_empty() {
            let behind = calls.iter().rposition(leaves).map_or(calls.len(), |last| last + 1);
            calls.insert(behind, Call { from: Some(from), to, mode: StepMode::Sync, text });
        }
    }
}

/// The rows of a store that an operation touches in one visit.
fn touched(view: &View<'_>, operation: &Operation, store: &Id, turn: Turn) -> String {
    let first = written_elsewhere(view, operation, store).map_or(usize::MAX, |(n, _)| n);
    let mut touched: Vec<String> = operation
        .accesses
        .iter()
        .enumerate()
        .filter(|(n, a)| {
            turn == match a.after_call {
                true => Turn::Answered,
                false if *n < first => Turn::First,
                false => Turn::Second,
            }
        })
        .map(|(_, a)| a)
        .filter(|a| view.blueprint().entities.get(&a.entity).and_then(|e| view.store_of(e)) == Some(store))
        .map(|a| format!("{} {}", crate::view::access_verb(a.kind), crate::text::words(a.entity.as_str())))
        .collect();
    touched.dedup();
    touched.join(", ")
}

/// What a visit is for: the rows it touches, the purpose of the connection, or the operation itself.
fn visit(view: &View<'_>, operation: &Operation, from: Option<&Id>, to: &Id) -> String {
    let turns = [Turn::First, Turn::Second].map(|turn| touched(view, operation, to, turn));
    if let Some(touched) = turns.into_iter().find(|t| !t.is_empty()) {
        return touched;
    }
    let flow = from.and_then(|from| view.blueprint().flows.iter().find(|f| f.from == *from && f.to == *to));
    match flow.map(|f| f.purpose.as_str()).filter(|p| !p.is_empty()) {
        Some(purpose) => purpose.to_owned(),
        None => match (&operation.method, &operation.path) {
            (Some(method), Some(path)) if !path.is_empty() => format!("{method} {path}"),
            _ => operation.name.clone(),
        },
    }
}

/// Who starts an operation.
fn starter(view: &View<'_>, operation: &Operation, first: Option<&Id>) -> String {
    let blueprint = view.blueprint();
    match operation.kind {
        OperationKind::Scheduled => return "Clock".to_owned(),
        OperationKind::Job => return "Queue".to_owned(),
        OperationKind::Webhook => {
            let outside = blueprint.flows.iter().map(|f| &f.from).find(|from| {
                blueprint.components.get(*from).is_some_and(|c| c.kind == ComponentKind::External)
            });
            return outside.map_or_else(|| "External system".to_owned(), |id| view.label(id).to_owned());
        }
        OperationKind::Request | OperationKind::Stream => {}
    }
    let role = operation.roles.iter().find_map(|r| blueprint.actors.get(r));
    let caller = first
        .and_then(|first| blueprint.flows.iter().find(|f| f.to == *first))
        .and_then(|f| blueprint.actors.get(&f.from));
    role.or(caller)
        .or(blueprint.actors.values().next())
        .map_or_else(|| "Caller".to_owned(), |a| a.name.clone())
}

/// Entities and what refers to what.
pub(crate) fn entities(view: &View<'_>) -> String {
    let entities = &view.blueprint().entities;
    let names = Names::new("e", entities.keys());
    let mut out = String::from("erDiagram\n");
    for (id, entity) in entities {
        let _ = writeln!(out, "  {}[\"{}\"] {{", named(&names, id), label(&entity.name));
        for column in columns(entity) {
            let kind = type_word(column.kind);
            let _ = writeln!(out, "    {kind} {}{}", attribute(&column.name), column.key_mark());
        }
        let _ = writeln!(out, "  }}");
    }
    for (id, entity) in entities {
        for field in &entity.fields {
            if let Some(to) = field.to.as_ref().and_then(|to| names.of(to)) {
                let many = if field.unique { "o|" } else { "o{" };
                let one = if field.optional { "|o" } else { "||" };
                let _ = writeln!(
                    out,
                    "  {to} {one}--{many} {} : \"{}\"",
                    named(&names, id),
                    label(field.name.as_str())
                );
            }
        }
    }
    out
}

/// The name of a field, kept apart from the words for keys.
fn attribute(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if begins && !["pk", "fk", "uk"].contains(&name.as_str()) { name } else { format!("f_{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_hold_no_syntax() {
        assert_eq!(label("a\"b]--> |x|"), "a#34;b#93;--#62; #124;x#124;");
        assert_eq!(label("%% x"), "#37;#37; x");
        assert_eq!(label("\n"), "unnamed");
        assert_eq!(label("größer; #35;"), "größer#59; #35;35#59;");
    }
}
