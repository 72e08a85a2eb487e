//! Evidence in Java and Kotlin, Spring above all.

mod app;
mod calls;
mod code;
mod constants;
mod entity;
mod feign;
mod handler;
mod kotlin_tree;
mod logging_config;
mod messaging;
mod resilience;
mod routes;
mod security;
mod tree;
mod values;
mod web;
mod writes;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[
    app::EXTRACTOR,
    calls::EXTRACTOR,
    constants::EXTRACTOR,
    entity::EXTRACTOR,
    feign::EXTRACTOR,
    logging_config::EXTRACTOR,
    messaging::EXTRACTOR,
    resilience::EXTRACTOR,
    routes::EXTRACTOR,
    security::EXTRACTOR,
    web::EXTRACTOR,
    writes::EXTRACTOR,
];
