//! The user's own package clients: `npm`, `pip`, `cargo`. They ask where they are configured to ask, with the mirrors
//! and credentials of their user; Loadcase only reads what they print.
//!
//! No shell stands in between, a name is checked before it becomes an argument, standard input is empty, the output
//! is bounded, and a client that takes too long is ended.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use loadcase_catalog::{PackageFact, RuntimeNeed};
use loadcase_facts::Subject;
use loadcase_facts::version::{Scheme, Version};
use serde_json::Value;

use crate::http::Fault;
use crate::text::{clean, is_package, is_version};
use crate::{Gathered, Source, Wanted};

/// A package client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// `npm view`.
    Npm,
    /// `pip index versions`.
    Pip,
    /// `cargo info`.
    Cargo,
}

impl Program {
    /// Every client.
    pub const ALL: [Self; 3] = [Self::Npm, Self::Pip, Self::Cargo];

    /// Its name as a command.
    #[must_use]
    pub const fn command(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pip => "pip",
            Self::Cargo => "cargo",
        }
    }

    const fn ecosystem(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pip => "pypi",
            Self::Cargo => "cargo",
        }
    }

    const fn source(self) -> &'static str {
        match self {
            Self::Npm => "`npm view` of this machine",
            Self::Pip => "`pip index versions` of this machine",
            Self::Cargo => "`cargo info` of this machine",
        }
    }

    fn arguments(self, name: &str) -> Vec<String> {
        let fixed: &[&str] = match self {
            Self::Npm => &["view", "--json"],
            Self::Pip => &["index", "versions", "--disable-pip-version-check", "--no-input"],
            Self::Cargo => &["info", "--color", "never", "--quiet"],
        };
        let mut all: Vec<String> = fixed.iter().map(|a| (*a).to_owned()).collect();
        all.push(name.to_owned());
        if self == Self::Npm {
            let fields =
                ["name", "version", "versions", "time", "deprecated", "engines", "license", "dist-tags"];
            all.extend(fields.map(str::to_owned));
        }
        all
    }
}

/// Asks a package client.
#[derive(Clone, Debug)]
pub struct Client {
    program: Program,
    command: PathBuf,
    timeout: Duration,
    today: String,
}

/// Most bytes of output that are read.
const OUTPUT: u64 = 8 * 1024 * 1024;

/// Most packages for which a client is started: each start takes a second.
const PACKAGES: usize = 60;

impl Client {
    /// Asks with a command, for at most `timeout` for each package.
    #[must_use]
    pub fn new(program: Program, command: impl Into<PathBuf>, timeout: Duration, today: &str) -> Self {
        Self { program, command: command.into(), timeout, today: today.to_owned() }
    }

    fn package(&self, subject: &Subject) -> Result<PackageFact, Fault> {
        if !is_package(subject) {
            return Err(Fault::Malformed("its name is none that the ecosystem allows".to_owned()));
        }
        let output = self.run(&self.program.arguments(&subject.name))?;
        let fact = match self.program {
            Program::Npm => npm(&output),
            Program::Pip => pip(&output),
            Program::Cargo => cargo(&output),
        }?;
        Ok(PackageFact {
            ecosystem: subject.ecosystem.clone(),
            name: subject.name.clone(),
            source: self.program.source().to_owned(),
            as_of: self.today.clone(),
            ..fact
        })
    }

    /// Runs the client in an empty folder: in a project it would answer for that project.
    fn run(&self, arguments: &[String]) -> Result<String, Fault> {
        let folder = tempfile::tempdir().map_err(|e| Fault::NoConnection(e.to_string()))?;
        let mut child = Command::new(&self.command)
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| Fault::NoConnection(format!("{} cannot be started: {e}", self.program.command())))?;
        let stdout = child.stdout.take();
        // What it prints is read beside it: a full pipe would stop it.
        let reading = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = stdout.map(|out| out.take(OUTPUT + 1).read_to_end(&mut bytes));
            read.map_or(Ok(0), |r| r).map(|_| bytes)
        });
        let ended = self.wait(&mut child);
        if ended.is_none() {
            let _ = child.kill();
            let _ = child.wait();
            // Children of the client may hold the pipe open: nobody waits for them.
            return Err(Fault::TooSlow(self.timeout.as_secs_f64()));
        }
        let bytes = reading.join().ok().and_then(Result::ok).unwrap_or_default();
        if bytes.len() as u64 > OUTPUT {
            return Err(Fault::TooLarge(OUTPUT));
        }
        match ended {
            Some(true) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            _ => Err(Fault::Unknown),
        }
    }

    /// Whether it ended well; nothing when it took too long.
    fn wait(&self, child: &mut Child) -> Option<bool> {
        let until = Instant::now() + self.timeout;
        let mut pause = Duration::from_millis(5);
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Some(status.success()),
                Ok(None) if Instant::now() < until => std::thread::sleep(pause),
                _ => return None,
            }
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }
}

impl Source for Client {
    fn name(&self) -> &str {
        self.program.source()
    }

    fn place(&self) -> String {
        format!("{} (asks where it is configured to)", self.program.command())
    }

    fn gather(&self, wanted: &Wanted, progress: &mut dyn FnMut(usize, usize)) -> Gathered {
        let of = |s: &&Subject| s.ecosystem == self.program.ecosystem() && is_package(s);
        let asked: Vec<&Subject> = wanted.packages.iter().filter(of).collect();
        let mut gathered = Gathered::default();
        for (i, subject) in asked.iter().take(PACKAGES).enumerate() {
            match self.package(subject) {
                Ok(fact) => gathered.packages.push(fact),
                Err(fault) => {
                    let gone = matches!(fault, Fault::NoConnection(_) | Fault::TooSlow(_));
                    gathered.unanswered.push(format!("{} about {}: {fault}", self.name(), subject.name));
                    if gone && gathered.packages.is_empty() {
                        break;
                    }
                }
            }
            progress(i + 1, asked.len().min(PACKAGES));
        }
        if asked.len() > PACKAGES {
            let rest = asked.len() - PACKAGES;
            gathered.unanswered.push(format!("{}: {rest} further packages were not asked for", self.name()));
        }
        gathered
    }
}

/// The newest of versions that is no pre-release.
fn newest(ecosystem: &str, versions: &[String]) -> Option<String> {
    let scheme = Scheme::of(ecosystem);
    let mut best: Option<(Version, &String)> = None;
    for text in versions {
        let Some(version) = Version::parse(scheme, text).filter(|v| !v.is_prerelease()) else { continue };
        if best.as_ref().is_none_or(|(b, _)| *b < version) {
            best = Some((version, text));
        }
    }
    best.map(|(_, text)| text.clone())
}

/// What `npm view --json` prints. A mirror stamps versions with the day it took them in, and may drop marks of
/// deprecation: days are upper bounds, and a missing mark proves nothing.
fn npm(output: &str) -> Result<PackageFact, Fault> {
    let root: Value = serde_json::from_str(output).map_err(|e| Fault::Malformed(clean(&e.to_string())))?;
    let versions: Vec<String> = match root.get("versions") {
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).filter(|v| is_version(v)).map(str::to_owned).collect()
        }
        // A package with one version has no list.
        Some(Value::String(one)) if is_version(one) => vec![one.clone()],
        _ => Vec::new(),
    };
    let Some(latest) = newest("npm", &versions) else {
        return Err(Fault::Malformed("it lists no version".to_owned()));
    };
    let tagged = root.get("version").and_then(Value::as_str).map(clean);
    let engines = root.get("engines").and_then(|e| e.get("node")).and_then(Value::as_str);
    let mut deprecated = IndexMap::new();
    if let (Some(why), Some(version)) = (root.get("deprecated").and_then(Value::as_str), &tagged) {
        deprecated.insert(version.clone(), clean(why));
    }
    let time = root.get("time").and_then(|t| t.get(&latest)).and_then(Value::as_str);
    Ok(PackageFact {
        released: time.and_then(|t| loadcase_facts::days_later(t, 0)),
        released_at_the_latest: true,
        // The fields speak of the version that the tag `latest` names.
        runtime: engines.filter(|_| tagged.as_ref() == Some(&latest)).map(|range| RuntimeNeed {
            on: "nodejs".to_owned(),
            range: clean(range),
            said_in: "engines.node".to_owned(),
        }),
        licence: root.get("license").and_then(Value::as_str).map(clean),
        deprecated,
        latest,
        versions,
        ..PackageFact::default()
    })
}

/// What `pip index versions` prints: it leaves out what the Python it runs on cannot install.
fn pip(output: &str) -> Result<PackageFact, Fault> {
    let listed = output.lines().find_map(|l| l.trim().strip_prefix("Available versions:"));
    let versions: Vec<String> = listed
        .into_iter()
        .flat_map(|l| l.split(','))
        .map(str::trim)
        .filter(|v| is_version(v))
        .map(str::to_owned)
        .collect();
    let Some(latest) = newest("pypi", &versions) else {
        return Err(Fault::Malformed("it lists no version".to_owned()));
    };
    let limit = Some("pip names only what the Python it runs on can install".to_owned());
    Ok(PackageFact { latest, versions, limit, ..PackageFact::default() })
}

/// What `cargo info` prints: the newest version, which may be a pre-release, and the Rust it asks for.
fn cargo(output: &str) -> Result<PackageFact, Fault> {
    let field = |name: &str| {
        let line = output.lines().find_map(|l| l.strip_prefix(name))?;
        line.split_whitespace().next().map(clean).filter(|v| is_version(v))
    };
    let Some(shown) = field("version:") else {
        return Err(Fault::Malformed("it names no version".to_owned()));
    };
    let Some(version) = Version::parse(Scheme::Semver, &shown) else {
        return Err(Fault::Malformed(format!("{shown} is no version")));
    };
    if version.is_prerelease() {
        return Err(Fault::Malformed(format!(
            "it names the pre-release {shown} only, not the newest release"
        )));
    }
    Ok(PackageFact {
        runtime: field("rust-version:").map(|least| RuntimeNeed {
            on: "rust".to_owned(),
            range: format!(">={least}"),
            said_in: "rust-version".to_owned(),
        }),
        licence: output.lines().find_map(|l| l.strip_prefix("license:")).map(|l| clean(l.trim())),
        latest: shown,
        ..PackageFact::default()
    })
}

#[cfg(test)]
mod tests {
    use super::{cargo, npm, pip};

    #[test]
    fn what_clients_print_is_read_with_its_limits() {
        let express = npm(r#"{"name": "express", "version": "5.3.0", "versions": ["4.22.3", "5.3.0", "6.0.0-beta.1"], "time": {"5.3.0": "2026-10-09T01:02:03Z"}, "engines": {"node": ">= 18"}, "license": "MIT"}"#).expect("read");
        assert_eq!((express.latest.as_str(), express.released.as_deref()), ("5.3.0", Some("2026-10-09")));
        assert!(express.released_at_the_latest && !express.tells_deprecated, "a mirror's day and silence");
        let django = pip("django (5.2.19)\nAvailable versions: 5.2.19, 5.2.18, 6.0a1\n").expect("read");
        assert_eq!(django.latest, "5.2.19");
        assert!(django.limit.is_some(), "pip answers for the Python it runs on");
        let early =
            cargo("redis #driver\nversion: 2.0.0-rc.2\nlicense: BSD-3-Clause\n").expect_err("a pre-release");
        assert!(early.to_string().contains("2.0.0-rc.2"), "{early}");
        let sqlx =
            cargo("sqlx\nversion: 0.9.0\nrust-version: 1.86\nlicense: MIT OR Apache-2.0\n").expect("read");
        assert_eq!(sqlx.runtime.map(|r| r.range).as_deref(), Some(">=1.86"));
        for hostile in
            ["", "[]", "{\"versions\": {\"a\": 1}}", "{\"versions\": [\"--x\"]}", "Available versions: , ,"]
        {
            assert!(npm(hostile).is_err() && pip(hostile).is_err() && cargo(hostile).is_err(), "{hostile}");
        }
    }
}
