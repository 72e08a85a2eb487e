//! What changes something: what is sent, what comes back, what becomes of the rows.

use loadcase_model::{Access, AccessKind, Blueprint, FieldType, Id, Operation, OperationKind, Sensitivity};

use super::contract::{Answer, Effect, Field, Form, Text};
use super::draft::{Asked, Draft};
use super::entity::{Setting, is_account, is_bookkeeping, is_permission, keys, names, writes};
use super::filter;
use super::known;
use super::naming::{pascal, plural, snake};
use super::path::parameters;
use super::read::{Read, understand};
use super::rows::{most, most_in_batch, plain, token};
use crate::text::{capital, words};

impl<'a> Draft<'a> {
    pub(super) fn command(
        &mut self,
        name: &str,
        operation: &'a Operation,
        path: &str,
        method: &'static str,
    ) -> Asked {
        if let Some(asked) = self.sign_in(operation, path, method).or_else(|| self.forgotten(operation, path))
        {
            return asked;
        }
        let known = |id: &Id| self.blueprint.entities.contains_key(id);
        let written: Vec<_> =
            operation.accesses.iter().filter(|a| writes(a.kind) && known(&a.entity)).collect();
        let in_path = self.known_by(path);
        let subject = subject(self.blueprint, &written, path, method);
        let Some(main) = subject else { return self.computed(name, operation, path) };
        let id = &main.entity;
        let by_key = path.ends_with('}');
        let flows = operation.kind == OperationKind::Stream && main.kind == AccessKind::Insert;
        let many = (main.rows >= 2.0 || flows || operation.batch && main.kind == AccessKind::Insert)
            && !by_key
            && main.kind != AccessKind::Delete
            && !is_bookkeeping(id);
        match (method, main.kind) {
            ("DELETE", _) => Asked::new(Some(id.clone()), Answer::Done, Effect::Remove),
            (_, AccessKind::Delete) => {
                let replaced = written.iter().any(|a| a.entity == *id && a.kind == AccessKind::Insert);
                let effect = if replaced { Effect::Change } else { Effect::Remove };
                Asked::new(Some(id.clone()), Answer::Done, effect)
            }
            ("POST", AccessKind::Update) if many => {
                let mut asked = Asked::new(Some(id.clone()), Answer::Done, Effect::None);
                asked.body = Some((self.records.choice(id), true));
                asked.batch = true;
                asked
            }
            _ if many => self.batch(main, method, &in_path),
            ("POST", AccessKind::Insert) => self.create(operation, main, &in_path),
            ("POST", _) => {
                let record = self.records.row(id, false);
                let mut extra = self.asked_for(operation, id, &in_path);
                extra.extend(said_with(self.blueprint, id, path));
                extra.extend(linked(operation, path));
                let mut asked = Asked::new(Some(id.clone()), Answer::One(record), Effect::Change);
                asked.body = self.record_of("act", name, extra);
                asked
            }
            ("PATCH", _) => {
                let body = self.records.input(id, Setting::Change, &in_path, Vec::new());
                let record = self.records.row(id, false);
                let mut asked = Asked::new(Some(id.clone()), Answer::One(record), Effect::Change);
                asked.body = body.map(|b| (b, true));
                asked
            }
            _ => self.put(name, operation, main, path, &in_path),
        }
    }

    /// Fields that the path says: its parameters, and the rows its nouns stand for.
    fn known_by(&self, path: &str) -> Vec<String> {
        let mut known = parameters(path);
        for segment in path.split('/').filter(|s| !s.starts_with('{')) {
            let noun = self.blueprint.entities.keys().find(|id| names(segment, id.as_str()));
            known.extend(noun.map(|id| format!("{}_id", snake(id.as_str()))));
        }
        known
    }

    /// A body of what an action asks for.
    pub(super) fn record_of(&mut self, kind: &str, name: &str, fields: Vec<Field>) -> Option<(String, bool)> {
        if fields.is_empty() || self.records.said {
            return None;
        }
        let needed = fields.iter().any(|f| f.required);
        let wanted = super::taken::request(name);
        Some((
            self.records.object(
                &format!("{kind} {name}"),
                &wanted,
                "What the operation needs to know.",
                fields,
            ),
            needed,
        ))
    }

    fn put(
        &mut self,
        name: &str,
        operation: &Operation,
        main: &Access,
        path: &str,
        in_path: &[String],
    ) -> Asked {
        let id = &main.entity;
        let record = self.records.row(id, false);
        let mut asked = Asked::new(Some(id.clone()), Answer::One(record), Effect::Put);
        let last = path.rsplit('/').next().unwrap_or_default();
        // `PUT /orders/{order_id}/driver` sets one reference of the order.
        let reference = self.blueprint.entities.get(id).and_then(|e| {
            e.fields.iter().find(|f| f.to.as_ref().is_some_and(|to| to.as_str() == last && to != id))
        });
        let body = match reference {
            Some(field) => {
                let set = snake(field.name.as_str());
                let form = Form::Uuid(last.to_owned());
                let field = plain(&set, form, true, &format!("Identifier of the {}.", words(last)));
                Some(self.records.object(
                    &format!("set {id} {set}"),
                    &format!("Set{}", pascal(&set)),
                    "What to set.",
                    vec![field],
                ))
            }
            None => {
                let extra = self.asked_for(operation, id, in_path);
                let noun = path.rsplit('/').find(|s| !s.starts_with('{')).unwrap_or_default();
                let whole = names(noun, id.as_str()) || path.ends_with('}');
                match (whole, extra.is_empty()) {
                    (true, _) => self.records.input(id, Setting::Make, in_path, extra),
                    // `PUT /cart/voucher` sets what it names, not the whole cart.
                    (false, false) => self.record_of("put", name, extra).map(|(record, _)| record),
                    (false, true) => self.records.input(id, Setting::Change, in_path, extra),
                }
            }
        };
        asked.body = body.map(|b| (b, true));
        asked
    }

    fn batch(&mut self, main: &Access, method: &'static str, in_path: &[String]) -> Asked {
        let id = &main.entity;
        let insert = main.kind == AccessKind::Insert;
        let which: Vec<Field> = if insert {
            Vec::new()
        } else {
            let columns = self.blueprint.entities.get(id).map_or_else(Vec::new, super::entity::readable);
            keys(main)
                .into_iter()
                .filter(|k| !in_path.contains(&snake(k)))
                .filter_map(|k| columns.iter().find(|c| c.name == k))
                .map(|c| super::form::field(c, id.as_str(), true))
                .collect()
        };
        let setting = if insert { Setting::Report } else { Setting::Change };
        let setting = if method == "PUT" { Setting::Make } else { setting };
        let row = self.records.input(id, setting, in_path, which);
        let size = most_in_batch(main.rows);
        let result = self.records.batch_result(size);
        let mut asked = Asked::new(Some(id.clone()), Answer::One(result), Effect::None);
        asked.batch_of = Some(size);
        if let Some(row) = row {
            asked.body = Some((self.records.batch(&row, size), true));
        }
        asked.batch = true;
        asked
    }

    fn create(&mut self, operation: &'a Operation, main: &Access, in_path: &[String]) -> Asked {
        let id = &main.entity;
        let entity = self.blueprint.entities.get(id);
        let secrets: Vec<&loadcase_model::Field> = entity
            .into_iter()
            .flat_map(|e| &e.fields)
            .filter(|f| f.sensitivity == Sensitivity::Secret)
            .collect();
        let has = |word: &str| entity.is_some_and(|e| e.fields.iter().any(|f| f.name == *word));
        let mut extra = self.asked_for(operation, id, in_path);
        if secrets.iter().any(|s| s.name.as_str().contains("password")) {
            extra.push(plain("password", password(), true, "Password; kept as a hash only."));
        }
        if !id.as_str().contains("key") {
            extra.extend(secrets.iter().filter_map(|f| handed(f)));
        }
        extra.extend(linked(operation, ""));
        extra.extend(attached(self.blueprint, operation, id));
        extra.extend(self.children(operation, id, in_path));
        let mut shown = Vec::new();
        let mut suffix = "Secret";
        if has("object_key") || has("image_key") {
            suffix = "Upload";
            shown.push(plain(
                "upload_url",
                Form::Url,
                true,
                "Where to send the bytes with `PUT`, until it expires; they never pass through this API.",
            ));
            shown.push(plain("upload_expires_at", Form::Time, true, "When the address stops working (UTC)."));
        }
        let shows = ["key", "endpoint", "checkout"].iter().any(|word| id.as_str().contains(word));
        if !secrets.is_empty() && shows {
            shown.push(plain(
                "secret",
                token(128, "^[A-Za-z0-9_-]+$", "lc_live_8f3kZq1v0TnYw5RbXc7d"),
                true,
                "Shown this once: only its hash is kept.",
            ));
        }
        let row = self.records.row(id, false);
        let row = self.records.with(&row, suffix, shown);
        let mut asked = Asked::new(Some(id.clone()), Answer::Created(row), Effect::Create);
        let known: Vec<String> =
            in_path.iter().cloned().chain(given(self.blueprint, operation, id)).collect();
        asked.body = self.records.input(id, Setting::Make, &known, extra).map(|b| (b, true));
        asked
    }

    /// Rows that are made together with the main one, where the caller has to name them.
    fn children(&mut self, operation: &'a Operation, id: &Id, in_path: &[String]) -> Vec<Field> {
        if operation.accesses.iter().any(|a| a.kind == AccessKind::ReadMany) {
            return Vec::new();
        }
        let mut fields = Vec::new();
        for access in &operation.accesses {
            let child = &access.entity;
            let entity = self.blueprint.entities.get(child);
            let parent = self.blueprint.entities.get(id);
            let tenant = parent.is_some_and(|e| crate::data::is_tenants(id, e));
            let refers = entity.is_some_and(|e| {
                tenant && e.tenant_scoped || e.fields.iter().any(|f| f.to.as_ref() == Some(id))
            });
            if access.kind != AccessKind::Insert
                || access.rows < 2.0
                || child == id
                || !refers
                || is_bookkeeping(child)
            {
                continue;
            }
            let mut path = in_path.to_vec();
            path.push(format!("{}_id", snake(id.as_str())));
            if let Some(row) = self.records.input(child, Setting::Make, &path, Vec::new()) {
                let name = plural(child.as_str());
                let form = Form::List(Box::new(Form::Record(row)), most(access.rows, 50));
                fields.push(plain(
                    &name,
                    form,
                    !["tag", "image"].iter().any(|w| child.as_str().contains(w)),
                    &format!("Each {} to make with it.", words(child.as_str())),
                ));
            }
        }
        fields
    }

    /// What an operation looks up by a value that only its caller knows.
    fn asked_for(&self, operation: &Operation, subject: &Id, in_path: &[String]) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        let refers = |id: &Id| {
            self.blueprint
                .entities
                .get(subject)
                .is_some_and(|e| e.fields.iter().any(|f| f.to.as_ref() == Some(id)))
        };
        for access in operation.accesses.iter().filter(|a| a.kind == AccessKind::ReadOne) {
            let id = &access.entity;
            // The row itself is named by the path, unless it is looked up by something printed on it.
            if id == subject
                && (!in_path.is_empty() && in_path.iter().any(|p| p.ends_with("_id"))
                    || keys(access) == ["id"])
            {
                continue;
            }
            let Some(entity) = self.blueprint.entities.get(id) else { continue };
            let [key] = keys(access)[..] else { continue };
            let own = format!("{}_id", snake(id.as_str()));
            if is_permission(self.blueprint, access) || is_bookkeeping(id) || is_account(self.blueprint, id) {
                continue;
            }
            if key == "id" && refers(id) {
                continue;
            }
            if key == "id" {
                let stem = own.trim_end_matches("_id");
                if !in_path.iter().any(|p| *p == own || stem.ends_with(p.trim_end_matches("_id"))) {
                    let form = Form::Uuid(id.as_str().to_owned());
                    fields.push(plain(
                        &own,
                        form,
                        true,
                        &format!("Identifier of the {}.", words(id.as_str())),
                    ));
                }
            } else if let Some(column) = super::entity::readable(entity).into_iter().find(|c| c.name == key)
                && column.to.is_none()
                && !in_path.contains(&snake(key))
                && !["visitor_key", "slug", "certificate_print", "device_key"].contains(&key)
            {
                fields.push(super::form::field(&column, id.as_str(), true));
            }
        }
        fields
    }

    /// A question that is sent as a body, or something that leaves no row.
    fn computed(&mut self, name: &str, operation: &'a Operation, path: &str) -> Asked {
        let fields = match understand(self.blueprint, operation, path) {
            Read::Nothing => vec![
                plain("kind", token(60, "^[a-z0-9._-]+$", "standard"), true, "What it is."),
                plain("detail", Form::Document, false, "What is told."),
            ],
            _ => filter::as_fields(self.blueprint, operation, path),
        };
        let shown: Vec<_> = operation
            .accesses
            .iter()
            .filter(|a| {
                !writes(a.kind)
                    && self.blueprint.entities.contains_key(&a.entity)
                    && !is_permission(self.blueprint, a)
            })
            .collect();
        let mut asked = if shown.is_empty() {
            Asked::new(None, Answer::Accepted, Effect::None)
        } else {
            let record = self.records.view(name, &operation.name, &shown, operation.roles.is_empty());
            Asked::new(None, Answer::One(record), Effect::None)
        };
        asked.body = self.record_of("compute", name, fields);
        asked
    }
}

/// References that the caller of an operation need not say: to rows made with it, and to rows that take this one in
/// when they are made.
fn given(blueprint: &Blueprint, operation: &Operation, id: &Id) -> Vec<String> {
    let makes =
        |o: &Operation, to: &Id| o.accesses.iter().any(|a| a.kind == AccessKind::Insert && a.entity == *to);
    let attaches = |o: &Operation| {
        o.accesses.iter().any(|a| a.kind == AccessKind::Update && a.entity == *id && keys(a) == ["id"])
    };
    let fields = blueprint.entities.get(id).into_iter().flat_map(|e| &e.fields);
    let made = |to: &Id| {
        to != id
            && (makes(operation, to) || blueprint.operations.values().any(|o| makes(o, to) && attaches(o)))
    };
    fields.filter(|f| f.to.as_ref().is_some_and(made)).map(|f| snake(f.name.as_str())).collect()
}

/// Rows that are there already and become part of what is made: pictures that were uploaded before.
fn attached(blueprint: &Blueprint, operation: &Operation, id: &Id) -> Vec<Field> {
    let joins = |a: &&Access| {
        let entity = blueprint.entities.get(&a.entity);
        let refers = entity.is_some_and(|e| e.fields.iter().any(|f| f.optional && f.to.as_ref() == Some(id)));
        a.kind == AccessKind::Update && keys(a) == ["id"] && a.entity != *id && refers
    };
    let mut fields = Vec::new();
    for access in operation.accesses.iter().filter(joins) {
        let name = access.entity.as_str();
        fields.push(plain(
            &format!("{}_ids", snake(name)),
            Form::List(Box::new(Form::Uuid(name.to_owned())), 20),
            false,
            &format!("Identifiers of each {} to attach, in order.", words(name)),
        ));
    }
    fields
}

/// What a link or a label proves: the secret whose hash the operation looks up, and the new password where that is
/// what is set.
fn linked(operation: &Operation, path: &str) -> Vec<Field> {
    const SECRETS: &[(&str, &str, &str)] = &[
        ("token_hash", "token", "The secret from the link, good once."),
        ("claim_code_hash", "claim_code", "The code on the label, which proves that the device is at hand."),
    ];
    let looks_up = |key: &str| {
        let by = |a: &Access| a.kind == AccessKind::ReadOne && a.by.iter().any(|k| k.as_str() == key);
        operation.accesses.iter().any(by)
    };
    let secret = || token(128, "^[A-Za-z0-9_-]+$", "Zk3vQ9sT1mXbR7wYc5Ld0A");
    let found = SECRETS.iter().filter(|(key, ..)| looks_up(key));
    let mut fields: Vec<Field> = found.map(|(_, name, about)| plain(name, secret(), true, about)).collect();
    if path.ends_with("/passwords") && !fields.is_empty() {
        fields.push(plain("password", password(), true, "Password; kept as a hash only."));
    }
    fields
}

pub(super) fn password() -> Form {
    Form::Text(Text {
        least: 12,
        most: 128,
        pattern: "^[^\\r\\n]+$",
        example: "correct horse battery staple",
    })
}

/// What an action says beside which row it is about.
fn said_with(blueprint: &Blueprint, id: &Id, path: &str) -> Vec<Field> {
    const REASONED: &[&str] = &["cancel", "returns", "review", "resolution", "reject", "dispute"];
    let last = path.rsplit('/').next().unwrap_or_default();
    let amount = blueprint.entities.get(id).is_some_and(|e| e.fields.iter().any(|f| f.name == *"amount"));
    let mut fields = Vec::new();
    if last == "capture" && amount {
        fields.push(plain(
            "amount",
            amount_of(blueprint, id),
            false,
            "A part of what was authorised, in minor units; all of it unless given.",
        ));
    }
    if REASONED.contains(&last) {
        fields.push(plain("reason", Form::Text(super::known::text("reason")), false, "Why, for the record."));
    }
    fields
}

/// The type of an entity's amount.
fn amount_of(blueprint: &Blueprint, id: &Id) -> Form {
    let columns = blueprint.entities.get(id).map_or_else(Vec::new, super::entity::readable);
    let amount = columns.iter().find(|c| c.name == "amount" && c.kind == FieldType::Money);
    amount.map_or(Form::Money(0, super::known::EXACT), |c| super::form::of_column(c, id.as_str()))
}

/// The write an operation is about: the one its path names last, else what it makes, else what it changes.
fn subject<'a>(
    blueprint: &Blueprint,
    written: &[&'a Access],
    path: &str,
    method: &str,
) -> Option<&'a Access> {
    let segments: Vec<&str> = path.rsplit('/').filter(|s| !s.starts_with('{')).collect();
    let written: Vec<_> = written.iter().copied().filter(|a| !is_bookkeeping(&a.entity)).collect();
    // `PUT /orders/{order_id}/driver`: the order refers to the driver, and it is the order that changes.
    if let [last, before, ..] = segments[..]
        && let Some(parent) = written.iter().find(|a| names(before, a.entity.as_str()))
        && let Some(entity) = blueprint.entities.get(&parent.entity)
        && method == "PUT"
        && entity.fields.iter().any(|f| f.to.as_ref().is_some_and(|to| to.as_str() == last))
    {
        return Some(parent);
    }
    let insert = |a: &&&Access| a.kind == AccessKind::Insert;
    let in_order = || {
        let inserts = written.iter().filter(insert);
        inserts.chain(written.iter().filter(|a| !insert(a))).copied()
    };
    let last = segments.first().and_then(|segment| in_order().find(|a| names(segment, a.entity.as_str())));
    let parent = || {
        // A noun at the end of a POST that names no entity written makes something new, unless nothing is made.
        let makes = method == "POST" && written.iter().any(|a| a.kind == AccessKind::Insert);
        let parent = segments.iter().skip(1).find_map(|s| in_order().find(|a| names(s, a.entity.as_str())));
        if makes && parent.is_none() { in_order().next() } else { parent }
    };
    last.or_else(parent).or_else(|| in_order().next())
}

/// What a provider or a browser made for the caller: it is handed on, and never shown again.
fn handed(field: &loadcase_model::Field) -> Option<Field> {
    let name = snake(field.name.as_str());
    let form = match field.kind {
        FieldType::Json if name == "push_keys" => Form::Document,
        _ if name.ends_with("token") || name.contains("credential") => known::secret(&name).map_or_else(
            || token(known::SECRET, "^[A-Za-z0-9._~+/=-]+$", "tok-1N3T00LkdIwHu7ix"),
            Form::Text,
        ),
        _ => return None,
    };
    let required = field.kind != FieldType::Json;
    let about = format!("{}; kept secret, never answered.", capital(&words(field.name.as_str())));
    Some(plain(&name, form, required, &about))
}
