//! What each column holds, as an SQL expression of the ordinal of its row.
//!
//! Every value is a function of the ordinal, so that a foreign key needs no look-up: the key of the row referred to
//! is computed from that row's ordinal. Tenants own contiguous ordinals, so that a row refers to rows of its own
//! tenant. Rows are written in the order of their time, which is scattered over the ordinals.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{Bounds, singled_out};
use super::regex;
use super::sizes::{Layout, alone};
use crate::session::literal;
use crate::structure::{Column, Foreign, Structure, Table};

/// Rows that have one of the values a partial index is for.
const RARE: f64 = 0.02;

/// Rows without a value in columns that may be empty.
const EMPTY: f64 = 0.2;

/// Columns that say a row is over: few rows have them.
const ENDINGS: [&str; 8] = ["delet", "archiv", "revok", "remov", "banned", "cancel", "suspend", "failed"];

/// How unequal the rows referred to are: the first of a thousand has about a hundredth of what refers to them.
const POPULAR: f64 = 1.5;

/// How deep references to references are followed.
const DEPTH: usize = 5;

/// A row: expressions of its ordinal, its tenant (from 1), its place among the tenant's rows (from 0), and what
/// makes another attempt differ.
#[derive(Clone)]
pub(crate) struct Ordinal {
    pub(crate) i: String,
    pub(crate) k: String,
    pub(crate) o: String,
}

/// Makes expressions.
pub(crate) struct Values<'a> {
    pub(crate) structure: &'a Structure,
    pub(crate) layout: &'a Layout,
    pub(crate) seed: u64,
    /// Added to the hashes of values that no other row depends on, for another attempt.
    pub(crate) salt: &'a str,
    pub(crate) clock: &'a Clock,
}

/// What time it is for the rows, and which times partitions were made for; all in ms since 1970.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    pub(crate) now: i64,
    pub(crate) spans: BTreeMap<String, (i64, i64)>,
}

impl Clock {
    /// The time over which the rows of a table are spread: `wide` up to now, or what its partitions have of it.
    fn span(&self, table: &str, wide: f64) -> (i64, i64) {
        let hour = 3_600_000;
        self.spans.get(table).map_or_else(
            || (self.now - wide as i64, self.now),
            |(from, to)| (*from, (*to).min(self.now).max(from + hour)),
        )
    }
}

impl Values<'_> {
    /// The value of a column; none when the server is to fill it.
    pub(crate) fn of(&self, table: &Table, column: &Column, row: &Ordinal, depth: usize) -> Option<String> {
        if column.generated {
            return None;
        }
        let sql_type = &column.sql_type;
        if self.layout.tenant_column.as_ref() == Some(&column.name) && self.layout.scoped(table) {
            return Some(format!("({})::{sql_type}", self.tenant(column, &row.k, depth)));
        }
        if let Some(foreign) = self.reference(table, column).filter(|_| depth < DEPTH) {
            return Some(self.referring(table, column, foreign, row, depth));
        }
        let bounds = self.bounds(table, column);
        let value =
            self.distinct(table, column, &bounds, row).or_else(|| self.plain(table, column, &bounds, row));
        let Some(value) = value else { return column.default.is_none().then(|| "NULL".to_owned()) };
        Some(self.or_empty(table, column, format!("({value})::{sql_type}"), row))
    }

    /// A hash of the ordinal and a name, as a number from 0 to 1.
    fn share(&self, table: &Table, what: &str, row: &Ordinal) -> String {
        format!("({} / 9007199254740992::float8)", self.bits(table, what, row, ""))
    }

    /// The same, different for another attempt: nothing else may depend on it.
    fn chance(&self, table: &Table, what: &str, row: &Ordinal) -> String {
        format!("({} / 9007199254740992::float8)", self.bits(table, what, row, self.salt))
    }

    /// 53 bits of a hash of the ordinal and a name.
    fn bits(&self, table: &Table, what: &str, row: &Ordinal, salt: &str) -> String {
        let seed = hash(&format!("{}.{what}.{}", table.name, self.seed)) & 0x7fff_ffff;
        format!("(hashint8extended(({})::int8, {seed}{salt}) & 9007199254740991)", row.i)
    }

    /// The order in which rows are written: that of their time.
    pub(crate) fn order(&self, table: &Table, i: &str) -> String {
        let row = Ordinal { i: i.to_owned(), k: "1".to_owned(), o: "0".to_owned() };
        self.bits(table, "time", &row, "")
    }

    /// 32 hexadecimal digits.
    fn hex(&self, table: &Table, what: &str, row: &Ordinal) -> String {
        let seed = hash(&format!("{}.{what}", self.seed)) % 1000;
        format!("md5('{}{seed}.' || ({})::text)", short(&table.name), row.i)
    }

    /// The value that stands for a tenant.
    fn tenant(&self, column: &Column, k: &str, depth: usize) -> String {
        let table = self.layout.tenant_table.as_ref().and_then(|t| self.structure.tables.get(t));
        let key = table.and_then(|t| {
            let refers = self.structure.tables.values().flat_map(|t| &t.foreign);
            let mut to = refers.filter(|f| f.columns == [column.name.clone()] && f.to == t.name);
            Some((t, t.column(to.next()?.to_columns.first()?)?))
        });
        match key {
            Some((table, key)) if depth < DEPTH => {
                let row = Ordinal { i: k.to_owned(), k: k.to_owned(), o: "0".to_owned() };
                self.of(table, key, &row, depth + 1).unwrap_or_else(|| k.to_owned())
            }
            _ if column.base == "uuid" => format!("md5('tenant' || ({k})::text)::uuid"),
            _ => k.to_owned(),
        }
    }

    /// The foreign key that gives a column its value: the widest one.
    fn reference<'t>(&self, table: &'t Table, column: &Column) -> Option<&'t Foreign> {
        table
            .foreign
            .iter()
            .find(|f| f.columns.contains(&column.name) && self.structure.tables.contains_key(&f.to))
    }

    /// The column of the row referred to, computed from that row's ordinal.
    fn referring(
        &self,
        table: &Table,
        column: &Column,
        foreign: &Foreign,
        row: &Ordinal,
        depth: usize,
    ) -> String {
        let to = &self.structure.tables[&foreign.to];
        let place = foreign.columns.iter().position(|c| *c == column.name).unwrap_or(0);
        let starts = self.layout.starts(to);
        let scoped = self.layout.scoped(to) && self.layout.scoped(table);
        let (low, count) = if scoped {
            let counts: Vec<u64> = starts.windows(2).map(|w| w[1] - w[0]).collect();
            (element(&starts[..starts.len() - 1], &row.k), element(&counts, &row.k))
        } else {
            ("1".to_owned(), self.layout.count(&to.name).to_string())
        };
        let name = foreign.columns.join(",");
        let offset = if alone(self.layout, table, &foreign.columns) {
            format!("mod({}, {count})", row.o)
        } else {
            let share = self.share(table, &name, row);
            // The first of a pair is skewed, the second even: pairs repeat seldom.
            let first = table.foreign.iter().find(|f| f.to_columns.len() == foreign.to_columns.len());
            let skewed = first.is_some_and(|f| f.columns == foreign.columns);
            let share = if skewed { format!("power({share}, {POPULAR})") } else { share };
            format!("floor({share} * {count})::int8")
        };
        let i = format!("({low} + {offset})");
        let k = if scoped { row.k.clone() } else { self.owner(to, &i) };
        let there =
            Ordinal { o: format!("({i} - {})", if scoped { low } else { self.first_of(to, &k) }), i, k };
        let value = to.column(&foreign.to_columns[place]).and_then(|c| self.of(to, c, &there, depth + 1));
        let value = value.unwrap_or_else(|| "NULL".to_owned());
        self.or_empty(table, column, format!("({value})::{}", column.sql_type), row)
    }

    /// Whose a row is.
    pub(crate) fn owner(&self, table: &Table, i: &str) -> String {
        let starts = self.layout.starts(table);
        if starts.len() <= 2 {
            "1".to_owned()
        } else {
            format!("width_bucket(({i})::int8, '{}'::int8[])", array(&starts[..starts.len() - 1]))
        }
    }

    /// The first ordinal of a tenant.
    pub(crate) fn first_of(&self, table: &Table, k: &str) -> String {
        let starts = self.layout.starts(table);
        element(&starts[..starts.len() - 1], k)
    }

    fn bounds(&self, table: &Table, column: &Column) -> Bounds {
        let mut bounds = Bounds { longest: column.length, words: column.words.clone(), ..Bounds::default() };
        for (columns, condition) in &table.checks {
            if columns.as_slice() == [column.name.clone()] {
                bounds.read(&column.name, condition);
            }
        }
        bounds
    }

    /// Whether every check of a table was understood, so that one attempt is enough.
    pub(crate) fn understood(table: &Table) -> bool {
        table.checks.iter().all(|(columns, condition)| match columns.as_slice() {
            [one] => Bounds::default().read(one, condition),
            _ => false,
        })
    }

    /// A value no other row has, where a unique group needs this column to differ.
    fn distinct(&self, table: &Table, column: &Column, bounds: &Bounds, row: &Ordinal) -> Option<String> {
        let groups = table.uniques.iter().map(|(_, group)| group).chain(&table.partials);
        let needed = groups.into_iter().any(|group| self.differs(table, group) == Some(&column.name));
        if !needed || !bounds.words.is_empty() {
            return None;
        }
        let i = &row.i;
        let hex = self.hex(table, &column.name, row);
        let room = bounds.longest.unwrap_or(usize::MAX);
        Some(match column.base.as_str() {
            "uuid" => self.uuid(table, column, row),
            "int8" | "int4" | "numeric" | "float8"
                if bounds.max.is_none_or(|m| m >= self.layout.count(&table.name) as f64 * 1.1) =>
            {
                let from = bounds.min.unwrap_or(0.0).max(0.0);
                format!("{i} + {from}")
            }
            "text" | "varchar" | "bpchar" | "citext" if bounds.pattern.is_some() => {
                let pattern = bounds.pattern.as_deref()?;
                familiar(&column.name, i).or_else(|| regex::matching(pattern, &hex))?
            }
            "text" | "varchar" | "bpchar" | "citext" if column.name.contains("email") && room >= 24 => {
                format!("'user' || ({i})::text || '@mail.example'")
            }
            "text" | "varchar" | "bpchar" | "citext" if room >= 8 => {
                let least = bounds.shortest.unwrap_or(0).max(12).min(room);
                let text = format!("to_hex(({i})::int8) || 'x' || {hex}");
                format!("left({text}, {least})")
            }
            "bytea" => format!("decode({hex}, 'hex')"),
            "timestamptz" | "timestamp" => self.time(table, column, row),
            _ => return None,
        })
    }

    /// The column of a unique group that makes rows differ: the last that is neither the tenant nor a reference.
    fn differs<'t>(&self, table: &Table, group: &'t [String]) -> Option<&'t String> {
        let whose = self.layout.tenant_column.as_ref().filter(|_| self.layout.scoped(table));
        let free = |name: &&String| {
            whose != Some(*name)
                && !table.foreign.iter().any(|f| f.columns.contains(*name))
                && table.column(name).is_some_and(|c| {
                    self.bounds(table, c).words.is_empty() && !matches!(c.base.as_str(), "bool" | "date")
                })
        };
        let time = |name: &&String| table.column(name).is_some_and(|c| c.base.starts_with("timestamp"));
        group.iter().filter(free).find(|n| !time(n)).or_else(|| group.iter().rfind(free))
    }

    /// An identifier: with the time in front where new rows are to come at the end of the index.
    fn uuid(&self, table: &Table, column: &Column, row: &Ordinal) -> String {
        let hex = self.hex(table, "id", row);
        if column
            .default
            .as_ref()
            .is_some_and(|d| d.contains("gen_random_uuid") || d.contains("uuid_generate_v4"))
        {
            return format!("{hex}::uuid");
        }
        let ms = self.ms(table, row);
        format!(
            "(lpad(to_hex({ms}), 12, '0') || '7' || substr({hex}, 1, 3) || 'a' || substr({hex}, 4, 15))::uuid"
        )
    }

    /// The time at which a row was written, in ms: the same for all its columns, in the order in which rows are written.
    fn ms(&self, table: &Table, row: &Ordinal) -> String {
        let day = 86_400_000.0;
        let (from, to) = self.clock.span(&table.name, self.layout.days(&table.name) * day);
        format!("({from} + floor({} * {})::int8)", self.share(table, "time", row), (to - from).max(1))
    }

    fn time_at(&self, table: &Table, row: &Ordinal) -> String {
        format!("to_timestamp({} / 1000::float8)", self.ms(table, row))
    }

    fn time(&self, table: &Table, column: &Column, row: &Ordinal) -> String {
        let at = self.time_at(table, row);
        let first = table.columns.iter().find(|c| c.base.starts_with("timestamp") && c.name == "created_at");
        let first =
            first.or_else(|| table.columns.iter().find(|c| c.base.starts_with("timestamp") && c.required));
        if first.is_some_and(|f| f.name == column.name) || is_split_by(table, &column.name) {
            return at;
        }
        // Later columns hold later times: what ends comes after what begins.
        let rank = table.columns.iter().position(|c| c.name == column.name).unwrap_or(0) + 1;
        let share = self.share(table, &column.name, row);
        format!("({at} + interval '1 hour' * ({rank} + {share}))")
    }

    /// A value that need not differ from those of other rows.
    fn plain(&self, table: &Table, column: &Column, bounds: &Bounds, row: &Ordinal) -> Option<String> {
        if !bounds.words.is_empty() {
            return Some(self.word_of(table, column, &bounds.words, row));
        }
        let share = self.chance(table, &column.name, row);
        let hex = self.hex(table, &column.name, row);
        Some(match column.base.as_str() {
            "uuid" => format!(
                "md5('{}' || floor(power({share}, 2) * {})::text)::uuid",
                short(&column.name),
                self.variety(table)
            ),
            "int2" | "int4" | "int8" | "numeric" | "float4" | "float8" => {
                let low = bounds.min.unwrap_or(0.0);
                let wide = bounds.max.unwrap_or(low + if column.base == "int2" { 1000.0 } else { 100_000.0 });
                let rank = table.columns.iter().position(|c| c.name == column.name).unwrap_or(0) as f64;
                let from = if bounds.min.is_none() && bounds.max.is_none() { rank } else { 0.0 };
                let scaled = format!("{low} + {from} + floor(power({share}, 2) * ({wide} - ({low}) + 1))");
                format!("least({scaled}, {wide})")
            }
            "bool" => {
                let rare = self.rare(table, column);
                let often = if rare.contains(&Some("true".to_owned())) {
                    RARE
                } else if rare.contains(&Some("false".to_owned())) {
                    1.0 - RARE
                } else {
                    0.2
                };
                format!("{share} < {often}")
            }
            "timestamptz" | "timestamp" => self.time(table, column, row),
            "date" => format!("{}::date", self.time_at(table, row)),
            "time" | "timetz" => format!("time '00:00' + interval '1 second' * floor({share} * 86000)"),
            "interval" => format!("interval '1 minute' * floor({share} * 600)"),
            "text" | "varchar" | "bpchar" | "citext" | "name" => self.text(table, column, bounds, row)?,
            "json" | "jsonb" => self.document(table, column, row),
            "bytea" => format!("decode({hex}, 'hex')"),
            "point" => {
                format!("point(-180 + 360 * {share}, -80 + 160 * {})", self.chance(table, "latitude", row))
            }
            "inet" | "cidr" => format!("'10.0.0.0'::inet + floor({share} * 16000000)::int8"),
            "tsvector" => format!("to_tsvector('simple', {})", self.words(table, column, 8, row)),
            "_text" | "_varchar" => {
                format!("ARRAY[{}, {}]", self.word(table, "a", row), self.word(table, "b", row))
            }
            "tstzrange" => format!("tstzrange({0}, {0} + interval '1 hour')", self.time_at(table, row)),
            "daterange" => format!("daterange({0}::date, {0}::date + 2)", self.time_at(table, row)),
            "int4range" | "int8range" | "numrange" => {
                format!("{}(floor({share} * 1000)::int, floor({share} * 1000)::int + 10)", column.base)
            }
            _ => return None,
        })
    }

    /// How many different values a column has that is neither unique nor one of a few words.
    fn variety(&self, table: &Table) -> u64 {
        (self.layout.count(&table.name) / 20).max(5)
    }

    /// One of a few words: the first is common, each next one rarer; those a partial index is for are rare.
    fn word_of(&self, table: &Table, column: &Column, words: &[String], row: &Ordinal) -> String {
        let rare = self.rare(table, column);
        let (few, many): (Vec<&String>, Vec<&String>) =
            words.iter().partition(|w| rare.contains(&Some((*w).clone())));
        let (few, many) = if many.is_empty() { (Vec::new(), few) } else { (few, many) };
        let left = 1.0 - RARE * few.len() as f64;
        let share = self.chance(table, &column.name, row);
        let mut cases = String::new();
        let mut sum = 0.0;
        for word in &few {
            sum += RARE;
            cases.push_str(&format!(" WHEN {share} < {sum:.4} THEN {}", literal(word)));
        }
        for (n, word) in many.iter().enumerate().skip(1).rev() {
            sum += left / 2f64.powi(i32::try_from(n + 1).unwrap_or(30));
            cases.push_str(&format!(" WHEN {share} < {sum:.6} THEN {}", literal(word)));
        }
        let most = literal(many.first().map_or("", |w| w.as_str()));
        if cases.is_empty() { most } else { format!("CASE{cases} ELSE {most} END") }
    }

    /// Values that partial indexes single out.
    fn rare(&self, table: &Table, column: &Column) -> BTreeSet<Option<String>> {
        let all = table.predicates.iter().flat_map(|p| singled_out(p));
        all.filter(|(c, _)| *c == column.name).map(|(_, v)| v).collect()
    }

    fn word(&self, table: &Table, what: &str, row: &Ordinal) -> String {
        format!("'w' || floor(power({}, 2) * 5000)::int", self.chance(table, what, row))
    }

    fn words(&self, table: &Table, column: &Column, n: usize, row: &Ordinal) -> String {
        let each: Vec<String> =
            (0..n).map(|m| self.word(table, &format!("{}{m}", column.name), row)).collect();
        format!("concat_ws(' ', {})", each.join(", "))
    }

    fn text(&self, table: &Table, column: &Column, bounds: &Bounds, row: &Ordinal) -> Option<String> {
        let share = self.chance(table, &column.name, row);
        let hex = self.hex(table, &column.name, row);
        if let Some(pattern) = &bounds.pattern {
            if column.name.contains("currency") {
                return Some(format!(
                    "CASE WHEN {share} < 0.1 THEN 'GBP' WHEN {share} < 0.3 THEN 'USD' ELSE 'EUR' END"
                ));
            }
            return regex::matching(pattern, &hex).or_else(|| familiar(&column.name, &row.i));
        }
        let room = bounds.longest.unwrap_or(100_000);
        let wide = self.spare(table).clamp(bounds.shortest.unwrap_or(1).max(8), 2_000).min(room);
        let seen = table.indexes.iter().any(|(_, d)| d.contains("tsvector") && d.contains(&column.name));
        if seen || wide > 120 {
            let text = self.words(table, column, 6, row);
            return Some(format!("left({text} || ' ' || repeat({hex}, {}), {wide})", wide / 32 + 1));
        }
        let value = format!("floor(power({share}, 2) * {})::text", self.variety(table));
        let tail = format!("repeat(md5({value}), {})", wide / 32 + 1);
        Some(format!("left({value} || 'x' || {tail}, {wide})"))
    }

    fn document(&self, table: &Table, column: &Column, row: &Ordinal) -> String {
        let hex = self.hex(table, &column.name, row);
        let wide = (self.spare(table) * 2).clamp(8, 2_000);
        let word = self.word(table, &column.name, row);
        format!(
            "jsonb_build_object('kind', {word}, 'n', ({})::int8, 'note', left(repeat({hex}, {}), {wide}))",
            row.i,
            wide / 32 + 1
        )
    }

    /// Bytes a row has for each of its texts: about half of a row with its indexes is the row itself.
    fn spare(&self, table: &Table) -> usize {
        let fixed = |c: &Column| match c.base.as_str() {
            "text" | "varchar" | "bpchar" | "citext" => 4.0,
            "json" | "jsonb" => 20.0,
            "uuid" => 16.0,
            "bool" => 1.0,
            _ => 8.0,
        };
        let weight = |c: &Column| match c.base.as_str() {
            "json" | "jsonb" => 2.0,
            "text" | "varchar" | "bpchar" | "citext" if c.words.is_empty() => 1.0,
            _ => 0.0,
        };
        let used: f64 = 24.0 + table.columns.iter().map(fixed).sum::<f64>();
        let parts: f64 = table.columns.iter().map(weight).sum();
        ((self.layout.width(&table.name) * 0.5 - used) / parts.max(1.0)).max(8.0) as usize
    }

    /// The value, or nothing in some rows where that is allowed.
    fn or_empty(&self, table: &Table, column: &Column, value: String, row: &Ordinal) -> String {
        let in_key = table.uniques.first().is_some_and(|(_, key)| key.contains(&column.name));
        if column.required || in_key {
            return value;
        }
        let rare = self.rare(table, column);
        let empty = if ENDINGS.iter().any(|e| column.name.starts_with(e)) {
            0.97
        } else if rare.contains(&None) {
            RARE / 2.0
        } else {
            EMPTY
        };
        format!(
            "CASE WHEN {} >= {empty} THEN {value} END",
            self.chance(table, &format!("{}?", column.name), row)
        )
    }
}

/// A text of a kind that the name of its column tells.
fn familiar(name: &str, i: &str) -> Option<String> {
    if name.contains("mail") {
        Some(format!("'user' || ({i})::text || '@mail.example'"))
    } else if name.contains("url") || name.contains("uri") {
        Some(format!("'https://example.com/' || ({i})::text"))
    } else {
        None
    }
}

/// Whether a table is split by a column.
fn is_split_by(table: &Table, column: &str) -> bool {
    table.partitioned
        && table.columns.iter().any(|c| c.name == column && c.base.starts_with("timestamp") && c.required)
        && table.uniques.first().is_none_or(|(_, key)| key.iter().any(|k| k == column))
}

/// The times that partitions were made for, as the server writes them.
pub(crate) fn partitioned_over(table: &Table) -> Option<(String, String)> {
    let mut bounds: Vec<(String, String)> = Vec::new();
    for (_, bound) in &table.partitions {
        let mut texts = bound.split('\'').skip(1).step_by(2);
        if let (Some(from), Some(to)) = (texts.next(), texts.next())
            && bound.starts_with("FOR VALUES FROM")
            && from.contains('-')
        {
            bounds.push((from.to_owned(), to.to_owned()));
        }
    }
    let from = bounds.iter().map(|(f, _)| f).min()?;
    let to = bounds.iter().map(|(_, t)| t).max()?;
    Some((literal(from), literal(to)))
}

/// A hash that is the same on every machine: FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// A name that needs no quoting in a literal, different for different names.
fn short(name: &str) -> String {
    format!("{:08x}", hash(name) & 0xffff_ffff)
}

fn array(numbers: &[u64]) -> String {
    format!("{{{}}}", numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(","))
}

/// The k-th of some numbers, from 1.
fn element(numbers: &[u64], k: &str) -> String {
    match numbers {
        [one] => one.to_string(),
        many => format!("('{}'::int8[])[{k}]", array(many)),
    }
}
