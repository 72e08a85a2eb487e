//! The records of a contract: rows, what is sent to make and change them, pages, views, batches.

use indexmap::IndexMap;
use loadcase_model::{Access, AccessKind, Blueprint, FieldType, Id};

use super::contract::{Field, Form, Record, Text};
use super::entity::{Setting, is_open, keys, readable, settable};
use super::form::{field, unique};
use super::known::EXACT;
use super::naming::{Taken, pascal, plural, snake};
use crate::data::columns::Column;
use crate::text::{capital, clean, sentence, words};

/// Flags, states and times that have no usual value: who makes a row says them.
const SAID: &[&str] = &["starts_at", "ends_at", "kind", "role", "reason", "measure", "ground", "platform"];

/// What holds for a time that was taken elsewhere.
pub(super) const OBSERVED: &str = " By the sender's clock, as it was observed. An item more than five minutes ahead of the server's clock is refused, and so is one that is older than such items are kept.";

/// Most rows of a list inside another answer, unless its access reads more.
const INSIDE: u32 = 200;

/// Records under construction, each under the name its first user wanted.
pub(crate) struct Records<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) made: IndexMap<String, Record>,
    names: IndexMap<String, String>,
    taken: Taken,
    /// Whether the operation at hand names the fields of its body, so that none is derived.
    pub(crate) said: bool,
}

/// A field made by hand.
pub(crate) fn plain(name: &str, form: Form, required: bool, about: &str) -> Field {
    Field { name: name.to_owned(), form, required, about: about.to_owned(), owner: String::new() }
}

/// Text of a fixed alphabet.
pub(crate) const fn token(most: u32, pattern: &'static str, example: &'static str) -> Form {
    Form::Text(Text { least: 1, most, pattern, example })
}

/// A cursor.
pub(crate) const CURSOR: Form = token(512, "^[A-Za-z0-9_-]*$", "eyJpZCI6IjAxOWM4ZjAwIn0");

impl<'a> Records<'a> {
    pub(crate) fn new(blueprint: &'a Blueprint) -> Self {
        // Names that the languages of contracts keep for themselves.
        let taken = Taken::with(&[
            "Problem",
            "Fault",
            "Query",
            "Mutation",
            "Subscription",
            "ID",
            "Int",
            "Float",
            "String",
            "Boolean",
            "PageInfo",
            "Node",
            "JSON",
            "DateTime",
            "Date",
            "UUID",
            "Decimal",
            "BigInt",
            "URL",
            "Email",
            "Bytes",
            "Point",
            "Timestamp",
            "Struct",
            "FieldMask",
            "Schema",
            "Object",
        ]);
        Self { blueprint, made: IndexMap::new(), names: IndexMap::new(), taken, said: false }
    }

    /// The record that `key` stands for, made when it is asked for first.
    pub(crate) fn named(
        &mut self,
        key: &str,
        wanted: &str,
        make: impl FnOnce(&mut Self) -> Record,
    ) -> String {
        if let Some(name) = self.names.get(key) {
            return name.clone();
        }
        let name = self.taken.free(wanted);
        self.names.insert(key.to_owned(), name.clone());
        // Its place is kept while what it holds is made.
        self.made.insert(name.clone(), Record::default());
        let record = make(self);
        self.made.insert(name.clone(), record);
        name
    }

    /// A row to be added to.
    fn copy(&self, row: &str) -> Record {
        Record { plain_row: false, ..self.made.get(row).cloned().unwrap_or_default() }
    }

    fn about(&self, id: &Id) -> String {
        let entity = self.blueprint.entities.get(id);
        let text = entity.map_or("", |e| if e.summary.is_empty() { &e.name } else { &e.summary });
        let text = sentence(&clean(text));
        if text.is_empty() { format!("{}.", capital(&words(id.as_str()))) } else { text }
    }

    fn columns(&self, id: &Id, open: bool) -> Vec<Column> {
        let entity = self.blueprint.entities.get(id);
        entity.map_or_else(Vec::new, readable).into_iter().filter(|c| !open || is_open(c)).collect()
    }

    /// A row as callers see it; `open`: as anybody does.
    pub(crate) fn row(&mut self, id: &Id, open: bool) -> String {
        let columns = self.columns(id, open);
        let all = columns.len() == self.columns(id, false).len();
        let (key, wanted) = if all {
            (format!("row {id}"), pascal(id.as_str()))
        } else {
            (format!("open {id}"), format!("Public{}", pascal(id.as_str())))
        };
        self.named(&key, &wanted, |records| Record {
            about: records.about(id),
            fields: unique(columns.iter().flat_map(|c| records.shown_column(id, c))),
            some: false,
            entity: Some(id.clone()),
            plain_row: true,
            any: false,
        })
    }

    /// How a column is shown: for the key of a stored file its address, signed for whoever reads the row.
    fn shown_column(&mut self, id: &Id, column: &Column) -> Vec<Field> {
        let name = snake(&column.name);
        if let Some(stem) = super::entity::stored(column) {
            let about = "Signed address of the bytes, for `GET`, until it expires; absent while there are none, or none that may be shown.";
            return vec![
                plain(&format!("{stem}_url"), Form::Url, false, about),
                plain(
                    &format!("{stem}_expires_at"),
                    Form::Time,
                    false,
                    "When the address stops working (UTC).",
                ),
            ];
        }
        let shown = field(column, id.as_str(), !column.optional);
        if column.kind == FieldType::Json && name.ends_with("renditions") {
            let form = Form::List(Box::new(Form::Record(self.rendition())), 20);
            return vec![Field { form, about: "Smaller forms of the picture.".to_owned(), ..shown }];
        }
        vec![shown]
    }

    /// A picture in one size.
    fn rendition(&mut self) -> String {
        let pixels = || Form::Integer(1, 100_000);
        self.object(
            "rendition",
            "Rendition",
            "A picture in one size, at an address signed for whoever reads it.",
            vec![
                plain("url", Form::Url, true, "Signed address of the bytes, for `GET`, until it expires."),
                plain("expires_at", Form::Time, true, "When the address stops working (UTC)."),
                plain("width", pixels(), true, "Width in pixels."),
                plain("height", pixels(), true, "Height in pixels."),
                plain(
                    "content_type",
                    Form::Text(super::known::text("content_type")),
                    true,
                    "Type of the bytes.",
                ),
            ],
        )
    }

    /// A row of which callers choose the fields: only its identifier is always there.
    pub(crate) fn part(&mut self, row: &str) -> String {
        self.named(&format!("part {row}"), &format!("{row}Part"), |records| {
            let mut record = records.copy(row);
            record.about.push_str(" Holds the fields that were asked for.");
            record.fields.iter_mut().for_each(|f| f.required = f.name == "id");
            record
        })
    }

    /// A list of rows or one row, as a field of an answer that shows an access.
    fn shown(&mut self, access: &Access, open: bool) -> Field {
        let id = &access.entity;
        let account = super::entity::is_account(self.blueprint, id);
        let row = self.row(id, open || account);
        let about = words(id.as_str());
        match access.kind {
            AccessKind::ReadMany => {
                let most = most(access.rows, INSIDE);
                let form = Form::List(Box::new(Form::Record(row)), most);
                plain(
                    &plural(id.as_str()),
                    form,
                    true,
                    &format!("Each {about} that belongs to it, loaded in one statement."),
                )
            }
            _ => plain(
                &snake(id.as_str()),
                Form::Record(row),
                false,
                &format!("The {about} that belongs to it."),
            ),
        }
    }

    /// A row with what belongs to it.
    pub(crate) fn whole(&mut self, call: &str, id: &Id, with: &[&Access], open: bool) -> String {
        let row = self.row(id, open);
        if with.is_empty() {
            return row;
        }
        let extra: Vec<Field> = with.iter().map(|a| self.shown(a, open)).collect();
        let entities: Vec<&str> = with.iter().map(|a| a.entity.as_str()).collect();
        self.named(
            &format!("whole {row} {}", entities.join(" ")),
            &format!("{}Answer", capital(call)),
            |records| {
                let mut record = records.copy(&row);
                record.fields = unique(record.fields.into_iter().chain(extra));
                record
            },
        )
    }

    /// A page of rows and what they refer to, each once.
    pub(crate) fn page(&mut self, call: &str, row: &str, most_rows: u32, with: &[&Access]) -> String {
        let extra: Vec<Field> = with
            .iter()
            .map(|a| {
                let form = Form::Record(self.row(&a.entity, true));
                let about = format!("Each {} that the items belong with, once.", words(a.entity.as_str()));
                plain(
                    &plural(a.entity.as_str()),
                    Form::List(Box::new(form), most(a.rows, most_rows.max(INSIDE))),
                    true,
                    &about,
                )
            })
            .collect();
        let included = (!extra.is_empty()).then(|| {
            self.named(&format!("included {call}"), &format!("{}Included", capital(call)), |_| Record {
                about: "What the items of a page refer to, so that nobody asks for each.".to_owned(),
                fields: unique(extra),
                ..Record::default()
            })
        });
        let key = format!("page {row} {most_rows} {}", included.as_deref().unwrap_or_default());
        let wanted =
            included.as_ref().map_or_else(|| format!("{row}Page"), |_| format!("{}Page", capital(call)));
        self.named(&key, &wanted, |_| {
            let items = Form::List(Box::new(Form::Record(row.to_owned())), most_rows);
            let mut fields = vec![
                plain("items", items, true, "Rows, in the order asked for."),
                plain("next_cursor", CURSOR, false, "Where the next page begins; absent on the last one."),
            ];
            fields.extend(
                included.map(|i| plain("included", Form::Record(i), true, "What the items refer to.")),
            );
            Record { about: "A page.".to_owned(), fields, ..Record::default() }
        })
    }

    /// Several things at once.
    pub(crate) fn view(&mut self, call: &str, title: &str, parts: &[&Access], open: bool) -> String {
        let fields: Vec<Field> = parts
            .iter()
            .map(|a| {
                if a.kind == AccessKind::Aggregate {
                    let form = Form::List(Box::new(Form::Record(self.totals(a))), INSIDE);
                    let name = format!("{}_totals", snake(a.entity.as_str()));
                    plain(
                        &name,
                        form,
                        true,
                        &format!("Counts of {} rows by group.", words(a.entity.as_str())),
                    )
                } else {
                    let mut field = self.shown(a, open);
                    field.about = field.about.replace(" that belongs to it", "");
                    field
                }
            })
            .collect();
        let about = sentence(&clean(title));
        self.named(&format!("view {call}"), &format!("{}Answer", capital(call)), |_| Record {
            about: if about.is_empty() { "What was asked for.".to_owned() } else { about },
            fields: unique(fields),
            ..Record::default()
        })
    }

    /// A count, and the sum of an amount, for each value of the last key.
    fn totals(&mut self, access: &Access) -> String {
        let id = &access.entity;
        let columns = self.columns(id, false);
        let group = keys(access).last().and_then(|k| columns.iter().find(|c| c.name == *k)).cloned();
        let sum = columns.iter().find(|c| matches!(c.kind, FieldType::Money)).cloned();
        let key = format!("totals {id} {}", group.as_ref().map_or("", |g| &g.name));
        self.named(&key, &format!("{}Totals", pascal(id.as_str())), |_| {
            let mut fields = Vec::new();
            if let Some(group) = group {
                let mut by = field(&group, id.as_str(), false);
                by.about = format!("The group: {}", by.about.to_lowercase());
                fields.push(by);
            }
            fields.push(plain("count", Form::Integer(0, EXACT), true, "How many rows."));
            if let Some(sum) = sum {
                let name = snake(&sum.name);
                fields.push(plain(
                    &format!("{name}_sum"),
                    Form::Money(-EXACT, EXACT),
                    true,
                    &format!("Sum of {} in minor units.", words(&name)),
                ));
                fields.push(plain("currency", Form::Currency, true, "Currency of the sum (ISO 4217)."));
            }
            Record {
                about: format!("Rows of one group: {}.", words(id.as_str())),
                fields: unique(fields),
                ..Record::default()
            }
        })
    }

    /// What a caller sends to make or change a row; `None` when there is nothing to say.
    pub(crate) fn input(
        &mut self,
        id: &Id,
        setting: Setting,
        path: &[String],
        extra: Vec<Field>,
    ) -> Option<String> {
        let entity = self.blueprint.entities.get(id).filter(|_| !self.said)?;
        let columns = settable(self.blueprint, id, entity, setting, path);
        let make = setting != Setting::Change;
        // Flags and states have a usual value that the server knows.
        let usual = |c: &Column| {
            matches!(
                c.kind,
                FieldType::Enum | FieldType::Boolean | FieldType::Currency | FieldType::Timestamp
            ) && !SAID.contains(&c.name.as_str())
        };
        // An amount without its currency is no amount.
        let amount = columns.iter().any(|c| c.kind == FieldType::Money);
        let usual =
            |c: &Column| usual(c) && setting != Setting::Report && !(amount && c.kind == FieldType::Currency);
        let own = columns.iter().map(|c| {
            let mut own = field(c, id.as_str(), make && !c.optional && !usual(c));
            if setting == Setting::Report && c.kind == FieldType::Timestamp {
                own.about.push_str(OBSERVED);
            }
            own
        });
        let mut known = Taken::default();
        let fields: Vec<Field> = extra
            .into_iter()
            .chain(own)
            .filter(|f| {
                !known.has(&f.name) && {
                    known.free(&f.name);
                    true
                }
            })
            .collect();
        if fields.is_empty() {
            return None;
        }
        let names: Vec<String> =
            fields.iter().map(|f| format!("{}{}", f.name, u8::from(f.required))).collect();
        let (prefix, verb) = if make { ("New", "make or replace") } else { ("Change", "change") };
        // What changes many rows names each by its keys.
        let entry = if !make && fields.iter().any(|f| f.required) { "Entry" } else { "" };
        let name = format!("{prefix}{}{entry}", pascal(id.as_str()));
        let about = format!("What it takes to {verb} this: {}", self.about(id));
        Some(self.named(&format!("{prefix} {id} {}", names.join(" ")), &name, |_| Record {
            about,
            fields,
            some: !make,
            ..Record::default()
        }))
    }

    /// Many rows in one request.
    pub(crate) fn batch(&mut self, row: &str, most_rows: u32) -> String {
        self.named(&format!("batch {row} {most_rows}"), &format!("{row}Batch"), |_| Record {
            about: "Many at once, in one request and one statement. What was taken before is not taken again, so a batch may be sent twice.".to_owned(),
            fields: vec![plain(
                "items",
                Form::List(Box::new(Form::Record(row.to_owned())), most_rows),
                true,
                "What to take, in order.",
            )],
            ..Record::default()
        })
    }

    /// What became of a batch.
    pub(crate) fn batch_result(&mut self, size: u32) -> String {
        let refused = self.named("refused", "RefusedItem", |_| Record {
            about: "An item of a batch that was not taken.".to_owned(),
            fields: vec![
                plain(
                    "index",
                    Form::Integer(0, i64::from(i32::MAX)),
                    true,
                    "Its place in the batch, from nought.",
                ),
                plain(
                    "detail",
                    Form::Text(Text { most: 500, example: "measured_at lies in the future", ..Text::LINE }),
                    true,
                    "Why.",
                ),
            ],
            ..Record::default()
        });
        let list = |refused: &str, most: u32| Form::List(Box::new(Form::Record(refused.to_owned())), most);
        let made = self.named("batch result", "BatchResult", |_| Record {
            about: "What became of a batch: items are taken one by one, so send only the refused ones again."
                .to_owned(),
            fields: vec![
                plain("accepted", Form::Integer(0, i64::from(i32::MAX)), true, "How many were taken."),
                plain("refused", list(&refused, size), true, "Those that were not."),
            ],
            ..Record::default()
        });
        // No more are refused than the largest batch holds.
        if let Some(Form::List(_, most)) =
            self.made.get_mut(&made).and_then(|r| r.fields.get_mut(1)).map(|f| &mut f.form)
        {
            *most = size.max(*most);
        }
        made
    }

    /// Identifiers of many rows.
    pub(crate) fn choice(&mut self, id: &Id) -> String {
        self.named(&format!("choice {id}"), &format!("{}Choice", pascal(id.as_str())), |_| Record {
            about: "The rows it is about.".to_owned(),
            fields: vec![plain(
                "ids",
                Form::List(Box::new(Form::Uuid(id.as_str().to_owned())), INSIDE),
                true,
                "Identifiers, each once.",
            )],
            ..Record::default()
        })
    }

    /// An object made by hand.
    pub(crate) fn object(&mut self, key: &str, wanted: &str, about: &str, fields: Vec<Field>) -> String {
        self.named(key, wanted, |_| Record {
            about: about.to_owned(),
            fields: unique(fields),
            ..Record::default()
        })
    }

    /// A row with fields that only its maker sees.
    pub(crate) fn with(&mut self, row: &str, suffix: &str, extra: Vec<Field>) -> String {
        if extra.is_empty() {
            return row.to_owned();
        }
        self.named(&format!("with {suffix} {row}"), &format!("{row}{suffix}"), |records| {
            let mut record = records.copy(row);
            record.fields = unique(record.fields.into_iter().chain(extra));
            record
        })
    }
}

/// A bound for a list that usually has so many rows.
pub(crate) fn most(rows: f64, least: u32) -> u32 {
    // Rows of a hand-written blueprint may be anything; lists stay within what one answer may hold.
    let rows = if rows.is_finite() { rows.clamp(1.0, 10_000.0) } else { 1.0 };
    least.max(round_up(rows))
}

/// Most rows of a request that usually brings so many.
pub(super) fn most_in_batch(rows: f64) -> u32 {
    most(rows * 10.0, 100).min(1_000)
}

/// The first of 10, 20, 50, 100, 200, 500 … that is not less.
pub(crate) fn round_up(rows: f64) -> u32 {
    const STEPS: [u32; 10] = [10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000];
    STEPS.into_iter().find(|s| f64::from(*s) >= rows).unwrap_or(10_000)
}
