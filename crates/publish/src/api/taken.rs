//! Bodies whose fields an operation names one by one.

use loadcase_model::{AccessKind, FieldType, Id, Operation, OwnField, Sensitivity, Taken, taken_column};

use super::contract::{Answer, Effect, Field, Form, Record, Text};
use super::draft::{Asked, Draft};
use super::form::{field, of_column};
use super::naming::{pascal, plural, snake};
use super::rows::{OBSERVED, most, plain, token};
use crate::data::bounds::longest;
use crate::data::columns::{Column, columns};
use crate::text::{capital, clean, sentence, words};

/// Most characters of a secret that callers hand over.
pub(super) const LONGEST_SECRET: usize = 4_096;

/// What the body of an operation is called by its name.
pub(super) fn request(name: &str) -> String {
    format!("{}Request", capital(name))
}

impl Draft<'_> {
    /// Gives an operation the body that it says it takes, and nothing else.
    pub(super) fn take(
        &mut self,
        name: &str,
        operation: &Operation,
        takes: &[Taken],
        partial: bool,
        asked: &mut Asked,
    ) {
        let (mut fields, lists) = self.taken_fields(operation, takes, asked.subject.as_ref());
        for (id, inner) in lists {
            let rows = operation.accesses.iter().find(|a| a.entity == id).map_or(1.0, |a| a.rows);
            let record = self.taken_record(
                &format!("each {name} {id}"),
                &format!("{}{}", capital(name), pascal(id.as_str())),
                inner,
                false,
            );
            fields.push(plain(
                &plural(id.as_str()),
                Form::List(Box::new(Form::Record(record)), most(rows, 50)),
                true,
                &format!("Each {} to make with it.", words(id.as_str())),
            ));
        }
        if asked.batch {
            let times = fields.iter_mut().filter(|f| f.form == Form::Time);
            times.for_each(|f| f.about.push_str(OBSERVED));
        }
        if partial {
            fields.iter_mut().for_each(|f| f.required = false);
        }
        // Who asks for a certificate gets it.
        if let (true, Answer::One(row)) =
            (fields.iter().any(|f| f.name == "certificate_request"), &asked.answer)
        {
            let pem = Form::Text(Text { least: 1, ..Text::LONG });
            let made = plain(
                "certificate",
                pem,
                true,
                "The new certificate with its chain, as PEM; it holds from now on.",
            );
            asked.answer = Answer::One(self.records.with(row, "Certified", vec![made]));
        }
        if fields.is_empty() {
            asked.body = None;
            return;
        }
        let needed = partial || fields.iter().any(|f| f.required);
        let entity = asked.subject.as_ref().map(|id| pascal(id.as_str()));
        let wanted = match (&entity, asked.effect) {
            (Some(entity), Effect::Create) => format!("New{entity}"),
            (Some(entity), Effect::Change) if partial => format!("Change{entity}"),
            (Some(entity), _) if asked.batch => format!("New{entity}"),
            _ => request(name),
        };
        // Two bodies of one record are told apart by what is done.
        let wanted = if self.records.made.contains_key(&wanted) { request(name) } else { wanted };
        let record = self.taken_record(&format!("takes {name}"), &wanted, fields, partial);
        asked.body = Some(match asked.batch_of {
            Some(size) => (self.records.batch(&record, size), true),
            None => (record, needed),
        });
    }

    fn taken_record(&mut self, key: &str, wanted: &str, fields: Vec<Field>, some: bool) -> String {
        let about = if some {
            "What may be changed; what is left out stays."
        } else {
            "What the caller says; the server knows the rest."
        };
        self.records.named(key, wanted, |_| Record {
            about: about.to_owned(),
            fields: super::form::unique(fields),
            some,
            ..Record::default()
        })
    }

    /// Fields of the body itself, and of rows that are made many at once with the main one.
    fn taken_fields(
        &self,
        operation: &Operation,
        takes: &[Taken],
        subject: Option<&Id>,
    ) -> (Vec<Field>, Vec<(Id, Vec<Field>)>) {
        let mut fields: Vec<Field> = Vec::new();
        let mut lists: Vec<(Id, Vec<Field>)> = Vec::new();
        for taken in takes {
            let word = match taken {
                Taken::Own(own) => {
                    fields.push(own_field(own));
                    continue;
                }
                Taken::Column(word) => word,
            };
            // A blueprint that names what is not there is refused when it is read.
            let Ok(found) = taken_column(word, &operation.accesses, &self.blueprint.entities) else {
                continue;
            };
            let entity = &self.blueprint.entities[found.entity];
            let Some(column) = columns(entity).into_iter().find(|c| c.name == found.field) else { continue };
            let mut one = taken_field(&column, found.entity, !found.optional);
            let many = |a: &loadcase_model::Access| {
                a.kind == AccessKind::Insert && a.entity == *found.entity && a.rows >= 2.0
            };
            if Some(found.entity) != subject && operation.accesses.iter().any(many) {
                match lists.iter_mut().find(|(id, _)| id == found.entity) {
                    Some((_, inner)) => inner.push(one),
                    None => lists.push((found.entity.clone(), vec![one])),
                }
                continue;
            }
            if fields.iter().any(|f| f.name == one.name) {
                one.name = format!("{}_{}", snake(found.entity.as_str()), one.name);
            }
            fields.push(one);
        }
        (fields, lists)
    }
}

/// A column as a caller says it.
fn taken_field(column: &Column, entity: &Id, required: bool) -> Field {
    let mut made = field(column, entity.as_str(), required && !column.optional);
    if column.sensitivity == Sensitivity::Secret && column.kind == FieldType::String {
        let most = longest(column).unwrap_or(LONGEST_SECRET).min(LONGEST_SECRET);
        made.form = secret(u32::try_from(most).unwrap_or(u32::MAX));
        made.about = format!("{}; kept secret, never answered.", capital(&words(&made.name)));
    }
    made
}

/// A secret that a provider made for the caller, who hands it on.
pub(super) const fn secret(most: u32) -> Form {
    token(most, "^[!-~]+$", "tok-1N3T00LkdIwHu7ix")
}

/// A field that no row has.
fn own_field(own: &OwnField) -> Field {
    let column = Column::sent(own);
    let name = snake(own.name.as_str());
    let form = match own.kind {
        FieldType::String if name.ends_with("password") => super::command::password(),
        FieldType::String if ["token", "code", "secret"].iter().any(|w| name.ends_with(w)) => {
            token(512, "^[A-Za-z0-9._~+/=-]+$", "Zk3vQ9sT1mXbR7wYc5Ld0A")
        }
        FieldType::Text => Form::Text(Text { least: 1, ..Text::LONG }),
        _ => of_column(&column, own.to.as_ref().map_or("", Id::as_str)),
    };
    let form = match own.most {
        Some(most) => Form::List(Box::new(form), most.clamp(1, 10_000)),
        None => form,
    };
    plain(&name, form, !own.optional, &sentence(&clean(&own.summary)))
}
