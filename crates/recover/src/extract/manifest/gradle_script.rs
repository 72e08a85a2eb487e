//! Gradle scripts as text: dependencies, plugins and variables, read without running anything.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::template;
use crate::toml_tree::{Document, Item};

/// Most dependencies of one script.
const MOST: usize = 2000;

/// A dependency of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// The configuration: `implementation`.
    pub(super) configuration: String,
    /// What.
    pub(super) what: What,
    /// Line.
    pub(super) line: usize,
    /// Whether it stands in a block for all projects below.
    pub(super) shared: bool,
}

/// What a dependency is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Group, name and version.
    Library(String, String, Option<String>),
    /// A project of the same build, such as `:core:model`.
    Project(String),
    /// A plugin by its identifier, with its version.
    Plugin(String, Option<String>),
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// `implementation 'g:a:v'`, `api("g:a")`, `compile platform("g:a:v")`, `classpath "g:a:v"`.
static NOTATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^\s*"?(\w+)"?\s*\(?\s*(?:(?:enforcedPlatform|platform|testFixtures|kotlin)\s*\(?\s*)?["']([\w.\-]+):([\w.\-]+)(?::([^"'@:]+))?[^"']*["']"#,
    )
});
/// `implementation group: 'g', name: 'a', version: 'v'` and `group = "g"` of Kotlin.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^\s*(\w+)\s*\(?\s*group\s*[:=]\s*["']([^"']+)["']\s*,\s*name\s*[:=]\s*["']([^"']+)["'](?:\s*,\s*version\s*[:=]\s*["']?([^"',)]+)["']?)?"#,
    )
});
/// `implementation project(':a')`, `implementation(project(path: ":a"))`.
static PROJECT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^\s*(\w+)\s*\(?\s*project\s*\(?\s*(?:path\s*[:=]\s*)?["']([^"']+)["']"#));
/// `implementation(projects.core.model)`.
static ACCESSOR: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\s*(\w+)\s*\(?\s*projects\.([\w.]+)"));
/// `implementation libs.spring.boot`, `implementation(platform(libs.bom))`.
static CATALOG: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\s*(\w+)\s*\(?\s*(?:(?:enforcedPlatform|platform)\s*\(?\s*)?libs\.([\w.]+)"));
/// `id 'x' version 'y'`, `id("x").version("y")`, `kotlin("jvm") version "y"`, `apply plugin: 'x'`.
static PLUGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^\s*(?:id|apply plugin:|apply\(plugin\s*=)\s*\(?\s*["']([\w.\-]+)["']\)?\s*\)?\.?\s*(?:version\s*\(?\s*["']?([^"'\s)]+))?"#,
    )
});
/// `def x = 'y'`, `val x = "y"`, `x = 'y'`, `set('x', "y")`, `ext.x = "y"`, `extra["x"] = "y"`.
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?:^|[{;])\s*(?:def |val |var |String |ext\.|extra\[["']|set\(["'])?([\w.]+)(?:["']\])?\s*(?:=|["']\s*,|:|\bby extra\s*\(?)\s*["']([^"'$]+)["']"#,
    )
});

/// The variables of a script, by name without `ext`.
pub(super) fn variables(text: &str, into: &mut BTreeMap<String, String>) {
    for line in text.lines() {
        if let Some(found) = VARIABLE.captures(line)
            && let (Some(name), Some(value)) = (found.get(1), found.get(2))
        {
            into.entry(name.as_str().to_owned()).or_insert_with(|| value.as_str().to_owned());
        }
    }
}

/// The values of `gradle.properties`.
pub(super) fn properties(text: &str, into: &mut BTreeMap<String, String>) {
    for line in text.lines().filter(|l| !l.trim_start().starts_with('#')) {
        if let Some((key, value)) = line.split_once('=') {
            into.entry(key.trim().to_owned()).or_insert_with(|| value.trim().to_owned());
        }
    }
}

/// What a script depends on.
pub(super) fn declared(text: &str, variables: &BTreeMap<String, String>) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut blocks: Vec<&str> = Vec::new();
    for (i, raw) in text.lines().enumerate() {
        let line = raw.split("//").next().unwrap_or(raw);
        // A URL in a string is no comment.
        let line = if raw.contains("://") { raw } else { line };
        let own_shared = line.contains("subprojects") || line.contains("allprojects");
        let shared = own_shared || blocks.iter().any(|b| matches!(*b, "subprojects" | "allprojects"));
        if let Some(what) = one(line, variables) {
            let (configuration, what) = what;
            found.push(Declared { configuration, what, line: i + 1, shared });
        }
        follow(line, &mut blocks);
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// Keeps the list of open blocks up to date.
fn follow<'a>(line: &'a str, blocks: &mut Vec<&'a str>) {
    let mut name = "";
    let mut start = 0;
    for (at, c) in line.char_indices() {
        match c {
            '{' => {
                let before = line.get(start..at).unwrap_or("").trim();
                name = before.split(|c: char| !c.is_alphanumeric()).find(|w| !w.is_empty()).unwrap_or(name);
                if blocks.len() < 256 {
                    blocks.push(name);
                }
                start = at + 1;
            }
            '}' => {
                blocks.pop();
                start = at + 1;
            }
            _ => {}
        }
    }
}

fn one(line: &str, variables: &BTreeMap<String, String>) -> Option<(String, What)> {
    let text = |c: &regex::Captures<'_>, i: usize| c.get(i).map(|m| m.as_str().trim().to_owned());
    let version = |v: Option<String>| v.and_then(|v| value(&v, variables));
    if let Some(c) = NOTATION.captures(line).or_else(|| NAMED.captures(line)) {
        let (configuration, group, name) = (text(&c, 1)?, text(&c, 2)?, text(&c, 3)?);
        return Some((configuration, What::Library(group, name, version(text(&c, 4)))));
    }
    if let Some(c) = PROJECT.captures(line) {
        return Some((text(&c, 1)?, What::Project(text(&c, 2)?)));
    }
    if let Some(c) = ACCESSOR.captures(line) {
        return Some((text(&c, 1)?, What::Project(format!(":{}", text(&c, 2)?.replace('.', ":")))));
    }
    let c = PLUGIN.captures(line)?;
    Some(("plugin".to_owned(), What::Plugin(text(&c, 1)?, version(text(&c, 2)))))
}

/// A value with its variables written out; nothing when one is unknown.
fn value(text: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let look_up = |key: &str| {
        let key =
            key.trim_start_matches("rootProject.").trim_start_matches("project.").trim_start_matches("ext.");
        let quoted = key.split(['"', '\'']).nth(1);
        variables.get(quoted.unwrap_or(key)).cloned()
    };
    let resolved = template::resolve(text, &look_up);
    let resolved = match resolved.strip_prefix('$') {
        Some(key) if !key.starts_with('{') => look_up(key)?,
        _ => resolved,
    };
    if resolved.contains('$') {
        return None;
    }
    // A bare name is a variable.
    if resolved.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return look_up(&resolved).or(Some(resolved).filter(|r| r.contains(['.', '-'])));
    }
    Some(resolved)
}

/// The libraries that a version catalog's accessors stand for: `spring.boot` is `spring-boot` in the catalog.
pub(super) fn catalog(text: &str) -> BTreeMap<String, Vec<(String, Option<String>)>> {
    let document = Document::read(text);
    let root = document.root();
    let version_of = |item: Item<'_, '_>| {
        let written =
            item.get("version").and_then(|v| v.text().or_else(|| v.text_of("require")).map(str::to_owned));
        let named = item.at(&["version", "ref"]).and_then(Item::text);
        written.or_else(|| root.get("versions")?.text_of(named?).map(str::to_owned))
    };
    let mut found: BTreeMap<String, Vec<(String, Option<String>)>> = BTreeMap::new();
    for (key, item) in root.get("libraries").map(Item::pairs).unwrap_or_default() {
        let entry = match item.text() {
            Some(text) => {
                let mut parts = text.splitn(3, ':');
                let name = format!("{}:{}", parts.next().unwrap_or(""), parts.next().unwrap_or(""));
                (name, parts.next().map(str::to_owned))
            }
            None => {
                let module = item.text_of("module").map(str::to_owned);
                let pair = || Some(format!("{}:{}", item.text_of("group")?, item.text_of("name")?));
                let Some(name) = module.or_else(pair) else { continue };
                (name, version_of(item))
            }
        };
        found.insert(key.replace(['-', '_'], "."), vec![entry]);
    }
    for (key, item) in root.get("bundles").map(Item::pairs).unwrap_or_default() {
        let names = item.list().into_iter().filter_map(Item::text).map(|n| n.replace(['-', '_'], "."));
        let all = names.filter_map(|n| found.get(&n).cloned()).flatten().collect();
        found.insert(format!("bundles.{}", key.replace(['-', '_'], ".")), all);
    }
    found
}

/// Accessors of the version catalog in a script: configuration, accessor, line.
pub(super) fn accessors(text: &str) -> Vec<(String, String, usize)> {
    let one = |(i, line): (usize, &str)| {
        let c = CATALOG.captures(line)?;
        Some((c.get(1)?.as_str().to_owned(), c.get(2)?.as_str().to_owned(), i + 1))
    };
    text.lines().enumerate().filter_map(one).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_dependencies() {
        let mut known = BTreeMap::new();
        variables("ext {\n  bootVersion = '2.1.0'\n}\nval kafka = \"3.1\"\n", &mut known);
        let script = "subprojects {\n  dependencies {\n    compile 'a.b:c:1.0'\n  }\n}\ndependencies {\n implementation(platform(\"g:bom:$kafka\"))\n runtimeOnly group: 'x', name: 'y', version: '2'\n implementation project(':core:model')\n classpath(\"org.boot:plugin:${bootVersion}\")\n api(projects.shared.util)\n}\nplugins {\n id 'org.springframework.boot' version '3.1'\n}\n";
        let found = declared(script, &known);
        let lib = |g: &str, a: &str, v: &str| What::Library(g.into(), a.into(), Some(v.into()));
        let whats: Vec<_> = found.iter().map(|d| (d.what.clone(), d.shared)).collect();
        assert_eq!(
            whats,
            [
                (lib("a.b", "c", "1.0"), true),
                (lib("g", "bom", "3.1"), false),
                (lib("x", "y", "2"), false),
                (What::Project(":core:model".into()), false),
                (lib("org.boot", "plugin", "2.1.0"), false),
                (What::Project(":shared:util".into()), false),
                (What::Plugin("org.springframework.boot".into(), Some("3.1".into())), false),
            ]
        );
    }

    #[test]
    fn the_version_catalog() {
        let text = "[versions]\nb = '3.2'\n[libraries]\nspring-web = { module = 'org.s:web', version.ref = 'b' }\npg = 'org.postgresql:postgresql:42'\n[bundles]\nall = ['pg']\n";
        let found = catalog(text);
        assert_eq!(found.get("spring.web"), Some(&vec![("org.s:web".to_owned(), Some("3.2".to_owned()))]));
        assert_eq!(
            found.get("bundles.all"),
            Some(&vec![("org.postgresql:postgresql".to_owned(), Some("42".to_owned()))])
        );
    }
}
