//! Flows: who reaches whom, resolved to parts.

mod index;

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{ComponentKind, Place, Role};

use crate::merge::flows::index::Index;
use crate::merge::host::{Host, hosts};
use crate::merge::parts::{Part, Parts, describe};
use crate::merge::plain;
use crate::merge::settings::Settings;
use crate::sighting::{Reach, ReachKind, Seen, Sighting};
use crate::source::is_test_path;
use loadcase_catalog::Signs;

/// One part reaches another.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    /// Who reaches.
    pub(crate) from: usize,
    /// Who is reached.
    pub(crate) to: usize,
    /// What for.
    pub(crate) kind: ReachKind,
    /// Protocol.
    pub(crate) protocol: String,
    /// Whether the caller goes on.
    pub(crate) is_async: bool,
    /// Methods and paths asked for, and channels.
    pub(crate) asked: BTreeSet<String>,
    /// Time limit at the calls, ms: the longest.
    pub(crate) timeout_ms: Option<f64>,
    /// Tries after the first.
    pub(crate) retries: Option<u32>,
    /// Whether the connection is encrypted, when the target says so.
    pub(crate) encrypted: Option<bool>,
    /// Where, with the last line.
    pub(crate) places: Vec<(Place, usize)>,
}

/// The flows of a repository.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    /// Edges in the order of their ends.
    pub(crate) edges: Vec<Edge>,
}

/// Keys of values that name others without reaching them.
const NOT_REACHED: &[&str] = &[
    "origin",
    "callback",
    "redirect",
    "cors",
    "advertised",
    "allowed",
    "publicurl",
    "noproxy",
    "hostname",
    "client",
];

/// Ends of keys whose bare value is a host.
const HOST_KEYS: &[&str] = &[
    "host",
    "hosts",
    "addr",
    "address",
    "url",
    "uri",
    "server",
    "servers",
    "service",
    "endpoint",
    "brokers",
    "broker",
    "target",
    "upstream",
    "backend",
    "connection",
    "dsn",
];

/// What something reaches, while it is resolved.
struct Resolver<'a> {
    parts: &'a mut Parts,
    settings: &'a Settings,
    signs: &'a Signs<'a>,
    edges: BTreeMap<(usize, usize, ReachKind), Edge>,
    index: Index,
}

impl Flows {
    /// Resolves what was seen; adds parts for databases nobody deploys here and systems of others.
    pub(crate) fn new(
        sightings: &[Sighting],
        parts: &mut Parts,
        settings: &Settings,
        signs: &Signs<'_>,
    ) -> Self {
        let index = Index::new(parts, settings, signs);
        let mut resolver = Resolver { parts, settings, signs, edges: BTreeMap::new(), index };
        // What deployments wire comes first: code that only says "a queue" means the one it was given.
        let (wired, in_code): (Vec<_>, Vec<_>) = sightings
            .iter()
            .filter(|s| !is_test_path(&s.place.path))
            .filter_map(|s| match &s.seen {
                Seen::Reach(reach) => Some((s, reach)),
                _ => None,
            })
            .partition(|(_, reach)| reach.of.is_some());
        let mut later = Vec::new();
        for (sighting, reach) in wired {
            resolver.each(sighting, reach, &mut later);
        }
        resolver.environment();
        // Who is named comes before who is only meant: `http://registry-1` before "the registry".
        let (named, meant): (Vec<_>, Vec<_>) = in_code.into_iter().partition(|(_, r)| !r.target.is_empty());
        for (sighting, reach) in named.into_iter().chain(meant) {
            resolver.each(sighting, reach, &mut later);
        }
        resolver.libraries(sightings);
        resolver.start_order();
        resolver.dashboards();
        for (from, sighting) in later {
            resolver.routes_to_registered(from, sighting);
        }
        let told: BTreeSet<(usize, usize)> = resolver
            .edges
            .keys()
            .filter(|(_, _, k)| *k != ReachKind::Unknown)
            .map(|(f, t, _)| (*f, *t))
            .collect();
        let mut edges: Vec<Edge> = resolver.edges.into_values().collect();
        // That a part uses another says nothing more once it is known how.
        edges.retain(|e| e.kind != ReachKind::Unknown || !told.contains(&(e.from, e.to)));
        Self { edges }
    }

    /// The edges that start at a part.
    pub(crate) fn of(&self, from: usize) -> &[Edge] {
        let first = self.edges.partition_point(|e| e.from < from);
        let count = self.edges[first..].partition_point(|e| e.from == from);
        &self.edges[first..first + count]
    }
}

impl Resolver<'_> {
    /// Resolves one reach for every part it belongs to.
    fn each<'s>(&mut self, sighting: &'s Sighting, reach: &Reach, later: &mut Vec<(usize, &'s Sighting)>) {
        for from in self.parts.owners(&sighting.place.path, reach.of.as_deref()) {
            // Code of a library is in many parts; a role without an address is reached by those that say where.
            let borrowed =
                self.parts.parts[from].unit.as_deref() != self.parts.units().owner(&sighting.place.path);
            if reach.of.is_none()
                && borrowed
                && reach.target.is_empty()
                && matches!(reach.kind, ReachKind::Client(_))
            {
                continue;
            }
            let told = self.edges_from(from).any(|(_, kind)| kind == reach.kind);
            if reach.target.is_empty() && matches!(reach.kind, ReachKind::Client(_)) && told {
                continue;
            }
            if reach.kind == ReachKind::Route && reach.target.is_empty() {
                later.push((from, sighting));
            } else {
                self.reach(from, reach, sighting);
            }
        }
    }

    /// Resolves one reach of a part.
    fn reach(&mut self, from: usize, reach: &Reach, sighting: &Sighting) {
        let target = self.settings.resolve(from, &reach.target);
        let found = self.targets(from, reach, &target);
        for (to, host) in found {
            if to == from {
                continue;
            }
            let encrypted = host.as_ref().and_then(|h| h.scheme.as_deref()).and_then(|s| match s {
                "https" | "rediss" | "amqps" | "wss" | "mongodb+srv" => Some(true),
                "http" | "ws" => Some(false),
                _ => None,
            });
            let path = reach.path.clone().or_else(|| host.map(|h| h.path).filter(|p| p.len() > 1));
            let edge = self.edge(from, to, reach.kind, reach.protocol);
            edge.is_async &= reach.is_async;
            edge.asked.extend(match (&path, &reach.channel) {
                (_, Some(channel)) => Some(channel.clone()),
                (Some(path), None) => Some(format!("{} {path}", reach.method.as_deref().unwrap_or("*"))),
                _ => None,
            });
            edge.timeout_ms = longest(edge.timeout_ms, reach.timeout_ms);
            edge.retries = edge.retries.max(reach.retries);
            edge.encrypted = match (edge.encrypted, encrypted) {
                (Some(a), Some(b)) => Some(a && b),
                (a, b) => a.or(b),
            };
            edge.places.push((sighting.place.clone(), sighting.until));
        }
    }

    /// Ends and kinds of what starts at a part. The order of kinds begins with calls.
    fn edges_from(&self, from: usize) -> impl Iterator<Item = (usize, ReachKind)> {
        let from_here = self.edges.range((from, 0, ReachKind::Call)..);
        from_here.take_while(move |((f, ..), _)| *f == from).map(|((_, to, kind), _)| (*to, *kind))
    }

    fn edge(&mut self, from: usize, to: usize, kind: ReachKind, protocol: &str) -> &mut Edge {
        self.edges.entry((from, to, kind)).or_insert_with(|| Edge {
            from,
            to,
            kind,
            protocol: protocol.to_owned(),
            is_async: true,
            asked: BTreeSet::new(),
            timeout_ms: None,
            retries: None,
            encrypted: None,
            places: Vec::new(),
        })
    }

    /// Whom a resolved target means.
    fn targets(&mut self, from: usize, reach: &Reach, target: &str) -> Vec<(usize, Option<Host>)> {
        let mut found = Vec::new();
        let listed = hosts(target);
        for host in &listed {
            if let Some(to) = self.host(from, reach, target, host) {
                found.push((to, Some(host.clone())));
            }
        }
        if found.is_empty()
            && (listed.is_empty()
                || !matches!(reach.kind, ReachKind::Call | ReachKind::Route | ReachKind::Unknown))
        {
            found.extend(self.without_host(from, reach, target).into_iter().map(|to| (to, None)));
        }
        found
    }

    fn host(&mut self, from: usize, reach: &Reach, target: &str, host: &Host) -> Option<usize> {
        if host.is_local() {
            return self.local(from, reach, host);
        }
        let named = self.parts.named(&host.name).or_else(|| {
            // `cart.shop.svc.cluster.local`, `cart.default`
            let first = host.name.split('.').next().unwrap_or("");
            (!host.is_public() && first.len() > 1).then(|| self.parts.named(first)).flatten()
        });
        if named.is_some() {
            return named;
        }
        if !host.is_public() {
            return None;
        }
        if target.contains("{") && host.name.contains('{') {
            return None;
        }
        self.parts.has_room().then(|| self.external(reach, host))
    }

    /// Another process on the same machine: told by its port.
    fn local(&self, from: usize, reach: &Reach, host: &Host) -> Option<usize> {
        if let ReachKind::Client(role) = reach.kind {
            return self.with_role(role).into_iter().find(|i| *i != from);
        }
        let port = host.port?;
        if !matches!(reach.kind, ReachKind::Call | ReachKind::Route | ReachKind::Unknown) {
            return None;
        }
        let hits: Vec<usize> = self.index.ports.get(&port)?.iter().copied().filter(|i| *i != from).collect();
        // Several listen there, each inside its own container: one machine has the port once.
        let publishes = |i: &&usize| {
            let mut ports = self.parts.parts[**i].deployed.iter().flat_map(|d| &d.ports);
            ports.any(|p| p.published.as_deref() == Some(&port.to_string()))
        };
        let mut published = hits.iter().filter(publishes);
        match (hits.as_slice(), published.next(), published.next()) {
            ([only], ..) | (_, Some(only), None) => Some(*only),
            _ => None,
        }
    }

    fn with_role(&self, role: Role) -> Vec<usize> {
        self.index.roles.get(&role).cloned().unwrap_or_default()
    }

    /// The parts whose technology a client of another can talk to.
    fn speaking(&self, technology: &str) -> &[usize] {
        self.index.technologies.get(&self.signs.spoken(technology)).map_or(&[], Vec::as_slice)
    }

    /// Adds a part that something reaches.
    fn make(&mut self, part: Part) -> usize {
        self.index.add(self.parts.parts.len(), &part, self.signs);
        self.parts.make(part)
    }

    /// A system of somebody else's.
    fn external(&mut self, reach: &Reach, host: &Host) -> usize {
        let mut part = Part { external: true, made: true, ..Part::default() };
        match reach.kind {
            ReachKind::Client(Role::MailServer) => {
                "mail-server".clone_into(&mut part.name);
                part.roles.insert(Role::MailServer);
                part.aliases = vec![host.name.clone()];
            }
            _ if reach.technology.as_deref() == Some("git") => {
                part.name = format!("{}-repository", host.brand());
                part.aliases = vec![host.name.clone()];
            }
            ReachKind::Data | ReachKind::Publish | ReachKind::Consume => {
                part.name = host.brand().to_owned();
                part.aliases = vec![host.name.clone()];
                if let Some(sign) = reach.technology.as_ref().and_then(|t| self.signs.technology(t)) {
                    describe(&mut part, sign, None);
                }
            }
            _ => {
                part.name = host.brand().to_owned();
                part.aliases = vec![host.name.clone()];
            }
        }
        self.parts.named(&part.name).unwrap_or_else(|| self.make(part))
    }

    /// Only the role or the technology is known.
    fn without_host(&mut self, from: usize, reach: &Reach, target: &str) -> Vec<usize> {
        if let ReachKind::Client(role) = reach.kind {
            let found: Vec<usize> = self.with_role(role).into_iter().filter(|i| *i != from).collect();
            if found.is_empty() && role == Role::MailServer {
                let part = Part {
                    name: "mail-server".to_owned(),
                    external: true,
                    made: true,
                    roles: [role].into(),
                    ..Part::default()
                };
                return vec![self.parts.named("mail-server").unwrap_or_else(|| self.make(part))];
            }
            return found;
        }
        let sign = self.signs.scheme(target).filter(|_| target.contains(':'));
        let technology = sign.map(|s| s.technology.as_str().to_owned()).or_else(|| reach.technology.clone());
        if let Some(wired) = self.wired(from, reach.kind, technology.as_deref()) {
            return vec![wired];
        }
        let Some(technology) = technology else { return Vec::new() };
        if let Some(known) = self.of_technology(from, &technology) {
            return vec![known];
        }
        let Some(sign) = self.signs.technology(&technology) else { return Vec::new() };
        if sign.in_process || !matches!(reach.kind, ReachKind::Data | ReachKind::Publish | ReachKind::Consume)
        {
            return Vec::new();
        }
        // What a deployment leaves unset is an option that is not taken.
        let is_deployed = !self.parts.parts[from].deployed.is_empty();
        if (is_deployed && (target.contains("${") || !reach.certain)) || !self.parts.has_room() {
            return Vec::new();
        }
        vec![self.made_store(from, &technology)]
    }

    /// The one store or broker that a part was given: code that says no more means it.
    fn wired(&self, from: usize, kind: ReachKind, technology: Option<&str>) -> Option<usize> {
        let fits = |to: &usize| {
            let part = &self.parts.parts[*to];
            let is_kind = match kind {
                ReachKind::Publish | ReachKind::Consume => part.kind() == ComponentKind::Broker,
                ReachKind::Data => !matches!(part.kind(), ComponentKind::Broker) && is_data(part.kind()),
                _ => false,
            };
            is_kind
                && technology
                    .is_none_or(|t| part.technology.as_deref().is_none_or(|of| self.signs.compatible(t, of)))
        };
        let given: BTreeSet<usize> = self.edges_from(from).map(|(to, _)| to).filter(fits).collect();
        (given.len() == 1).then(|| given.first().copied()).flatten()
    }

    /// The part of a technology that a part uses: the only one, else the one it waits for, else the one named
    /// after it.
    fn of_technology(&self, from: usize, technology: &str) -> Option<usize> {
        let is = |i: &usize| *i != from && !self.parts.is_elsewhere(*i) && !self.parts.parts[*i].has_code();
        let all: Vec<usize> = self.speaking(technology).iter().copied().filter(is).collect();
        let user = &self.parts.parts[from];
        let waits = |i: &&usize| {
            user.deployed.iter().flat_map(|d| &d.depends_on).any(|(n, _)| self.parts.named(n) == Some(**i))
        };
        let own = plain(&user.name);
        let akin = |i: &&usize| {
            let name = plain(&self.parts.parts[**i].name);
            let stem = own.trim_end_matches("service");
            stem.len() > 2 && name.contains(stem)
        };
        match all.as_slice() {
            [only] if !self.parts.parts[*only].made || self.parts.parts[*only].external => Some(*only),
            _ => all.iter().find(waits).or_else(|| all.iter().find(akin)).copied(),
        }
    }

    /// A store that is used and deployed nowhere: one for each user; brokers are shared.
    fn made_store(&mut self, from: usize, technology: &str) -> usize {
        let sign = self.signs.technology(technology);
        let shared = sign.and_then(|s| s.component).is_none_or(|k| k != ComponentKind::Store);
        let name =
            if shared { technology.to_owned() } else { format!("database-{}", self.parts.parts[from].name) };
        if let Some(known) = self.parts.named(&name) {
            return known;
        }
        let mut part = Part { name, made: true, ..Part::default() };
        if let Some(sign) = sign {
            describe(&mut part, sign, None);
        }
        part.places = self.parts.parts[from].places.first().cloned().into_iter().collect();
        self.make(part)
    }

    fn linked(&self, a: usize, b: usize) -> bool {
        let leads = |a: usize, b: usize| {
            let first = self.edges.range((a, b, ReachKind::Call)..).next();
            first.is_some_and(|((from, to, _), _)| (*from, *to) == (a, b))
        };
        leads(a, b) || leads(b, a)
    }

    /// Environment values that hold another part's address.
    fn environment(&mut self) {
        for from in 0..self.parts.parts.len() {
            for (place, key, value) in environment_of(&self.parts.parts[from]) {
                let key = plain(&key);
                if NOT_REACHED.iter().any(|w| key.contains(w)) {
                    continue;
                }
                let value = self.settings.resolve(from, &value);
                let names_host = HOST_KEYS.iter().any(|k| key.ends_with(k));
                for host in hosts(&value) {
                    // `orders:1:1` makes a topic, `orders:8080` is an address.
                    let is_address = host.port.is_some_and(|p| p >= 22) && value.matches(':').count() == 1;
                    if !(names_host || is_address || host.scheme.is_some()) || host.is_local() {
                        continue;
                    }
                    let first = host.name.split('.').next().unwrap_or("").to_owned();
                    let to = self
                        .parts
                        .named(&host.name)
                        .or_else(|| (!host.is_public()).then(|| self.parts.named(&first)).flatten());
                    if let Some(to) = to.filter(|to| *to != from && !self.linked(from, *to)) {
                        let kind = self.kind_towards(to);
                        let edge = self.edge(from, to, kind, "tcp");
                        edge.is_async = false;
                        edge.places.push((place.clone(), place.line));
                    }
                }
            }
        }
    }

    fn kind_towards(&self, to: usize) -> ReachKind {
        match self.parts.parts[to].kind() {
            ComponentKind::Store
            | ComponentKind::Cache
            | ComponentKind::Search
            | ComponentKind::ObjectStore
            | ComponentKind::Analytics => ReachKind::Data,
            ComponentKind::Broker => ReachKind::Unknown,
            _ => ReachKind::Call,
        }
    }

    /// A part with the driver of a store or broker uses the only one there is, or the one it waits for at start;
    /// one with the client of a role is a client of the part that has it.
    fn libraries(&mut self, sightings: &[Sighting]) {
        let mut drivers: BTreeMap<usize, BTreeMap<String, (Option<Role>, Place)>> = BTreeMap::new();
        for sighting in sightings.iter().filter(|s| !is_test_path(&s.place.path)) {
            if let Seen::Library(library) = &sighting.seen
                && !library.dev
                && let Some(sign) = self.signs.library(library.ecosystem, &library.name)
                && !sign.library_is_role
                && !sign.in_process
            {
                for index in self.parts.owners(&sighting.place.path, None) {
                    let of = drivers.entry(index).or_default();
                    of.entry(sign.technology.as_str().to_owned())
                        .or_insert((sign.role, sighting.place.clone()));
                }
            }
        }
        for (from, technologies) in drivers {
            for (technology, (role, place)) in technologies {
                let watched = role.filter(|r| matches!(r, Role::TracingServer | Role::MetricsServer));
                let (to, kind) = match watched {
                    Some(role) => (self.only(from, &self.with_role(role), |_| true), ReachKind::Client(role)),
                    None => {
                        let to = self.driven(from, &technology);
                        (to, to.map_or(ReachKind::Unknown, |to| self.kind_of_driver(from, to)))
                    }
                };
                if let Some(to) = to.filter(|to| !self.linked(from, *to)) {
                    let edge = self.edge(from, to, kind, "tcp");
                    edge.is_async = matches!(kind, ReachKind::Publish | ReachKind::Consume);
                    edge.places.push((place, 0));
                }
            }
        }
    }

    /// The store or broker a driver is for: the one the part waits for, else the only one of its technology.
    fn driven(&self, from: usize, technology: &str) -> Option<usize> {
        let is = |p: &Part| {
            let fits = p.technology.as_deref().is_some_and(|of| self.signs.compatible(technology, of));
            fits && !p.has_code() && is_data(p.kind())
        };
        let waits =
            self.waited_for(from).into_iter().map(|(_, to, _)| to).find(|to| is(&self.parts.parts[*to]));
        waits.or_else(|| self.only(from, self.speaking(technology), is))
    }

    /// The only other part of which something is true, among some.
    fn only(&self, from: usize, among: &[usize], is: impl Fn(&Part) -> bool) -> Option<usize> {
        let mut hits = among
            .iter()
            .copied()
            .filter(|i| *i != from && !self.parts.is_elsewhere(*i) && is(&self.parts.parts[*i]));
        let first = hits.next()?;
        hits.next().is_none().then_some(first)
    }

    /// Collectors take from a broker, everybody else gives to it.
    fn kind_of_driver(&self, from: usize, to: usize) -> ReachKind {
        let collects = |r: &Role| matches!(r, Role::StreamAggregator | Role::TracingServer | Role::LogServer);
        match self.kind_towards(to) {
            ReachKind::Unknown if self.parts.parts[from].roles.iter().any(collects) => ReachKind::Consume,
            ReachKind::Unknown => ReachKind::Publish,
            kind => kind,
        }
    }

    /// A dashboard that names nobody shows what the collector of figures has.
    fn dashboards(&mut self) {
        for from in self.with_role(Role::Dashboard) {
            if self
                .edges_from(from)
                .any(|(_, kind)| !matches!(kind, ReachKind::Client(Role::Registry | Role::ConfigServer)))
            {
                continue;
            }
            for role in [Role::StreamAggregator, Role::MetricsServer] {
                if let Some(to) = self.only(from, &self.with_role(role), |_| true) {
                    let place = self.parts.parts[from].places.first().cloned();
                    let edge = self.edge(from, to, ReachKind::Client(role), "http");
                    edge.is_async = false;
                    edge.places.extend(place.map(|p| (p, 0)));
                    break;
                }
            }
        }
    }

    /// Start order is the only evidence of parts whose code is elsewhere.
    fn start_order(&mut self) {
        for from in 0..self.parts.parts.len() {
            if self.parts.parts[from].has_code() {
                continue;
            }
            for (_, to, place) in self.waited_for(from) {
                if !self.linked(from, to) {
                    let kind = self.kind_towards(to);
                    let edge = self.edge(from, to, kind, "");
                    edge.is_async = false;
                    edge.places.push((place, 0));
                }
            }
        }
    }

    fn waited_for(&self, from: usize) -> Vec<(String, usize, Place)> {
        let part = &self.parts.parts[from];
        let mut found = Vec::new();
        for (deployed, place) in part.deployed.iter().zip(&part.places) {
            for (name, line) in &deployed.depends_on {
                if let Some(to) = self.parts.named(name).filter(|to| *to != from) {
                    found.push((name.clone(), to, Place { path: place.path.clone(), line: *line }));
                }
            }
        }
        found
    }

    /// A gateway that asks the registry routes to every service that registers.
    fn routes_to_registered(&mut self, from: usize, sighting: &Sighting) {
        if self.edges_from(from).any(|(_, kind)| kind == ReachKind::Route) {
            return;
        }
        let registered: BTreeSet<usize> = self
            .edges
            .keys()
            .filter(|(_, _, kind)| *kind == ReachKind::Client(Role::Registry))
            .map(|(user, _, _)| *user)
            .filter(|i| {
                *i != from
                    && !self.parts.is_elsewhere(*i)
                    && self.parts.parts[*i]
                        .roles
                        .iter()
                        .all(|r| matches!(r, Role::ResourceServer | Role::AuthServer))
            })
            .collect();
        for to in registered {
            let edge = self.edge(from, to, ReachKind::Route, "http");
            edge.is_async = false;
            edge.places.push((sighting.place.clone(), sighting.until));
        }
    }
}

const fn is_data(kind: ComponentKind) -> bool {
    matches!(
        kind,
        ComponentKind::Store
            | ComponentKind::Cache
            | ComponentKind::Search
            | ComponentKind::ObjectStore
            | ComponentKind::Analytics
            | ComponentKind::Broker
    )
}

/// Place, key and value of a part's environment.
fn environment_of(part: &Part) -> Vec<(Place, String, String)> {
    let mut out = Vec::new();
    for (deployed, place) in part.deployed.iter().zip(&part.places) {
        for (key, value, line) in &deployed.env {
            out.push((Place { path: place.path.clone(), line: *line }, key.clone(), value.clone()));
        }
    }
    out
}

fn longest(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.into_iter().chain(b).reduce(f64::max)
}
