//! Configuration of an image registry: whether it asks who is calling.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::source::{Sightings, Source};
use crate::yaml;

/// Reads the configuration of the CNCF distribution registry.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "image-registry", reads, sees: &[Aspect::Authentication], extract };

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    stem.is_some_and(|s| s.contains("config") || s.contains("registry"))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let document = if source.is_test() { None } else { yaml::document(source.text) };
    // Its configuration has a version of its own, a storage and an address to listen on.
    let registry = document.as_ref().filter(|d| {
        d.text_of("version").is_some_and(|v| v.starts_with("0."))
            && d.get("storage").is_some()
            && d.at(&["http", "addr"]).is_some()
    });
    let Some(document) = registry else {
        out.passed = true;
        return;
    };
    match document.get("auth").filter(|a| !a.pairs().is_empty()) {
        Some(auth) => out.practice(
            auth.line,
            Aspect::Authentication,
            State::Present,
            "images",
            auth.pairs().first().map_or("", |(kind, _)| kind.as_str()),
        ),
        None => {
            let line = document.get("http").map_or(1, |http| http.line);
            out.practice(
                line,
                Aspect::Authentication,
                State::Absent,
                "images",
                "the registry has no auth section",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::see;

    const OPEN: &str = "version: 0.1\nstorage:\n  inmemory: {}\nhttp:\n  addr: :5000\n";

    #[test]
    fn a_registry_without_auth_is_open() {
        let seen = format!("{:?}", see("images/config.yml", OPEN));
        assert!(seen.contains("Absent") && seen.contains("the registry has no auth section"), "{seen}");
    }

    #[test]
    fn a_registry_with_auth_asks() {
        let guarded = format!("{OPEN}auth:\n  htpasswd:\n    realm: x\n");
        let seen = format!("{:?}", see("images/config.yml", &guarded));
        assert!(seen.contains("Present") && !seen.contains("no auth section"), "{seen}");
    }

    #[test]
    fn other_configuration_says_nothing() {
        assert!(!format!("{:?}", see("a/config.yml", "version: 1\nhttp: {}\n")).contains("auth section"));
    }
}
