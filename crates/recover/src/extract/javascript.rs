//! Evidence in JavaScript and TypeScript.

mod call;
mod client;
mod connect;
mod entry;
mod folder;
mod message;
mod module;
mod nest;
mod place;
mod route;
mod routing;
mod value;
pub(in crate::extract) mod words;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[
    call::EXTRACTOR,
    connect::EXTRACTOR,
    entry::EXTRACTOR,
    folder::EXTRACTOR,
    message::EXTRACTOR,
    nest::EXTRACTOR,
    route::EXTRACTOR,
];
