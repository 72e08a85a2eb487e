//! Lock files: the exact versions in use, for the unit of their folder.

use super::common::{self, Dependency, file_name};
use crate::extract::Extractor;
use crate::source::{Sightings, Source};
use crate::yaml;

/// Reads lock files of npm, Yarn, pnpm, Cargo, Poetry, uv, Pipenv, Composer and NuGet.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "lock", reads: |path| format_of(file_name(path)).is_some(), sees: &[], extract };

/// Most libraries of one lock file.
const MOST: usize = 20_000;

/// How a lock file is written.
#[derive(Clone, Copy)]
enum Format {
    NpmLock,
    Yarn,
    Pnpm,
    /// `[[package]]` with `name` and `version`.
    Packages(&'static str),
    Pipenv,
    Composer,
    NuGet,
}

fn format_of(name: &str) -> Option<Format> {
    Some(match name {
        "package-lock.json" | "npm-shrinkwrap.json" => Format::NpmLock,
        "yarn.lock" => Format::Yarn,
        "pnpm-lock.yaml" => Format::Pnpm,
        "Cargo.lock" => Format::Packages("cargo"),
        "poetry.lock" | "uv.lock" | "pdm.lock" => Format::Packages("pypi"),
        "Pipfile.lock" => Format::Pipenv,
        "composer.lock" => Format::Composer,
        "packages.lock.json" => Format::NuGet,
        _ => return None,
    })
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let Some(format) = format_of(source.name()) else { return };
    let (ecosystem, found) = match format {
        Format::NpmLock => ("npm", npm(source.text)),
        Format::Yarn => ("npm", yarn(source.text)),
        Format::Pnpm => ("npm", pnpm(source.text)),
        Format::Packages(ecosystem) => (ecosystem, packages(source.text)),
        Format::Pipenv => ("pypi", pipenv(source.text)),
        Format::Composer => ("composer", composer(source.text)),
        Format::NuGet => ("nuget", nuget(source.text)),
    };
    for Locked { line, name, version, requires, deprecated } in found.into_iter().take(MOST) {
        let version = Some(version);
        let seen = Dependency { name, version, dev: false, locked: true, line, requires, deprecated };
        common::library(source, out, ecosystem, seen);
    }
}

/// A package of a lock file.
#[derive(Debug, Default)]
struct Locked {
    line: usize,
    name: String,
    version: String,
    /// The versions of the runtime it asks for.
    requires: Option<String>,
    /// Why it is deprecated.
    deprecated: Option<String>,
}

fn locked(line: usize, name: &str, version: &str) -> Locked {
    Locked { line, name: name.to_owned(), version: version.to_owned(), ..Locked::default() }
}

/// The text in the quotes after a key, in lines such as `"version": "1.2"`, `version = "1.2"`, `version "1.2"`.
fn value_of<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let line = line.trim().trim_start_matches('"');
    let rest = line.strip_prefix(key)?.trim_start_matches('"').trim_start().trim_start_matches([':', '=']);
    let rest = rest.trim().trim_start_matches('"').trim_start_matches('\'');
    Some(rest.split(['"', '\'']).next().unwrap_or(rest)).filter(|v| !v.is_empty())
}

/// The text of a line `"key": "text",`, which may hold quotes.
fn text_of(line: &str, key: &str) -> Option<String> {
    let rest = line.strip_prefix('"')?.strip_prefix(key)?.strip_prefix("\": ")?;
    serde_json::from_str(rest.trim_end_matches(',')).ok()
}

/// `package-lock.json` of all three versions: a key, then `"version": "…"` inside it, and after it what the package
/// says of itself.
fn npm(text: &str) -> Vec<Locked> {
    let mut found: Vec<Locked> = Vec::new();
    let mut key: Option<(usize, &str)> = None;
    // Where lines speak of the package that was found last: in itself, or in its table of engines.
    let (mut itself, mut engines) = (false, false);
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if line.ends_with('{') {
            let name = line.strip_prefix('"').and_then(|l| l.split('"').next()).unwrap_or("");
            engines = itself && name == "engines";
            itself = itself && engines;
            key = Some((i + 1, name))
                .filter(|(_, n)| !n.is_empty() && *n != "packages" && *n != "dependencies" && !engines);
        } else if let (Some((at, name)), Some(version)) = (key, value_of(line, "version")) {
            let name = name.rsplit("node_modules/").next().unwrap_or(name);
            itself = version.starts_with(|c: char| c.is_ascii_digit()) && !name.starts_with('.');
            if itself {
                found.push(locked(at, name, version));
            }
            key = None;
        } else if line.starts_with('}') {
            (key, itself, engines) = (None, engines, false);
        } else if let Some(last) = found.last_mut().filter(|_| itself) {
            let said = |name: &str| value_of(line, name).map(str::to_owned);
            match engines {
                true => last.requires = last.requires.take().or_else(|| said("node\"")),
                false => last.deprecated = last.deprecated.take().or_else(|| text_of(line, "deprecated")),
            }
        }
    }
    found
}

/// `yarn.lock`, classic and Berry: `"name@range", name@range:` and then `version`.
fn yarn(text: &str) -> Vec<Locked> {
    let mut found = Vec::new();
    let mut key: Option<(usize, &str)> = None;
    for (i, line) in text.lines().enumerate() {
        if !line.starts_with([' ', '#']) && line.ends_with(':') {
            let first = line.trim_start_matches('"').split(['"', ',', ':']).next().unwrap_or("");
            let end = first.char_indices().skip(1).find(|(_, c)| *c == '@').map_or(first.len(), |(at, _)| at);
            key = first.get(..end).filter(|n| !n.is_empty() && !n.starts_with("__")).map(|n| (i + 1, n));
        } else if let (Some((at, name)), Some(version)) = (key, value_of(line, "version")) {
            if !version.ends_with("local") {
                found.push(locked(at, name, version.trim()));
            }
            key = None;
        }
    }
    found
}

/// `pnpm-lock.yaml`: keys of `packages:` such as `/name@1.0(peer)`, `/name/1.0`, `'@a/b@1.0'`.
fn pnpm(text: &str) -> Vec<Locked> {
    let mut inside = false;
    let mut found = Vec::new();
    for (i, line) in text.lines().enumerate() {
        if !line.starts_with(' ') && !line.is_empty() {
            inside = line.starts_with("packages:");
            continue;
        }
        let key = line.strip_prefix("  ").filter(|l| inside && !l.starts_with(' ') && l.ends_with(':'));
        let Some(key) = key else {
            if let Some(last) = found.last_mut().filter(|_| inside) {
                pnpm_says(last, line.trim());
            }
            continue;
        };
        let key = key.trim_end_matches(':').trim_matches('\'').trim_start_matches('/');
        let key = key.split(['(', '_']).next().unwrap_or(key);
        let Some((name, version)) =
            key.rsplit_once('@').filter(|(n, _)| !n.is_empty()).or_else(|| key.rsplit_once('/'))
        else {
            continue;
        };
        if version.starts_with(|c: char| c.is_ascii_digit()) {
            found.push(locked(i + 1, name, version));
        }
    }
    found
}

/// `engines: {node: '>=18'}` and `deprecated: why` below a package.
fn pnpm_says(last: &mut Locked, line: &str) {
    if let Some(engines) = line.strip_prefix("engines: {") {
        let node = engines.trim_end_matches('}').split(", ").find_map(|e| e.strip_prefix("node: "));
        last.requires = node.map(|n| n.trim_matches(['\'', '"']).to_owned());
    } else if let Some(why) = line.strip_prefix("deprecated: ") {
        last.deprecated = Some(why.trim_matches(['\'', '"']).to_owned());
    }
}

/// `[[package]]` tables; what stands in the repository itself has no source and is left out.
fn packages(text: &str) -> Vec<Locked> {
    let mut found: Vec<Locked> = Vec::new();
    let (mut name, mut version, mut requires): (Option<String>, Option<String>, Option<String>) =
        (None, None, None);
    let (mut own, mut at, mut head) = (false, 0, false);
    let cargo = text.contains("checksum = ") || text.contains("registry+");
    for (i, line) in text.lines().chain(std::iter::once("[[package]]")).enumerate() {
        if line.starts_with("[[package]]") {
            if let (Some(n), Some(v)) = (name.take(), version.take())
                && !own
            {
                found.push(Locked { requires: requires.take(), ..locked(at, &n, &v) });
            }
            requires = None;
            own = cargo && text.contains("\nsource = ");
            (at, head) = (i + 1, true);
        } else if line.starts_with('[') {
            head = false;
        } else if !head {
            // Tables of dependencies inside the package.
        } else if line.starts_with("source = ") {
            own = line.contains("editable = ") || line.contains("virtual = ");
        } else if let Some(value) = value_of(line, "name").filter(|_| line.starts_with("name")) {
            name = Some(value.to_owned());
        } else if line.starts_with("python-versions = ") {
            requires = value_of(line, "python-versions").map(str::to_owned);
        } else if let Some(value) =
            value_of(line, "version").filter(|_| line.starts_with("version =") && name.is_some())
        {
            version = Some(value.to_owned());
        }
    }
    found
}

fn pipenv(text: &str) -> Vec<Locked> {
    let Some(root) = yaml::document(&text.replace('\t', " ")) else { return Vec::new() };
    let packages = root.get("default").map(yaml::Node::pairs).unwrap_or_default();
    let one = |(name, value): &(String, yaml::Node)| {
        let version = value.text_of("version")?.trim_start_matches('=');
        Some(locked(value.line, name, version))
    };
    packages.iter().filter_map(one).collect()
}

fn composer(text: &str) -> Vec<Locked> {
    let Some(root) = yaml::document(&text.replace('\t', " ")) else { return Vec::new() };
    let one = |package: &yaml::Node| {
        let version = package.text_of("version")?.trim_start_matches('v');
        let abandoned = package.text_of("abandoned").filter(|a| *a != "false").map(|instead| match instead {
            "true" => "abandoned by its maintainers".to_owned(),
            instead => format!("abandoned by its maintainers, who name {instead} instead"),
        });
        let requires = package.at(&["require", "php"]).and_then(yaml::Node::text).map(str::to_owned);
        let name = package.text_of("name")?;
        Some(Locked { requires, deprecated: abandoned, ..locked(package.line, name, version) })
    };
    root.get("packages").into_iter().flat_map(yaml::Node::list).filter_map(one).collect()
}

fn nuget(text: &str) -> Vec<Locked> {
    let Some(root) = yaml::document(&text.replace('\t', " ")) else { return Vec::new() };
    let frameworks = root.get("dependencies").map(yaml::Node::pairs).unwrap_or_default();
    let one =
        |(name, value): &(String, yaml::Node)| Some(locked(value.line, name, value.text_of("resolved")?));
    frameworks.iter().flat_map(|(_, packages)| packages.pairs()).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::libraries;
    use crate::testing::see;

    #[test]
    fn locks_of_javascript() {
        let npm = "{\n \"name\": \"x\",\n \"version\": \"1.0.0\",\n \"packages\": {\n  \"\": {\n   \"version\": \"1.0.0\"\n  },\n  \"node_modules/@a/b\": {\n   \"version\": \"2.1.0\"\n  }\n }\n}";
        assert_eq!(libraries(&see("package-lock.json", npm)), ["@a/b 2.1.0 locked"]);
        let yarn = "# yarn lockfile v1\n\n\"@a/b@^2.0\", \"@a/b@^2.1\":\n  version \"2.1.0\"\n\npg@npm:^8.0:\n  version: 8.1.0\n";
        assert_eq!(libraries(&see("yarn.lock", yarn)), ["@a/b 2.1.0 locked", "pg 8.1.0 locked"]);
        let pnpm = "lockfileVersion: '6.0'\npackages:\n\n  /@a/b@2.1.0(x@1):\n    dev: false\n  pg@8.1.0:\n    dev: true\n";
        assert_eq!(libraries(&see("pnpm-lock.yaml", pnpm)), ["@a/b 2.1.0 locked", "pg 8.1.0 locked"]);
    }

    #[test]
    fn locks_say_what_packages_ask_for_and_what_is_deprecated() {
        use crate::sighting::Seen;
        let said = |path: &str, text: &str| -> Vec<(String, Option<String>, Option<String>)> {
            let one = |s: &crate::sighting::Sighting| match &s.seen {
                Seen::Library(l) => Some((l.name.clone(), l.requires.clone(), l.deprecated.clone())),
                _ => None,
            };
            see(path, text).iter().filter_map(one).collect()
        };
        let npm = "{\n \"packages\": {\n  \"node_modules/a\": {\n   \"version\": \"2.1.0\",\n   \"deprecated\": \"use 'b'\",\n   \"dependencies\": {\n    \"deprecated\": \"^1\"\n   },\n   \"engines\": {\n    \"node\": \">=18 <23\"\n   }\n  },\n  \"node_modules/c\": {\n   \"version\": \"1.0.0\",\n   \"engines\": {\n    \"node\": \"*\"\n   }\n  },\n  \"node_modules/d\": {\n   \"version\": \"1.0.0\"\n  }\n }\n}";
        let some = |text: &str| Some(text.to_owned());
        let row = |name: &str, requires, deprecated| (name.to_owned(), requires, deprecated);
        assert_eq!(
            said("package-lock.json", npm),
            [row("a", None, some("use 'b'")), row("c", some("*"), None), row("d", None, None)]
        );
        let pnpm =
            "packages:\n\n  a@2.1.0:\n    engines: {node: '>=18', npm: '>=9'}\n    deprecated: use b\n";
        assert_eq!(said("pnpm-lock.yaml", pnpm), [row("a", some(">=18"), some("use b"))]);
        let poetry = "[[package]]\nname = \"a\"\nversion = \"1\"\npython-versions = \">=3.9\"\n\n[[package]]\nname = \"b\"\nversion = \"1\"\n";
        assert_eq!(said("poetry.lock", poetry), [row("a", some(">=3.9"), None), row("b", None, None)]);
        let composer = "{\"packages\": [{\"name\": \"x/y\", \"version\": \"v1.0\", \"require\": {\"php\": \"^8.1\"}, \"abandoned\": \"x/z\"}]}";
        let abandoned = some("abandoned by its maintainers, who name x/z instead");
        assert_eq!(said("composer.lock", composer), [row("x/y", some("^8.1"), abandoned)]);
    }

    #[test]
    fn locks_of_packages() {
        let cargo = "version = 4\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"axum\"\nversion = \"0.7.1\"\nsource = \"registry+x\"\nchecksum = \"1\"\n";
        assert_eq!(libraries(&see("Cargo.lock", cargo)), ["axum 0.7.1 locked"]);
        let poetry =
            "[[package]]\nname = \"celery\"\nversion = \"5.3\"\n\n[package.dependencies]\nversion = \"9\"\n";
        assert_eq!(libraries(&see("poetry.lock", poetry)), ["celery 5.3 locked"]);
        let nuget = "{\"version\": 1, \"dependencies\": {\"net8.0\": {\"Npgsql\": {\"type\": \"Direct\", \"resolved\": \"8.0.1\"}}}}";
        assert_eq!(libraries(&see("packages.lock.json", nuget)), ["Npgsql 8.0.1 locked"]);
    }
}
