//! The structure of the tables, read from the server's own catalog.

use std::collections::BTreeMap;

use crate::session::{Answer, Row, Session, ident};

/// Everything the server knows of a schema.
#[derive(Clone, Debug, Default)]
pub(crate) struct Structure {
    /// Tables by name.
    pub(crate) tables: BTreeMap<String, Table>,
    /// Schemas with tables, for the search path.
    pub(crate) schemas: Vec<String>,
    /// Views by name, with their columns.
    pub(crate) views: BTreeMap<String, Vec<String>>,
    /// Functions that run with the rights of their owner and can be called.
    pub(crate) definers: Vec<String>,
    /// Foreign keys that no index begins with: the table, its columns, the table referred to.
    pub(crate) unindexed: Vec<(String, String, String)>,
    /// Indexes of partitions, with the one of the whole table.
    pub(crate) parts: BTreeMap<String, String>,
}

/// A table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) oid: String,
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// Primary key, unique constraints and unique indexes, with their names.
    pub(crate) uniques: Vec<(String, Vec<String>)>,
    /// Columns that are unique among some rows.
    pub(crate) partials: Vec<Vec<String>>,
    pub(crate) foreign: Vec<Foreign>,
    /// Check constraints: the columns they read, and the condition.
    pub(crate) checks: Vec<(Vec<String>, String)>,
    /// Conditions of partial indexes.
    pub(crate) predicates: Vec<String>,
    /// Definitions of the indexes, for words that are searched.
    pub(crate) indexes: Vec<(String, String)>,
    pub(crate) protected: bool,
    pub(crate) forced: bool,
    pub(crate) policies: Vec<Policy>,
    /// Partitions: qualified names and their bounds.
    pub(crate) partitions: Vec<(String, String)>,
    pub(crate) partitioned: bool,
}

/// A column.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The type as the server writes it, with its length.
    pub(crate) sql_type: String,
    /// The bare type; of a domain, what it is based on.
    pub(crate) base: String,
    /// Longest text, from the type.
    pub(crate) length: Option<usize>,
    pub(crate) required: bool,
    pub(crate) default: Option<String>,
    pub(crate) generated: bool,
    pub(crate) identity: bool,
    /// The words of an enumerated type.
    pub(crate) words: Vec<String>,
}

/// A foreign key.
#[derive(Clone, Debug)]
pub(crate) struct Foreign {
    pub(crate) columns: Vec<String>,
    pub(crate) to: String,
    pub(crate) to_columns: Vec<String>,
}

/// A policy of row-level security.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// Roles it is for; `public` for all.
    pub(crate) roles: Vec<String>,
    pub(crate) condition: String,
}

impl Table {
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// The name with its schema, as SQL.
    pub(crate) fn sql(&self) -> String {
        format!("{}.{}", ident(&self.schema), ident(&self.name))
    }

    /// Columns that rows are given.
    pub(crate) fn given(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|c| !c.generated)
    }

    /// The column that the policies compare with the tenant, where they do just that.
    pub(crate) fn policy_column(&self) -> Option<&str> {
        let compared = |condition: &str| {
            let text = condition.trim_start_matches(['(', ' ', '"']);
            let (name, rest) = text.split_once(" = ")?;
            let direct = rest.trim_start_matches(['(', ' ']).replacen("SELECT ", "", 1);
            let direct = direct.trim_start_matches(['(', ' ']);
            let own = direct.starts_with("current_setting(") || direct.starts_with("NULLIF(current_setting(");
            self.columns
                .iter()
                .find(|c| own && c.name == name.trim_end_matches(['"', ' ']))
                .map(|c| c.name.as_str())
        };
        self.policies.iter().find_map(|p| compared(&p.condition))
    }

    /// Whether its policies let rows through by way of other tables: it is shared by tenants.
    pub(crate) fn is_shared(&self) -> bool {
        self.policy_column().is_none()
            && self.policies.iter().any(|p| p.condition.contains("current_setting("))
    }
}

impl Structure {
    /// Leaves out tables that the schema itself put rows into and no other refers to: their rows mean something.
    pub(crate) fn leave_out_filled(&mut self, session: &mut Session) -> Answer<()> {
        let of = |(name, table): (&String, &Table)| -> Vec<String> {
            table.foreign.iter().map(|f| f.to.clone()).filter(|to| to != name).collect()
        };
        let referred: Vec<String> = self.tables.iter().flat_map(of).collect();
        let mut filled = Vec::new();
        for (name, table) in self.tables.iter().filter(|(name, _)| !referred.contains(name)) {
            if session.one(&format!("SELECT 1 FROM {} LIMIT 1", table.sql()))?.is_some() {
                filled.push(name.clone());
            }
        }
        self.tables.retain(|name, _| !filled.contains(name));
        Ok(())
    }

    /// Reads it.
    pub(crate) fn read(session: &mut Session) -> Answer<Self> {
        let mut found = Self::default();
        for row in session.rows(TABLES)? {
            let name = at(&row, 2);
            if !found.schemas.contains(&at(&row, 1)) {
                found.schemas.push(at(&row, 1));
            }
            let table = Table {
                oid: at(&row, 0),
                schema: at(&row, 1),
                name: name.clone(),
                protected: at(&row, 3) == "t",
                forced: at(&row, 4) == "t",
                partitioned: at(&row, 5) == "p",
                ..Table::default()
            };
            found.tables.insert(name, table);
        }
        let names: BTreeMap<String, String> =
            found.tables.values().map(|t| (t.oid.clone(), t.name.clone())).collect();
        let mut each = |session: &mut Session, sql: &str, put: &dyn Fn(&mut Table, &Row)| -> Answer<()> {
            for row in session.rows(sql)? {
                if let Some(table) = names.get(&at(&row, 0)).and_then(|n| found.tables.get_mut(n)) {
                    put(table, &row);
                }
            }
            Ok(())
        };
        each(session, COLUMNS, &|table, row| table.columns.push(column(row)))?;
        each(session, UNIQUES, &|table, row| table.uniques.push((at(row, 1), list(row, 2))))?;
        each(session, PARTIALS, &|table, row| table.partials.push(list(row, 1)))?;
        each(session, FOREIGN, &|table, row| {
            let to = names.get(&at(row, 1)).cloned().unwrap_or_default();
            table.foreign.push(Foreign { columns: list(row, 2), to, to_columns: list(row, 3) });
        })?;
        each(session, CHECKS, &|table, row| table.checks.push((list(row, 1), at(row, 2))))?;
        each(session, PREDICATES, &|table, row| table.predicates.push(at(row, 1)))?;
        each(session, INDEXES, &|table, row| table.indexes.push((at(row, 1), at(row, 2))))?;
        each(session, POLICIES, &|table, row| {
            table.policies.push(Policy { roles: list(row, 1), condition: at(row, 2) });
        })?;
        each(session, PARTITIONS, &|table, row| table.partitions.push((at(row, 1), at(row, 2))))?;
        for row in session.rows(VIEWS)? {
            found.views.insert(at(&row, 0), list(&row, 1));
        }
        for row in session.rows(DEFINERS)? {
            found.definers.push(at(&row, 0));
        }
        for row in session.rows(UNINDEXED)? {
            if let (Some(from), Some(to)) = (names.get(&at(&row, 0)), names.get(&at(&row, 2))) {
                found.unindexed.push((from.clone(), list(&row, 1).join(", "), to.clone()));
            }
        }
        for row in session.rows(INDEX_PARTS)? {
            found.parts.insert(at(&row, 0), at(&row, 1));
        }
        Ok(found)
    }

    /// The setting that policies read the tenant from.
    pub(crate) fn setting(&self) -> Option<String> {
        let conditions = self.tables.values().flat_map(|t| &t.policies).map(|p| &p.condition);
        conditions.into_iter().find_map(|condition| {
            let after = condition.split("current_setting('").nth(1)?;
            after.split('\'').next().map(str::to_owned)
        })
    }
}

fn column(row: &Row) -> Column {
    Column {
        name: at(row, 1),
        sql_type: at(row, 2),
        base: at(row, 3),
        length: at(row, 4).parse().ok(),
        required: at(row, 5) == "t",
        default: row.get(6).cloned().flatten(),
        generated: at(row, 7) == "t",
        identity: at(row, 8) == "t",
        words: list(row, 9),
    }
}

fn at(row: &Row, n: usize) -> String {
    row.get(n).cloned().flatten().unwrap_or_default()
}

/// A JSON array of texts.
fn list(row: &Row, n: usize) -> Vec<String> {
    serde_json::from_str(&at(row, n)).unwrap_or_default()
}

macro_rules! own {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' ",
            "AND NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.objid = c.oid AND x.deptype = 'e') ",
            $after
        )
    };
}

const TABLES: &str = own!(
    "SELECT c.oid, n.nspname, c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relkind FROM pg_class c \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND",
    "ORDER BY n.nspname = 'public', c.oid DESC"
);

/// A domain's length, words and requiredness are those of what it is based on.
const COLUMNS: &str = "SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), b.typname, \
     CASE WHEN b.typname IN ('varchar', 'bpchar') AND greatest(a.atttypmod, t.typtypmod) > 4 \
          THEN greatest(a.atttypmod, t.typtypmod) - 4 END, \
     a.attnotnull OR t.typnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', a.attidentity <> '', \
     (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = b.oid) \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') JOIN pg_type t ON t.oid = a.atttypid \
     JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END \
     LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
     WHERE a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum";

const UNIQUES: &str = "SELECT i.indrelid, c.relname, (SELECT json_agg(a.attname ORDER BY k.n) \
     FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num \
     WHERE k.n <= i.indnkeyatts) \
     FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL \
     ORDER BY i.indrelid, NOT i.indisprimary, c.relname";

const PARTIALS: &str = "SELECT i.indrelid, (SELECT json_agg(a.attname ORDER BY k.n) \
     FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, n) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num \
     WHERE k.n <= i.indnkeyatts) \
     FROM pg_index i WHERE i.indisunique AND i.indpred IS NOT NULL AND i.indexprs IS NULL ORDER BY i.indrelid, i.indexrelid";

const FOREIGN: &str = "SELECT k.conrelid, k.confrelid, \
     (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u(num, n) \
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num), \
     (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u(num, n) \
      JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num) \
     FROM pg_constraint k WHERE k.contype = 'f' AND k.conparentid = 0 ORDER BY k.conrelid, array_length(k.conkey, 1) DESC, k.conname";

/// Those of domains are read with the name of the column in place of `VALUE`.
const CHECKS: &str = "SELECT k.conrelid, (SELECT json_agg(a.attname) FROM unnest(k.conkey) u(num) \
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num), pg_get_expr(k.conbin, k.conrelid) \
     FROM pg_constraint k WHERE k.contype = 'c' AND k.conrelid <> 0 \
     UNION ALL SELECT a.attrelid, json_build_array(a.attname), \
     replace(pg_get_expr(k.conbin, 0), 'VALUE', quote_ident(a.attname)) \
     FROM pg_constraint k JOIN pg_attribute a ON a.atttypid = k.contypid JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') \
     WHERE k.contype = 'c' AND k.contypid <> 0 AND a.attnum > 0 AND NOT a.attisdropped";

const PREDICATES: &str =
    "SELECT indrelid, pg_get_expr(indpred, indrelid) FROM pg_index WHERE indpred IS NOT NULL";

const INDEXES: &str = "SELECT i.indrelid, c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i \
     JOIN pg_class c ON c.oid = i.indexrelid ORDER BY c.relname";

const POLICIES: &str = "SELECT p.polrelid, (SELECT json_agg(CASE WHEN r.num = 0 THEN 'public' ELSE (SELECT rolname FROM pg_roles WHERE oid = r.num) END) \
     FROM unnest(p.polroles) r(num)), concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) \
     FROM pg_policy p ORDER BY p.polname";

/// The root of a partition, however deep it lies.
const PARTITIONS: &str = "SELECT pg_partition_root(c.oid)::oid, format('%I.%I', n.nspname, c.relname), pg_get_expr(c.relpartbound, c.oid) \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relispartition AND c.relkind IN ('r', 'p') ORDER BY c.relname";

const VIEWS: &str = own!(
    "SELECT format('%I.%I', n.nspname, c.relname), (SELECT json_agg(a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v', 'm') AND",
    "ORDER BY 1"
);

const DEFINERS: &str = own!(
    "SELECT format('%I.%I', n.nspname, c.proname) FROM pg_proc c JOIN pg_namespace n ON n.oid = c.pronamespace \
     WHERE c.prosecdef AND c.prorettype <> 'trigger'::regtype AND c.prorettype <> 'event_trigger'::regtype AND",
    "ORDER BY 1"
);

const INDEX_PARTS: &str = "SELECT c.relname, r.relname FROM pg_class c JOIN pg_class r ON r.oid = pg_partition_root(c.oid) \
     WHERE c.relkind IN ('i', 'I') AND c.relispartition";

const UNINDEXED: &str = "SELECT k.conrelid, (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u(num, n) \
     JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num), k.confrelid FROM pg_constraint k \
     WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid \
     AND i.indpred IS NULL AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)";
