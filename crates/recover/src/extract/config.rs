//! Evidence in configuration of applications: Spring, .env, appsettings.

mod appsettings;
mod beats;
mod dotenv;
mod spring;

use crate::extract::Extractor;

pub(crate) use spring::STREAM_BROKER;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] =
    &[appsettings::EXTRACTOR, beats::EXTRACTOR, dotenv::EXTRACTOR, spring::EXTRACTOR];
