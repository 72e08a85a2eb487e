//! How long texts and how large numbers may be: one table for what schemas check and what contracts promise.

use loadcase_model::FieldType;

use super::columns::Column;
use super::text::{EMAIL, STRING, TEXT, URL};
use crate::api::{known, naming::snake};

/// Longest value of a text in characters: what the blueprint says, or as much as its name asks for; `None` where a column holds no free text.
pub(crate) fn longest(column: &Column) -> Option<usize> {
    match column.kind {
        FieldType::String => {
            let own = column.bounds.1.and_then(|most| usize::try_from(most).ok());
            Some(own.unwrap_or_else(|| known::longest(&snake(&column.name)).max(STRING)).clamp(1, TEXT))
        }
        FieldType::Text => Some(TEXT),
        FieldType::Url => Some(URL),
        FieldType::Email => Some(EMAIL),
        _ => None,
    }
}

/// Smallest and largest value of a number.
pub(crate) const fn range(column: &Column) -> (Option<i64>, Option<i64>) {
    match column.kind {
        FieldType::Integer | FieldType::Money | FieldType::Decimal | FieldType::Float => column.bounds,
        _ => (None, None),
    }
}

/// The range of a number within what is usual for its name: what the blueprint says of it counts.
pub(crate) fn within(column: &Column, usual: (i64, i64)) -> (i64, i64) {
    let (min, max) = range(column);
    let least = min.unwrap_or_else(|| usual.0.min(max.unwrap_or(usual.0)));
    (least, max.unwrap_or(usual.1).max(least))
}
