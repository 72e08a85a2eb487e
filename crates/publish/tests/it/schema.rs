//! The schema: parsed, and loaded into a real PostgreSQL where one is installed.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use loadcase_model::Design;
use loadcase_publish::{Deliverable, deliverables};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use crate::fixture;

/// The schemas of every fixture and domain, with the name of each.
fn schemas() -> Vec<(String, Vec<Deliverable>)> {
    let own = fixture::catalog();
    let (catalog, domains) = fixture::domains();
    let mut all: Vec<(Design, &loadcase_catalog::Catalog)> =
        domains.into_iter().map(|d| (d, &catalog)).collect();
    for design in [fixture::social(), fixture::multi_tenant(), fixture::microservices()] {
        all.push((design, &own));
    }
    all.into_iter()
        .map(|(design, catalog)| {
            let mut files = deliverables(&design, catalog);
            files.retain(|f| f.path.ends_with(".sql"));
            assert!(!files.is_empty(), "{} has no schema", design.blueprint.name);
            (design.blueprint.name, files)
        })
        .collect()
}

/// The statements without blocks of procedural code, which the parser does not know.
pub(crate) fn declarative(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for line in text.lines() {
        inside |= line.starts_with("DO $$");
        if !inside && !line.starts_with("SET CONSTRAINTS") {
            // The parser does not know which of several columns a deletion empties.
            let whole = line.split_once(" SET NULL (").map(|(before, _)| format!("{before} SET NULL;"));
            // Nor does it know arguments of triggers.
            let bare = line
                .split_once("EXECUTE FUNCTION refuse_change(")
                .map(|(b, _)| format!("{b}EXECUTE FUNCTION x();"));
            out.push_str(whole.or(bare).as_deref().unwrap_or(line));
            out.push('\n');
        }
        inside &= !line.starts_with("$$;");
    }
    out
}

#[test]
fn every_schema_parses() {
    for (name, files) in schemas() {
        for file in files {
            Parser::parse_sql(&PostgreSqlDialect {}, &declarative(&file.text))
                .unwrap_or_else(|e| panic!("{name} {}: {e}\n{}", file.path, file.text));
        }
    }
}

#[test]
fn money_is_whole_and_has_a_currency() {
    let files = deliverables(&fixture::social(), &fixture::catalog());
    let schema = &files.iter().find(|f| f.path == "schema.sql").expect("a schema").text;
    assert!(schema.contains("amount_minor bigint NOT NULL"));
    assert!(schema.contains("currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$')"));
    assert!(!schema.contains("outbox"), "jobs are rows here, and nobody is sent a message");
    assert!(schema.contains("CREATE INDEX post_for_read_feed ON post (author_id, created_at DESC, id DESC)"));
    assert!(!schema.contains("ROW LEVEL SECURITY"));
}

/// A PostgreSQL of the test's own, on a socket in a temporary folder.
pub(crate) struct Server {
    pub(crate) folder: tempfile::TempDir,
    bin: PathBuf,
}

impl Server {
    /// Starts one; `None` when none is installed.
    pub(crate) fn start() -> Option<Self> {
        let bin = installed()?;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = Self { folder, bin };
        let path = server.path();
        server.run("chmod", &["777", &path], false);
        let data = format!("{path}/data");
        server.run(
            "initdb",
            &["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            true,
        );
        let options = format!("-c listen_addresses='' -c unix_socket_directories='{path}' -c fsync=off");
        server.run(
            "pg_ctl",
            &["-D", &data, "-w", "-l", &format!("{path}/log"), "-o", &options, "start"],
            true,
        );
        Some(server)
    }

    fn path(&self) -> String {
        self.folder.path().to_string_lossy().into_owned()
    }

    /// Runs a program; the server's own ones as somebody else than root, which they refuse.
    fn run(&self, program: &str, arguments: &[&str], own: bool) -> Output {
        let path = if own { self.bin.join(program) } else { PathBuf::from(program) };
        let root = fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
        let mut command = if own && root {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        let output = command.args(arguments).env("LC_ALL", "C").current_dir("/").output().expect("a program");
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// Runs a script of any length.
    pub(crate) fn load(&self, database: &str, script: &str) {
        let path = self.folder.path().join(format!("{database}.sql"));
        fs::write(&path, script).expect("written");
        self.sql(database, &["-f", &path.to_string_lossy()]);
    }

    pub(crate) fn sql(&self, database: &str, arguments: &[&str]) -> String {
        let path = self.path();
        let mut all = vec![
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            &path,
            "-U",
            "postgres",
            "-d",
            database,
        ];
        all.extend(arguments);
        let output = self.run("psql", &all, false);
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

impl Server {
    /// What the server says to a script that it must refuse.
    pub(crate) fn refuses(&self, database: &str, script: &str) -> String {
        let refused = Command::new("psql")
            .args([
                "-X",
                "-h",
                &self.path(),
                "-U",
                "postgres",
                "-d",
                database,
                "-v",
                "ON_ERROR_STOP=1",
                "-c",
                script,
            ])
            .output()
            .expect("psql");
        assert!(!refused.status.success(), "accepted: {script}");
        String::from_utf8_lossy(&refused.stderr).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = format!("{}/data", self.path());
        self.run("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"], true);
        // Its files belong to another user.
        if let Ok(entries) = fs::read_dir(self.folder.path()) {
            entries.flatten().for_each(|e| drop(fs::remove_dir_all(e.path())));
        }
    }
}

/// The newest installed server's programs.
fn installed() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|e| e.path().join("bin")).collect())
        .unwrap_or_default();
    found.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    found.retain(|bin| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file());
    found.sort();
    found.into_iter().next()
}

const QUESTIONS: &str = "
WITH t AS (SELECT c.oid, c.oid::regclass AS n, c.relrowsecurity AS rls, c.relforcerowsecurity AS forced
  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE c.relkind = 'r' AND s.nspname = 'public')
SELECT 'no index for the foreign key '||k.conname FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
  WHERE NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = t.oid AND i.indpred IS NULL
    AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
UNION ALL SELECT 'no primary key: '||n FROM t WHERE NOT EXISTS
  (SELECT 1 FROM pg_constraint k WHERE k.conrelid = t.oid AND k.contype = 'p')
UNION ALL SELECT 'the same index twice on '||t.n FROM t JOIN pg_index i ON i.indrelid = t.oid
  GROUP BY t.n, i.indkey::text, i.indclass::text, i.indoption::text, coalesce(pg_get_expr(i.indpred, i.indrelid), '') HAVING count(*) > 1
UNION ALL SELECT 'row-level security without force or policy: '||n FROM t WHERE rls AND
  (NOT forced OR NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = t.oid))";

#[test]
fn every_schema_loads_into_a_real_postgresql() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: schemas were not loaded");
        return;
    };
    for (n, (name, files)) in schemas().into_iter().enumerate() {
        for (m, file) in files.iter().filter(|f| f.path.starts_with("schema")).enumerate() {
            let database = format!("schema_{n}_{m}");
            server.sql("postgres", &["-c", &format!("CREATE DATABASE {database}")]);
            let path = server.folder.path().join(format!("{database}.sql"));
            fs::write(&path, &file.text).expect("written");
            let path = path.to_string_lossy().into_owned();
            println!("{name} {}", file.path);
            server.sql(&database, &["-f", &path]);
            assert_eq!(server.sql(&database, &["-c", QUESTIONS]), "", "{name} {}", file.path);
        }
    }
}

#[test]
fn tenants_see_only_their_own_rows() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: isolation was not tried");
        return;
    };
    let files = deliverables(&fixture::multi_tenant(), &fixture::catalog());
    let schema = files.iter().find(|f| f.path == "schema.sql").expect("a schema");
    let path = server.folder.path().join("schema.sql");
    fs::write(&path, &schema.text).expect("written");
    server.sql("postgres", &["-f", &path.to_string_lossy()]);
    let (one, two) = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002");
    let script = format!(
        "INSERT INTO tenant (tenant_id, name) VALUES ('{one}', 'one'), ('{two}', 'two');
         SET row_security = off;
         INSERT INTO \"user\" (tenant_id, email, handle, password_hash) VALUES ('{one}', 'a@x', 'a', 'h'), ('{two}', 'b@x', 'b', 'h');
         SET row_security = on;
         SET ROLE parlour_for_teams_app;
         SELECT count(*) FROM \"user\";
         SET app.tenant_id = '{one}';
         SELECT handle FROM \"user\";
         UPDATE \"user\" SET handle = 'stolen' WHERE tenant_id = '{two}' RETURNING handle;"
    );
    assert_eq!(server.sql("postgres", &["-c", &script]), "0\na");
    let write = format!(
        "SET ROLE parlour_for_teams_app; SET app.tenant_id = '{one}';
         INSERT INTO \"user\" (tenant_id, email, handle, password_hash) VALUES ('{two}', 'c@x', 'c', 'h');"
    );
    assert!(server.refuses("postgres", &write).contains("row-level security"));
}

/// The database of a provider lets nobody make a role that steps over policies.
#[test]
fn maintenance_sees_all_tenants_without_stepping_over_policies() {
    let Some(server) = Server::start() else {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: maintenance was not tried");
        return;
    };
    let files = deliverables(&fixture::multi_tenant(), &fixture::catalog());
    let schema = files.iter().find(|f| f.path == "schema.sql").expect("a schema");
    let path = server.folder.path().join("schema.sql");
    fs::write(&path, format!("SET SESSION AUTHORIZATION customer;\n{}", schema.text)).expect("written");
    server.sql(
        "postgres",
        &["-c", "CREATE ROLE customer CREATEROLE", "-c", "CREATE DATABASE apart OWNER customer"],
    );
    server.sql("apart", &["-f", &path.to_string_lossy()]);
    let steps_over = "SELECT rolname FROM pg_roles WHERE rolbypassrls AND rolname <> 'postgres'";
    assert_eq!(server.sql("apart", &["-c", steps_over]), "");
    let script = "INSERT INTO tenant (tenant_id, name) VALUES
             ('00000000-0000-4000-8000-000000000001', 'one'), ('00000000-0000-4000-8000-000000000002', 'two');
         GRANT SELECT ON tenant TO parlour_for_teams_maintenance;
         SET ROLE parlour_for_teams_maintenance;
         SELECT count(*) FROM tenant;
         RESET ROLE;
         SET ROLE parlour_for_teams_app;
         SELECT count(*) FROM tenant;";
    assert_eq!(server.sql("apart", &["-c", script]), "2\n0");
}

#[test]
fn stores_inside_the_process_get_a_schema_that_loads() {
    let mut catalog = fixture::catalog();
    let store = catalog.technologies.get_mut("postgresql").expect("the store");
    store.traits = ["relational", "embedded"].map(fixture::id).to_vec();
    store.dialect = Some(loadcase_catalog::Dialect::Sqlite);
    let (mut real, mut designs) = fixture::domains();
    let store = real.technologies.get_mut("postgresql").expect("the store");
    store.traits.push(fixture::id("embedded"));
    store.dialect = Some(loadcase_catalog::Dialect::Sqlite);
    designs.push(fixture::multi_tenant());
    for (n, design) in designs.iter().enumerate() {
        let catalog = if n + 1 == designs.len() { &catalog } else { &real };
        let files = deliverables(design, catalog);
        let schema = files.iter().find(|f| f.path == "schema.sqlite.sql").expect("a schema");
        Parser::parse_sql(&sqlparser::dialect::SQLiteDialect {}, &schema.text)
            .unwrap_or_else(|e| panic!("{}: {e}\n{}", design.blueprint.name, schema.text));
        let seed = files.iter().find(|f| f.path == "seed.sqlite.sql").expect("a seed");
        let refused = sqlite_refuses(&format!("{}{}", schema.text, seed.text));
        assert_eq!(refused, None, "{}: {}", design.blueprint.name, schema.text);
    }
}

/// What SQLite says to a script that it does not take; `None` also where no Python is at hand to ask it.
pub(crate) fn sqlite_refuses(script: &str) -> Option<String> {
    const LOAD: &str = "import sqlite3,sys; c=sqlite3.connect(':memory:'); c.executescript(sys.stdin.read()); \
                        bad=c.execute('PRAGMA foreign_key_check').fetchall(); sys.exit(str(bad[:3]) if bad else 0)";
    let python = Command::new("python3")
        .args(["-c", LOAD])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        return None;
    };
    let input = python.stdin.take();
    // A script that is refused early is not read to its end.
    let _ = std::io::Write::write_all(&mut input.expect("a pipe"), script.as_bytes());
    let output = python.wait_with_output().expect("finished");
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}
