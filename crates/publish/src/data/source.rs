//! What the data of a product is derived from: a blueprint, the catalog and what the design chose.

use loadcase_catalog::{Catalog, Dialect, Technology};
use loadcase_model::{Blueprint, Component, ComponentKind, Entity, Horizon, Id, Input, Part};

use crate::view::View;

/// A blueprint with the catalog it is read by: who keeps what.
#[derive(Clone, Copy)]
pub(crate) struct Keeping<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) catalog: &'a Catalog,
}

impl<'a> Keeping<'a> {
    pub(crate) fn technology(&self, component: &Component) -> Option<&'a Technology> {
        self.catalog.technology(component.technology.as_ref()?.as_str())
    }

    /// The language of the schema of a store; absent when Loadcase writes none for it.
    pub(crate) fn dialect(&self, store: &Id) -> Option<Dialect> {
        self.technology(self.blueprint.components.get(store)?)?.dialect
    }

    /// Components of a kind.
    pub(crate) fn components(&self, kind: ComponentKind) -> Vec<(&'a Id, &'a Component)> {
        self.blueprint.components.iter().filter(|(_, c)| c.kind == kind).collect()
    }

    /// The store of an entity: the one it names, else the only store there is.
    pub(crate) fn store_of(&self, entity: &'a Entity) -> Option<&'a Id> {
        let named =
            entity.store.as_ref().and_then(|s| self.blueprint.components.get_key_value(s)).map(|(id, _)| id);
        named.or_else(|| match self.components(ComponentKind::Store)[..] {
            [(only, _)] => Some(only),
            _ => None,
        })
    }

    /// Whether an entity lies in the analytical store and not in a primary one.
    pub(crate) fn is_analytical(&self, entity: &Entity) -> bool {
        let store = entity.store.as_ref().and_then(|s| self.blueprint.components.get(s));
        store.is_some_and(|c| c.kind == ComponentKind::Analytics)
    }

    /// Entities kept in a store.
    pub(crate) fn entities_in(&self, store: &Id) -> Vec<(&'a Id, &'a Entity)> {
        self.blueprint.entities.iter().filter(|(_, e)| self.store_of(e) == Some(store)).collect()
    }

    /// Stores with tables: relational ones that hold an entity, the one with most entities first.
    pub(crate) fn relational_stores(&self) -> Vec<(&'a Id, &'a Component)> {
        let mut stores: Vec<_> = self
            .components(ComponentKind::Store)
            .into_iter()
            .filter(|(id, c)| {
                self.technology(c).is_some_and(|t| t.has("relational")) && !self.entities_in(id).is_empty()
            })
            .collect();
        stores.sort_by_key(|(id, _)| std::cmp::Reverse(self.entities_in(id).len()));
        stores
    }
}

/// The extension among some technologies that keeps tables split by time.
pub(crate) fn time_series<'a>(mut among: impl Iterator<Item = &'a Technology>) -> Option<&'a Technology> {
    among.find(|t| t.has("extension") && t.has("time-series"))
}

/// What the design chose, as far as data is concerned.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    /// Each tenant has a database of its own, or there is one tenant only.
    pub(crate) apart: bool,
    /// Parts of patterns that the design uses.
    pub(crate) parts: Vec<Part>,
    /// Rows are spread over several primaries that number nothing together.
    pub(crate) spread: bool,
    /// An extension of the primary store that keeps what is split by time, where the design has one.
    pub(crate) time_series: Option<Id>,
    /// The load at the peak as a multiple of the average, now and later.
    pub(crate) peak: Option<(f64, f64)>,
}

/// Everything the physical design is derived from.
#[derive(Clone)]
pub(crate) struct Source<'a> {
    pub(crate) keeping: Keeping<'a>,
    pub(crate) chosen: Chosen,
}

impl<'a> Source<'a> {
    pub(crate) fn of_view(view: &View<'a>) -> Self {
        let any =
            |field: &str, words: &[&str]| view.choice(field).iter().any(|w| words.contains(&w.as_str()));
        // Messages go to somebody: where jobs are rows of the store and nothing follows it, none are written.
        let sends = !view.components(&[ComponentKind::Broker, ComponentKind::Search]).is_empty();
        // Where what a blueprint says asks for them.
        let mut parts = vec![Part::StaffAccess, Part::Inbox];
        let candidates: [(bool, &[Part]); 4] = [
            (sends && (view.uses("outbox") || view.uses("transactional-outbox")), &[Part::Outbox]),
            (view.uses("db_queue") || view.uses("database-as-queue"), &[Part::Job]),
            (view.uses("audit-log"), &[Part::AuditLog]),
            (
                any("ledger_model", &["append_only_double_entry"]),
                &[Part::LedgerAccount, Part::LedgerTransaction, Part::LedgerEntry],
            ),
        ];
        for (wanted, found) in candidates {
            if wanted {
                parts.extend_from_slice(found);
            }
        }
        let peak = view.design.reading(Input::PeakFactor).map(|r| (r.now.value, r.later.value));
        let spread = ["sharded_by_tenant", "sharded_by_key", "cells", "multi_region_active_active"];
        Self {
            keeping: view.keeping(),
            chosen: Chosen {
                apart: any("tenancy", &["silo_per_tenant", "single_tenant"]),
                parts,
                spread: any("data_scaling", &spread),
                time_series: view.time_series().map(|t| t.id.clone()),
                peak,
            },
        }
    }

    /// A blueprint alone: tenants share tables, patterns are used where entities play a part in them.
    pub(crate) fn of_blueprint(blueprint: &'a Blueprint, catalog: &'a Catalog) -> Self {
        Self { keeping: Keeping { blueprint, catalog }, chosen: Chosen::default() }
    }

    pub(crate) fn peak_factor(&self, horizon: Horizon) -> f64 {
        let (now, later) = self.chosen.peak.unwrap_or((1.0, 1.0));
        match horizon {
            Horizon::Now => now.max(1.0),
            Horizon::Later => later.max(1.0),
        }
    }

    /// Whether the database itself keeps tenants apart: rows are shared, and the store can.
    pub(crate) fn enforces_tenants(&self, store: &Id) -> bool {
        let component = self.keeping.blueprint.components.get(store);
        let able =
            component.and_then(|c| self.keeping.technology(c)).is_some_and(|t| t.has("row-level-security"));
        able && !self.chosen.apart
    }

    /// Whether an extension keeps the tables of a store that are split by time: it is for the first store of its dialect.
    pub(crate) fn splits_by_extension(&self, store: &Id) -> bool {
        let extension =
            self.chosen.time_series.as_ref().and_then(|t| self.keeping.catalog.technology(t.as_str()));
        let first = self.keeping.relational_stores().first().is_some_and(|(id, _)| *id == store);
        first && extension.is_some_and(|t| t.dialect.is_some() && t.dialect == self.keeping.dialect(store))
    }

    /// Whether the technology of a store lacks something of its dialect.
    pub(crate) fn lacks(&self, store: &Id, what: &str) -> bool {
        let component = self.keeping.blueprint.components.get(store);
        let technology = component.and_then(|c| self.keeping.technology(c));
        technology.is_some_and(|t| t.dialect_lacks.iter().any(|l| l == what))
    }
}
