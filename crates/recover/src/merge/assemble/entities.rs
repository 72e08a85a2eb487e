//! Entities: what is stored, with the harm a leak of each field does.

use indexmap::IndexMap;
use loadcase_model::{Entity, Field, FieldType, Id, Sensitivity};

use crate::merge::flows::Flows;
use crate::merge::parts::Parts;
use crate::sighting::{EntitySeen, ReachKind, Seen, Sighting};
use crate::source::is_test_path;

/// Words in names of fields, and the harm of their leak, the worst first.
const SENSITIVE: &[(&[&str], Sensitivity)] = &[
    (
        &[
            "password",
            "passwd",
            "pwd",
            "secret",
            "token",
            "apikey",
            "api_key",
            "privatekey",
            "private_key",
            "otp",
            "salt",
        ],
        Sensitivity::Secret,
    ),
    (
        &["cardnumber", "card_number", "pan", "cvv", "cvc", "card_code", "cardcode", "expiry"],
        Sensitivity::Card,
    ),
    (
        &["diagnosis", "religion", "ethnic", "health", "latitude", "longitude", "location", "biometric"],
        Sensitivity::Special,
    ),
    (
        &[
            "balance",
            "amount",
            "price",
            "salary",
            "income",
            "iban",
            "account_number",
            "accountnumber",
            "credit",
            "invoice",
        ],
        Sensitivity::Financial,
    ),
    (
        &[
            "email",
            "phone",
            "mobile",
            "firstname",
            "first_name",
            "lastname",
            "last_name",
            "fullname",
            "full_name",
            "address",
            "birth",
            "ssn",
            "passport",
            "document_num",
            "documentnumber",
            "username",
            "user_name",
            "zip",
            "street",
        ],
        Sensitivity::Personal,
    ),
];

/// The harm a leak of a field of this name does.
pub(crate) fn sensitivity(name: &str) -> Sensitivity {
    let name = name.to_ascii_lowercase();
    let hit =
        |words: &&[&str]| words.iter().any(|w| if w.len() <= 3 { name == **w } else { name.contains(w) });
    SENSITIVE.iter().find(|(words, _)| hit(words)).map_or(Sensitivity::Internal, |(_, s)| *s)
}

/// The entities of every part.
pub(crate) fn entities(
    sightings: &[Sighting],
    parts: &Parts,
    ids: &[Id],
    flows: &Flows,
) -> IndexMap<Id, Entity> {
    let mut found: IndexMap<Id, Entity> = IndexMap::new();
    for sighting in sightings.iter().filter(|s| !is_test_path(&s.place.path)) {
        let Seen::Entity(seen) = &sighting.seen else { continue };
        for owner in parts.owners(&sighting.place.path, None) {
            let id = Id::slug(&format!("{} {}", ids[owner], seen.name));
            let store = flows.of(owner).iter().find(|e| e.kind == ReachKind::Data).map(|e| ids[e.to].clone());
            found.entry(id).or_insert_with(|| entity(seen, store, &sighting.place.to_string()));
        }
    }
    found
}

fn entity(seen: &EntitySeen, store: Option<Id>, place: &str) -> Entity {
    let mut fields: Vec<Field> = Vec::new();
    for (name, kind, _) in &seen.fields {
        let id = Id::slug(&name.replace('_', "-"));
        let id = Id::new(id.as_str().replace('-', "_")).unwrap_or(id);
        if !fields.iter().any(|f| f.name == id) {
            fields.push(Field {
                name: id,
                kind: field_type(kind),
                optional: false,
                unique: false,
                to: None,
                values: Vec::new(),
                owned: false,
                not_above: None,
                min: None,
                max: None,
                sensitivity: sensitivity(name),
            });
        }
    }
    let tenant =
        fields.iter().any(|f| f.name.as_str().contains("tenant") || f.name.as_str() == "organization_id");
    Entity {
        name: seen.table.clone().unwrap_or_else(|| seen.name.clone()),
        summary: String::new(),
        module: None,
        store,
        fields,
        key: Vec::new(),
        unique: Vec::new(),
        no_overlap: Vec::new(),
        unique_when: Vec::new(),
        plays: None,
        soft_delete: None,
        tenant_scoped: tenant,
        append_only: false,
        row_bytes: 0.0,
        keep_days: None,
        ages_by: None,
        basis: format!("read in {place}; sizes are not known"),
    }
}

/// The type of a field, from a type name of any language or database.
fn field_type(written: &str) -> FieldType {
    let lower = written.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| lower.contains(w));
    if has(&["timestamp", "datetime", "instant", "time"]) {
        FieldType::Timestamp
    } else if has(&["date"]) {
        FieldType::Date
    } else if has(&["uuid", "objectid"]) {
        FieldType::Id
    } else if has(&["bool"]) {
        FieldType::Boolean
    } else if has(&["money"]) {
        FieldType::Money
    } else if has(&["decimal", "numeric"]) {
        FieldType::Decimal
    } else if has(&["double", "float", "real"]) {
        FieldType::Float
    } else if has(&["int", "long", "serial", "number", "short"]) {
        FieldType::Integer
    } else if has(&["json", "map", "object"]) {
        FieldType::Json
    } else if has(&["byte", "blob", "binary"]) {
        FieldType::Bytes
    } else if has(&["text", "clob"]) {
        FieldType::Text
    } else {
        FieldType::String
    }
}
