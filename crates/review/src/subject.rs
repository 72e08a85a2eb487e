//! What is reviewed, and the questions rules ask of it.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::{Ability, Catalog, Signs};
use loadcase_model::{
    Aspect, Blueprint, Brief, Component, ComponentKind, Design, Entity, Figure, Flow, FlowStyle, Forecast,
    Id, Input, Operation, Practice, Role, Sensitivity, State, Survey,
};

use crate::index::Index;

/// What is reviewed: a survey, and what is known of its load and purpose.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The architecture and what was seen around it.
    pub survey: &'a Survey,
    /// The same by what rules ask for.
    pub index: &'a Index<'a>,
    /// What the capacity model says, where a load is known; empty otherwise.
    pub forecasts: &'a [Forecast],
    /// What is wanted, when a brief is at hand.
    pub brief: Option<&'a Brief>,
    /// The design computed for the brief, when there is one.
    pub design: Option<&'a Design>,
    /// An earlier version of the system, when there is one to compare with.
    pub previous: Option<&'a Blueprint>,
    /// What Loadcase knows.
    pub catalog: &'a Catalog,
    /// Today, `YYYY-MM-DD`.
    pub today: &'a str,
}

impl<'a> Subject<'a> {
    /// The architecture.
    pub(crate) fn blueprint(&self) -> &'a Blueprint {
        &self.survey.blueprint
    }

    /// Components with their identifiers.
    pub(crate) fn components(&self) -> impl Iterator<Item = (&'a Id, &'a Component)> {
        self.blueprint().components.iter()
    }

    /// A component.
    pub(crate) fn component(&self, id: &Id) -> Option<&'a Component> {
        self.blueprint().components.get(id)
    }

    /// Components with code of their own: services, workers, functions, gateways.
    pub(crate) fn services(&self) -> impl Iterator<Item = (&'a Id, &'a Component)> {
        self.components().filter(|(id, c)| {
            matches!(
                c.kind,
                ComponentKind::Service
                    | ComponentKind::Worker
                    | ComponentKind::Function
                    | ComponentKind::Gateway
                    | ComponentKind::Identity
            ) && !self.is_infrastructure(id)
        })
    }

    /// Whether a component serves the others instead of a purpose of the product: registry, configuration,
    /// dashboards, tracing, logs.
    pub(crate) fn is_infrastructure(&self, id: &Id) -> bool {
        self.roles(id).iter().any(|r| {
            matches!(
                r,
                Role::Registry
                    | Role::ConfigServer
                    | Role::AdminServer
                    | Role::Dashboard
                    | Role::StreamAggregator
                    | Role::TracingServer
                    | Role::LogServer
                    | Role::MetricsServer
                    | Role::Coordinator
                    | Role::LoadGenerator
                    | Role::MailServer
                    | Role::SecretStore
            )
        })
    }

    /// Whether a component keeps data: store, cache, search, broker, object store.
    pub(crate) fn is_data(&self, id: &Id) -> bool {
        self.component(id).is_some_and(|c| {
            matches!(
                c.kind,
                ComponentKind::Store
                    | ComponentKind::Cache
                    | ComponentKind::Search
                    | ComponentKind::Broker
                    | ComponentKind::ObjectStore
                    | ComponentKind::Analytics
            )
        })
    }

    /// Whether the product a component runs, its image or a library in it has an ability.
    pub(crate) fn can(&self, signs: &Signs<'_>, id: &Id, ability: Ability) -> bool {
        let product = self.component(id).and_then(|c| c.technology.as_ref());
        let mut libraries = self.survey.libraries.iter().filter(|l| l.component.as_ref() == Some(id));
        product.is_some_and(|t| signs.technology_gives(t.as_str(), ability))
            || libraries.any(|l| signs.library_gives(&l.ecosystem, &l.name, ability))
    }

    /// Whether the machine or cluster a component runs on is its task, by what it runs or by its name.
    pub(crate) fn works_on_host(&self, signs: &Signs<'_>, id: &Id) -> bool {
        let images = self.survey.libraries.iter().filter(|l| l.component.as_ref() == Some(id));
        images
            .filter(|l| l.ecosystem == "docker")
            .any(|l| signs.library_gives("docker", &l.name, Ability::HostAccess))
            || signs.name_gives(&self.name(id), Ability::HostAccess)
    }

    /// The roles of a component.
    pub(crate) fn roles(&self, id: &Id) -> &'a [Role] {
        self.survey.roles.get(id).map_or(&[], Vec::as_slice)
    }

    /// Whether a component has a role.
    pub(crate) fn has_role(&self, id: &Id, role: Role) -> bool {
        self.roles(id).contains(&role)
    }

    /// Practices of an aspect, in the order of their places.
    pub(crate) fn practices(&self, aspect: Aspect) -> impl Iterator<Item = &'a Practice> {
        self.index.practices(aspect)
    }

    /// Practices of an aspect in a state.
    pub(crate) fn in_state(&self, aspect: Aspect, state: State) -> impl Iterator<Item = &'a Practice> {
        self.practices(aspect).filter(move |p| p.state == state)
    }

    /// Practices of an aspect that belong to a component.
    pub(crate) fn of(&self, component: &'a Id, aspect: Aspect) -> impl Iterator<Item = &'a Practice> {
        self.index.of_component(aspect, component)
    }

    /// Practices of an aspect that belong to an operation.
    pub(crate) fn of_operation(
        &self,
        operation: &'a Id,
        aspect: Aspect,
    ) -> impl Iterator<Item = &'a Practice> {
        self.index.of_operation(aspect, operation)
    }

    /// Whether an aspect would have been seen in a component had it been there.
    pub(crate) fn looked(&self, component: &Id, aspect: Aspect) -> bool {
        self.survey.looked_for.get(component).is_some_and(|a| a.contains(&aspect))
    }

    /// Flows between components whose caller waits, without those to registries, configuration and the like.
    pub(crate) fn sync_calls(&self) -> impl Iterator<Item = &'a Flow> {
        self.blueprint().flows.iter().filter(|f| {
            f.style == FlowStyle::Sync
                && self.component(&f.from).is_some()
                && self.component(&f.to).is_some_and(|c| {
                    matches!(
                        c.kind,
                        ComponentKind::Service
                            | ComponentKind::Gateway
                            | ComponentKind::Function
                            | ComponentKind::Worker
                            | ComponentKind::Identity
                            | ComponentKind::External
                    )
                })
                && !self.is_infrastructure(&f.to)
                && !self.is_infrastructure(&f.from)
        })
    }

    /// Flows from a component.
    pub(crate) fn flows_from(&self, id: &'a Id) -> impl Iterator<Item = &'a Flow> {
        self.index.from(id)
    }

    /// Flows to a component.
    pub(crate) fn flows_to(&self, id: &'a Id) -> impl Iterator<Item = &'a Flow> {
        self.index.to(id)
    }

    /// Operations that a component answers.
    pub(crate) fn operations_of(&self, id: &'a Id) -> impl Iterator<Item = (&'a Id, &'a Operation)> {
        self.index.operations(id)
    }

    /// What the brief asks of a target, as stated.
    pub(crate) fn target(&self, input: Input) -> Option<Figure> {
        let estimate = self.brief?.numbers.get(&input)?.now.as_ref()?;
        Some(Figure { value: estimate.value, unit: input.unit(), origin: estimate.origin.clone() })
    }

    /// The name of the component that answers an operation, of this version or another.
    pub(crate) fn answers_in(&self, operation: &Operation) -> String {
        answers(operation).map_or_else(String::new, |id| self.name(id))
    }

    /// The component that answers an operation.
    pub(crate) fn answers(&self, operation: &'a Operation) -> Option<&'a Id> {
        answers(operation)
    }

    /// Components that people or systems outside reach directly, or through gateways and user interfaces.
    pub(crate) fn reachable(&self) -> BTreeSet<&'a Id> {
        let blueprint = self.blueprint();
        let mut open: Vec<&Id> = blueprint
            .flows
            .iter()
            .filter(|f| blueprint.actors.contains_key(&f.from))
            .map(|f| &f.to)
            .collect();
        let exposed = self.in_state(Aspect::Exposure, State::Present).filter_map(|p| p.component.as_ref());
        open.extend(exposed.filter(|id| !self.is_data(id)));
        let mut found: BTreeSet<&Id> = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !found.insert(id) {
                continue;
            }
            let passes = self.component(id).is_some_and(|c| {
                matches!(c.kind, ComponentKind::Gateway | ComponentKind::Edge | ComponentKind::Client)
            }) || self.has_role(id, Role::WebServer)
                || self.has_role(id, Role::WebApplication);
            if passes {
                open.extend(self.flows_from(id).filter(|f| f.style == FlowStyle::Sync).map(|f| &f.to));
            }
        }
        found
    }

    /// Entities that a component or one of its stores keeps.
    pub(crate) fn entities_of(&self, id: &'a Id) -> impl Iterator<Item = (&'a Id, &'a Entity)> {
        self.index.entities(id)
    }

    /// The most sensitive field a component keeps.
    pub(crate) fn sensitivity_of(&self, id: &'a Id) -> Sensitivity {
        let fields = self.entities_of(id).flat_map(|(_, e)| &e.fields);
        fields.map(|f| f.sensitivity).max().unwrap_or(Sensitivity::Public)
    }

    /// Practices grouped by the component they belong to.
    pub(crate) fn by_component(
        &self,
        practices: impl Iterator<Item = &'a Practice>,
    ) -> BTreeMap<&'a Id, Vec<&'a Practice>> {
        let mut groups: BTreeMap<&Id, Vec<&Practice>> = BTreeMap::new();
        for practice in practices {
            if let Some(component) = &practice.component {
                groups.entry(component).or_default().push(practice);
            }
        }
        groups
    }

    /// Whether a practice stands in code that runs in the browser of a person: scripts of what serves pages.
    pub(crate) fn is_in_browser(&self, practice: &Practice) -> bool {
        let serves = practice.component.as_ref().is_some_and(|c| {
            self.has_role(c, Role::WebServer)
                || self.component(c).is_some_and(|c| c.kind == ComponentKind::Client)
        });
        let path = practice.place.path.to_ascii_lowercase();
        let script = [".js", ".jsx", ".ts", ".tsx", ".vue", ".svelte"].iter().any(|e| path.ends_with(e));
        serves && script && !path.contains("server") || path.ends_with("serviceworker.js")
    }

    /// The name of a component in prose.
    pub(crate) fn name(&self, id: &Id) -> String {
        self.component(id).map_or_else(|| id.to_string(), |c| c.name.clone())
    }
}

fn answers(operation: &Operation) -> Option<&Id> {
    operation.steps.first().map(|s| &s.component)
}
