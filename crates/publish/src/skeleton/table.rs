//! Tables of a schema as it is written: enough of `CREATE TABLE` to know which columns there are.

/// A column as the schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// Name, not quoted.
    pub(crate) name: String,
    /// Type, lower case: `uuid`, `bigint`, `timestamptz`.
    pub(crate) kind: String,
    pub(crate) required: bool,
    pub(crate) has_default: bool,
    /// Words that its check allows, when it lists them.
    pub(crate) words: Vec<String>,
}

/// A table as the schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Name as it is written in SQL, quoted where it must be.
    pub(crate) written: String,
    pub(crate) columns: Vec<Column>,
    /// Columns that no two rows have in common, of the key and of each constraint.
    pub(crate) uniques: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Whether a column is part of what no two rows have in common.
    pub(crate) fn is_unique(&self, name: &str) -> bool {
        name != "tenant_id" && self.uniques.iter().flatten().any(|c| c == name)
    }

    pub(crate) fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|n| self.column(n).is_some())
    }
}

/// The table of a name, with or without a schema before it.
pub(crate) fn table(schema: &str, name: &str) -> Option<Table> {
    let mut lines = schema.lines();
    let written = lines.find_map(|line| {
        let rest = line.strip_prefix("CREATE TABLE ")?;
        let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
        let written = rest.split(" (").next()?.trim();
        (bare(written.rsplit('.').next()?) == name).then(|| written.to_owned())
    })?;
    let inside: Vec<&str> = lines.take_while(|l| !l.starts_with(')')).collect();
    let columns = inside.iter().copied().filter_map(column).collect();
    let uniques = inside.iter().copied().filter_map(unique).collect();
    Some(Table { written, columns, uniques })
}

fn bare(name: &str) -> String {
    name.trim_matches('"').replace("\"\"", "\"")
}

/// Words that begin a constraint of the table.
const CONSTRAINTS: &[&str] = &["PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT", "EXCLUDE", "LIKE"];

fn column(line: &str) -> Option<Column> {
    let line = line.strip_prefix("    ")?.trim_end().trim_end_matches(',');
    if line.starts_with([' ', '-']) {
        return None;
    }
    let (name, rest) = if let Some(rest) = line.strip_prefix('"') {
        let end = rest.find('"')?;
        (rest[..end].to_owned(), rest[end + 1..].trim_start())
    } else {
        let (name, rest) = line.split_once(' ')?;
        (name.to_owned(), rest)
    };
    if CONSTRAINTS.contains(&name.as_str()) {
        return None;
    }
    let end = rest.find([' ', '(']).unwrap_or(rest.len());
    let words =
        rest.split_once(&format!("{name} IN (")).or_else(|| rest.split_once(&format!("\"{name}\" IN (")));
    Some(Column {
        kind: rest[..end].to_lowercase(),
        required: rest.contains("NOT NULL") || rest.contains("PRIMARY KEY"),
        has_default: rest.contains(" DEFAULT ") || rest.contains(" GENERATED "),
        words: words.map(|(_, rest)| quoted_words(rest)).unwrap_or_default(),
        name,
    })
}

/// The columns of a key or a unique constraint that stands by itself.
fn unique(line: &str) -> Option<Vec<String>> {
    let line = line.trim();
    let is_constraint = CONSTRAINTS.iter().any(|c| line.starts_with(c));
    if !is_constraint
        || !(line.contains("PRIMARY KEY") || line.contains(" UNIQUE") || line.starts_with("UNIQUE"))
    {
        return None;
    }
    let inner = line.split_once('(')?.1.split(')').next()?;
    Some(inner.split(',').map(|c| bare(c.trim())).collect())
}

/// `'a', 'b')...` as words.
fn quoted_words(text: &str) -> Vec<String> {
    let inner = text.split(')').next().unwrap_or("");
    inner
        .split(',')
        .filter_map(|w| Some(w.trim().strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'")))
        .collect()
}

/// The setting by which policies know the tenant.
pub(crate) fn tenant_setting(schema: &str) -> Option<&str> {
    // A setting of one's own has a point in its name, unlike those of the server.
    let named = schema.split("current_setting('").skip(1).filter_map(|rest| rest.split('\'').next());
    named.into_iter().find(|name| name.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "CREATE TABLE \"order\" (\n    id uuid NOT NULL DEFAULT gen_random_uuid(),\n    \"user\" uuid NOT NULL,\n    state text NOT NULL CHECK (state IN ('new', 'it''s')),\n    note varchar(20),\n    PRIMARY KEY (id)\n);\n";

    #[test]
    fn tables_are_read_as_written() {
        let table = table(SCHEMA, "order").expect("the table");
        assert_eq!(table.written, "\"order\"");
        let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["id", "user", "state", "note"]);
        assert!(table.columns[0].has_default && table.columns[1].required && !table.columns[3].required);
        assert_eq!(table.columns[2].words, ["new", "it's"]);
        assert_eq!(table.columns[3].kind, "varchar");
        assert!(table.is_unique("id") && !table.is_unique("note"));
    }
}
