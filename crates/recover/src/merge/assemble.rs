//! The survey is put together from parts, flows and what else was seen.

mod entities;
mod images;

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use loadcase_catalog::Catalog;
use loadcase_model::{
    Acceptance, Actor, Aspect, Blueprint, Capacity, Claim, Component, ComponentKind, Deployment, Flow,
    FlowStyle, Id, Library, Operation, OperationKind, Place, Practice, Prefix, Role, Runtime, Step, StepMode,
    Survey, TableUse, TrustZone,
};

use crate::extract::Read;
use crate::merge::assemble::images::images;
use crate::merge::flows::{Edge, Flows};
use crate::merge::operations::{Asked, operations};
use crate::merge::parts::{Part, Parts};
use crate::merge::settings::Settings;
use crate::merge::unique::Unique;
use crate::sighting::{Platform, ReachKind, Seen, Sighting};
use crate::source::is_test_path;
use crate::walk::Tree;

/// Most places that are cited for one element.
const PLACES: usize = 5;

/// Puts the survey together.
pub(crate) fn assemble(
    mut read: Read,
    tree: &Tree,
    parts: &Parts,
    flows: &Flows,
    settings: &Settings,
    catalog: &Catalog,
) -> Survey {
    let ids = identifiers(&parts.parts);
    let asked = operations(&read.sightings, parts, flows);
    let linked = flows.edges.iter().flat_map(|e| [e.from, e.to]).collect();
    let all = All { parts, flows, ids: &ids, asked: &asked, settings, linked };
    let entities = entities::entities(&read.sightings, parts, &ids, flows);
    let (libraries, tables) = (all.libraries(&read.sightings), all.tables(&read.sightings));
    let runtimes = all.runtimes(&read.sightings);
    let (claims, acceptances) = (claims(&read.sightings), acceptances(&read.sightings));
    // What is not needed any more makes room for what the survey says.
    read.sightings.retain(|s| matches!(s.seen, Seen::Practice(_)));
    read.sightings.shrink_to_fit();
    let (operations, operation_ids) = described(&asked, parts, &ids, catalog);
    let practices = all.practices(std::mem::take(&mut read.sightings), &operation_ids);
    let mut blueprint = Blueprint {
        schema: Blueprint::SCHEMA.to_owned(),
        name: tree.name.clone(),
        summary: all.summary(),
        topology: all.topology(),
        actors: IndexMap::new(),
        modules: IndexMap::new(),
        components: all.components(),
        flows: flows.edges.iter().map(|e| all.flow(e)).collect(),
        entities,
        operations,
        zones: zones(),
        deployment: all.deployment(),
        workloads: Vec::new(),
    };
    all.add_users(&mut blueprint);
    Survey {
        blueprint,
        names: all.names(),
        roles: all.roles(),
        prefixes: all.prefixes(),
        practices,
        libraries,
        runtimes,
        tables,
        claims,
        acceptances,
        looked_for: all.looked_for(&read),
        failed: tree.failed.iter().cloned().chain(read.failed).collect(),
        files: read.files,
    }
}

/// Identifiers of the parts, unique.
fn identifiers(parts: &[Part]) -> Vec<Id> {
    let mut unique = Unique::default();
    parts.iter().map(|part| unique.of(Id::slug(&part.name))).collect()
}

/// Four areas, from the open internet to the data.
fn zones() -> IndexMap<Id, TrustZone> {
    [("internet", "Internet"), ("edge", "Edge"), ("application", "Application"), ("data", "Data")]
        .into_iter()
        .zip(0..)
        .map(|((id, name), level)| (Id::slug(id), TrustZone { name: name.to_owned(), level }))
        .collect()
}

/// Operations of the blueprint, and their identifiers in the order of what was asked.
fn described(
    asked: &[Asked],
    parts: &Parts,
    ids: &[Id],
    catalog: &Catalog,
) -> (IndexMap<Id, Operation>, Vec<Option<Id>>) {
    let mut operations: IndexMap<Id, Operation> = IndexMap::new();
    let mut unique = Unique::default();
    let mut by_asked = Vec::new();
    for one in asked {
        if one.prefix_only {
            by_asked.push(None);
            continue;
        }
        let method = one.method.as_deref().unwrap_or("ANY");
        let id = unique.of(Id::slug(&format!("{} {method} {}", ids[one.part], one.path)));
        operations
            .insert(id.clone(), operation(one, &parts.parts[one.part], &ids[one.part], method, catalog));
        by_asked.push(Some(id));
    }
    (operations, by_asked)
}

fn operation(one: &Asked, part: &Part, component: &Id, method: &str, catalog: &Catalog) -> Operation {
    let technology = part.technology.as_deref().and_then(|t| catalog.technology(t));
    let cpu = technology.and_then(|t| t.fact("cpu-ms-op"));
    let basis = match (technology, cpu) {
        (Some(t), Some(_)) => format!("catalog: {} cpu-ms-op; not measured here", t.id),
        _ => "not measured".to_owned(),
    };
    let step = Step {
        component: component.clone(),
        visits: 1.0,
        cpu_ms: cpu.map_or(0.0, |f| f.value),
        wait_ms: 0.0,
        scv: 1.0,
        mode: StepMode::Sync,
        reads_only: matches!(method, "GET" | "HEAD"),
        basis,
    };
    Operation {
        name: format!("{method} {}", one.path),
        kind: OperationKind::Request,
        module: None,
        method: one.method.clone(),
        path: Some(one.path.clone()),
        roles: one.roles.iter().map(|r| Id::slug(r)).collect(),
        takes: None,
        batch: false,
        starts: Vec::new(),
        every: None,
        after: None,
        proof: Vec::new(),
        steps: vec![step],
        accesses: Vec::new(),
        idempotent: matches!(method, "GET" | "HEAD" | "PUT" | "DELETE" | "OPTIONS"),
        critical: false,
        basis: String::new(),
        evidence: std::iter::once(&one.place).chain(one.code.iter().map(|(p, _)| p)).cloned().collect(),
    }
}

fn claims(sightings: &[Sighting]) -> Vec<Claim> {
    let claim = |s: &Sighting| match &s.seen {
        Seen::Claim(c) => Some(Claim {
            kind: c.kind.to_owned(),
            subject: c.subject.clone(),
            object: c.object.clone(),
            place: s.place.clone(),
        }),
        _ => None,
    };
    sightings.iter().filter_map(claim).collect()
}

fn acceptances(sightings: &[Sighting]) -> Vec<Acceptance> {
    let acceptance = |s: &Sighting| match &s.seen {
        Seen::Accept(a) => Some(Acceptance {
            rule: a.rule.clone(),
            reason: a.reason.clone(),
            by: None,
            until: a.until.clone(),
            element: None,
            place: s.place.clone(),
        }),
        _ => None,
    };
    sightings.iter().filter_map(acceptance).collect()
}

/// Everything that has been decided.
struct All<'a> {
    parts: &'a Parts,
    flows: &'a Flows,
    ids: &'a [Id],
    asked: &'a [Asked],
    settings: &'a Settings,
    /// Parts at an end of a flow.
    linked: BTreeSet<usize>,
}

impl All<'_> {
    fn each(&self) -> impl Iterator<Item = (&Id, &Part)> {
        self.ids.iter().zip(&self.parts.parts)
    }

    fn running(&self) -> usize {
        let is_service = |p: &&Part| {
            p.has_code()
                && matches!(
                    p.kind(),
                    ComponentKind::Service | ComponentKind::Worker | ComponentKind::Function
                )
        };
        self.parts.parts.iter().filter(is_service).count()
    }

    fn topology(&self) -> Id {
        let functions = self.parts.parts.iter().filter(|p| p.kind() == ComponentKind::Function).count();
        Id::slug(match self.running() {
            n if functions > 0 && functions * 2 > n => "serverless",
            0 | 1 => "monolith",
            2 | 3 => "hybrid",
            _ => "microservices",
        })
    }

    fn summary(&self) -> String {
        format!(
            "Recovered from files: {} components, {} flows.",
            self.parts.parts.len(),
            self.flows.edges.len()
        )
    }

    /// Whether a part is shown: not what another environment provisions and nothing here reaches.
    fn is_shown(&self, index: usize) -> bool {
        !self.parts.is_elsewhere(index) || self.linked.contains(&index)
    }

    fn components(&self) -> IndexMap<Id, Component> {
        let shown = self.each().enumerate().filter(|(i, _)| self.is_shown(*i)).map(|(_, each)| each);
        shown.map(|(id, part)| (id.clone(), self.component(part))).collect()
    }

    fn component(&self, part: &Part) -> Component {
        let kind = part.kind();
        let zone = match kind {
            ComponentKind::External | ComponentKind::Client => "internet",
            ComponentKind::Gateway | ComponentKind::Edge => "edge",
            ComponentKind::Store
            | ComponentKind::Cache
            | ComponentKind::Broker
            | ComponentKind::Search
            | ComponentKind::ObjectStore
            | ComponentKind::Analytics => "data",
            _ => "application",
        };
        let unit = part.unit.as_ref().and_then(|u| self.parts.units().get(u));
        let mut evidence = part.places.clone();
        evidence.dedup();
        evidence.truncate(PLACES);
        Component {
            name: part.name.clone(),
            kind,
            technology: part.technology.as_deref().map(Id::slug),
            version: part.version.clone(),
            framework: unit.and_then(|u| u.framework.as_deref().or(u.language.as_deref())).map(Id::slug),
            zone: Some(Id::slug(zone)),
            modules: Vec::new(),
            managed: part.external || part.deployed.iter().any(|d| d.managed),
            capacity: capacity(part),
            evidence,
        }
    }

    fn flow(&self, edge: &Edge) -> Flow {
        let mut evidence: Vec<Place> = edge.places.iter().map(|(p, _)| p.clone()).collect();
        evidence.dedup();
        evidence.truncate(PLACES);
        let asked: Vec<&str> = edge.asked.iter().map(String::as_str).take(3).collect();
        let verb = match edge.kind {
            ReachKind::Call => "calls",
            ReachKind::Route => "routes",
            ReachKind::Data => "reads and writes",
            ReachKind::Publish => "publishes",
            ReachKind::Consume => "consumes",
            ReachKind::Client(Role::Registry) => "registers",
            ReachKind::Client(Role::ConfigServer) => "fetches its configuration",
            ReachKind::Client(Role::TracingServer) => "sends traces",
            ReachKind::Client(Role::LogServer) => "sends logs",
            ReachKind::Client(_) => "is a client",
            ReachKind::Unknown => "uses",
        };
        let purpose = if asked.is_empty() { verb.to_owned() } else { format!("{verb} {}", asked.join(", ")) };
        Flow {
            from: self.ids[edge.from].clone(),
            to: self.ids[edge.to].clone(),
            style: if edge.is_async { FlowStyle::Async } else { FlowStyle::Sync },
            protocol: edge.protocol.clone(),
            purpose,
            timeout_ms: edge.timeout_ms,
            retries: edge.retries,
            encrypted: edge.encrypted,
            guard: None,
            basis: if edge.timeout_ms.is_some() || edge.retries.is_some() {
                "read at the call".to_owned()
            } else {
                String::new()
            },
            evidence,
        }
    }

    /// People use what is meant for them: gateways and user interfaces that no other of them calls, else what
    /// nobody calls.
    fn add_users(&self, blueprint: &mut Blueprint) {
        let is_front = |p: &Part| {
            p.roles.iter().any(|r| matches!(r, Role::Gateway | Role::WebApplication | Role::WebServer))
        };
        let parts = &self.parts.parts;
        let called: BTreeSet<usize> = self
            .flows
            .edges
            .iter()
            .filter(|e| !matches!(e.kind, ReachKind::Client(_)))
            .map(|e| e.to)
            .collect();
        let called_by_front: BTreeSet<usize> =
            self.flows.edges.iter().filter(|e| is_front(&parts[e.from])).map(|e| e.to).collect();
        let shown = || (0..parts.len()).filter(|i| self.is_shown(*i));
        let mut open: Vec<usize> =
            shown().filter(|i| is_front(&parts[*i]) && !called_by_front.contains(i)).collect();
        if open.is_empty() {
            let answering: BTreeSet<usize> = self.asked.iter().map(|a| a.part).collect();
            let answers = |i: &usize| answering.contains(i);
            open = shown()
                .filter(|i| {
                    parts[*i].has_code() && parts[*i].roles.is_empty() && !called.contains(i) && answers(i)
                })
                .collect();
        }
        if open.is_empty() {
            return;
        }
        let taken = |id: &Id| blueprint.components.contains_key(id);
        let user = ["user", "users", "people"].into_iter().map(Id::slug).find(|id| !taken(id));
        let user = user.unwrap_or_else(|| Id::slug("people-outside"));
        blueprint.actors.insert(user.clone(), Actor { name: "User".to_owned(), authenticates_by: None });
        for to in open {
            blueprint.flows.push(Flow {
                from: user.clone(),
                to: self.ids[to].clone(),
                style: FlowStyle::Sync,
                protocol: "http".to_owned(),
                purpose: "uses".to_owned(),
                timeout_ms: None,
                retries: None,
                encrypted: None,
                guard: None,
                basis: String::new(),
                evidence: parts[to].places.iter().take(1).cloned().collect(),
            });
        }
    }

    fn deployment(&self) -> Deployment {
        let platforms: BTreeSet<Platform> =
            self.parts.parts.iter().flat_map(|p| &p.deployed).filter_map(|d| d.platform).collect();
        let platform = if platforms.contains(&Platform::Kubernetes) || platforms.contains(&Platform::Helm) {
            "kubernetes"
        } else if platforms.contains(&Platform::Paas) {
            "paas"
        } else if platforms.contains(&Platform::CloudFormation) && self.topology() == "serverless" {
            "functions"
        } else if platforms.is_empty() {
            "unknown"
        } else {
            "containers"
        };
        Deployment { platform: Id::slug(platform), provider: None, regions: Vec::new(), rollout: None }
    }

    fn names(&self) -> IndexMap<Id, Vec<String>> {
        let names = |part: &Part| {
            let mut seen = BTreeSet::new();
            part.names()
                .filter(|n| !n.is_empty() && seen.insert((*n).to_owned()))
                .map(str::to_owned)
                .collect()
        };
        self.each().map(|(id, part)| (id.clone(), names(part))).collect()
    }

    fn roles(&self) -> IndexMap<Id, Vec<Role>> {
        self.each()
            .filter(|(_, p)| !p.roles.is_empty())
            .map(|(id, p)| (id.clone(), p.roles.iter().copied().collect()))
            .collect()
    }

    fn prefixes(&self) -> Vec<Prefix> {
        let prefix = |a: &Asked| Prefix {
            component: self.ids[a.part].clone(),
            path: a.path.clone(),
            place: a.place.clone(),
        };
        self.asked.iter().filter(|a| a.prefix_only).map(prefix).collect()
    }

    /// The practices among sightings, each with what it belongs to.
    fn practices(&self, sightings: Vec<Sighting>, operation_ids: &[Option<Id>]) -> Vec<Practice> {
        let inside: BTreeMap<&str, Vec<usize>> =
            self.asked.iter().enumerate().fold(BTreeMap::new(), |mut map, (i, a)| {
                for place in std::iter::once(&a.place).chain(a.code.iter().map(|(p, _)| p)) {
                    map.entry(place.path.as_str()).or_insert_with(Vec::new).push(i);
                }
                map
            });
        let mut calls: BTreeMap<&str, Vec<(usize, usize, usize)>> = BTreeMap::new();
        for edge in &self.flows.edges {
            for (place, until) in &edge.places {
                calls.entry(place.path.as_str()).or_default().push((
                    place.line,
                    (*until).max(place.line),
                    edge.to,
                ));
            }
        }
        let mut out = Vec::with_capacity(sightings.len());
        for sighting in sightings {
            let Seen::Practice(practice) = sighting.seen else { continue };
            if is_test_path(&sighting.place.path) {
                continue;
            }
            let line = sighting.place.line;
            let path = sighting.place.path.as_str();
            let operation = inside.get(path).into_iter().flatten().find(|i| {
                let asked = &self.asked[**i];
                !asked.prefix_only && asked.holds(path, line)
            });
            let peer =
                calls.get(path).into_iter().flatten().find(|(from, to, _)| *from <= line && line <= *to);
            let owners = self.parts.owners(path, practice.of.as_deref());
            let owners: Vec<Option<usize>> =
                if owners.is_empty() { vec![None] } else { owners.into_iter().map(Some).collect() };
            for owner in owners {
                out.push(Practice {
                    aspect: practice.aspect,
                    state: practice.state,
                    component: owner.filter(|o| self.is_shown(*o)).map(|o| self.ids[o].clone()),
                    operation: operation.and_then(|i| operation_ids[*i].clone()),
                    peer: peer.map(|(_, _, to)| self.ids[*to].clone()),
                    subject: practice.subject.clone(),
                    detail: practice.detail.clone(),
                    place: sighting.place.clone(),
                });
            }
        }
        out
    }

    fn libraries(&self, sightings: &[Sighting]) -> Vec<Library> {
        let mut out = images(sightings, self);
        for sighting in sightings {
            let Seen::Library(library) = &sighting.seen else { continue };
            if library.dev || is_test_path(&sighting.place.path) {
                continue;
            }
            let owner = self.parts.owners(&sighting.place.path, None).first().copied();
            out.push(Library {
                ecosystem: library.ecosystem.to_owned(),
                name: library.name.clone(),
                version: library.version.clone(),
                component: owner.map(|o| self.ids[o].clone()),
                place: sighting.place.clone(),
                built_at: self.parts.built_at(&sighting.place.path, &library.name),
                locked: library.locked,
                requires: library.requires.clone(),
                deprecated: library.deprecated.clone(),
            });
        }
        out
    }

    fn runtimes(&self, sightings: &[Sighting]) -> Vec<Runtime> {
        let mut out = Vec::new();
        for sighting in sightings.iter().filter(|s| !is_test_path(&s.place.path)) {
            let Seen::Setting(setting) = &sighting.seen else { continue };
            let Some(language) = setting.key.strip_prefix("runtime.") else { continue };
            let owner = self.parts.owners(&sighting.place.path, None).first().copied();
            out.push(Runtime {
                language: language.to_owned(),
                version: setting.value.clone(),
                component: owner.filter(|o| self.is_shown(*o)).map(|o| self.ids[o].clone()),
                place: sighting.place.clone(),
            });
        }
        out
    }

    fn tables(&self, sightings: &[Sighting]) -> Vec<TableUse> {
        let mut out = Vec::new();
        for sighting in sightings {
            let (table, writes) = match &sighting.seen {
                Seen::Table(t) => (t.table.clone(), t.writes),
                Seen::Entity(e) => (e.table.clone().unwrap_or_else(|| e.name.clone()), true),
                _ => continue,
            };
            if is_test_path(&sighting.place.path) {
                continue;
            }
            for owner in self.parts.owners(&sighting.place.path, None) {
                let is_store = |to: usize| self.parts.parts[to].kind() == ComponentKind::Store;
                let data = |e: &&Edge| e.kind == ReachKind::Data && is_store(e.to);
                let store = self.flows.of(owner).iter().find(data);
                out.push(TableUse {
                    component: self.ids[owner].clone(),
                    store: store.map(|e| self.ids[e.to].clone()),
                    database: self.settings.database(owner),
                    table: table.clone(),
                    writes,
                    place: sighting.place.clone(),
                });
            }
        }
        out
    }

    fn looked_for(&self, read: &Read) -> IndexMap<Id, Vec<Aspect>> {
        let mut told: BTreeSet<(usize, usize)> = BTreeSet::new();
        for (path, at) in read.looked.iter().filter(|(p, _)| !is_test_path(p)) {
            told.extend(self.parts.owners(path, None).into_iter().map(|owner| (owner, *at)));
        }
        let mut sets: BTreeMap<usize, BTreeSet<Aspect>> = BTreeMap::new();
        for (owner, at) in told {
            sets.entry(owner).or_default().extend(read.lists[at].iter().copied().flatten());
        }
        sets.into_iter().map(|(i, set)| (self.ids[i].clone(), set.into_iter().collect())).collect()
    }
}

/// How much there is of a part, as far as its deployment says.
fn capacity(part: &Part) -> Option<Capacity> {
    let deployed =
        part.deployed.iter().find(|d| d.replicas.is_some() || d.vcpu.is_some() || d.memory_gb.is_some())?;
    let basis = match deployed.vcpu {
        Some(_) => "deployment files; one copy and 1 GB where they say nothing".to_owned(),
        None => {
            format!("{}: one vCPU, one copy and 1 GB where no file says", Capacity::ASSUMED)
        }
    };
    Some(Capacity {
        replicas: deployed.replicas.unwrap_or(1),
        vcpu: deployed.vcpu.unwrap_or(1.0),
        memory_gb: deployed.memory_gb.unwrap_or(1.0),
        storage_gb: 0.0,
        standbys: 0,
        read_replicas: 0,
        concurrency: None,
        basis,
    })
}
