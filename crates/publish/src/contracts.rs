//! Contracts of a blueprint, for those who serve or check them.

pub use crate::api::contract::{
    Access, Answer, Call, CallKind, Contract, Described, Effect, Field, Filter, Form, Language, Message,
    Page, Record, Style, Test, Text, Way,
};
pub use crate::api::draft::{Options, contract};
pub use crate::api::openapi::{Version, document as openapi, event_text, media, page_for_people, success};
pub use crate::api::problem::{PROBLEMS, Problem, of_call as problems, of_status as problem};
pub use crate::api::sample::{record as sample_record, row_id, value as sample};
pub use crate::api::security::Scheme;

/// Whether a value of this type is sent as its own text in a form.
#[must_use]
pub const fn is_text(form: &Form) -> bool {
    !matches!(
        form,
        Form::Integer(..)
            | Form::Money(..)
            | Form::Float(..)
            | Form::Boolean
            | Form::Document
            | Form::Documents(_)
            | Form::Point
            | Form::Record(_)
            | Form::List(..)
    )
}

/// The files of a contract: OpenAPI, GraphQL, Protocol Buffers and AsyncAPI, whichever it needs.
#[must_use]
pub fn files(contract: &Contract, version: Version) -> Vec<crate::Deliverable> {
    crate::api::files(contract, version)
}
