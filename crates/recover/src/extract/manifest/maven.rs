//! Maven: `pom.xml` with the parents that stand in the repository.

use std::collections::BTreeMap;

use super::common::{self, Dependency, SEES, file_name, folder_of};
use crate::extract::Extractor;
use crate::sighting::Unit;
use crate::source::{Sightings, Source, join};
use crate::template;
use crate::xml::{self, Element};

/// Reads `pom.xml`.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "maven", reads: |path| file_name(path) == "pom.xml", sees: SEES, extract };

/// Most parents that are followed.
const PARENTS: usize = 8;

/// The group whose versions the parent of Spring Boot manages.
const BOOT: &str = "org.springframework.boot";

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let Some(project) = xml::document(source.text).filter(|e| e.name == "project") else { return };
    let parents = parents(source, &project);
    let properties = properties(&project, &parents);
    let project = Project { poms: std::iter::once(&project).chain(&parents).collect(), properties };
    project.unit(source, out);
    project.runtime(out);
    project.libraries(source, out);
}

/// The parents of a project that stand in the repository, the nearest first.
fn parents(source: &Source<'_>, project: &Element) -> Vec<Element> {
    let mut found: Vec<Element> = Vec::new();
    let mut folder = source.folder().to_owned();
    let mut next = project.get("parent").cloned();
    while let Some(parent) = next {
        if found.len() >= PARENTS {
            break;
        }
        let Some(path) = parent_path(source, &folder, &parent) else { break };
        let Some(pom) = source.read(&path).and_then(|t| xml::document(&t)) else { break };
        if pom.text_of("artifactId") != parent.text_of("artifactId") {
            break;
        }
        folder = folder_of(&path).to_owned();
        next = pom.get("parent").cloned();
        found.push(pom);
    }
    found
}

fn parent_path(source: &Source<'_>, folder: &str, parent: &Element) -> Option<String> {
    let relative = match parent.get("relativePath") {
        Some(element) if element.text.is_empty() => return None,
        Some(element) => element.text.as_str(),
        None => "../pom.xml",
    };
    let path = join(folder, relative)?;
    if source.tree.has(&path) { Some(path) } else { join(&path, "pom.xml").filter(|p| source.tree.has(p)) }
}

/// Properties, those of the project before those of its parents.
fn properties(project: &Element, parents: &[Element]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for pom in std::iter::once(project).chain(parents) {
        for property in pom.get("properties").map(|p| p.children.as_slice()).unwrap_or_default() {
            found.entry(property.name.clone()).or_insert_with(|| property.text.clone());
        }
    }
    let own = |name: &str| {
        let inherited = project.at(&["parent", name]).map(|e| e.text.clone());
        project.text_of(name).map(str::to_owned).or(inherited)
    };
    for name in ["groupId", "version", "artifactId"] {
        if let Some(value) = own(name) {
            found.insert(format!("project.{name}"), value.clone());
            found.insert(format!("pom.{name}"), value);
        }
    }
    for name in ["groupId", "version"] {
        if let Some(value) = project.at(&["parent", name]) {
            found.insert(format!("project.parent.{name}"), value.text.clone());
        }
    }
    found
}

/// A project with what it inherits.
struct Project<'a> {
    /// The project itself, then its parents.
    poms: Vec<&'a Element>,
    properties: BTreeMap<String, String>,
}

impl Project<'_> {
    fn resolved(&self, text: &str) -> String {
        template::resolve(text, &|key| self.properties.get(key).cloned())
    }

    fn own(&self) -> Option<&Element> {
        self.poms.first().copied()
    }

    fn unit(&self, source: &Source<'_>, out: &mut Sightings) {
        let Some(own) = self.own() else { return };
        let name = own.text_of("artifactId").map(|n| self.resolved(n));
        let aggregates = own.get("modules").is_some() || own.text_of("packaging") == Some("pom");
        let kotlin = source.tree.has_folder(&joined(source, "src/main/kotlin"));
        let language = if kotlin { "kotlin" } else { "java" };
        let unit = Unit {
            name,
            ecosystem: "maven",
            language: Some(language).filter(|_| !aggregates),
            aggregates,
            includes: self.includes(own),
            ..Unit::default()
        };
        common::unit(out, own.get("artifactId").map_or(1, |a| a.line), unit);
    }

    /// Artifacts of the same repository: those of the own group and the modules of the parents.
    fn includes(&self, own: &Element) -> Vec<String> {
        let group = self.properties.get("project.groupId");
        let modules: Vec<&str> = self
            .poms
            .iter()
            .filter_map(|p| p.get("modules"))
            .flat_map(|m| m.all("module"))
            .map(|m| file_name(m.text.trim_end_matches('/')))
            .collect();
        let mut found = Vec::new();
        for dependency in own.get("dependencies").iter().flat_map(|d| d.all("dependency")) {
            let artifact = dependency.text_of("artifactId").map(|a| self.resolved(a)).unwrap_or_default();
            let same = dependency.text_of("groupId").map(|g| self.resolved(g)).as_ref() == group;
            if !artifact.is_empty() && (same || modules.contains(&artifact.as_str())) {
                found.push(artifact);
            }
        }
        found
    }

    fn runtime(&self, out: &mut Sightings) {
        let keys =
            ["maven.compiler.release", "java.version", "maven.compiler.source", "maven.compiler.target"];
        let Some(value) = keys.iter().find_map(|k| self.properties.get(*k)) else { return };
        let own = self.own().and_then(|p| p.get("properties"));
        let line = own
            .and_then(|p| p.children.iter().find(|c| keys.contains(&c.name.as_str())))
            .or_else(|| self.own().and_then(|p| p.get("parent")))
            .map_or(1, |e| e.line);
        common::runtime(out, line, "java", &self.resolved(value));
    }

    /// Version of the nearest parent of Spring Boot.
    fn boot(&self) -> Option<String> {
        let parent =
            self.poms.iter().filter_map(|p| p.get("parent")).find(|p| p.text_of("groupId") == Some(BOOT));
        let imported = || self.managed(BOOT, "spring-boot-dependencies");
        parent.and_then(|p| p.text_of("version")).map(|v| self.resolved(v)).or_else(imported)
    }

    /// The version that dependency management gives an artifact.
    fn managed(&self, group: &str, artifact: &str) -> Option<String> {
        self.poms
            .iter()
            .filter_map(|p| p.at(&["dependencyManagement", "dependencies"]))
            .flat_map(|d| d.all("dependency"))
            .find(|d| {
                d.text_of("groupId").map(|g| self.resolved(g)).as_deref() == Some(group)
                    && d.text_of("artifactId") == Some(artifact)
            })
            .and_then(|d| d.text_of("version"))
            .map(|v| self.resolved(v))
    }

    fn libraries(&self, source: &Source<'_>, out: &mut Sightings) {
        let boot = self.boot();
        let mut seen = std::collections::BTreeSet::new();
        for (i, pom) in self.poms.iter().enumerate() {
            // What a parent says stands, for this project, at the line that names the parent.
            let line_of = |line: usize| match i {
                0 => line,
                _ => self.own().and_then(|p| p.get("parent")).map_or(1, |p| p.line),
            };
            let boms = pom
                .at(&["dependencyManagement", "dependencies"])
                .into_iter()
                .flat_map(|d| d.all("dependency"))
                .filter(|d| d.text_of("scope") == Some("import"));
            let parent = pom.get("parent").filter(|p| p.text_of("groupId") == Some(BOOT));
            let own = pom.get("dependencies").into_iter().flat_map(|d| d.all("dependency"));
            for element in parent.into_iter().chain(boms).chain(own) {
                let Some(mut found) = self.dependency(element, boot.as_deref()) else { continue };
                found.line = line_of(found.line);
                if seen.insert(found.name.clone()) {
                    common::library(source, out, "maven", found);
                }
            }
        }
    }

    fn dependency(&self, element: &Element, boot: Option<&str>) -> Option<Dependency> {
        let group = self.resolved(element.text_of("groupId")?);
        let artifact = self.resolved(element.text_of("artifactId")?);
        let version = element.text_of("version").map(|v| self.resolved(v));
        let version = version
            .or_else(|| self.managed(&group, &artifact))
            .or_else(|| boot.filter(|_| group == BOOT).map(str::to_owned));
        let dev = element.text_of("scope") == Some("test");
        let name = format!("{group}:{artifact}");
        Some(Dependency { name, version, dev, locked: false, line: element.line, ..Dependency::default() })
    }
}

fn joined(source: &Source<'_>, path: &str) -> String {
    source.relative(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::{libraries, unit};
    use crate::testing::see_all;

    const PARENT: &str = "<project><groupId>shop</groupId><artifactId>all</artifactId><version>1</version>
        <packaging>pom</packaging><modules><module>orders</module><module>common</module></modules>
        <parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>
        <version>2.7.1</version><relativePath/></parent>
        <properties><cloud>2021.0.3</cloud><java.version>11</java.version></properties>
        <dependencyManagement><dependencies><dependency><groupId>org.springframework.cloud</groupId>
        <artifactId>spring-cloud-dependencies</artifactId><version>${cloud}</version><type>pom</type>
        <scope>import</scope></dependency>
        <dependency><groupId>org.json</groupId><artifactId>json</artifactId><version>9</version></dependency>
        </dependencies></dependencyManagement></project>";
    const CHILD: &str = "<project>\n<parent><groupId>shop</groupId><artifactId>all</artifactId><version>1</version></parent>
        <artifactId>orders</artifactId><dependencies>
        <dependency><groupId>${project.groupId}</groupId><artifactId>common</artifactId></dependency>
        <dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-web</artifactId></dependency>
        <dependency><groupId>org.json</groupId><artifactId>json</artifactId></dependency>
        <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4</version><scope>test</scope></dependency>
        </dependencies></project>";

    #[test]
    fn a_module_takes_versions_from_its_parent() {
        let seen = see_all(&[("pom.xml", PARENT), ("orders/pom.xml", CHILD), ("orders/src/A.java", "")]);
        assert!(unit(&seen, "pom.xml").aggregates);
        let orders = unit(&seen, "orders/pom.xml");
        assert_eq!((orders.name.as_deref(), orders.language), (Some("orders"), Some("java")));
        assert_eq!(orders.includes, ["common"]);
        let of_child: Vec<_> = seen.into_iter().filter(|s| s.place.path == "orders/pom.xml").collect();
        assert_eq!(
            libraries(&of_child),
            [
                "shop:common -",
                "org.springframework.boot:spring-boot-starter-web 2.7.1",
                "org.json:json 9",
                "junit:junit 4 dev",
                "org.springframework.boot:spring-boot-starter-parent 2.7.1",
                "org.springframework.cloud:spring-cloud-dependencies 2021.0.3",
            ]
        );
    }
}
