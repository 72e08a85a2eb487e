//! What stays and what goes: records, books, people, measurements; and how long a text may be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use loadcase_catalog::Catalog;
use loadcase_model::{AccessKind, Design, Id, OperationKind};
use loadcase_publish::deliverables;
use serde_json::Value;

use crate::deploy::embedded;
use crate::fixture;
use crate::schema::Server;

fn of(domain: &str) -> (Catalog, Design) {
    let catalog = embedded();
    let design = fixture::of_domain(catalog.domains.get(domain).expect("a domain"));
    (catalog, design)
}

fn text(design: &Design, catalog: &Catalog, path: &str) -> String {
    let found = deliverables(design, catalog).into_iter().find(|f| f.path == path);
    found.unwrap_or_else(|| panic!("no {path}")).text
}

/// The row of a table that begins with a cell.
fn row(text: &str, cell: &str) -> String {
    let found = text.lines().find(|l| l.starts_with(&format!("| {cell}")));
    found.unwrap_or_default().to_owned()
}

#[test]
fn whoever_commands_a_device_is_recorded_and_the_record_cannot_be_changed() {
    let (catalog, design) = of("iot");
    let sql = text(&design, &catalog, "schema.sql");
    assert!(sql.contains("CREATE TRIGGER audit_record_stays"), "no trigger");
    for id in ["send-command", "claim-device", "share-site", "end-share", "start-rollout", "retire-device"] {
        let accesses = &design.blueprint.operations[id].accesses;
        assert!(accesses.iter().any(|a| a.entity == "audit-record" && a.kind == AccessKind::Insert), "{id}");
    }
    let api = text(&design, &catalog, "openapi.yaml");
    assert!(api.contains("/v1/sites/{site_id}/audit-records"));
}

#[test]
fn a_person_is_erased_and_what_others_need_stays() {
    const NOBODY: &str = "No operation deletes it on request";
    for (domain, left) in [("iot", ["Alarm", "Command"]), ("payments", ["Payment", "Merchant account"])] {
        let (catalog, design) = of(domain);
        let security = text(&design, &catalog, "security.md");
        let erased = row(&security, "An operation deletes it on request");
        assert!(left.iter().all(|e| erased.contains(e)), "{domain}: {erased}");
        assert_eq!(row(&security, NOBODY), "", "{domain}");
    }
    let kept = |domain: &str, entities: &[&str]| {
        let (_, design) = of(domain);
        let erasing = design.blueprint.operations.iter().filter(|(id, _)| id.as_str().starts_with("erase"));
        let gone: BTreeSet<String> = erasing
            .flat_map(|(_, o)| &o.accesses)
            .filter(|a| a.kind == AccessKind::Delete)
            .map(|a| a.entity.to_string())
            .collect();
        assert!(!gone.is_empty() && !entities.iter().any(|e| gone.contains(*e)), "{domain}: {gone:?}");
    };
    kept("iot", &["device", "alarm", "command", "site", "audit-record"]);
    kept("payments", &["payment", "refund", "dispute", "ledger-entry", "ledger-transaction", "audit-record"]);
}

#[test]
fn what_a_trigger_keeps_for_ever_has_no_index_for_its_deletion() {
    let catalog = embedded();
    let mut books = 0;
    for domain in catalog.domains.values() {
        let sql = text(&fixture::of_domain(domain), &catalog, "schema.sql");
        let lines: Vec<&str> = sql.lines().collect();
        let kept = lines.windows(2).filter(|w| {
            w[0].contains(" BEFORE DELETE ON ")
                && w[1] == "    FOR EACH ROW EXECUTE FUNCTION refuse_change();"
        });
        for table in kept.filter_map(|w| w[0].rsplit_once(" ON ").map(|(_, table)| table)) {
            books += 1;
            assert!(!sql.contains(&format!("INDEX {table}_by_age ")), "{}: {table}", domain.id);
            let to = format!(") REFERENCES {table} (");
            for line in lines.iter().filter(|l| l.contains("ADD FOREIGN KEY") && l.contains(&to)) {
                let column =
                    line.split_once(&to).and_then(|(l, _)| l.rsplit([' ', '(']).next()).unwrap_or("");
                let useless = format!("'Serves: The reference {column}: deletes");
                let of_table = lines
                    .iter()
                    .any(|l| l.starts_with(&format!("COMMENT ON INDEX {table}_")) && l.contains(&useless));
                assert!(!of_table, "{}: an index for deletes from {table}", domain.id);
            }
        }
    }
    assert!(books >= 4, "{books} tables of books");
    let (catalog, design) = of("payments");
    let told = text(&design, &catalog, "data-design.md");
    assert!(told.contains("Books are not deleted by age (Ledger transaction, Ledger entry, "));
    assert!(text(&design, &catalog, "schema.sql").contains("The check that a posting sums to zero"));
}

/// Most characters of each text in the contract, by the name of its field.
fn asked(value: &Value, found: &mut BTreeMap<String, u64>) {
    match value {
        Value::Object(object) => {
            for (name, field) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if let Some(most) = field["maxLength"].as_u64().filter(|_| field["type"] == "string") {
                    let longest = found.entry(name.clone()).or_default();
                    *longest = most.max(*longest);
                }
            }
            object.values().for_each(|v| asked(v, found));
        }
        Value::Array(list) => list.iter().for_each(|v| asked(v, found)),
        _ => {}
    }
}

#[test]
fn what_the_contract_lets_in_fits_into_the_store() {
    let catalog = embedded();
    for domain in catalog.domains.values() {
        let design = fixture::of_domain(domain);
        let api: Value = loadcase_model::yaml::read(&text(&design, &catalog, "openapi.yaml"))
            .unwrap_or_else(|e| panic!("{}", e.message));
        let mut most = BTreeMap::new();
        asked(&api, &mut most);
        let mut room: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        let sql = text(&design, &catalog, "schema.sql");
        for part in sql.split("char_length(").skip(1) {
            if let Some((name, rest)) = part.split_once(") <= ") {
                let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
                room.entry(name.to_owned()).or_default().insert(digits.parse().expect("a number"));
            }
        }
        // A name that means a line here and a page there is told apart by tables, not by this test.
        // Whoever signs in may do so with an address in place of a login, and with a code that is not kept.
        let kept = |name: &str| !["login", "code"].contains(&name);
        for (name, room) in room.iter().filter(|(n, r)| r.len() == 1 && kept(n)) {
            let room = *room.first().expect("one");
            let asked = most.get(name).copied().unwrap_or(0);
            assert!(asked <= room, "{}: {name} of {asked} characters into {room}", domain.id);
        }
    }
}

#[test]
fn the_address_of_a_browser_is_taken_whole() {
    for domain in ["social", "chat"] {
        let (catalog, design) = of(domain);
        let sql = text(&design, &catalog, "schema.sql");
        assert!(sql.contains("char_length(push_token) <= 2048"), "{domain}");
        let mysql = text(&crate::data::on(design, "mysql"), &catalog, "schema.mysql.sql");
        assert!(mysql.contains("`push_token` varchar(2048) CHARACTER SET ascii"), "{domain}");
        assert!(mysql.contains("(`push_token`)"), "{domain}: the whole of it is unique");
    }
}

fn with_timescale(domain: &str) -> (Catalog, Design) {
    let (catalog, mut design) = of(domain);
    design.choices.0.insert("analytics_store".to_owned(), vec!["timescaledb".to_owned()]);
    (catalog, design)
}

#[test]
fn measurements_are_hypertables_where_timescaledb_is_chosen() {
    let (catalog, design) = with_timescale("iot");
    let sql = text(&design, &catalog, "schema.sql");
    for part in [
        "PERFORM create_hypertable('reading', by_range('measured_at', INTERVAL '7 days'), create_default_indexes => false);",
        "timescaledb.enable_columnstore = true, timescaledb.segmentby = 'device_id, metric', timescaledb.orderby = 'measured_at DESC'",
        "CALL add_columnstore_policy('reading', after => INTERVAL '7 days');",
        "PERFORM add_retention_policy('reading', drop_after => INTERVAL '90 days');",
    ] {
        assert!(sql.contains(part), "{part}\n{sql}");
    }
    assert!(!sql.contains("PARTITION OF reading"));
    let told = text(&design, &catalog, "data-design.md");
    assert!(told.contains("A hypertable with a part for each week of `measured_at`"), "{told}");
    let compose = text(&design, &catalog, "deploy/compose.yaml");
    assert!(compose.contains("image: timescale/timescaledb:") && !compose.contains("image: postgres:"));
    let plain = of("iot");
    assert!(!text(&plain.1, &plain.0, "schema.sql").contains("timescale"));
}

#[test]
fn a_schema_for_timescaledb_loads_where_the_extension_is_missing() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: the schema was not loaded");
        return;
    };
    let (catalog, design) = with_timescale("iot");
    let path = server.folder.path().join("series.sql");
    fs::write(&path, text(&design, &catalog, "schema.sql")).expect("written");
    // It warns that the extension is missing.
    let quiet = "SET client_min_messages = error";
    server.sql("postgres", &["-o", "/dev/null", "-c", quiet, "-f", &path.to_string_lossy()]);
    assert!(server.refuses("postgres", "INSERT INTO reading DEFAULT VALUES;").contains("null value"));
}

#[test]
fn rows_that_policies_keep_apart_are_partitioned_and_not_compressed() {
    let (catalog, mut design) = with_timescale("iot");
    for entity in design.blueprint.entities.values_mut() {
        entity.tenant_scoped = true;
    }
    let sql = text(&design, &catalog, "schema.sql");
    assert!(sql.contains("reading_of_tenant") && sql.contains("PARTITION OF reading"));
    assert!(!sql.contains("create_hypertable"));
}

/// What a server answers when time passes: runs that start, at first, at once again, when those rare are due as well,
/// and when all are done and overdue by three periods.
const TIME_PASSES: &str = "
SELECT start_due(); SELECT start_due();
UPDATE schedule SET due_at = now(); SELECT start_due();
UPDATE job SET done_at = now(); UPDATE schedule SET due_at = now() - every * 3; SELECT start_due();
SELECT count(*) FROM schedule WHERE due_at <= now();
UPDATE job SET run_at = 'infinity', done_at = NULL; UPDATE schedule SET due_at = now(); SELECT start_due();";

#[test]
fn scheduled_work_starts_once_in_its_period_and_never_beside_itself() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: the clock was not tried");
        return;
    };
    for (n, domain) in ["iot", "payments"].into_iter().enumerate() {
        let (catalog, mut design) = of(domain);
        // What waits for other work has a test of its own.
        design.blueprint.operations.values_mut().for_each(|o| o.after = None);
        let scheduled = design.blueprint.operations.values().filter(|o| o.kind == OperationKind::Scheduled);
        let (often, rare): (Vec<_>, Vec<_>) = scheduled.partition(|o| o.every.unwrap_or(3_600.0) < 86_400.0);
        let all = often.len() + rare.len();
        let database = format!("clock_{n}");
        server.sql("postgres", &["-c", &format!("CREATE DATABASE {database}")]);
        let schema = text(&design, &catalog, "schema.sql");
        let role = schema.split("GRANT EXECUTE ON FUNCTION start_due() TO ").nth(1).expect("a clock");
        let role = role.split(';').next().expect("a role");
        server.load(&database, &schema);
        let seen = server.sql(&database, &["-c", &format!("SET ROLE {role};{TIME_PASSES}")]);
        let wanted = [often.len(), 0, rare.len(), all, 0, all].map(|n| n.to_string()).join("\n");
        assert_eq!(seen, wanted, "{domain}");
    }
}

/// Operations of the payments domain that come one after the other, with the seconds between two runs.
const CHAIN: [(&str, Option<&str>, f64); 4] = [
    ("reconcile", None, 86_400.0),
    ("post-settlements", Some("reconcile"), 86_400.0),
    ("carry-books", Some("post-settlements"), 3_600.0),
    ("take-fees", Some("carry-books"), 86_400.0),
];

/// What starts when: all of the chain due at once, each done after the other; the frequent one again by itself; then a
/// day on which the first is set aside and nothing follows, until it is released; and one on which its next run ends.
const IN_ORDER: &[(&str, &str)] = &[
    ("UPDATE schedule SET due_at = now() - interval '1 minute'", "reconcile"),
    ("SELECT", ""),
    ("UPDATE job SET done_at = now()", "post-settlements"),
    ("SELECT", ""),
    ("UPDATE job SET done_at = now()", "carry-books"),
    (
        "UPDATE job SET run_at = now() + interval '1 hour', last_error = 'tried again' WHERE done_at IS NULL",
        "",
    ),
    ("UPDATE job SET done_at = now()", "take-fees"),
    ("UPDATE schedule SET due_at = now() WHERE name = 'carry-books'", "carry-books"),
    (
        "UPDATE job SET done_at = now(); UPDATE schedule SET due_at = now() - interval '1 minute', started_at = started_at - interval '1 day'",
        "reconcile",
    ),
    ("UPDATE job SET run_at = 'infinity', last_error = 'no' WHERE done_at IS NULL", ""),
    ("UPDATE schedule SET due_at = now() WHERE name = 'reconcile'", "reconcile"),
    ("UPDATE job SET run_at = 'infinity', last_error = 'no' WHERE done_at IS NULL", ""),
    ("UPDATE job SET run_at = now(); UPDATE job SET done_at = now()", "post-settlements"),
    ("DELETE FROM job", "carry-books"),
    ("UPDATE job SET done_at = now()", "take-fees"),
    (
        "UPDATE job SET done_at = now(); UPDATE schedule SET due_at = now(); UPDATE schedule SET due_at = 'infinity' WHERE name = 'reconcile'",
        "",
    ),
];

#[test]
fn scheduled_work_waits_for_the_end_of_what_it_comes_after() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: the order was not tried");
        return;
    };
    let (catalog, mut design) = of("payments");
    design
        .blueprint
        .operations
        .retain(|id, o| o.kind != OperationKind::Scheduled || CHAIN.iter().any(|(name, ..)| *id == *name));
    for (id, after, every) in CHAIN {
        let operation = &mut design.blueprint.operations[id];
        operation.after = after.map(Id::slug);
        operation.every = Some(every);
    }
    let schema = text(&design, &catalog, "schema.sql");
    assert!(schema.contains("('post-settlements', interval '1 days', ") && schema.contains(", 'reconcile')"));
    server.sql("postgres", &["-c", "CREATE DATABASE chain"]);
    let role = schema.split("GRANT EXECUTE ON FUNCTION start_due() TO ").nth(1).expect("a clock");
    let role = role.split(';').next().expect("a role");
    server.load("chain", &schema);
    for (n, (before, wanted)) in IN_ORDER.iter().enumerate() {
        let known = "CREATE TEMP TABLE known AS SELECT id FROM job";
        let new = "SELECT coalesce(string_agg(kind, ',' ORDER BY kind), '') FROM job WHERE id NOT IN (SELECT id FROM known)";
        let asked =
            format!("SET ROLE {role}; {before}; {known}; DO $$ BEGIN PERFORM start_due(); END $$; {new};");
        let seen = server.sql("chain", &["-c", &asked]);
        assert_eq!(seen.trim(), *wanted, "step {n}: {before}");
    }
    let told = text(&design, &catalog, "asyncapi.yaml");
    assert!(told.contains("after `reconcile` has ended"));
}

#[test]
fn every_row_with_a_time_to_go_is_removed_by_the_schema() {
    let catalog = embedded();
    for domain in catalog.domains.values() {
        let design = fixture::of_domain(domain);
        let sql = text(&design, &catalog, "schema.sql");
        let told = text(&design, &catalog, "security.md");
        let undone = row(&told, "Deleted after a set time: `data-design.md` has the statements");
        // What is kept for longer than is planned for goes by a job over what was closed.
        let entities = design.blueprint.entities.values();
        let long = |name: &str| entities.clone().any(|e| e.name == name && e.keep_days > Some(730));
        let left = undone.split('|').nth(2).unwrap_or_default();
        let names = left.split(", ").flat_map(|n| n.split(" and ")).map(str::trim);
        for name in names.filter(|n| !n.is_empty() && !n.starts_with(|c: char| c.is_ascii_digit())) {
            assert!(long(name), "{}: {name}", domain.id);
        }
        assert!(
            sql.contains("delete_aged()") || !undone.is_empty() || !told.contains("Deleted after a set time")
        );
    }
}
