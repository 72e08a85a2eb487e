//! The whole run: two sizes, every pattern at both, then isolation and keys.

use std::time::Instant;

use loadcase_model::{FilledTable, Outcome, Proof, StoreProofs, Unit};

use crate::input::{Error, Options, Subject};
use crate::isolation::Isolation;
use crate::keys;
use crate::pattern::{Measured, Runner, judge, measured, sizes};
use crate::seed::{Layout, Seed, fill};
use crate::server::Server;
use crate::session::{Answer, Session, ident, idents, literal};
use crate::structure::{Structure, Table};
use crate::upkeep;

/// The smaller run has this part of the rows.
const PART: f64 = 0.1;

/// The role that is made where the schema has none for the application.
const ROLE: &str = "loadcase_prove_app";

/// Proves a schema; `progress` is told what is being done.
///
/// # Errors
/// When no server can be used, or the schema is refused, or no rows can be made for it.
pub fn prove(
    subject: &Subject,
    options: &Options,
    progress: &mut dyn FnMut(&str),
) -> Result<StoreProofs, Error> {
    let start = Instant::now();
    progress("starting PostgreSQL");
    let mut server = Server::start(&options.place)?;
    let described = server.describe()?;
    let mut proofs = StoreProofs {
        name: subject.name.clone(),
        source: subject.source.clone(),
        server: described,
        role: String::new(),
        rows: Vec::new(),
        duration: measured(0.0, Unit::Seconds, "the whole run"),
        tables: Vec::new(),
        patterns: Vec::new(),
        isolation: Vec::new(),
        keys: Vec::new(),
        upkeep: Vec::new(),
        notes: subject.notes.clone(),
    };
    let small = at_size(&mut server, subject, options, PART, &mut proofs, progress)?;
    let large = at_size(&mut server, subject, options, 1.0, &mut proofs, progress)?;
    let each = subject.patterns.iter().zip(small.iter().zip(&large));
    proofs.patterns = each.map(|(pattern, (small, large))| judge(pattern, small, large)).collect();
    drop(server);
    proofs.duration = measured(start.elapsed().as_secs_f64(), Unit::Seconds, "the whole run");
    Ok(proofs)
}

/// Loads, fills and measures at one size; what is asked of the larger size only goes into the proofs.
fn at_size(
    server: &mut Server,
    subject: &Subject,
    options: &Options,
    part: f64,
    proofs: &mut StoreProofs,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Measured>, Error> {
    let whole = part >= 1.0;
    let database = server.create()?;
    load(&mut server.session(Some(&database))?, subject)?;
    let mut owner = server.session(Some(&database))?;
    let mut structure = Structure::read(&mut owner)?;
    structure.leave_out_filled(&mut owner)?;
    if structure.tables.is_empty() {
        return Err(Error::Schema {
            origin: subject.source.clone(),
            line: None,
            message: "it makes no table".to_owned(),
        });
    }
    let layout = Layout::new(&structure, subject, options.rows, part);
    progress(&format!(
        "filling {} tables, the largest with {} rows",
        structure.tables.len(),
        (options.rows as f64 * part) as u64
    ));
    let seed = fill(&mut owner, structure, layout, subject, options.seed, progress)?;
    let largest = seed.structure.tables.keys().map(|t| seed.layout.count(t)).max().unwrap_or(0);
    proofs.rows.push(measured(largest as f64, Unit::One, "rows written"));
    let role = role(&mut owner, &seed, subject.application_role.as_deref())?;
    let orphans = seed.count_orphans(&mut owner)?;
    if orphans > 0 {
        proofs.notes.push(format!(
            "{} rows refer to rows that could not be made",
            crate::pattern::measured_text(orphans as f64, Unit::One)
        ));
    }
    let setting = seed.structure.setting();
    let sizes = sizes(&mut owner, &seed)?;
    let mut session = server.session(Some(&database))?;
    let mut runner = Runner {
        seed: &seed,
        role: &role,
        setting: setting.as_deref(),
        sizes: &sizes,
        owner: &mut owner,
        session: &mut session,
    };
    runner.settle()?;
    progress(&format!("running {} access patterns as {role}", subject.patterns.len()));
    let found = measure_all(&mut runner, subject, whole);
    if whole {
        progress("trying to cross from one tenant to another");
        proofs.isolation = isolation(subject, &seed, &role, setting.as_deref(), &mut session)?;
        progress("writing keys twice");
        proofs.keys = subject.keys.iter().map(|key| keys::try_key(&seed, &mut owner, key)).collect();
        if !subject.upkeep.is_empty() {
            progress("letting time pass");
            proofs.upkeep = subject.upkeep.iter().map(|u| upkeep::try_upkeep(&mut owner, u)).collect();
        }
        proofs.tables = tables(&mut owner, &seed)?;
        proofs.role = role;
    }
    drop((owner, session));
    // Roles belong to the whole server: the next load is to find none of this one's.
    server.clean()?;
    Ok(found)
}

/// Measures what reads before what writes, and takes the times of writes last: what is rolled back leaves dead
/// versions of rows behind, which the next statement has to step over.
fn measure_all(runner: &mut Runner<'_>, subject: &Subject, timed: bool) -> Vec<Measured> {
    let mut found: Vec<Measured> = subject.patterns.iter().map(|_| Measured::default()).collect();
    let each = || subject.patterns.iter().enumerate();
    for (n, pattern) in each().filter(|(_, p)| !p.touch.writes()) {
        found[n] = runner.measure(pattern, timed);
    }
    for (n, pattern) in each().filter(|(_, p)| p.touch.writes()) {
        found[n] = runner.measure(pattern, false);
    }
    for (n, pattern) in each().filter(|(_, p)| timed && p.touch.writes()) {
        if found[n].faults.is_empty() {
            found[n].times = runner.measure(pattern, true).times;
        }
    }
    found
}

/// Runs the schema.
fn load(session: &mut Session, subject: &Subject) -> Result<(), Error> {
    session.run(&subject.schema).map_err(|fault| {
        let line =
            fault.position.map(|at| subject.schema.chars().take(at).filter(|c| *c == '\n').count() + 1);
        Error::Schema { origin: subject.source.clone(), line, message: fault.to_string() }
    })
}

/// The role of the application: the one policies and grants are for, or one that is made.
fn role(session: &mut Session, seed: &Seed, named: Option<&str>) -> Answer<String> {
    if let Some(name) = named
        && exists(session, name)?
    {
        return Ok(name.to_owned());
    }
    let oids: Vec<&str> = seed.structure.tables.values().map(|t| t.oid.as_str()).collect();
    let sql = format!(
        "SELECT r.rolname FROM pg_class c CROSS JOIN aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee \
         WHERE c.oid IN ({}) AND a.grantee <> c.relowner AND NOT r.rolsuper AND NOT r.rolbypassrls \
         GROUP BY r.rolname ORDER BY count(*) DESC, r.rolname LIMIT 1",
        oids.join(", ")
    );
    if let Some(role) = session.one(&sql)? {
        return Ok(role);
    }
    let schemas = idents(&seed.structure.schemas);
    session.run(&format!(
        "DO $$ BEGIN CREATE ROLE {ROLE} NOLOGIN NOBYPASSRLS; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
         GRANT USAGE ON SCHEMA {schemas} TO {ROLE}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schemas} TO {ROLE}; \
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schemas} TO {ROLE}"
    ))?;
    Ok(ROLE.to_owned())
}

fn exists(session: &mut Session, role: &str) -> Answer<bool> {
    Ok(session.one(&format!("SELECT 1 FROM pg_roles WHERE rolname = {}", literal(role)))?.is_some())
}

/// Tables that must keep tenants apart: those said to, and those with a policy.
fn isolation(
    subject: &Subject,
    seed: &Seed,
    role: &str,
    setting: Option<&str>,
    session: &mut Session,
) -> Result<Vec<Proof>, Error> {
    let mut tables: Vec<(&Table, String)> = Vec::new();
    for table in seed.structure.tables.values() {
        let said = subject.scoped.contains(&table.name).then(|| seed.layout.tenant_column.clone()).flatten();
        let column = said.filter(|c| table.has(c)).or_else(|| table.policy_column().map(str::to_owned));
        if let Some(column) = column {
            tables.push((table, column));
        }
    }
    let missing = subject.scoped.iter().filter(|t| !tables.iter().any(|(have, _)| have.name == **t));
    let mut found: Vec<Proof> = missing
        .map(|t| Proof {
            subject: t.clone(),
            claim: "says whose its rows are".to_owned(),
            outcome: Outcome::Fails,
            seen: "the schema has no such table, or it has no column for the tenant".to_owned(),
        })
        .collect();
    if tables.is_empty() {
        return Ok(found);
    }
    let setting = setting.unwrap_or("app.tenant_id");
    let staff = subject.staff.as_ref().map(|(role, before)| (role.as_str(), before.as_str()));
    let mut trial = Isolation { seed, role, staff, setting, session, found: Vec::new() };
    trial.try_all(&tables)?;
    found.extend(trial.found);
    Ok(found)
}

fn tables(session: &mut Session, seed: &Seed) -> Answer<Vec<FilledTable>> {
    let mut found = Vec::new();
    for table in seed.structure.tables.values() {
        let rows = session.number(&format!("SELECT count(*) FROM {}", table.sql()))?;
        let bytes = session.number(&format!(
            "SELECT sum(pg_total_relation_size(relid)) FROM (SELECT {0}::regclass AS relid UNION SELECT relid FROM pg_partition_tree({0}::regclass)) t",
            literal(&format!("{}.{}", ident(&table.schema), ident(&table.name)))
        ))?;
        found.push(FilledTable {
            name: table.name.clone(),
            rows: measured(rows, Unit::One, "count(*)"),
            size: measured(bytes / 1e9, Unit::Gigabytes, "pg_total_relation_size"),
            row: measured(bytes / rows.max(1.0) / 1e3, Unit::Kilobytes, "pg_total_relation_size / rows"),
        });
    }
    Ok(found)
}
