//! Platforms that run code: Procfile, Fly, Render, Railway, Vercel, Heroku's `app.json`, App Engine.

use std::sync::LazyLock;

use loadcase_model::{Aspect, ComponentKind, State};
use regex::Regex;

use super::container::{About, gigabytes};
use crate::extract::Extractor;
use crate::sighting::{Deployed, Platform, Port, Reach, ReachKind, Seen};
use crate::source::{Sightings, Source};
use crate::toml_tree::{Document, Item};
use crate::yaml::{self, Node};

/// Reads the files of platforms.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "paas",
    reads: |path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        matches!(
            name,
            "Procfile"
                | "fly.toml"
                | "render.yaml"
                | "railway.json"
                | "railway.toml"
                | "vercel.json"
                | "app.json"
                | "app.yaml"
        )
    },
    sees: &[Aspect::HealthProbe],
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    match source.name() {
        "Procfile" => procfile(source, out),
        "fly.toml" => fly(source, out),
        "render.yaml" => render(source, out),
        "railway.toml" | "railway.json" => railway(source, out),
        "vercel.json" => vercel(source, out),
        "app.json" => heroku(source, out),
        _ => app_engine(source, out),
    }
}

fn deployed(source: &Source<'_>, name: &str) -> Deployed {
    Deployed {
        name: name.to_owned(),
        platform: Some(Platform::Paas),
        build: Some(source.folder().to_owned()),
        ..Deployed::default()
    }
}

/// The name of the folder, or of the repository.
fn folder_name<'a>(source: &'a Source<'_>) -> &'a str {
    let last = source.folder().rsplit('/').next().unwrap_or("");
    if last.is_empty() { &source.tree.name } else { last }
}

static PROCESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^([A-Za-z0-9_-]+):\s*(.+)$").expect("a constant pattern"));

fn procfile(source: &Source<'_>, out: &mut Sightings) {
    let base = folder_name(source).to_owned();
    for (i, line) in source.text.lines().enumerate() {
        let Some(found) = PROCESS.captures(line.trim()) else { continue };
        let (process, command) =
            (found.get(1).map_or("", |m| m.as_str()), found.get(2).map_or("", |m| m.as_str()));
        // A release phase runs once and is no process.
        if matches!(process, "release" | "postdeploy" | "console") {
            continue;
        }
        let name = if process == "web" { base.clone() } else { format!("{base}-{process}") };
        let mut deployed = deployed(source, &name);
        deployed.kind = (process != "web").then_some(ComponentKind::Worker);
        deployed.command = Some(About { out, of: Some(&name) }.command(command, i + 1));
        out.add(i + 1, Seen::Deployed(Box::new(deployed)));
    }
}

fn variables(pairs: Vec<(&str, Item<'_, '_>)>, deployed: &mut Deployed, about: &mut About<'_, '_>) {
    for (key, item) in pairs {
        let value = about.variable(key, &item.scalar().unwrap_or_default(), item.line());
        deployed.env.push((key.to_owned(), value, item.line()));
    }
}

fn fly(source: &Source<'_>, out: &mut Sightings) {
    let document = Document::read(source.text);
    let root = document.root();
    let Some(name) = root.text_of("app").map(str::to_owned).or_else(|| Some(folder_name(source).to_owned()))
    else {
        return;
    };
    let mut deployed = deployed(source, &name);
    let mut about = About { out, of: Some(&name) };
    deployed.image = root.at(&["build", "image"]).and_then(Item::text).map(str::to_owned);
    variables(root.get("env").map(Item::pairs).unwrap_or_default(), &mut deployed, &mut about);
    let services = root.get("services").map(Item::list).unwrap_or_default();
    for service in services.into_iter().chain(root.get("http_service")) {
        let inside = service.get("internal_port").and_then(Item::scalar).and_then(|p| p.parse().ok());
        if let Some(inside) = inside {
            deployed.ports.push(Port { inside, published: Some("443".to_owned()), bind: None });
            about.published("443", None, "served to the internet", service.line());
        }
        if service.get("force_https").is_some_and(Item::is_true) {
            about.practice(service.line(), Aspect::Tls, State::Present, "443", "force_https");
        }
    }
    let checks = root.get("checks").or_else(|| root.at(&["http_service", "checks"]));
    if let Some(checks) = checks {
        about.practice(checks.line(), Aspect::HealthProbe, State::Present, name.clone(), "checks");
    }
    let memory =
        root.get("vm").and_then(|v| v.list().first().copied().or(Some(v))).and_then(|v| v.get("memory"));
    deployed.memory_gb = memory.and_then(Item::scalar).and_then(|m| gigabytes(&m));
    out.add(1, Seen::Deployed(Box::new(deployed)));
}

fn render(source: &Source<'_>, out: &mut Sightings) {
    let Some(root) = yaml::document(source.text) else { return };
    for database in root.get("databases").map(Node::list).unwrap_or_default() {
        let Some(name) = database.text_of("name") else { continue };
        let mut deployed = deployed(source, name);
        deployed.build = None;
        deployed.kind = Some(ComponentKind::Store);
        deployed.technology = Some("postgresql".to_owned());
        deployed.version = database.text_of("postgresMajorVersion").map(str::to_owned);
        deployed.managed = true;
        let open = database.get("ipAllowList").map(Node::list).unwrap_or_default();
        if open.iter().any(|e| e.text_of("source") == Some("0.0.0.0/0")) {
            About { out, of: Some(name) }.published("5432", None, "any address may connect", database.line);
        }
        out.add(database.line, Seen::Deployed(Box::new(deployed)));
    }
    for service in root.get("services").map(Node::list).unwrap_or_default() {
        let Some(name) = service.text_of("name") else { continue };
        let kind = service.text_of("type").unwrap_or("web");
        let mut deployed = deployed(source, name);
        deployed.build = service.text_of("rootDir").and_then(|d| source.relative(d)).or(deployed.build);
        deployed.image = service.at(&["image", "url"]).and_then(Node::text).map(str::to_owned);
        deployed.replicas = service.text_of("numInstances").and_then(|n| n.parse().ok());
        match kind {
            "worker" | "cron" => deployed.kind = Some(ComponentKind::Worker),
            "redis" | "keyvalue" => {
                deployed.kind = Some(ComponentKind::Cache);
                deployed.technology = Some("redis".to_owned());
                deployed.managed = true;
                deployed.build = None;
            }
            _ => {}
        }
        let mut about = About { out, of: Some(name) };
        if kind == "web" {
            about.published("443", None, "served to the internet", service.line);
        }
        if let Some(node) = service.get("healthCheckPath") {
            about.practice(node.line, Aspect::HealthProbe, State::Present, name, node.text().unwrap_or(""));
        }
        for variable in service.get("envVars").map(Node::list).unwrap_or_default() {
            let Some(key) = variable.text_of("key") else { continue };
            let from = variable.get("fromDatabase").or_else(|| variable.get("fromService"));
            let value =
                from.and_then(|f| f.text_of("name")).or_else(|| variable.text_of("value")).unwrap_or("");
            let value =
                if from.is_some() { value.to_owned() } else { about.variable(key, value, variable.line) };
            deployed.env.push((key.to_owned(), value.clone(), variable.line));
            if from.is_some() {
                deployed.depends_on.push((value, variable.line));
            }
        }
        out.add(service.line, Seen::Deployed(Box::new(deployed)));
    }
}

fn railway(source: &Source<'_>, out: &mut Sightings) {
    let name = folder_name(source).to_owned();
    let mut deployed = deployed(source, &name);
    if let Some(at) = source.text.find("healthcheckPath") {
        let line = source.line_of(at);
        About { out, of: Some(&name) }.practice(
            line,
            Aspect::HealthProbe,
            State::Present,
            name.clone(),
            "healthcheckPath",
        );
    }
    let document = Document::read(source.text);
    let deploy = document.root().get("deploy");
    deployed.replicas =
        deploy.and_then(|d| d.get("numReplicas")).and_then(Item::scalar).and_then(|n| n.parse().ok());
    out.add(1, Seen::Deployed(Box::new(deployed)));
}

fn vercel(source: &Source<'_>, out: &mut Sightings) {
    let Some(root) = yaml::document(&source.text.replace('\t', " ")) else { return };
    let name = root.text_of("name").unwrap_or(folder_name(source)).to_owned();
    out.add(1, Seen::Deployed(Box::new(deployed(source, &name))));
    for key in ["rewrites", "routes"] {
        for rule in root.get(key).map(Node::list).unwrap_or_default() {
            let target = rule.text_of("destination").or_else(|| rule.text_of("dest")).unwrap_or("");
            if target.contains("://") {
                let mut reach = Reach::new(ReachKind::Route, target, "http");
                reach.of = Some(name.clone());
                reach.path = rule.text_of("source").or_else(|| rule.text_of("src")).map(str::to_owned);
                out.add(rule.line, Seen::Reach(Box::new(reach)));
            }
        }
    }
}

/// Heroku's manifest: add-ons are managed stores.
fn heroku(source: &Source<'_>, out: &mut Sightings) {
    let Some(root) = yaml::document(&source.text.replace('\t', " ")) else { return };
    const ADDONS: &[(&str, ComponentKind, &str)] = &[
        ("postgresql", ComponentKind::Store, "postgresql"),
        ("redis", ComponentKind::Cache, "redis"),
        ("cleardb", ComponentKind::Store, "mysql"),
        ("jawsdb", ComponentKind::Store, "mysql"),
        ("mongo", ComponentKind::Store, "mongodb"),
        ("cloudamqp", ComponentKind::Broker, "rabbitmq"),
        ("kafka", ComponentKind::Broker, "kafka"),
        ("memcach", ComponentKind::Cache, "memcached"),
        ("elasticsearch", ComponentKind::Search, "elasticsearch"),
    ];
    for addon in root.get("addons").map(Node::list).unwrap_or_default() {
        let plan = addon.text_of("plan").or_else(|| addon.text()).unwrap_or("");
        let Some((word, kind, technology)) = ADDONS.iter().find(|(w, _, _)| plan.contains(w)) else {
            continue;
        };
        let mut deployed = deployed(source, word);
        deployed.build = None;
        deployed.name = (*technology).to_owned();
        deployed.kind = Some(*kind);
        deployed.technology = Some((*technology).to_owned());
        deployed.managed = true;
        out.add(addon.line, Seen::Deployed(Box::new(deployed)));
    }
}

fn app_engine(source: &Source<'_>, out: &mut Sightings) {
    let Some(root) = yaml::document(source.text) else { return };
    // Other tools have an `app.yaml` too: App Engine's names a runtime.
    if root.text_of("runtime").is_none() || root.get("apiVersion").is_some() {
        return;
    }
    let name = root.text_of("service").filter(|s| *s != "default").unwrap_or(folder_name(source)).to_owned();
    let mut deployed = deployed(source, &name);
    let mut about = About { out, of: Some(&name) };
    for (key, node) in root.get("env_variables").map(Node::pairs).unwrap_or_default() {
        let value = about.variable(key, node.text().unwrap_or(""), node.line);
        deployed.env.push((key.clone(), value, node.line));
    }
    about.published("443", None, "served to the internet", 1);
    out.add(1, Seen::Deployed(Box::new(deployed)));
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, see};

    fn names(path: &str, text: &str) -> Vec<String> {
        let name = |s: &crate::sighting::Sighting| match &s.seen {
            Seen::Deployed(d) => Some(d.name.clone()),
            _ => None,
        };
        see(path, text).iter().filter_map(name).collect()
    }

    #[test]
    fn processes_services_and_databases() {
        assert_eq!(
            names("shop/Procfile", "web: gunicorn app\nworker: celery -A app\nrelease: migrate\n"),
            ["shop", "shop-worker"]
        );
        let render = "databases:\n  - name: db\nservices:\n  - type: web\n    name: api\n    envVars:\n      - key: DATABASE_URL\n        fromDatabase: {name: db, property: connectionString}\n      - key: JWT_SECRET\n        value: abc123xyz\n";
        assert_eq!(names("render.yaml", render), ["db", "api"]);
        assert!(
            practices(&see("render.yaml", render)).contains(&"LiteralSecret Present JWT_SECRET".to_owned())
        );
        assert_eq!(
            names(
                "fly.toml",
                "app = 'shop'\n[env]\nA = 'b'\n[http_service]\ninternal_port = 8080\nforce_https = true\n"
            ),
            ["shop"]
        );
        assert_eq!(names("app.yaml", "runtime: python39\nservice: api\n"), ["api"]);
        assert!(names("k/app.yaml", "apiVersion: v1\nkind: Pod\n").is_empty());
    }
}
