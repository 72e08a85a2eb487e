//! Cargo: `Cargo.toml` with workspaces.

use super::common::{self, Dependency, SEES, file_name, folder_of};
use crate::extract::Extractor;
use crate::sighting::Unit;
use crate::source::{Sightings, Source, join};
use crate::toml_tree::{Document, Item};

/// Reads `Cargo.toml`.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "cargo", reads: |path| file_name(path) == "Cargo.toml", sees: SEES, extract };

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let document = Document::read(source.text);
    let root = document.root();
    let package = root.get("package");
    let mut unit = Unit {
        name: package.and_then(|p| p.text_of("name")).map(str::to_owned),
        ecosystem: "cargo",
        language: Some("rust"),
        aggregates: package.is_none(),
        includes: Vec::new(),
        ..Unit::default()
    };
    let line = package.and_then(|p| p.get("name")).map_or(1, Item::line);
    let workspace = workspace_of(source, &root);
    let shared = workspace.as_ref().map(|(folder, text)| (folder.as_str(), Document::read(text)));
    if let Some(version) = package.and_then(|p| p.get("rust-version")) {
        common::runtime(out, version.line(), "rust", version.text().unwrap_or_default());
    }
    for (table, dev) in tables(root) {
        for (key, item) in table.pairs() {
            let from = shared.as_ref().filter(|_| item.get("workspace").is_some_and(Item::is_true));
            let told = from
                .and_then(|(_, d)| d.root().at(&["workspace", "dependencies"]).and_then(|t| t.get(key)))
                .map_or(Told::of(item), Told::of);
            let folder = from.map_or(source.folder(), |(folder, _)| *folder);
            if let Some(path) = told.path {
                unit.includes.extend(join(folder, path).filter(|_| !dev));
                continue;
            }
            let name = told.package.unwrap_or(key).to_owned();
            let version = told.version.map(str::to_owned);
            let seen =
                Dependency { name, version, dev, locked: false, line: item.line(), ..Dependency::default() };
            common::library(source, out, "cargo", seen);
        }
    }
    common::unit(out, line, unit);
}

/// The tables of dependencies, also those of a target, and whether they are only for development.
fn tables<'a, 'i>(root: Item<'a, 'i>) -> Vec<(Item<'a, 'i>, bool)> {
    let targets = root.get("target").map(Item::pairs).unwrap_or_default();
    let mut found = Vec::new();
    for place in std::iter::once(root).chain(targets.into_iter().map(|(_, t)| t)) {
        for (name, dev) in [("dependencies", false), ("dev-dependencies", true), ("build-dependencies", true)]
        {
            found.extend(place.get(name).map(|t| (t, dev)));
        }
    }
    found
}

/// What a dependency's value tells.
struct Told<'a> {
    version: Option<&'a str>,
    path: Option<&'a str>,
    package: Option<&'a str>,
}

impl<'a> Told<'a> {
    fn of(item: Item<'a, '_>) -> Self {
        Self {
            version: item.text().or_else(|| item.text_of("version")),
            path: item.text_of("path"),
            package: item.text_of("package"),
        }
    }
}

/// The folder and text of the workspace's root, when a dependency is taken from it.
fn workspace_of(source: &Source<'_>, root: &Item<'_, '_>) -> Option<(String, String)> {
    if !source.text.contains("workspace") || root.get("workspace").is_some() {
        return root.get("workspace").map(|_| (source.folder().to_owned(), source.text.to_owned()));
    }
    let mut folder = source.folder();
    while !folder.is_empty() {
        folder = folder_of(folder);
        let text = join(folder, "Cargo.toml").and_then(|p| source.read(&p));
        if let Some(text) = text.filter(|t| t.contains("[workspace")) {
            return Some((folder.to_owned(), text));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::{libraries, unit};
    use crate::testing::see_all;

    #[test]
    fn versions_and_paths_come_from_the_workspace() {
        let seen = see_all(&[
            (
                "Cargo.toml",
                "[workspace]\nmembers = ['api', 'core']\n[workspace.dependencies]\nsqlx = { version = '0.8' }\ncore = { path = 'core' }\n",
            ),
            (
                "api/Cargo.toml",
                "[package]\nname = 'api'\n[dependencies]\nsqlx.workspace = true\ncore = { workspace = true }\naxum = '0.7'\n[dev-dependencies]\ninsta = '1'\n",
            ),
        ]);
        assert!(unit(&seen, "Cargo.toml").aggregates);
        assert_eq!(unit(&seen, "api/Cargo.toml").includes, ["core"]);
        assert_eq!(libraries(&seen), ["sqlx 0.8", "axum 0.7", "insta 1 dev"]);
    }
}
