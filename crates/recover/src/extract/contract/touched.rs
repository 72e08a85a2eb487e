//! Tables that SQL in code touches.

/// Tables that a statement of SQL in a literal touches, and whether it writes them.
pub(crate) fn tables(literal: &str) -> Vec<(String, bool)> {
    let text = literal;
    if text.len() > 20_000 {
        return Vec::new();
    }
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == '(').filter(|w| !w.is_empty()).collect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|w| w.eq_ignore_ascii_case(word));
    let starts = ["select", "insert", "update", "delete", "with", "create", "merge"];
    if !starts.iter().any(|s| is(0, s)) || words.len() < 3 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for at in 0..words.len() {
        let (name, writes) = if is(at, "into") || is(at, "update") && is(at + 2, "set") {
            (at + 1, true)
        } else if is(at, "from") || is(at, "join") {
            (at + 1, at > 0 && is(at - 1, "delete"))
        } else {
            continue;
        };
        let Some(name) = words.get(name) else { continue };
        let name = name.trim_matches(['"', '`', '[', ']', ';', ',', ')']);
        let name = name.rsplit('.').next().unwrap_or(name).trim_matches(['"', '`', '[', ']']);
        let fits = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if fits && !name.eq_ignore_ascii_case("select") && !found.contains(&(name.to_owned(), writes)) {
            found.push((name.to_owned(), writes));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::tables;

    #[test]
    fn reads_and_writes_are_told_apart() {
        let found = |sql: &str| -> Vec<String> {
            tables(sql).into_iter().map(|(t, w)| format!("{t}{}", if w { "!" } else { "" })).collect()
        };
        assert_eq!(found("SELECT a FROM shop.orders o JOIN \"users\" u ON 1=1"), ["orders", "users"]);
        assert_eq!(found("INSERT INTO carts(id) VALUES ($1)"), ["carts!"]);
        assert_eq!(found("UPDATE carts SET a = 1"), ["carts!"]);
        assert_eq!(found("delete from carts where id = 1"), ["carts!"]);
        assert!(found("select a colour from the list").len() < 2 && found("update your settings").is_empty());
    }
}
