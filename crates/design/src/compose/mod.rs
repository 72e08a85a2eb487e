//! A plan becomes a blueprint.
//!
//! `scope` settles which parts there are, `services` which modules share a process, `rates` how often each
//! operation is asked for, `caching` and `statements` what reaches the stores, `steps` the path of each
//! operation, `components` and `flows` the rest, `guards` what keeps bad moments short, `tenancy` whose rows are.
//! Nothing here chooses: the plan did.

mod caching;
mod components;
mod demand;
mod flows;
mod guards;
mod rates;
mod scope;
mod services;
mod statements;
mod steps;
mod tenancy;
#[cfg(test)]
mod tests;

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, DomainModule};
use loadcase_model::{Blueprint, Deployment, Entity, Horizon, Id, Module, TrustZone, Workload};

use crate::plan::Plan;
pub(crate) use rates::{job_chain, shares};
use scope::Scope;
pub(crate) use statements::{row_weight, written_together};

/// The blueprint of a plan with the sizing of `horizon`.
///
/// Operations come from the plan's domain; where the domain is unknown, from the generic one. Two may be
/// added: the intake of events and a background job, when the load has them and the domain has not.
#[must_use]
pub fn compose(plan: &Plan, horizon: Horizon, catalog: &Catalog) -> Blueprint {
    let scope = Scope::new(plan, horizon, catalog);
    let operations = steps::operations(&scope);
    let components = components::components(&scope, &operations);
    let mut flows = flows::flows(&scope, &operations);
    guards::guard(&scope, &components, &operations, &mut flows);
    Blueprint {
        schema: Blueprint::SCHEMA.to_owned(),
        name: plan.name.clone(),
        summary: summary(&scope),
        topology: topology(plan),
        actors: scope.domain.actors.clone(),
        modules: scope.domain.modules.iter().map(|(id, module)| (id.clone(), described(module))).collect(),
        components,
        flows,
        entities: entities(&scope),
        operations,
        zones: zones(),
        deployment: deployment(&scope),
        workloads: Horizon::ALL.map(|h| workload(&scope, h)).into(),
    }
}

fn topology(plan: &Plan) -> Id {
    plan.options.get("topology").cloned().unwrap_or_else(|| Id::slug("monolith"))
}

fn summary(scope: &Scope) -> String {
    let plan = scope.plan;
    let option = |decision: &str| {
        let id = plan.option(decision);
        scope
            .catalog
            .decision(decision)
            .and_then(|d| d.option(id))
            .map_or_else(|| id.to_owned(), |o| o.name.clone())
    };
    let store = scope.technology("store").map_or_else(String::new, |t| format!(" on {}", t.name));
    let what = scope.domain.summary.trim_end_matches('.');
    let mut text = format!("{}{store}: {what}", option("topology"));
    let run = scope.services.len();
    if plan.deployables as usize > run && run > 1 {
        text.push_str(&format!(
            "; its {} deployables are drawn as {run}, one for each module",
            plan.deployables
        ));
    }
    text.push('.');
    text
}

fn described(module: &DomainModule) -> Module {
    Module { name: module.name.clone(), summary: module.summary.clone() }
}

fn entities(scope: &Scope) -> IndexMap<Id, Entity> {
    let place = |(id, entity): (&Id, &Entity)| {
        let store = if scope.is_event(id) { scope.parts.analytics.clone() } else { None };
        let store = store.or_else(|| scope.store_of(entity.module.as_ref()));
        let keep_days = entity.keep_days.filter(|_| !(scope.plan.keeps_all && entity.append_only));
        let count = scope.plan.counts.get(id).cloned();
        (id.clone(), Entity { store, keep_days, count, ..entity.clone() })
    };
    scope.domain.entities.iter().map(place).collect()
}

/// Four areas, from the open internet to the data.
fn zones() -> IndexMap<Id, TrustZone> {
    [("internet", "Internet"), ("edge", "Edge"), ("application", "Application"), ("data", "Data")]
        .into_iter()
        .zip(0..)
        .map(|((id, name), level)| (Id::slug(id), TrustZone { name: name.to_owned(), level }))
        .collect()
}

fn deployment(scope: &Scope) -> Deployment {
    let plan = scope.plan;
    let compute = plan.technologies.get("compute");
    let option = plan.options.get("deployment").or_else(|| plan.options.get("compute"));
    let one_by_one = scope.sizing.app.nodes != 1 || scope.has("compute", "rolling-deploys");
    let usual = || Id::slug(if one_by_one { "rolling" } else { "restart" });
    Deployment {
        platform: option.or(compute).cloned().unwrap_or_else(|| Id::slug("unknown")),
        provider: plan.technologies.get("provider").cloned(),
        regions: plan.regions.clone(),
        rollout: Some(plan.options.get("rollout").cloned().unwrap_or_else(usual)),
    }
}

fn workload(scope: &Scope, horizon: Horizon) -> Workload {
    let load = scope.plan.load.at(horizon);
    let rate_per_s = rates::rates(&scope.operations, load, scope.intake(), &scope.plan.counts);
    Workload { horizon, rate_per_s, basis: rates::basis(&scope.operations, load, horizon) }
}
