//! Proofs for people and programs: a table on a terminal, Markdown, JSON.

use std::collections::BTreeMap;

use loadcase_model::{Figure, Outcome, PatternProof, Proof, Proofs, StoreProofs, Tag};

use crate::honesty::tagged;
use crate::text::clean;
use crate::text::markdown::{Doc, Table, code, name, prose};

/// Longest title in a column of a terminal.
const TITLE: usize = 58;

/// Proofs as JSON; the schema is `loadcase schema proofs`.
#[must_use]
pub fn json(proofs: &Proofs) -> String {
    serde_json::to_string_pretty(proofs).expect("proofs have string keys")
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "holds",
        Outcome::Fails => "FAILS",
        Outcome::Unproven => "UNPROVEN",
    }
}

/// For a terminal.
#[must_use]
pub fn text(proofs: &Proofs) -> String {
    let mut out = String::new();
    for store in &proofs.stores {
        out.push_str(&format!("{}: {}\n", clean(&proofs.name), clean(&store.name)));
        out.push_str(&format!(
            "{}; {}; as {}\n",
            clean(&store.source),
            clean(&store.server),
            clean(&store.role)
        ));
        let rows: Vec<String> = store.rows.iter().map(Figure::tagged).collect();
        out.push_str(&format!("largest table: {} rows; {}\n", rows.join(", then "), store.duration.tagged()));
        out.push_str("\nAccess patterns\n");
        out.push_str(&columns(&pattern_rows(store)));
        for pattern in store.patterns.iter().filter(|p| p.outcome != Outcome::Holds) {
            out.push_str(&format!(
                "\n{} {}\n  {}\n",
                word(pattern.outcome),
                clean(&pattern.title),
                clean(&pattern.statement)
            ));
            for reason in &pattern.reasons {
                out.push_str(&format!("  - {}\n", clean(reason)));
            }
            out.push_str(&format!("  found by: {}\n", clean(&pattern.found_by.join(", "))));
        }
        for (title, of) in chapters(store) {
            out.push_str(&claims(title, of));
        }
        for note in &store.notes {
            out.push_str(&format!("\nnote: {}\n", clean(note)));
        }
        out.push('\n');
    }
    out.push_str(&format!("{}\n", summary(proofs)));
    out
}

/// The claims of a store under their titles.
fn chapters(store: &StoreProofs) -> [(&'static str, &[Proof]); 3] {
    [
        ("Isolation of tenants", &store.isolation),
        ("The same key twice", &store.keys),
        ("Time passes", &store.upkeep),
    ]
}

/// One line: how many proofs hold.
#[must_use]
pub fn summary(proofs: &Proofs) -> String {
    let all = |of: &dyn Fn(&StoreProofs) -> Vec<Outcome>| -> Vec<Outcome> {
        proofs.stores.iter().flat_map(of).collect()
    };
    let parts = [
        ("access patterns", all(&|s| s.patterns.iter().map(|p| p.outcome).collect())),
        ("proofs of isolation", all(&|s| s.isolation.iter().map(|p| p.outcome).collect())),
        ("keys", all(&|s| s.keys.iter().map(|p| p.outcome).collect())),
        ("functions of the clock", all(&|s| s.upkeep.iter().map(|p| p.outcome).collect())),
    ];
    let said: Vec<String> = parts
        .iter()
        .filter(|(_, outcomes)| !outcomes.is_empty())
        .map(|(what, outcomes)| {
            let holding = outcomes.iter().filter(|o| **o == Outcome::Holds).count();
            format!("{holding} m of {} m {what} hold", outcomes.len())
        })
        .collect();
    if said.is_empty() { "nothing was proven".to_owned() } else { said.join(", ") }
}

fn pattern_rows(store: &StoreProofs) -> Vec<Vec<String>> {
    let head = ["", "pattern", "found by", "read/used", "blocks", "growth", "p50", "p95"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for pattern in &store.patterns {
        let optional = |f: &Option<Figure>| f.as_ref().map_or_else(String::new, Figure::tagged);
        rows.push(vec![
            word(pattern.outcome).to_owned(),
            shortened(&clean(&pattern.title)),
            clean(&served(pattern)),
            pattern.amplification.tagged(),
            pattern.blocks.tagged(),
            optional(&pattern.growth),
            optional(&pattern.p50),
            optional(&pattern.p95),
        ]);
    }
    rows
}

/// What found the rows: the index that was meant, or what was used instead of it.
fn served(pattern: &PatternProof) -> String {
    let found: Vec<&str> = pattern.found_by.iter().map(|f| f.rsplit(" Scan ").next().unwrap_or(f)).collect();
    match &pattern.meant {
        Some(meant) if found.iter().any(|f| f.split(" + ").any(|f| f == meant)) => meant.clone(),
        Some(meant) => format!("{} (meant: {meant})", pattern.found_by.join(", ")),
        None if pattern.found_by.is_empty() => "-".to_owned(),
        None => pattern.found_by.join(", "),
    }
}

/// The beginning and the end: what tells titles apart is at either.
fn shortened(text: &str) -> String {
    let length = text.chars().count();
    if length <= TITLE {
        return text.to_owned();
    }
    let tail = TITLE / 3;
    let head: String = text.chars().take(TITLE - tail - 3).collect();
    let tail: String = text.chars().skip(length - tail).collect();
    format!("{}...{}", head.trim_end(), tail.trim_start())
}

/// Cells in columns, the numbers to the right.
fn columns(rows: &[Vec<String>]) -> String {
    let width = |n: usize| rows.iter().filter_map(|r| r.get(n)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(
                |(n, (cell, width))| {
                    if n < 3 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        out.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
    }
    out
}

/// Claims by what they are about: one line where all hold, one for each that does not.
fn claims(title: &str, of: &[Proof]) -> String {
    if of.is_empty() {
        return String::new();
    }
    let mut subjects: BTreeMap<&str, Vec<&Proof>> = BTreeMap::new();
    for proof in of {
        subjects.entry(&proof.subject).or_default().push(proof);
    }
    let mut out = format!("\n{title}\n");
    for (subject, proofs) in subjects {
        let broken: Vec<&&Proof> = proofs.iter().filter(|p| p.outcome != Outcome::Holds).collect();
        if broken.is_empty() {
            let said = match proofs.as_slice() {
                [one] => clean(&one.claim),
                many => format!("{} m trials", many.len()),
            };
            out.push_str(&format!("  holds  {}: {said}\n", clean(subject)));
        }
        for proof in broken {
            out.push_str(&format!(
                "  {}  {}: {}: {}\n",
                word(proof.outcome),
                clean(subject),
                clean(&proof.claim),
                clean(&proof.seen)
            ));
        }
    }
    out
}

/// As a Markdown document.
#[must_use]
pub fn markdown(proofs: &Proofs) -> String {
    let mut doc = Doc::new(&format!("Proofs of {}", name(&proofs.name)));
    doc.para(prose(&format!("{}.", summary(proofs)), Tag::Measured));
    for store in &proofs.stores {
        doc.heading(2, &name(&store.name));
        let rows: Vec<String> = store.rows.iter().map(tagged).collect();
        doc.para(format!(
            "{} on {}, as {}; {} rows in the largest table; {}.",
            code(&store.source),
            code(&store.server),
            code(&store.role),
            rows.join(", then "),
            tagged(&store.duration)
        ));
        doc.heading(3, "Access patterns");
        doc.table(&pattern_table(store), "The blueprint has none.");
        broken_patterns(&mut doc, store);
        for (title, of) in chapters(store) {
            if !of.is_empty() {
                doc.heading(3, title);
                doc.table(&claim_table(of), "Nothing was tried.");
            }
        }
        doc.heading(3, "Rows");
        doc.table(&row_table(store), "No table was filled.");
        doc.list(store.notes.iter().map(|n| prose(n, Tag::Measured)));
    }
    doc.finish()
}

fn pattern_table(store: &StoreProofs) -> Table {
    let mut table =
        Table::new(&["pattern", "", "found by", "read for each used", "blocks", "growth", "p50", "p95"]);
    for pattern in &store.patterns {
        let optional = |f: &Option<Figure>| f.as_ref().map_or_else(String::new, tagged);
        table.row([
            prose(&pattern.title, Tag::Assumed),
            word(pattern.outcome).to_owned(),
            code(&served(pattern)),
            tagged(&pattern.amplification),
            tagged(&pattern.blocks),
            optional(&pattern.growth),
            optional(&pattern.p50),
            optional(&pattern.p95),
        ]);
    }
    table
}

fn broken_patterns(doc: &mut Doc, store: &StoreProofs) {
    for pattern in store.patterns.iter().filter(|p| p.outcome != Outcome::Holds) {
        doc.heading(4, &prose(&pattern.title, Tag::Assumed));
        doc.fence("sql", &pattern.statement);
        doc.list(pattern.reasons.iter().map(|r| prose(r, Tag::Measured)));
    }
}

fn claim_table(of: &[Proof]) -> Table {
    let mut table = Table::new(&["of", "claim", "", "seen"]);
    for proof in of {
        table.row([
            code(&proof.subject),
            prose(&proof.claim, Tag::Assumed),
            word(proof.outcome).to_owned(),
            prose(&proof.seen, Tag::Measured),
        ]);
    }
    table
}

fn row_table(store: &StoreProofs) -> Table {
    let mut table = Table::new(&["table", "rows", "size with indexes", "for each row"]);
    for filled in &store.tables {
        table.row([code(&filled.name), tagged(&filled.rows), tagged(&filled.size), tagged(&filled.row)]);
    }
    table
}
