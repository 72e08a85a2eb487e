//! `blueprint.yaml`: the architecture as data, to be edited and read again; `brief.json`: what it answers.

use loadcase_catalog::Catalog;
use loadcase_model::{Blueprint, Brief, Design};

use crate::Deliverable;

const HEAD: &str = "# The architecture as data. Edit it and feed it to any other command: each number may be changed, \
                    and the `basis`\n# beside it says where it came from. Identifiers name one thing throughout the \
                    file.\n";

pub(crate) fn deliverables(design: &Design, _: &Catalog) -> Vec<Deliverable> {
    vec![
        Deliverable { path: "blueprint.yaml".to_owned(), text: blueprint_text(&design.blueprint) },
        Deliverable { path: "brief.json".to_owned(), text: brief(&design.brief) },
    ]
}

/// The brief as it was understood, so that it can be changed and designed again.
fn brief(brief: &Brief) -> String {
    let mut text = serde_json::to_string_pretty(brief).expect("a brief has only string keys");
    text.push('\n');
    text
}

/// The file: a blueprint as YAML that reads back as the same.
#[must_use]
pub fn blueprint_text(blueprint: &Blueprint) -> String {
    format!("{HEAD}{}", crate::yaml_text(blueprint))
}
