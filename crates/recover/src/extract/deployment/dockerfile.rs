//! Dockerfiles: the image a unit is built into.

use loadcase_model::{Aspect, State};

use crate::extract::Extractor;
use crate::extract::deployment::container::{About, pinned};
use crate::secret::hidden;
use crate::sighting::{Seen, Setting, Unit};
use crate::source::{Sightings, Source};

/// Reads Dockerfiles and Containerfiles.
pub(super) const EXTRACTOR: Extractor = Extractor {
    id: "dockerfile",
    reads,
    sees: &[
        Aspect::ImagePin,
        Aspect::HealthProbe,
        Aspect::Privilege,
        Aspect::LiteralSecret,
        Aspect::HeapLimit,
        Aspect::DebugSurface,
    ],
    extract,
};

fn reads(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = ["dockerfile", "containerfile"].iter().any(|s| {
        name == *s
            || name.strip_suffix(s).is_some_and(|front| front.ends_with(['.', '-', '_']))
            || name.strip_prefix(s).is_some_and(|rest| rest.starts_with(['.', '-', '_']))
    });
    stem && ![".dockerignore", ".md", ".txt", ".go", ".js", ".ts", ".py", ".rs"]
        .iter()
        .any(|e| name.ends_with(e))
}

/// An instruction with its arguments, continued lines joined.
struct Instruction {
    line: usize,
    word: String,
    rest: String,
}

/// The instructions of a Dockerfile. Here documents are left out.
fn instructions(text: &str) -> Vec<Instruction> {
    let mut out: Vec<Instruction> = Vec::new();
    let mut continues = false;
    let mut heredoc: Option<String> = None;
    for (i, raw) in text.lines().enumerate() {
        let line = raw.trim();
        if let Some(end) = &heredoc {
            if line == end {
                heredoc = None;
            }
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (body, more) = match line.strip_suffix('\\').or_else(|| line.strip_suffix('`')) {
            Some(body) => (body.trim_end(), true),
            None => (line, false),
        };
        if continues {
            if let Some(last) = out.last_mut() {
                last.rest.push(' ');
                last.rest.push_str(body);
            }
        } else {
            let (word, rest) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
            let word = word.to_ascii_uppercase();
            let rest = rest.trim().to_owned();
            if matches!(word.as_str(), "RUN" | "COPY" | "ADD")
                && let Some((_, mark)) = rest.split_once("<<")
            {
                let mark: String = mark
                    .trim_start_matches(['-', '"', '\''])
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                heredoc = Some(mark).filter(|m| !m.is_empty());
            }
            out.push(Instruction { line: i + 1, word, rest });
        }
        continues = more;
    }
    out
}

/// A stage: its name, what it is built on, the line.
struct Stage {
    name: Option<String>,
    from: String,
    line: usize,
}

/// The stages of a Dockerfile.
pub(super) struct Stages {
    stages: Vec<Stage>,
}

impl Stages {
    /// The image below the last stage, stages of the file itself followed.
    pub(super) fn base(&self) -> Option<&str> {
        let mut at = self.stages.len().checked_sub(1)?;
        loop {
            let stage = self.stages.get(at)?;
            let below = self.stages.get(..at)?.iter().rposition(|s| s.name.as_deref() == Some(&stage.from));
            match below {
                Some(below) => at = below,
                None => return Some(&stage.from),
            }
        }
    }
}

/// Reads the stages of a Dockerfile, arguments with a default put in.
pub(super) fn stages(text: &str) -> Stages {
    of(&instructions(text))
}

fn of(instructions: &[Instruction]) -> Stages {
    let mut arguments: Vec<(String, String)> = Vec::new();
    let mut stages = Vec::new();
    for instruction in instructions {
        match instruction.word.as_str() {
            "ARG" => arguments.extend(pairs(&instruction.rest)),
            "FROM" => {
                let mut words = instruction.rest.split_whitespace().filter(|w| !w.starts_with("--"));
                let Some(from) = words.next() else { continue };
                let name = words.next().filter(|w| w.eq_ignore_ascii_case("as")).and_then(|_| words.next());
                let look_up = |key: &str| {
                    arguments.iter().find(|(k, v)| k == key && !v.is_empty()).map(|(_, v)| v.clone())
                };
                let from = crate::template::resolve(&braced(from), &look_up);
                stages.push(Stage { name: name.map(str::to_owned), from, line: instruction.line });
            }
            _ => {}
        }
    }
    Stages { stages }
}

/// `$NAME` written as `${NAME}`.
fn braced(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        out.push('$');
        let end = after.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, tail) = after.split_at(end);
        if name.is_empty() {
            rest = after;
            continue;
        }
        out.push('{');
        out.push_str(name);
        out.push('}');
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Keys and values of `A=1 B="x y"` or of the old form `A 1`.
fn pairs(rest: &str) -> Vec<(String, String)> {
    let first = rest.split_whitespace().next().unwrap_or("");
    if !first.contains('=') {
        let (key, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        return vec![(key.to_owned(), value.trim().trim_matches(['"', '\'']).to_owned())];
    }
    let mut words: Vec<String> = vec![String::new()];
    let mut quote: Option<char> = None;
    for c in rest.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c.is_whitespace() => words.push(String::new()),
            _ => words.last_mut().into_iter().for_each(|w| w.push(c)),
        }
    }
    words.iter().filter_map(|w| w.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// The language of an official base image.
fn language(image: &str) -> Option<&'static str> {
    let name = image.split(['@', ':']).next().unwrap_or(image);
    let leaf = name.rsplit('/').next().unwrap_or(name);
    let by_leaf = match leaf {
        "node" | "bun" | "deno" => Some("nodejs"),
        "python" | "pypy" | "uwsgi-nginx-flask" => Some("python"),
        "golang" => Some("go"),
        "openjdk" | "eclipse-temurin" | "amazoncorretto" | "maven" | "gradle" | "java" | "sapmachine"
        | "zulu-openjdk" => Some("java"),
        "aspnet" | "sdk" | "dotnet" | "runtime" | "runtime-deps" => Some("csharp"),
        "php" | "composer" => Some("php"),
        "ruby" => Some("ruby"),
        "rust" => Some("rust"),
        "elixir" => Some("elixir"),
        _ => None,
    };
    by_leaf.or_else(|| ["openjdk", "jdk", "jre"].iter().any(|j| leaf.contains(j)).then_some("java"))
}

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let list = instructions(source.text);
    let stages = of(&list);
    let Some(last) = stages.stages.last() else {
        out.passed = true;
        return;
    };
    let in_stages = |s: &str| stages.stages.iter().any(|x| x.name.as_deref() == Some(s));
    let base = stages.base().map(str::to_owned);
    let lang = base
        .as_deref()
        .and_then(language)
        .or_else(|| stages.stages.iter().rev().find_map(|s| language(&s.from)));
    out.add(
        last.line,
        Seen::Unit(Unit { ecosystem: "docker", language: lang, base_image: base, ..Unit::default() }),
    );
    if source.is_test() {
        return;
    }
    let mut about = About { out, of: None };
    for stage in &stages.stages {
        let from = stage.from.as_str();
        if from != "scratch" && !in_stages(from) && pinned(from).is_some() {
            about.image(from, stage.line);
        }
    }
    let final_line = last.line;
    rest(&list, final_line, &mut about);
}

/// Environment, user, health check and command; user and health check of the last stage only.
fn rest(list: &[Instruction], final_line: usize, about: &mut About<'_, '_>) {
    let mut user: Option<(&str, usize)> = None;
    let mut probe: Option<(&str, usize)> = None;
    for Instruction { line, word, rest } in list {
        let in_last = *line > final_line;
        match word.as_str() {
            "ENV" => {
                for (key, value) in pairs(rest) {
                    let kept = about.variable(&key, &braced(&value), *line);
                    let key_kept = Setting { of: None, profile: None, value: hidden(&key, &kept), key };
                    if in_last {
                        about.out.add(*line, Seen::Setting(key_kept));
                    }
                }
            }
            "ARG" => {
                for (key, value) in pairs(rest).into_iter().filter(|(_, v)| !v.is_empty()) {
                    about.variable(&key, &braced(&value), *line);
                }
            }
            "USER" if in_last => user = Some((rest, *line)),
            "HEALTHCHECK" if in_last => probe = Some((rest, *line)),
            "CMD" | "ENTRYPOINT" if in_last => {
                about.command(&rest.replace(['[', ']', '"', ','], " "), *line);
            }
            _ => {}
        }
    }
    match user {
        Some((name, line)) if matches!(name.split(':').next(), Some("root" | "0")) => {
            about.practice(line, Aspect::Privilege, State::Weak, "USER", "runs as root");
        }
        Some((name, line)) => {
            about.practice(line, Aspect::Privilege, State::Absent, "USER", format!("runs as {name}"));
        }
        None => about.practice(
            final_line,
            Aspect::Privilege,
            State::Weak,
            "USER",
            "no USER: root unless the base image says otherwise",
        ),
    }
    match probe {
        Some((text, line)) if text.trim().eq_ignore_ascii_case("none") => {
            about.practice(line, Aspect::HealthProbe, State::Absent, "HEALTHCHECK", "switched off");
        }
        Some((_, line)) => {
            about.practice(line, Aspect::HealthProbe, State::Present, "HEALTHCHECK", "of the image");
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{practices, see};

    #[test]
    fn the_last_stage_says_what_runs() {
        let seen = see(
            "shop/Dockerfile",
            "ARG V=20\nFROM node:$V AS build\nENV A=b\nRUN npm ci\nFROM build as ready\nENV JAVA_OPTS=\"-Xmx1200m -Xms1g\" \\\n  JWT_SECRET=s3cr3tV4lue\nUSER app\nHEALTHCHECK CMD curl localhost\nCMD [\"node\", \"x.js\"]\n",
        );
        let unit = seen.iter().find_map(|s| match &s.seen {
            Seen::Unit(u) => Some(u),
            _ => None,
        });
        let unit = unit.expect("a unit");
        assert_eq!((unit.base_image.as_deref(), unit.language), (Some("node:20"), Some("nodejs")));
        let practices = practices(&seen);
        for expected in [
            "HeapLimit Present -Xmx",
            "LiteralSecret Present JWT_SECRET",
            "Privilege Absent USER",
            "HealthProbe Present HEALTHCHECK",
        ] {
            assert!(practices.iter().any(|p| p == expected), "{expected} in {practices:?}");
        }
        assert!(!format!("{seen:?}").contains("s3cr3tV4lue"));
    }

    #[test]
    fn names_of_dockerfiles() {
        assert!(
            reads("a/Dockerfile")
                && reads("user.Dockerfile")
                && reads("Dockerfile.prod")
                && reads("Containerfile")
        );
        assert!(!reads("Dockerfile.md") && !reads("mydockerfiles") && !reads("a.dockerignore"));
    }

    #[test]
    fn odd_files_end() {
        see("Dockerfile", "FROM a as b\nFROM b as a\nFROM a\nENV\nENV =\nARG\n\\\nRUN <<EOF\nnever closed");
    }
}
