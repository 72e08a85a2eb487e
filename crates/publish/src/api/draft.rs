//! From the blueprint to the contract: every operation becomes a call or a message, in one language.

use indexmap::IndexMap;
use loadcase_model::{AccessKind, Blueprint, Id, Operation, OperationKind, Sensitivity};

use super::contract::{Access as May, Answer, Call, CallKind, Contract, Effect, Field, Form, Language, Page, Style, Text};
use super::entity::{Setting, is_account, is_bookkeeping, is_permission, keys, names, writes};
use super::filter;
use super::naming::{Taken, camel, kebab, pascal, snake};
use super::path::{Paths, parameter, parameters};
use super::read::{Read, understand};
use super::rows::{Records, most, plain, round_up, token};
use super::security::{Scheme, accepted_by, in_order};
use super::{inside, said};
use crate::text::{capital, clean, listed, sentence, words};

/// What of the decisions a contract depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The style of requests.
    pub style: Style,
    /// Whether callers carry access tokens with scopes.
    pub tokens: bool,
}

/// Most rows of a page unless an operation reads more, and how many without being asked.
pub(crate) const MOST_ROWS: u32 = 200;
pub(crate) const USUAL_ROWS: u32 = 50;

/// The contract of a blueprint.
#[must_use]
pub fn contract(blueprint: &Blueprint, options: Options) -> Contract {
    let mut draft = Draft {
        blueprint,
        options,
        records: Records::new(blueprint),
        paths: Paths::default(),
        names: Taken::default(),
        areas: IndexMap::new(),
    };
    let mut calls = Vec::new();
    let mut messages = Vec::new();
    for (id, operation) in &blueprint.operations {
        match operation.kind {
            OperationKind::Job | OperationKind::Scheduled => messages.push(id),
            _ => calls.push(draft.call(id, operation)),
        }
    }
    guard(&mut calls);
    let messages = messages.into_iter().map(|id| said::message(&mut draft, id, &calls)).collect();
    let inside = if options.style == Style::Grpc { inside::calls(&mut draft) } else { Vec::new() };
    if !blueprint.operations.is_empty() {
        calls.extend(draft.probes());
    }
    let name = clean(&blueprint.name);
    let title = if name.is_empty() { "System".to_owned() } else { name };
    let about = sentence(&clean(&blueprint.summary));
    Contract {
        slug: kebab(&title),
        about: if about.is_empty() { format!("{title}.") } else { about },
        title,
        style: options.style,
        schemes: used_schemes(&calls),
        scopes: calls
            .iter()
            .flat_map(|c| &c.access.scopes)
            .map(|s| (s.clone(), scope_about(s)))
            .collect(),
        areas: draft.areas,
        records: draft.records.made,
        calls,
        inside,
        messages,
        broker: said::broker(blueprint),
    }
}

/// The schemes that calls accept.
fn used_schemes(calls: &[Call]) -> Vec<Scheme> {
    let found: Vec<Scheme> = calls.iter().flat_map(|c| c.access.schemes.iter().copied()).collect();
    in_order(&found)
}

fn scope_about(scope: &str) -> String {
    match scope.split_once(':') {
        Some((area, "read")) => format!("Read what belongs to {}.", words(area)),
        Some((area, _)) => format!("Change what belongs to {}.", words(area)),
        None => format!("{}.", capital(&words(scope))),
    }
}

/// Where a row is read by its key and changed as well, the version read must come with the change.
fn guard(calls: &mut [Call]) {
    let read: Vec<Id> = calls
        .iter()
        .filter(|c| c.kind == CallKind::Query && matches!(c.answer, Answer::One(_)) && c.path.ends_with('}'))
        .filter_map(|c| c.subject.clone())
        .collect();
    let changed: Vec<Id> = calls
        .iter()
        .filter(|c| matches!(c.method, "PUT" | "PATCH") && !c.batch && c.path.ends_with('}'))
        .filter_map(|c| c.subject.clone())
        .collect();
    for call in calls {
        let Some(subject) = &call.subject else { continue };
        let one = matches!(call.answer, Answer::One(_)) && call.path.ends_with('}') && !call.batch;
        if one && read.contains(subject) && changed.contains(subject) {
            call.versioned = true;
            call.guarded = matches!(call.method, "PUT" | "PATCH");
        }
    }
}

/// A contract under construction.
pub(crate) struct Draft<'a> {
    pub(crate) blueprint: &'a Blueprint,
    pub(crate) options: Options,
    pub(crate) records: Records<'a>,
    pub(crate) names: Taken,
    paths: Paths,
    areas: IndexMap<String, String>,
}

/// What is known of a call before its language matters.
struct Asked {
    subject: Option<Id>,
    answer: Answer,
    effect: Effect,
    body: Option<(String, bool)>,
    filters: Vec<super::contract::Filter>,
    sorts: Vec<String>,
    page: Option<Page>,
    parts: Vec<String>,
    batch: bool,
    loads: Vec<String>,
}

impl Asked {
    fn new(subject: Option<Id>, answer: Answer, effect: Effect) -> Self {
        Self {
            subject,
            answer,
            effect,
            body: None,
            filters: Vec::new(),
            sorts: Vec::new(),
            page: None,
            parts: Vec::new(),
            batch: false,
            loads: Vec::new(),
        }
    }
}

impl<'a> Draft<'a> {
    /// The area of an operation, noted.
    pub(crate) fn area(&mut self, module: Option<&Id>) -> String {
        let id = module.map_or("general", Id::as_str).to_owned();
        let about = module.and_then(|m| self.blueprint.modules.get(m)).map_or_else(
            || words(&id),
            |m| if m.summary.is_empty() { m.name.clone() } else { m.summary.clone() },
        );
        let about = sentence(&capital(&clean(&about)));
        self.areas.entry(id.clone()).or_insert(if about.is_empty() { format!("{}.", capital(&words(&id))) } else { about });
        id
    }

    fn call(&mut self, id: &Id, operation: &'a Operation) -> Call {
        let method = method(operation);
        let path = self.paths.place(id, operation.path.as_deref().unwrap_or_default(), method);
        let name = self.names.free(&camel(id.as_str()));
        let kind = match operation.kind {
            OperationKind::Webhook => CallKind::Webhook,
            OperationKind::Stream => CallKind::Stream,
            _ if method == "GET" => CallKind::Query,
            _ => CallKind::Command,
        };
        let open = operation.roles.is_empty();
        let mut asked = match kind {
            CallKind::Webhook => self.webhook(),
            CallKind::Stream => self.stream(),
            CallKind::Query => self.query(&name, operation, &path, open),
            _ => self.command(&name, operation, &path, method),
        };
        let language = self.language(operation, kind);
        self.as_pages(operation, kind, language, &mut asked);
        let area = self.area(operation.module.as_ref());
        let access = self.access(operation, &area, kind, &path);
        let path_fields = parameters(&path)
            .iter()
            .map(|p| parameter(self.blueprint, operation, asked.subject.as_ref(), &path, p))
            .collect();
        Call {
            operation: Some(id.clone()),
            title: title(operation, id),
            about: about(operation, &access, &asked.loads),
            area,
            language,
            kind,
            method,
            path,
            path_fields,
            keyed: operation.critical && matches!(method, "POST" | "PATCH") && kind == CallKind::Command,
            guarded: false,
            versioned: false,
            filters: asked.filters,
            sorts: asked.sorts,
            page: asked.page,
            parts: asked.parts,
            body: asked.body,
            answer: asked.answer,
            effect: asked.effect,
            subject: asked.subject,
            batch: asked.batch,
            access,
            name,
        }
    }

    fn language(&self, operation: &Operation, kind: CallKind) -> Language {
        match (self.options.style, kind) {
            (Style::GraphQl, CallKind::Query | CallKind::Command | CallKind::Stream) => Language::GraphQl,
            (Style::Grpc, CallKind::Query | CallKind::Command | CallKind::Stream) if self.all_inside(operation) => {
                Language::Proto
            }
            _ => Language::OpenApi,
        }
    }

    /// Whether only parts of the own system call an operation.
    fn all_inside(&self, operation: &Operation) -> bool {
        const INSIDE: &[&str] = &["mutual-tls", "service", "workload", "job-token"];
        !operation.roles.is_empty()
            && operation.roles.iter().all(|role| {
                let by = self.blueprint.actors.get(role).and_then(|a| a.authenticates_by.as_ref());
                by.is_some_and(|by| INSIDE.iter().any(|word| by.as_str().contains(word)))
            })
    }

    /// Where the server makes pages, people get pages and send forms.
    fn as_pages(&self, operation: &Operation, kind: CallKind, language: Language, asked: &mut Asked) {
        let people = accepted_by(self.blueprint, operation, false);
        let people = people.1 || people.0.iter().any(|s| matches!(s, Scheme::Session | Scheme::StrongSession));
        if self.options.style != Style::Pages || language != Language::OpenApi || !people || asked.batch {
            return;
        }
        match kind {
            CallKind::Query => {
                asked.answer = Answer::Html;
                asked.parts.clear();
            }
            CallKind::Command => asked.answer = Answer::SeeOther,
            _ => {}
        }
    }

    fn access(&self, operation: &Operation, area: &str, kind: CallKind, path: &str) -> May {
        let (mut schemes, anonymous) = accepted_by(self.blueprint, operation, self.options.tokens);
        let mut roles: Vec<String> = operation.roles.iter().map(|r| r.as_str().to_owned()).collect();
        // What is for administrators asks for more than what is for others: a second factor and the role.
        if path.split('/').any(|s| s.contains("admin")) && !anonymous {
            schemes.iter_mut().filter(|s| **s == Scheme::Session).for_each(|s| *s = Scheme::StrongSession);
            schemes.dedup();
            if !roles.iter().any(|r| r == "admin") {
                roles.push("admin".to_owned());
            }
        }
        let area = if roles.len() > operation.roles.len() { format!("admin-{area}") } else { area.to_owned() };
        let what = if matches!(kind, CallKind::Query | CallKind::Stream) { "read" } else { "write" };
        let scoped = schemes.contains(&Scheme::OAuth) && !operation.roles.is_empty();
        May {
            scopes: if scoped { vec![format!("{}:{what}", kebab(&area))] } else { Vec::new() },
            schemes,
            anonymous,
            roles,
        }
    }

    fn webhook(&mut self) -> Asked {
        let record = self.records.object(
            "webhook",
            "WebhookEvent",
            "A message of another system. It may come twice and out of order: remember its id, and ask the sender for the truth where money hangs on it.",
            vec![
                plain("id", token(255, "^[A-Za-z0-9._:-]+$", "evt-1N3T00LkdIwHu7ix"), true, "Identifier of the event; the same when it is sent again."),
                plain("type", token(120, "^[A-Za-z0-9._-]+$", "payment.succeeded"), true, "What happened."),
                plain("created_at", Form::Time, false, "When it happened (UTC)."),
                plain("data", Form::Document, true, "What it is about, in the sender's terms."),
            ],
        );
        let mut asked = Asked::new(None, Answer::Done, Effect::None);
        asked.body = Some((record, true));
        asked
    }

    fn stream(&mut self) -> Asked {
        let record = self.records.object(
            "stream",
            "StreamEvent",
            "Something that happened. After a break, send the last id in the header `Last-Event-ID`.",
            vec![
                plain("id", token(64, "^[A-Za-z0-9._-]+$", "1842"), true, "Place in the stream."),
                plain("type", token(120, "^[a-z0-9._-]+$", "record.changed"), true, "What happened."),
                plain("occurred_at", Form::Time, true, "When (UTC)."),
                plain("data", Form::Document, true, "What it is about."),
            ],
        );
        Asked::new(None, Answer::Stream(record), Effect::None)
    }

    fn query(&mut self, name: &str, operation: &'a Operation, path: &str, open: bool) -> Asked {
        match understand(self.blueprint, operation, path) {
            Read::Page(main, with) => {
                let limit = Page { usual: round_up(main.rows).clamp(10, 10_000), most: most(main.rows, MOST_ROWS) };
                let row = self.records.row(&main.entity, open || self.is_hidden(operation, &main.entity, path));
                let parts = self.parts(&row);
                let row = if parts.is_empty() { row } else { self.records.part(&row) };
                let page = self.records.page(name, &row, limit.most, &with);
                let mut asked = Asked::new(Some(main.entity.clone()), Answer::Page(page, row), Effect::None);
                asked.parts = parts;
                asked.sorts = filter::sorts(operation, main);
                asked.filters = filter::of_page(self.blueprint, operation, main, path);
                asked.page = Some(limit);
                asked.loads = with.iter().map(|a| words(a.entity.as_str())).collect();
                asked
            }
            Read::One(main, with) => {
                let open = open || self.is_hidden(operation, &main.entity, path);
                let record = self.records.whole(name, &main.entity, &with, open);
                let mut asked = Asked::new(Some(main.entity.clone()), Answer::One(record), Effect::None);
                asked.loads = with.iter().filter(|a| a.kind == AccessKind::ReadMany).map(|a| words(a.entity.as_str())).collect();
                asked
            }
            Read::View(parts) => {
                let record = self.records.view(name, &operation.name, &parts, open);
                let mut asked = Asked::new(None, Answer::One(record), Effect::None);
                asked.filters = filter::of_view(self.blueprint, operation, &parts, path);
                asked.loads = parts.iter().filter(|a| a.kind == AccessKind::ReadMany).map(|a| words(a.entity.as_str())).collect();
                asked
            }
            Read::Nothing => Asked::new(None, Answer::Done, Effect::None),
        }
    }

    /// Whether an account is shown to others than its owner and staff.
    fn is_hidden(&self, operation: &Operation, entity: &Id, path: &str) -> bool {
        const STAFF: &[&str] = &["admin", "operator", "support", "owner", "clinician", "staff", "clerk", "host"];
        let own = path.split('/').any(|s| s == "me");
        let staff = operation.roles.iter().all(|r| STAFF.contains(&r.as_str()));
        is_account(self.blueprint, entity) && !own && !staff
    }

    /// The fields a caller of a list may choose from: offered where rows hold long texts or documents.
    fn parts(&self, row: &str) -> Vec<String> {
        let Some(record) = self.records.made.get(row) else { return Vec::new() };
        let wide = record.fields.iter().any(|f| match &f.form {
            Form::Document | Form::Documents(_) => true,
            Form::Text(text) => *text == Text::LONG,
            _ => false,
        });
        let named = record.fields.iter().any(|f| f.name == "id");
        if wide && named { record.fields.iter().map(|f| f.name.clone()).collect() } else { Vec::new() }
    }

    fn command(&mut self, name: &str, operation: &'a Operation, path: &str, method: &'static str) -> Asked {
        if let Some(asked) = self.sign_in(operation, path, method) {
            return asked;
        }
        let known = |id: &Id| self.blueprint.entities.contains_key(id);
        let written: Vec<_> = operation.accesses.iter().filter(|a| writes(a.kind) && known(&a.entity)).collect();
        let in_path = self.known_by(path);
        let subject = subject(self.blueprint, &written, path, method);
        let Some(main) = subject else { return self.computed(name, operation, path) };
        let id = &main.entity;
        let by_key = path.ends_with('}');
        let many = main.rows >= 2.0 && !by_key && main.kind != AccessKind::Delete && !is_bookkeeping(id);
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
    fn record_of(&mut self, kind: &str, name: &str, fields: Vec<Field>) -> Option<(String, bool)> {
        if fields.is_empty() {
            return None;
        }
        let needed = fields.iter().any(|f| f.required);
        let wanted = format!("{}Request", capital(name));
        Some((self.records.object(&format!("{kind} {name}"), &wanted, "What the operation needs to know.", fields), needed))
    }

    fn put(&mut self, name: &str, operation: &Operation, main: &loadcase_model::Access, path: &str, in_path: &[String]) -> Asked {
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
                Some(self.records.object(&format!("set {id} {set}"), &format!("Set{}", pascal(&set)), "What to set.", vec![field]))
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

    fn batch(&mut self, main: &loadcase_model::Access, method: &'static str, in_path: &[String]) -> Asked {
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
        let result = self.records.batch_result();
        let mut asked = Asked::new(Some(id.clone()), Answer::One(result), Effect::None);
        if let Some(row) = row {
            let size = most(main.rows * 10.0, 100).min(1_000);
            asked.body = Some((self.records.batch(&row, size), true));
        }
        asked.batch = true;
        asked
    }

    fn create(&mut self, operation: &'a Operation, main: &loadcase_model::Access, in_path: &[String]) -> Asked {
        let id = &main.entity;
        let entity = self.blueprint.entities.get(id);
        let secrets: Vec<&str> = entity
            .into_iter()
            .flat_map(|e| &e.fields)
            .filter(|f| f.sensitivity == Sensitivity::Secret)
            .map(|f| f.name.as_str())
            .collect();
        let has = |word: &str| entity.is_some_and(|e| e.fields.iter().any(|f| f.name == *word));
        let mut extra = self.asked_for(operation, id, in_path);
        if secrets.iter().any(|s| s.contains("password")) {
            extra.push(plain("password", Form::Text(Text { least: 12, most: 128, pattern: "^[^\\r\\n]+$", example: "correct horse battery staple" }), true, "Password; kept as a hash only."));
        }
        // What a provider made for the caller is handed on, and never shown again.
        let handed = secrets.iter().filter(|s| s.ends_with("token") || s.contains("credential"));
        extra.extend(handed.filter(|_| !id.as_str().contains("key")).map(|s| {
            plain(&snake(s), token(512, "^[A-Za-z0-9._~+/=-]+$", "tok-1N3T00LkdIwHu7ix"), true, &format!("{}; kept secret, never answered.", capital(&words(s))))
        }));
        extra.extend(self.children(operation, id, in_path));
        let mut shown = Vec::new();
        let mut suffix = "Secret";
        if has("object_key") {
            suffix = "Upload";
            shown.push(plain("upload_url", Form::Url, true, "Where to send the bytes with `PUT`, until it expires; they never pass through this API."));
            shown.push(plain("upload_expires_at", Form::Time, true, "When the address stops working (UTC)."));
        }
        if !secrets.is_empty() && (id.as_str().contains("key") || id.as_str().contains("endpoint")) {
            shown.push(plain("secret", token(128, "^[A-Za-z0-9_-]+$", "lc_live_8f3kZq1v0TnYw5RbXc7d"), true, "Shown this once: only its hash is kept."));
        }
        let row = self.records.row(id, false);
        let row = self.records.with(&row, suffix, shown);
        let mut asked = Asked::new(Some(id.clone()), Answer::Created(row), Effect::Create);
        asked.body = self.records.input(id, Setting::Make, in_path, extra).map(|b| (b, true));
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
            let refers = entity.is_some_and(|e| e.fields.iter().any(|f| f.to.as_ref() == Some(id)));
            if access.kind != AccessKind::Insert || access.rows < 2.0 || child == id || !refers || is_bookkeeping(child) {
                continue;
            }
            let mut path = in_path.to_vec();
            path.push(format!("{}_id", snake(id.as_str())));
            if let Some(row) = self.records.input(child, Setting::Make, &path, Vec::new()) {
                let name = super::naming::plural(child.as_str());
                let form = Form::List(Box::new(Form::Record(row)), most(access.rows, 50));
                fields.push(plain(&name, form, true, &format!("Each {} to make with it.", words(child.as_str()))));
            }
        }
        fields
    }

    /// What an operation looks up by a value that only its caller knows.
    fn asked_for(&self, operation: &Operation, subject: &Id, in_path: &[String]) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        let refers = |id: &Id| {
            self.blueprint.entities.get(subject).is_some_and(|e| e.fields.iter().any(|f| f.to.as_ref() == Some(id)))
        };
        for access in operation.accesses.iter().filter(|a| a.kind == AccessKind::ReadOne) {
            let id = &access.entity;
            // The row itself is named by the path, unless it is looked up by something printed on it.
            if id == subject && (!in_path.is_empty() && in_path.iter().any(|p| p.ends_with("_id")) || keys(access) == ["id"]) {
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
                    fields.push(plain(&own, form, true, &format!("Identifier of the {}.", words(id.as_str()))));
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
            .filter(|a| !writes(a.kind) && self.blueprint.entities.contains_key(&a.entity) && !is_permission(self.blueprint, a))
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

    /// Signing in: a session is made for who proves to be somebody.
    fn sign_in(&mut self, operation: &Operation, path: &str, method: &str) -> Option<Asked> {
        let account = operation.accesses.iter().find(|a| {
            a.kind == AccessKind::ReadOne && a.by.iter().any(|k| matches!(k.as_str(), "email" | "login" | "handle" | "device_key"))
        })?;
        if method != "POST" || !path.ends_with("/sessions") {
            return None;
        }
        let text = |most, example| Form::Text(Text { least: 1, most, pattern: "^[^\\r\\n]+$", example });
        let machine = account.by.iter().any(|k| *k == *"device_key");
        let fields = if machine {
            vec![plain("device_key", token(128, "^[A-Za-z0-9_-]+$", "dk-7c2f0a91b4d8e6"), true, "Key that the device made when it was set up.")]
        } else if self.options.tokens {
            vec![
                plain("code", token(512, "^[A-Za-z0-9._~-]+$", "SplxlOBeZQQYbYS6WxSbIA"), true, "Authorization code from the identity provider."),
                plain("code_verifier", Form::Text(Text { least: 43, most: 128, pattern: "^[A-Za-z0-9._~-]+$", example: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" }), true, "Proof that the same client began the sign-in (PKCE)."),
                plain("redirect_uri", Form::Url, true, "The address the code was sent to."),
            ]
        } else {
            vec![
                plain("login", text(320, "ada@example.com"), true, "E-mail address or login name."),
                plain("password", text(128, "correct horse battery staple"), true, "Password."),
            ]
        };
        let body = self.records.object("sign in", "NewSession", "What proves who signs in.", fields);
        let answer = self.records.object(
            "session",
            "Session",
            "A session. Browsers get it as a cookie as well, which scripts cannot read.",
            vec![
                plain("id", Form::Uuid("session".to_owned()), true, "Identifier, for ending it."),
                plain(&format!("{}_id", snake(account.entity.as_str())), Form::Uuid(account.entity.as_str().to_owned()), true, "Who signed in."),
                plain("expires_at", Form::Time, true, "When it ends unless it is renewed (UTC)."),
            ],
        );
        let mut asked = Asked::new(None, Answer::Created(answer), Effect::None);
        asked.body = Some((body, true));
        Some(asked)
    }

    /// Whether the process lives, and whether it can work.
    fn probes(&mut self) -> Vec<Call> {
        let health = self.records.object(
            "health",
            "Health",
            "How a process is.",
            vec![
                plain("status", Form::Words(vec!["pass".to_owned(), "warn".to_owned(), "fail".to_owned()]), true, "Whether it can work."),
                plain("version", token(64, "^[A-Za-z0-9.+_-]+$", "1.4.2"), false, "Release that runs."),
            ],
        );
        self.areas.insert("health".to_owned(), "Probes for the platform; not reachable from outside.".to_owned());
        let list = [
            ("checkLiveness", "/healthz", "Is the process alive", "Answers without asking anything else. The platform restarts the process when it fails."),
            ("checkReadiness", "/readyz", "Can the process take work", "Fails while starting, while shutting down, and when a part it cannot work without does not answer. The platform then sends no requests."),
        ];
        list.into_iter()
            .map(|(name, path, title, about)| Call {
                operation: None,
                name: self.names.free(name),
                title: title.to_owned(),
                about: about.to_owned(),
                area: "health".to_owned(),
                language: Language::OpenApi,
                kind: CallKind::Probe,
                method: "GET",
                path: path.to_owned(),
                path_fields: Vec::new(),
                filters: Vec::new(),
                sorts: Vec::new(),
                page: None,
                parts: Vec::new(),
                body: None,
                answer: Answer::One(health.clone()),
                effect: Effect::None,
                subject: None,
                keyed: false,
                guarded: false,
                versioned: false,
                access: May { anonymous: true, ..May::default() },
                batch: false,
            })
            .collect()
    }
}

/// The method of an operation: the one it names, else by what it does.
fn method(operation: &Operation) -> &'static str {
    const METHODS: &[&str] = &["GET", "PUT", "POST", "PATCH", "DELETE"];
    if operation.kind == OperationKind::Webhook {
        return "POST";
    }
    if operation.kind == OperationKind::Stream {
        return "GET";
    }
    let named = operation.method.as_deref().map(str::to_ascii_uppercase);
    let known = named.as_ref().and_then(|m| METHODS.iter().find(|k| *k == m));
    known.copied().unwrap_or_else(|| {
        if named.is_none() && operation.accesses.iter().all(|a| !writes(a.kind)) { "GET" } else { "POST" }
    })
}

/// What an action says beside which row it is about.
fn said_with(blueprint: &Blueprint, id: &Id, path: &str) -> Vec<Field> {
    const REASONED: &[&str] = &["cancel", "returns", "review", "resolution", "reject", "dispute"];
    let last = path.rsplit('/').next().unwrap_or_default();
    let amount = blueprint.entities.get(id).is_some_and(|e| e.fields.iter().any(|f| f.name == *"amount"));
    let mut fields = Vec::new();
    if last == "capture" && amount {
        fields.push(plain("amount", Form::Money(0), false, "A part of what was authorised, in minor units; all of it unless given."));
    }
    if REASONED.contains(&last) {
        fields.push(plain("reason", Form::Text(super::known::text("reason")), false, "Why, for the record."));
    }
    fields
}

fn title(operation: &Operation, id: &Id) -> String {
    let name = clean(&operation.name);
    if name.is_empty() { capital(&words(id.as_str())) } else { name.chars().take(120).collect() }
}

/// The write an operation is about: the one its path names last, else what it makes, else what it changes.
fn subject<'a>(
    blueprint: &Blueprint,
    written: &[&'a loadcase_model::Access],
    path: &str,
    method: &str,
) -> Option<&'a loadcase_model::Access> {
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
    let insert = |a: &&&loadcase_model::Access| a.kind == AccessKind::Insert;
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

/// What a call reads and writes, who may call it, and how related rows are loaded.
fn about(operation: &Operation, access: &May, loads: &[String]) -> String {
    let mut text = sentence(&clean(&operation.name).chars().take(400).collect::<String>());
    let callers = match (operation.kind, access.roles.is_empty()) {
        (OperationKind::Webhook, _) => {
            " For the system that signs it. Check the signature over the raw body, refuse timestamps older than five minutes, and remember the identifier: the second delivery is answered with success and does nothing.".to_owned()
        }
        (_, true) => " For anybody.".to_owned(),
        (_, false) => {
            format!(" For: {}.", access.roles.iter().map(|r| words(r)).collect::<Vec<_>>().join(", "))
        }
    };
    text.push_str(&callers);
    if !loads.is_empty() {
        text.push_str(&format!(
            " Comes with {}, one statement for each kind, never one for each row.",
            listed(&loads.iter().map(|l| format!("its {l} rows")).collect::<Vec<_>>())
        ));
    }
    if operation.idempotent && matches!(method(operation), "POST") && operation.kind == OperationKind::Request && !operation.critical {
        text.push_str(" Repeating it does no harm.");
    }
    text.trim().to_owned()
}
