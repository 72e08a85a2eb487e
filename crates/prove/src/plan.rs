//! What a plan did: how rows were found, how many were read for those used, how many blocks were touched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Pages from which a table counts as large: reading all of it is then no way to find some rows.
const LARGE_PAGES: f64 = 128.0;

/// One row in so many is few.
const FEW_OF: f64 = 20.0;

/// What a plan showed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Nodes that found rows, such as `Index Scan post_for_read_feed`.
    pub(crate) found_by: Vec<String>,
    /// Large tables that were read whole.
    pub(crate) whole: BTreeSet<String>,
    /// Names of the indexes used.
    pub(crate) indexes: BTreeSet<String>,
    pub(crate) scanned: f64,
    pub(crate) used: f64,
    pub(crate) blocks: f64,
}

/// What is known of the tables beside the plan.
pub(crate) struct Sizes {
    /// Pages and rows of each table and partition.
    pub(crate) pages: BTreeMap<String, (f64, f64)>,
    /// Indexes of partitions, with the one of the whole table.
    pub(crate) parts: BTreeMap<String, String>,
}

impl Seen {
    /// Reads what `EXPLAIN (FORMAT JSON)` printed.
    pub(crate) fn read(text: &str, sizes: &Sizes) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        let root = json.get(0)?.get("Plan")?;
        let mut seen = Self::default();
        seen.walk(root, false, sizes);
        seen.found_by.dedup();
        seen.used = used(root);
        seen.blocks = number(root, "Shared Hit Blocks") + number(root, "Shared Read Blocks");
        Some(seen)
    }

    fn walk(&mut self, node: &Value, limited: bool, sizes: &Sizes) {
        let kind = text(node, "Node Type");
        // What sorts or builds a table in memory reads its input to the end whatever limit stands above.
        let limited =
            kind == "Limit" || limited && !matches!(kind, "Sort" | "Hash" | "Aggregate" | "Materialize");
        match kind {
            "Seq Scan" | "Sample Scan" | "Index Scan" | "Index Only Scan" | "Bitmap Heap Scan"
            | "Tid Scan" | "Tid Range Scan" => {
                self.scan(node, limited, sizes);
            }
            "Bitmap Index Scan" => {
                self.indexes.insert(index(node, sizes));
            }
            _ => {}
        }
        for child in node.get("Plans").and_then(Value::as_array).into_iter().flatten() {
            self.walk(child, limited, sizes);
        }
    }

    fn scan(&mut self, node: &Value, limited: bool, sizes: &Sizes) {
        let (kind, table) = (text(node, "Node Type"), text(node, "Relation Name"));
        // What was pruned or never reached was not read.
        if node.get("Actual Loops").is_some() && number(node, "Actual Loops") < 1.0 {
            return;
        }
        let loops = number(node, "Actual Loops").max(1.0);
        let gone = number(node, "Rows Removed by Filter") + number(node, "Rows Removed by Index Recheck");
        self.scanned += (number(node, "Actual Rows") + gone) * loops;
        let (pages, rows) = sizes.pages.get(table).copied().unwrap_or_default();
        let read = (number(node, "Actual Rows") + gone) * loops;
        // A limit may end a scan early: what was run says. What was only planned counts where no limit stands above
        // and few of the rows are expected to be of use.
        let ran = node.get("Actual Loops").is_some();
        let to_its_end =
            if ran { read * 2.0 >= rows } else { !limited && number(node, "Plan Rows") * FEW_OF < rows };
        if kind == "Seq Scan" && pages > LARGE_PAGES && to_its_end {
            self.whole.insert(table.to_owned());
        }
        let name = match kind {
            "Index Scan" | "Index Only Scan" => {
                let name = index(node, sizes);
                self.indexes.insert(name.clone());
                name
            }
            "Bitmap Heap Scan" => {
                let mut below = Vec::new();
                bitmap(node, sizes, &mut below);
                below.join(" + ")
            }
            _ => table.to_owned(),
        };
        let found = format!("{kind} {name}");
        if !self.found_by.contains(&found) {
            self.found_by.push(found);
        }
    }

    /// Rows read for each row used.
    pub(crate) fn amplification(&self) -> f64 {
        self.scanned / self.used.max(1.0)
    }
}

/// The name of the index, of the whole table where this is a partition's.
fn index(node: &Value, sizes: &Sizes) -> String {
    let name = text(node, "Index Name");
    sizes.parts.get(name).cloned().unwrap_or_else(|| name.to_owned())
}

fn bitmap(node: &Value, sizes: &Sizes, found: &mut Vec<String>) {
    for child in node.get("Plans").and_then(Value::as_array).into_iter().flatten() {
        if text(child, "Node Type") == "Bitmap Index Scan" {
            found.push(index(child, sizes));
        }
        bitmap(child, sizes, found);
    }
}

/// Rows that were of use: those returned, those added up, those changed.
fn used(node: &Value) -> f64 {
    let rows = |n: &Value| number(n, "Actual Rows") * number(n, "Actual Loops").max(1.0);
    let kind = text(node, "Node Type");
    let children = || node.get("Plans").and_then(Value::as_array).into_iter().flatten();
    // The main input; subplans and initial plans are something else.
    let input = || children().find(|c| matches!(text(c, "Parent Relationship"), "Outer" | "Member"));
    match kind {
        "Aggregate" | "ModifyTable" | "Group" | "WindowAgg" | "Unique" => input().map_or(0.0, used),
        "Limit" | "Sort" | "Incremental Sort" | "Gather" | "Result" | "Subquery Scan" | "LockRows"
        | "Materialize" => {
            let aggregates = input().is_some_and(|c| matches!(text(c, "Node Type"), "Aggregate" | "Group"));
            if aggregates { input().map_or(0.0, used) } else { rows(node) }
        }
        _ => rows(node),
    }
}

fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    node.get(key).and_then(Value::as_str).unwrap_or("")
}

fn number(node: &Value, key: &str) -> f64 {
    node.get(key).and_then(Value::as_f64).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes() -> Sizes {
        Sizes {
            pages: [("post".to_owned(), (5000.0, 400.0))].into(),
            parts: [("post_p1_idx".to_owned(), "post_by_author".to_owned())].into(),
        }
    }

    #[test]
    fn rows_removed_by_a_filter_count_as_read() {
        let plan = r#"[{"Plan": {"Node Type": "Limit", "Actual Rows": 10, "Actual Loops": 1, "Shared Hit Blocks": 7, "Shared Read Blocks": 1,
            "Plans": [{"Node Type": "Index Scan", "Parent Relationship": "Outer", "Index Name": "post_p1_idx", "Relation Name": "post_p1",
            "Actual Rows": 10, "Actual Loops": 1, "Rows Removed by Filter": 490}]}}]"#;
        let seen = Seen::read(plan, &sizes()).expect("a plan");
        assert_eq!(seen.found_by, ["Index Scan post_by_author"]);
        assert!((seen.amplification() - 50.0).abs() < 1e-9 && (seen.blocks - 8.0).abs() < 1e-9);
    }

    #[test]
    fn an_aggregate_uses_the_rows_it_adds_up() {
        let plan = r#"[{"Plan": {"Node Type": "Aggregate", "Actual Rows": 1, "Actual Loops": 1,
            "Plans": [{"Node Type": "Seq Scan", "Parent Relationship": "Outer", "Relation Name": "post", "Actual Rows": 400, "Actual Loops": 1}]}}]"#;
        let seen = Seen::read(plan, &sizes()).expect("a plan");
        assert!((seen.used - 400.0).abs() < 1e-9);
        assert!(seen.whole.contains("post"));
    }

    #[test]
    fn what_was_never_run_was_not_read() {
        let plan = r#"[{"Plan": {"Node Type": "Append", "Actual Rows": 0, "Actual Loops": 1,
            "Plans": [{"Node Type": "Seq Scan", "Relation Name": "post", "Actual Rows": 0, "Actual Loops": 0}]}}]"#;
        let seen = Seen::read(plan, &sizes()).expect("a plan");
        assert!(seen.whole.is_empty() && seen.found_by.is_empty());
    }
}
