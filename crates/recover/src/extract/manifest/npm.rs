//! npm: `package.json` with workspaces.

use super::common::{self, Dependency, SEES, file_name};
use crate::extract::Extractor;
use crate::sighting::Unit;
use crate::source::{Sightings, Source};
use crate::yaml::{self, Node};

/// Reads `package.json`.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "npm", reads: |path| file_name(path) == "package.json", sees: SEES, extract };

/// The groups of dependencies, and whether they are only for development.
const GROUPS: &[(&str, bool)] = &[
    ("dependencies", false),
    ("optionalDependencies", false),
    ("peerDependencies", true),
    ("devDependencies", true),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    // JSON is YAML, tabs of indentation aside, and the reader of YAML knows lines.
    let text = source.text.replace('\t', " ");
    let Some(root) = yaml::document(&text).filter(|n| !n.pairs().is_empty()) else { return };
    let dependencies: Vec<(&str, &Node, bool)> = GROUPS
        .iter()
        .filter_map(|(group, dev)| root.get(group).map(|g| (g, *dev)))
        .flat_map(|(group, dev)| group.pairs().iter().map(move |(name, value)| (name.as_str(), value, dev)))
        .collect();
    let workspace = root.get("workspaces").is_some() || beside(source, "pnpm-workspace.yaml");
    let lerna = beside(source, "lerna.json") && dependencies.iter().all(|(_, _, dev)| *dev);
    let includes = dependencies
        .iter()
        .filter(|(_, _, dev)| !dev)
        .filter_map(|(name, value, _)| local(source, name, value));
    let unit = Unit {
        name: root.text_of("name").map(str::to_owned),
        ecosystem: "npm",
        language: Some("nodejs"),
        aggregates: workspace || lerna,
        includes: includes.collect(),
        ..Unit::default()
    };
    common::unit(out, root.get("name").map_or(1, |n| n.line), unit);
    if let Some(node) = root.at(&["engines", "node"]) {
        common::runtime(out, node.line, "nodejs", node.text().unwrap_or_default());
    }
    for (name, value, dev) in dependencies {
        let version = value.text().filter(|v| !is_local(v)).map(str::to_owned);
        let seen = Dependency {
            name: name.to_owned(),
            version,
            dev,
            locked: false,
            line: value.line,
            ..Dependency::default()
        };
        common::library(source, out, "npm", seen);
    }
}

fn beside(source: &Source<'_>, name: &str) -> bool {
    source.relative(name).is_some_and(|p| source.tree.has(&p))
}

fn is_local(version: &str) -> bool {
    ["workspace:", "file:", "link:", "portal:", "./", "../"].iter().any(|p| version.starts_with(p))
}

/// The unit of the repository a dependency stands for: a name of the workspace or a path.
fn local(source: &Source<'_>, name: &str, value: &Node) -> Option<String> {
    let version = value.text()?;
    if version.starts_with("workspace:") {
        return Some(name.to_owned());
    }
    let path = version.trim_start_matches("file:").trim_start_matches("link:").trim_start_matches("portal:");
    is_local(version).then(|| source.relative(path)).flatten()
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::{libraries, unit};
    use crate::testing::see_all;

    #[test]
    fn workspaces_gather_and_local_packages_are_included() {
        let web = "{\n\t\"name\": \"@shop/web\",\n\t\"engines\": {\"node\": \">=18\"},\n\t\"dependencies\": {\"@shop/ui\": \"workspace:*\", \"lib\": \"file:../../lib\", \"pg\": \"^8.1\"},\n\t\"devDependencies\": {\"jest\": \"29\"}\n}";
        let seen = see_all(&[
            ("package.json", "{\"private\": true, \"workspaces\": [\"apps/*\"]}"),
            ("apps/web/package.json", web),
        ]);
        assert!(unit(&seen, "package.json").aggregates);
        let web = unit(&seen, "apps/web/package.json");
        assert_eq!(web.includes, ["@shop/ui", "lib"]);
        assert_eq!(libraries(&seen), ["@shop/ui -", "lib -", "pg ^8.1", "jest 29 dev"]);
        assert!(format!("{seen:?}").contains("runtime.nodejs"));
    }
}
