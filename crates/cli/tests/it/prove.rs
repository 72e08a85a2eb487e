//! `loadcase prove`: designs hold on a real PostgreSQL, faults in them are caught, secrets stay secret.

#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

use std::path::{Path, PathBuf};

use loadcase_publish::{json_numbers_without_origin, untagged_numbers};
use serde_json::Value;

use crate::run::{Ended, loadcase};

/// How long a run may take: machines may be busy.
const PATIENCE_S: u64 = 1_800;

/// Whether a server can be started here; a line says so where not.
fn installed() -> bool {
    let found = std::fs::read_dir("/usr/lib/postgresql").is_ok_and(|mut versions| versions.next().is_some());
    if !found {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql: nothing was proven");
    }
    found
}

/// Writes the design for a domain, on PostgreSQL.
fn designed(folder: &Path, domain: &str) -> PathBuf {
    let out = folder.join(domain);
    let brief = format!("domains: [{domain}]\ntechnologies: {{existing: [postgresql]}}\n");
    let file = folder.join(format!("{domain}.yaml"));
    std::fs::write(&file, brief).expect("written");
    let arguments =
        ["design", "--no-input", "--out", out.to_str().expect("plain"), file.to_str().expect("plain")];
    let ended = loadcase(&arguments).end();
    assert!(matches!(ended.code, Some(0 | 4)), "{domain}: {}", ended.err);
    out
}

fn proven(folder: &Path, arguments: &[&str]) -> Ended {
    let all = [&["prove", folder.to_str().expect("plain")], arguments].concat();
    loadcase(&all).within_s(PATIENCE_S).end()
}

/// What does not hold, from the JSON.
fn broken(json: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for store in json["stores"].as_array().expect("stores") {
        for kind in ["patterns", "isolation", "keys"] {
            let all = store[kind].as_array().expect("proofs").iter();
            for proof in all.filter(|p| p["outcome"] != "holds") {
                let of = if kind == "patterns" { &proof["title"] } else { &proof["subject"] };
                found.push(format!("{of} {} {} {}", proof["claim"], proof["reasons"], proof["seen"]));
            }
        }
    }
    found
}

fn holds(domain: &str, rows: &str) {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let design = designed(folder.path(), domain);
    let ended = proven(&design, &["--rows", rows, "--format", "json"]);
    let json: Value =
        serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{domain}: {e} {}", ended.err));
    assert_eq!(broken(&json), Vec::<String>::new(), "{domain}");
    assert_eq!(ended.code, Some(0), "{domain}: {}", ended.err);
    assert!(!json["stores"][0]["patterns"].as_array().expect("patterns").is_empty(), "{domain}");
    assert_eq!(json_numbers_without_origin(&json), Vec::<String>::new(), "{domain}");
    let schema = loadcase(&["schema", "proofs"]).end().fine().out;
    let validator =
        jsonschema::validator_for(&serde_json::from_str(&schema).expect("JSON")).expect("a schema");
    let faults: Vec<String> =
        validator.iter_errors(&json).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(faults, Vec::<String>::new(), "{domain}");
}

#[test]
fn the_design_of_a_social_product_holds() {
    holds("social", "100000");
}

#[test]
fn the_design_of_payments_holds() {
    holds("payments", "100000");
}

#[test]
fn the_design_of_a_product_for_many_tenants_holds() {
    holds("multi-tenant-saas", "100000");
}

/// `LOADCASE_PROVE_ROWS=1000000 cargo test -p loadcase-cli --test it every_domain_holds -- --ignored --nocapture`
#[test]
#[ignore = "takes some minutes; every domain at the rows of LOADCASE_PROVE_ROWS, 100,000 unless set"]
fn every_domain_holds() {
    let rows = std::env::var("LOADCASE_PROVE_ROWS").unwrap_or_else(|_| "100000".to_owned());
    let domains = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog/domains");
    let mut names: Vec<String> = std::fs::read_dir(domains)
        .expect("domains")
        .filter_map(|e| e.ok()?.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    names.sort();
    let folder = tempfile::tempdir().expect("a folder");
    let mut failed = Vec::new();
    for domain in names {
        let design = designed(folder.path(), &domain);
        let ended = proven(&design, &["--rows", &rows]);
        println!("{domain}: {:?} {}", ended.code, ended.out.lines().last().unwrap_or(&ended.err));
        if ended.code != Some(0) {
            failed.push(format!("{domain}\n{}\n{}", ended.out, ended.err));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn an_index_dropped_from_the_schema_fails_the_run() {
    if !installed() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let design = designed(folder.path(), "social");
    let schema = design.join("schema.sql");
    let text = std::fs::read_to_string(&schema).expect("a schema");
    let lost = text
        .lines()
        .find(|l| l.starts_with("CREATE INDEX") && l.contains("_for_"))
        .expect("an index for a pattern");
    let name = lost.split_whitespace().nth(2).expect("its name");
    std::fs::write(&schema, format!("{text}\nDROP INDEX {name};\n")).expect("written");
    let ended = proven(&design, &["--rows", "60000", "--format", "md"]).ended_with(1);
    assert!(ended.out.contains(&format!("meant: {name}")), "{name}: {}", ended.out);
    assert!(ended.out.contains("FAILS"), "{}", ended.out);
    assert_eq!(untagged_numbers(&ended.out), Vec::<String>::new());
    // A schema that the server refuses is told with its place.
    std::fs::write(&schema, "CREATE TABLE a (id int);\nCREATE TABEL b (id int);\n").expect("written");
    let said = proven(&design, &[]).refused();
    assert!(said.contains("schema.sql:2: PostgreSQL refuses the schema"), "{said}");
}

#[test]
fn nothing_of_an_address_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let design = designed(folder.path(), "generic");
    let url = "postgresql://me:hunter2@127.0.0.1:1/secret-name";
    let ended = proven(&design, &["--database-url", url]).ended_with(5);
    assert!(ended.err.contains("cannot connect to PostgreSQL"), "{}", ended.err);
    for secret in ["hunter2", "secret-name"] {
        assert!(!ended.err.contains(secret) && !ended.out.contains(secret), "{}", ended.err);
    }
}

#[test]
fn a_folder_without_a_blueprint_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = proven(folder.path(), &[]).ended_with(2);
    assert!(ended.err.contains("there is no blueprint.yaml"), "{}", ended.err);
}
