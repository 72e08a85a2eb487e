//! Go: `go.mod` and `go.work`.

use super::common::{self, Dependency, SEES, file_name};
use crate::extract::Extractor;
use crate::sighting::Unit;
use crate::source::{Sightings, Source};

/// Reads `go.mod` and `go.work`.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "go-mod",
    reads: |path| matches!(file_name(path), "go.mod" | "go.work"),
    sees: SEES,
    extract,
};

fn extract(source: &Source<'_>, out: &mut Sightings) {
    if source.name() == "go.work" {
        return work(source, out);
    }
    let mut unit = Unit { ecosystem: "go", language: Some("go"), ..Unit::default() };
    let mut at = 1;
    for (line, verb, rest) in statements(source.text) {
        let words: Vec<&str> = rest.split_whitespace().collect();
        match (verb, words.as_slice()) {
            ("module", [path, ..]) => {
                at = line;
                unit.name = Some(module_name(path.trim_matches('"')));
            }
            ("go", [version, ..]) => common::runtime(out, line, "go", version),
            ("require" | "tool", [name, version, comments @ ..]) => {
                // Indirect ones are libraries of libraries: the lock, not the choice.
                let locked = comments.contains(&"indirect");
                let seen = Dependency {
                    name: name.trim_matches('"').to_owned(),
                    version: Some((*version).to_owned()),
                    dev: false,
                    locked,
                    line,
                    ..Dependency::default()
                };
                common::library(source, out, "go", seen);
            }
            ("replace", [.., "=>", path]) if path.starts_with('.') => {
                unit.includes.extend(source.relative(path));
            }
            _ => {}
        }
    }
    common::unit(out, at, unit);
}

fn work(source: &Source<'_>, out: &mut Sightings) {
    let uses_itself = statements(source.text).any(|(_, verb, rest)| verb == "use" && rest == ".");
    if !uses_itself {
        common::unit(out, 1, Unit { ecosystem: "go", aggregates: true, ..Unit::default() });
    }
}

/// The last segment of a module path that is no major version.
fn module_name(path: &str) -> String {
    let is_version =
        |s: &str| s.len() > 1 && s.starts_with('v') && s.chars().skip(1).all(|c| c.is_ascii_digit());
    path.rsplit('/').find(|s| !is_version(s)).unwrap_or(path).to_owned()
}

/// Statements as line, verb and rest; blocks in parentheses are written out.
fn statements(text: &str) -> impl Iterator<Item = (usize, &str, &str)> {
    let mut block: Option<&str> = None;
    text.lines().enumerate().filter_map(move |(i, raw)| {
        let line = match raw.split_once("//") {
            Some((before, after)) if after.trim() != "indirect" => before,
            _ => raw,
        }
        .trim();
        if line.is_empty() || line.starts_with("//") {
            return None;
        }
        if let Some(verb) = block {
            if line.starts_with(')') {
                block = None;
                return None;
            }
            return Some((i + 1, verb, line));
        }
        let (verb, rest) = line.split_once(char::is_whitespace)?;
        let rest = rest.trim();
        if rest == "(" {
            block = Some(verb);
            return None;
        }
        Some((i + 1, verb, rest))
    })
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::{libraries, unit};
    use crate::testing::see;

    #[test]
    fn requirements_replacements_and_versions() {
        let seen = see(
            "svc/go.mod",
            "module example.org/shop/orders/v2\n\ngo 1.22\n\nrequire (\n\tgithub.com/lib/pq v1.10.0 // used\n\tgolang.org/x/net v0.1.0 // indirect\n)\nreplace example.org/shop/lib => ../lib\n",
        );
        let orders = unit(&seen, "svc/go.mod");
        assert_eq!(
            (orders.name.as_deref(), orders.includes.as_slice()),
            (Some("orders"), &["lib".to_owned()][..])
        );
        assert_eq!(libraries(&seen), ["github.com/lib/pq v1.10.0", "golang.org/x/net v0.1.0 locked"]);
    }
}
