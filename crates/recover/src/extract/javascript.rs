//! Evidence in JavaScript and TypeScript.

mod call;
mod client;
mod connect;
mod entry;
mod folder;
mod guard;
mod message;
mod module;
mod nest;
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
    entry::EXTRACTOR,
    folder::EXTRACTOR,
    guard::EXTRACTOR,
    message::EXTRACTOR,
    nest::EXTRACTOR,
    route::EXTRACTOR,
    safety::EXTRACTOR,
];
