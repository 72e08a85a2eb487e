//! Units: folders that are built on their own, and which of them a file belongs to.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::Place;

use crate::sighting::{Seen, Sighting};
use crate::source::is_test_path;

/// A folder that is built on its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnitInfo {
    /// Names from manifests.
    pub(crate) names: Vec<String>,
    /// The programming language.
    pub(crate) language: Option<String>,
    /// Frameworks its entries show.
    pub(crate) framework: Option<String>,
    /// Whether every manifest in it only gathers others.
    pub(crate) aggregates: bool,
    /// Names or folders of units it is built from.
    pub(crate) includes: Vec<String>,
    /// Whether its code starts a process.
    pub(crate) has_entry: bool,
    /// Whether it is built into an image.
    pub(crate) has_image: bool,
    /// Whether a manifest other than a Dockerfile makes it a unit.
    pub(crate) has_manifest: bool,
    /// Whether requests or messages are answered in it.
    pub(crate) answers: bool,
    /// The image it is built on.
    pub(crate) base_image: Option<String>,
    /// Where its manifests are.
    pub(crate) places: Vec<Place>,
}

/// The units of a repository by folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Units {
    folders: BTreeMap<String, UnitInfo>,
    /// The first folder that goes by a name: its path, or a name of its manifests.
    by_name: BTreeMap<String, String>,
}

/// Most units that one is built from.
const CLOSURE: usize = 500;

impl Units {
    /// Gathers the units.
    pub(crate) fn new(sightings: &[Sighting]) -> Self {
        let mut units = Self::default();
        for sighting in sightings {
            let Seen::Unit(unit) = &sighting.seen else { continue };
            if is_test_path(&sighting.place.path) {
                continue;
            }
            let info = units
                .folders
                .entry(folder(&sighting.place.path).to_owned())
                .or_insert_with(|| UnitInfo { aggregates: true, ..UnitInfo::default() });
            info.names.extend(unit.name.clone());
            info.language = info.language.take().or_else(|| unit.language.map(str::to_owned));
            info.aggregates &= unit.aggregates;
            info.includes.extend(unit.includes.iter().cloned());
            info.has_image |= unit.ecosystem == "docker";
            info.has_manifest |= unit.ecosystem != "docker";
            info.base_image = info.base_image.take().or_else(|| unit.base_image.clone());
            info.places.push(sighting.place.clone());
        }
        units.fold_images();
        for (folder, info) in &units.folders {
            for name in std::iter::once(folder).chain(&info.names) {
                units.by_name.entry(name.clone()).or_insert_with(|| folder.clone());
            }
        }
        for sighting in sightings {
            let Some(owner) = units.owner(&sighting.place.path).map(str::to_owned) else { continue };
            let info = units.folders.get_mut(&owner).unwrap_or_else(|| unreachable!("the owner is a unit"));
            match &sighting.seen {
                Seen::Entry(entry) => {
                    info.has_entry = true;
                    info.framework = info.framework.take().or_else(|| entry.framework.clone());
                }
                Seen::Endpoint(e) if e.of.is_none() => info.answers = true,
                _ => {}
            }
        }
        units
    }

    /// A folder with nothing but a Dockerfile belongs to the code it packs: to the unit around it
    /// (`service/docker/Dockerfile`), or to the one unit inside it (`service/Dockerfile`, `service/src/package.json`).
    fn fold_images(&mut self) {
        let only_image: Vec<String> =
            self.folders.iter().filter(|(_, u)| !u.has_manifest).map(|(f, _)| f.clone()).collect();
        for folder in only_image {
            let around = self.above(&folder).filter(|p| {
                !p.is_empty() && self.folders.get(*p).is_some_and(|u| !u.aggregates && u.has_manifest)
            });
            if let Some(around) = around.map(str::to_owned) {
                self.join(&folder, &around);
                continue;
            }
            let prefix = format!("{folder}/");
            let inside: Vec<String> = self
                .folders
                .iter()
                .filter(|(f, u)| f.starts_with(&prefix) && u.has_manifest && !u.has_image)
                .map(|(f, _)| f.clone())
                .collect();
            if let ([only], false) = (inside.as_slice(), folder.is_empty()) {
                self.join(only, &folder);
            }
        }
    }

    /// Makes a unit part of another.
    fn join(&mut self, folder: &str, into: &str) {
        let Some(part) = self.folders.remove(folder) else { return };
        let Some(unit) = self.folders.get_mut(into) else { return };
        unit.names.extend(part.names);
        unit.language = unit.language.take().or(part.language);
        unit.includes.extend(part.includes);
        unit.has_image |= part.has_image;
        unit.has_manifest |= part.has_manifest;
        unit.aggregates &= part.aggregates;
        unit.base_image = unit.base_image.take().or(part.base_image);
        unit.places.extend(part.places);
    }

    /// The nearest unit strictly above a folder.
    fn above(&self, path: &str) -> Option<&str> {
        let mut at = path;
        while !at.is_empty() {
            at = folder(at);
            if let Some((found, _)) = self.folders.get_key_value(at) {
                return Some(found);
            }
        }
        None
    }

    /// The folder of the unit a file belongs to: the nearest above it.
    pub(crate) fn owner(&self, path: &str) -> Option<&str> {
        self.at(folder(path))
    }

    /// The unit of a folder, or the nearest above it.
    pub(crate) fn at(&self, folder: &str) -> Option<&str> {
        match self.folders.get_key_value(folder) {
            Some((found, _)) => Some(found),
            None => self.above(folder),
        }
    }

    /// A folder, when it is a unit's.
    pub(crate) fn is_unit(&self, folder: &str) -> Option<&str> {
        self.folders.get_key_value(folder).map(|(found, _)| found.as_str())
    }

    /// A unit by its folder.
    pub(crate) fn get(&self, folder: &str) -> Option<&UnitInfo> {
        self.folders.get(folder)
    }

    /// The units with their folders.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &UnitInfo)> {
        self.folders.iter().map(|(f, u)| (f.as_str(), u))
    }

    /// Every unit a unit is built from, itself first, by folder.
    pub(crate) fn closure(&self, folder: &str) -> Vec<&str> {
        let mut found: Vec<&str> =
            self.folders.get_key_value(folder).map(|(f, _)| f.as_str()).into_iter().collect();
        let mut next = 0;
        let mut known: BTreeSet<&str> = found.iter().copied().collect();
        while next < found.len() && found.len() < CLOSURE {
            for name in &self.folders[found[next]].includes {
                let hit = self.by_name.get(name).and_then(|f| self.folders.get_key_value(f));
                if let Some((f, u)) = hit
                    && !u.has_entry
                    && known.insert(f.as_str())
                {
                    found.push(f);
                }
            }
            next += 1;
        }
        found
    }
}

/// The folder of a path, empty for the root.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last segment of a folder.
pub(crate) fn leaf(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}
