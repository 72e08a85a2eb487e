//! Neutral shapes of a survey, as published ground truths have them.
//!
//! A blueprint keeps who calls whom. [`callgraph`] writes that, with brokers between producers and consumers;
//! [`dataflow`] writes information flows: what is read flows to the reader.

use std::collections::BTreeSet;

use loadcase_catalog::Catalog;
use loadcase_model::{Blueprint, Component, ComponentKind, Flow, Id, Prefix, Role, Survey};
use serde_json::{Value, json};

use crate::verdicts::{observers, verdicts};

/// Who tells whom: information flows from where they are to where they go; with it the verdicts on 25 security rules.
#[must_use]
pub fn dataflow(survey: &Survey, catalog: &Catalog) -> Value {
    let view = View { survey };
    let mut edges: BTreeSet<(&Id, &Id)> = BTreeSet::new();
    for flow in view.flows() {
        let (from, to) = if view.is_read(flow) { (&flow.to, &flow.from) } else { (&flow.from, &flow.to) };
        edges.insert((from, to));
        if view.is_conversation(flow) {
            edges.insert((to, from));
        }
    }
    for observer in observers(survey, catalog) {
        edges.extend(view.running().filter(|id| *id != observer).map(|id| (id, observer)));
    }
    let mut components = view.components(true);
    if view.flows().any(|f| survey.blueprint.actors.contains_key(&f.from)) {
        components.push(json!({"name": "user", "kind": "external", "technology": null, "aliases": [], "stereotypes": ["user"]}));
    }
    let mut shape = view.shape(&components, &edges, &survey.prefixes);
    shape["rules"] = json!(verdicts(survey, catalog));
    shape
}

/// Who calls, reads, writes or publishes to whom; a consumer's edge runs from the broker to the consumer.
#[must_use]
pub fn callgraph(survey: &Survey) -> Value {
    let view = View { survey };
    let edges: BTreeSet<(&Id, &Id)> = survey
        .blueprint
        .flows
        .iter()
        .filter(|f| survey.blueprint.components.contains_key(&f.from))
        .map(|f| if consumes(f) { (&f.to, &f.from) } else { (&f.from, &f.to) })
        .collect();
    view.shape(&view.components(false), &edges, &[])
}

fn consumes(flow: &Flow) -> bool {
    flow.purpose.starts_with("consumes")
}

struct View<'a> {
    survey: &'a Survey,
}

impl<'a> View<'a> {
    /// The flows; of people only those to what is meant for them.
    fn flows(&self) -> impl Iterator<Item = &'a Flow> {
        let fronts = [Role::Gateway, Role::WebServer, Role::WebApplication];
        let survey = self.survey;
        survey.blueprint.flows.iter().filter(move |f| {
            let roles = survey.roles.get(&f.to).map_or(&[][..], Vec::as_slice);
            !survey.blueprint.actors.contains_key(&f.from) || roles.iter().any(|r| fronts.contains(r))
        })
    }

    fn blueprint(&self) -> &Blueprint {
        &self.survey.blueprint
    }

    /// What runs as a part of the system.
    fn running(&self) -> impl Iterator<Item = &'a Id> {
        let components = self.survey.blueprint.components.iter();
        components.filter(|(_, c)| c.kind != ComponentKind::External && !c.managed).map(|(id, _)| id)
    }

    fn has(&self, id: &Id, role: Role) -> bool {
        self.survey.roles.get(id).is_some_and(|r| r.contains(&role))
    }

    fn kind(&self, id: &Id) -> Option<ComponentKind> {
        self.blueprint().components.get(id).map(|c| c.kind)
    }

    fn technology(&self, id: &Id) -> &str {
        self.blueprint().components.get(id).and_then(|c| c.technology.as_ref()).map_or("", Id::as_str)
    }

    /// Whether the information of a flow comes back to who asks.
    fn is_read(&self, flow: &Flow) -> bool {
        let (from, to) = (&flow.from, &flow.to);
        if self.blueprint().actors.contains_key(from) {
            return false;
        }
        let watches = self.has(from, Role::MetricsServer);
        if self.has(to, Role::ConfigServer) || consumes(flow) {
            return true;
        }
        if self.has(to, Role::Registry) {
            // A gateway asks where services are; services tell. Agents of consul are told by it.
            return self.has(from, Role::Gateway)
                || (self.technology(to) == "consul" && !self.has(from, Role::Registry));
        }
        if self.has(from, Role::Dashboard) {
            return true;
        }
        match self.kind(to) {
            Some(ComponentKind::Store | ComponentKind::Cache | ComponentKind::ObjectStore) => {
                !self.has(from, Role::Coordinator)
            }
            Some(ComponentKind::Search) => !self.has(from, Role::LogServer),
            Some(ComponentKind::External) => !self.has(to, Role::MailServer),
            _ => {
                self.has(to, Role::Coordinator)
                    || (flow.purpose.starts_with("is a client")
                        && (self.has(to, Role::AuthServer) || self.has(to, Role::AdminServer)))
                    || (watches
                        && (self.has(to, Role::MetricsServer)
                            || self.has(to, Role::LogServer)
                            || self.has(to, Role::TracingServer)
                            || self.has(to, Role::StreamAggregator)))
                    || (self.has(from, Role::MetricsServer) && !self.has(to, Role::Dashboard))
            }
        }
    }

    /// Whether information goes both ways: people and the gateway they use.
    fn is_conversation(&self, flow: &Flow) -> bool {
        self.blueprint().actors.contains_key(&flow.from)
    }

    fn components(&self, stereotypes: bool) -> Vec<Value> {
        self.blueprint().components.iter().map(|(id, c)| self.component(id, c, stereotypes)).collect()
    }

    fn component(&self, id: &Id, component: &Component, stereotypes: bool) -> Value {
        let kind = match component.kind {
            ComponentKind::Store
            | ComponentKind::Search
            | ComponentKind::Analytics
            | ComponentKind::ObjectStore => "database",
            ComponentKind::Cache => "cache",
            ComponentKind::Broker => "broker",
            ComponentKind::Gateway | ComponentKind::Edge => "gateway",
            ComponentKind::External => "external",
            _ => "service",
        };
        let mut aliases: Vec<&str> = self
            .survey
            .names
            .get(id)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .filter(|n| *n != component.name)
            .collect();
        if stereotypes && component.kind == ComponentKind::External && !self.has(id, Role::MailServer) {
            aliases.insert(0, "external_website");
        }
        aliases.truncate(8);
        let mut out = json!({"name": component.name, "kind": kind, "technology": component.technology, "aliases": aliases});
        if stereotypes {
            out["stereotypes"] = json!(self.survey.roles.get(id).cloned().unwrap_or_default());
        }
        out
    }

    fn name(&self, id: &Id) -> String {
        // Every ground truth calls people so.
        self.blueprint().components.get(id).map_or_else(|| "user".to_owned(), |c| c.name.clone())
    }

    fn shape(&self, components: &[Value], edges: &BTreeSet<(&Id, &Id)>, prefixes: &[Prefix]) -> Value {
        let name = |id: &Id| self.name(id);
        let connections: Vec<Value> = edges
            .iter()
            .filter(|(from, to)| from != to)
            .map(|(from, to)| json!({"from": name(from), "to": name(to)}))
            .collect();
        let mut endpoints: Vec<Value> = self
            .blueprint()
            .operations
            .values()
            .filter_map(|o| {
                let component = &o.steps.first()?.component;
                Some(json!({"component": name(component), "method": o.method, "path": o.path}))
            })
            .collect();
        endpoints.extend(
            prefixes.iter().map(|p| json!({"component": name(&p.component), "method": null, "path": p.path})),
        );
        json!({"components": components, "connections": connections, "endpoints": endpoints})
    }
}
