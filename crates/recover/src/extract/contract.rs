//! Evidence in contracts and schemas: OpenAPI, AsyncAPI, proto, GraphQL, SQL.

pub(crate) mod fields;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[];
