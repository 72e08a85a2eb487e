//! Evidence in Python.

mod access;
mod call;
mod code;
mod django;
mod entity;
mod entry;
mod handler;
mod message;
mod mount;
mod owner;
mod path;
mod repeat;
mod route;
mod rpc;
mod settings;
pub(super) mod sql;
mod state;
mod store;
mod token;
mod value;
mod watch;

use crate::extract::Extractor;
use crate::source::Source;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[
    access::EXTRACTOR,
    call::EXTRACTOR,
    django::EXTRACTOR,
    entity::EXTRACTOR,
    entry::EXTRACTOR,
    message::EXTRACTOR,
    route::EXTRACTOR,
    rpc::EXTRACTOR,
    settings::EXTRACTOR,
    state::EXTRACTOR,
    store::EXTRACTOR,
    token::EXTRACTOR,
    watch::EXTRACTOR,
];

/// Whether a file is Python that people wrote.
pub(crate) fn is_python(path: &str) -> bool {
    path.ends_with(".py") && !path.ends_with("_pb2.py")
}

/// Whether a file is part of tests, `tests.py` of Django and stand-ins included.
pub(crate) fn is_test(source: &Source<'_>) -> bool {
    let name = source.name();
    source.is_test() || name == "tests.py" || name.ends_with("_test.py") || name.starts_with("mock_")
}
