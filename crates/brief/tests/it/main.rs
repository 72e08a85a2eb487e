//! Reading briefs and documents as the command line does: with the whole catalog, through the public functions.

mod any;
mod file;
mod recall;

use std::sync::LazyLock;

use loadcase_brief::Reader;
use loadcase_catalog::Catalog;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| loadcase_catalog::load_embedded().expect("the embedded catalog is sound"));

/// The catalog's words, compiled once for all tests.
static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(catalog()));

/// The reader.
pub(crate) fn reader() -> &'static Reader {
    &READER
}

/// The embedded catalog.
pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}
