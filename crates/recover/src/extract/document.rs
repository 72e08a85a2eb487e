//! Evidence in documents: decision records, blueprints, threat models, Structurizr.

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[];
