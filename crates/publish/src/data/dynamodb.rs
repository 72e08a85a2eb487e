//! `dynamodb.json`: one table with composed keys, its secondary indexes, and the key of each access pattern.

use std::collections::BTreeMap;

use loadcase_model::AccessKind;
use serde_json::{Value, json};

use super::physical::{Schema, Table, Use};
use crate::text::clean;

/// Secondary indexes a table may have unless more are asked for.
const MOST_INDEXES: usize = 20;

/// How one access pattern is answered.
pub(crate) struct Told {
    pub(crate) title: String,
    pub(crate) index: String,
    pub(crate) partition: String,
    pub(crate) sort: String,
    pub(crate) call: &'static str,
}

/// The file and what is told of it.
pub(crate) fn file(name: &str, schema: &Schema<'_>) -> (Value, Vec<Told>) {
    let mut told = Vec::new();
    let mut items = Vec::new();
    let mut widest = 0;
    for (n, table) in schema.tables.iter().enumerate() {
        let mut shapes: Vec<(String, String)> = Vec::new();
        for used in schema.uses.iter().filter(|u| u.table == n) {
            told.extend(pattern(table, used, &mut shapes));
        }
        widest = widest.max(shapes.len());
        items.push(item(table, &shapes));
    }
    let patterns: Vec<Value> = told
        .iter()
        .map(|t| json!({"pattern": clean(&t.title), "index": t.index, "partition": t.partition, "sort": t.sort, "call": t.call}))
        .collect();
    let value =
        json!({"table": table(name, widest.min(MOST_INDEXES)), "items": items, "access_patterns": patterns});
    (value, told)
}

/// What `CreateTable` takes.
fn table(name: &str, indexes: usize) -> Value {
    let key = |partition: &str, sort: &str| {
        json!([
            {"AttributeName": partition, "KeyType": "HASH"},
            {"AttributeName": sort, "KeyType": "RANGE"},
        ])
    };
    let mut attributes = vec!["pk".to_owned(), "sk".to_owned()];
    let mut found = Vec::new();
    for n in 1..=indexes {
        let (partition, sort) = (format!("gsi{n}pk"), format!("gsi{n}sk"));
        found.push(json!({
            "IndexName": format!("gsi{n}"),
            "KeySchema": key(&partition, &sort),
            "Projection": {"ProjectionType": "ALL"},
        }));
        attributes.extend([partition, sort]);
    }
    let attributes: Vec<Value> =
        attributes.iter().map(|a| json!({"AttributeName": a, "AttributeType": "S"})).collect();
    let mut value = json!({
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": key("pk", "sk"),
        "AttributeDefinitions": attributes,
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "SSESpecification": {"Enabled": true},
    });
    if !found.is_empty() {
        value["GlobalSecondaryIndexes"] = Value::Array(found);
    }
    value
}

/// `TENANT#{tenant_id}#ITEM#{id}`: a prefix for the kind, then each column.
fn composed(table: &Table<'_>, columns: &[&String]) -> String {
    let kind = table.name.to_uppercase();
    let mut parts = vec![kind];
    parts.extend(columns.iter().map(|c| format!("{c}={{{c}}}")));
    parts.join("#")
}

fn sorted(columns: &[&String]) -> String {
    if columns.is_empty() {
        return "#".to_owned();
    }
    columns.iter().map(|c| format!("{{{c}}}")).collect::<Vec<_>>().join("#")
}

/// The keys of the rows of an entity.
fn item(table: &Table<'_>, shapes: &[(String, String)]) -> Value {
    let key: Vec<&String> = table.key.columns.iter().collect();
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let (partition, sort) = base(table, &key);
    found.insert("pk".to_owned(), partition);
    found.insert("sk".to_owned(), sort);
    for (n, (partition, sort)) in shapes.iter().enumerate() {
        found.insert(format!("gsi{}pk", n + 1), partition.clone());
        found.insert(format!("gsi{}sk", n + 1), sort.clone());
    }
    let attributes: Vec<&String> = table.columns.iter().map(|c| &c.name).collect();
    let claims: Vec<String> = table
        .uniques
        .iter()
        .map(|u| format!("UNIQUE#{}", composed(table, &u.columns.iter().collect::<Vec<_>>())))
        .collect();
    let mut value = json!({"entity": table.id.as_str(), "keys": found, "attributes": attributes});
    if !claims.is_empty() {
        value["claims"] = json!(claims);
    }
    if let Some(days) = table.entity.keep_days {
        value["expires_after_days"] = json!(days);
        value["ttl_attribute"] = json!("expires_at");
    }
    value
}

/// The key of the table: a row of its own, or a member of the group its key begins with.
fn base(table: &Table<'_>, key: &[&String]) -> (String, String) {
    if table.identifier().is_some() || key.len() < 2 {
        return (composed(table, key), "#".to_owned());
    }
    let head = usize::from(table.scoped) + 1;
    let (head, tail) = key.split_at(head.min(key.len() - 1));
    (composed(table, head), sorted(tail))
}

fn pattern(table: &Table<'_>, used: &Use<'_>, shapes: &mut Vec<(String, String)>) -> Option<Told> {
    let key: Vec<&String> = table.key.columns.iter().collect();
    let told = |index: &str, (partition, sort): (String, String), call| {
        Some(Told { title: used.title.clone(), index: index.to_owned(), partition, sort, call })
    };
    let have: Vec<&String> = used.equal.iter().chain(&used.any).collect();
    let whole = key.iter().all(|c| have.contains(c));
    let expires = used.operation.is_none() && used.kind() == AccessKind::Delete;
    match used.kind() {
        AccessKind::Insert => {
            return told(
                "table",
                base(table, &key),
                "PutItem with attribute_not_exists(pk), or TransactWriteItems with the claims",
            );
        }
        AccessKind::ReadOne if whole => return told("table", base(table, &key), "GetItem"),
        AccessKind::ReadMany if whole => return told("table", base(table, &key), "BatchGetItem"),
        AccessKind::Update if whole => {
            return told("table", base(table, &key), "UpdateItem with a condition on the version");
        }
        AccessKind::Delete if whole => return told("table", base(table, &key), "DeleteItem"),
        _ if expires => return told("table", base(table, &key), "none: the store removes what has expired"),
        _ => {}
    }
    let constants = used.only.iter().filter_map(|(c, v)| v.value().map(|_| c));
    let mut equal: Vec<&String> = have.into_iter().chain(constants).collect();
    equal.sort();
    equal.dedup();
    let mut order: Vec<&String> = used.order.iter().collect();
    order.extend(used.range.iter().filter(|r| !used.order.contains(r)));
    order.extend(key.iter().filter(|c| !used.order.contains(c) && !equal.contains(c)));
    let mut partition = composed(table, &equal);
    if equal.is_empty() {
        partition.push_str("#{shard}");
    }
    let shape = (partition, sorted(&order));
    let own = base(table, &key);
    let unsorted = used.order.is_empty() && used.range.is_none();
    let reads = !matches!(used.kind(), AccessKind::Update | AccessKind::Delete);
    if reads && own.0 == shape.0 && key.len() > 1 && (own.1 == shape.1 || unsorted) {
        return told("table", own, "Query");
    }
    let covers = |have: &(String, String)| {
        have.0 == shape.0 && (have.1 == shape.1 || used.order.is_empty() && used.range.is_none())
    };
    let n = shapes.iter().position(covers).unwrap_or_else(|| {
        shapes.push(shape);
        shapes.len() - 1
    });
    let call = match used.kind() {
        AccessKind::Aggregate => "Query, counted by the caller; a counter item where it is asked often",
        AccessKind::Update | AccessKind::Delete => "Query, then TransactWriteItems",
        _ => "Query",
    };
    told(&format!("gsi{}", n + 1), shapes[n].clone(), call)
}
