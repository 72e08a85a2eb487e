//! What the clock starts on PostgreSQL: scheduled operations, each once in its period, and the deletion of rows whose
//! time is over. The statements are functions of the schema, so that any worker, in any language, only calls them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loadcase_model::{AccessKind, Id, Operation, OperationKind, Part};

use super::names::unused;
use super::physical::{OnDelete, Reference, Schema, Table, Use};
use super::postgres::Roles;
use super::source::Source;
use super::statement::{DueWork, pattern};
use super::text::{comment, literal, quoted};

/// A statement that a worker runs again and again: it answers with one number, above zero where there may be more to do at
/// once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Upkeep {
    pub(crate) statement: &'static str,
    /// Seconds between two runs.
    pub(crate) every_s: u32,
}

/// Seconds between two looks at what is due: less than the shortest period that anybody waits for.
const LOOK_S: u32 = 5;

/// Seconds between two looks at rows whose time is over.
const DELETE_S: u32 = 60;

/// Seconds between two looks at partitions, which are made weeks ahead.
const PARTITIONS_S: u32 = 3_600;

/// The hour (UTC) at which daily work first runs: when most products have least to do.
const QUIET_HOUR: &str = "2 hours";

const DAY_S: f64 = 86_400.0;

/// How long an operation rests between two runs where it does not say.
const PERIOD_S: f64 = 3_600.0;

/// What workers call on a store, in the order of its schema.
pub(crate) fn upkeep(source: &Source<'_>, store: &Id, schema: &Schema<'_>) -> Vec<Upkeep> {
    let calls = [
        (keeps_partitions(source, store, schema), "SELECT 0::bigint FROM keep_partitions()", PARTITIONS_S),
        (starts(source, store, schema).is_some(), "SELECT start_due()", LOOK_S),
        (deletes(source, store, schema), "SELECT delete_aged()", DELETE_S),
    ];
    let wanted = calls.into_iter().filter(|(wanted, ..)| *wanted);
    wanted.map(|(_, statement, every_s)| Upkeep { statement, every_s }).collect()
}

/// Whether partitions are made ahead and dropped by a function.
pub(crate) fn keeps_partitions(source: &Source<'_>, store: &Id, schema: &Schema<'_>) -> bool {
    !source.lacks(store, "partitions") && schema.tables.iter().any(Table::is_partitioned)
}

/// Whether a function deletes rows by their age.
pub(crate) fn deletes(source: &Source<'_>, store: &Id, schema: &Schema<'_>) -> bool {
    !source.lacks(store, "clock") && schema.uses.iter().any(|u| ages(schema, u))
}

/// Whether a function of the schema deletes the rows of a table by their age, or drops its partitions.
pub(crate) fn removes(source: &Source<'_>, store: &Id, schema: &Schema<'_>, table: &Table<'_>) -> bool {
    let dropped = table.entity.keep_days.is_some() && table.split.is_some();
    let started = starts(source, store, schema).is_some();
    let by_the_clock = |u: &Use<'_>| {
        started
            && u.operation.is_some_and(|(_, o)| o.kind == OperationKind::Scheduled)
            && u.kind() == AccessKind::Delete
    };
    let goes = |u: &Use<'_>| schema.tables[u.table].id == table.id && (ages(schema, u) || by_the_clock(u));
    dropped || !source.lacks(store, "clock") && schema.uses.iter().any(goes)
}

/// Whether a statement removes rows by nothing but their age, on a table whose partitions are not dropped.
fn ages(schema: &Schema<'_>, used: &Use<'_>) -> bool {
    let table = &schema.tables[used.table];
    used.kind() == AccessKind::Delete
        && used.operation.is_none()
        && used.range.is_some()
        && used.equal.is_empty()
        && table.split.is_none()
        && table.entity.keep_days.is_some()
}

/// The table in which due work is left for workers, with whether it is that of jobs.
fn starts<'s, 'a>(source: &Source<'a>, store: &Id, schema: &'s Schema<'a>) -> Option<(&'s Table<'a>, bool)> {
    if source.lacks(store, "clock") || scheduled(source).next().is_none() {
        return None;
    }
    let played = |part| schema.tables.iter().find(|t| t.plays(part));
    // A message of nobody's can only wait where rows need no tenant.
    let jobs = played(Part::Job).map(|t| (t, true));
    let outbox = || played(Part::Outbox).filter(|t| t.tenant().is_none()).map(|t| (t, false));
    jobs.or_else(outbox).filter(|(t, _)| t.standing && t.identifier().is_some())
}

/// Whether work of the clock waits for other work of the clock.
fn chained(source: &Source<'_>) -> bool {
    scheduled(source).any(|(_, o)| o.after.is_some())
}

fn scheduled<'a>(source: &Source<'a>) -> impl Iterator<Item = (&'a Id, &'a Operation)> {
    source.keeping.blueprint.operations.iter().filter(|(_, o)| o.kind == OperationKind::Scheduled)
}

/// The functions of the clock, and the table that they keep time by.
pub(crate) fn clock(out: &mut String, source: &Source<'_>, store: &Id, schema: &Schema<'_>, roles: &Roles) {
    if let Some((table, jobs)) = starts(source, store, schema) {
        schedule(out, source, (schema, table, jobs), roles);
    }
    if deletes(source, store, schema) {
        deletion(out, source, schema, roles);
    }
}

/// The name of the table that time is kept by.
fn timetable(schema: &Schema<'_>) -> String {
    let mut taken: BTreeSet<String> = schema.tables.iter().map(|t| t.name.clone()).collect();
    unused(&mut taken, "schedule")
}

/// What the functions do, as claims that can be tried.
pub(crate) fn due_work(source: &Source<'_>, store: &Id, schema: &Schema<'_>) -> Vec<DueWork> {
    let mut found = Vec::new();
    if starts(source, store, schema).is_some() {
        let table = quoted(&timetable(schema));
        // With all due at once, what comes after other work is what does not start.
        let (claim, left, began) = if chained(source) {
            (
                "each scheduled operation that is due starts once, and none before what it comes after",
                "(due_at <= now() OR last_run IS NULL) = (after IS NULL)",
                ", started_at = '-infinity'",
            )
        } else {
            ("each scheduled operation that is due starts once", "due_at <= now() OR last_run IS NULL", "")
        };
        found.push(DueWork {
            name: "start_due".to_owned(),
            claim: claim.to_owned(),
            before: Some(format!("UPDATE {table} SET due_at = now() - every / 2{began}")),
            statement: "SELECT start_due()".to_owned(),
            left: format!("SELECT count(*) FROM {table} WHERE {left}"),
        });
    }
    if deletes(source, store, schema) {
        let mut left: Vec<String> = schema.uses.iter().filter_map(|u| overdue(schema, u)).collect();
        left.sort();
        left.dedup();
        found.push(DueWork {
            name: "delete_aged".to_owned(),
            claim: "no row stays whose time is over".to_owned(),
            before: None,
            statement: "SELECT delete_aged()".to_owned(),
            left: format!("SELECT sum(n) FROM ({}) AS each_table", left.join(" UNION ALL ")),
        });
    }
    found
}

/// How many rows of a table are there whose time is over.
fn overdue(schema: &Schema<'_>, used: &Use<'_>) -> Option<String> {
    let table = &schema.tables[used.table];
    let column = used.range.as_ref().filter(|_| ages(schema, used))?;
    let days = table.entity.keep_days?;
    Some(format!(
        "SELECT count(*) AS n FROM {} WHERE {} < now() - interval '{days} days'{}",
        quoted(&table.name),
        quoted(column),
        unheld(schema, used.table)
    ))
}

/// The timetable is of the house: where tenants share tables, only those who work for it see its rows.
fn guarded(out: &mut String, name: &str, roles: &Roles) {
    let (table, policy) = (quoted(name), quoted(&format!("{name}_of_all")));
    let may = |role: &str| format!("pg_has_role(current_user, {}, 'USAGE')", literal(role));
    let either = format!("(SELECT {} OR {})", may(&roles.maintenance), may(&roles.owner));
    let _ = writeln!(
        out,
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;\nCREATE POLICY {policy} ON {table} TO {}, {}\n    USING ({either})\n    WITH CHECK ({either});\n",
        quoted(&roles.maintenance),
        quoted(&roles.owner)
    );
}

/// When each scheduled operation is due, and the function that starts those that are.
fn schedule(
    out: &mut String,
    source: &Source<'_>,
    (schema, work, jobs): (&Schema<'_>, &Table<'_>, bool),
    roles: &Roles,
) {
    let table = quoted(&timetable(schema));
    let maintenance = quoted(&roles.maintenance);
    timed(out, source, (schema, work, jobs), &maintenance);
    if schema.isolated {
        guarded(out, &timetable(schema), roles);
    }
    comment(
        out,
        "Starts what is due. A run that is still going keeps the next one from starting; one that was set aside does not, or nothing would ever run again. Times that nobody was there for are not made up for: the next one is in the future.",
    );
    let chained = chained(source);
    if chained {
        comment(
            out,
            if jobs {
                "What comes after other work waits while the other is due, going or halted; where the other runs more often, it waits for a run that began when it was due itself. It also waits for a run that was set aside, because it rests on what that run was to do: until people have released the job or deleted its row, or the next run of the other has ended. The alert on set-aside work tells them."
            } else {
                "What comes after other work waits until the message of the other was sent. When a broker's work has ended is not known here: workers of what comes after look at the rows of the other first, and give the message back while it is not done."
            },
        );
    }
    let waits = quoted(&work.name);
    let id = quoted(work.identifier().map_or("id", |c| c.name.as_str()));
    let (columns, values, named) = if jobs {
        ("kind, payload, run_at, attempts", "now(), 0", "kind")
    } else {
        ("topic, payload, subject", "name", "topic")
    };
    let going = if jobs { going(&waits, &id) } else { String::new() };
    let after = if chained { after(&table, &waits, &id, jobs) } else { "".to_owned() };
    let began = if chained { ", started_at = now()" } else { "" };
    let _ = writeln!(
        out,
        "CREATE FUNCTION start_due() RETURNS bigint LANGUAGE sql SET search_path = public, pg_temp AS $$\n    WITH due AS (\n        SELECT name, due_at FROM {table} s\n        WHERE due_at <= now(){going}{after}\n        FOR UPDATE SKIP LOCKED\n    ), started AS (\n        INSERT INTO {waits} ({columns})\n        SELECT name, jsonb_build_object('run_id', gen_random_uuid(), 'scheduled_for', due_at), {values} FROM due\n        RETURNING {id} AS run, {named} AS name\n    ), next AS (\n        UPDATE {table} s SET last_run = started.run{began},\n            due_at = s.due_at + s.every * (1 + floor(extract(epoch FROM now() - s.due_at) / extract(epoch FROM s.every)))\n        FROM started WHERE s.name = started.name\n        RETURNING 1\n    )\n    SELECT count(*) FROM next;\n$$;\nREVOKE ALL ON FUNCTION start_due() FROM PUBLIC;\nGRANT EXECUTE ON FUNCTION start_due() TO {maintenance};\n",
    );
}

/// The condition that no run of the same work is still going.
fn going(waits: &str, id: &str) -> String {
    format!(
        "\n            AND NOT EXISTS (\n                SELECT FROM {waits} j WHERE j.{id} = s.last_run AND j.done_at IS NULL AND j.run_at < 'infinity'\n            )"
    )
}

/// The condition that nothing is left of the work that this one comes after. Where the other runs more often, one run
/// since this one was due is enough: it would never find a moment without the other if that took longer than its period.
fn after(table: &str, waits: &str, id: &str, jobs: bool) -> String {
    let open = if jobs { "j.done_at IS NULL" } else { "j.sent_at IS NULL" };
    format!(
        "\n            AND NOT EXISTS (\n                SELECT FROM {table} o WHERE o.name = s.after AND (\n                    o.every >= s.every AND (o.due_at <= now() OR o.due_at = 'infinity')\n                    OR o.every < s.every AND o.started_at < s.due_at\n                    OR EXISTS (SELECT FROM {waits} j WHERE j.{id} = o.last_run AND {open})\n                )\n            )"
    )
}

/// The table that time is kept by, with a row for each scheduled operation.
fn timed(
    out: &mut String,
    source: &Source<'_>,
    (schema, work, jobs): (&Schema<'_>, &Table<'_>, bool),
    maintenance: &str,
) {
    comment(
        out,
        "When scheduled work is due. Every worker calls start_due all the time, and each period is started once, by whichever comes first. Change due_at for another hour of the day, and every for another period; 'infinity' halts it. A row is as good as a release: keep changes in migrations.",
    );
    let name = timetable(schema);
    let table = quoted(&name);
    let kind = if work.identity == super::physical::Identity::Number { "bigint" } else { "uuid" };
    let chained = chained(source);
    let order = if chained {
        format!(
            "    after text REFERENCES {table} (name),\n    started_at timestamptz NOT NULL DEFAULT '-infinity',\n"
        )
    } else {
        String::new()
    };
    let _ = writeln!(
        out,
        "CREATE TABLE {table} (\n    name text NOT NULL CHECK (char_length(name) <= 255),\n    every interval NOT NULL CHECK (every > interval '0'),\n    due_at timestamptz NOT NULL,\n    last_run {kind},\n{order}    CONSTRAINT {} PRIMARY KEY (name)\n);\nGRANT SELECT, UPDATE ON {table} TO {maintenance};",
        quoted(&format!("{name}_pk")),
    );
    if chained {
        let _ = writeln!(out, "CREATE INDEX {} ON {table} (after);", quoted(&format!("{name}_for_after")));
    }
    let named = |id: &Id| if jobs { id.to_string() } else { crate::api::scheduled_address(id) };
    let rows: Vec<String> = scheduled(source)
        .map(|(id, o)| {
            let every = o.every.unwrap_or(PERIOD_S);
            let other = o.after.as_ref().map_or_else(|| "NULL".to_owned(), |a| literal(&named(a)));
            let after = if chained { format!(", {other}") } else { String::new() };
            format!("    ({}, {}, {}{after})", literal(&named(id)), interval(every), first(every))
        })
        .collect();
    let columns = if chained { "name, every, due_at, after" } else { "name, every, due_at" };
    let _ = writeln!(out, "INSERT INTO {table} ({columns}) VALUES\n{};\n", rows.join(",\n"));
}

/// A period as an interval of PostgreSQL.
fn interval(seconds: f64) -> String {
    let whole = |unit: f64| (seconds % unit == 0.0).then(|| format!("{}", seconds / unit));
    let units = [(DAY_S, "days"), (3_600.0, "hours"), (60.0, "minutes")];
    let found = units.into_iter().find_map(|(unit, word)| Some((whole(unit)?, word)));
    let (count, word) = found.unwrap_or_else(|| (format!("{seconds}"), "seconds"));
    format!("interval '{count} {word}'")
}

/// When work is first due: what runs within the day at once, daily work in the next quiet hour, what is rarer after
/// its first period.
fn first(every: f64) -> String {
    if every < DAY_S {
        return "now()".to_owned();
    }
    format!("date_trunc('day', now(), 'UTC') + {} + interval '{QUIET_HOUR}'", interval(every))
}

/// The deletion of rows by their age, in batches of each table.
fn deletion(out: &mut String, source: &Source<'_>, schema: &Schema<'_>, roles: &Roles) {
    comment(
        out,
        "Deletes rows whose time is over, a batch of each table, and answers how many went: workers call it again at once while it is above 0. It begins at another table each time and stops after a second if rows went, so that a slow table neither takes back the work on others nor keeps them waiting for good. Rows that others still refer to stay until those have gone.",
    );
    let statements: Vec<String> = schema
        .uses
        .iter()
        .filter(|u| ages(schema, u))
        .map(|u| format!("        {}", literal(&aged(source, schema, u))))
        .collect();
    let _ = writeln!(
        out,
        "CREATE FUNCTION delete_aged() RETURNS bigint LANGUAGE plpgsql SET search_path = public, pg_temp AS $$\nDECLARE\n    statements text[] := ARRAY[\n{}\n    ];\n    total int := array_length(statements, 1);\n    first int := floor(random() * total);\n    statement text;\n    batch bigint;\n    gone bigint := 0;\nBEGIN\n    -- One at a time: a second one would wait for the rows of the first.\n    IF NOT pg_try_advisory_xact_lock(hashtext('delete_aged')) THEN\n        RETURN 0;\n    END IF;\n    FOR n IN 1..total LOOP\n        EXIT WHEN gone > 0 AND clock_timestamp() > statement_timestamp() + interval '1 second';\n        statement := statements[1 + (first + n) % total];\n        BEGIN\n            EXECUTE statement;\n            GET DIAGNOSTICS batch = ROW_COUNT;\n            gone := gone + batch;\n        EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN\n            RAISE WARNING '%: %', statement, SQLERRM;\n        END;\n    END LOOP;\n    RETURN gone;\nEND\n$$;\nREVOKE ALL ON FUNCTION delete_aged() FROM PUBLIC;\nGRANT EXECUTE ON FUNCTION delete_aged() TO {};\n",
        statements.join(",\n"),
        quoted(&roles.maintenance)
    );
}

/// The statement of a use with the end of the rows' time in place of its parameters, which all stand for it.
fn aged(source: &Source<'_>, schema: &Schema<'_>, used: &Use<'_>) -> String {
    let table = &schema.tables[used.table];
    let days = table.entity.keep_days.unwrap_or_default();
    let found = pattern(source, schema, used);
    let end = format!("now() - interval '{days} days'");
    let parameters = found.parameters.iter().enumerate();
    let text = parameters
        .rev()
        .fold(found.statement, |text, (n, p)| text.replace(&format!("${}::{}", n + 1, p.sql_type), &end));
    text.replacen(" LIMIT ", &format!("{} LIMIT ", unheld(schema, used.table)), 1)
}

/// The condition that no row which would refuse it still refers to a row: one that is held would take back its whole
/// batch, and with it the deletion of its table for good.
fn unheld(schema: &Schema<'_>, table: usize) -> String {
    let name = quoted(&schema.tables[table].name);
    let refuses = |r: &&Reference| r.to == table && matches!(r.on_delete, OnDelete::Refuse);
    let held = schema.tables.iter().flat_map(|t| t.references.iter().filter(refuses).map(move |r| (t, r)));
    held.map(|(t, r)| {
        let same: Vec<String> = r
            .columns
            .iter()
            .zip(&r.to_columns)
            .map(|(from, to)| format!("holder.{} = {name}.{}", quoted(from), quoted(to)))
            .collect();
        format!(" AND NOT EXISTS (SELECT FROM {} AS holder WHERE {})", quoted(&t.name), same.join(" AND "))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_written_in_the_largest_unit_that_holds_it() {
        let written = [60.0, 90.0, 3_600.0, 86_400.0, 7_776_000.0].map(interval);
        let known =
            ["1 minutes", "90 seconds", "1 hours", "1 days", "90 days"].map(|w| format!("interval '{w}'"));
        assert_eq!(written, known);
        assert!(first(60.0) == "now()" && first(86_400.0).contains("'1 days' + interval"));
    }
}
