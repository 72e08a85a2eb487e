//! `schema.cql`: a table for each way rows are asked for.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use loadcase_model::{AccessKind, FieldType};

use super::names::unused;
use super::physical::{Schema, Table, Use};
use super::text::comment;

/// Longest name of a table that the file system below can hold together with its identifier.
const LONGEST: usize = 48;

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// Types; enumerations are texts that the application checks.
const fn cql_type(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Id | FieldType::Ref => "uuid",
        FieldType::String
        | FieldType::Text
        | FieldType::Currency
        | FieldType::Enum
        | FieldType::Json
        | FieldType::Url
        | FieldType::Email => "text",
        FieldType::Integer | FieldType::Money => "bigint",
        FieldType::Decimal => "decimal",
        FieldType::Float => "double",
        FieldType::Boolean => "boolean",
        FieldType::Timestamp => "timestamp",
        FieldType::Date => "date",
        FieldType::Point => "frozen<tuple<double, double>>",
        FieldType::Bytes => "blob",
    }
}

/// A table of one query: rows of an entity under another key.
struct Copy {
    /// Columns that say on which node rows lie.
    partition: Vec<String>,
    /// Columns that sort rows within a partition.
    cluster: Vec<(String, bool)>,
    /// Whether a bucket is part of the partition, because nothing else narrows it.
    bucket: bool,
    serves: Vec<String>,
}

/// A table of the schema in this dialect, for documents.
pub(crate) struct Told {
    pub(crate) entity: String,
    pub(crate) table: String,
    pub(crate) key: String,
    pub(crate) serves: Vec<String>,
}

/// The schema and what is told of it.
pub(crate) fn schema(name: &str, schema: &Schema<'_>) -> (String, Vec<Told>) {
    let mut out = String::new();
    let mut told = Vec::new();
    comment(&mut out, &format!("Tables of {name}, one for each way rows are asked for."));
    comment(
        &mut out,
        "A row is written to every table of its entity in one logged batch. What is unique beside the key is claimed first with INSERT ... IF NOT EXISTS. References and values are checked by the application.",
    );
    out.push_str(KEYSPACE);
    let mut taken = BTreeSet::new();
    for (n, table) in schema.tables.iter().enumerate() {
        let uses: Vec<&Use<'_>> = schema.uses.iter().filter(|u| u.table == n).collect();
        for (i, copy) in copies(table, &uses).iter().enumerate() {
            let named = if i == 0 {
                table.name.clone()
            } else {
                let by: Vec<&str> = copy.partition.iter().map(String::as_str).collect();
                format!(
                    "{}_by_{}",
                    table.name,
                    if by.is_empty() { "bucket".to_owned() } else { by.join("_") }
                )
            };
            let name = unused(&mut taken, &short(&named));
            let key = create(&mut out, table, &name, copy);
            told.push(Told {
                entity: table.entity.name.clone(),
                table: name,
                key,
                serves: copy.serves.clone(),
            });
        }
    }
    (out, told)
}

const KEYSPACE: &str = "\
-- Set the data centre and the number of copies to those of the cluster; NetworkTopologyStrategy also suits one.
CREATE KEYSPACE IF NOT EXISTS product WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3};
USE product;

";

fn short(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let hash = blake3::hash(name.as_bytes()).to_hex();
    format!("{}_{}", &name[..LONGEST - 9], &hash[..8])
}

fn copies(table: &Table<'_>, uses: &[&Use<'_>]) -> Vec<Copy> {
    let key = &table.key.columns;
    let split = if table.identifier().is_some() { key.len() } else { 1.max(usize::from(table.scoped) + 1) };
    let split = split.min(key.len());
    let mut copies = vec![Copy {
        partition: key[..split].to_vec(),
        cluster: key[split..].iter().map(|c| (c.clone(), false)).collect(),
        bucket: key.is_empty(),
        serves: vec!["reads by key".to_owned()],
    }];
    for used in uses.iter().filter(|u| u.kind() != AccessKind::Insert) {
        let partition: Vec<String> = used.equal.iter().chain(&used.any).cloned().collect();
        let constants = used.only.iter().filter(|(_, v)| v.value().is_some()).map(|(c, _)| c.clone());
        let partition: Vec<String> = partition.into_iter().chain(constants).collect();
        let mut cluster: Vec<(String, bool)> =
            used.order.iter().map(|c| (c.clone(), used.access.descending)).collect();
        if let Some(range) = used.range.as_ref().filter(|r| !used.order.contains(r)) {
            cluster.push((range.clone(), false));
        }
        if partition.is_empty() && cluster.is_empty() {
            continue;
        }
        let same = |c: &&mut Copy| {
            let set = |p: &[String]| p.iter().cloned().collect::<BTreeSet<_>>();
            set(&c.partition) == set(&partition)
                && c.cluster.iter().zip(&cluster).all(|(a, b)| a == b)
                && c.cluster.len() >= cluster.len()
        };
        let expires = used.operation.is_none() && used.kind() == AccessKind::Delete;
        let by_key = key.iter().all(|k| partition.contains(k));
        if expires {
            continue;
        }
        // The first table has the key.
        let existing = if by_key { copies.first_mut() } else { copies.iter_mut().find(same) };
        match existing {
            Some(copy) => copy.serves.push(used.title.clone()),
            None => {
                for column in key {
                    if !partition.contains(column) && cluster.iter().all(|(c, _)| c != column) {
                        cluster.push((column.clone(), false));
                    }
                }
                copies.push(Copy {
                    bucket: partition.is_empty(),
                    partition,
                    cluster,
                    serves: vec![used.title.clone()],
                });
            }
        }
    }
    copies
}

/// Writes a table and tells its key.
fn create(out: &mut String, table: &Table<'_>, name: &str, copy: &Copy) -> String {
    for reason in &copy.serves {
        comment(out, &format!("For {reason}."));
    }
    let mut columns: Vec<String> =
        table.columns.iter().map(|c| format!("{} {}", quoted(&c.name), cql_type(c.column.kind))).collect();
    let mut partition: Vec<String> = copy.partition.iter().map(|c| quoted(c)).collect();
    if copy.bucket {
        comment(
            out,
            "The bucket is the day of the row and a number from its identifier: no partition grows without end, and readers ask for each bucket of the days they want.",
        );
        columns.push("\"bucket\" text".to_owned());
        partition.push("\"bucket\"".to_owned());
    }
    let cluster: Vec<String> = copy.cluster.iter().map(|(c, _)| quoted(c)).collect();
    let mut key = match &partition[..] {
        [one] if cluster.is_empty() => one.clone(),
        several => format!("({})", several.join(", ")),
    };
    if !cluster.is_empty() {
        key.push_str(&format!(", {}", cluster.join(", ")));
    }
    let mut options: Vec<String> = Vec::new();
    if !copy.cluster.is_empty() {
        let order: Vec<String> = copy
            .cluster
            .iter()
            .map(|(c, desc)| format!("{} {}", quoted(c), if *desc { "DESC" } else { "ASC" }))
            .collect();
        options.push(format!("CLUSTERING ORDER BY ({})", order.join(", ")));
    }
    if let Some(days) = table.entity.keep_days {
        options.push(format!("default_time_to_live = {}", u64::from(days) * 86_400));
        if table.entity.append_only {
            options.push("compaction = {'class': 'TimeWindowCompactionStrategy'}".to_owned());
        }
    }
    let options =
        if options.is_empty() { String::new() } else { format!(" WITH {}", options.join("\n    AND ")) };
    let _ = writeln!(
        out,
        "CREATE TABLE {} (\n    {},\n    PRIMARY KEY ({key})\n){options};\n",
        quoted(name),
        columns.join(",\n    ")
    );
    key.replace('"', "")
}
