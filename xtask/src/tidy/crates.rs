//! The crates, what each may use, and what none may bring in.
//!
//! The table of crates in ARCHITECTURE.md is the rule: it lists every crate of the workspace, each may use only
//! crates above it, and what it says a crate uses is what the crate's manifest says.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::root;

/// Packages that compile C or bring a second TLS library.
const BANNED: [&str; 3] = ["aws-lc-sys", "openssl-sys", "native-tls"];

/// What each crate uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// Checks the table, the manifests and the lock file against each other.
pub(crate) fn check() -> Result<Vec<String>> {
    let text =
        std::fs::read_to_string(root().join("ARCHITECTURE.md")).context("cannot read ARCHITECTURE.md")?;
    let mut problems = compare(&table(&text), &manifests()?);
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    for package in BANNED {
        if lock.contains(&format!("name = \"{package}\"")) {
            problems.push(format!("Cargo.lock: `{package}` came in with a dependency"));
        }
    }
    Ok(problems)
}

/// Rows of the form "| `design` | `model`, `catalog` | ... |", in their order.
fn table(text: &str) -> Vec<(String, BTreeSet<String>)> {
    let names =
        |cell: &str| -> BTreeSet<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows =
        text.lines().skip_while(|l| !l.starts_with("| crate |")).skip(2).take_while(|l| l.starts_with('|'));
    rows.filter_map(|row| {
        let mut cells = row.trim_matches('|').split('|');
        let name = names(cells.next()?).into_iter().next()?;
        Some((name, names(cells.next()?)))
    })
    .collect()
}

/// What the manifests say: crates of the workspace each crate depends on, its tests aside.
fn manifests() -> Result<Uses> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("cargo metadata failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let short = |name: &str| name.strip_prefix("loadcase-").unwrap_or(name).to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut uses = Uses::new();
    for package in list(&metadata["packages"]) {
        let name = package["name"].as_str().context("a package without a name")?;
        let local = |d: &Value| d["kind"] != "dev" && !d["path"].is_null();
        let used = list(&package["dependencies"]).into_iter().filter(local);
        uses.insert(short(name), used.filter_map(|d| d["name"].as_str().map(short)).collect());
    }
    Ok(uses)
}

/// Every way in which the table and the manifests differ, and every row that uses a crate below it.
fn compare(table: &[(String, BTreeSet<String>)], uses: &Uses) -> Vec<String> {
    let mut problems = Vec::new();
    let mut above = BTreeSet::new();
    for (name, allowed) in table {
        for wrong in allowed.difference(&above) {
            problems.push(format!("ARCHITECTURE.md: `{name}` uses `{wrong}`, which is not above it"));
        }
        match uses.get(name) {
            None => problems.push(format!("ARCHITECTURE.md: there is no crate `{name}`")),
            Some(used) => {
                for extra in used.difference(allowed) {
                    problems.push(format!(
                        "crate `{name}` depends on `{extra}`, which ARCHITECTURE.md does not allow"
                    ));
                }
                for missing in allowed.difference(used) {
                    problems.push(format!("ARCHITECTURE.md: `{name}` does not depend on `{missing}`"));
                }
            }
        }
        above.insert(name.clone());
    }
    for name in uses.keys().filter(|n| !above.contains(*n)) {
        problems.push(format!("ARCHITECTURE.md: the crate `{name}` is missing from the table"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(edges: &[(&str, &[&str])]) -> Uses {
        edges.iter().map(|(n, u)| ((*n).to_owned(), u.iter().map(|x| (*x).to_owned()).collect())).collect()
    }

    const TABLE: &str = "\
| crate | uses | for |
|---|---|---|
| `model` | nothing | types |
| `brief` | `model` | reading |
| `design` | `model` | choosing |

| `other` | `table` |
";

    #[test]
    fn a_true_table_passes() {
        let real = uses(&[("model", &[]), ("brief", &["model"]), ("design", &["model"])]);
        assert_eq!(compare(&table(TABLE), &real), Vec::<String>::new());
    }

    #[test]
    fn siblings_strangers_and_upward_edges_are_named() {
        let real = uses(&[
            ("model", &["brief"]),
            ("brief", &["model"]),
            ("design", &["model", "brief"]),
            ("new", &[]),
        ]);
        let problems = compare(&table(TABLE), &real);
        for part in ["`model` depends on `brief`", "`design` depends on `brief`", "`new` is missing"] {
            assert!(problems.iter().any(|p| p.contains(part)), "{part}: {problems:?}");
        }
        let upward = TABLE.replace("| nothing |", "| `brief` |");
        let problems = compare(&table(&upward), &real);
        assert!(problems.iter().any(|p| p.contains("`brief`, which is not above it")), "{problems:?}");
    }
}
