//! Parameters for access patterns, taken from the rows themselves.

use crate::input::{Filled, Parameter, Pattern, Touch};
use crate::seed::Seed;
use crate::session::{Answer, Session, ident, literal, value};
use crate::structure::Table;

/// Rows among which common and rare values are looked for.
const LOOKED_AT: u64 = 20_000;

/// Rows before the page that is asked for.
const PAGES_IN: u32 = 500;

/// Parameters of one run.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// Whose rows, and how common the values are.
    pub(crate) which: String,
    /// The tenant to set.
    pub(crate) tenant: Option<String>,
    /// Values as SQL, one for each parameter.
    pub(crate) values: Vec<String>,
    /// The role to run it as with triggers off, where references stand in the way.
    pub(crate) unchecked: Option<String>,
    /// A statement that each transaction begins with.
    pub(crate) before: Option<String>,
}

/// Values as SQL, and those of a row that is not there yet.
type Found = (Vec<String>, Vec<(String, Option<String>)>);

/// Finds parameters.
pub(crate) struct Sampler<'a> {
    pub(crate) seed: &'a Seed,
    pub(crate) pattern: &'a Pattern,
    pub(crate) table: &'a Table,
    /// The role and the setting of the tenant, where the rows that are a tenant's are those it sees.
    pub(crate) own: Option<(&'a str, &'a str)>,
}

/// A choice of rows.
struct Choice {
    which: String,
    tenant: Option<(u64, String)>,
    rare: bool,
}

impl Sampler<'_> {
    /// The samples of a pattern; `nth` makes rows that are not there yet differ.
    pub(crate) fn all(&self, session: &mut Session, nth: u64) -> Answer<Vec<Sample>> {
        let mut found = Vec::new();
        for choice in self.choices(session)? {
            if let Some((values, fresh)) = self.seen_by(session, &choice, nth)? {
                // Who adds a tenant works for that tenant.
                let own = self.table.policy_column().filter(|_| {
                    self.pattern.touch == Touch::Insert
                        && self.seed.layout.tenant_table.as_ref() == Some(&self.table.name)
                });
                let new = own.and_then(|c| fresh.iter().find(|(f, _)| f == c)).and_then(|(_, v)| v.clone());
                let tenant = new.or_else(|| choice.tenant.map(|(_, t)| t));
                let before = self.pattern.before.clone();
                found.push(Sample { which: choice.which, tenant, values, unchecked: None, before });
            }
        }
        Ok(found)
    }

    fn choices(&self, session: &mut Session) -> Answer<Vec<Choice>> {
        let looks = !self.looked_for().is_empty();
        // Who works on the rows of all tenants names one as well where a row is added to it.
        let named = self.pattern.before.is_some()
            && self.pattern.parameters.iter().any(|p| self.is_tenant(&p.column));
        let scoped = self.seed.layout.tenant_column.is_some() && (self.pattern.application || named);
        let mut found = Vec::new();
        let owners: Vec<(u64, &str)> = if scoped {
            vec![(1, "largest tenant"), (self.seed.layout.tenants, "smallest tenant")]
        } else {
            vec![(0, "all rows")]
        };
        for (k, owner) in owners {
            let tenant = if k > 0 { self.seed.tenant(session, k)?.map(|t| (k, t)) } else { None };
            let mut add = |how: &str, rare| {
                let which = if how.is_empty() { owner.to_owned() } else { format!("{owner}, {how}") };
                found.push(Choice { which, tenant: tenant.clone(), rare });
            };
            match (looks, k > 1) {
                (false, _) => add("", false),
                (true, true) => add("common values", false),
                (true, false) => {
                    add("common values", false);
                    add("rare values", true);
                }
            }
        }
        Ok(found)
    }

    /// Columns whose values are those of a row that is there, without the tenant's.
    fn looked_for(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for p in &self.pattern.parameters {
            let same = matches!(p.filled, Filled::Same | Filled::Word | Filled::Part);
            if same && !self.is_tenant(&p.column) && !found.contains(&p.column.as_str()) {
                found.push(&p.column);
            }
        }
        found
    }

    fn is_tenant(&self, column: &str) -> bool {
        let layout = &self.seed.layout;
        let own = self.pattern.application && layout.tenant_table.as_ref() != Some(&self.table.name);
        layout.scoped(self.table) && layout.tenant_column.as_deref() == Some(column)
            || own && self.table.policy_column() == Some(column)
    }

    /// Values of rows that the tenant sees.
    fn seen_by(&self, session: &mut Session, choice: &Choice, nth: u64) -> Answer<Option<Found>> {
        let (Some((role, setting)), Some((_, tenant))) = (self.own, &choice.tenant) else {
            return self.one(session, choice, nth);
        };
        let begin = format!(
            "SET LOCAL ROLE {}; SELECT set_config({}, {}, true)",
            ident(role),
            literal(setting),
            literal(tenant)
        );
        session.rolled_back(|session| {
            session.run(&begin)?;
            self.one(session, choice, nth)
        })
    }

    /// Values for one choice; none when no row is like that.
    fn one(&self, session: &mut Session, choice: &Choice, nth: u64) -> Answer<Option<Found>> {
        let looked_for = self.looked_for();
        let mut same: Vec<(String, String)> = Vec::new();
        if !looked_for.is_empty() {
            let Some(row) = self.row(session, choice, &looked_for)? else { return Ok(None) };
            same = looked_for.iter().map(|c| (*c).to_owned()).zip(row).collect();
        }
        let mut fresh = self.fresh(session, choice, nth)?;
        fresh.extend(self.cursor(session, choice, &same)?);
        let mut values = Vec::new();
        for parameter in &self.pattern.parameters {
            let found = self.parameter(session, choice, parameter, &same, &fresh)?;
            values.push(value(found.as_deref()));
        }
        Ok(Some((values, fresh)))
    }

    fn parameter(
        &self,
        session: &mut Session,
        choice: &Choice,
        parameter: &Parameter,
        same: &[(String, String)],
        fresh: &[(String, Option<String>)],
    ) -> Answer<Option<String>> {
        let column = &parameter.column;
        if let (true, Some((_, tenant))) = (self.is_tenant(column), &choice.tenant) {
            return Ok(Some(tenant.clone()));
        }
        let of_row = || same.iter().find(|(c, _)| c == column).map(|(_, v)| v.clone());
        Ok(match &parameter.filled {
            Filled::Same => of_row(),
            Filled::Given(text) => Some(text.clone()),
            Filled::Word => of_row().and_then(|t| t.split_whitespace().next().map(str::to_owned)),
            Filled::Part => of_row().and_then(|t| part(&t)),
            Filled::Fresh | Filled::Cursor => {
                fresh.iter().find(|(c, _)| c == column).and_then(|(_, v)| v.clone())
            }
            Filled::List(n) => {
                let wherever = self.condition(choice, same);
                session.one(&format!(
                    "SELECT array_agg(v)::text FROM (SELECT DISTINCT {0} AS v FROM (SELECT {0} FROM {1} t WHERE {0} IS NOT NULL AND {wherever} LIMIT {LOOKED_AT}) s LIMIT {n}) l",
                    ident(column),
                    self.table.sql()
                ))?
            }
            Filled::Newest(n) => self.edge(session, choice, same, column, "DESC", *n)?,
            Filled::Oldest(n) => {
                let n = self.due(session, choice, same)?.min(*n);
                self.edge(session, choice, same, column, "ASC", n)?
            }
        })
    }

    /// The columns that order pages, of a row after some others.
    fn cursor(
        &self,
        session: &mut Session,
        choice: &Choice,
        same: &[(String, String)],
    ) -> Answer<Vec<(String, Option<String>)>> {
        let columns: Vec<&String> = self
            .pattern
            .parameters
            .iter()
            .filter(|p| p.filled == Filled::Cursor)
            .map(|p| &p.column)
            .collect();
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let texts: Vec<String> = columns.iter().map(|c| format!("{}::text", ident(c))).collect();
        let order: Vec<String> = columns.iter().map(|c| ident(c)).collect();
        let sql = |offset: u32| {
            format!(
                "SELECT {} FROM {} t WHERE {} ORDER BY {} OFFSET {offset} LIMIT 1",
                texts.join(", "),
                self.table.sql(),
                self.condition(choice, same),
                order.join(", ")
            )
        };
        let rows = session.rows(&sql(PAGES_IN))?;
        let row = if rows.is_empty() { session.rows(&sql(0))? } else { rows };
        let row = row.into_iter().next().unwrap_or_default();
        Ok(columns.into_iter().cloned().zip(row).collect())
    }

    /// The value of a column beyond which `n` of the selected rows lie.
    /// How many of the selected rows are old enough to go for certain: of rows that are spread over a quarter more than
    /// their time, a fifth is.
    fn due(&self, session: &mut Session, choice: &Choice, same: &[(String, String)]) -> Answer<u32> {
        let (table, wherever) = (self.table.sql(), self.condition(choice, same));
        let rows = session.number(&format!("SELECT count(*) / 8 FROM {table} t WHERE {wherever}"))?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count, which saturates"
        )]
        Ok((rows as u32).max(1))
    }

    fn edge(
        &self,
        session: &mut Session,
        choice: &Choice,
        same: &[(String, String)],
        column: &str,
        direction: &str,
        n: u32,
    ) -> Answer<Option<String>> {
        let (column, wherever) = (ident(column), self.condition(choice, same));
        let table = self.table.sql();
        let ordered = |direction: &str, n: u32| {
            format!(
                "SELECT {column}::text FROM {table} t WHERE {column} IS NOT NULL AND {wherever} ORDER BY {column} {direction} OFFSET {n} LIMIT 1"
            )
        };
        if let Some(found) = session.one(&ordered(direction, n))? {
            return Ok(Some(found));
        }
        session.one(&ordered(if direction == "ASC" { "DESC" } else { "ASC" }, 0))
    }

    /// What the selected rows have in common: the tenant, the values of the row, what the pattern is for.
    fn condition(&self, choice: &Choice, same: &[(String, String)]) -> String {
        let mut all: Vec<String> = self.owned(choice).into_iter().chain(self.pattern.among.clone()).collect();
        let plain = |column: &str| {
            self.pattern.parameters.iter().any(|p| p.column == column && p.filled == Filled::Same)
                && !self
                    .pattern
                    .parameters
                    .iter()
                    .any(|p| p.column == column && !matches!(p.filled, Filled::Same | Filled::Cursor))
        };
        all.extend(
            same.iter().filter(|(c, _)| plain(c)).map(|(c, v)| format!("{} = {}", ident(c), literal(v))),
        );
        if all.is_empty() { "true".to_owned() } else { all.join(" AND ") }
    }

    fn owned(&self, choice: &Choice) -> Option<String> {
        let (_, tenant) = choice.tenant.as_ref()?;
        let column = self.seed.layout.tenant_column.as_ref()?;
        if self.seed.layout.scoped(self.table) {
            return Some(format!("{} = {}", ident(column), literal(tenant)));
        }
        let own = self.seed.layout.tenant_table.as_ref() == Some(&self.table.name);
        let key = self.table.uniques.first()?.1.first()?;
        own.then(|| format!("{} = {}", ident(key), literal(tenant)))
    }

    /// The values of a row: those that most rows have, or the fewest.
    fn row(&self, session: &mut Session, choice: &Choice, columns: &[&str]) -> Answer<Option<Vec<String>>> {
        let names: Vec<String> = columns.iter().map(|c| format!("{}::text", ident(c))).collect();
        let set: Vec<String> = columns.iter().map(|c| format!("{} IS NOT NULL", ident(c))).collect();
        let wherever: Vec<String> =
            set.into_iter().chain(self.owned(choice)).chain(self.pattern.among.clone()).collect();
        let places: Vec<String> = (1..=columns.len()).map(|n| n.to_string()).collect();
        let order = if choice.rare { "ASC" } else { "DESC" };
        let rows = self.seed.layout.count(&self.table.name);
        // Of a large table a part, spread over all of it.
        let share =
            100.0 * LOOKED_AT as f64 / rows.max(1) as f64 * if choice.tenant.is_some() { 5.0 } else { 1.0 };
        let small = choice.tenant.as_ref().is_some_and(|(k, _)| *k > 1);
        let samples = if share < 100.0 && !small {
            vec![format!(" TABLESAMPLE SYSTEM ({share:.4}) REPEATABLE (1)"), String::new()]
        } else {
            vec![String::new()]
        };
        for sampled in samples {
            let sql = format!(
                "SELECT {all}, count(*) FROM (SELECT {names} FROM {table}{sampled} WHERE {wherever} LIMIT {LOOKED_AT}) s({all}) \
                 GROUP BY {places} ORDER BY count(*) {order}, md5(concat_ws('|', {all})) LIMIT 1",
                all = (1..=columns.len()).map(|n| format!("v{n}")).collect::<Vec<_>>().join(", "),
                names = names.join(", "),
                table = self.table.sql(),
                wherever = wherever.join(" AND "),
                places = places.join(", "),
            );
            if let Some(mut row) = session.rows(&sql)?.into_iter().next() {
                row.truncate(columns.len());
                return Ok(Some(row.into_iter().flatten().collect()));
            }
        }
        Ok(None)
    }

    /// Values of a row that is not there yet.
    fn fresh(
        &self,
        session: &mut Session,
        choice: &Choice,
        nth: u64,
    ) -> Answer<Vec<(String, Option<String>)>> {
        let wanted: Vec<&String> =
            self.pattern.parameters.iter().filter(|p| p.filled == Filled::Fresh).map(|p| &p.column).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let k = choice.tenant.as_ref().map_or(1, |(k, _)| *k);
        let row = self.seed.fresh(self.table, k, nth);
        let sql = format!("SELECT to_jsonb(f) FROM ({row}) f");
        let text = session.one(&sql)?.unwrap_or_default();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        let plain = |c: &String| {
            let sql = format!("SELECT {}::text FROM ({row}) f", ident(c));
            json.get(c).map(|_| session.one(&sql)).transpose().map(Option::flatten)
        };
        let mut plain = plain;
        wanted.into_iter().map(|c| Ok((c.clone(), plain(c)?))).collect()
    }
}

/// A part of a document that tells it from most others.
fn part(text: &str) -> Option<String> {
    let serde_json::Value::Object(all) = serde_json::from_str(text).ok()? else { return None };
    let (key, value) = all.get_key_value("n").or_else(|| all.iter().next())?;
    Some(serde_json::json!({ key: value }).to_string())
}
