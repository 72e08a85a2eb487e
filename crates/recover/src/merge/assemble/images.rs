//! Images in use, as libraries: what a deployment runs and what a Dockerfile is built on.

use std::collections::BTreeSet;

use loadcase_model::Library;

use crate::merge::assemble::All;
use crate::sighting::{Seen, Sighting};
use crate::signs::{image_name, image_tag};
use crate::source::is_test_path;

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
                ecosystem: "docker".to_owned(),
                name,
                version: version.map(str::to_owned),
                component: owner.filter(|o| all.is_shown(*o)).map(|o| all.ids[o].clone()),
                place: sighting.place.clone(),
            });
        }
    }
    out
}
