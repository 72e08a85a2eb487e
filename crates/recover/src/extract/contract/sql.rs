//! SQL of migrations and schemas: plain, Flyway, Liquibase's formatted SQL, Prisma, goose and others.

use loadcase_model::{Aspect, State};
use sqlparser::ast::{AlterTableOperation, ColumnDef, ObjectName, Statement, TableConstraint};
use sqlparser::dialect::{
    Dialect, GenericDialect, MsSqlDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect,
};
use sqlparser::parser::Parser;

use crate::extract::Extractor;
use crate::extract::contract::table::{self, Table};
use crate::secret::{Secrecy, judge};
use crate::source::{Sightings, Source};

/// Reads SQL.
pub(crate) const EXTRACTOR: Extractor = Extractor {
    id: "sql",
    reads: |path| path.to_ascii_lowercase().ends_with(".sql"),
    sees: &[Aspect::MoneyAsFloat, Aspect::CardData, Aspect::LiteralSecret],
    extract,
};

/// Longest statement that is parsed; longer ones are data.
const LONGEST: usize = 60_000;

/// Nesting that a statement of a schema never has.
const DEPTH: usize = 24;

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let path = source.path.to_ascii_lowercase();
    let undone =
        [".down.sql", "_down.sql", "/down.sql", "-down.sql", ".undo.sql"].iter().any(|e| path.ends_with(e));
    let flyway_undo = source.name().starts_with('U') && source.name().contains("__");
    if source.is_test() || undone || flyway_undo {
        return;
    }
    for (line, statement) in statements(forward(source.text)) {
        read(&statement, line, out);
    }
}

/// The part of a file that goes forward: tools mark the way back in the same file.
fn forward(text: &str) -> &str {
    let marks = ["-- +goose Down", "-- +migrate Down", "-- migrate:down", "--//@UNDO", "-- +micrate Down"];
    let end = marks.iter().filter_map(|m| text.find(m)).min().unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Splits a text into statements, each with the line it begins on; comments are left out.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let (mut current, mut began, mut line) = (String::new(), 1usize, 1usize);
    let mut chars = text.char_indices().peekable();
    let mut quote = None::<char>;
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '-') if next == Some('-') => {
                while chars.peek().is_some_and(|(_, c)| *c != '\n') {
                    chars.next();
                }
                continue;
            }
            (None, '/') if next == Some('*') => {
                let rest = text.get(at..).unwrap_or("");
                let end = rest.find("*/").map_or(text.len(), |e| at + e + 2);
                while chars.peek().is_some_and(|(i, _)| *i < end) {
                    if let Some((_, '\n')) = chars.next() {
                        line += 1;
                        current.push('\n');
                    }
                }
                continue;
            }
            (None, '$') => {
                // The body of a function: `$$ ... $$` or `$tag$ ... $tag$`.
                let rest = text.get(at..).unwrap_or("");
                if let Some(end) = dollar_quoted(rest) {
                    let end = at + end;
                    while chars.peek().is_some_and(|(i, _)| *i < end) {
                        if let Some((_, '\n')) = chars.next() {
                            line += 1;
                            current.push('\n');
                        }
                    }
                    current.push_str("''");
                    continue;
                }
            }
            (None, ';') => {
                out.push((began, std::mem::take(&mut current)));
                continue;
            }
            _ => {}
        }
        if current.trim_start().is_empty() {
            if c.is_whitespace() {
                current.clear();
            } else {
                began = line;
            }
        }
        if c == '\n' {
            line += 1;
            // `GO` of SQL Server ends a batch.
            let last = current.rsplit('\n').next().unwrap_or("");
            let is_go = last.len() < current.len() && last.trim_end().eq_ignore_ascii_case("go");
            if quote.is_none() && is_go {
                let batch = std::mem::take(&mut current);
                out.push((began, batch.trim_end().trim_end_matches(['g', 'G', 'o', 'O']).to_owned()));
                continue;
            }
        }
        if !(current.is_empty() && c.is_whitespace()) {
            current.push(c);
        }
    }
    out.push((began, current));
    out.retain(|(_, s)| !s.trim().is_empty() && s.len() < LONGEST);
    out
}

/// The length of a dollar-quoted body.
fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag_end = rest.get(1..)?.find('$')? + 2;
    let tag = rest.get(..tag_end)?;
    let inner = tag.trim_matches('$');
    if !inner.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let close = rest.get(tag_end..)?.find(tag)?;
    Some(tag_end + close + tag_end)
}

fn read(statement: &str, line: usize, out: &mut Sightings) {
    let head: String = statement.chars().take(80).collect::<String>().to_ascii_lowercase();
    let head = head.split_whitespace().collect::<Vec<_>>().join(" ");
    if head.starts_with("create user")
        || head.starts_with("create role")
        || head.starts_with("alter user")
        || head.starts_with("create login")
    {
        account(statement, line, out);
    }
    let is_table = head.starts_with("create table")
        || head.starts_with("create unlogged table")
        || head.starts_with("create temp")
        || head.starts_with("create or replace table")
        || head.starts_with("alter table");
    if !is_table || is_deep(statement) {
        return;
    }
    match parsed(statement) {
        Some(Statement::CreateTable(create)) => {
            let mut columns: Vec<_> = create.columns.iter().map(|c| column(c, line)).collect();
            keys(&create.constraints, &mut columns);
            let lines = (line, line + statement.matches('\n').count());
            table::add(Table { name: name(&create.name), columns, lines }, out);
        }
        Some(Statement::AlterTable(alter)) => {
            let name = name(&alter.name);
            let mut columns = Vec::new();
            for operation in &alter.operations {
                match operation {
                    AlterTableOperation::AddColumn { column_def, .. } => {
                        columns.push(column(column_def, line));
                    }
                    AlterTableOperation::EnableRowLevelSecurity => {
                        let detail = "row level security";
                        out.practice(line, Aspect::TenantKey, State::Present, name.clone(), detail);
                    }
                    _ => {}
                }
            }
            if !columns.is_empty() {
                let lines = (line, line + statement.matches('\n').count());
                table::add(Table { name, columns, lines }, out);
            }
        }
        Some(_) => {}
        None if head.starts_with("create") => scanned(statement, line, out),
        None => {}
    }
}

/// Whether brackets nest deeper than any schema's do.
fn is_deep(statement: &str) -> bool {
    let mut depth = 0usize;
    statement.chars().any(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEPTH
    })
}

/// Parses a statement in the first dialect that takes it.
fn parsed(statement: &str) -> Option<Statement> {
    let dialects: [&dyn Dialect; 5] =
        [&PostgreSqlDialect {}, &MySqlDialect {}, &MsSqlDialect {}, &SQLiteDialect {}, &GenericDialect {}];
    // The client's variables of some tools stand where names stand.
    dialects.iter().find_map(|d| Parser::parse_sql(*d, statement).ok()?.into_iter().next())
}

/// The last part of a name.
fn name(name: &ObjectName) -> String {
    name.0.last().and_then(|p| p.as_ident()).map_or_else(|| name.to_string(), |i| i.value.clone())
}

fn column(column: &ColumnDef, first: usize) -> (String, String, usize) {
    let mut kind = column.data_type.to_string();
    for option in &column.options {
        let text = option.option.to_string();
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("unique") || lower.starts_with("primary key") || lower.starts_with("not null") {
            kind.push(' ');
            kind.push_str(&text);
        }
    }
    let line = usize::try_from(column.name.span.start.line).unwrap_or(1).max(1);
    (column.name.value.clone(), kind, first + line - 1)
}

/// Marks columns that a constraint makes unique on their own.
fn keys(constraints: &[TableConstraint], columns: &mut [(String, String, usize)]) {
    for constraint in constraints {
        let (list, mark) = match constraint {
            TableConstraint::Unique(unique) => (&unique.columns, "UNIQUE"),
            TableConstraint::PrimaryKey(key) => (&key.columns, "PRIMARY KEY"),
            _ => continue,
        };
        let [only] = list.as_slice() else { continue };
        let only = only.column.expr.to_string();
        let only = only.trim_matches(['"', '`', '[', ']']);
        if let Some(column) = columns.iter_mut().find(|c| c.0.eq_ignore_ascii_case(only)) {
            column.1.push(' ');
            column.1.push_str(mark);
        }
    }
}

/// A table that no dialect takes: its columns by their first two words.
fn scanned(statement: &str, line: usize, out: &mut Sightings) {
    let Some((before, body)) = statement.split_once('(') else { return };
    let name = before.split_whitespace().last().unwrap_or("");
    let name = name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '`', '[', ']', '\'']);
    let mut columns = Vec::new();
    for (i, text) in body.lines().enumerate() {
        let mut words = text.trim().trim_matches(',').split_whitespace();
        let (Some(column), Some(kind)) = (words.next(), words.next()) else { continue };
        let column = column.trim_matches(['"', '`', '[', ']']);
        let is_key = ["primary", "foreign", "constraint", "unique", "key", "index", "check", ")"]
            .iter()
            .any(|k| column.eq_ignore_ascii_case(k));
        if !is_key && column.chars().all(|c| c.is_alphanumeric() || c == '_') {
            let first = line + before.matches('\n').count();
            columns.push((column.to_owned(), kind.trim_end_matches(',').to_owned(), first + i));
        }
    }
    table::add(
        Table { name: name.to_owned(), columns, lines: (line, line + statement.matches('\n').count()) },
        out,
    );
}

/// A user with a password in the file.
fn account(statement: &str, line: usize, out: &mut Sightings) {
    let lower = statement.to_ascii_lowercase();
    let after =
        ["identified by", "password =", "password"].iter().find_map(|k| lower.find(k).map(|at| at + k.len()));
    let Some(rest) = after.and_then(|at| statement.get(at..)) else { return };
    let Some(password) = rest.split('\'').nth(1) else { return };
    let user = statement.split_whitespace().nth(2).unwrap_or("").trim_matches(['\'', '"', '`']);
    match judge(password) {
        Secrecy::Harmless => {}
        Secrecy::Default => out.practice(line, Aspect::DefaultCredentials, State::Present, "password", user),
        Secrecy::Literal => {
            out.practice(line, Aspect::LiteralSecret, State::Present, "password", "literal value");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::sighting::Seen;
    use crate::testing::{practices, see};

    #[test]
    fn tables_columns_and_lines_are_seen() {
        let text = "-- orders\nCREATE TABLE IF NOT EXISTS shop.orders (\n  id BIGSERIAL PRIMARY KEY,\n  tenant_id uuid NOT NULL,\n  total_price double precision,\n  idempotency_key text,\n  UNIQUE (idempotency_key)\n);\nALTER TABLE shop.orders ADD COLUMN note TEXT;\nCREATE USER app WITH PASSWORD 'Zx9!kk';\n";
        let seen = see("db/migration/V1__orders.sql", text);
        let fields: Vec<(String, usize)> = seen
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Entity(e) => {
                    Some(e.fields.iter().map(|(n, _, l)| (format!("{}.{n}", e.name), *l)).collect::<Vec<_>>())
                }
                _ => None,
            })
            .flatten()
            .collect();
        assert!(fields.contains(&("orders.total_price".to_owned(), 5)), "{fields:?}");
        assert!(fields.contains(&("orders.note".to_owned(), 9)), "{fields:?}");
        let mut found = practices(&seen);
        found.sort();
        assert_eq!(
            found,
            [
                "IdempotencyKey Present orders.idempotency_key",
                "LiteralSecret Present password",
                "MoneyAsFloat Present orders.total_price",
                "TenantKey Present orders",
            ]
        );
    }

    #[test]
    fn dialects_and_ways_back_are_understood() {
        let mysql = "CREATE TABLE `t` (`id` int(11) NOT NULL AUTO_INCREMENT, `fee` float(8,2) DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n-- +goose Down\nCREATE TABLE gone (id int);";
        assert_eq!(practices(&see("a.sql", mysql)), ["MoneyAsFloat Present t.fee"]);
        let tsql = "CREATE TABLE [dbo].[Pay] ([Id] INT IDENTITY(1,1) NOT NULL, [Amount] FLOAT NULL)\nGO\nCREATE TABLE [dbo].[Outbox] ([Id] INT)\nGO\n";
        assert_eq!(
            practices(&see("b.sql", tsql)),
            ["MoneyAsFloat Present Pay.Amount", "Outbox Present Outbox"]
        );
        see("c.sql", &format!("CREATE TABLE x (a int check {}1{})", "(".repeat(5000), ")".repeat(5000)));
        see("d.sql", "CREATE TABLE é ('; $$ /* CREATE TABLE");
    }
}
