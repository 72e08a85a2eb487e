//! Files that name the version of a runtime: `.nvmrc`, `.python-version`, `.tool-versions`, `runtime.txt` and others.

use super::common::{self, file_name};
use crate::extract::Extractor;
use crate::source::{Sightings, Source};
use crate::toml_tree::{Document, Item};
use crate::yaml;

/// Reads files that name the version of a runtime.
pub(super) const EXTRACTOR: Extractor =
    Extractor { id: "runtime-file", reads: |path| kind_of(file_name(path)).is_some(), sees: &[], extract };

/// How a file names the version.
#[derive(Clone, Copy)]
enum Kind {
    /// The first line is the version of this language.
    Whole(&'static str),
    /// Lines of a tool and its version.
    Tools,
    /// `python-3.12.1`.
    Heroku,
    /// `[toolchain] channel`.
    Toolchain,
    /// `{"sdk": {"version": "8.0.100"}}`.
    Dotnet,
}

fn kind_of(name: &str) -> Option<Kind> {
    Some(match name {
        ".nvmrc" | ".node-version" => Kind::Whole("nodejs"),
        ".python-version" => Kind::Whole("python"),
        ".ruby-version" => Kind::Whole("ruby"),
        ".java-version" => Kind::Whole("java"),
        ".go-version" => Kind::Whole("go"),
        ".php-version" => Kind::Whole("php"),
        "rust-toolchain" => Kind::Whole("rust"),
        ".tool-versions" => Kind::Tools,
        "runtime.txt" => Kind::Heroku,
        "rust-toolchain.toml" => Kind::Toolchain,
        "global.json" => Kind::Dotnet,
        _ => return None,
    })
}

/// Tools as version managers call them.
const TOOLS: &[(&str, &str)] = &[
    ("nodejs", "nodejs"),
    ("node", "nodejs"),
    ("python", "python"),
    ("ruby", "ruby"),
    ("java", "java"),
    ("golang", "go"),
    ("go", "go"),
    ("php", "php"),
    ("rust", "rust"),
    ("elixir", "elixir"),
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let Some(kind) = kind_of(source.name()) else { return };
    match kind {
        Kind::Whole(language) => {
            let lines = source.text.lines().enumerate();
            let told =
                lines.map(|(i, l)| (i + 1, l.trim())).find(|(_, l)| !l.is_empty() && !l.starts_with('#'));
            told.into_iter().for_each(|(line, text)| version(out, line, language, text));
        }
        Kind::Tools => {
            for (i, line) in source.text.lines().enumerate() {
                let mut words = line.split_whitespace();
                let (Some(tool), Some(text)) = (words.next(), words.next()) else { continue };
                if let Some((_, language)) = TOOLS.iter().find(|(name, _)| *name == tool) {
                    version(out, i + 1, language, text);
                }
            }
        }
        Kind::Heroku => {
            if let Some(text) = source.text.trim().strip_prefix("python-") {
                version(out, 1, "python", text);
            }
        }
        Kind::Toolchain => {
            let document = Document::read(source.text);
            let channel = document.root().at(&["toolchain", "channel"]).map(|c| (Item::line(c), c));
            if let Some((line, channel)) = channel {
                version(out, line, "rust", channel.text().unwrap_or_default());
            }
        }
        Kind::Dotnet => {
            let root = yaml::document(&source.text.replace('\t', " "));
            if let Some(node) = root.as_ref().and_then(|r| r.at(&["sdk", "version"])) {
                version(out, node.line, "csharp", node.text().unwrap_or_default());
            }
        }
    }
}

/// Tells a version; names such as `lts/*` and `stable` are none.
fn version(out: &mut Sightings, line: usize, language: &str, text: &str) {
    let text = text.trim().trim_start_matches('v');
    let number = text.rsplit('-').find(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(number) = number.filter(|_| text.len() < 40) {
        // `temurin-21.0.5+11`, `3.3.0-preview1`: vendors stand in front, pre-releases behind.
        let whole = if text.starts_with(|c: char| c.is_ascii_digit()) { text } else { number };
        common::runtime(out, line, language, whole);
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::see;

    fn told(path: &str, text: &str) -> Vec<String> {
        let one = |s: &crate::sighting::Sighting| match &s.seen {
            Seen::Setting(s) => Some(format!("{} {}", s.key, s.value)),
            _ => None,
        };
        see(path, text).iter().filter_map(one).collect()
    }

    #[test]
    fn versions_of_runtimes_are_read() {
        assert_eq!(told("api/.nvmrc", "v18.20.1\n"), ["runtime.nodejs 18.20.1"]);
        assert_eq!(told(".nvmrc", "lts/*\n"), Vec::<String>::new());
        assert_eq!(told(".python-version", "# pinned\n3.9\n"), ["runtime.python 3.9"]);
        assert_eq!(
            told(".tool-versions", "golang 1.22.1\njava temurin-21.0.5+11\nterraform 1.5\n"),
            ["runtime.go 1.22.1", "runtime.java 21.0.5+11"]
        );
        assert_eq!(told("runtime.txt", "python-3.8.18\n"), ["runtime.python 3.8.18"]);
        assert_eq!(told("rust-toolchain.toml", "[toolchain]\nchannel = \"1.75\"\n"), ["runtime.rust 1.75"]);
        assert_eq!(told("rust-toolchain", "stable\n"), Vec::<String>::new());
        assert_eq!(told("global.json", "{\"sdk\": {\"version\": \"6.0.100\"}}"), ["runtime.csharp 6.0.100"]);
    }
}
