//! Evidence in contracts and schemas: OpenAPI, AsyncAPI, protobuf, GraphQL, SQL.

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[];
