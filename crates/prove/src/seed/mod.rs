//! Rows for a schema whose maker is not known: the same for the same seed, skewed as real ones are.

mod checks;
mod regex;
mod sizes;
mod values;

use crate::input::{Error, Subject};
use crate::session::{Answer, Session, ident, idents, literal};
use crate::structure::{Structure, Table};
pub(crate) use sizes::Layout;
use values::{Clock, Ordinal, Values, partitioned_over};

/// Attempts at a row whose checks were not understood.
const ATTEMPTS: u32 = 12;

/// Rounds in which rows without what they refer to are removed.
const ROUNDS: usize = 6;

/// A filled database: what is needed to make one more row, or to find whose a row is.
pub(crate) struct Seed {
    pub(crate) structure: Structure,
    pub(crate) layout: Layout,
    seed: u64,
    clock: Clock,
}

/// Fills every table of the database that `session` is connected to.
pub(crate) fn fill(
    session: &mut Session,
    structure: Structure,
    layout: Layout,
    subject: &Subject,
    seed: u64,
    progress: &mut dyn FnMut(&str),
) -> Result<Seed, Error> {
    let clock = clock(session, &structure)?;
    let seed = Seed { structure, layout, seed, clock };
    prepare(session, &seed.structure)?;
    let dropped = drop_indexes(session, &seed.structure)?;
    let mut lossy = false;
    for table in seed.structure.tables.values() {
        let made = seed.fill_table(session, table)?;
        lossy |= made < seed.layout.count(&table.name);
        progress(&format!("  {}: {made} rows", table.name));
    }
    for definition in &dropped {
        session
            .run(definition)
            .map_err(|f| Error::Rows { table: subject.source.clone(), message: f.to_string() })?;
    }
    if lossy {
        seed.remove_orphans(session)?;
    }
    seed.count_on(session)?;
    session.run("RESET session_replication_role; RESET work_mem")?;
    session.run("VACUUM (ANALYZE)")?;
    Ok(seed)
}

/// The server's time, to the hour, and the times of the partitions.
fn clock(session: &mut Session, structure: &Structure) -> Answer<Clock> {
    let mut ms = |text: &str| {
        session.number(&format!("SELECT (extract(epoch FROM {text}::timestamptz) * 1000)::int8"))
    };
    let mut clock = Clock { now: ms("date_trunc('hour', now())")? as i64, ..Clock::default() };
    for table in structure.tables.values() {
        if let Some((from, to)) = partitioned_over(table) {
            clock.spans.insert(table.name.clone(), (ms(&from)? as i64, ms(&to)? as i64));
        }
    }
    Ok(clock)
}

fn prepare(session: &mut Session, structure: &Structure) -> Result<(), Error> {
    session.run("SET session_replication_role = replica; SET work_mem = '256MB'").map_err(|f| {
        Error::Server(format!("{f}. Rows are loaded with triggers off, which takes a superuser, or a role with SET on session_replication_role and BYPASSRLS"))
    })?;
    // Extensions whose functions policies or defaults call live in the schemas of the tables as a rule.
    let path = idents(&structure.schemas);
    if !path.is_empty() {
        session.run(&format!("SET search_path = {path}, public"))?;
    }
    Ok(())
}

/// Drops the indexes that guard nothing: they are made again, faster, when the rows are there.
fn drop_indexes(session: &mut Session, structure: &Structure) -> Answer<Vec<String>> {
    let rows = session.rows(PLAIN_INDEXES)?;
    let mut definitions = Vec::new();
    for row in rows {
        let [Some(name), Some(definition), Some(oid)] = row.as_slice() else { continue };
        if structure.tables.values().any(|t| t.oid == *oid) {
            session.run(&format!("DROP INDEX {name}"))?;
            definitions.push(definition.replacen(" ON ONLY ", " ON ", 1));
        }
    }
    Ok(definitions)
}

const PLAIN_INDEXES: &str = "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indrelid FROM pg_index i \
     JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisunique AND NOT i.indisexclusion AND NOT c.relispartition \
     AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid)";

impl Seed {
    fn values<'a>(&'a self, salt: &'a str) -> Values<'a> {
        Values { structure: &self.structure, layout: &self.layout, seed: self.seed, salt, clock: &self.clock }
    }

    /// Columns with their expressions.
    fn columns(&self, table: &Table, row: &Ordinal, salt: &str) -> Vec<(String, String)> {
        let values = self.values(salt);
        table.given().filter_map(|c| Some((c.name.clone(), values.of(table, c, row, 0)?))).collect()
    }

    /// Inserts the rows of one table; how many there are then.
    fn fill_table(&self, session: &mut Session, table: &Table) -> Result<u64, Error> {
        let fail =
            |f: crate::session::Fault| Error::Rows { table: table.name.clone(), message: f.to_string() };
        let count = self.layout.count(&table.name);
        let from = format!(
            "(SELECT i, {k} AS k, i - {first} AS o FROM generate_series(1::int8, {count}) i ORDER BY {order}) g",
            k = self.values("").owner(table, "i"),
            first = self.values("").first_of(table, &self.values("").owner(table, "i")),
            order = self.values("").order(table, "i"),
        );
        let columns = self.columns(table, &Ordinal::of("g"), "");
        if columns.is_empty() {
            return Ok(0);
        }
        let names = idents(columns.iter().map(|(c, _)| c));
        let always = if table.columns.iter().any(|c| c.identity) { " OVERRIDING SYSTEM VALUE" } else { "" };
        let select = if Values::understood(table) {
            format!("SELECT {} FROM {from}", listed(&columns))
        } else {
            self.attempts(table, &from)
        };
        let sql = format!("INSERT INTO {} ({names}){always} {select} ON CONFLICT DO NOTHING", table.sql());
        let made = session.changed(&sql).map_err(fail)?;
        if made == 0 && count > 0 {
            let checks: Vec<&str> = table.checks.iter().map(|(_, c)| c.as_str()).collect();
            let message = format!("none meets its checks: {}", checks.join("; "));
            return Err(Error::Rows { table: table.name.clone(), message });
        }
        Ok(made)
    }

    /// Several attempts at each row, of which the first that meets the checks is taken.
    fn attempts(&self, table: &Table, from: &str) -> String {
        let columns = self.columns(table, &Ordinal::of("g"), " + a.n");
        let named: Vec<String> = columns.iter().map(|(c, v)| format!("{v} AS {}", ident(c))).collect();
        let checks: Vec<String> = table.checks.iter().map(|(_, c)| format!("({c}) IS NOT FALSE")).collect();
        format!(
            "SELECT r.* FROM {from} CROSS JOIN LATERAL (SELECT * FROM (SELECT {} FROM generate_series(0, {}) a(n)) c WHERE {} LIMIT 1) r",
            named.join(", "),
            ATTEMPTS - 1,
            checks.join(" AND ")
        )
    }

    /// Removes rows whose other row was dropped as a duplicate, until none is left.
    fn remove_orphans(&self, session: &mut Session) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let mut removed = 0;
            for table in self.structure.tables.values() {
                for (n, lonely) in self.orphans(table).into_iter().enumerate() {
                    let optional: Vec<&String> = table.foreign[n]
                        .columns
                        .iter()
                        .filter(|c| {
                            table.column(c).is_some_and(|c| !c.required)
                                && self.layout.tenant_column.as_ref() != Some(c)
                        })
                        .collect();
                    let sql = if optional.is_empty() {
                        format!("DELETE FROM {} c WHERE {lonely}", table.sql())
                    } else {
                        let set: Vec<String> =
                            optional.iter().map(|c| format!("{} = NULL", ident(c))).collect();
                        format!("UPDATE {} c SET {} WHERE {lonely}", table.sql(), set.join(", "))
                    };
                    // A check may forbid the absence: then the row goes.
                    let done = session.changed(&sql).or_else(|_| {
                        session.changed(&format!("DELETE FROM {} c WHERE {lonely}", table.sql()))
                    });
                    removed += done?;
                }
            }
            if removed == 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    /// For each foreign key, the condition that the other row is not there.
    fn orphans(&self, table: &Table) -> Vec<String> {
        let condition = |f: &crate::structure::Foreign| {
            let to = self.structure.tables.get(&f.to).map_or_else(|| ident(&f.to), Table::sql);
            let set: Vec<String> = f.columns.iter().map(|c| format!("c.{} IS NOT NULL", ident(c))).collect();
            let same: Vec<String> = f
                .columns
                .iter()
                .zip(&f.to_columns)
                .map(|(a, b)| format!("p.{} = c.{}", ident(b), ident(a)))
                .collect();
            format!(
                "{} AND NOT EXISTS (SELECT 1 FROM {to} p WHERE {})",
                set.join(" AND "),
                same.join(" AND ")
            )
        };
        table.foreign.iter().map(condition).collect()
    }

    /// Rows that refer to a row that is not there: none, or the rows are worth nothing.
    pub(crate) fn count_orphans(&self, session: &mut Session) -> Answer<u64> {
        let mut found = 0;
        for table in self.structure.tables.values() {
            for lonely in self.orphans(table) {
                let n = session.number(&format!("SELECT count(*) FROM {} c WHERE {lonely}", table.sql()))?;
                found += n as u64;
            }
        }
        Ok(found)
    }

    /// Lets sequences go on after the numbers that were given.
    fn count_on(&self, session: &mut Session) -> Answer<()> {
        for table in self.structure.tables.values() {
            let counted = |c: &&crate::structure::Column| {
                c.identity || c.default.as_ref().is_some_and(|d| d.starts_with("nextval("))
            };
            for column in table.columns.iter().filter(counted).filter(|c| c.base != "int2") {
                let next = self.layout.count(&table.name) * 2 + 1_000_000;
                session.run(&format!(
                    "SELECT setval(pg_get_serial_sequence({}, {}), {next})",
                    literal(&table.sql()),
                    literal(&column.name)
                ))?;
            }
        }
        Ok(())
    }

    /// A `SELECT` of the columns of a row that is not there yet, of the k-th tenant; `nth` tells such rows apart.
    pub(crate) fn fresh(&self, table: &Table, k: u64, nth: u64) -> String {
        let starts = self.layout.starts(table);
        let k = k.clamp(1, (starts.len() - 1) as u64);
        let own = starts[k as usize] - starts[k as usize - 1];
        let i = self.layout.count(&table.name) + 1 + nth;
        let row = Ordinal { i: "g.i".to_owned(), k: "g.k".to_owned(), o: "g.o".to_owned() };
        let from = format!("(SELECT {i}::int8 AS i, {k}::int8 AS k, {}::int8 AS o) g", own + nth);
        if Values::understood(table) {
            let columns = self.columns(table, &row, "");
            let named: Vec<String> = columns.iter().map(|(c, v)| format!("{v} AS {}", ident(c))).collect();
            format!("SELECT {} FROM {from}", named.join(", "))
        } else {
            self.attempts(table, &from)
        }
    }

    /// The value that stands for the k-th tenant.
    pub(crate) fn tenant(&self, session: &mut Session, k: u64) -> Answer<Option<String>> {
        let table = self.structure.tables.values().find(|t| self.layout.scoped(t));
        let (Some(table), Some(column)) = (table, self.layout.tenant_column.as_ref()) else {
            return Ok(None);
        };
        let row = Ordinal { i: "1".to_owned(), k: k.to_string(), o: "0".to_owned() };
        let value = table.column(column).and_then(|c| self.values("").of(table, c, &row, 0));
        value.map_or(Ok(None), |v| session.one(&format!("SELECT ({v})::text")))
    }
}

impl Ordinal {
    fn of(alias: &str) -> Self {
        Self { i: format!("{alias}.i"), k: format!("{alias}.k"), o: format!("{alias}.o") }
    }
}

fn listed(columns: &[(String, String)]) -> String {
    columns.iter().map(|(_, v)| v.as_str()).collect::<Vec<_>>().join(", ")
}
