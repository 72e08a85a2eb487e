//! `blueprint.yaml`: the architecture as data, to be edited and read again.

use loadcase_catalog::Catalog;
use loadcase_model::{Blueprint, Design};

use crate::Deliverable;

const HEAD: &str = "# The architecture as data. Edit it and feed it to any other command: each number may be changed, \
                    and the `basis`\n# beside it says where it came from. Identifiers name one thing throughout the \
                    file.\n";

pub(crate) fn deliverables(design: &Design, _: &Catalog) -> Vec<Deliverable> {
    vec![Deliverable { path: "blueprint.yaml".to_owned(), text: blueprint_text(&design.blueprint) }]
}

/// The file: a blueprint as YAML that reads back as the same.
#[must_use]
pub fn blueprint_text(blueprint: &Blueprint) -> String {
    format!("{HEAD}{}", crate::yaml_text(blueprint))
}
