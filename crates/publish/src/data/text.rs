//! Words, names and literals in SQL, common to its dialects.

use std::fmt::Write as _;

use crate::text::{clean, plain};

/// Longest values, in characters, for text that has no other bound.
pub(crate) const STRING: usize = 255;
pub(crate) const TEXT: usize = 65_536;
pub(crate) const URL: usize = 2_048;
pub(crate) const EMAIL: usize = 320;

/// Words that PostgreSQL keeps for itself.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// An identifier as SQL: quoted where it must be.
pub(crate) fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
    if plain && !RESERVED.contains(&name) { name.to_owned() } else { format!("\"{name}\"") }
}

pub(crate) fn list(names: &[String]) -> String {
    names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ")
}

/// A text as a literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", clean(text).replace('\'', "''"))
}

/// Comment lines: nothing in them can end the comment.
pub(crate) fn comment(out: &mut String, text: &str) {
    for line in plain::wrap(&clean(text), 106, 0) {
        let _ = writeln!(out, "-- {line}");
    }
}
