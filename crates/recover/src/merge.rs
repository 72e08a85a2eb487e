//! Sightings become a survey: which of them speak of the same component, who reaches whom.
//!
//! Units (folders that are built) and deployed things are matched by build folder, image and name into parts;
//! a part becomes a component. Settings are looked up part by part; what each part reaches is resolved to another
//! part, or makes one (a database nobody deploys here, a system of somebody else's).

mod assemble;
mod flows;
mod handlers;
mod host;
mod operations;
mod parts;
mod settings;
mod unique;
mod units;

use loadcase_catalog::Catalog;
use loadcase_model::Survey;

use crate::extract::Read;
use crate::merge::flows::Flows;
use crate::merge::parts::Parts;
use crate::merge::settings::Settings;
use crate::merge::units::Units;
use crate::walk::Tree;
use loadcase_catalog::Signs;

/// Merges what was read.
pub(crate) fn merge(read: Read, tree: &Tree, signs: &Signs<'_>, catalog: &Catalog) -> Survey {
    let units = Units::new(&read.sightings);
    let mut parts = Parts::new(&read.sightings, &units, signs);
    let settings = Settings::new(&read.sightings, &parts);
    parts.name(&settings);
    let flows = Flows::new(&read.sightings, &mut parts, &settings, signs);
    assemble::assemble(read, tree, &parts, &flows, &settings, catalog)
}

/// A name without case and punctuation, for comparing.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
