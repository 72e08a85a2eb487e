//! What several deliverables ask of a design: names, technologies, stores, choices.

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, Technology};
use loadcase_model::{
    AccessKind, Blueprint, Component, ComponentKind, Design, Entity, Id, Operation, OperationKind,
};

use crate::data::source::{Keeping, time_series};

/// A design with the catalog it was made from.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) design: &'a Design,
    pub(crate) catalog: &'a Catalog,
}

/// A technology of the design and what uses it.
pub(crate) struct TechnologyUse<'a> {
    pub(crate) technology: &'a Technology,
    /// Names of the components, or `everything` for platforms and providers.
    pub(crate) used_by: Vec<&'a str>,
}

impl<'a> View<'a> {
    pub(crate) const fn new(design: &'a Design, catalog: &'a Catalog) -> Self {
        Self { design, catalog }
    }

    pub(crate) const fn blueprint(&self) -> &'a Blueprint {
        &self.design.blueprint
    }

    /// The name in prose of a component or an actor; the identifier when it is neither.
    pub(crate) fn label(&self, id: &'a Id) -> &'a str {
        let blueprint = self.blueprint();
        let component = blueprint.components.get(id).map(|c| c.name.as_str());
        component.or_else(|| blueprint.actors.get(id).map(|a| a.name.as_str())).unwrap_or(id.as_str())
    }

    pub(crate) fn technology(&self, component: &'a Component) -> Option<&'a Technology> {
        self.catalog.technology(component.technology.as_ref()?.as_str())
    }

    /// Components of a kind.
    pub(crate) fn components(&self, kinds: &[ComponentKind]) -> Vec<(&'a Id, &'a Component)> {
        self.blueprint().components.iter().filter(|(_, c)| kinds.contains(&c.kind)).collect()
    }

    /// Whether a flow comes from what stands before the product's own processes to one of them: as deployed, TLS ends
    /// there, and processes answer in plain text inside the private network.
    pub(crate) fn ends_before_process(&self, flow: &loadcase_model::Flow) -> bool {
        let kind = |id: &Id| self.blueprint().components.get(id).map(|c| c.kind);
        matches!(kind(&flow.from), Some(ComponentKind::Gateway | ComponentKind::Edge))
            && matches!(kind(&flow.to), Some(ComponentKind::Service | ComponentKind::Worker))
    }

    /// Technologies the catalog knows, in the order the blueprint names them.
    pub(crate) fn technologies(&self) -> Vec<TechnologyUse<'a>> {
        let mut found: IndexMap<&'a Id, Vec<&'a str>> = IndexMap::new();
        let mut note = |id: Option<&'a Id>, by: &'a str| {
            if let Some(id) = id {
                found.entry(id).or_default().push(by);
            }
        };
        for component in self.blueprint().components.values() {
            note(component.technology.as_ref(), &component.name);
            note(component.framework.as_ref(), &component.name);
            let framework = component.framework.as_ref().and_then(|f| self.catalog.technology(f.as_str()));
            note(framework.and_then(|f| f.language.as_ref()), &component.name);
        }
        let deployment = &self.blueprint().deployment;
        note(Some(&deployment.platform), "everything");
        note(deployment.provider.as_ref(), "everything");
        // A decision for a technology is told of even where no component stands for it alone.
        for decision in &self.design.decisions {
            let spec = self.catalog.decision(decision.id.as_str());
            let option = spec.and_then(|s| s.option(decision.verdict.option.as_str()));
            let Some(first) = option.and_then(|o| o.technologies.first()) else { continue };
            if option.is_some_and(|o| o.technologies.iter().all(|t| !found.contains_key(t))) {
                found.entry(first).or_default().push(&decision.verdict.name);
            }
        }
        found
            .into_iter()
            .filter_map(|(id, mut used_by)| {
                let technology = self.catalog.technology(id.as_str())?;
                used_by.dedup();
                Some(TechnologyUse { technology, used_by })
            })
            .collect()
    }

    /// Whether the published choices, a verdict or a pattern of a chosen option is called `word`.
    pub(crate) fn uses(&self, word: &str) -> bool {
        let normal = |text: &str| text.replace('_', "-");
        let wanted = normal(word);
        let chosen = self.design.choices.0.values().flatten().any(|w| normal(w) == wanted);
        chosen
            || self.design.decisions.iter().any(|decision| {
                let spec = self.catalog.decision(decision.id.as_str());
                let option = spec.and_then(|s| s.option(decision.verdict.option.as_str()));
                let pattern = option.is_some_and(|o| o.patterns.iter().any(|p| p.as_str().contains(&wanted)));
                normal(decision.verdict.option.as_str()) == wanted || pattern
            })
    }

    /// The words chosen for a field of the published choices.
    pub(crate) fn choice(&self, field: &str) -> &'a [String] {
        self.design.choices.0.get(field).map_or(&[], Vec::as_slice)
    }

    /// The extension of the primary store that was chosen for measurements over time.
    pub(crate) fn time_series(&self) -> Option<&'a Technology> {
        time_series(self.choice("analytics_store").iter().filter_map(|t| self.catalog.technology(t)))
    }

    /// The extension that a component needs: that of the first store of its dialect.
    pub(crate) fn extension_of(&self, component: &Component) -> Option<&'a Technology> {
        let extension = self.time_series().filter(|t| t.dialect.is_some())?;
        let keeping = self.keeping();
        let (_, first) = keeping.relational_stores().into_iter().next()?;
        let dialect = keeping.technology(first)?.dialect;
        (std::ptr::eq(first, component) && dialect == extension.dialect).then_some(extension)
    }

    /// Whether one of these signals holds.
    pub(crate) fn signal(&self, ids: &[&str]) -> bool {
        ids.iter().any(|id| self.design.brief.holds(id))
    }

    /// Who keeps what.
    pub(crate) fn keeping(&self) -> Keeping<'a> {
        Keeping { blueprint: self.blueprint(), catalog: self.catalog }
    }

    /// Entities kept in a store.
    pub(crate) fn entities_in(&self, store: &'a Id) -> Vec<(&'a Id, &'a Entity)> {
        self.keeping().entities_in(store)
    }

    /// The store of an entity: the one it names, else the only store there is.
    pub(crate) fn store_of(&self, entity: &'a Entity) -> Option<&'a Id> {
        self.keeping().store_of(entity)
    }

    /// Stores with tables: relational ones that hold an entity, the one with most entities first.
    pub(crate) fn relational_stores(&self) -> Vec<(&'a Id, &'a Component)> {
        self.keeping().relational_stores()
    }

    /// Operations of some kinds.
    pub(crate) fn operations(&self, kinds: &[OperationKind]) -> Vec<(&'a Id, &'a Operation)> {
        self.blueprint().operations.iter().filter(|(_, o)| kinds.contains(&o.kind)).collect()
    }

    /// Operations that HTTP clients call: with a method and a path.
    pub(crate) fn endpoints(&self) -> Vec<Endpoint<'a>> {
        let kinds = [OperationKind::Request, OperationKind::Webhook, OperationKind::Stream];
        self.operations(&kinds)
            .into_iter()
            .filter_map(|(id, operation)| {
                operation.method.as_deref().filter(|m| !m.is_empty())?;
                operation.path.as_deref().filter(|p| p.starts_with('/'))?;
                Some(Endpoint { id, operation })
            })
            .collect()
    }

    /// The operations worth a diagram: the domain's main ones, else the most frequent ones.
    pub(crate) fn main_operations(&self, at_most: usize) -> Vec<(&'a Id, &'a Operation)> {
        let operations = &self.blueprint().operations;
        let domains = self.design.brief.domains.iter().filter_map(|d| self.catalog.domains.get(&d.id));
        let mut main: Vec<_> =
            domains.flat_map(|d| &d.main_operations).filter_map(|id| operations.get_key_value(id)).collect();
        if main.is_empty() {
            main = operations.iter().filter(|(_, o)| o.kind != OperationKind::Scheduled).collect();
            let rates = &self.design.forecasts.later.operations;
            let rate = |id: &Id| rates.get(id).map_or(0.0, |o| o.rate.value);
            main.sort_by(|(a, _), (b, _)| rate(b).total_cmp(&rate(a)));
        }
        let mut seen = std::collections::BTreeSet::new();
        main.retain(|(id, _)| seen.insert(*id));
        main.truncate(at_most);
        main
    }

    /// Whether money moves through the product.
    pub(crate) fn money_moves(&self) -> bool {
        const SIGNALS: &[&str] =
            &["payments", "money-movement", "subscriptions", "marketplace-payouts", "double-charges"];
        let domain = self.design.brief.domains.first().and_then(|d| self.catalog.domains.get(&d.id));
        let implied = domain.is_some_and(|d| d.implies.iter().any(|s| SIGNALS.contains(&s.as_str())));
        let denied = SIGNALS.iter().any(|s| self.design.brief.signals.get(*s).is_some_and(|s| !s.holds));
        self.signal(SIGNALS) || implied && !denied
    }
}

/// The protocol of a connection that leaves no process.
pub(crate) const INSIDE: &str = "in-process";

/// An operation that HTTP clients call.
#[derive(Clone, Copy)]
pub(crate) struct Endpoint<'a> {
    pub(crate) id: &'a Id,
    pub(crate) operation: &'a Operation,
}

/// How an access is called in prose.
pub(crate) const fn access_verb(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::ReadOne => "read one",
        AccessKind::ReadMany => "read a page",
        AccessKind::Aggregate => "aggregate",
        AccessKind::Insert => "insert",
        AccessKind::Update => "update",
        AccessKind::Delete => "delete",
    }
}
