//! Settings of Spring (and of Quarkus and Micronaut, which share the files): `application*` and `bootstrap*` in YAML
//! or properties, and the files a config server hands out.

mod practices;
mod reaches;
mod routes;

use crate::extract::Extractor;
use crate::sighting::{Name, NameSource, Seen, Setting};
use crate::source::{Sightings, Source};
use crate::yaml;

pub(crate) use reaches::STREAM_BROKER;

/// Settings, and what they say about others.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "spring-settings", reads, sees: practices::SEES, extract };

/// Most lines of a properties file.
const LINES: usize = 20_000;

/// A document of settings.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Whom it is for, when it is not the unit of the file: an application, `*` for all.
    pub(crate) of: Option<String>,
    /// The profile it is for.
    pub(crate) profile: Option<String>,
    /// Key as written and flattened, key for comparing, value, line.
    pub(crate) entries: Vec<Entry>,
}

/// A value of a document.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The key, flattened, as written.
    pub(crate) key: String,
    /// Lower case, without `-` and `_`, as relaxed binding compares.
    pub(crate) plain: String,
    /// The value.
    pub(crate) value: String,
    /// Line.
    pub(crate) line: usize,
}

impl Document {
    /// The entry of a key, in the form for comparing.
    pub(crate) fn entry(&self, plain: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.plain == plain)
    }

    /// The value of a key.
    pub(crate) fn value(&self, plain: &str) -> Option<&str> {
        self.entry(plain).map(|e| e.value.trim()).filter(|v| !v.is_empty())
    }

    /// Whether a key says no.
    pub(crate) fn denies(&self, plain: &str) -> bool {
        self.value(plain).is_some_and(|v| v.eq_ignore_ascii_case("false"))
    }

    /// Whether it is only for the machine of a developer or for tests.
    pub(crate) fn is_test(&self) -> bool {
        self.profile.as_deref().is_some_and(|p| matches!(p, "test" | "it" | "integration-test" | "unittest"))
    }
}

/// A key for comparing.
pub(crate) fn plain(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect()
}

/// Whether a key matches a pattern: `*` stands for one segment, `[*]` for a position of a list.
pub(crate) fn matches(key: &str, pattern: &str) -> bool {
    let (mut key, mut pattern) = (key.split('.'), pattern.split('.'));
    loop {
        match (key.next(), pattern.next()) {
            (None, None) => return true,
            (Some(k), Some(p)) => {
                let bare = k.split('[').next().unwrap_or(k);
                if p != "*" && bare != p {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    if !matches!(extension, "yml" | "yaml" | "properties") {
        return false;
    }
    let skipped = [
        "docker-compose",
        "compose",
        "values",
        "messages",
        "gradle",
        "log4j",
        "chart",
        "pom",
        "kustomization",
    ];
    is_spring_name(stem)
        || !(skipped.iter().any(|s| stem.to_ascii_lowercase().starts_with(s)) || path.starts_with(".github/"))
}

fn is_spring_name(stem: &str) -> bool {
    ["application", "bootstrap"]
        .iter()
        .any(|n| stem.strip_prefix(n).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.is_test() && !source.path.contains("src/main/") || source.path.contains("src/test/") {
        return;
    }
    let Some((stem, extension)) = source.name().rsplit_once('.') else { return };
    let mut documents =
        if extension == "properties" { properties(source.text) } else { yaml_documents(source.text) };
    let Some(place) = place(source, stem, &documents) else { return };
    for document in &mut documents {
        document.of.clone_from(&place.of);
        let inside = ["spring.profiles", "spring.config.activate.onprofile"].iter().find_map(|k| {
            document
                .entries
                .iter()
                .find(|e| e.plain == *k || e.plain.starts_with(&format!("{k}[")))
                .map(|e| e.value.clone())
        });
        document.profile = inside.or_else(|| place.profile.clone()).filter(|p| p != "default");
    }
    let mut names: Vec<&str> = Vec::new();
    for document in &documents {
        settings(document, out);
        if place.of.is_none() {
            name(document, &mut names, out);
        }
        if document.is_test() {
            continue;
        }
        practices::practices(document, out);
    }
    reaches::reaches(&documents, out);
    routes::routes(&documents, out);
}

fn settings(document: &Document, out: &mut Sightings) {
    for entry in &document.entries {
        let setting = Setting {
            of: document.of.clone(),
            profile: document.profile.clone(),
            key: entry.key.clone(),
            value: crate::secret::hidden(&entry.key, &entry.value),
        };
        out.add(entry.line, Seen::Setting(setting));
    }
}

fn name<'d>(document: &'d Document, names: &mut Vec<&'d str>, out: &mut Sightings) {
    for key in [
        "spring.application.name",
        "quarkus.application.name",
        "micronaut.application.name",
        "dubbo.application.name",
    ] {
        let Some(entry) = document.entry(key) else { continue };
        let value = entry.value.trim();
        // A name taken from the build is known to the manifest.
        if value.is_empty() || value.starts_with('@') || names.contains(&value) {
            continue;
        }
        names.push(value);
        let name = Name { name: value.to_owned(), source: NameSource::Application };
        out.add(entry.line, Seen::Name(name));
        return;
    }
}

/// Whose settings a file holds.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    of: Option<String>,
    profile: Option<String>,
}

/// Keys that only settings of Spring begin with.
const SPRING: &[&str] = &[
    "spring.",
    "server.port",
    "server.servlet.",
    "server.contextpath",
    "eureka.",
    "zuul.",
    "ribbon.",
    "hystrix.",
    "management.",
    "feign.",
    "security.oauth2.",
    "turbine.",
];

/// Folders whose files a config server hands out, by parts of their names.
const SERVED: &[&str] = &[
    "config-repo",
    "configrepo",
    "config-data",
    "configdata",
    "shared",
    "configuration",
    "configurations",
    "config-files",
    "configs",
    "cloud-config",
    "config-repository",
    "properties",
    "repo",
];

/// Whose settings they are; nothing when they are no settings of Spring.
fn place(source: &Source<'_>, stem: &str, documents: &[Document]) -> Option<Place> {
    let folder = source.folder();
    let last = folder.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    let in_resources = last == "resources";
    if is_spring_name(stem) {
        let profile = stem.split_once('-').map(|(_, p)| p.to_owned());
        let of = if in_resources || is_unit(source, folder) { None } else { shared(source, folder, &last) };
        return Some(Place { of, profile });
    }
    let is_spring =
        documents.iter().flat_map(|d| &d.entries).any(|e| SPRING.iter().any(|s| e.plain.starts_with(s)));
    let chart = ["Chart.yaml", "Chart.yml"].iter().any(|c| source.tree.has(&within(folder, c)));
    let manifest = documents.iter().any(|d| d.entry("apiversion").is_some() && d.entry("kind").is_some());
    if !is_spring || chart || manifest {
        return None;
    }
    let has = |key: &str| documents.iter().any(|d| d.entry(key).is_some());
    if in_resources && !(has("server.port") || has("spring.application.name")) {
        // Imported by the application itself.
        return Some(Place::default());
    }
    let (application, profile) = split_profile(source, folder, stem);
    Some(Place { of: Some(application), profile })
}

fn within(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn is_unit(source: &Source<'_>, folder: &str) -> bool {
    ["pom.xml", "build.gradle", "build.gradle.kts"].iter().any(|m| source.tree.has(&within(folder, m)))
}

/// For an `application.yml` outside of the usual places: `*` in a folder a config server hands out, the folder's
/// name when there is a folder for each application, nothing when it is the unit's own.
fn shared(source: &Source<'_>, folder: &str, last: &str) -> Option<String> {
    let served = |name: &str| SERVED.contains(&name) || name.ends_with("-config") && name != "spring-config";
    if served(last) || has_siblings(source, folder) {
        return Some("*".to_owned());
    }
    let mut up = folder.rsplit('/').skip(1);
    let above = up.next().unwrap_or("").to_ascii_lowercase();
    if served(&above) && !last.is_empty() {
        return folder.rsplit('/').next().map(str::to_owned);
    }
    None
}

/// Whether a folder holds settings of several applications.
fn has_siblings(source: &Source<'_>, folder: &str) -> bool {
    let names = source.tree.directly_in(folder).filter_map(|f| f.path.rsplit('/').next());
    let mut others = names.filter_map(|n| n.rsplit_once('.')).filter(|(stem, ext)| {
        matches!(*ext, "yml" | "yaml" | "properties")
            && !is_spring_name(stem)
            && !["messages", "log4j", "logback", "docker-compose", "banner", "gradle", "import"]
                .iter()
                .any(|s| stem.starts_with(s))
    });
    folder.contains("config") && others.next().is_some()
}

/// Usual names of profiles.
const PROFILES: &[&str] = &[
    "dev",
    "development",
    "docker",
    "prod",
    "production",
    "test",
    "local",
    "native",
    "default",
    "staging",
    "stage",
    "qa",
    "uat",
    "k8s",
    "kubernetes",
    "cloud",
    "aws",
    "azure",
    "gcp",
    "heroku",
    "container",
    "compose",
    "swarm",
    "sit",
    "it",
    "int",
    "integration",
    "ci",
    "standalone",
    "openshift",
    "cf",
    "mysql",
    "h2",
    "hsqldb",
    "postgres",
];

/// `orders-docker` is the application `orders` and the profile `docker`.
fn split_profile(source: &Source<'_>, folder: &str, stem: &str) -> (String, Option<String>) {
    let mut from = stem.len();
    while let Some(at) = stem.get(..from).and_then(|s| s.rfind('-')) {
        let (application, profile) = (&stem[..at], &stem[at + 1..]);
        let sibling = ["yml", "yaml", "properties"]
            .iter()
            .any(|e| source.tree.has(&within(folder, &format!("{application}.{e}"))));
        if sibling || PROFILES.contains(&profile.to_ascii_lowercase().as_str()) {
            return (application.to_owned(), Some(profile.to_owned()));
        }
        from = at;
    }
    (stem.to_owned(), None)
}

/// Most entries of one document: each is compared with all others.
const ENTRIES: usize = 5000;

fn yaml_documents(text: &str) -> Vec<Document> {
    // Placeholders of the build would break the file off: `@project.name@`.
    let text = text.replace(": @", ": ~@");
    let (nodes, _) = yaml::documents(&text);
    nodes
        .iter()
        .map(|node| Document {
            entries: node
                .flat()
                .into_iter()
                .take(ENTRIES)
                .map(|(key, value, line)| entry(key, value.trim_start_matches("~@").to_owned(), line))
                .collect(),
            ..Document::default()
        })
        .collect()
}

fn entry(key: String, value: String, line: usize) -> Entry {
    Entry { plain: plain(&key), key, value, line }
}

/// Reads a properties file: comments, continued lines, documents separated by `#---`.
fn properties(text: &str) -> Vec<Document> {
    let mut documents = vec![Document::default()];
    let mut lines = text.lines().enumerate().take(LINES);
    while let Some((at, line)) = lines.next() {
        let trimmed = line.trim_start();
        if matches!(trimmed.trim_end(), "#---" | "!---") {
            documents.push(Document::default());
            continue;
        }
        if trimmed.is_empty() || trimmed.starts_with(['#', '!']) {
            continue;
        }
        let mut whole = trimmed.to_owned();
        while whole.ends_with('\\') && !whole.ends_with("\\\\") {
            whole.pop();
            let Some((_, next)) = lines.next() else { break };
            whole.push_str(next.trim_start());
        }
        let end = whole.find(['=', ':']).or_else(|| whole.find(char::is_whitespace)).unwrap_or(whole.len());
        let (key, rest) = whole.split_at(end);
        let value = rest.trim_start_matches(['=', ':', ' ', '\t']).trim();
        if let Some(document) = documents.last_mut().filter(|d| d.entries.len() < ENTRIES) {
            document.entries.push(entry(key.trim().to_owned(), value.to_owned(), at + 1));
        }
    }
    documents
}

#[cfg(test)]
mod tests {
    use crate::sighting::{Seen, Sighting};
    use crate::testing::{reaches, see, see_all};

    fn settings(seen: &[Sighting]) -> Vec<String> {
        let one = |s: &Sighting| match &s.seen {
            Seen::Setting(s) => Some(format!(
                "{}/{} {}={}",
                s.of.as_deref().unwrap_or("-"),
                s.profile.as_deref().unwrap_or("-"),
                s.key,
                s.value
            )),
            _ => None,
        };
        seen.iter().filter_map(one).collect()
    }

    #[test]
    fn documents_profiles_and_secrets() {
        let text = "spring:\n  application.name: shop\n  datasource: {url: 'jdbc:mysql://db/shop', password: geheim7}\n---\nspring:\n  profiles: docker\nserver.port: 80\n";
        let seen = see("shop/src/main/resources/application.yml", text);
        assert_eq!(
            settings(&seen),
            [
                "-/- spring.application.name=shop",
                "-/- spring.datasource.url=jdbc:mysql://db/shop",
                "-/- spring.datasource.password=***",
                "-/docker spring.profiles=docker",
                "-/docker server.port=80",
            ]
        );
        assert!(seen.iter().any(|s| matches!(&s.seen, Seen::Name(n) if n.name == "shop")));
        assert_eq!(reaches(&seen), ["Data jdbc:mysql://db/shop"]);
    }

    #[test]
    fn files_of_a_config_server_are_for_others() {
        let port = "server.port=81\n";
        let seen = see_all(&[
            ("cfg/src/main/resources/config/orders.properties", port),
            ("cfg/src/main/resources/config/orders-blue.properties", port),
            ("cfg/src/main/resources/config/stock-docker.yml", "server: {port: 82}"),
            (
                "cfg/src/main/resources/config/application.yml",
                "eureka.client.serviceUrl.defaultZone: http://reg:1/eureka",
            ),
            ("cfg/src/main/resources/application.yml", "server.port: 8888"),
            ("orders/config/application.yml", "a: b"),
            ("values/values.yaml", "spring.x: y"),
        ]);
        assert_eq!(
            settings(&seen),
            [
                "-/- server.port=8888",
                "*/- eureka.client.serviceUrl.defaultZone=http://reg:1/eureka",
                "orders/blue server.port=81",
                "orders/- server.port=81",
                "stock/docker server.port=82",
                "-/- a=b",
            ]
        );
    }
}
