//! Evidence in contracts and schemas: OpenAPI, AsyncAPI, proto, GraphQL, SQL.

mod asyncapi;
pub(crate) mod connection;
pub(crate) mod fields;
mod liquibase;
mod migrations;
mod openapi;
mod proto;
mod sql;
mod table;
pub(crate) mod touched;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[
    asyncapi::EXTRACTOR,
    liquibase::EXTRACTOR,
    migrations::EXTRACTOR,
    openapi::EXTRACTOR,
    proto::GRAPHQL,
    proto::PROTO,
    sql::EXTRACTOR,
];
