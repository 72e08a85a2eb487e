//! Configuration of .NET: `appsettings*.json`, flattened with dots; routes of YARP and Ocelot in it.

use loadcase_model::{Aspect, Role};

use crate::extract::Extractor;
use crate::extract::contract::connection::{hidden, secrets};
use crate::secret::{is_key, judge, tell};
use crate::sighting::{Plays, Reach, ReachKind, Seen, Setting};
use crate::source::{Sightings, Source};
use crate::yaml::{self, Node};

/// Reads `appsettings.json` and its kin.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "appsettings",
    reads: |path| {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        name.ends_with(".json")
            && (name.starts_with("appsettings") || name.starts_with("ocelot") || name.starts_with("yarp"))
    },
    sees: &[Aspect::LiteralSecret, Aspect::DefaultCredentials, Aspect::TlsVerification],
    extract,
};

/// Connections by what their strings look like: a part of the string, technology, protocol, kind.
const SHAPES: &[(&str, &str, &str, ReachKind)] = &[
    ("amqp://", "rabbitmq", "amqp", ReachKind::Unknown),
    ("amqps://", "rabbitmq", "amqp", ReachKind::Unknown),
    ("mongodb://", "mongodb", "mongodb", ReachKind::Data),
    ("mongodb+srv://", "mongodb", "mongodb", ReachKind::Data),
    ("redis://", "redis", "redis", ReachKind::Data),
    (":6379", "redis", "redis", ReachKind::Data),
    ("servicebus.windows.net", "azure-service-bus", "amqp", ReachKind::Unknown),
    ("AccountEndpoint=", "cosmos-db", "http", ReachKind::Data),
    ("DefaultEndpointsProtocol=", "azure-blob", "http", ReachKind::Data),
    (":5432", "postgresql", "sql", ReachKind::Data),
    ("Port=5432", "postgresql", "sql", ReachKind::Data),
    (":3306", "mysql", "sql", ReachKind::Data),
    ("Port=3306", "mysql", "sql", ReachKind::Data),
    (",1433", "sqlserver", "sql", ReachKind::Data),
    ("Initial Catalog=", "sqlserver", "sql", ReachKind::Data),
    ("TrustServerCertificate", "sqlserver", "sql", ReachKind::Data),
    ("MultipleActiveResultSets", "sqlserver", "sql", ReachKind::Data),
    ("Trusted_Connection", "sqlserver", "sql", ReachKind::Data),
    ("User Id=sa", "sqlserver", "sql", ReachKind::Data),
];

/// Sections that only the framework reads.
const QUIET: &[&str] = &["Logging.", "Serilog.", "AllowedHosts", "$schema"];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() {
        return;
    }
    // JSON of .NET may hold comments and tabs, YAML neither.
    let text = plain(source.text);
    let Some(document) = yaml::document(&text) else { return };
    let profile = profile(source.name());
    for (key, value, line) in document.flat() {
        if value.is_empty() || QUIET.iter().any(|q| key.starts_with(q)) {
            continue;
        }
        let value = value.replace("%20", " ");
        secrets(&value, line, out);
        own_secret(&key, &value, line, out);
        let shown = if is_key(&key) { crate::secret::hidden(&key, &value) } else { hidden(&value) };
        if key.starts_with("ConnectionStrings.") {
            // The developer's own machine tells nothing about what is deployed.
            if is_own_machine(&shown) {
                continue;
            }
            connection(&shown, profile.is_some(), line, out);
        }
        out.add(line, Seen::Setting(Setting { of: None, profile: profile.clone(), key, value: shown }));
    }
    yarp(&document, out);
    ocelot(&document, out);
}

/// The environment in the name of a file: `appsettings.Production.json`.
fn profile(name: &str) -> Option<String> {
    let stem = name.strip_suffix(".json")?;
    stem.split_once('.').map(|(_, profile)| profile.to_ascii_lowercase())
}

/// Whether a connection string leads to the machine the process runs on.
fn is_own_machine(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let local = ["localhost", "127.0.0.1", "(localdb)", "host.docker.internal"];
    local.iter().any(|l| lower.contains(l))
        || lower.split(';').any(|p| matches!(p.trim(), "server=." | "data source=."))
}

fn own_secret(key: &str, value: &str, line: usize, out: &mut Sightings) {
    let last = key.rsplit('.').next().unwrap_or(key);
    // Connection strings have been looked into.
    if !is_key(last) || value.contains(';') || value.contains("://") {
        return;
    }
    tell(judge(value), key, "literal value", line, out);
}

/// A connection whose string tells what is at the other end. That of a profile only adds its value.
fn connection(value: &str, of_profile: bool, line: usize, out: &mut Sightings) {
    if of_profile {
        return;
    }
    let Some((_, technology, protocol, kind)) = SHAPES.iter().find(|(part, ..)| value.contains(part)) else {
        return;
    };
    let mut reach = Reach::new(*kind, value, protocol);
    reach.technology = Some((*technology).to_owned());
    out.add(line, Seen::Reach(Box::new(reach)));
}

/// `ReverseProxy` of YARP: routes to clusters, clusters to destinations.
fn yarp(document: &Node, out: &mut Sightings) {
    let Some(proxy) = document.get("ReverseProxy") else { return };
    let technology = Some("yarp".to_owned());
    out.add(proxy.line, Seen::Plays(Plays { role: Role::Gateway, of: None, technology }));
    let Some(clusters) = proxy.get("Clusters") else { return };
    for (name, cluster) in clusters.pairs() {
        let routes = proxy.get("Routes").map(Node::pairs).unwrap_or_default();
        let paths: Vec<Option<String>> = routes
            .iter()
            .filter(|(_, r)| r.text_of("ClusterId") == Some(name))
            .map(|(_, r)| r.at(&["Match", "Path"]).and_then(Node::text).map(str::to_owned))
            .collect();
        for (_, destination) in cluster.get("Destinations").map(Node::pairs).unwrap_or_default() {
            let Some(address) = destination.text_of("Address") else { continue };
            let paths = if paths.is_empty() { vec![None] } else { paths.clone() };
            for path in paths {
                route(address, path, destination.line, out);
            }
        }
    }
}

fn route(address: &str, path: Option<String>, line: usize, out: &mut Sightings) {
    let address = address.replace("https+http://", "http://");
    let mut reach = Reach::new(ReachKind::Route, address, "http");
    reach.path = path;
    out.add(line, Seen::Reach(Box::new(reach)));
}

/// `Routes` (formerly `ReRoutes`) of Ocelot.
fn ocelot(document: &Node, out: &mut Sightings) {
    let routes = document.get("Routes").or_else(|| document.get("ReRoutes"));
    let Some(routes) = routes.filter(|r| r.list().iter().any(|i| i.get("DownstreamPathTemplate").is_some()))
    else {
        return;
    };
    let technology = Some("ocelot".to_owned());
    out.add(routes.line, Seen::Plays(Plays { role: Role::Gateway, of: None, technology }));
    for item in routes.list() {
        let path = item.text_of("UpstreamPathTemplate").map(str::to_owned);
        let scheme = item.text_of("DownstreamScheme").unwrap_or("http");
        if let Some(service) = item.text_of("ServiceName") {
            route(&format!("{scheme}://{service}"), path.clone(), item.line, out);
        }
        for host in item.get("DownstreamHostAndPorts").map(Node::list).unwrap_or_default() {
            if let Some(name) = host.text_of("Host") {
                let port = host.text_of("Port").map(|p| format!(":{p}")).unwrap_or_default();
                route(&format!("{scheme}://{name}{port}"), path.clone(), host.line, out);
            }
        }
    }
}

/// JSON without comments and tabs, every line where it was.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut inside = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                inside = !inside;
                out.push(c);
            }
            '\\' if inside => {
                out.push(c);
                out.extend(chars.next());
            }
            '\t' => out.push(' '),
            '/' if !inside && chars.peek() == Some(&'/') => {
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                }
            }
            '/' if !inside && chars.peek() == Some(&'*') => {
                chars.next();
                let mut before = ' ';
                for c in chars.by_ref() {
                    if c == '\n' {
                        out.push(c);
                    }
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, reaches, see};

    #[test]
    fn connections_routes_and_secrets_are_seen() {
        let text = r#"{
  // a comment
  "ConnectionStrings": { "Main": "Host=db;Port=5432;Username=app;Password=hG6!k" },
  "Jwt": { "Secret": "b5f0e1c2d3" },
  "ReverseProxy": {
    "Routes": { "a": { "ClusterId": "orders", "Match": { "Path": "/orders/{**rest}" } } },
    "Clusters": { "orders": { "Destinations": { "d": { "Address": "http://orders-api:8080/" } } } }
  }
}"#;
        let seen = see("src/Shop.Api/appsettings.json", text);
        assert_eq!(
            reaches(&seen),
            ["Data Host=db;Port=5432;Username=app;Password=***", "Route http://orders-api:8080/"]
        );
        assert_eq!(practices(&seen), ["LiteralSecret Present Password", "LiteralSecret Present Jwt.Secret"]);
        let hidden = seen
            .iter()
            .any(|s| matches!(&s.seen, Seen::Setting(x) if x.key == "Jwt.Secret" && x.value == "***"));
        assert!(hidden, "{seen:?}");
    }
}
