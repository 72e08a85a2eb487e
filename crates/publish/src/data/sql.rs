//! `schema.sql`: the tables of a relational store in PostgreSQL's dialect.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loadcase_model::{FieldType, Id};

use super::columns::{Column, Role, TENANT};
use super::extras;
use super::tables::{
    Index, Method, TENANTS, Table, has_tenant_table, identifier, makes_tenant_table, tables,
};
use crate::text::{clean, plain};
use crate::view::View;

/// The technology whose dialect is written.
const DIALECT: &str = "postgresql";

/// Longest values, in characters, for text that has no other bound.
const STRING: usize = 255;
const TEXT: usize = 65_536;
const URL: usize = 2_048;
const EMAIL: usize = 320;

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

fn list(names: &[String]) -> String {
    names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ")
}

/// A text as a literal.
fn literal(text: &str) -> String {
    format!("'{}'", clean(text).replace('\'', "''"))
}

/// Comment lines: nothing in them can end the comment.
pub(crate) fn comment(out: &mut String, text: &str) {
    for line in plain::wrap(&clean(text), 106, 0) {
        let _ = writeln!(out, "-- {line}");
    }
}

/// The schema of one store.
pub(crate) fn schema(view: &View<'_>, store: &Id) -> String {
    let Some((store, _)) = view.blueprint().components.get_key_value(store) else { return String::new() };
    let tables = tables(view, store);
    let role = quoted(&format!("{}_app", identifier(Id::slug(&view.blueprint().name).as_str())));
    let mut out = String::new();
    header(&mut out, view, store);
    create_role(&mut out, &role);
    let makes_tenants = makes_tenant_table(view, store);
    if makes_tenants {
        tenant_table(&mut out);
    }
    for table in &tables {
        create_table(&mut out, table);
    }
    let names: BTreeSet<&str> = tables.iter().map(|t| t.name.as_str()).collect();
    let isolated = enforces_tenants(view, store) && tables.iter().any(|t| t.scoped);
    let mut extras = extras::tables(view, store, &names);
    if isolated {
        extras = extras.iter().map(extras::of_tenants).collect();
    }
    for extra in &extras {
        out.push_str(&extra.sql);
    }
    foreign_keys(&mut out, &tables);
    for table in &tables {
        create_indexes(&mut out, table);
    }
    grants(&mut out, &tables, &extras, &role, makes_tenants);
    if isolated {
        isolation(&mut out, &tables, &extras, &role, has_tenant_table(view, store));
    }
    out
}

/// Whether the database itself keeps tenants apart: rows are shared, and the store can.
pub(crate) fn enforces_tenants(view: &View<'_>, store: &Id) -> bool {
    let component = view.blueprint().components.get(store);
    let able = component.and_then(|c| view.technology(c)).is_some_and(|t| t.has("row-level-security"));
    let apart = ["silo_per_tenant", "single_tenant"];
    able && !view.choice("tenancy").iter().any(|w| apart.contains(&w.as_str()))
}

fn header(out: &mut String, view: &View<'_>, store: &Id) {
    let blueprint = view.blueprint();
    comment(out, &format!("Tables of {} in {}.", blueprint.name, view.label(store)));
    comment(
        out,
        "Generated from the blueprint: keys and references from its entities, indexes from the access patterns of its operations.",
    );
    comment(
        out,
        "Lengths in checks are guards against abuse, not measurements: set them to what the product allows.",
    );
    let technology = blueprint.components.get(store).and_then(|c| view.technology(c));
    if technology.is_some_and(|t| t.has("embedded")) {
        comment(
            out,
            "The store of this design runs inside the process and has a schema of its own dialect beside this one. This one is for PostgreSQL, the next step of the growth path.",
        );
    } else if let Some(other) = technology.filter(|t| t.id != *DIALECT) {
        comment(
            out,
            &format!(
                "Written in PostgreSQL's dialect. The store of this design is {}: where its dialect differs, translate uuid, timestamptz, jsonb, partial indexes and policies.",
                other.name
            ),
        );
    }
    out.push('\n');
}

fn create_role(out: &mut String, role: &str) {
    comment(
        out,
        "The application logs in with a role that has this one: it owns no table, so that policies hold for it.",
    );
    let _ = writeln!(
        out,
        "DO $$\nBEGIN\n    CREATE ROLE {role} NOLOGIN NOBYPASSRLS;\nEXCEPTION WHEN duplicate_object THEN\n    NULL;\nEND\n$$;\n"
    );
}

fn tenant_table(out: &mut String) {
    comment(out, "Whoever a row belongs to. The blueprint has no entity for it.");
    out.push_str(
        "CREATE TABLE tenant (\n    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),\n    name text NOT NULL CHECK \
         (char_length(name) BETWEEN 1 AND 255),\n    created_at timestamptz NOT NULL DEFAULT now()\n);\n\n",
    );
}

fn create_table(out: &mut String, table: &Table<'_>) {
    let summary = if table.entity.summary.is_empty() { &table.entity.name } else { &table.entity.summary };
    comment(out, summary);
    let mut lines: Vec<String> = table.columns.iter().map(column).collect();
    let key = if table.scoped { list(&[TENANT.to_owned(), "id".to_owned()]) } else { "id".to_owned() };
    lines.push(format!("PRIMARY KEY ({key})"));
    for unique in table.columns.iter().filter(|c| c.unique && c.role == Role::Plain) {
        let name = identifier(&unique.name);
        let columns = if table.scoped { vec![TENANT.to_owned(), name] } else { vec![name] };
        lines.push(format!("UNIQUE ({})", list(&columns)));
    }
    let _ = writeln!(out, "CREATE TABLE {} (\n    {}\n);\n", quoted(&table.name), lines.join(",\n    "));
}

fn column(column: &Column) -> String {
    let name = quoted(&identifier(&column.name));
    let mut text = format!("{name} {}", sql_type(column.kind));
    if !column.optional {
        text.push_str(" NOT NULL");
    }
    text.push_str(match (column.role, column.listed, column.name.as_str()) {
        (Role::Identifier, ..) => " DEFAULT gen_random_uuid()",
        (_, false, "created_at" | "updated_at") => " DEFAULT now()",
        _ => "",
    });
    if let Some(check) = check(column, &name) {
        let _ = write!(text, " CHECK ({check})");
    }
    text
}

/// The type of a column. Enumerations are text with a check: easier to change, and their comparison may use an
/// index under row-level security.
pub(crate) const fn sql_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Id | FieldType::Ref => "uuid",
        FieldType::String
        | FieldType::Text
        | FieldType::Currency
        | FieldType::Enum
        | FieldType::Url
        | FieldType::Email => "text",
        FieldType::Integer | FieldType::Money => "bigint",
        FieldType::Decimal => "numeric",
        FieldType::Boolean => "boolean",
        FieldType::Timestamp => "timestamptz",
        FieldType::Date => "date",
        FieldType::Json => "jsonb",
        FieldType::Point => "point",
        FieldType::Bytes => "bytea",
    }
}

pub(crate) fn check(column: &Column, name: &str) -> Option<String> {
    let at_most = |longest: usize| format!("char_length({name}) <= {longest}");
    Some(match column.kind {
        FieldType::String => at_most(STRING),
        FieldType::Text => at_most(TEXT),
        FieldType::Url => at_most(URL),
        FieldType::Email => format!("{} AND {name} = lower({name})", at_most(EMAIL)),
        FieldType::Currency => format!("{name} ~ '^[A-Z]{{3}}$'"),
        FieldType::Enum if !column.values.is_empty() => {
            let values: BTreeSet<String> = column.values.iter().map(|v| literal(v)).collect();
            format!("{name} IN ({})", values.into_iter().collect::<Vec<_>>().join(", "))
        }
        _ => return None,
    })
}

fn foreign_keys(out: &mut String, tables: &[Table<'_>]) {
    for table in tables {
        for reference in &table.references {
            let _ = writeln!(
                out,
                "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({});",
                quoted(&table.name),
                list(&reference.columns),
                quoted(&reference.to),
                list(&reference.to_columns)
            );
        }
    }
    if tables.iter().any(|t| !t.references.is_empty()) {
        out.push('\n');
    }
}

fn create_indexes(out: &mut String, table: &Table<'_>) {
    for index in &table.indexes {
        for reason in &index.reasons {
            comment(out, &format!("For {reason}."));
        }
        let _ = writeln!(
            out,
            "CREATE INDEX {} ON {} {};\n",
            quoted(&index.name),
            quoted(&table.name),
            index_columns(index, table)
        );
    }
}

/// The part of an index after the table: method and columns.
pub(crate) fn index_columns(index: &Index, table: &Table<'_>) -> String {
    let equal = index.equal.iter().map(|c| quoted(c));
    let order =
        index.order.iter().map(|(c, desc)| format!("{}{}", quoted(c), if *desc { " DESC" } else { "" }));
    let columns = equal.chain(order).collect::<Vec<_>>().join(", ");
    let is_text = |name: &String| {
        table.columns.iter().any(|c| identifier(&c.name) == *name && c.kind == FieldType::Text)
    };
    match index.method {
        Method::Ordered => format!("({columns})"),
        Method::Block => format!("USING brin ({columns})"),
        Method::Spatial => format!("USING gist ({columns})"),
        Method::Inverted if index.equal.iter().any(is_text) => {
            format!("USING gin (to_tsvector('simple', {columns}))")
        }
        Method::Inverted => format!("USING gin ({columns})"),
    }
}

fn grants(out: &mut String, tables: &[Table<'_>], extras: &[extras::Extra], role: &str, makes_tenants: bool) {
    comment(out, "What only ever grows can neither be changed nor deleted by the application.");
    for table in tables {
        let rights =
            if table.entity.append_only { "SELECT, INSERT" } else { "SELECT, INSERT, UPDATE, DELETE" };
        let _ = writeln!(out, "GRANT {rights} ON {} TO {role};", quoted(&table.name));
    }
    for extra in extras {
        let _ = writeln!(out, "GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {role};", extra.name);
    }
    if makes_tenants {
        let _ = writeln!(out, "GRANT SELECT ON tenant TO {role};");
    }
    out.push('\n');
}

/// Row-level security on every table with a tenant.
fn isolation(out: &mut String, tables: &[Table<'_>], extras: &[extras::Extra], role: &str, tenants: bool) {
    comment(
        out,
        "Each transaction begins with SET LOCAL app.tenant_id. What works over all tenants (relay, worker, deletion by age) needs a role with BYPASSRLS, and sets the tenant before it does a tenant's work.",
    );
    out.push('\n');
    if tenants {
        isolate(out, TENANTS, "id", role);
    }
    for table in tables.iter().filter(|t| t.scoped) {
        isolate(out, &table.name, TENANT, role);
    }
    for extra in extras {
        isolate(out, extra.name, TENANT, role);
    }
}

/// A session sees and writes the rows of one tenant.
fn isolate(out: &mut String, table: &str, column: &str, role: &str) {
    let name = quoted(table);
    let own = format!("{column} = (SELECT current_setting('app.tenant_id', true)::uuid)");
    let policy = quoted(&identifier(&format!("{table}_of_tenant")));
    let _ = writeln!(out, "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;");
    let _ = writeln!(out, "ALTER TABLE {name} FORCE ROW LEVEL SECURITY;");
    let _ = writeln!(
        out,
        "CREATE POLICY {policy} ON {name} TO {role}\n    USING ({own})\n    WITH CHECK ({own});\n"
    );
}
