//! Docker Compose: services as deployed things, with what they may do.

mod practice;
mod read;

use loadcase_model::Aspect;

use crate::extract::Extractor;
use crate::sighting::{Deployed, Platform, Port, Seen};
use crate::source::{Sightings, Source, join};
use crate::template::resolve;
use crate::yaml::{Node, Value, documents};

use super::container::{About, base_of_build, gigabytes, vcpu};

/// Reads Compose files of every version, whatever their name.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "compose",
    reads,
    sees: &[
        Aspect::Exposure,
        Aspect::LiteralSecret,
        Aspect::DefaultCredentials,
        Aspect::ImagePin,
        Aspect::HealthProbe,
        Aspect::ResourceLimit,
        Aspect::Privilege,
        Aspect::DurableStorage,
        Aspect::Backup,
        Aspect::CentralLogging,
        Aspect::SecretStore,
    ],
    extract,
};

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    (yaml && !path.contains("/templates/"))
        || (name.contains("compose") && (name.contains(".yml.") || name.contains(".yaml.")))
}

/// Words in the name of a file whose services only run when asked for.
const ON_DEMAND: &[&str] = &[
    "test",
    "tests",
    "testing",
    "e2e",
    "ci",
    "load",
    "loadtest",
    "perf",
    "performance",
    "benchmark",
    "bench",
    "debug",
    "sonar",
    "sonarqube",
    "integration",
    "it",
    "example",
    "sample",
    "selenium",
    "k6",
    "locust",
    "jmeter",
    "lint",
];

fn is_on_demand(source: &Source<'_>) -> bool {
    let name = source.name().to_ascii_lowercase();
    let words = || name.split(|c: char| !c.is_alphanumeric());
    // `test-service/docker-compose.yml` is one thing, `docker-compose.test.yml` another.
    source.is_test() || words().any(|w| ON_DEMAND.contains(&w))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let named = source.name().to_ascii_lowercase().contains("compose");
    if !named
        && !(source.text.contains("services:")
            && (source.text.contains("image:") || source.text.contains("build:")))
    {
        out.passed = true;
        return;
    }
    let (docs, _) = documents(source.text);
    let mut any = false;
    for doc in &docs {
        let Some(services) = services(doc, named) else { continue };
        any = true;
        let defaults = read::environment_file(source, ".env");
        let file = File { source, doc, services, defaults: &defaults, on_demand: is_on_demand(source) };
        let things =
            file.services.iter().map(|(name, node)| file.service(name, node, out)).collect::<Vec<_>>();
        for deployed in with_links(things, &file) {
            let line = services_line(services, &deployed.name);
            out.add(line, Seen::Deployed(Box::new(deployed)));
        }
    }
    out.passed = !any;
}

fn services_line(services: &[(String, Node)], name: &str) -> usize {
    services.iter().find(|(n, _)| n == name).map_or(1, |(_, node)| node.line.saturating_sub(1).max(1))
}

/// The services of a file: below `services`, or, in the first version of the format, the file itself.
fn services(doc: &Node, named: bool) -> Option<&[(String, Node)]> {
    let is_service =
        |n: &Node| ["image", "build", "extends", "dockerfile"].iter().any(|k| n.get(k).is_some());
    match doc.get("services") {
        Some(services) => {
            let pairs = services.pairs();
            let fits = pairs.iter().any(|(_, n)| {
                n.get("image").is_some_and(|i| i.text().is_some())
                    || n.get("build").is_some()
                    || n.get("extends").is_some()
            });
            (fits || (named && !pairs.is_empty())).then_some(pairs)
        }
        None if named && doc.get("apiVersion").is_none() => {
            let pairs = doc.pairs();
            (!pairs.is_empty() && pairs.iter().all(|(_, n)| is_service(n))).then_some(pairs)
        }
        None => None,
    }
}

/// A Compose file while it is read.
struct File<'a> {
    source: &'a Source<'a>,
    doc: &'a Node,
    services: &'a [(String, Node)],
    /// Values of the `.env` file beside it.
    defaults: &'a [(String, String, usize)],
    on_demand: bool,
}

impl File<'_> {
    /// A text whose variables have the values of `.env` as defaults. Secrets of that file stay in it.
    fn text(&self, text: &str) -> String {
        read::with_defaults(text, self.defaults)
    }

    fn service(&self, name: &str, node: &Node, out: &mut Sightings) -> Deployed {
        let node = read::extended(self.source, self.services, node);
        let image = node.text_of("image").map(|i| self.text(i));
        let (build, dockerfile) = self.build(&node);
        let mut deployed = Deployed {
            name: name.to_owned(),
            platform: Some(Platform::Compose),
            hosts: hosts(&node),
            ports: self.ports(&node),
            depends_on: names(node.get("depends_on")),
            replicas: replicas(&node),
            labels: read::pairs(node.get("labels")).into_iter().map(|(k, v, _)| (k, v)).collect(),
            image,
            optional: self.on_demand
                || node.get("profiles").is_some_and(|p| !p.list().is_empty())
                || replicas(&node) == Some(0),
            ..Deployed::default()
        };
        (deployed.memory_gb, deployed.vcpu) = limits(&node);
        let base = self.base(build.as_deref(), dockerfile.as_deref());
        deployed.dockerfile = dockerfile.and_then(|d| {
            let at = join(build.as_deref()?, &d)?;
            let folder = at.rsplit_once('/').map_or("", |(f, _)| f).to_owned();
            (Some(&folder) != build.as_ref()).then_some(folder)
        });
        deployed.build = build;
        // What runs on demand is no part of the system that is judged.
        let mut unused = Sightings::new(self.source.path, "compose");
        let mut about = About { out: if self.on_demand { &mut unused } else { out }, of: Some(name) };
        self.environment(&node, &mut deployed, &mut about);
        if let Some((command, line)) = read::command(&node) {
            deployed.command = Some(about.command(&self.text(&command), line));
        }
        practice::tell(
            &practice::Service { file: self, node: &node, deployed: &deployed, base: base.as_deref() },
            &mut about,
        );
        deployed
    }

    /// The build folder and the Dockerfile relative to it.
    fn build(&self, node: &Node) -> (Option<String>, Option<String>) {
        let Some(build) = node.get("build") else {
            return (None, None);
        };
        let context = build.text().or_else(|| build.text_of("context")).unwrap_or(".");
        let context = resolve(&self.text(context), &|_| None);
        if context.contains("://")
            || context.starts_with("git@")
            || context.contains('$')
            || context.starts_with('/')
        {
            return (None, None);
        }
        let dockerfile = build.text_of("dockerfile").or_else(|| node.text_of("dockerfile"));
        let dockerfile = dockerfile.map(|d| resolve(&self.text(d), &|_| None)).filter(|d| !d.contains('$'));
        (self.source.relative(&context), dockerfile)
    }

    fn base(&self, build: Option<&str>, dockerfile: Option<&str>) -> Option<String> {
        base_of_build(self.source, build?, dockerfile)
    }

    fn environment(&self, node: &Node, deployed: &mut Deployed, about: &mut About<'_, '_>) {
        let variables = read::pairs(node.get("environment"));
        about.same_as_user(&variables);
        for (key, value, line) in variables {
            let value = about.variable(&key, &self.text(&value), line);
            deployed.env.push((key, value, line));
        }
        for (path, line) in read::environment_files(node) {
            let Some(path) = self.source.relative(&resolve(&self.text(&path), &|_| None)) else { continue };
            let values = self.source.other(&path).map(|t| read::environment_text(&t)).unwrap_or_default();
            for (key, value, _) in values {
                if !deployed.env.iter().any(|(k, _, _)| *k == key) {
                    let value = crate::secret::hidden(&key, &value);
                    deployed.env.push((key, value, line));
                }
            }
            deployed.env_from.push(path);
        }
    }

    fn ports(&self, node: &Node) -> Vec<Port> {
        let mut out: Vec<Port> =
            node.get("ports").map(Node::list).unwrap_or_default().iter().flat_map(|p| self.port(p)).collect();
        for exposed in node.get("expose").map(Node::list).unwrap_or_default() {
            let inside = exposed.text().and_then(|t| t.split(['/', '-']).next()).and_then(|t| t.parse().ok());
            if let Some(inside) = inside
                && !out.iter().any(|p| p.inside == inside)
            {
                out.push(Port { inside, published: None, bind: None });
            }
        }
        out
    }

    fn port(&self, node: &Node) -> Vec<Port> {
        if let Value::Map(_) = node.value {
            let number = |key: &str| node.text_of(key).map(|t| resolve(&self.text(t), &|_| None));
            let inside = number("target").and_then(|t| t.parse().ok());
            let bind = node.text_of("host_ip").map(str::to_owned);
            let published = Some(number("published").unwrap_or_else(|| "0".to_owned()));
            return inside.map(|inside| Port { inside, published, bind }).into_iter().collect();
        }
        node.text().map(|t| read::short_port(&resolve(&self.text(t), &|_| None))).unwrap_or_default()
    }
}

/// Other names of a service: its container's, its host's, aliases on networks.
fn hosts(node: &Node) -> Vec<String> {
    let mut out: Vec<String> = ["container_name", "hostname"]
        .iter()
        .filter_map(|k| node.text_of(k))
        .map(|t| resolve(t, &|_| None))
        .collect();
    for (_, network) in node.get("networks").map(Node::pairs).unwrap_or_default() {
        let aliases = network.get("aliases").map(Node::list).unwrap_or_default();
        out.extend(aliases.iter().filter_map(Node::text).map(str::to_owned));
    }
    out.retain(|h| !h.contains('$'));
    out
}

/// Names with their lines: of a list, or the keys of a map.
fn names(node: Option<&Node>) -> Vec<(String, usize)> {
    let Some(node) = node else { return Vec::new() };
    match &node.value {
        Value::Map(pairs) => {
            pairs.iter().map(|(k, v)| (k.clone(), v.line.saturating_sub(1).max(node.line))).collect()
        }
        _ => node.list().iter().filter_map(|n| Some((n.text()?.to_owned(), n.line))).collect(),
    }
}

fn replicas(node: &Node) -> Option<u32> {
    node.at(&["deploy", "replicas"])
        .or_else(|| node.get("scale"))
        .and_then(Node::text)
        .and_then(|t| t.parse().ok())
}

/// Memory and processor limits.
fn limits(node: &Node) -> (Option<f64>, Option<f64>) {
    let of = |path: &[&str]| node.at(path).and_then(Node::text).map(|t| resolve(t, &|_| None));
    let memory = of(&["deploy", "resources", "limits", "memory"]).or_else(|| of(&["mem_limit"]));
    let cpus = of(&["deploy", "resources", "limits", "cpus"]).or_else(|| of(&["cpus"]));
    (memory.and_then(|m| gigabytes(&m)), cpus.and_then(|c| vcpu(&c)))
}

/// Gives services the names under which others link them, and takes a link for a dependency.
fn with_links(mut things: Vec<Deployed>, file: &File<'_>) -> Vec<Deployed> {
    for (name, node) in file.services {
        for (link, line) in names(node.get("links")) {
            let (target, alias) = link.split_once(':').unwrap_or((&link, &link));
            if let Some(thing) = things.iter_mut().find(|t| t.name == target)
                && alias != target
                && !thing.hosts.iter().any(|h| h == alias)
            {
                thing.hosts.push(alias.to_owned());
            }
            if let Some(thing) = things.iter_mut().find(|t| t.name == *name)
                && !thing.depends_on.iter().any(|(d, _)| d == target)
            {
                thing.depends_on.push((target.to_owned(), line));
            }
        }
    }
    things
}

#[cfg(test)]
mod tests;
