//! What each role of a store may do: read off the grants of every domain's schema.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{AccessKind, OperationKind};
use loadcase_publish::data::{self, PatternRole, StoreData};

use crate::fixture;

/// Rights by table and role, as words: `SELECT`, `INSERT`, `UPDATE`, `DELETE`.
fn granted(store: &StoreData) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut found: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for line in store.schema.lines().filter_map(|l| l.strip_prefix("GRANT ")) {
        let Some((rights, rest)) = line.split_once(" ON ") else { continue };
        if rest.starts_with("SCHEMA") || rest.starts_with("FUNCTION") {
            continue;
        }
        let (table, role) = rest.trim_end_matches(';').split_once(" TO ").expect("a role");
        let mut words = rights.to_owned();
        while let (Some(open), Some(close)) = (words.find(" ("), words.find(')')) {
            words.replace_range(open..=close, "");
        }
        let key = (table.trim_matches('"').to_owned(), role.trim_matches('"').to_owned());
        found.entry(key).or_default().extend(words.split(", ").map(str::to_owned));
    }
    assert!(!found.is_empty());
    found
}

#[test]
fn what_only_grows_is_changed_by_nobody_and_deleted_by_upkeep() {
    let (catalog, designs) = designs();
    let mut tried = 0;
    for design in &designs {
        let blueprint = &design.blueprint;
        for store in data::of_design(design, &catalog) {
            let rights = granted(&store);
            let tables: BTreeMap<&str, &loadcase_model::Id> =
                store.patterns.iter().map(|p| (p.table.as_str(), &p.entity)).collect();
            let grows = |id: &loadcase_model::Id| {
                blueprint
                    .entities
                    .get(id)
                    .map_or(id.as_str() == "audit-log" || id.as_str() == "staff-access", |e| e.append_only)
            };
            for (table, entity) in tables.into_iter().filter(|(_, id)| grows(id)) {
                tried += 1;
                let name = format!("{}: {table}", blueprint.name);
                let asked = blueprint.operations.values().any(|o| {
                    !matches!(o.kind, OperationKind::Job | OperationKind::Scheduled)
                        && o.accesses.iter().any(|a| a.entity == *entity && a.kind == AccessKind::Delete)
                });
                for ((_, role), words) in rights.iter().filter(|((t, _), _)| t == table) {
                    assert!(!words.contains("UPDATE"), "{name}: {role} may change rows");
                    let may = *role == store.maintenance || asked && *role == store.application;
                    assert!(may || !words.contains("DELETE"), "{name}: {role} may delete rows");
                }
                let trigger = format!("BEFORE UPDATE ON {table}\n");
                let quoted = format!("BEFORE UPDATE ON \"{table}\"\n");
                assert!(
                    store.schema.contains(&trigger) || store.schema.contains(&quoted),
                    "{name} has no guard"
                );
            }
        }
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn sign_in_and_staff_may_do_what_their_statements_do() {
    let (catalog, designs) = designs();
    let mut staffed = 0;
    for design in &designs {
        for store in data::of_design(design, &catalog) {
            let rights = granted(&store);
            let does = |role: PatternRole, table: &str, kind: AccessKind| {
                store.patterns.iter().any(|p| p.role == role && p.table == table && p.kind == kind)
            };
            let staff = store.staff.as_ref().map(|(role, _)| role);
            staffed += usize::from(staff.is_some());
            for ((table, role), words) in &rights {
                let runs = match () {
                    () if Some(role) == store.identity.as_ref() => PatternRole::Identity,
                    () if Some(role) == staff => PatternRole::Staff,
                    () => continue,
                };
                let name = format!("{}: {role} on {table}", design.blueprint.name);
                let left_behind = [
                    "job",
                    "outbox",
                    "audit_log",
                    "audit_record",
                    "access_record",
                    "staff_access",
                    "idempotency_key",
                ];
                for (word, kind) in [
                    ("UPDATE", AccessKind::Update),
                    ("DELETE", AccessKind::Delete),
                    ("INSERT", AccessKind::Insert),
                ] {
                    let may =
                        does(runs, table, kind) || left_behind.contains(&table.as_str()) && word != "DELETE";
                    assert!(may || !words.contains(word), "{name}: {word} of no statement");
                }
            }
        }
    }
    assert!(staffed > 0, "payments has operations that are the house's alone");
}

#[test]
fn a_tenant_is_found_before_it_is_known_by_what_a_request_brings_and_by_nothing_else() {
    let (catalog, designs) = designs();
    let design = designs.last().expect("payments");
    let store = data::of_design(design, &catalog).into_iter().next().expect("a store");
    let of = |operation: &str| {
        let mut found = store.patterns.iter().filter(|p| p.table == "merchant_account");
        found
            .find(|p| p.operation.as_ref().is_some_and(|o| *o == *operation) && p.kind != AccessKind::Insert)
            .expect("an access to merchants")
    };
    let register = of("register-merchant");
    assert_eq!(register.role, PatternRole::Identity);
    let read = "SELECT tenant_id, registration_key FROM merchant_account WHERE registration_key = $1";
    assert!(register.statement.starts_with(read), "{}", register.statement);
    assert_eq!(of("schedule-payouts").role, PatternRole::Maintenance);
    assert_eq!(of("read-own-merchant").role, PatternRole::Application);
    let identity = store.identity.as_ref().expect("a role");
    let right = format!("GRANT SELECT (tenant_id, registration_key) ON merchant_account TO {identity};");
    assert!(store.schema.contains(&right));
    let Some(server) = crate::schema::Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: finding a tenant was not tried");
        return;
    };
    server.sql("postgres", &["-c", "CREATE DATABASE finding"]);
    server.load("finding", &format!("{}\n{}", store.schema, store.seed));
    let all: usize = server
        .sql("finding", &["-c", "SELECT count(*) FROM merchant_account"])
        .trim()
        .parse()
        .expect("a number");
    let known = server.sql("finding", &["-c", "SELECT registration_key FROM merchant_account LIMIT 1"]);
    let asked = |role: &str, wanted: &str| {
        let known = known.trim();
        server.sql("finding", &["-c", &format!("SET ROLE {role}; SELECT count({wanted}) FROM merchant_account WHERE registration_key = '{known}'")])
    };
    assert!(all > 0);
    assert_eq!(asked(identity, "tenant_id").trim(), "1");
    assert_eq!(asked(&store.application, "tenant_id").trim(), "0");
    let refused =
        server.refuses("finding", &format!("SET ROLE {identity}; SELECT legal_name FROM merchant_account"));
    assert!(refused.contains("permission denied"), "{refused}");
}

#[test]
fn staff_sees_all_tenants_once_it_says_so_and_the_application_never() {
    let Some(server) = crate::schema::Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: staff was not tried");
        return;
    };
    let (catalog, designs) = designs();
    let design = designs.last().expect("payments");
    let store = data::of_design(design, &catalog).into_iter().next().expect("a store");
    let path = server.folder.path().join("staff.sql");
    std::fs::write(&path, format!("{}\n{}", store.schema, store.seed)).expect("written");
    server.sql("postgres", &["-o", "/dev/null", "-f", &path.to_string_lossy()]);
    let (staff, before) = store.staff.as_ref().expect("a role of staff");
    let before = before.replace("$1", "'list-reviews'");
    let count = "SELECT count(DISTINCT tenant_id) FROM risk_review;";
    let told = server.sql("postgres", &["-c", &format!("BEGIN; SET LOCAL ROLE {staff}; {before}; {count}")]);
    assert_eq!(told, "3");
    let untold = server.sql("postgres", &["-c", &format!("BEGIN; SET LOCAL ROLE {staff}; {count}")]);
    assert_eq!(untold, "0");
    let app = &store.application;
    assert_eq!(server.sql("postgres", &["-c", &format!("BEGIN; SET LOCAL ROLE {app}; {count}")]), "0");
    let forged = format!("BEGIN; SET LOCAL ROLE {app}; {before}; {count}");
    assert!(server.refuses("postgres", &forged).contains("permission denied"));
}

/// Every domain, and payments for tenants that share tables.
fn designs() -> (loadcase_catalog::Catalog, Vec<loadcase_model::Design>) {
    let (catalog, mut designs) = fixture::domains();
    let mut shared = designs.iter().find(|d| d.brief.domains[0].id == "payments").expect("payments").clone();
    for (id, entity) in &mut shared.blueprint.entities {
        let house = ["api-key", "provider-event", "reconciliation-item", "correction", "balance-proof"];
        entity.tenant_scoped = !house.contains(&id.as_str());
        if *id == "merchant-account" {
            entity.plays = Some(loadcase_model::Part::Tenant);
        }
    }
    designs.push(shared);
    (catalog, designs)
}
