//! What every reader of manifests shares.

use loadcase_model::{Aspect, Role, State};

use crate::sighting::{LibrarySeen, Name, NameSource, Seen, Setting, Unit};
use crate::source::{Sightings, Source};

/// What a manifest shows besides its libraries: those of observability and secrets are practices.
pub(super) const SEES: &[Aspect] =
    &[Aspect::Tracing, Aspect::Metrics, Aspect::CentralLogging, Aspect::SecretStore];

/// The name of a path's last segment.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path.
pub(super) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Tells of a unit and, when its manifest names it, of its name.
pub(super) fn unit(out: &mut Sightings, line: usize, unit: Unit) {
    if let Some(name) = unit.name.as_deref().filter(|n| !n.is_empty() && !n.contains("${")) {
        // Scopes and paths are no part of the name by which people speak of it.
        let short = file_name(name).to_owned();
        out.add(line, Seen::Name(Name { name: short, source: NameSource::Package }));
    }
    out.add(line, Seen::Unit(unit));
}

/// A library on its line.
#[derive(Clone, Debug, Default)]
pub(super) struct Dependency {
    /// Its name.
    pub(super) name: String,
    /// Its version, when one is written.
    pub(super) version: Option<String>,
    /// Whether it is only for tests or building.
    pub(super) dev: bool,
    /// Whether a lock file says so.
    pub(super) locked: bool,
    /// Line.
    pub(super) line: usize,
    /// The versions of the runtime it asks for, as a lock file says.
    pub(super) requires: Option<String>,
    /// Why the version is deprecated, as a lock file says.
    pub(super) deprecated: Option<String>,
}

/// Longest text that a lock file may say of a package, bytes.
const SAID: usize = 300;

/// What a lock file says, within bounds and without control characters.
fn said(text: Option<String>) -> Option<String> {
    let text = text?;
    let clean: String = text.chars().filter(|c| !c.is_control()).take(SAID).collect();
    Some(clean.trim().to_owned()).filter(|t| !t.is_empty())
}

/// Tells of a library, and of the practice it stands for.
pub(super) fn library(source: &Source<'_>, out: &mut Sightings, ecosystem: &'static str, seen: Dependency) {
    let Dependency { name, version, dev, locked, line, requires, deprecated } = seen;
    if name.is_empty() || name.len() > 200 {
        return;
    }
    if !dev && !locked && !source.is_test() {
        practice_of(source, out, ecosystem, &name, line);
    }
    let (requires, deprecated) = (said(requires), said(deprecated));
    let version = version.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty() && v != "*");
    out.add(line, Seen::Library(LibrarySeen { ecosystem, name, version, dev, locked, requires, deprecated }));
}

fn practice_of(source: &Source<'_>, out: &mut Sightings, ecosystem: &'static str, name: &str, line: usize) {
    let Some(sign) = source.signs.library(ecosystem, name).filter(|s| !s.library_is_role) else { return };
    let aspect = match sign.role {
        Some(Role::TracingServer) => Aspect::Tracing,
        Some(Role::MetricsServer) => Aspect::Metrics,
        Some(Role::LogServer) => Aspect::CentralLogging,
        Some(Role::SecretStore) => Aspect::SecretStore,
        _ => return,
    };
    out.practice(line, aspect, State::Present, name, format!("the library of {}", sign.technology.as_str()));
}

/// The version of the language a manifest asks for, as the setting `runtime.<language>`.
pub(super) fn runtime(out: &mut Sightings, line: usize, language: &str, version: &str) {
    let version = version.trim();
    if !version.is_empty() && version.len() < 80 {
        let (key, value) = (format!("runtime.{language}"), version.to_owned());
        out.add(line, Seen::Setting(Setting { of: None, profile: None, key, value }));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::sighting::{Seen, Sighting, Unit};

    /// Libraries as `name version`, with `dev` and `locked`.
    pub(crate) fn libraries(sightings: &[Sighting]) -> Vec<String> {
        let library = |s: &Sighting| match &s.seen {
            Seen::Library(l) => {
                let mut text = format!("{} {}", l.name, l.version.as_deref().unwrap_or("-"));
                if l.dev {
                    text += " dev";
                }
                if l.locked {
                    text += " locked";
                }
                Some(text)
            }
            _ => None,
        };
        sightings.iter().filter_map(library).collect()
    }

    /// The unit of a path.
    pub(crate) fn unit<'a>(sightings: &'a [Sighting], path: &str) -> &'a Unit {
        let found = sightings.iter().find_map(|s| match &s.seen {
            Seen::Unit(unit) if s.place.path == path => Some(unit),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("no unit at {path}: {sightings:?}"))
    }
}
