//! Realistic values for examples and for the mock server: by type, name and entity, the same each time.

use loadcase_model::Id;
use serde_json::{Map, Value, json};

use super::contract::{Call, Contract, Effect, Field, Form, Record, Text};
use super::known;
use super::naming::kebab;
use crate::text::{capital, words};

/// People for examples.
const PEOPLE: &[(&str, &str)] = &[
    ("Ada", "Lovelace"),
    ("Grace", "Hopper"),
    ("Alan", "Turing"),
    ("Katherine", "Johnson"),
    ("Edsger", "Dijkstra"),
    ("Barbara", "Liskov"),
];

/// Titles and names of things, by a word in the name of the entity.
const THINGS: &[(&str, &[&str])] = &[
    ("product", &["Trail running shoe", "Rain jacket", "Camping stove"]),
    ("categor", &["Outdoor", "Shoes", "Kitchen"]),
    ("line", &["Trail running shoe, size 42", "Rain jacket, blue"]),
    ("listing", &["City bike, 28 inch, barely used", "Oak dining table"]),
    ("post", &["Notes from the harbour walk", "What the storm left behind"]),
    ("article", &["Harbour bridge reopens after two years", "What the new timetable changes"]),
    ("course", &["Introduction to statistics", "French for beginners"]),
    ("lesson", &["Fractions and decimals", "The median"]),
    ("project", &["Website relaunch", "Mobile application"]),
    ("item", &["Fix the login page", "Write the release notes"]),
    ("board", &["Sprint board", "Support board"]),
    ("document", &["Landing page, draft 3", "Brand guidelines"]),
    ("workspace", &["Design team", "Marketing"]),
    ("tenant", &["Northwind Traders", "Hanse Logistics"]),
    ("organi", &["Northwind Traders", "Hanse Logistics"]),
    ("merchant", &["Harbour Coffee Roasters", "Northwind Traders"]),
    ("school", &["Riverside School", "Hill College"]),
    ("practice", &["Riverside Medical Centre", "Hill Clinic"]),
    ("venue", &["Harbour Hall", "Old Brewery"]),
    ("event", &["Spring concert", "Developer conference 2026"]),
    ("title", &["The Long Crossing", "Night Train North"]),
    ("site", &["Warehouse Hamburg", "Office Berlin"]),
    ("device", &["Cold store sensor 3", "Boiler room gateway"]),
    ("rule", &["Cold store too warm", "Device silent"]),
    ("check", &["Checkout page", "Public API"]),
    ("monitor", &["Checkout page", "Public API"]),
    ("template", &["Order confirmation", "Password reset"]),
    ("campaign", &["Spring newsletter", "Reactivation"]),
    ("service", &["Haircut", "Guided tour"]),
    ("resource", &["Room 12", "Table 4"]),
    ("offer", &["Starter bundle", "Season pass"]),
    ("dashboard", &["Weekly overview", "Revenue"]),
    ("chart", &["Sign-ups by week", "Revenue by country"]),
    ("conversation", &["Release planning", "Weekend trip"]),
    ("folder", &["Contracts", "Drafts"]),
    ("plan", &["Team", "Business"]),
    ("zone", &["City centre", "Harbour district"]),
];

/// Sentences for long texts.
const TEXTS: &[&str] = &[
    "Thanks, that solved it. The second step was the one I had missed.",
    "Short and plain, with the one detail that others asked for.",
    "We meet at the north entrance at nine; bring rain gear.",
];

/// A row's identifier: version 7 of UUID, its time in 2026, the rest from the entity and the number.
pub(crate) fn identifier(entity: &str, n: usize) -> String {
    let hash = blake3::hash(format!("{entity}/{n}").as_bytes());
    let hex = hash.to_hex();
    // 0x019c8... is a moment in 2026; later rows get later times.
    let time = 0x019c_8f00_0000_u64 + 4_096 * u64::try_from(n).unwrap_or(0) % 0x0fff_ffff;
    format!("{:08x}-{:04x}-7{}-a{}-{}", time >> 16, time & 0xffff, &hex[0..3], &hex[3..6], &hex[6..18])
}

/// A value of a field; `n` tells rows apart.
#[must_use]
pub fn value(contract: &Contract, field: &Field, n: usize) -> Value {
    of_form(contract, &field.form, &field.name, &field.owner, n)
}

/// A record with a value for every field.
#[must_use]
pub fn record(contract: &Contract, record: &Record, n: usize) -> Value {
    nested(contract, record, n, 0)
}

/// A record as an example shows it: a row to which nothing has happened yet, and one of several things it may be about.
pub(crate) fn example(contract: &Contract, shape: &Record) -> Value {
    let mut value = record(contract, shape, 0);
    plausible(contract, shape, &mut value);
    value
}

fn plausible(contract: &Contract, shape: &Record, value: &mut Value) {
    let Value::Object(row) = value else { return };
    let mut refers = false;
    for field in &shape.fields {
        let past = shape.entity.is_some() && matches!(field.form, Form::Time | Form::Date);
        let optional = !field.required;
        let again = optional && matches!(field.form, Form::Uuid(_)) && std::mem::replace(&mut refers, true);
        if optional && past && !is_ahead(&field.name) || again {
            row.remove(&field.name);
            continue;
        }
        let (inner, made) = (super::form::inner(&field.form), row.get_mut(&field.name));
        let (Some(inner), Some(made)) = (inner, made) else { continue };
        let inner = contract.record(inner);
        match made {
            Value::Array(rows) => rows.iter_mut().for_each(|r| plausible(contract, inner, r)),
            one => plausible(contract, inner, one),
        }
    }
}

/// Whether a time lies ahead rather than that something has happened.
fn is_ahead(name: &str) -> bool {
    ["until", "due", "expires", "starts", "opens", "before", "birth", "published", "updated"]
        .iter()
        .any(|w| name.contains(w))
}

fn nested(contract: &Contract, record: &Record, n: usize, depth: u8) -> Value {
    if depth > 4 {
        return json!({});
    }
    if record.any {
        return json!({"event": "something.happened", "object": {"reference": "1N3T00LkdIwHu7ix"}});
    }
    // One item is sent in examples, and it is taken.
    let named = |n: usize| record.fields.get(n).map(|f| f.name.as_str());
    if record.entity.is_none()
        && record.fields.len() == 2
        && (named(0), named(1)) == (Some("accepted"), Some("refused"))
    {
        return json!({"accepted": 1, "refused": []});
    }
    Value::Object(
        record.fields.iter().map(|f| (f.name.clone(), within(contract, f, n, depth))).collect::<Map<_, _>>(),
    )
}

fn within(contract: &Contract, field: &Field, n: usize, depth: u8) -> Value {
    match &field.form {
        Form::Record(name) => nested(contract, contract.record(name), n, depth + 1),
        Form::List(of, _) => match &**of {
            Form::Record(name) => json!([nested(contract, contract.record(name), n, depth + 1)]),
            other => json!([of_form(contract, other, &field.name, &field.owner, n)]),
        },
        _ => value(contract, field, n),
    }
}

fn of_form(contract: &Contract, form: &Form, name: &str, owner: &str, n: usize) -> Value {
    match form {
        // A row that refers to its own kind refers to another row.
        Form::Uuid(entity)
            if entity == owner && name != "id" && !name.starts_with(&*entity.replace('-', "_")) =>
        {
            json!(identifier(entity, n + 1))
        }
        Form::Uuid(entity) => json!(identifier(entity, n)),
        Form::Text(text) => json!(words_of(text, name, owner, n)),
        Form::Integer(least, most) => json!(known::whole(name).unwrap_or(5).clamp(*least, *most)),
        Form::Money(least, most) => {
            json!((amount(name) + 500 * i64::try_from(n % 7).unwrap_or(0)).clamp(*least, *most))
        }
        Form::Decimal => json!(["12.50", "0.75", "3.20"][n % 3]),
        Form::Float(least, most) => json!([21.5_f64, 0.75, 3.25][n % 3].clamp(*least, *most)),
        Form::Currency => json!("EUR"),
        Form::Boolean => json!(n.is_multiple_of(2)),
        Form::Time => json!(moment(name, n)),
        Form::Date => json!(moment(name, n)[..10]),
        Form::Words(words) => json!(word(words, n)),
        Form::Document => document(name, n),
        Form::Documents(_) => json!([document(name, n)]),
        Form::Url => json!(address(name, owner, n)),
        Form::Email => json!(mail(n)),
        Form::Point => json!({"latitude": 52.52, "longitude": 13.405}),
        Form::Bytes => json!("iVBORw0KGgo="),
        Form::Record(name) => record(contract, contract.record(name), n),
        Form::List(of, _) => json!([of_form(contract, of, name, owner, n)]),
    }
}

/// The first example is a row in use, not a draft.
fn word(words: &[String], n: usize) -> &str {
    const USUAL: &[&str] =
        &["on-sale", "published", "active", "confirmed", "paid", "listed", "live", "ready", "online", "open"];
    let usual = USUAL.iter().find_map(|u| words.iter().position(|w| w == u)).unwrap_or(0);
    &words[(usual + n) % words.len()]
}

fn mail(n: usize) -> String {
    let more = if n < PEOPLE.len() { String::new() } else { format!(".{n}") };
    format!("{}{more}@example.com", person(n).0.to_lowercase())
}

fn person(n: usize) -> (&'static str, &'static str) {
    PEOPLE[n % PEOPLE.len()]
}

fn is_person(owner: &str) -> bool {
    const WORDS: &[&str] = &[
        "user",
        "account",
        "customer",
        "person",
        "patient",
        "member",
        "author",
        "staff",
        "player",
        "driver",
        "guest",
        "profile",
        "recipient",
        "reader",
        "buyer",
        "payer",
        "learner",
    ];
    WORDS.iter().any(|w| owner.contains(w))
}

fn words_of(text: &Text, name: &str, owner: &str, n: usize) -> String {
    if name == "slug"
        && let Some((_, names)) = THINGS.iter().find(|(word, _)| owner.contains(word))
    {
        let more = if n < names.len() { String::new() } else { format!("-{n}") };
        return format!("{}{more}", kebab(names[n % names.len()]));
    }
    if !text.example.is_empty() {
        // Rows are told apart by what is unique.
        const UNIQUE: &[&str] = &[
            "slug",
            "sku",
            "number",
            "serial",
            "handle",
            "code",
            "login",
            "key",
            "reference",
            "plate",
            "id",
        ];
        let more = n > 0
            && text.most >= 20
            && UNIQUE.iter().any(|u| name.ends_with(u))
            && text.pattern.contains("0-9");
        return if more { format!("{}{n}", text.example) } else { text.example.to_owned() };
    }
    if *text == Text::LONG && ["public_key", "certificate", "pem"].iter().any(|w| name.ends_with(w)) {
        return "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----".to_owned();
    }
    if *text == Text::LONG {
        return TEXTS[n % TEXTS.len()].to_owned();
    }
    let thing = THINGS.iter().find(|(word, _)| owner.contains(word));
    let made = match thing {
        _ if name == "name" && is_person(owner) => format!("{} {}", person(n).0, person(n).1),
        Some((_, names)) if matches!(name, "name" | "title") => names[n % names.len()].to_owned(),
        _ if matches!(name, "name" | "title") => format!("{} {}", capital(&words(owner)), n + 1),
        _ => format!("{} {}", capital(&words(name)), n + 1),
    };
    made.chars().take(text.most as usize).collect()
}

fn amount(name: &str) -> i64 {
    match name {
        _ if name.contains("tax") => 741,
        _ if name.contains("fee") => 135,
        _ if name.contains("refunded") => 0,
        _ if name.contains("total") || name.contains("amount") => 4_640,
        _ if name.contains("balance") => 128_450,
        _ => 2_320,
    }
}

/// Things begin after they are made and end after they began.
fn moment(name: &str, n: usize) -> String {
    let day = 1 + n % 27;
    let (month, hour) = match name {
        _ if name.starts_with("created") => (3, 9),
        _ if name.starts_with("updated") => (3, 11),
        _ if name.contains("ends")
            || name.contains("until")
            || name.contains("expires")
            || name.contains("before") =>
        {
            (9, 21)
        }
        _ if name.contains("starts")
            || name.contains("due")
            || name.contains("send_a")
            || name.contains("opens") =>
        {
            (9, 18)
        }
        _ if name.contains("birth") => return format!("19{:02}-05-{day:02}T00:00:00Z", 70 + n % 29),
        _ => (3, 10),
    };
    format!("2026-{month:02}-{day:02}T{hour:02}:30:00Z")
}

fn address(name: &str, owner: &str, n: usize) -> String {
    let id = identifier(owner, n);
    match name {
        _ if name.contains("image")
            || name.contains("photo")
            || name.contains("avatar")
            || name.contains("portrait") =>
        {
            format!("https://files.example.com/{}/{}.jpg", words(owner).replace(' ', "-"), &id[..8])
        }
        _ if name.contains("upload") || name.contains("download") => {
            format!("https://files.example.com/{}?expires=1772443800&signature=3f9ac2", &id[..8])
        }
        _ if name.contains("webhook") || name == "url" || name.contains("callback") => {
            "https://hooks.example.com/incoming".to_owned()
        }
        _ => format!("https://www.example.com/{}/{}", words(owner).replace(' ', "-"), &id[..8]),
    }
}

/// Documents by a word in their name.
fn document(name: &str, n: usize) -> Value {
    let has = |word: &str| name.contains(word);
    match () {
        () if has("address") => {
            let (given, family) = person(n);
            json!({"name": format!("{given} {family}"), "street": "Hafenstrasse 12", "postal_code": "20457", "city": "Hamburg", "country": "DE"})
        }
        () if has("setting") || has("preference") => json!({"theme": "dark", "weekly_digest": true}),
        () if has("attribute") || has("option") => json!({"colour": "blue", "size": "42"}),
        () if name == "data" => json!({"id": identifier("data", n), "state": "done"}),
        () if has("image") || has("rendition") => {
            json!({"url": "https://files.example.com/018f3c1e-640.jpg", "width": 640, "height": 480})
        }
        () if has("rule") || has("condition") => json!({"field": "value", "above": 8}),
        () if has("answer") => json!({"question": 1, "answer": "b"}),
        () if has("question") => json!({"question": "What is the median of 1, 4 and 9?", "points": 2}),
        () if has("filter") || has("query") => json!({"country": "DE", "period": "last-30-days"}),
        () if has("layout") => json!({"columns": 2, "charts": 6}),
        () if has("channel") => json!({"kind": "email", "address": "ops@example.com"}),
        () if has("reported") || has("desired") => json!({"target_temperature": 4.0, "fan": "auto"}),
        () if has("variable") => json!({"first_name": "Ada", "order_number": "A-2026-004217"}),
        () if has("change") => json!({"state": ["open", "done"]}),
        () if has("area") => {
            json!({"type": "Polygon", "coordinates": [[[9.9, 53.5], [10.1, 53.5], [10.0, 53.6], [9.9, 53.5]]]})
        }
        () if has("stage") => json!({"share_percent": 5, "wait_hours": 24}),
        () if has("schema") => json!({"fields": ["plan", "country"], "strict": true}),
        () if has("content") || has("body") => json!({"type": "paragraph", "text": "See you at nine."}),
        () if has("consent") => json!({"newsletter": true, "given_at": "2026-03-02T09:30:00Z"}),
        () if has("detail") || has("payload") || has("response") => json!({"source": "web", "attempt": 1}),
        () => json!({"kind": "standard", "value": 1}),
    }
}

/// The record that a call answers with, as it is after the call: what was sent is there, what is new has counted
/// nothing yet, and what an action leads to has come about.
pub(crate) fn answer(contract: &Contract, call: &Call, name: &str) -> Value {
    let shape = contract.record(name);
    let mut value = example(contract, shape);
    let Value::Object(row) = &mut value else { return value };
    let sent = call.body.as_ref().map(|(body, _)| super::openapi::body_example(contract, body));
    let sent = sent.as_ref().and_then(Value::as_object);
    let has_amount = shape.fields.iter().any(|f| f.name == "amount" && matches!(f.form, Form::Money(..)));
    for field in &shape.fields {
        let said = sent.and_then(|s| s.get(&field.name)).filter(|_| field.name != "id");
        if let Some(said) = said {
            row.insert(field.name.clone(), said.clone());
            continue;
        }
        match call.effect {
            Effect::Create => fresh(field, row),
            Effect::Change if call.method == "POST" => led_to(call, field, has_amount, row),
            _ => {}
        }
    }
    value
}

/// A field of a row that was made this moment.
fn fresh(field: &Field, row: &mut Map<String, Value>) {
    let kept = matches!(field.name.as_str(), "version" | "sequence" | "number" | "amount");
    match &field.form {
        _ if kept || field.name == "created_at" || field.name == "updated_at" => {}
        Form::Time | Form::Money(..) | Form::Integer(..) if !field.required => {
            row.remove(&field.name);
        }
        // What begins has the first of its states.
        Form::Words(words) if matches!(field.name.as_str(), "state" | "status") => {
            if let Some(first) = words.first() {
                row.insert(field.name.clone(), json!(first));
            }
        }
        Form::Integer(least, most) => {
            row.insert(field.name.clone(), json!(0.clamp(*least, *most)));
        }
        Form::Money(least, most) => {
            row.insert(field.name.clone(), json!(0.clamp(*least, *most)));
        }
        _ => {}
    }
}

/// A field of a row after an action: its state, and of what amounts only that of the action.
fn led_to(call: &Call, field: &Field, has_amount: bool, row: &mut Map<String, Value>) {
    let verb = call.path.rsplit('/').find(|s| !s.starts_with('{')).unwrap_or_default();
    let stem = verb.trim_end_matches('e');
    let is_stem = |word: &str| stem.len() > 3 && word.starts_with(stem);
    match &field.form {
        Form::Words(words) if matches!(field.name.as_str(), "state" | "status") => {
            let done = words.iter().find(|w| is_stem(w));
            // What has a side effect outside does not leave a row as it was made.
            if let Some(word) = done.or_else(|| words.get(1).filter(|_| call.keyed)) {
                row.insert(field.name.clone(), json!(word));
            }
        }
        Form::Money(least, most) if has_amount && field.name != "amount" => {
            let whole = row.get("amount").and_then(Value::as_i64).unwrap_or(0);
            let value = if is_stem(&field.name) { whole } else { 0 };
            row.insert(field.name.clone(), json!(value.clamp(*least, *most)));
        }
        _ => {}
    }
}

/// The identifier of a row of an entity.
#[must_use]
pub fn row_id(entity: &Id, n: usize) -> String {
    identifier(entity.as_str(), n)
}
