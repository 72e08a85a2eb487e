//! What PostgreSQL guards beyond constraints: books that balance and stay, tenants kept apart, partitions by time.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loadcase_model::{FieldType, Part};

use super::ledger;
use super::names::{self, shorten, unused};
use super::physical::{OnDelete, Schema, Span, Table};
use super::postgres::{Roles, sql_type};
use super::statement::PatternRole;
use super::text::{comment, literal, quoted};

/// Partitions that are made ahead of the present one: two weeks of days, as a fault may last a holiday.
const fn ahead(span: Span) -> u8 {
    match span {
        Span::Day => 14,
        Span::Week | Span::Month => 6,
    }
}

/// Triggers: what only grows never changes, postings sum to zero.
pub(crate) fn guards(out: &mut String, schema: &Schema<'_>, without_constraints: bool) {
    let kept: Vec<&Table<'_>> = schema.tables.iter().filter(|t| schema.stays(t)).collect();
    if !kept.is_empty() {
        comment(
            out,
            "What was recorded stays, whoever asks: no statement changes a row. Rows go when their time is over, with the row they are a part of, or by the operation that erases them. TRUNCATE and DROP are the owner's alone.",
        );
        if kept.iter().any(|t| t.stays()) {
            comment(
                out,
                "Books have no such time: balances rest on all entries, so nothing deletes postings by age and no index is there for it. Years past the term of the law are archived by hand, after an opening posting.",
            );
        }
        out.push_str("CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n    RAISE EXCEPTION 'rows of % are never changed: write a new one that corrects', TG_TABLE_NAME;\nEND\n$$;\n\n");
    }
    for table in kept {
        stays(out, schema, table);
    }
    if !without_constraints {
        for entry in ledger::entries(schema) {
            balance(out, &entry);
        }
    }
}

/// Refuses changes of a row, and its removal before its time.
fn stays(out: &mut String, schema: &Schema<'_>, table: &Table<'_>) {
    let name = quoted(&table.name);
    let trigger = |what: &str| quoted(&shorten(format!("{}_{what}", table.name)));
    let _ = writeln!(
        out,
        "CREATE TRIGGER {} BEFORE UPDATE ON {name}\n    FOR EACH ROW EXECUTE FUNCTION refuse_change();",
        trigger("stays")
    );
    if !schema.is_removed_from(table) {
        let age = table.entity.keep_days.and_then(|days| Some((days, schema.aged.get(&table.id)?)));
        let young = age.map(|(days, c)| format!("OLD.{} >= now() - interval '{days} days'", quoted(c)));
        let goes_with = table.references.iter().any(|r| r.on_delete == OnDelete::Cascade);
        let alone = goes_with.then(|| "pg_trigger_depth() = 0".to_owned());
        let conditions: Vec<String> = young.into_iter().chain(alone).collect();
        let when = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHEN ({})", conditions.join(" AND "))
        };
        let _ = writeln!(
            out,
            "CREATE TRIGGER {} BEFORE DELETE ON {name}\n    FOR EACH ROW{when} EXECUTE FUNCTION refuse_change();",
            trigger("kept")
        );
    }
    out.push('\n');
}

/// The entries of one posting sum to zero in each currency when the transaction ends.
fn balance(out: &mut String, entry: &ledger::Entry<'_>) {
    let table = quoted(&entry.table.name);
    let amount = quoted(&entry.amount);
    let signed = entry.direction.as_ref().map_or_else(
        || format!("e.{amount}"),
        |d| format!("CASE e.{} WHEN 'debit' THEN e.{amount} ELSE -e.{amount} END", quoted(d)),
    );
    let same: Vec<String> = entry.posting.iter().map(|c| format!("e.{0} = NEW.{0}", quoted(c))).collect();
    let group = entry.currency.as_ref().map_or_else(String::new, |c| format!(" GROUP BY e.{}", quoted(c)));
    let function = quoted(&shorten(format!("{}_balances", entry.table.name)));
    comment(out, "Checked when the transaction ends: the entries of a posting sum to zero in each currency.");
    let _ = writeln!(
        out,
        "CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n    IF EXISTS (\n        SELECT FROM {table} e WHERE {}{group}\n        HAVING sum({signed}) <> 0\n    ) THEN\n        RAISE EXCEPTION 'the entries of this posting do not sum to zero' USING ERRCODE = 'check_violation';\n    END IF;",
        same.join(" AND ")
    );
    if let (Some((column, accounts)), Some(currency)) = (&entry.account, &entry.currency)
        && let (Some(id), Some(theirs)) =
            (accounts.identifier(), accounts.columns.iter().find(|c| c.column.kind == FieldType::Currency))
    {
        let tenant = match (entry.table.tenant(), accounts.tenant()) {
            (Some(here), Some(there)) => format!("a.{} = NEW.{} AND ", quoted(there), quoted(here)),
            _ => String::new(),
        };
        let _ = writeln!(
            out,
            "    IF EXISTS (\n        SELECT FROM {} a WHERE {tenant}a.{} = NEW.{} AND a.{} <> NEW.{}\n    ) THEN\n        RAISE EXCEPTION 'the currency of an entry is that of its account' USING ERRCODE = 'check_violation';\n    END IF;",
            quoted(&accounts.name),
            quoted(&id.name),
            quoted(column),
            quoted(&theirs.name),
            quoted(currency)
        );
    }
    let _ = writeln!(
        out,
        "    RETURN NULL;\nEND\n$$;\nCREATE CONSTRAINT TRIGGER {function} AFTER INSERT ON {table}\n    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {function}();\n"
    );
}

/// Row-level security on every table with a tenant.
pub(crate) fn isolation(out: &mut String, schema: &Schema<'_>, roles: &Roles) {
    comment(
        out,
        "Each transaction begins with SET LOCAL app.tenant_id. Without it a statement sees no row, or is refused on a connection that had one before: the setting is empty then, and no UUID. What works over all tenants (a worker, deletion by age) has the role of maintenance, which sees all rows, and takes on the application's role with SET LOCAL ROLE, and the tenant, before it does a tenant's work.",
    );
    out.push('\n');
    if schema.has_staff() {
        staff(out, schema, roles);
    }
    let mut everything = String::new();
    if let Some(n) = schema.tenants {
        let table = &schema.tables[n];
        if let Some(id) = table.identifier() {
            isolate(out, table, &id.name, id.column.kind, roles);
            all_rows(&mut everything, table, "all", &roles.maintenance);
            if schema.tells_the_state(table) || schema.rights(table, PatternRole::Identity).any() {
                before_known(out, table, roles);
            }
        }
    }
    for table in schema.tables.iter().filter(|t| t.scoped) {
        if let Some(column) = table.tenant().and_then(|t| table.column(t)) {
            isolate(out, table, &column.name, column.column.kind, roles);
            all_rows(&mut everything, table, "all", &roles.maintenance);
            if schema.tells_the_tenant(table) {
                before_known(out, table, roles);
            }
            if schema.takes_work_of_nobody(table) {
                work_of_nobody(out, table, &column.name, roles);
            }
        }
    }
    for table in schema.tables.iter().filter(|t| schema.is_shared(t)) {
        share(out, schema, table, roles);
        if schema.rights(table, PatternRole::Identity).any() {
            all_rows(out, table, "sign_in", &roles.identity);
        }
        all_rows(&mut everything, table, "all", &roles.maintenance);
    }
    if schema.has_staff() {
        let own = |t: &&Table<'_>| !t.plays(Part::StaffAccess);
        let theirs = |t: &&Table<'_>| schema.rights(t, PatternRole::Staff).any();
        for table in schema.tables.iter().filter(own).filter(theirs) {
            of_staff(out, table, roles);
        }
        if let Some(table) = schema.tables.iter().find(|t| t.plays(Part::StaffAccess)) {
            all_rows(&mut everything, table, "all", &roles.maintenance);
        }
    }
    for_maintenance(out, &everything, roles);
}

/// People of the house write down what they work on, and see what they wrote in their own transaction only.
fn staff(out: &mut String, schema: &Schema<'_>, roles: &Roles) {
    let Some(table) = schema.tables.iter().find(|t| t.plays(Part::StaffAccess)) else { return };
    let (name, role) = (quoted(&table.name), quoted(&roles.staff));
    comment(
        out,
        "People of the house work on the rows of all tenants, and nothing they do goes unrecorded: a transaction takes on their role and writes to staff_access who it is and for which operation, and only then the policies show it rows.",
    );
    let _ = writeln!(
        out,
        "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {name} FORCE ROW LEVEL SECURITY;\nCREATE POLICY {} ON {name} TO {role}\n    USING (transaction = (SELECT pg_current_xact_id_if_assigned()::text::bigint))\n    WITH CHECK (transaction = (SELECT pg_current_xact_id()::text::bigint));",
        quoted(&shorten(format!("{}_of_transaction", table.name))),
    );
    let _ = writeln!(
        out,
        "CREATE FUNCTION staff_at_work() RETURNS boolean LANGUAGE sql STABLE\nRETURN pg_has_role(current_user, {}, 'USAGE')\n    AND EXISTS (SELECT FROM {name} WHERE transaction = pg_current_xact_id_if_assigned()::text::bigint);\nREVOKE ALL ON FUNCTION staff_at_work() FROM PUBLIC;\nGRANT EXECUTE ON FUNCTION staff_at_work() TO {role};\n",
        literal(&roles.staff)
    );
}

/// All rows of a table, for people of the house whose work is written down: asked once for a statement.
fn of_staff(out: &mut String, table: &Table<'_>, roles: &Roles) {
    let _ = writeln!(
        out,
        "CREATE POLICY {} ON {} TO {}\n    USING ((SELECT staff_at_work()))\n    WITH CHECK ((SELECT staff_at_work()));",
        quoted(&shorten(format!("{}_of_staff", table.name))),
        quoted(&table.name),
        quoted(&roles.staff),
    );
}

/// The policies of the role of maintenance, where it may not step over those of the tenants. A second policy of a table
/// ends what can be proven of the first, so they are only made where a provider's database leaves no other way.
fn for_maintenance(out: &mut String, policies: &str, roles: &Roles) {
    comment(
        out,
        "Providers seldom let anybody make a role that steps over policies. There the role of maintenance has policies for all rows.",
    );
    let indented: Vec<String> = policies.lines().map(|l| format!("        {l}")).collect();
    let _ = writeln!(
        out,
        "DO $$\nBEGIN\n    IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = {}) THEN\n{}\n    END IF;\nEND\n$$;\n",
        literal(&roles.maintenance),
        indented.join("\n")
    );
}

/// Tenants share a table: a tenant works on the rows that are its own; where none is anybody's, it sees those that its
/// own rows refer to, and changes none.
fn share(out: &mut String, schema: &Schema<'_>, table: &Table<'_>, roles: &Roles) {
    let name = quoted(&table.name);
    if let Some(owner) = table.owner.as_ref().and_then(|o| table.column(o)) {
        comment(
            out,
            &format!(
                "{} is looked up before a tenant is known; once it is, a tenant's session sees its own rows, by {}.",
                table.name, owner.name
            ),
        );
        let own = own(&owner.name, owner.column.kind);
        let _ = writeln!(
            out,
            "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {name} FORCE ROW LEVEL SECURITY;\nCREATE POLICY {} ON {name} TO {}\n    USING ({own})\n    WITH CHECK ({own});",
            quoted(&shorten(format!("{}_of_tenant", table.name))),
            quoted(&roles.application)
        );
        return;
    }
    let seen = schema.shared_through(table).and_then(|(through, column)| {
        let (tenant, id) = (through.tenant().and_then(|t| through.column(t))?, table.identifier()?);
        Some(format!(
            // OFFSET keeps the server from reading all rows of a tenant into a table of its own for each statement.
            "EXISTS (SELECT FROM {} t WHERE t.{} AND t.{} = {name}.{} OFFSET 0)",
            quoted(&through.name),
            own(&tenant.name, tenant.column.kind),
            quoted(&column),
            quoted(&id.name)
        ))
    });
    if schema.is_hidden(table) {
        comment(
            out,
            &format!(
                "{} is read before a tenant is known or for all of them: no tenant's session sees a row.",
                table.name
            ),
        );
        let _ = writeln!(out, "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;");
        let _ = writeln!(out, "ALTER TABLE {name} FORCE ROW LEVEL SECURITY;");
        let policy = quoted(&shorten(format!("{}_of_tenant", table.name)));
        let _ = writeln!(
            out,
            "CREATE POLICY {policy} ON {name} TO {}\n    USING (false);",
            quoted(&roles.application)
        );
        return;
    }
    let first = table.key.columns.first().map_or("id", String::as_str);
    let seen = seen.unwrap_or_else(|| {
        comment(out, &format!("{} is the same for all tenants: each reads all of it.", table.name));
        format!("{} IS NOT NULL", quoted(first))
    });
    let _ = writeln!(out, "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;");
    let _ = writeln!(out, "ALTER TABLE {name} FORCE ROW LEVEL SECURITY;");
    let _ = writeln!(
        out,
        "CREATE POLICY {} ON {name} FOR SELECT TO {}\n    USING ({seen});",
        quoted(&shorten(format!("{}_of_tenant", table.name))),
        quoted(&roles.application)
    );
}

/// A role that works over all tenants sees their rows by a policy.
fn all_rows(out: &mut String, table: &Table<'_>, whose: &str, role: &str) {
    let own = has_role(role);
    let _ = writeln!(
        out,
        "CREATE POLICY {} ON {} TO {}\n    USING ({own})\n    WITH CHECK ({own});",
        quoted(&shorten(format!("{}_of_{whose}", table.name))),
        quoted(&table.name),
        quoted(role),
    );
}

/// Whether the session has a role: asked once for a statement, and said again where the policy names it, so that a
/// grant to somebody else opens nothing.
fn has_role(role: &str) -> String {
    format!("(SELECT pg_has_role(current_user, {}, 'USAGE'))", literal(role))
}

/// Whoever signs in learns which tenants are his before one is set.
fn before_known(out: &mut String, table: &Table<'_>, roles: &Roles) {
    let _ = writeln!(
        out,
        "CREATE POLICY {} ON {} FOR SELECT TO {}\n    USING ({});\n",
        quoted(&shorten(format!("{}_of_identity", table.name))),
        quoted(&table.name),
        quoted(&roles.identity),
        has_role(&roles.identity)
    );
}

/// An event from outside is stored with the work it causes, before anybody knows whose it is.
fn work_of_nobody(out: &mut String, table: &Table<'_>, tenant: &str, roles: &Roles) {
    let _ = writeln!(
        out,
        "CREATE POLICY {} ON {} FOR INSERT TO {}\n    WITH CHECK ({} IS NULL);\n",
        quoted(&shorten(format!("{}_of_nobody", table.name))),
        quoted(&table.name),
        quoted(&roles.identity),
        quoted(tenant)
    );
}

/// The condition that a row belongs to the tenant of the session, in the form that can be proven.
fn own(column: &str, kind: FieldType) -> String {
    format!("{} = (SELECT current_setting('app.tenant_id', true)::{})", quoted(column), sql_type(kind))
}

/// A session sees and writes the rows of one tenant.
fn isolate(out: &mut String, table: &Table<'_>, column: &str, kind: FieldType, roles: &Roles) {
    let name = quoted(&table.name);
    let own = own(column, kind);
    let policy = quoted(&shorten(format!("{}_of_tenant", table.name)));
    let _ = writeln!(out, "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;");
    let _ = writeln!(out, "ALTER TABLE {name} FORCE ROW LEVEL SECURITY;");
    let _ = writeln!(
        out,
        "CREATE POLICY {policy} ON {name} TO {}, {}\n    USING ({own})\n    WITH CHECK ({own});",
        quoted(&roles.application),
        quoted(&roles.owner)
    );
}

/// Partitions by time: made ahead by a job, dropped whole by another.
pub(crate) fn partitions(out: &mut String, schema: &Schema<'_>, roles: &Roles) {
    comment(
        out,
        "A job calls keep_partitions each day, with the login of maintenance: it makes partitions ahead of time, and drops those whose time is over. Nothing is granted on partitions: the policy of the whole does not hold where one is read by itself, so each has its own.",
    );
    if schema.isolated {
        isolate_partitions(out, roles);
    }
    out.push_str(if schema.isolated { ADD_ISOLATED } else { ADD });
    out.push_str(DROP);
    let mut daily = String::new();
    let mut taken: BTreeSet<String> = schema.tables.iter().map(|t| t.name.clone()).collect();
    for table in &schema.tables {
        taken.extend(table.indexes.iter().map(|i| i.name.clone()));
        taken.extend(table.unique_groups().map(|u| u.name.clone()));
    }
    for table in &schema.tables {
        let Some(split) = table.split.as_ref().filter(|s| !s.by_extension) else { continue };
        let rest = unused(&mut taken, &format!("{}_rest", table.name));
        let prefix = prefix(&table.name);
        comment(
            out,
            &format!(
                "{} by {} of {}{}. {rest} takes what no partition does: raise an alarm when it is not empty.",
                table.name,
                split.span.word(),
                split.column,
                table.entity.keep_days.map_or_else(String::new, |d| format!(", dropped after {d} days"))
            ),
        );
        let _ = writeln!(out, "CREATE TABLE {} PARTITION OF {} DEFAULT;", quoted(&rest), quoted(&table.name));
        if schema.isolated
            && let Some(tenant) = table.tenant()
        {
            let _ = writeln!(out, "SELECT isolate_partition({}, {});", literal(&rest), literal(tenant));
        }
        let tenant = table.tenant().map_or("NULL".to_owned(), literal);
        let tenant = if schema.isolated { format!(", {tenant}") } else { String::new() };
        let _ = writeln!(
            out,
            "SELECT add_partitions({}, {}, '{}', {}{tenant});\n",
            literal(&table.name),
            literal(&prefix),
            split.span.word(),
            ahead(split.span)
        );
        let _ = writeln!(
            daily,
            "    PERFORM add_partitions({}, {}, '{}', {}{tenant});",
            literal(&table.name),
            literal(&prefix),
            split.span.word(),
            ahead(split.span)
        );
        if let Some(days) = table.entity.keep_days {
            let _ = writeln!(
                daily,
                "    PERFORM drop_partitions({}, '{}', {days});",
                literal(&prefix),
                split.span.word()
            );
        }
    }
    keep_partitions(out, &daily, roles);
}

/// Runs with the rights of the owner, so that the job that calls it needs none of them.
fn keep_partitions(out: &mut String, daily: &str, roles: &Roles) {
    let _ = writeln!(
        out,
        "CREATE FUNCTION keep_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER\nSET search_path = public, pg_temp AS $$\nBEGIN\n{daily}END\n$$;\nREVOKE ALL ON FUNCTION keep_partitions() FROM PUBLIC;\nGRANT EXECUTE ON FUNCTION keep_partitions() TO {};\n",
        quoted(&roles.maintenance)
    );
}

/// The beginning of the names of partitions: short enough for a date behind it.
fn prefix(table: &str) -> String {
    const DATE: usize = 12;
    if table.len() + DATE <= names::LONGEST {
        return table.to_owned();
    }
    let hash = blake3::hash(table.as_bytes()).to_hex();
    format!("{}_{}", &table[..names::LONGEST - DATE - 9], &hash[..8])
}

const ADD: &str = include_str!("add_partitions.sql");
const ADD_ISOLATED: &str = include_str!("add_isolated_partitions.sql");
const DROP: &str = include_str!("drop_partitions.sql");

/// Partitions have the policy of the whole: it does not hold for them by itself.
fn isolate_partitions(out: &mut String, roles: &Roles) {
    let roles = format!("{}, {}", quoted(&roles.application), quoted(&roles.owner))
        .replace('\'', "''")
        .replace('%', "%%");
    let own = "%I = (SELECT current_setting(''app.tenant_id'', true)::uuid)";
    let _ = writeln!(
        out,
        "CREATE FUNCTION isolate_partition(partition text, tenant text) RETURNS void LANGUAGE plpgsql AS $$\nBEGIN\n    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', partition);\n    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', partition);\n    EXECUTE format(\n        'CREATE POLICY of_tenant ON %I TO {roles} USING ({own}) WITH CHECK ({own})',\n        partition, tenant, tenant\n    );\nEND\n$$;\n"
    );
}
