//! What a table's columns tell, whichever migration tool made it.

use loadcase_model::{Aspect, State};

use crate::extract::contract::fields;
use crate::sighting::{EntitySeen, Seen};
use crate::source::Sightings;

/// A table, or columns added to one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name, without schema.
    pub(crate) name: String,
    /// Columns: name, type with what is said about it (`unique`, `primary key`), line.
    pub(crate) columns: Vec<(String, String, usize)>,
    /// First and last line.
    pub(crate) lines: (usize, usize),
}

/// Tables by name, and what they are for.
const PURPOSES: &[(&[&str], Aspect)] = &[
    (&["outbox", "outboxmessage", "outboxevent", "eventoutbox", "integrationeventlog"], Aspect::Outbox),
    (
        &["inbox", "processedmessage", "processedevent", "inboxmessage", "handledmessage"],
        Aspect::ConsumerIdempotency,
    ),
    (&["webhookevent", "stripeevent", "processedwebhook", "paymentevent"], Aspect::WebhookDeduplication),
    (&["ledger", "ledgerentry", "journalentry", "journal", "posting", "ledgertransaction"], Aspect::Ledger),
    (&["auditlog", "auditevent", "audittrail", "auditentry", "audit"], Aspect::Audit),
];

/// Adds a table and its practices.
pub(crate) fn add(table: Table, out: &mut Sightings) {
    if table.name.is_empty() {
        return;
    }
    let (line, until) = table.lines;
    let joined = fields::words(&table.name).concat();
    let short = joined.strip_suffix('s').unwrap_or(&joined).replace("entrie", "entry");
    for (names, aspect) in PURPOSES {
        if names
            .iter()
            .any(|n| short == *n || short.strip_suffix(n).is_some_and(|p| !p.is_empty() && n.len() > 6))
        {
            out.practice(line, *aspect, State::Present, table.name.clone(), "a table for it");
        }
    }
    for (name, kind, line) in &table.columns {
        column(&table.name, name, kind, *line, out);
    }
    let entity = EntitySeen { name: table.name.clone(), table: Some(table.name), fields: table.columns };
    out.span(line, until, Seen::Entity(entity));
}

fn column(table: &str, name: &str, kind: &str, line: usize, out: &mut Sightings) {
    let subject = format!("{table}.{name}");
    let joined = fields::words(name).concat();
    if fields::is_money(name) && fields::is_float(kind) {
        out.practice(line, Aspect::MoneyAsFloat, State::Present, subject.clone(), kind);
    }
    if fields::is_card(name) {
        out.practice(line, Aspect::CardData, State::Present, subject.clone(), name);
    }
    if fields::is_tenant(name) {
        out.practice(line, Aspect::TenantKey, State::Present, table, name);
    }
    let lower = kind.to_ascii_lowercase();
    let unique = lower.contains("unique") || lower.contains("primary key");
    match joined.as_str() {
        "idempotencykey" => {
            let state = if unique { State::Present } else { State::Weak };
            out.practice(line, Aspect::IdempotencyKey, state, subject, kind);
        }
        "passwordhash" | "hashedpassword" | "encryptedpassword" | "passworddigest" => {
            out.practice(line, Aspect::PasswordHashing, State::Present, subject, "the column holds a hash");
        }
        "version" | "rowversion" | "lockversion" | "optlock"
            if lower.contains("int") || lower.contains("rowversion") =>
        {
            out.practice(line, Aspect::ConcurrencyGuard, State::Present, table, name);
        }
        _ => {}
    }
}
