//! What a blueprint is made of: the plan seen together with its domain, and which parts there are.

use std::borrow::Cow;
use std::collections::BTreeSet;

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, Domain, DomainOperation, Technology, TechnologyKind};
use loadcase_forecast::blueprint::{Known, known};
use loadcase_model::{
    Access, AccessKind, ComponentKind, Entity, FieldType, Horizon, Id, OperationKind, Sensitivity,
};

use super::rates;
use super::services::{self, Service};
use super::statements;
use super::tenancy;
use crate::intake;
use crate::plan::{Load, Plan, Pool, Sizing};

/// Everything the composition reads.
pub(super) struct Scope<'a> {
    pub(super) plan: &'a Plan,
    pub(super) horizon: Horizon,
    pub(super) catalog: &'a Catalog,
    pub(super) sizing: &'a Sizing,
    pub(super) load: &'a Load,
    pub(super) domain: Cow<'a, Domain>,
    /// The domain's operations and those the load adds.
    pub(super) operations: IndexMap<Id, DomainOperation>,
    /// Arrivals per second at the horizon, by operation.
    pub(super) rates: IndexMap<Id, f64>,
    pub(super) services: Vec<Service>,
    pub(super) parts: Parts,
    /// Entities whose rows are events and go to the analytical store.
    events: BTreeSet<Id>,
    /// The operation by which the load's events come in.
    intake: Option<Id>,
    /// Events that one call of it brings.
    events_per_call: f64,
}

/// The parts beside the services: present ones by their identifier in the blueprint.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) client: Option<Id>,
    pub(super) edge: Option<Id>,
    pub(super) gateway: Option<Id>,
    pub(super) worker: Option<Id>,
    /// One store, or one for each service that owns data.
    pub(super) stores: Vec<Id>,
    pub(super) pooler: Option<Id>,
    pub(super) cache: Option<Id>,
    pub(super) queue: Queue,
    pub(super) search: Option<Id>,
    pub(super) analytics: Option<Id>,
    pub(super) object_store: Option<Id>,
    pub(super) identity: Option<Id>,
    pub(super) observability: Option<Id>,
    /// Systems of others by the name operations call them.
    pub(super) externals: IndexMap<Id, Id>,
}

/// Where work waits that nobody waits for.
#[derive(Clone, Default, PartialEq)]
pub(super) enum Queue {
    /// In memory of the process that was asked.
    #[default]
    None,
    /// In a table of the primary store.
    Store,
    /// In another part: a broker, or the cache.
    Part(Id),
}

impl<'a> Scope<'a> {
    pub(super) fn new(plan: &'a Plan, horizon: Horizon, catalog: &'a Catalog) -> Self {
        let domain = tenancy::applied(domain(plan, catalog), plan.option("tenancy"), catalog);
        let mut operations = rates::operations(&domain, [&plan.load.now, &plan.load.later]);
        let load = plan.load.at(horizon);
        let intake = rates::intake_of(&domain, [&plan.load.now, &plan.load.later]);
        let events_per_call =
            intake.as_ref().and_then(|i| operations.get(i)).map_or(1.0, |o| domain.events_per_call(o));
        let rates =
            rates::rates(&operations, load, intake.as_ref().map(|i| (i, events_per_call)), &plan.counts);
        rates::fill_rows(&mut operations, &rates, load.peak_factor, horizon, &plan.counts);
        let mut scope = Self {
            plan,
            horizon,
            catalog,
            sizing: plan.sizing.at(horizon),
            load,
            events: BTreeSet::new(),
            intake,
            events_per_call,
            services: Vec::new(),
            parts: Parts::default(),
            domain,
            operations,
            rates,
        };
        scope.services = services::services(&scope);
        if scope.runs("analytics", &scope.sizing.analytics, TechnologyKind::Analytics) {
            let events = scope.domain.entities.iter().filter(|(id, e)| scope.takes_events(id, e));
            scope.events = events.map(|(id, _)| id.clone()).collect();
            scope.hand_over();
        }
        scope.parts = scope.parts();
        scope.parts.externals = scope.externals();
        scope
    }

    /// The technology that fills a role.
    pub(super) fn technology(&self, role: &str) -> Option<&'a Technology> {
        self.catalog.technology(self.plan.technologies.get(role)?.as_str())
    }

    /// Whether the technology in a role has a trait.
    pub(super) fn has(&self, role: &str, name: &str) -> bool {
        self.technology(role).is_some_and(|t| t.has(name))
    }

    /// Whether the technology in a role is run by somebody else in this plan.
    pub(super) fn managed(&self, role: &str) -> bool {
        let on_offer = self.technology(role).is_none_or(|t| t.has("managed") && !t.has("embedded"));
        self.has(role, "managed-only") || (self.plan.managed && on_offer)
    }

    /// A number of the technology in a role, or the planning default.
    pub(super) fn known(&self, role: &str, kind: ComponentKind, name: &str) -> Known {
        known(self.catalog, self.plan.technologies.get(role), kind, name)
    }

    /// Whether the chosen topology has a trait.
    pub(super) fn topology_has(&self, name: &str) -> bool {
        let option = self.catalog.decision("topology").and_then(|d| d.option(self.plan.option("topology")));
        option.is_some_and(|o| o.has(name))
    }

    /// Whether the product runs as functions.
    pub(super) fn is_functions(&self) -> bool {
        self.topology_has("functions") || self.has("compute", "scales-to-zero")
    }

    /// The operation that takes in the load's events, and how many of them one call brings.
    pub(super) fn intake(&self) -> Option<(&Id, f64)> {
        self.intake.as_ref().map(|id| (id, self.events_per_call))
    }

    /// The rows that an operation looks up before it begins, to find out who calls.
    pub(super) fn proof(&self, operation: &DomainOperation) -> Vec<Access> {
        let decision = self.catalog.decision("authentication");
        let option = decision.and_then(|d| d.option(self.plan.option("authentication")));
        self.domain.proof(operation, |name| option.is_some_and(|o| o.has(name)))
    }

    /// Events that one call brings.
    pub(super) const fn events_per_call(&self) -> f64 {
        self.events_per_call
    }

    /// Events that are written by one statement: those of one call, or what a worker takes from a log at once.
    pub(super) fn events_together(&self) -> f64 {
        let log = matches!(self.parts.queue, Queue::Part(_)) && self.has("broker", "replay");
        let polled = if log { self.catalog.lexicon.plan("events-per-poll") } else { 1.0 };
        self.events_per_call.max(polled)
    }

    /// Whether an operation takes in the load's events.
    pub(super) fn is_intake(&self, operation: &Id) -> bool {
        self.intake.as_ref() == Some(operation)
    }

    pub(super) fn rate(&self, operation: &Id) -> f64 {
        self.rates.get(operation).copied().unwrap_or(0.0)
    }

    /// The service that holds a module; the first one when none does.
    pub(super) fn service_of(&self, module: &Id) -> &Service {
        self.services.iter().find(|s| s.modules.contains(module)).unwrap_or(&self.services[0])
    }

    /// The store that holds the data of a module: its service's own, or the one for all.
    pub(super) fn store_of(&self, module: Option<&Id>) -> Option<Id> {
        let stores = &self.parts.stores;
        let own = module.filter(|_| stores.len() > 1).map(|m| self.own_store(self.service_of(m)));
        own.filter(|id| stores.contains(id)).or_else(|| stores.first().cloned())
    }

    /// What a service's own store is called.
    fn own_store(&self, service: &Service) -> Id {
        self.free(&format!("{}-store", service.stem))
    }

    /// The store that holds an entity.
    pub(super) fn store_of_entity(&self, entity: &Id) -> Option<Id> {
        self.store_of(self.domain.entities.get(entity).and_then(|e| e.module.as_ref()))
    }

    /// Whether an entity's rows are events that the analytical store keeps.
    pub(super) fn is_event(&self, entity: &Id) -> bool {
        self.events.contains(entity)
    }

    /// The other services that own what an operation touches, in the order of its accesses.
    pub(super) fn called_services(&self, operation: &DomainOperation) -> Vec<&Service> {
        let own = &self.service_of(&operation.module).id;
        let mut called: Vec<&Service> = Vec::new();
        for access in &operation.accesses {
            let module = self.domain.entities.get(&access.entity).and_then(|e| e.module.as_ref());
            let Some(service) = module.map(|m| self.service_of(m)) else { continue };
            if service.id != *own && called.iter().all(|c| c.id != service.id) {
                called.push(service);
            }
        }
        called
    }

    /// Whether an operation is done by the worker, not by the process that answers requests.
    pub(super) fn in_background(kind: OperationKind) -> bool {
        matches!(kind, OperationKind::Job | OperationKind::Scheduled)
    }

    fn parts(&self) -> Parts {
        let plan = self.plan;
        let part = |id: &str, there: bool| there.then(|| self.free(id));
        let filled = |role: &str| plan.technologies.contains_key(role);
        let sizing = self.sizing;
        let cache = part("cache", self.runs("cache", &sizing.cache, TechnologyKind::Cache));
        Parts {
            client: Some(self.free("client")),
            edge: part("edge", filled("edge") || self.load.edge_hit > 0.0),
            gateway: part("gateway", self.needs_gateway()),
            worker: part("worker", self.has_worker()),
            stores: self.stores(),
            pooler: part("pooler", sizing.poolers > 0),
            queue: self.queue(cache.as_ref()),
            search: part("search", self.runs("search", &sizing.search, TechnologyKind::Search)),
            analytics: part(
                "analytics",
                self.runs("analytics", &sizing.analytics, TechnologyKind::Analytics),
            ),
            object_store: part("object-store", filled("object-store") && self.stores_files()),
            identity: part("identity", filled("identity")),
            observability: part("observability", filled("observability")),
            externals: IndexMap::new(),
            cache,
        }
    }

    /// Whether a role is filled by something that runs by itself: it has nodes, or its technology is no mere
    /// ability of the store or the process.
    fn runs(&self, role: &str, pool: &Pool, kind: TechnologyKind) -> bool {
        let alone = |t: &Technology| t.kind == kind && !t.has("embedded");
        pool.nodes > 0 || self.technology(role).is_some_and(alone)
    }

    /// The identifier of a part; another one where an actor has it already.
    pub(super) fn free(&self, wanted: &str) -> Id {
        let taken = self.domain.actors.contains_key(wanted);
        if taken { Id::slug(&format!("own-{wanted}")) } else { Id::slug(wanted) }
    }

    /// Something has to spread requests over several processes, or routes them to functions.
    fn needs_gateway(&self) -> bool {
        let brought = ["rolling-deploys", "auto-scaling", "orchestrator"];
        self.sizing.balancers > 0
            || self.sizing.app.nodes > 1
            || self.services.len() > 1
            || self.is_functions()
            || brought.iter().any(|name| self.has("compute", name))
    }

    fn has_worker(&self) -> bool {
        let background = self.operations.values().any(|o| Self::in_background(o.kind));
        background && (self.sizing.workers.nodes > 0 || self.is_functions())
    }

    /// One store for each service where the plan has that many primaries and each service owns its data.
    fn stores(&self) -> Vec<Id> {
        if !self.plan.technologies.contains_key("store") && self.sizing.store.primaries == 0 {
            return Vec::new();
        }
        let own_data = self.topology_has("many-deployables") || self.topology_has("functions");
        let owns = |service: &&Service| {
            let here = |e: &Entity| e.module.as_ref().is_some_and(|m| service.modules.contains(m));
            self.domain.entities.iter().any(|(id, e)| here(e) && !self.is_event(id))
        };
        let owners: Vec<Id> = self.services.iter().filter(owns).map(|s| self.own_store(s)).collect();
        if own_data && owners.len() > 1 && self.sizing.store.primaries as usize >= owners.len() {
            return owners;
        }
        vec![self.free("store")]
    }

    fn queue(&self, cache: Option<&Id>) -> Queue {
        let nodes = self.sizing.broker.nodes;
        let of_its_own = || Queue::Part(self.free("broker"));
        let Some(broker) = self.technology("broker") else {
            return if nodes > 0 { of_its_own() } else { Queue::None };
        };
        // Without nodes of its own a queue lives in what is there.
        match cache {
            _ if nodes > 0 || broker.has("managed-only") => of_its_own(),
            _ if broker.has("transactional-enqueue") => Queue::Store,
            Some(cache) if !broker.has("durable") => Queue::Part(cache.clone()),
            _ => of_its_own(),
        }
    }

    fn stores_files(&self) -> bool {
        let is_file = |kind| matches!(kind, FieldType::Bytes | FieldType::Url);
        self.domain.entities.values().flat_map(|e| &e.fields).any(|f| is_file(f.kind))
    }

    /// Whether an entity refers to a file in the object store.
    pub(super) fn holds_file(&self, entity: &Id) -> bool {
        let file = |e: &Entity| e.fields.iter().any(|f| matches!(f.kind, FieldType::Bytes | FieldType::Url));
        self.domain.entities.get(entity).is_some_and(file)
    }

    /// Systems of others, named as they are called unless an actor or a part has that name.
    fn externals(&self) -> IndexMap<Id, Id> {
        let parts = &self.parts;
        let mut taken: BTreeSet<Id> = self.domain.actors.keys().cloned().collect();
        taken.extend(self.services.iter().map(|s| s.id.clone()).chain(parts.stores.iter().cloned()));
        let single = [
            &parts.client,
            &parts.edge,
            &parts.gateway,
            &parts.worker,
            &parts.pooler,
            &parts.cache,
            &parts.search,
            &parts.analytics,
            &parts.object_store,
            &parts.identity,
            &parts.observability,
        ];
        taken.extend(single.into_iter().flatten().cloned());
        if let Queue::Part(id) = &parts.queue {
            taken.insert(id.clone());
        }
        let calls: BTreeSet<&Id> = self.operations.values().flat_map(|o| &o.calls).collect();
        let mut named = IndexMap::new();
        for call in calls {
            let other = |n: u32| Id::slug(&format!("api-{n}-{call}"));
            let plain = [call.clone(), Id::slug(&format!("{call}-api"))];
            let names = plain.into_iter().chain((2..).map(other));
            let free = names.into_iter().find(|name| taken.insert(name.clone()));
            named.extend(free.map(|name| (call.clone(), name)));
        }
        named
    }

    /// Rows that are only added, far more often than they are listed, and carry no money: what an analytical
    /// store is for. Ledgers and feeds stay with the transactions.
    fn takes_events(&self, id: &Id, entity: &Entity) -> bool {
        let precious = |s| matches!(s, Sensitivity::Financial | Sensitivity::Card | Sensitivity::Secret);
        if !entity.append_only || entity.fields.iter().any(|f| precious(f.sensitivity) || f.unique) {
            return false;
        }
        let (mut added, mut listed) = (0.0, 0.0);
        for (name, operation) in &self.operations {
            for access in operation.accesses.iter().filter(|a| a.entity == *id) {
                match access.kind {
                    _ if self.is_handed(name, access) => {}
                    _ if operation.critical => return false,
                    AccessKind::Insert => added += self.rate(name) * access.rows,
                    AccessKind::ReadMany => listed += self.rate(name),
                    AccessKind::Aggregate => {}
                    AccessKind::ReadOne | AccessKind::Update | AccessKind::Delete => return false,
                }
            }
        }
        added > listed * ADDED_PER_LISTING
    }

    /// Whether an access lists events in a job that the intake of events itself starts: its message brings them, so
    /// that nobody looks for a row that was written a moment ago.
    fn is_handed(&self, operation: &Id, access: &Access) -> bool {
        let Some(intake) = self.intake.as_ref().and_then(|id| self.operations.get(id)) else { return false };
        let brings = intake.accesses.iter().any(|a| a.entity == access.entity && self.domain.adds_events(a));
        let started = intake.follows.iter().any(|f| f.job == *operation);
        brings && started && statements::is_read(access.kind)
    }

    /// Takes out of jobs what their messages bring.
    fn hand_over(&mut self) {
        let handed: Vec<(Id, Access)> = self
            .operations
            .iter()
            .flat_map(|(id, o)| o.accesses.iter().map(move |a| (id, a)))
            .filter(|(id, a)| self.events.contains(&a.entity) && self.is_handed(id, a))
            .map(|(id, a)| (id.clone(), a.clone()))
            .collect();
        for (id, access) in handed {
            if let Some(operation) = self.operations.get_mut(&id) {
                operation.accesses.retain(|a| *a != access);
            }
        }
    }
}

/// Rows added for each listing from which rows count as events rather than as something people page through.
const ADDED_PER_LISTING: f64 = 10.0;

/// The domain of a plan, or the nearest there is.
fn domain<'a>(plan: &Plan, catalog: &'a Catalog) -> Cow<'a, Domain> {
    let domains = &catalog.domains;
    if let Some(own) = intake::domain_of(catalog, &plan.domain, plan.events_per_call) {
        return own;
    }
    let found = domains.get("generic").or_else(|| domains.values().next());
    found.map_or_else(|| Cow::Owned(nothing(&plan.domain)), Cow::Borrowed)
}

/// A domain of which nothing is known.
fn nothing(id: &Id) -> Domain {
    Domain {
        id: id.clone(),
        name: id.to_string(),
        summary: String::new(),
        phrases: Vec::new(),
        actors: IndexMap::new(),
        modules: IndexMap::new(),
        entities: IndexMap::new(),
        operations: IndexMap::new(),
        main_operations: Vec::new(),
        usage: IndexMap::new(),
        intake: None,
        counts: IndexMap::new(),
        proofs: IndexMap::new(),
        implies: Vec::new(),
        design_points: Vec::new(),
        risks: Vec::new(),
        references: Vec::new(),
    }
}
