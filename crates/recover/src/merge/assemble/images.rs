//! Images in use, as libraries: what a deployment runs and what a Dockerfile is built on.

use std::collections::BTreeSet;

use loadcase_model::Library;

use crate::merge::assemble::All;
use crate::sighting::{Seen, Sighting};
use crate::source::is_test_path;
use loadcase_catalog::{image_name, image_tag};

/// Images by their name without registry, with their tag.
pub(super) fn images(sightings: &[Sighting], all: &All<'_>) -> Vec<Library> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for sighting in sightings.iter().filter(|s| !is_test_path(&s.place.path)) {
        let (name, version, of) = match &sighting.seen {
            Seen::Deployed(deployed) if !deployed.optional => match deployed.image.as_deref() {
                Some(image) => (image_name(image), image_tag(image), Some(deployed.name.as_str())),
                None => continue,
            },
            Seen::Unit(unit) => match unit.base_image.as_deref() {
                Some(image) => (image_name(image), image_tag(image), None),
                None => continue,
            },
            _ => continue,
        };
        let unknown = |text: &str| text.is_empty() || text.contains(['$', '{', '*']);
        if unknown(&name) || version.is_some_and(unknown) {
            continue;
        }
        let owner = all.parts.owners(&sighting.place.path, of).first().copied();
        if seen.insert((name.clone(), sighting.place.clone())) {
            out.push(Library {
                built_at: None,
                locked: false,
                requires: None,
                deprecated: None,
                ecosystem: "docker".to_owned(),
                name,
                version: version.map(str::to_owned),
                component: owner.filter(|o| all.is_shown(*o)).map(|o| all.ids[o].clone()),
                place: sighting.place.clone(),
            });
        }
    }
    out.extend(code_bases(sightings, all));
    out
}

/// Code bases that components have an image of each, built from the whole: Dockerfiles on a shelf, one for each part
/// of the same unit.
fn code_bases(sightings: &[Sighting], all: &All<'_>) -> Vec<Library> {
    let mut out = Vec::new();
    for sighting in sightings.iter().filter(|s| !is_test_path(&s.place.path)) {
        if !matches!(&sighting.seen, Seen::Unit(unit) if unit.ecosystem == "docker") {
            continue;
        }
        let [owner] = all.parts.owners(&sighting.place.path, None)[..] else { continue };
        let Some(unit) = all.parts.parts[owner].unit.as_deref() else { continue };
        let shared = all.parts.parts.iter().filter(|p| p.unit.as_deref() == Some(unit)).count() > 1;
        let file = all.parts.units().owner(&sighting.place.path);
        if shared && file != Some(unit) {
            out.push(Library {
                built_at: None,
                locked: false,
                requires: None,
                deprecated: None,
                ecosystem: "source".to_owned(),
                name: if unit.is_empty() { "the repository".to_owned() } else { unit.to_owned() },
                version: None,
                component: Some(all.ids[owner].clone()),
                place: sighting.place.clone(),
            });
        }
    }
    out
}
