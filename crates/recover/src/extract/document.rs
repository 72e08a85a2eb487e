//! Evidence in documents: decision records, descriptions of the backend, blueprints and models of other tools.

mod markdown;
mod models;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] =
    &[markdown::EXTRACTOR, models::BLUEPRINT, models::STRUCTURIZR, models::THREAGILE];
