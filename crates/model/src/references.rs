//! References inside a blueprint: every name must lead somewhere, whoever wrote it.

use crate::blueprint::Blueprint;
use crate::diagnostic::Diagnostic;
use crate::following::following_faults;
use crate::id::Id;
use crate::span::Span;
use crate::taken::taking_faults;

/// Every reference of a blueprint that leads nowhere, as diagnostics into `source`, the text it was read from.
#[must_use]
pub fn dangling(blueprint: &Blueprint, source: &str) -> Vec<Diagnostic> {
    let mut check = Check { source, found: Vec::new() };
    let components: Vec<&Id> = blueprint.components.keys().collect();
    let ends: Vec<&Id> = blueprint.components.keys().chain(blueprint.actors.keys()).collect();
    let entities: Vec<&Id> = blueprint.entities.keys().collect();
    let modules: Vec<&Id> = blueprint.modules.keys().collect();
    let operations: Vec<&Id> = blueprint.operations.keys().collect();
    for flow in &blueprint.flows {
        check.known(&flow.from, &ends, "a flow comes from");
        check.known(&flow.to, &ends, "a flow leads to");
    }
    for (id, operation) in &blueprint.operations {
        for step in &operation.steps {
            check.known(&step.component, &components, &format!("operation `{id}` visits"));
        }
        for access in &operation.accesses {
            check.known(&access.entity, &entities, &format!("operation `{id}` touches"));
            if let Some(fault) = blueprint.entities.get(&access.entity).and_then(|e| access.needing_fault(e))
            {
                let help = "name a field with `values` of a row that is read by itself, and words among them";
                check.fault(access.entity.as_str(), &format!("operation `{id}` {fault}"), help);
            }
        }
        operation
            .starts
            .iter()
            .for_each(|j| check.known(j, &operations, &format!("operation `{id}` starts")));
        for (word, fault) in taking_faults(&operation.taking(), &blueprint.entities) {
            let help = "name a field of an entity that the operation touches, or describe one of its own";
            check.fault(&word, &format!("operation `{id}` {fault}"), help);
        }
        operation
            .module
            .iter()
            .for_each(|m| check.known(m, &modules, &format!("operation `{id}` belongs to")));
    }
    let following = blueprint.operations.iter().map(|(id, o)| (id, o.kind, o.after.as_ref()));
    for (id, fault) in following_faults(following) {
        let help = "name scheduled work that comes after nothing of what comes after it";
        check.fault(id.as_str(), &format!("operation `{id}` {fault}"), help);
    }
    for (id, component) in &blueprint.components {
        let zones: Vec<&Id> = blueprint.zones.keys().collect();
        component.zone.iter().for_each(|z| check.known(z, &zones, &format!("component `{id}` stands in")));
        component.modules.iter().for_each(|m| check.known(m, &modules, &format!("component `{id}` holds")));
    }
    for workload in &blueprint.workloads {
        workload.rate_per_s.keys().for_each(|o| check.known(o, &operations, "a workload asks for"));
    }
    check.found
}

struct Check<'a> {
    source: &'a str,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    fn fault(&mut self, at: &str, what: &str, help: &str) {
        let diagnostic = Diagnostic::error("dangling-reference", what).help(help);
        self.found.push(match word(self.source, at) {
            Some(span) => diagnostic.at(span, ""),
            None => diagnostic,
        });
    }

    fn known(&mut self, name: &Id, known: &[&Id], what: &str) {
        if known.contains(&name) {
            return;
        }
        let diagnostic =
            Diagnostic::error("dangling-reference", format!("{what} `{name}`, which is not there"));
        let near = known.iter().max_by(|a, b| {
            let likeness = |id: &Id| strsim::jaro_winkler(name.as_str(), id.as_str());
            likeness(a).total_cmp(&likeness(b))
        });
        let diagnostic = match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("define it, or remove what refers to it"),
        };
        self.found.push(match word(self.source, name.as_str()) {
            Some(span) => diagnostic.at(span, ""),
            None => diagnostic,
        });
    }
}

/// Where a name stands in the text as a word of its own.
fn word(source: &str, name: &str) -> Option<Span> {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    source.match_indices(name).find_map(|(at, _)| {
        let before = source[..at].chars().next_back().is_some_and(inside);
        let after = source[at + name.len()..].chars().next().is_some_and(inside);
        (!before && !after).then(|| Span::new(at, at + name.len()))
    })
}
