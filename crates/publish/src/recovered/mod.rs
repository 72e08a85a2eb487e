//! A recovered architecture, for people: YAML and diagrams.

mod layout;
mod svg;

use loadcase_model::{Blueprint, ComponentKind, FlowStyle, Id, Survey};

pub use svg::{Marks, svg};

/// The blueprint as YAML that every other command reads.
#[must_use]
pub fn yaml(survey: &Survey) -> String {
    crate::yaml_text(&survey.blueprint)
}

/// A flowchart of components and flows by zone.
#[must_use]
pub fn mermaid(blueprint: &Blueprint) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for (id, actor) in &blueprint.actors {
        out.push_str(&format!("  {}([{}])\n", node(id), quoted(&actor.name)));
    }
    for (zone, described) in &blueprint.zones {
        let inside: Vec<_> =
            blueprint.components.iter().filter(|(_, c)| c.zone.as_ref() == Some(zone)).collect();
        if inside.is_empty() {
            continue;
        }
        out.push_str(&format!("  subgraph zone_{}[{}]\n", node(zone), quoted(&described.name)));
        for (id, component) in inside {
            let label = quoted(&match &component.technology {
                Some(technology) => format!("{} ({technology})", component.name),
                None => component.name.clone(),
            });
            let shape = match component.kind {
                ComponentKind::Store
                | ComponentKind::Cache
                | ComponentKind::Search
                | ComponentKind::ObjectStore
                | ComponentKind::Analytics => format!("[({label})]"),
                ComponentKind::Broker => format!("[[{label}]]"),
                ComponentKind::External => format!("{{{{{label}}}}}"),
                _ => format!("[{label}]"),
            };
            out.push_str(&format!("    {}{shape}\n", node(id)));
        }
        out.push_str("  end\n");
    }
    for flow in &blueprint.flows {
        let arrow = if flow.style == FlowStyle::Async { "-.->" } else { "-->" };
        let label =
            if flow.protocol.is_empty() { String::new() } else { format!("|{}|", quoted(&flow.protocol)) };
        out.push_str(&format!("  {} {arrow}{label} {}\n", node(&flow.from), node(&flow.to)));
    }
    out
}

/// Who talks to whom, a line for each component.
#[must_use]
pub fn ascii(blueprint: &Blueprint) -> String {
    let mut out = String::new();
    let name = |id: &Id| {
        blueprint.components.get(id).map_or_else(|| id.to_string(), |c| crate::text::clean(&c.name))
    };
    for (id, component) in &blueprint.components {
        let technology = component.technology.as_ref().map_or(String::new(), |t| format!(" [{t}]"));
        out.push_str(&format!("{}{technology}\n", name(id)));
        for flow in blueprint.flows.iter().filter(|f| f.from == *id) {
            let arrow = if flow.style == FlowStyle::Async { "~>" } else { "->" };
            out.push_str(&format!("  {arrow} {} ({})\n", name(&flow.to), crate::text::clean(&flow.purpose)));
        }
    }
    out
}

/// An identifier that Mermaid reads: letters, digits and underscores.
fn node(id: &Id) -> String {
    let word: String = id.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("n_{word}")
}

/// A label in quotes that cannot end early.
fn quoted(text: &str) -> String {
    format!("\"{}\"", crate::text::clean(text).replace('"', "'").replace('<', "&lt;").replace('>', "&gt;"))
}
