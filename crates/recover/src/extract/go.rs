//! Evidence in Go.

mod access;
mod call;
mod code;
mod inside;
mod repeat;
mod route;
mod store;
mod value;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] =
    &[access::EXTRACTOR, call::EXTRACTOR, inside::EXTRACTOR, route::EXTRACTOR, store::EXTRACTOR];

/// Whether a file is Go.
pub(crate) fn is_go(path: &str) -> bool {
    path.ends_with(".go") && !path.ends_with(".pb.go")
}
