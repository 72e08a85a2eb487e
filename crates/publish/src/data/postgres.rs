//! `schema.sql`: the tables of a store in PostgreSQL's dialect.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loadcase_model::{FieldType, Id, When};

use super::bounds::{longest, range};
use super::clock;
use super::columns::{Column, Role};
use super::guards::{guards, isolation, partitions};
use super::names::{identifier, shorten};
use super::physical::{Exclusion, Identity, Index, Method, OnDelete, Partial, Schema, Table};
use super::rights::{Columns, Rights};
use super::source::Source;
use super::statement::{PatternRole, constant};
use super::text::{comment, list, literal, quoted};
use super::timescale;

/// What the head of a schema says where tenants share nothing.
pub(crate) const APART: &str = "Each tenant has a database of its own";

/// The roles of a store, not quoted.
pub(crate) struct Roles {
    pub(crate) owner: String,
    pub(crate) application: String,
    pub(crate) maintenance: String,
    /// Of what happens before the tenant is known, on tables that all tenants share.
    pub(crate) identity: String,
    /// Of people of the house, who work on the rows of all tenants.
    pub(crate) staff: String,
}

impl Roles {
    pub(crate) fn of(source: &Source<'_>) -> Self {
        let slug = Id::slug(&source.keeping.blueprint.name);
        let role = |what: &str| shorten(format!("{}_{what}", identifier(slug.as_str())));
        Self {
            owner: role("owner"),
            application: role("app"),
            maintenance: role("maintenance"),
            identity: role("identity"),
            staff: role("staff"),
        }
    }
}

/// The schema of one store.
pub(crate) fn schema(source: &Source<'_>, store: &Id, schema: &Schema<'_>) -> String {
    let roles = Roles::of(source);
    let lacks = |what: &str| source.lacks(store, what);
    let mut out = String::new();
    header(&mut out, source, store, schema);
    if !lacks("gist") && schema.tables.iter().any(|t| !t.exclusions.is_empty()) {
        comment(&mut out, "Periods that must not overlap compare what is equal beside them in one index.");
        out.push_str("CREATE EXTENSION IF NOT EXISTS btree_gist;\n\n");
    }
    let shared = schema.has_identity();
    create_roles(&mut out, &roles, shared, schema);
    if schema.tables.iter().any(|t| t.identity == Identity::Uuid) {
        out.push_str(NEW_ID);
    }
    for (n, table) in schema.tables.iter().enumerate() {
        let churns = !lacks("storage-parameters") && updates_per_s(source, schema, n) >= CHURNS_PER_S;
        create_table(&mut out, table, churns, &lacks);
    }
    foreign_keys(&mut out, schema);
    for table in &schema.tables {
        create_indexes(&mut out, table, &lacks);
    }
    if !lacks("triggers") {
        guards(&mut out, schema, lacks("constraint-triggers"));
    }
    grants(&mut out, schema, &roles);
    if schema.isolated {
        isolation(&mut out, schema, &roles);
    }
    if clock::keeps_partitions(source, store, schema) {
        partitions(&mut out, schema, &roles);
    }
    clock::clock(&mut out, source, store, schema, &roles);
    out.push_str("RESET ROLE;\n");
    timescale::hypertables(&mut out, schema, &roles);
    out
}

fn header(out: &mut String, source: &Source<'_>, store: &Id, schema: &Schema<'_>) {
    let blueprint = source.keeping.blueprint;
    let component = blueprint.components.get(store);
    let label = component.map_or(store.as_str(), |c| c.name.as_str());
    comment(out, &format!("Tables of {} in {label}.", blueprint.name));
    comment(
        out,
        "Generated from the blueprint: keys and references from its entities, indexes from the access patterns of its operations. Each index names in its comment what needs it.",
    );
    comment(
        out,
        "Lengths in checks are guards against abuse, not measurements: set them to what the product allows.",
    );
    let technology = component.and_then(|c| source.keeping.technology(c));
    if technology.is_some_and(|t| t.has("embedded")) {
        comment(
            out,
            "The store of this design runs inside the process and has a schema of its own dialect beside this one. This one is for PostgreSQL, the next step of the growth path.",
        );
    } else if let Some(other) =
        technology.filter(|t| t.dialect != Some(loadcase_catalog::Dialect::Postgresql))
    {
        comment(
            out,
            &format!(
                "Written in PostgreSQL's dialect. The store of this design is {}: where its dialect differs, translate uuid, timestamptz, jsonb, partial indexes and policies.",
                other.name
            ),
        );
    }
    if source.chosen.apart && schema.tables.iter().any(|t| t.scoped) {
        comment(
            out,
            &format!(
                "{APART}: apply this file to each. The tenant stays in every key, so that rows can move between databases and a restore into the wrong one shows."
            ),
        );
    }
    out.push('\n');
}

fn create_roles(out: &mut String, roles: &Roles, shared: bool, schema: &Schema<'_>) {
    comment(
        out,
        "Three roles that nobody logs in with: one owns the tables and runs migrations, the application's login is a member of the second, that of workers that serve all tenants of the third. No login is a member of the owner, and only the third steps over policies, where whoever applies this file may allow it.",
    );
    if shared {
        comment(
            out,
            "One more serves what happens before the tenant is known, such as signing in: of the tables that tenants share it has what its statements do and no more, it reads those that say whose tenant's a person or a key is, finds a tenant by what its statements look for, and has rights on no other.",
        );
    }
    if schema.has_staff() {
        comment(
            out,
            "And one is for people of the house: it works on the rows of all tenants, with the rights of the operations that are theirs alone, once staff_access says who works on what in this transaction.",
        );
    }
    let Roles { owner, application, maintenance, identity, staff } = roles;
    let _ = writeln!(out, "DO $$\nBEGIN");
    let mut all = vec![owner, application, maintenance];
    all.extend(Some(identity).filter(|_| shared));
    all.extend(Some(staff).filter(|_| schema.has_staff()));
    let users: Vec<String> = all.iter().skip(1).map(|r| quoted(r)).collect();
    for role in all {
        let name = literal(role);
        let plain = format!("CREATE ROLE {} NOLOGIN NOBYPASSRLS;", quoted(role));
        let made = if schema.isolated && role == maintenance {
            format!(
                "BEGIN\n            CREATE ROLE {} NOLOGIN BYPASSRLS;\n        EXCEPTION WHEN insufficient_privilege THEN\n            {plain}\n        END;",
                quoted(role)
            )
        } else {
            plain
        };
        let _ = writeln!(
            out,
            "    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {name}) THEN\n        {made}\n    END IF;"
        );
    }
    // From version 16 on whoever makes a role may hand it on, and not take it on, until it is handed to himself.
    let _ = writeln!(
        out,
        "    IF NOT pg_has_role(current_user, {}, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END) THEN\n        EXECUTE format('GRANT %I TO %I', {}, current_user);\n    END IF;\nEND\n$$;\nGRANT USAGE, CREATE ON SCHEMA public TO {};\nGRANT USAGE ON SCHEMA public TO {};\nSET ROLE {};\n",
        literal(owner),
        literal(owner),
        quoted(owner),
        users.join(", "),
        quoted(owner),
    );
}

/// The time in milliseconds before random bits: rows come at the end of the index instead of anywhere in it.
const NEW_ID: &str = "\
-- Identifiers are UUIDs of version 7: they begin with the time, so that new rows come at the end of an index.
-- PostgreSQL 18 has uuidv7() for this; older ones do not.
CREATE FUNCTION new_id() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE
RETURN (
    lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
    || substr(replace(gen_random_uuid()::text, '-', ''), 14)
)::uuid;

";

/// Changed rows a second from which a table gets room for them, and a vacuum that keeps up. A judgement: the defaults
/// wait until a fifth of all rows are dead.
const CHURNS_PER_S: f64 = 100.0;

/// Rows of a table that are changed each second at the peak in 24 months.
fn updates_per_s(source: &Source<'_>, schema: &Schema<'_>, table: usize) -> f64 {
    let uses =
        schema.uses.iter().filter(|u| u.table == table && u.kind() == loadcase_model::AccessKind::Update);
    uses.filter_map(|u| Some(super::statement::rates(source, u)?.1 * u.access.rows)).sum()
}

fn create_table(out: &mut String, table: &Table<'_>, churns: bool, lacks: &impl Fn(&str) -> bool) {
    let summary = if table.entity.summary.is_empty() { &table.entity.name } else { &table.entity.summary };
    comment(out, summary);
    for (column, to, why) in &table.loose {
        comment(out, &format!("{column} refers to {to}; not checked here: {why}."));
    }
    if let Some(reason) = &table.entity.soft_delete {
        comment(out, &format!("Rows are marked as deleted first: {reason}"));
    }
    let mut lines: Vec<String> = table.columns.iter().map(|c| column(table, c)).collect();
    lines.push(format!("CONSTRAINT {} PRIMARY KEY ({})", quoted(&table.key.name), list(&table.key.columns)));
    for unique in &table.uniques {
        let absent = if unique.with_absent { " NULLS NOT DISTINCT" } else { "" };
        lines.push(format!("CONSTRAINT {} UNIQUE{absent} ({})", quoted(&unique.name), list(&unique.columns)));
    }
    lines
        .extend(table.ordered_pairs().iter().map(|(a, b)| format!("CHECK ({} <= {})", quoted(a), quoted(b))));
    if !lacks("gist") {
        lines.extend(table.exclusions.iter().map(exclusion));
    }
    let split = table.split.as_ref().filter(|s| !lacks("partitions") && !s.by_extension);
    let split = split.map_or_else(String::new, |s| format!(" PARTITION BY RANGE ({})", quoted(&s.column)));
    // The parent of partitions takes no such settings.
    let room = if churns && split.is_empty() {
        " WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0)"
    } else {
        ""
    };
    if !room.is_empty() {
        comment(
            out,
            "Rows change all the time: pages keep room for the new version beside the old one, and dead ones go early.",
        );
    }
    let _ = writeln!(
        out,
        "CREATE TABLE {} (\n    {}\n){split}{room};\n",
        quoted(&table.name),
        lines.join(",\n    ")
    );
    for partial in &table.partials {
        let only = partial.only.iter().map(|(c, when)| counts(table, c, when));
        let _ = writeln!(out, "{}", unique_among(table, partial, only));
        let why = std::iter::once("what is unique among these rows".to_owned()).chain(partial.serves.clone());
        let told = told(&why.collect::<Vec<_>>());
        let _ = writeln!(out, "COMMENT ON INDEX {} IS {told};\n", quoted(&partial.name));
    }
    for unique in table.unique_groups().filter(|u| !u.serves.is_empty()) {
        let _ = writeln!(out, "COMMENT ON INDEX {} IS {};\n", quoted(&unique.name), told(&unique.serves));
    }
}

/// The index by which something is unique among the rows that `only` says, a condition for each column.
pub(crate) fn unique_among(
    table: &Table<'_>,
    partial: &Partial,
    only: impl Iterator<Item = String>,
) -> String {
    format!(
        "CREATE UNIQUE INDEX {} ON {} ({}) WHERE {};",
        quoted(&partial.name),
        quoted(&table.name),
        list(&partial.columns),
        only.collect::<Vec<_>>().join(" AND ")
    )
}

/// What a column holds in the rows among which something is unique.
pub(crate) fn counts(table: &Table<'_>, column: &str, when: &When) -> String {
    let name = quoted(column);
    match when {
        When::Absent => format!("{name} IS NULL"),
        When::Present => format!("{name} IS NOT NULL"),
        When::Is(word) => format!("{name} = {}", constant(table.column(column), word)),
    }
}

/// Rows that are equal in some columns have no moment, or no day, in common.
fn exclusion(exclusion: &Exclusion) -> String {
    let (from, until) = (quoted(&exclusion.from), quoted(&exclusion.until));
    let period = if exclusion.days {
        format!("daterange({from}, {until}, '[]')")
    } else {
        format!("tstzrange({from}, {until})")
    };
    let parts: Vec<String> = exclusion.within.iter().map(|c| format!("{} WITH =", quoted(c))).collect();
    let words = |(column, words): &(String, Vec<String>)| {
        let words: Vec<String> = words.iter().map(|w| literal(w)).collect();
        format!("{} NOT IN ({})", quoted(column), words.join(", "))
    };
    let counted: Vec<String> = exclusion.unless.iter().filter(|(_, w)| !w.is_empty()).map(words).collect();
    let counted =
        if counted.is_empty() { String::new() } else { format!(" WHERE ({})", counted.join(" AND ")) };
    format!(
        "CONSTRAINT {} EXCLUDE USING gist ({}, {period} WITH &&){counted}",
        quoted(&exclusion.name),
        parts.join(", ")
    )
}

/// What an index is for, as the literal of its comment.
pub(crate) fn told(serves: &[String]) -> String {
    let mut seen = BTreeSet::new();
    let reasons: Vec<&str> = serves.iter().map(String::as_str).filter(|s| seen.insert(*s)).collect();
    literal(&format!("Serves: {}", reasons.join("; ")))
}

fn column(table: &Table<'_>, col: &super::physical::Col) -> String {
    let (column, name) = (&col.column, quoted(&col.name));
    if column.role == Role::Identifier && table.identity == Identity::Number {
        return format!("{name} bigint GENERATED ALWAYS AS IDENTITY");
    }
    let mut text = format!("{name} {}", sql_type(column.kind));
    if !column.optional {
        text.push_str(" NOT NULL");
    }
    text.push_str(match (column.role, column.listed, column.name.as_str()) {
        (Role::Identifier, ..) => " DEFAULT new_id()",
        (_, false, "created_at" | "updated_at") => " DEFAULT now()",
        _ => "",
    });
    for check in checks(column, &name) {
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
        FieldType::Float => "double precision",
        FieldType::Boolean => "boolean",
        FieldType::Timestamp => "timestamptz",
        FieldType::Date => "date",
        FieldType::Json => "jsonb",
        FieldType::Point => "point",
        FieldType::Bytes => "bytea",
    }
}

/// What a value must satisfy.
pub(crate) fn checks(column: &Column, name: &str) -> Vec<String> {
    let at_most = |longest: usize| format!("char_length({name}) <= {longest}");
    let of_kind = match column.kind {
        FieldType::Email => longest(column).map(|l| format!("{} AND {name} = lower({name})", at_most(l))),
        FieldType::String | FieldType::Text | FieldType::Url => longest(column).map(at_most),
        FieldType::Currency => Some(format!("{name} ~ '^[A-Z]{{3}}$'")),
        FieldType::Enum if !column.values.is_empty() => {
            let values: BTreeSet<String> = column.values.iter().map(|v| literal(v)).collect();
            Some(format!("{name} IN ({})", values.into_iter().collect::<Vec<_>>().join(", ")))
        }
        _ => None,
    };
    of_kind.into_iter().chain(bounds(column, name)).collect()
}

/// The bounds of a whole number or an amount.
pub(crate) fn bounds(column: &Column, name: &str) -> Option<String> {
    match range(column) {
        (Some(min), Some(max)) => Some(format!("{name} BETWEEN {min} AND {max}")),
        (Some(min), None) => Some(format!("{name} >= {min}")),
        (None, Some(max)) => Some(format!("{name} <= {max}")),
        (None, None) => None,
    }
}

fn foreign_keys(out: &mut String, schema: &Schema<'_>) {
    for table in &schema.tables {
        for reference in &table.references {
            let on_delete = match reference.on_delete {
                OnDelete::Refuse => String::new(),
                OnDelete::Cascade => " ON DELETE CASCADE".to_owned(),
                OnDelete::Clear => format!(" ON DELETE SET NULL ({})", quoted(reference.column())),
            };
            let _ = writeln!(
                out,
                "ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({}){on_delete}{};",
                quoted(&table.name),
                list(&reference.columns),
                quoted(&schema.tables[reference.to].name),
                list(&reference.to_columns),
                if reference.circular { " DEFERRABLE" } else { "" }
            );
        }
    }
    if schema.tables.iter().any(|t| !t.references.is_empty()) {
        out.push('\n');
    }
}

fn create_indexes(out: &mut String, table: &Table<'_>, lacks: &impl Fn(&str) -> bool) {
    for index in &table.indexes {
        let missing = match index.method {
            Method::Spatial => lacks("gist"),
            _ => false,
        };
        if missing {
            comment(
                out,
                &format!("{} needs an index over places that this store has under another name.", index.name),
            );
            continue;
        }
        let _ = writeln!(
            out,
            "CREATE INDEX {} ON {} {};",
            quoted(&index.name),
            quoted(&table.name),
            index_columns(index, table)
        );
        let _ = writeln!(out, "COMMENT ON INDEX {} IS {};\n", quoted(&index.name), told(&index.serves));
    }
}

/// The part of an index after the table: method, columns, what it carries, which rows it holds.
pub(crate) fn index_columns(index: &Index, table: &Table<'_>) -> String {
    let parts = index.parts().map(|(c, desc)| {
        let bytes = if index.prefix.as_deref() == Some(c) { " COLLATE \"C\"" } else { "" };
        format!("{}{bytes}{}", quoted(c), if desc == Some(true) { " DESC" } else { "" })
    });
    let columns = parts.collect::<Vec<_>>().join(", ");
    let is_text = index.equal.iter().any(|name| table.kind(name) == Some(FieldType::Text));
    let mut text = match index.method {
        Method::Ordered => format!("({columns})"),
        Method::Spatial => format!("USING gist ({columns})"),
        Method::Inverted if is_text => format!("USING gin (to_tsvector('simple', {columns}))"),
        Method::Inverted => format!("USING gin ({columns} jsonb_path_ops)"),
    };
    if !index.include.is_empty() {
        let _ = write!(text, " INCLUDE ({})", list(&index.include));
    }
    let mut only: Vec<String> = index.only.iter().map(|(c, when)| counts(table, c, when)).collect();
    if index.filled {
        only.extend(index.parts().next().map(|(c, _)| format!("{} IS NOT NULL", quoted(c))));
    }
    if !only.is_empty() {
        let _ = write!(text, " WHERE {}", only.join(" AND "));
    }
    text
}

/// What each role may do, a line for each table and role.
fn grants(out: &mut String, schema: &Schema<'_>, roles: &Roles) {
    comment(
        out,
        "What only ever grows nobody changes, and only upkeep deletes, when its time is over or an erasure asks for it; where a request takes such rows back, the application may delete them as well.",
    );
    if schema.tables.iter().any(|t| schema.is_shared(t) && t.open_columns().len() < t.columns.len()) {
        comment(
            out,
            "Of tables that tenants share the work of a tenant reads no secrets: those are for sign-in and upkeep.",
        );
    }
    let each = [
        (&roles.application, PatternRole::Application),
        (&roles.maintenance, PatternRole::Maintenance),
        (&roles.identity, PatternRole::Identity),
        (&roles.staff, PatternRole::Staff),
    ];
    for table in &schema.tables {
        for (role, runs) in each {
            let rights = schema.rights(table, runs);
            if rights.any() {
                let _ = writeln!(
                    out,
                    "GRANT {} ON {} TO {};",
                    granted(&rights),
                    quoted(&table.name),
                    quoted(role)
                );
            }
        }
    }
    out.push('\n');
}

/// Rights as a statement names them.
fn granted(rights: &Rights) -> String {
    let select = match &rights.select {
        Columns::None => None,
        Columns::Some(columns) => Some(format!("SELECT ({})", list(columns))),
        Columns::All => Some("SELECT".to_owned()),
    };
    let others = [(rights.insert, "INSERT"), (rights.update, "UPDATE"), (rights.delete, "DELETE")];
    let others = others.into_iter().filter(|(may, _)| *may).map(|(_, word)| word.to_owned());
    select.into_iter().chain(others).collect::<Vec<_>>().join(", ")
}
