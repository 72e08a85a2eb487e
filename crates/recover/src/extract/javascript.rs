//! Evidence in JavaScript and TypeScript.

mod call;
mod client;
mod connect;
mod entity;
mod entry;
mod folder;
mod guard;
mod message;
pub(in crate::extract) mod module;
mod names;
mod nest;
mod origin;
mod place;
mod route;
mod routing;
mod safety;
mod value;
pub(in crate::extract) mod words;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[
    call::EXTRACTOR,
    connect::EXTRACTOR,
    entity::EXTRACTOR,
    entity::PRISMA,
    entry::EXTRACTOR,
    folder::EXTRACTOR,
    guard::EXTRACTOR,
    message::EXTRACTOR,
    nest::EXTRACTOR,
    route::EXTRACTOR,
    safety::EXTRACTOR,
];
