//! Whether tenants are kept apart: tried as the application, and read off the server's catalog.

use loadcase_model::{Outcome, Proof, Unit};

use crate::pattern::measured_text;
use crate::seed::Seed;
use crate::session::{Answer, Fault, Session, ident, idents, literal};
use crate::structure::Table;

/// Tries to cross from one tenant to another.
pub(crate) struct Isolation<'a> {
    pub(crate) seed: &'a Seed,
    pub(crate) role: &'a str,
    /// The role of people who work on the rows of all tenants, and what writes that down first.
    pub(crate) staff: Option<(&'a str, &'a str)>,
    pub(crate) setting: &'a str,
    /// A connection that sees every row, which takes the role on for each trial.
    pub(crate) session: &'a mut Session,
    pub(crate) found: Vec<Proof>,
}

impl Isolation<'_> {
    /// Tries every table in `tables`, with the column that says whose a row is.
    pub(crate) fn try_all(&mut self, tables: &[(&Table, String)]) -> Answer<()> {
        let path = idents(&self.seed.structure.schemas);
        self.session.run(&format!("SET search_path = {path}; SET statement_timeout = '60s'"))?;
        self.role_itself()?;
        let (Some(own), Some(other)) =
            (self.seed.tenant(self.session, 1)?, self.seed.tenant(self.session, 2)?)
        else {
            self.note(
                "the schema",
                "rows belong to tenants",
                Outcome::Unproven,
                "no table says which rows are whose".to_owned(),
            );
            return Ok(());
        };
        for (table, column) in tables {
            self.guarded(table)?;
            self.reads(&table.name, &table.sql(), column, &own)?;
            self.writes(table, column, &own, &other)?;
            self.partitions(table, column, &own)?;
        }
        self.shared()?;
        self.views(&own)?;
        self.staff(tables)?;
        self.functions()
    }

    /// Tables that tenants share through rows of their own: nothing without a tenant, and not all of it with one.
    fn shared(&mut self) -> Answer<()> {
        let seed = self.seed;
        for table in seed.structure.tables.values().filter(|t| t.is_shared()) {
            self.guarded(table)?;
            let none =
                self.seen(None, &format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT 100) r", table.sql()));
            self.nothing(&table.name, "shows nothing when no tenant is set", none);
            let all = self.session.number(&format!("SELECT count(*) FROM {}", table.sql()))?;
            let least = seed.tenant(self.session, seed.layout.tenants)?;
            let some = self.seen(least.as_deref(), &format!("SELECT count(*) FROM {}", table.sql()))?;
            let seen = format!(
                "the smallest tenant sees {} of {} rows",
                measured_text(some, Unit::One),
                measured_text(all, Unit::One)
            );
            self.claim(&table.name, "shows a tenant a part of its rows only", some < all, seen);
        }
        Ok(())
    }

    /// People who work on the rows of all tenants see them, and only once it is written down that they do.
    fn staff(&mut self, tables: &[(&Table, String)]) -> Answer<()> {
        let Some((role, before)) = self.staff else { return Ok(()) };
        if self.session.one(&format!("SELECT 1 FROM pg_roles WHERE rolname = {}", literal(role)))?.is_none() {
            return Ok(());
        }
        for (table, _) in tables {
            let sql_name = table.sql();
            let may = self.session.one(&format!(
                "SELECT has_table_privilege({}, {}, 'SELECT')",
                literal(role),
                literal(&sql_name)
            ))?;
            if may.as_deref() != Some("t") {
                continue;
            }
            let count = format!("SELECT count(*) FROM {sql_name}");
            let all = self.session.number(&count)?;
            let none = self.as_staff(role, None, &count);
            self.nothing(&table.name, "shows staff nothing that is not written down", none);
            let some = self.as_staff(role, Some(before), &count)?;
            let seen = format!(
                "it shows {} of {} rows",
                measured_text(some, Unit::One),
                measured_text(all, Unit::One)
            );
            let same = (some - all).abs() < 0.5;
            self.claim(
                &table.name,
                "shows staff the rows of all tenants, once it is written down",
                same,
                seen,
            );
        }
        Ok(())
    }

    fn as_staff(&mut self, role: &str, before: Option<&str>, sql: &str) -> Answer<f64> {
        let mut begin = format!("SET LOCAL ROLE {}", ident(role));
        if let Some(before) = before {
            begin.push_str(&format!("; {before}"));
        }
        self.session.rolled_back(|session| {
            session.run(&begin)?;
            session.number(sql)
        })
    }

    fn note(&mut self, subject: &str, claim: &str, outcome: Outcome, seen: String) {
        self.found.push(Proof { subject: subject.to_owned(), claim: claim.to_owned(), outcome, seen });
    }

    fn claim(&mut self, subject: &str, claim: &str, holds: bool, seen: impl Into<String>) {
        let outcome = if holds { Outcome::Holds } else { Outcome::Fails };
        self.note(subject, claim, outcome, if holds { String::new() } else { seen.into() });
    }

    /// The role may not step over policies.
    fn role_itself(&mut self) -> Answer<()> {
        let role = literal(self.role);
        let over = self.session.one(&format!(
            "SELECT bool_or(rolsuper OR rolbypassrls) FROM pg_roles WHERE pg_has_role({role}, oid, 'MEMBER')"
        ))?;
        self.claim(
            self.role,
            "has neither SUPERUSER nor BYPASSRLS",
            over.as_deref() == Some("f"),
            "it has, itself or through a role it is a member of",
        );
        let owned = self.session.one(&format!(
            "SELECT string_agg(c.relname, ', ') FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = {role}"
        ))?;
        let seen = owned.clone().map_or(String::new(), |t| format!("it owns {t}"));
        self.claim(self.role, "owns no table", owned.is_none(), seen);
        Ok(())
    }

    /// What the catalog says of a table.
    fn guarded(&mut self, table: &Table) -> Answer<()> {
        let name = &table.name;
        self.claim(
            name,
            "row-level security is on",
            table.protected,
            "it is off: the application sees the rows of all tenants",
        );
        self.claim(
            name,
            "row-level security is forced",
            table.forced,
            "it is not: the owner of the table sees all rows",
        );
        let applies = table.policies.iter().any(|p| p.roles.iter().any(|r| r == "public" || r == self.role));
        self.claim(name, "has a policy for the application role", applies, "it has none");
        let sql = format!(
            "SELECT has_table_privilege({}, {}, 'TRUNCATE')",
            literal(self.role),
            literal(&table.sql())
        );
        let may = self.session.one(&sql)?;
        self.claim(
            name,
            "cannot be emptied by the application",
            may.as_deref() == Some("f"),
            "it has TRUNCATE, which no policy holds back",
        );
        Ok(())
    }

    /// Rows seen by the application with a tenant set, or with none.
    fn seen(&mut self, tenant: Option<&str>, sql: &str) -> Answer<f64> {
        self.as_application(tenant, |session| session.number(sql))
    }

    fn as_application<T>(
        &mut self,
        tenant: Option<&str>,
        attempt: impl FnOnce(&mut Session) -> Answer<T>,
    ) -> Answer<T> {
        let mut begin = format!("SET LOCAL ROLE {}", ident(self.role));
        if let Some(tenant) = tenant {
            begin.push_str(&format!(
                "; SELECT set_config({}, {}, true)",
                literal(self.setting),
                literal(tenant)
            ));
        }
        self.session.rolled_back(|session| {
            session.run(&begin)?;
            attempt(session)
        })
    }

    /// Nothing is seen without a tenant, and nothing of another one.
    fn reads(&mut self, name: &str, sql_name: &str, column: &str, own: &str) -> Answer<()> {
        let column = ident(column);
        let none = self.seen(None, &format!("SELECT count(*) FROM (SELECT 1 FROM {sql_name} LIMIT 100) r"));
        self.nothing(name, "shows nothing when no tenant is set", none);
        let others = format!(
            "SELECT count(*) FROM (SELECT 1 FROM {sql_name} WHERE {column} IS DISTINCT FROM {} LIMIT 100) r",
            literal(own)
        );
        let others = self.seen(Some(own), &others);
        self.nothing(name, "shows a tenant nothing of the others", others);
        Ok(())
    }

    /// A trial that must come to nothing: no row, or a refusal.
    fn nothing(&mut self, subject: &str, claim: &str, got: Answer<f64>) {
        match got {
            Ok(n) if n < 1.0 => self.claim(subject, claim, true, ""),
            Ok(n) => {
                self.claim(subject, claim, false, format!("{} rows at least", measured_text(n, Unit::One)));
            }
            // A setting that is empty or no tenant's is refused when it is read.
            Err(fault) if fault.is_refusal() || fault.code.starts_with("22") => {
                self.claim(subject, claim, true, "");
            }
            Err(fault) => self.note(subject, claim, Outcome::Unproven, fault.to_string()),
        }
    }

    /// Rows of another tenant cannot be changed, removed, added, and none can be moved to it.
    fn writes(&mut self, table: &Table, column: &str, own: &str, other: &str) -> Answer<()> {
        let column_name = column;
        let (name, sql_name, column) = (&table.name, table.sql(), ident(column));
        let (own_text, other_text) = (literal(own), literal(other));
        let changed = |sql: String| move |session: &mut Session| session.changed(&sql).map(|n| n as f64);
        let update = format!("UPDATE {sql_name} SET {column} = {column} WHERE {column} = {other_text}");
        let got = self.as_application(Some(own), changed(update));
        self.nothing(name, "cannot be changed for another tenant", got);
        let delete = format!("DELETE FROM {sql_name} WHERE {column} = {other_text}");
        let got = self.as_application(Some(own), changed(delete));
        self.nothing(name, "cannot be removed from another tenant", got);

        let names: Vec<String> = table.given().map(|c| c.name.clone()).collect();
        let listed = idents(&names);
        let row = self.seed.fresh(table, 2, 3);
        // Read as the owner, so that nothing but the insert itself is tried.
        let theirs = literal(column_name);
        let have = self.session.one(&format!(
            "SELECT to_jsonb(f) || jsonb_build_object({theirs}, {other_text}) FROM ({row}) f"
        ))?;
        let have = have.unwrap_or_default();
        let insert = format!(
            "INSERT INTO {sql_name} ({listed}) OVERRIDING SYSTEM VALUE SELECT {listed} FROM jsonb_populate_record(NULL::{sql_name}, {}) r",
            literal(&have)
        );
        let got = self.as_application(Some(own), |session| session.changed(&insert));
        self.refused(name, "takes no row for another tenant", got);
        let moved = format!(
            "UPDATE {sql_name} SET {column} = {other_text} WHERE {column} = {own_text} AND ctid = (SELECT ctid FROM {sql_name} WHERE {column} = {own_text} LIMIT 1)"
        );
        let got = self.as_application(Some(own), |session| session.changed(&moved));
        self.refused(name, "lets no row be moved to another tenant", got);
        Ok(())
    }

    /// A write that must be refused.
    fn refused(&mut self, subject: &str, claim: &str, got: Answer<u64>) {
        match got {
            // P0001: a trigger of the schema refused it.
            Err(fault) if fault.is_refusal() || fault.code == "P0001" => self.claim(subject, claim, true, ""),
            Ok(0) => self.claim(subject, claim, true, ""),
            Ok(_) => self.claim(subject, claim, false, "it was done"),
            // Policies are asked before constraints: what a constraint refuses, the policy let pass.
            Err(Fault { code, message, .. }) if code.starts_with("23") => {
                self.claim(subject, claim, false, format!("only a constraint refused it: {message}"));
            }
            Err(fault) => self.note(subject, claim, Outcome::Unproven, fault.to_string()),
        }
    }

    /// The policy of the whole table does not hold where a partition is read by its own name.
    fn partitions(&mut self, table: &Table, column: &str, own: &str) -> Answer<()> {
        let mut open = Vec::new();
        for (partition, _) in &table.partitions {
            let sql = format!(
                "SELECT count(*) FROM (SELECT 1 FROM {partition} WHERE {} IS DISTINCT FROM {} LIMIT 1) r",
                ident(column),
                literal(own)
            );
            match self.seen(Some(own), &sql) {
                Ok(n) if n >= 1.0 => open.push(partition.clone()),
                Ok(_) => {}
                Err(fault) if fault.is_refusal() => {}
                Err(fault) => {
                    self.note(
                        &table.name,
                        "its partitions show nothing of other tenants",
                        Outcome::Unproven,
                        fault.to_string(),
                    );
                    return Ok(());
                }
            }
        }
        if !table.partitions.is_empty() {
            let seen = format!(
                "read by its own name, {} shows rows of other tenants",
                open.first().map_or("", String::as_str)
            );
            self.claim(&table.name, "its partitions show nothing of other tenants", open.is_empty(), seen);
        }
        Ok(())
    }

    /// Views run with the rights of their owner unless they say otherwise.
    fn views(&mut self, own: &str) -> Answer<()> {
        let Some(column) = self.seed.layout.tenant_column.clone() else { return Ok(()) };
        let views: Vec<String> = self
            .seed
            .structure
            .views
            .iter()
            .filter(|(_, columns)| columns.contains(&column))
            .map(|(v, _)| v.clone())
            .collect();
        for view in views {
            self.reads(&view.clone(), &view, &column, own)?;
        }
        Ok(())
    }

    fn functions(&mut self) -> Answer<()> {
        let mut open = Vec::new();
        for function in &self.seed.structure.definers {
            let sql = format!(
                "SELECT bool_or(has_function_privilege({}, oid, 'EXECUTE')) FROM pg_proc WHERE oid::regproc::text = {1} OR format('%I.%I', pronamespace::regnamespace, proname) = {1}",
                literal(self.role),
                literal(function)
            );
            if self.session.one(&sql)?.as_deref() == Some("t") {
                open.push(function.clone());
            }
        }
        self.claim(
            self.role,
            "can call no function that runs with the rights of its owner",
            open.is_empty(),
            format!("it can call {}, for which policies may not hold", open.join(", ")),
        );
        Ok(())
    }
}
