//! Python: requirements, `pyproject.toml`, `Pipfile`, `setup.cfg` and `setup.py`, read without running anything.

use std::sync::LazyLock;

use regex::Regex;

use super::common::{self, Dependency, SEES, file_name};
use crate::extract::Extractor;
use crate::sighting::Unit;
use crate::source::{Sightings, Source};
use crate::toml_tree::{Document, Item};

/// Reads the manifests of Python.
pub(super) const EXTRACTOR: Extractor = Extractor { id: "pypi", reads, sees: SEES, extract };

fn reads(path: &str) -> bool {
    let name = file_name(path);
    matches!(name, "pyproject.toml" | "Pipfile" | "setup.cfg" | "setup.py") || is_requirements(path)
}

fn is_requirements(path: &str) -> bool {
    let name = file_name(path);
    let in_folder = path.rsplit('/').nth(1) == Some("requirements");
    (name.contains("requirements") || in_folder)
        && (name.ends_with(".txt") || name.ends_with(".in") || name.ends_with(".pip"))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    match source.name() {
        "pyproject.toml" => pyproject(source, out),
        "Pipfile" => pipfile(source, out),
        "setup.cfg" => setup_cfg(source, out),
        "setup.py" => setup_py(source, out),
        _ => requirements(source, out),
    }
}

/// A requirement such as `requests[socks]>=2.0 ; python_version > "3"`.
static REQUIREMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*([A-Za-z0-9][\w.\-]*)\s*(?:\[[^\]]*\])?\s*(?:\(?\s*((?:===|==|~=|!=|>=|<=|>|<|\^)\s*[^;#\s),]+(?:\s*,\s*[<>=!~]+\s*[^;#\s),]+)*))?")
        .expect("a constant pattern")
});

/// Name and version of a requirement; an exact version without its operator.
fn requirement(text: &str) -> Option<(String, Option<String>)> {
    if let Some((name, _)) = text.split_once(" @ ") {
        return REQUIREMENT.captures(name).and_then(|c| c.get(1)).map(|m| (m.as_str().to_owned(), None));
    }
    let found = REQUIREMENT.captures(text)?;
    let version =
        found.get(2).map(|v| v.as_str().trim().trim_start_matches("==").trim_start_matches('=').to_owned());
    Some((found.get(1)?.as_str().to_owned(), version))
}

fn add(source: &Source<'_>, out: &mut Sightings, line: usize, text: &str, dev: bool) {
    if let Some((name, version)) = requirement(text) {
        let locked = is_compiled(source);
        let seen = Dependency { name, version, dev, locked, line, ..Dependency::default() };
        common::library(source, out, "pypi", seen);
    }
}

/// Whether requirements were written by a tool from others: then they are a lock file.
fn is_compiled(source: &Source<'_>) -> bool {
    let input = || source.path.strip_suffix(".txt").map(|stem| format!("{stem}.in"));
    source.name().ends_with(".txt") && input().is_some_and(|p| source.tree.has(&p))
}

fn unit(out: &mut Sightings, line: usize, name: Option<&str>, includes: Vec<String>, aggregates: bool) {
    let name = name.map(str::to_owned);
    common::unit(
        out,
        line,
        Unit { name, ecosystem: "pypi", language: Some("python"), aggregates, includes, ..Unit::default() },
    );
}

fn requirements(source: &Source<'_>, out: &mut Sightings) {
    let lower = source.name().to_ascii_lowercase();
    let dev = ["dev", "test", "lint", "docs", "local", "ci", "build"]
        .iter()
        .any(|w| lower.split(['-', '_', '.']).any(|part| part == *w));
    let mut includes = Vec::new();
    for (i, raw) in source.text.lines().enumerate() {
        let line = raw.trim();
        if let Some(path) =
            line.strip_prefix("-e ").or(Some(line).filter(|l| l.starts_with("./") || l.starts_with("../")))
        {
            let path = path.trim().split(['[', '#', ' ']).next().unwrap_or("");
            if path.starts_with('.') && path != "." {
                includes.extend(source.relative(path));
            }
        } else if !line.is_empty() && !line.starts_with(['#', '-']) && !line.contains("://") {
            add(source, out, i + 1, line, dev);
        }
    }
    // The folder of requirements is no unit of its own; the folder above it is told by its code or manifest.
    let plain = lower.starts_with("requirements")
        && !dev
        && source.folder().rsplit('/').next() != Some("requirements");
    if plain {
        unit(out, 1, None, includes, false);
    }
}

fn pyproject(source: &Source<'_>, out: &mut Sightings) {
    let document = Document::read(source.text);
    let root = document.root();
    let project = root.get("project");
    let poetry = root.at(&["tool", "poetry"]);
    if project.is_none() && poetry.is_none() {
        return;
    }
    let name = project.and_then(|p| p.get("name")).or_else(|| poetry.and_then(|p| p.get("name")));
    let sources = root.at(&["tool", "uv", "sources"]).map(Item::pairs).unwrap_or_default();
    let mut includes: Vec<String> = Vec::new();
    for (key, item) in sources {
        includes.extend(item.text_of("path").and_then(|p| source.relative(p)));
        includes.extend(item.get("workspace").filter(|w| w.is_true()).map(|_| key.to_owned()));
    }
    if let Some(project) = project {
        standard(source, out, project);
    }
    for (group, items) in root.get("dependency-groups").map(Item::pairs).unwrap_or_default() {
        items.list().into_iter().filter_map(|i| Some((i.line(), i.text()?))).for_each(|(line, text)| {
            add(source, out, line, text, group != "main");
        });
    }
    if let Some(poetry) = poetry {
        includes.extend(of_poetry(source, out, poetry));
    }
    let members = root.at(&["tool", "uv", "workspace", "members"]).is_some();
    unit(out, name.map_or(1, Item::line), name.and_then(Item::text), includes, members);
}

/// What the standard table `project` says.
fn standard(source: &Source<'_>, out: &mut Sightings, project: Item<'_, '_>) {
    if let Some(python) = project.get("requires-python") {
        common::runtime(out, python.line(), "python", python.text().unwrap_or_default());
    }
    for item in project.get("dependencies").map(Item::list).unwrap_or_default() {
        add(source, out, item.line(), item.text().unwrap_or_default(), false);
    }
    for (group, items) in project.get("optional-dependencies").map(Item::pairs).unwrap_or_default() {
        let dev = ["dev", "test", "tests", "docs", "lint"].contains(&group);
        for item in items.list() {
            add(source, out, item.line(), item.text().unwrap_or_default(), dev);
        }
    }
}

/// What Poetry's table says; returns the units of the repository it depends on.
fn of_poetry(source: &Source<'_>, out: &mut Sightings, poetry: Item<'_, '_>) -> Vec<String> {
    let mut tables = Vec::new();
    tables.extend(poetry.get("dependencies").map(|t| (t, false)));
    tables.extend(poetry.get("dev-dependencies").map(|t| (t, true)));
    for (group, table) in poetry.get("group").map(Item::pairs).unwrap_or_default() {
        tables.extend(table.get("dependencies").map(|t| (t, group != "main")));
    }
    tables.into_iter().flat_map(|(table, dev)| by_name(source, out, table, dev)).collect()
}

/// A table of names and versions, as in Poetry and Pipenv; returns local paths.
fn by_name(source: &Source<'_>, out: &mut Sightings, table: Item<'_, '_>, dev: bool) -> Vec<String> {
    let mut includes = Vec::new();
    for (name, item) in table.pairs() {
        let version = item.text().or_else(|| item.text_of("version"));
        if name == "python" {
            common::runtime(out, item.line(), "python", version.unwrap_or_default());
        } else if let Some(path) = item.text_of("path") {
            includes.extend(source.relative(path));
        } else {
            let version = version.map(|v| v.trim_start_matches("==").to_owned());
            let seen = Dependency {
                name: name.to_owned(),
                version,
                dev,
                locked: false,
                line: item.line(),
                ..Dependency::default()
            };
            common::library(source, out, "pypi", seen);
        }
    }
    includes
}

fn pipfile(source: &Source<'_>, out: &mut Sightings) {
    let document = Document::read(source.text);
    let root = document.root();
    let mut includes = Vec::new();
    for (name, dev) in [("packages", false), ("dev-packages", true)] {
        if let Some(table) = root.get(name) {
            includes.extend(by_name(source, out, table, dev));
        }
    }
    if let Some(python) = root.at(&["requires", "python_version"]) {
        common::runtime(out, python.line(), "python", python.text().unwrap_or_default());
    }
    unit(out, 1, None, includes, false);
}

fn setup_cfg(source: &Source<'_>, out: &mut Sightings) {
    let mut section = "";
    let mut key = "";
    let mut name: Option<(usize, &str)> = None;
    for (i, raw) in source.text.lines().enumerate() {
        let line = raw.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(title) = line.strip_prefix('[') {
            section = title.trim_end_matches(']');
            key = "";
            continue;
        }
        let indented = raw.starts_with([' ', '\t']);
        let value = match line.split_once('=') {
            Some((k, v)) if !indented => {
                key = k.trim();
                v.trim()
            }
            _ => line,
        };
        match (section, key) {
            ("metadata", "name") => name = Some((i + 1, value)),
            ("options", "install_requires") if !value.is_empty() => add(source, out, i + 1, value, false),
            ("options", "python_requires") => common::runtime(out, i + 1, "python", value),
            ("options.extras_require", _) if indented => add(source, out, i + 1, value, true),
            _ => {}
        }
    }
    if let Some((line, name)) = name {
        unit(out, line, Some(name), Vec::new(), false);
    }
}

static SETUP_NAME: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"\bname\s*=\s*["']([^"']+)["']"#).expect("a constant pattern"));
static INSTALL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?s)\binstall_requires\s*=\s*\[([^\]]*)\]").expect("a constant pattern"));
static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"["']([^"'\n]+)["']"#).expect("a constant pattern"));

fn setup_py(source: &Source<'_>, out: &mut Sightings) {
    if !source.text.contains("setup(") {
        return;
    }
    if let Some(list) = INSTALL.captures(source.text).and_then(|c| c.get(1)) {
        for found in QUOTED.captures_iter(list.as_str()).filter_map(|c| c.get(1)) {
            add(source, out, source.line_of(list.start() + found.start()), found.as_str(), false);
        }
    }
    let name = SETUP_NAME.captures(source.text).and_then(|c| c.get(1));
    unit(out, name.map_or(1, |n| source.line_of(n.start())), name.map(|n| n.as_str()), Vec::new(), false);
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::{libraries, unit};
    use crate::testing::{see, see_all};

    #[test]
    fn requirements_with_ranges_extras_and_markers() {
        let seen = see_all(&[
            (
                "api/requirements.txt",
                "# pins\nFlask==2.0.1\nredis[hiredis] >= 4, <5 ; python_version > '3'\n-r base.txt\n-e ../shared\nhttps://x.example/y.whl\n",
            ),
            ("api/requirements-dev.txt", "pytest\n"),
        ]);
        assert_eq!(libraries(&seen), ["pytest - dev", "Flask 2.0.1", "redis >= 4, <5"]);
        assert_eq!(unit(&seen, "api/requirements.txt").includes, ["shared"]);
    }

    #[test]
    fn pyproject_of_both_kinds() {
        let seen = see(
            "pyproject.toml",
            "[project]\nname = 'orders'\nrequires-python = '>=3.11'\ndependencies = [\n 'fastapi>=0.1',\n]\n[dependency-groups]\ndev = ['pytest']\n",
        );
        assert_eq!(unit(&seen, "pyproject.toml").name.as_deref(), Some("orders"));
        assert_eq!(libraries(&seen), ["fastapi >=0.1", "pytest - dev"]);
        let seen = see(
            "pyproject.toml",
            "[tool.poetry]\nname = 'p'\n[tool.poetry.dependencies]\npython = '^3.9'\ncelery = {version = '^5', extras = ['redis']}\nlib = {path = './lib'}\n[tool.poetry.group.dev.dependencies]\nblack = '*'\n",
        );
        assert_eq!(libraries(&seen), ["celery ^5", "black - dev"]);
        assert_eq!(unit(&seen, "pyproject.toml").includes, ["lib"]);
    }

    #[test]
    fn setup_files() {
        let seen = see(
            "setup.cfg",
            "[metadata]\nname = tool\n[options]\ninstall_requires =\n    requests>=2\n    boto3\n",
        );
        assert_eq!(libraries(&seen), ["requests >=2", "boto3 -"]);
        let seen = see("setup.py", "setup(name='tool',\n  install_requires=[\n    'pika==1.2',\n  ])\n");
        assert_eq!(libraries(&seen), ["pika 1.2"]);
    }
}
