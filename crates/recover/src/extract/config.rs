//! Evidence in configuration of applications: Spring, .env, appsettings.

mod appsettings;
mod dotenv;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[appsettings::EXTRACTOR, dotenv::EXTRACTOR];
