//! Tables in the text of SQL statements.

use std::sync::LazyLock;

use regex::Regex;

static TABLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(insert\s+into|replace\s+into|update|delete\s+from|from|join|merge\s+into)\s+([`"\[]?[a-z_][\w$]*[`"\]]?(?:\.[`"\[]?[a-z_][\w$]*[`"\]]?)?)"#)
        .expect("the pattern is fixed")
});

static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?is)^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|replace\s+into\s|with\s.+\sas\s|merge\s+into\s)").expect("the pattern is fixed")
});

/// Words that follow `from` or `update` and are no tables.
const WORDS: &[&str] = &[
    "select",
    "set",
    "the",
    "values",
    "unnest",
    "generate_series",
    "dual",
    "information_schema",
    "lateral",
    "only",
    "of",
    "nothing",
];

/// The tables of a statement and whether each is written; nothing when the text is no statement.
pub(crate) fn tables(text: &str) -> Vec<(String, bool)> {
    if !STATEMENT.is_match(text) {
        return Vec::new();
    }
    let mut found: Vec<(String, bool)> = Vec::new();
    for hit in TABLE.captures_iter(text) {
        let (Some(verb), Some(name)) = (hit.get(1), hit.get(2)) else { continue };
        let name: String = name.as_str().chars().filter(|c| !matches!(c, '`' | '"' | '[' | ']')).collect();
        let verb = verb.as_str().to_ascii_lowercase();
        if WORDS.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let writes = !matches!(verb.as_str(), "from" | "join");
        match found.iter_mut().find(|(n, _)| *n == name) {
            Some((_, known)) => *known |= writes,
            None => found.push((name, writes)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::tables;

    #[test]
    fn tables_and_whether_they_are_written() {
        assert_eq!(
            tables("SELECT a FROM orders o JOIN \"users\" u ON 1"),
            [("orders".to_owned(), false), ("users".to_owned(), false)]
        );
        assert_eq!(tables("insert into votes (id) values (1)"), [("votes".to_owned(), true)]);
        assert_eq!(tables("UPDATE shop.stock SET n = 1 WHERE id = 2"), [("shop.stock".to_owned(), true)]);
        assert!(tables("read the answer from users").is_empty());
    }
}
