//! Sightings become a survey: which of them speak of the same component, who reaches whom.

use loadcase_catalog::Catalog;
use loadcase_model::{Blueprint, Deployment, Id, Survey};

use crate::extract::Read;
use crate::signs::Signs;
use crate::walk::Tree;

/// Merges what was read.
pub(crate) fn merge(read: Read, tree: &Tree, _signs: &Signs<'_>, _catalog: &Catalog) -> Survey {
    let blueprint = Blueprint {
        schema: Blueprint::SCHEMA.to_owned(),
        name: tree.name.clone(),
        summary: String::new(),
        topology: Id::slug("microservices"),
        actors: indexmap::IndexMap::new(),
        modules: indexmap::IndexMap::new(),
        components: indexmap::IndexMap::new(),
        flows: Vec::new(),
        entities: indexmap::IndexMap::new(),
        operations: indexmap::IndexMap::new(),
        zones: indexmap::IndexMap::new(),
        deployment: Deployment {
            platform: Id::slug("containers"),
            provider: None,
            regions: Vec::new(),
            rollout: None,
        },
        workloads: Vec::new(),
    };
    Survey {
        blueprint,
        names: indexmap::IndexMap::new(),
        roles: indexmap::IndexMap::new(),
        practices: Vec::new(),
        libraries: Vec::new(),
        tables: Vec::new(),
        claims: Vec::new(),
        looked_for: indexmap::IndexMap::new(),
        failed: read.failed,
        files: read.files,
    }
}
