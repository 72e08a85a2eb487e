//! Evidence in PHP.

mod module;
mod outward;
mod route;
mod safety;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[outward::EXTRACTOR, route::EXTRACTOR, safety::EXTRACTOR];
