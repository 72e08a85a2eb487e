//! Composer: `composer.json`.

use super::common::{self, Dependency, SEES, file_name};
use crate::extract::Extractor;
use crate::sighting::Unit;
use crate::source::{Sightings, Source};
use crate::yaml;

/// Reads `composer.json`.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "composer", reads: |path| file_name(path) == "composer.json", sees: SEES, extract };

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let text = source.text.replace('\t', " ");
    let Some(root) = yaml::document(&text).filter(|n| !n.pairs().is_empty()) else { return };
    let paths = root.get("repositories").into_iter().flat_map(yaml::Node::list);
    let includes = paths
        .filter(|r| r.text_of("type") == Some("path"))
        .filter_map(|r| r.text_of("url"))
        .filter(|u| !u.contains('*'))
        .filter_map(|u| source.relative(u));
    let unit = Unit {
        name: root.text_of("name").map(str::to_owned),
        ecosystem: "composer",
        language: Some("php"),
        aggregates: false,
        includes: includes.collect(),
        ..Unit::default()
    };
    common::unit(out, root.get("name").map_or(1, |n| n.line), unit);
    for (group, dev) in [("require", false), ("require-dev", true)] {
        for (name, value) in root.get(group).map(yaml::Node::pairs).unwrap_or_default() {
            if name == "php" {
                common::runtime(out, value.line, "php", value.text().unwrap_or_default());
            } else if name.contains('/') {
                let version = value.text().map(str::to_owned);
                let seen = Dependency {
                    name: name.clone(),
                    version,
                    dev,
                    locked: false,
                    line: value.line,
                    ..Dependency::default()
                };
                common::library(source, out, "composer", seen);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::manifest::common::tests::{libraries, unit};
    use crate::testing::see;

    #[test]
    fn requirements_are_libraries_and_php_is_the_runtime() {
        let seen = see(
            "composer.json",
            "{\"name\": \"shop/api\", \"require\": {\"php\": \">=8.1\", \"ext-pdo\": \"*\",\n\"predis/predis\": \"^2.0\"}, \"require-dev\": {\"phpunit/phpunit\": \"10\"}}",
        );
        assert_eq!(unit(&seen, "composer.json").language, Some("php"));
        assert_eq!(libraries(&seen), ["predis/predis ^2.0", "phpunit/phpunit 10 dev"]);
    }
}
