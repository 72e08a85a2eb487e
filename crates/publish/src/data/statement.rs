//! Access patterns as parameterised statements in PostgreSQL's dialect.

use loadcase_catalog::Catalog;
use loadcase_model::{Access, AccessKind, Blueprint, Design, FieldType, Id, Operation, When, Workload};

use super::build;
use super::physical::{Col, Identity, Method, Schema, Table, Use};
use super::postgres::{counts, sql_type};
use super::rights::Columns;
use super::source::Source;
use super::text::{literal, quoted};
use crate::view::View;

/// What a parameter of a statement stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterRole {
    /// The tenant that the session works for.
    Tenant,
    /// A value that a column equals.
    Equal,
    /// A list of values, of which a column equals one.
    AnyOf,
    /// The first value of a span, included.
    From,
    /// The end of a span, not included.
    Before,
    /// Words to search for, a document to be contained, or a place to be near to.
    Searched,
    /// The last row of the page before.
    Cursor,
    /// A value to be stored.
    Value,
}

/// A parameter of a statement, in the order of its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The column it is compared with or stored in.
    pub column: String,
    /// Its type, as in a cast; lists end in `[]`.
    pub sql_type: String,
    /// What it stands for.
    pub role: ParameterRole,
}

/// Who runs a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternRole {
    /// The application, for one tenant where rows belong to tenants.
    Application,
    /// A worker, for all tenants: its role has a policy of its own, for all rows.
    Maintenance,
    /// What happens before the tenant is known, such as signing in, on tables that tenants share.
    Identity,
    /// People of the house, on the rows of all tenants: what they do is written down first.
    Staff,
}

/// An access pattern of the blueprint as a statement, and what serves it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Name, unique within the store.
    pub name: String,
    /// In words.
    pub title: String,
    /// The operation; absent for what the tables themselves need, such as the deletion of old rows.
    pub operation: Option<Id>,
    /// The entity.
    pub entity: Id,
    /// The table, not quoted.
    pub table: String,
    /// How rows are touched.
    pub kind: AccessKind,
    /// The statement, parameters as `$1`, `$2`; constants that partial indexes need are in its text.
    pub statement: String,
    /// The statement of the pages after the first, with the same parameters and those of the cursor after them.
    pub next_page: Option<String>,
    /// The parameters of `statement`.
    pub parameters: Vec<Parameter>,
    /// The parameters that `next_page` has beyond them.
    pub cursor: Vec<Parameter>,
    /// The key, unique constraint or index that serves it; absent for inserts and for partitions dropped whole.
    pub index: Option<String>,
    /// Whether rows belong to a tenant, so that `app.tenant_id` has to be set.
    pub tenant_scoped: bool,
    /// Most rows that one statement returns or changes; absent where nothing bounds them.
    pub bounded_rows: Option<f64>,
    /// Who runs it.
    pub role: PatternRole,
    /// How often it runs at the peak, per second, now and later, where a workload says.
    pub rate_per_s: Option<(f64, f64)>,
}

/// The data of one store that speaks PostgreSQL's dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreData {
    /// The component that stores it.
    pub store: Id,
    /// The role that owns the tables.
    pub owner: String,
    /// The role of the application: it owns nothing and bypasses nothing.
    pub application: String,
    /// The role of what works over all tenants.
    pub maintenance: String,
    /// The role of what happens before the tenant is known; made only where tenants share tables.
    pub identity: Option<String>,
    /// The role of people of the house, and the statement by which their work is written down, with the operation in
    /// place of `$1`; made only where an operation is theirs alone.
    pub staff: Option<(String, String)>,
    /// The schema as one script.
    pub schema: String,
    /// A few rows that satisfy every constraint, as one script.
    pub seed: String,
    /// Every access pattern.
    pub patterns: Vec<Pattern>,
    /// Whether the store itself keeps tenants apart, by policies.
    pub isolated: bool,
    /// What its functions do when they are called again and again.
    pub upkeep: Vec<DueWork>,
}

/// What a function of the schema does, each time it is called, until it answers 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueWork {
    /// The function.
    pub name: String,
    /// What is so when it has answered 0.
    pub claim: String,
    /// A statement that makes something due.
    pub before: Option<String>,
    /// The call, which answers with one number: how much was done.
    pub statement: String,
    /// How much is left undone, as one number.
    pub left: String,
}

/// The data of each store of a design that speaks PostgreSQL's dialect.
#[must_use]
pub fn of_design(design: &Design, catalog: &Catalog) -> Vec<StoreData> {
    of_source(&Source::of_view(&View::new(design, catalog)))
}

/// The data of each store of a blueprint that speaks PostgreSQL's dialect.
#[must_use]
pub fn of_blueprint(blueprint: &Blueprint, catalog: &Catalog) -> Vec<StoreData> {
    of_source(&Source::of_blueprint(blueprint, catalog))
}

/// The access patterns of a design on its stores that speak PostgreSQL's dialect.
#[must_use]
pub fn patterns(design: &Design, catalog: &Catalog) -> Vec<Pattern> {
    of_design(design, catalog).into_iter().flat_map(|s| s.patterns).collect()
}

pub(super) fn of_source(source: &Source<'_>) -> Vec<StoreData> {
    let stores = source.keeping.relational_stores();
    let speaks = |id: &Id| source.keeping.dialect(id) == Some(loadcase_catalog::Dialect::Postgresql);
    stores
        .into_iter()
        .filter(|(id, _)| speaks(id))
        .map(|(id, _)| {
            let schema = build::schema(source, id);
            let roles = super::postgres::Roles::of(source);
            StoreData {
                store: id.clone(),
                schema: super::postgres::schema(source, id, &schema),
                seed: super::seed::script(&schema, loadcase_catalog::Dialect::Postgresql),
                isolated: schema.isolated,
                upkeep: super::clock::due_work(source, id, &schema),
                patterns: schema.uses.iter().map(|u| pattern(source, &schema, u)).collect(),
                owner: roles.owner,
                application: roles.application,
                maintenance: roles.maintenance,
                identity: schema.has_identity().then_some(roles.identity),
                staff: schema.has_staff().then(|| (roles.staff, written_down("'upkeep'", "$1"))),
            }
        })
        .collect()
}

/// The rates of an operation at the peak, now and later.
pub(crate) fn rates(source: &Source<'_>, used: &Use<'_>) -> Option<(f64, f64)> {
    let blueprint = source.keeping.blueprint;
    let looked_up = |o: &Operation| -> f64 {
        let same = |a: &&Access| a.entity == used.access.entity && a.by == used.access.by;
        o.proof.iter().filter(same).map(|a| a.rows).sum()
    };
    // What finds out who calls runs before every operation that asks for it.
    let at = |w: &Workload| match used.operation {
        Some((id, _)) => w.rate_per_s.get(id).copied(),
        None => {
            let of = |(id, o): (&Id, &Operation)| w.rate_per_s.get(id).map_or(0.0, |r| r * looked_up(o));
            Some(blueprint.operations.iter().map(of).sum::<f64>()).filter(|rate| *rate > 0.0)
        }
    };
    let of = |horizon| source.keeping.blueprint.workloads.iter().find(|w| w.horizon == horizon).and_then(at);
    Some((of(loadcase_model::Horizon::Now)?, of(loadcase_model::Horizon::Later)?))
}

/// A use as a pattern.
pub(crate) fn pattern(source: &Source<'_>, schema: &Schema<'_>, used: &Use<'_>) -> Pattern {
    let table = &schema.tables[used.table];
    let role = schema.runs(used);
    // The work of a tenant has no right to the secrets of rows that tenants share.
    let open_only = schema.is_shared(table) && role == PatternRole::Application;
    let columns = match schema.rights(table, role).select {
        Columns::Some(columns) if schema.finds_tenant(used) => columns,
        _ if open_only => table.open_columns(),
        _ => table.columns.iter().map(|c| c.name.clone()).collect(),
    };
    let mut writer = Writer { table, used, columns: &columns, parameters: Vec::new(), after: Vec::new() };
    let statement = writer.statement();
    let parameters = std::mem::take(&mut writer.parameters);
    let (next_page, cursor) = next_page(table, used, &columns, &parameters);
    Pattern {
        name: used.name.clone(),
        title: used.title.clone(),
        operation: used.operation.map(|(id, _)| id.clone()),
        entity: table.id.clone(),
        table: table.name.clone(),
        kind: used.access.kind,
        statement,
        next_page,
        parameters,
        cursor,
        index: used.served.name().map(str::to_owned),
        tenant_scoped: table.scoped,
        bounded_rows: used.bounded_rows(table),
        role,
        rate_per_s: rates(source, used),
    }
}

/// The statement with which people of the house begin a transaction: without it the policies show them nothing.
pub(crate) fn written_down(actor: &str, operation: &str) -> String {
    format!(
        "INSERT INTO staff_access (transaction, actor, operation) VALUES (pg_current_xact_id()::text::bigint, {actor}, {operation})"
    )
}

fn next_page(
    table: &Table<'_>,
    used: &Use<'_>,
    columns: &[String],
    before: &[Parameter],
) -> (Option<String>, Vec<Parameter>) {
    let pages = used.access.kind == AccessKind::ReadMany && !used.order.is_empty() && used.access.rows > 1.0;
    let nullable = used.order.iter().any(|c| table.column(c).is_none_or(|c| c.column.optional));
    if !pages || nullable || used.locks {
        return (None, Vec::new());
    }
    let mut writer = Writer { table, used, columns, parameters: before.to_vec(), after: Vec::new() };
    let after: Vec<String> = used.order.iter().map(|c| writer.parameter(c, ParameterRole::Cursor)).collect();
    let cursor = writer.parameters.split_off(before.len());
    let mut again = Writer { table, used, columns, parameters: Vec::new(), after };
    (Some(again.read()), cursor)
}

struct Writer<'w, 'a> {
    table: &'w Table<'a>,
    used: &'w Use<'a>,
    /// The columns that are within reach.
    columns: &'w [String],
    parameters: Vec<Parameter>,
    /// The last row of the page before, by the columns of the order; empty for the first page.
    after: Vec<String>,
}

impl Writer<'_, '_> {
    /// The next parameter, as text with a cast where its type is not plain from the column.
    fn parameter(&mut self, column: &str, role: ParameterRole) -> String {
        let kind = self.table.column(column).map_or(FieldType::String, |c| c.column.kind);
        let number = self.table.identity == Identity::Number
            && self.table.identifier().is_some_and(|c| c.name == column);
        let base = match role {
            ParameterRole::Searched if kind == FieldType::Text => "text",
            _ if number => "bigint",
            _ => sql_type(kind),
        };
        let sql_type = if role == ParameterRole::AnyOf { format!("{base}[]") } else { base.to_owned() };
        self.parameters.push(Parameter { column: column.to_owned(), sql_type: sql_type.clone(), role });
        format!("${}::{sql_type}", self.parameters.len())
    }

    /// The column by which rows are those of the tenant of the session.
    fn whose(&self) -> Option<&str> {
        self.table.tenant().or_else(|| self.table.owner.as_deref().filter(|_| self.used.owned))
    }

    /// A column as statements compare and order it: a beginning is looked for byte by byte, whatever the order of the
    /// database's language, which no beginning is a span of.
    fn compared(&self, column: &str) -> String {
        format!("{}{}", quoted(column), self.collation(column))
    }

    fn collation(&self, column: &str) -> &'static str {
        if self.used.prefix.as_deref() == Some(column) { " COLLATE \"C\"" } else { "" }
    }

    fn statement(&mut self) -> String {
        match self.used.access.kind {
            AccessKind::ReadOne | AccessKind::ReadMany => self.read(),
            AccessKind::Aggregate => {
                let conditions = self.conditions();
                format!("SELECT count(*) FROM {}{conditions}", quoted(&self.table.name))
            }
            AccessKind::Insert => self.insert(),
            AccessKind::Update => self.update(),
            AccessKind::Delete => self.delete(),
        }
    }

    fn read(&mut self) -> String {
        let columns = if self.used.access.kind == AccessKind::ReadMany { self.shown() } else { self.all() };
        let conditions = self.conditions();
        let mut text = format!("SELECT {columns} FROM {}{conditions}", quoted(&self.table.name));
        let direction = if self.used.access.descending { " DESC" } else { "" };
        let mut order: Vec<String> =
            self.used.order.iter().map(|c| format!("{}{direction}", self.compared(c))).collect();
        if let Some((Method::Spatial, column)) = &self.used.searched {
            let near = self.parameter(column, ParameterRole::Searched);
            order = vec![format!("{} <-> {near}", quoted(column))];
        }
        if !order.is_empty() {
            text.push_str(&format!(" ORDER BY {}", order.join(", ")));
        }
        let limited = self.used.any.is_none();
        if let Some(rows) = self.used.bounded_rows(self.table).filter(|_| limited) {
            text.push_str(&format!(" LIMIT {rows}"));
        }
        if self.used.locks {
            text.push_str(" FOR UPDATE SKIP LOCKED");
        }
        text
    }

    fn all(&self) -> String {
        self.columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", ")
    }

    /// What a page shows: what the index carries where it carries columns on purpose, else all.
    fn shown(&self) -> String {
        let index = self.used.served.name().and_then(|n| self.table.indexes.iter().find(|i| i.name == n));
        match index.filter(|i| !i.include.is_empty()) {
            Some(index) => {
                let parts = index.parts().map(|(c, _)| c).chain(index.include.iter().map(String::as_str));
                parts.map(quoted).collect::<Vec<_>>().join(", ")
            }
            None => self.all(),
        }
    }

    fn conditions(&mut self) -> String {
        let mut found = Vec::new();
        let used = self.used;
        for column in &used.equal {
            let tenant = self.whose() == Some(column.as_str());
            let role = if tenant { ParameterRole::Tenant } else { ParameterRole::Equal };
            let value = self.parameter(column, role);
            found.push(format!("{} = {value}", quoted(column)));
        }
        if let Some(column) = &used.any {
            let values = self.parameter(column, ParameterRole::AnyOf);
            found.push(format!("{} = ANY ({values})", quoted(column)));
        }
        for (column, value) in &used.only {
            found.push(counts(self.table, column, value));
        }
        if let Some(column) = &used.range {
            let kept = used.access.kind != AccessKind::Delete;
            let from = kept.then(|| self.parameter(column, ParameterRole::From));
            let before = self.parameter(column, ParameterRole::Before);
            self.within(&mut found, column, from.as_deref(), &before);
        }
        if let Some(column) = &used.prefix {
            // The last character there is comes after all that may follow.
            let beginning = self.parameter(column, ParameterRole::Searched);
            let end = format!("{beginning} || chr(1114111)");
            self.within(&mut found, column, Some(&beginning), &end);
        }
        if let Some((Method::Inverted, column)) = &used.searched {
            let value = self.parameter(column, ParameterRole::Searched);
            found.push(if self.table.kind(column) == Some(FieldType::Text) {
                format!(
                    "to_tsvector('simple', {}) @@ websearch_to_tsquery('simple', {value})",
                    quoted(column)
                )
            } else {
                format!("{} @> {value}", quoted(column))
            });
        }
        if !self.after.is_empty() {
            found.push(self.beyond(&self.after));
        }
        if found.is_empty() { String::new() } else { format!(" WHERE {}", found.join(" AND ")) }
    }

    /// The conditions of a span. On the pages after the first, where rows are in the order of the span, the row of the
    /// page before takes the place of the bound that pages start from: an index is entered at one bound only, and
    /// with both it would be read from the start of the span to the page.
    fn within(&mut self, found: &mut Vec<String>, column: &str, from: Option<&str>, before: &str) {
        let (own, collation) = (self.compared(column), self.collation(column));
        let down = self.used.access.descending;
        let mut lower = from.map(|from| format!("{own} >= {from}"));
        let mut upper = Some(format!("{own} < {before}"));
        let leads = self.used.order.first().is_some_and(|c| c == column);
        let entered = if down { Some(before) } else { from };
        if let (true, Some(bound), Some(first)) = (leads, entered, self.after.first_mut()) {
            let (nearer, replaced) = if down { ("LEAST", &mut upper) } else { ("GREATEST", &mut lower) };
            *first = format!("{nearer}({first}{collation}, {bound})");
            *replaced = None;
        }
        found.extend(lower);
        found.extend(upper);
    }

    /// The condition that rows come after one, by the columns of the order.
    fn beyond(&self, row: &[String]) -> String {
        let columns: Vec<String> = self.used.order.iter().map(|c| self.compared(c)).collect();
        let sign = if self.used.access.descending { "<" } else { ">" };
        match (&columns[..], row) {
            ([column], [value]) => format!("{column} {sign} {value}"),
            _ => format!("({}) {sign} ({})", columns.join(", "), row.join(", ")),
        }
    }

    fn insert(&mut self) -> String {
        let made = |c: &&Col| {
            !(self.table.identity == Identity::Number
                && self.table.identifier().is_some_and(|i| i.name == c.name))
        };
        let columns: Vec<String> = self.table.columns.iter().filter(made).map(|c| c.name.clone()).collect();
        let tenant = self.whose().map(str::to_owned);
        let values: Vec<String> = columns
            .iter()
            .map(|c| {
                let role =
                    if tenant.as_ref() == Some(c) { ParameterRole::Tenant } else { ParameterRole::Value };
                self.parameter(c, role)
            })
            .collect();
        let names: Vec<String> = columns.iter().map(|c| quoted(c)).collect();
        // Where its fields identify a row and the operation may be repeated, the second time adds nothing.
        let repeated = self.table.identity == Identity::Natural
            && self.used.operation.is_some_and(|(_, operation)| operation.idempotent);
        format!(
            "INSERT INTO {} ({}) VALUES ({}){}",
            quoted(&self.table.name),
            names.join(", "),
            values.join(", "),
            if repeated { " ON CONFLICT DO NOTHING" } else { "" }
        )
    }

    fn update(&mut self) -> String {
        let filled = self
            .used
            .only
            .iter()
            .find(|(c, v)| *v == When::Absent && self.table.kind(c) == Some(FieldType::Timestamp));
        let touched = self.table.of_field("updated_at").map(|c| c.name.clone());
        let free = || {
            let keys = &self.table.key.columns;
            self.table.columns.iter().map(|c| &c.name).find(|c| !keys.contains(c)).cloned()
        };
        let mut set: Vec<String> =
            filled.iter().map(|(c, _)| c).chain(&touched).map(|c| format!("{} = now()", quoted(c))).collect();
        if set.is_empty() {
            let column = free().unwrap_or_else(|| self.table.columns[0].name.clone());
            set.push(format!("{0} = {0}", quoted(&column)));
        }
        let conditions = self.conditions();
        format!("UPDATE {} SET {}{conditions}", quoted(&self.table.name), set.join(", "))
    }

    /// Deletes in batches, unless a whole key says which rows.
    fn delete(&mut self) -> String {
        let name = quoted(&self.table.name);
        let have: Vec<&String> = self.used.equal.iter().chain(&self.used.any).collect();
        let whole = self.table.unique_groups().any(|u| u.columns.iter().all(|c| have.contains(&c)));
        let conditions = self.conditions();
        if whole {
            return format!("DELETE FROM {name}{conditions}");
        }
        let key = self.table.key.columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", ");
        let rows = self.used.access.rows.max(1.0).ceil();
        if self.table.key.columns.len() == 1 {
            // As a list, the rows found are looked up by the key whatever the planner expects of them.
            return format!(
                "DELETE FROM {name} WHERE {key} = ANY (ARRAY(SELECT {key} FROM {name}{conditions} LIMIT {rows}))"
            );
        }
        // The conditions stand outside as well: what is not due is then not looked at to find the keys again.
        let outside = if conditions.is_empty() { " WHERE".to_owned() } else { format!("{conditions} AND") };
        format!("DELETE FROM {name}{outside} ({key}) IN (SELECT {key} FROM {name}{conditions} LIMIT {rows})")
    }
}

/// A constant of a statement or an index.
pub(crate) fn constant(column: Option<&Col>, value: &str) -> String {
    match column.map(|c| c.column.kind) {
        Some(FieldType::Boolean) => if value == "true" { "true" } else { "false" }.to_owned(),
        Some(FieldType::Integer | FieldType::Money) => {
            value.parse::<i64>().map_or_else(|_| "0".to_owned(), |n| n.to_string())
        }
        _ => literal(value),
    }
}
