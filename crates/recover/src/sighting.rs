//! Sightings: what extractors see in files, before anything is decided about components.
//!
//! A sighting never names the component it belongs to unless the file does: ownership follows from the folder
//! the file stands in, and is settled when everything has been read.

use loadcase_model::{Aspect, ComponentKind, Place, Role, State};

use crate::secret::cleaned;

/// Something seen at a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sighting {
    /// Where it begins.
    pub(crate) place: Place,
    /// Last line of what was seen: a handler's body, a class. Practices inside the lines of an endpoint or a
    /// reach belong to it.
    pub(crate) until: usize,
    /// The extractor that saw it.
    pub(crate) by: &'static str,
    /// What.
    pub(crate) seen: Seen,
}

/// What can be seen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Seen {
    /// The folder of this file is built on its own.
    Unit(Unit),
    /// The code of this file's unit starts a process: a main function, an application class.
    Entry(Entry),
    /// A name the unit of this file gives itself.
    Name(Name),
    /// A thing that is deployed.
    Deployed(Box<Deployed>),
    /// A name under which a deployed thing is reached.
    Address(Address),
    /// A value of configuration.
    Setting(Setting),
    /// What the unit of this file (or a deployed thing) is for the others.
    Plays(Plays),
    /// The unit of this file (or a deployed thing) talks to something.
    Reach(Box<Reach>),
    /// Something that can be asked of the unit of this file.
    Endpoint(Endpoint),
    /// Endpoints of another file answer under a prefix.
    Mount(Mount),
    /// The code that answers an endpoint that another file declares.
    Handler(HandlerSeen),
    /// A library the unit of this file depends on.
    Library(LibrarySeen),
    /// A stored thing with its fields.
    Entity(EntitySeen),
    /// A table that the unit of this file reads or writes.
    Table(TableSeen),
    /// A practice that rules ask for.
    Practice(PracticeSeen),
    /// A comment that accepts a finding.
    Accept(AcceptSeen),
    /// A statement of a document about the architecture.
    Claim(ClaimSeen),
}

impl Seen {
    /// Hides passwords in addresses and secrets in parameters, whatever the extractor let through.
    pub(crate) fn clean(&mut self) {
        match self {
            Self::Practice(p) => clean_all([&mut p.subject, &mut p.detail]),
            Self::Reach(r) => {
                clean_all(std::iter::once(&mut r.target).chain(&mut r.path).chain(&mut r.channel));
            }
            Self::Library(l) => clean_all(std::iter::once(&mut l.name).chain(&mut l.version)),
            Self::Setting(s) => clean_all([&mut s.value]),
            Self::Endpoint(e) => clean_all([&mut e.path]),
            Self::Claim(c) => clean_all([&mut c.subject, &mut c.object]),
            Self::Accept(a) => clean_all([&mut a.reason]),
            Self::Deployed(d) => clean_all(
                d.command.iter_mut().chain(&mut d.image).chain(d.env.iter_mut().map(|(_, value, _)| value)),
            ),
            _ => {}
        }
    }
}

fn clean_all<'a>(texts: impl IntoIterator<Item = &'a mut String>) {
    for text in texts {
        if let Some(clean) = cleaned(text) {
            *text = clean;
        }
    }
}

/// A folder that is built on its own: it has a manifest.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Unit {
    /// The name in the manifest.
    pub(crate) name: Option<String>,
    /// `maven`, `gradle`, `npm`, `pypi`, `go`, `cargo`, `nuget`, `composer`, `docker`.
    pub(crate) ecosystem: &'static str,
    /// The programming language, by its identifier in the catalog.
    pub(crate) language: Option<&'static str>,
    /// Whether the manifest only gathers other folders: a parent pom, a workspace root.
    pub(crate) aggregates: bool,
    /// Names of other units of the repository it is built from (module artifacts, project references, local
    /// paths relative to the repository). Their code is part of it when they are libraries.
    pub(crate) includes: Vec<String>,
    /// The image the last stage of its Dockerfile is built on.
    pub(crate) base_image: Option<String>,
}

/// The start of a process.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Entry {
    /// The framework that answers requests, by its identifier in the catalog, when the entry shows it.
    pub(crate) framework: Option<String>,
}

/// A name a unit gives itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    /// The name, as a template: it may hold `${KEY:default}`.
    pub(crate) name: String,
    /// How much it is worth.
    pub(crate) source: NameSource,
}

/// Sources of names, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum NameSource {
    /// The name under which it registers itself: `spring.application.name`.
    Application,
    /// The name of a manifest: an artifact or package.
    Package,
}

/// How a thing is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Platform {
    /// Docker Compose.
    Compose,
    /// Kubernetes manifests, Kustomize.
    Kubernetes,
    /// Helm charts.
    Helm,
    /// Terraform or OpenTofu.
    Terraform,
    /// CloudFormation, SAM, serverless.yml.
    CloudFormation,
    /// Procfile, fly, Render, Railway, Vercel.
    Paas,
    /// .NET Aspire or another application host written in code.
    AppHost,
    /// Continuous integration.
    Pipeline,
}

/// A port of a deployed thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    /// The port inside.
    pub(crate) inside: u16,
    /// The port outside, when it is published.
    pub(crate) published: Option<String>,
    /// The address it is bound to, when one is given: `127.0.0.1`.
    pub(crate) bind: Option<String>,
}

/// A thing that is deployed: a compose service, a workload, a managed resource, a process of a Procfile.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Deployed {
    /// Its name in the file.
    pub(crate) name: String,
    /// How.
    pub(crate) platform: Option<Platform>,
    /// The image with registry and tag, as a template.
    pub(crate) image: Option<String>,
    /// The folder it is built from, relative to the repository, with `/`; empty is the root.
    pub(crate) build: Option<String>,
    /// The folder of the Dockerfile when it is not the build folder itself, relative to the repository.
    pub(crate) dockerfile: Option<String>,
    /// Other host names.
    pub(crate) hosts: Vec<String>,
    /// Ports.
    pub(crate) ports: Vec<Port>,
    /// Environment: key, value (a template), line.
    pub(crate) env: Vec<(String, String, usize)>,
    /// Names of settings groups its environment is read from (config maps, env files as repository paths).
    pub(crate) env_from: Vec<String>,
    /// Names of deployed things it waits for at start, with their line.
    pub(crate) depends_on: Vec<(String, usize)>,
    /// The command.
    pub(crate) command: Option<String>,
    /// Copies.
    pub(crate) replicas: Option<u32>,
    /// Processor limit of one copy, vCPU.
    pub(crate) vcpu: Option<f64>,
    /// Memory limit of one copy, GB.
    pub(crate) memory_gb: Option<f64>,
    /// Labels, for selectors.
    pub(crate) labels: Vec<(String, String)>,
    /// Whether it only runs when asked for: a compose profile, a test overlay, a job of a chart's tests.
    pub(crate) optional: bool,
    /// What it is, when the file says so (a managed database, a function).
    pub(crate) kind: Option<ComponentKind>,
    /// The technology, when the file says so.
    pub(crate) technology: Option<String>,
    /// Its version, when the file says so.
    pub(crate) version: Option<String>,
    /// Whether somebody else runs it.
    pub(crate) managed: bool,
    /// Whether it is a thing of its own or part of the one that holds it (a side car, an init container).
    pub(crate) part_of: Option<String>,
}

/// A name under which deployed things are reached: a Kubernetes service, an ingress host.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Address {
    /// The host name.
    pub(crate) name: String,
    /// Labels that the deployed thing carries; empty when `of` names it.
    pub(crate) selects: Vec<(String, String)>,
    /// The name of the deployed thing.
    pub(crate) of: Option<String>,
    /// Whether it is reachable from outside: `LoadBalancer`, `NodePort`, an ingress.
    pub(crate) exposed: bool,
    /// Ports as (port, target port).
    pub(crate) ports: Vec<(u16, u16)>,
    /// A host name outside that this name stands for.
    pub(crate) external: Option<String>,
}

/// A value of configuration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setting {
    /// The unit or group it is for, when it is not the unit of this file: the application a config server's file
    /// is named after (`*` for all), the name of a config map.
    pub(crate) of: Option<String>,
    /// The profile or environment, when it is for one only.
    pub(crate) profile: Option<String>,
    /// The key: flattened with dots, as written otherwise.
    pub(crate) key: String,
    /// The value as a template. Secrets are replaced by `***` by the extractor.
    pub(crate) value: String,
}

/// A role.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plays {
    /// The role.
    pub(crate) role: Role,
    /// The deployed thing that has it; the unit of this file when absent.
    pub(crate) of: Option<String>,
    /// Its technology.
    pub(crate) technology: Option<String>,
}

/// What a reach is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ReachKind {
    /// A request: HTTP, gRPC, GraphQL.
    Call,
    /// A proxy passes requests on.
    Route,
    /// A store, cache, search index or object store is read or written.
    Data,
    /// Messages are published.
    Publish,
    /// Messages are consumed.
    Consume,
    /// The client of a role: a registry, a config server, a tracing server.
    Client(Role),
    /// Another unit's address is used for something the file does not show (an environment variable, a
    /// declared dependency).
    Unknown,
}

/// A component talks to something.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reach {
    /// The deployed thing it is about; the unit of this file when absent.
    pub(crate) of: Option<String>,
    /// What for.
    pub(crate) kind: ReachKind,
    /// Whom: a URL, a host, a service name, a connection string, as a template with `${KEY:default}`; empty
    /// when only the role or the technology is known.
    pub(crate) target: String,
    /// The technology at the other end, when it is known.
    pub(crate) technology: Option<String>,
    /// Protocol, such as `http`, `grpc`, `sql`, `amqp`, `kafka`.
    pub(crate) protocol: &'static str,
    /// HTTP method, upper case.
    pub(crate) method: Option<String>,
    /// Path, when it stands apart from the target.
    pub(crate) path: Option<String>,
    /// Topic, queue or exchange.
    pub(crate) channel: Option<String>,
    /// Whether the caller goes on without an answer.
    pub(crate) is_async: bool,
    /// Time limit, ms, when one is written at the call.
    pub(crate) timeout_ms: Option<f64>,
    /// Tries after the first, when written at the call.
    pub(crate) retries: Option<u32>,
    /// How sure it is that requests really go there.
    pub(crate) certain: bool,
}

impl Reach {
    /// A reach of the unit of this file.
    pub(crate) fn new(kind: ReachKind, target: impl Into<String>, protocol: &'static str) -> Self {
        Self {
            of: None,
            kind,
            target: target.into(),
            technology: None,
            protocol,
            method: None,
            path: None,
            channel: None,
            is_async: matches!(kind, ReachKind::Publish | ReachKind::Consume),
            timeout_ms: None,
            retries: None,
            certain: true,
        }
    }
}

/// Something that can be asked of a unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Endpoint {
    /// The deployed thing that answers; the unit of this file when absent.
    pub(crate) of: Option<String>,
    /// HTTP method, upper case; absent when any.
    pub(crate) method: Option<String>,
    /// Path with parameters in braces: `/orders/{id}`.
    pub(crate) path: String,
    /// Whether the path is only the prefix of a class of handlers.
    pub(crate) prefix_only: bool,
    /// Roles or scopes asked for, as written.
    pub(crate) roles: Vec<String>,
    /// The name of the handler.
    pub(crate) handler: Option<String>,
    /// The router it hangs on, a name inside the file, so that a mount of another file finds it.
    pub(crate) router: Option<String>,
}

/// The code behind an endpoint of another file: a view, a controller method. The lines of its sighting are its body,
/// so practices inside belong to the endpoint that names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HandlerSeen {
    /// Its name: a function or a class of handlers. An endpoint's `handler` may have more in front, `module.name`.
    pub(crate) name: String,
    /// The HTTP method it answers, upper case, when it answers one only (a method of a class of handlers).
    pub(crate) method: Option<String>,
    /// Names of its parameters.
    pub(crate) parameters: Vec<String>,
}

/// Endpoints of another file (or of a router in this one) answer under a prefix.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mount {
    /// The prefix.
    pub(crate) prefix: String,
    /// The file whose endpoints it is, relative to the repository and without extension; a folder also names its
    /// index file. Absent when the router is in this file.
    pub(crate) file: Option<String>,
    /// The router in that file; absent for all of them.
    pub(crate) router: Option<String>,
}

/// A library.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LibrarySeen {
    /// `maven`, `npm`, `pypi`, `go`, `cargo`, `nuget`, `composer`.
    pub(crate) ecosystem: &'static str,
    /// Name in its ecosystem: `group:artifact` for maven.
    pub(crate) name: String,
    /// Version or range as written, properties resolved.
    pub(crate) version: Option<String>,
    /// Whether it is only for tests or building.
    pub(crate) dev: bool,
    /// Whether the line is of a lock file: the exact version in use.
    pub(crate) locked: bool,
    /// The versions of the runtime it asks for, as a lock file says.
    pub(crate) requires: Option<String>,
    /// Why the version is deprecated, as a lock file says.
    pub(crate) deprecated: Option<String>,
}

/// A stored thing.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EntitySeen {
    /// Its name in code.
    pub(crate) name: String,
    /// Its table or collection.
    pub(crate) table: Option<String>,
    /// Fields: name, type as written, line.
    pub(crate) fields: Vec<(String, String, usize)>,
}

/// A table that is read or written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TableSeen {
    /// Its name, or the name of the entity in code.
    pub(crate) table: String,
    /// Whether it is written.
    pub(crate) writes: bool,
}

/// A practice.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PracticeSeen {
    /// The deployed thing it belongs to; the unit of this file when absent.
    pub(crate) of: Option<String>,
    /// Of what.
    pub(crate) aspect: Aspect,
    /// What was seen.
    pub(crate) state: State,
    /// What it is about: a path pattern, a port, a key, a table, a target.
    pub(crate) subject: String,
    /// How it was told. Never a secret.
    pub(crate) detail: String,
}

/// A statement of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClaimSeen {
    /// `component`, `flow`, `control` or `endpoint`.
    pub(crate) kind: &'static str,
    /// What, by name.
    pub(crate) subject: String,
    /// The other end of a flow, or the control.
    pub(crate) object: String,
}

/// A comment that accepts a finding: `loadcase: accept[rule] until 2027-01-31 reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AcceptSeen {
    /// The rule.
    pub(crate) rule: String,
    /// The day from which it no longer holds.
    pub(crate) until: Option<String>,
    /// Why.
    pub(crate) reason: String,
}
