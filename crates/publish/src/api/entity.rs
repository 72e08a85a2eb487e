//! What entities are to an API: which fields callers see and set, and how rows relate.

use loadcase_model::{Access, AccessKind, Blueprint, Entity, FieldType, Id, Sensitivity};

use super::naming::snake;
use crate::data::columns::{Column, Role, TENANT, columns};

/// The names of an entity's tables that protocols need and callers do not ask for.
const BOOKKEEPING: &[&str] =
    &["idempotency", "outbox", "audit", "job", "ledger", "access-record", "economy-entry", "count-change"];

/// Columns a caller may read: no secrets, and not the tenant, who is known from the caller.
pub(crate) fn readable(entity: &Entity) -> Vec<Column> {
    columns(entity).into_iter().filter(|c| !c.is_secret() && c.role != Role::Tenant).collect()
}

/// What the key of a stored file is the key of, such as `download` for `object_key` and `image` for `image_key`: callers
/// get an address instead of it.
pub(crate) fn stored(column: &Column) -> Option<String> {
    let name = snake(&column.name);
    let stem = name.strip_suffix("_key").filter(|_| column.kind == FieldType::Url)?;
    Some(match stem.strip_suffix("object").map(|s| s.trim_end_matches('_')) {
        Some("") => "download".to_owned(),
        Some(stem) => format!("{stem}_download"),
        None => stem.to_owned(),
    })
}

/// Whether anybody may see a column: nothing about a person beside the name they show, no money of theirs.
pub(crate) fn is_open(column: &Column) -> bool {
    let shown = matches!(
        column.name.as_str(),
        "name" | "display_name" | "handle" | "avatar_url" | "photo_url" | "biography" | "bio"
    );
    // Keys against repetition and what machines think of a text are nobody's business.
    let inner = column.name.ends_with("_key") || column.name == "screening";
    let harmless =
        !matches!(column.sensitivity, Sensitivity::Personal | Sensitivity::Special | Sensitivity::Financial);
    shown || (stored(column).is_some() || !inner) && (column.kind == FieldType::Ref || harmless)
}

/// What a caller does to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// Makes one.
    Make,
    /// Makes many that were observed elsewhere, with the time they were.
    Report,
    /// Changes one.
    Change,
}

/// Columns a caller may set: what the server knows, computes or keeps for itself is left out.
pub(crate) fn settable(
    blueprint: &Blueprint,
    id: &Id,
    entity: &Entity,
    setting: Setting,
    path: &[String],
) -> Vec<Column> {
    let mut own = true;
    readable(entity)
        .into_iter()
        .filter(|c| c.listed && c.role == Role::Plain && !path.contains(&snake(&c.name)))
        .filter(|c| {
            // The first reference to an account is the caller; a second one is somebody else.
            let account =
                c.kind == FieldType::Ref && c.to.as_ref().is_some_and(|to| is_account(blueprint, to));
            let caller = own && account && !OTHERS.contains(&c.name.as_str());
            own &= !caller;
            !caller
        })
        .filter(|c| {
            // `PUT /accounts/{account_id}/follow` says whom.
            let said = |to: &Id| to != id && path.contains(&format!("{}_id", snake(to.as_str())));
            !c.to.as_ref().is_some_and(said)
        })
        .filter(|c| !is_servers(c, setting))
        .filter(|c| setting != Setting::Change || !stays(entity, c))
        .collect()
}

/// References to accounts that are somebody whom the caller names.
const OTHERS: &[&str] = &["assignee_id", "recipient_id", "member_id", "invitee_id"];

/// Times that callers set.
const CALLERS: &[&str] = &[
    "starts_at",
    "ends_at",
    "due_at",
    "until",
    "valid_until",
    "opens_at",
    "sale_opens_at",
    "send_at",
    "send_after",
    "alert_after",
    "expires_at",
];

/// Whether a row keeps a value it was made with, unless an operation says that it takes it: what it is, what it is
/// known by, until when it holds, and whose it is.
fn stays(entity: &Entity, column: &Column) -> bool {
    const KEPT: &[&str] =
        &["kind", "type", "cause", "source", "serial", "currency", "expires_at", "basis_points"];
    const KEYS: &[&str] = &["key", "number", "code", "reference", "serial", "token"];
    let ends = |list: &[&str]| ends_in(&column.name, list);
    let together = || entity.unique.iter().chain([&entity.key]).any(|u| u.iter().any(|f| *f == *column.name));
    match column.kind {
        FieldType::Ref => !(is_shelf(column) || OTHERS.contains(&column.name.as_str())),
        _ => ends(KEPT) || together() && ends(KEYS),
    }
}

/// Whether a name is one of some words, or ends with one.
fn ends_in(name: &str, list: &[&str]) -> bool {
    list.iter().any(|e| name.strip_suffix(e).is_some_and(|rest| rest.is_empty() || rest.ends_with('_')))
}

/// Whether a reference says where a row is put, rather than whose it is.
fn is_shelf(column: &Column) -> bool {
    const SHELVES: &[&str] =
        &["category", "folder", "section", "project", "zone", "template", "type", "list", "plan"];
    column.to.as_ref().is_some_and(|to| SHELVES.iter().any(|s| to.as_str().contains(s)))
}

/// Whether the server sets a column.
fn is_servers(column: &Column, setting: Setting) -> bool {
    let name = column.name.as_str();
    let ends = |list: &[&str]| ends_in(name, list);
    let begins = |list: &[&str]| list.iter().any(|e| name.starts_with(e));
    match column.kind {
        FieldType::Timestamp => {
            name == "received_at"
                || begins(&["certificate"])
                || setting != Setting::Report && !ends(CALLERS) && name != "at"
        }
        FieldType::Enum if setting != Setting::Report => ends(&[
            "state",
            "status",
            "screening",
            "verification",
            "outcome",
            "decision",
            "placement",
            "standing",
            "scan",
        ]),
        FieldType::Money => !ends(&["amount", "price", "fee"]) || begins(&["refunded"]),
        FieldType::Ref => ends(&["by"]) || ends(&["thread_id", "version_id", "transaction_id", "author_id"]),
        FieldType::Boolean => ends(&[
            "verified",
            "approved",
            "confirmed",
            "locked",
            "blocked",
            "suspended",
            "banned",
            "settled",
            "paid",
            "admin",
        ]),
        FieldType::Bytes | FieldType::Id => setting != Setting::Report,
        FieldType::Url => ends(&["object_key", "key"]),
        FieldType::Json => {
            ends(&["response", "raw_response", "result", "stats", "counts", "renditions", "next_action"])
                || begins(&["raw_"])
        }
        // A reference without a name is the caller's own.
        FieldType::String if name == "reference" => false,
        FieldType::String => {
            ends(&[
                "hash",
                "print",
                "reference",
                "fingerprint",
                "visitor_key",
                "hold_key",
                "session_key",
                "prefix",
                "last_four",
                "actor",
                "tracking_code",
            ]) && !(setting == Setting::Report)
                || column.unique && ends(&["key", "number", "code"]) && setting != Setting::Report
        }
        FieldType::Integer => {
            setting != Setting::Report
                && ends(&[
                    "count",
                    "sum",
                    "sequence",
                    "version",
                    "reserved",
                    "attempts",
                    "attempt",
                    "occurrences",
                    "events",
                    "samples",
                    "number",
                    "snapshot_sequence",
                ])
        }
        _ => false,
    }
}

/// Whether an entity is what people sign in to: it holds a unique e-mail address.
pub(crate) fn is_account(blueprint: &Blueprint, id: &Id) -> bool {
    let entity = blueprint.entities.get(id);
    entity.is_some_and(|e| e.fields.iter().any(|f| f.kind == FieldType::Email && f.unique))
}

/// Rows that protocols need and callers do not ask for.
pub(crate) fn is_bookkeeping(entity: &Id) -> bool {
    BOOKKEEPING.iter().any(|word| entity.as_str().contains(word))
}

pub(crate) const fn writes(kind: AccessKind) -> bool {
    matches!(kind, AccessKind::Insert | AccessKind::Update | AccessKind::Delete)
}

/// Keys of an access without the tenant, who is known from the caller.
pub(crate) fn keys(access: &Access) -> Vec<&str> {
    access.by.iter().map(Id::as_str).filter(|k| *k != TENANT).collect()
}

fn reference<'a>(blueprint: &'a Blueprint, entity: &Id, field: &str) -> Option<&'a Id> {
    let entity = blueprint.entities.get(entity)?;
    entity.fields.iter().find(|f| f.name == *field && f.kind == FieldType::Ref)?.to.as_ref()
}

/// Whether an access asks "may they?" rather than "what is it?".
pub(crate) fn is_permission(blueprint: &Blueprint, access: &Access) -> bool {
    const WORDS: &[&str] = &["key", "grant", "block", "role", "conduct", "suppression", "membership"];
    let name = access.entity.as_str();
    let keys = keys(access);
    let references = keys.iter().filter(|k| reference(blueprint, &access.entity, k).is_some()).count();
    references >= 2
        || access.by.iter().any(|k| k.as_str().contains("hash"))
        || WORDS.iter().any(|w| name.contains(w))
}

/// Whether rows of `access` belong to rows of `to`: they refer to it, it refers to them, or both refer to the same.
pub(crate) fn is_related(blueprint: &Blueprint, to: &Id, access: &Access) -> bool {
    let refers = |from: &Id, target: &Id| {
        blueprint.entities.get(from).is_some_and(|e| e.fields.iter().any(|f| f.to.as_ref() == Some(target)))
    };
    let keys = keys(access);
    match keys[..] {
        ["id"] => refers(to, &access.entity),
        _ => {
            keys.iter().any(|k| reference(blueprint, &access.entity, k) == Some(to))
                || keys.iter().any(|k| {
                    reference(blueprint, &access.entity, k)
                        .is_some_and(|t| reference(blueprint, to, k) == Some(t))
                })
                || refers(to, &access.entity)
        }
    }
}

/// Whether a segment of a path is the plural of an entity's name, or the name itself.
pub(crate) fn names(segment: &str, entity: &str) -> bool {
    let segment = segment.replace('_', "-");
    let stem = entity.strip_suffix('y').map(|s| format!("{s}ies"));
    segment == entity
        || segment == format!("{entity}s")
        || segment == format!("{entity}es")
        || stem.is_some_and(|plural| plural == segment)
}
