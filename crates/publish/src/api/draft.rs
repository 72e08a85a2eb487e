//! From the blueprint to the contract: every operation becomes a call or a message, in one language.

use indexmap::IndexMap;
use loadcase_model::{AccessKind, Blueprint, Id, Operation, OperationKind};

use super::contract::{Access as May, Answer, Call, CallKind, Contract, Effect, Form, Language, Page, Style};
use super::entity::writes;
use super::naming::{Taken, camel, kebab};
use super::path::{Paths, parameter, parameters};
use super::rows::{Records, plain, token};
use super::security::{Scheme, accepted_by, in_order, ways_of};
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
        keys_are_rows: super::security::keys_are_rows(blueprint),
        scopes: calls.iter().flat_map(|c| &c.access.scopes).map(|s| (s.clone(), scope_about(s))).collect(),
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
pub(super) struct Asked {
    pub(super) subject: Option<Id>,
    pub(super) answer: Answer,
    pub(super) effect: Effect,
    pub(super) body: Option<(String, bool)>,
    pub(super) filters: Vec<super::contract::Filter>,
    pub(super) sorts: Vec<String>,
    pub(super) page: Option<Page>,
    pub(super) parts: Vec<String>,
    pub(super) batch: bool,
    /// Most rows of a batch.
    pub(super) batch_of: Option<u32>,
    pub(super) loads: Vec<String>,
}

impl Asked {
    pub(super) fn new(subject: Option<Id>, answer: Answer, effect: Effect) -> Self {
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
            batch_of: None,
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
        self.areas.entry(id.clone()).or_insert(if about.is_empty() {
            format!("{}.", capital(&words(&id)))
        } else {
            about
        });
        id
    }

    fn call(&mut self, id: &Id, operation: &'a Operation) -> Call {
        let method = method(operation);
        let path = self.paths.place(id, operation.path.as_deref().unwrap_or_default(), method);
        let name = self.names.free(&camel(id.as_str()));
        let kind = match operation.kind {
            OperationKind::Webhook => CallKind::Webhook,
            OperationKind::Stream if method == "GET" => CallKind::Stream,
            _ if method == "GET" => CallKind::Query,
            _ => CallKind::Command,
        };
        let open = operation.roles.is_empty();
        self.records.said = kind == CallKind::Command && operation.takes.is_some();
        let mut asked = match kind {
            CallKind::Webhook => self.webhook(),
            CallKind::Stream => self.stream(),
            CallKind::Query => self.query(&name, operation, &path, open),
            _ => self.command(&name, operation, &path, method),
        };
        self.records.said = false;
        if let (CallKind::Command, Some(takes)) = (kind, &operation.takes) {
            self.take(&name, operation, takes, method == "PATCH" && !asked.batch, &mut asked);
        }
        let language = self.language(operation, kind);
        self.as_pages(operation, kind, language, &mut asked);
        let area = self.area(operation.module.as_ref());
        let access = self.access(operation, &area, kind, &path);
        let fixed = self.fixes(method, &path, asked.body.as_ref());
        let path_fields = parameters(&path)
            .iter()
            .map(|p| parameter(self.blueprint, operation, asked.subject.as_ref(), &path, p))
            .collect();
        Call {
            operation: Some(id.clone()),
            title: title(operation, id),
            about: format!("{}{fixed}", about(operation, &access, &asked.loads)),
            area,
            language,
            kind,
            method,
            path,
            path_fields,
            keyed: operation.critical && matches!(method, "POST" | "PATCH") && kind == CallKind::Command,
            guarded: false,
            versioned: false,
            signs_in: kind == CallKind::Command && self.signs_in(operation),
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

    /// Whether an operation begins a session of a browser: it adds a row for one, or is the one to sign in with.
    fn signs_in(&self, operation: &Operation) -> bool {
        let schemes = super::security::schemes_of(self.blueprint, self.options.tokens);
        let cookie = schemes.iter().any(|s| s.is_cookie());
        let session = |a: &loadcase_model::Access| {
            let name = a.entity.as_str();
            a.kind == AccessKind::Insert && (name == "session" || name.ends_with("-session"))
        };
        let path = operation.path.as_deref().unwrap_or_default();
        cookie
            && (operation.accesses.iter().any(session)
                || method(operation) == "POST" && path.ends_with("/sessions"))
    }

    /// What a request that makes or replaces a row may not move: the row it belongs to.
    fn fixes(&self, method: &str, path: &str, body: Option<&(String, bool)>) -> &'static str {
        let refers = |(name, _): &(String, bool)| {
            let fields = self.records.made.get(name).map_or(&[][..], |r| &r.fields);
            fields.iter().any(|f| f.required && matches!(f.form, Form::Uuid(_)))
        };
        if method == "PUT" && path.ends_with('}') && body.is_some_and(refers) {
            " What the row belongs to is said when it is made; with another value later the request is refused."
        } else {
            ""
        }
    }

    fn language(&self, operation: &Operation, kind: CallKind) -> Language {
        match (self.options.style, kind) {
            (Style::GraphQl, CallKind::Query | CallKind::Command | CallKind::Stream) => Language::GraphQl,
            (Style::Grpc, CallKind::Query | CallKind::Command | CallKind::Stream)
                if self.all_inside(operation) =>
            {
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
        let people =
            people.1 || people.0.iter().any(|s| matches!(s, Scheme::Session | Scheme::StrongSession));
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
        let (mut schemes, mut anonymous) = accepted_by(self.blueprint, operation, self.options.tokens);
        let mut ways = ways_of(self.blueprint, operation, &schemes);
        let mut roles: Vec<String> = operation.roles.iter().map(|r| r.as_str().to_owned()).collect();
        // What is for administrators asks for more than what is for others: a second factor and the role.
        if path.split('/').any(|s| s.contains("admin")) {
            anonymous = false;
            schemes.iter_mut().filter(|s| **s == Scheme::Session).for_each(|s| *s = Scheme::StrongSession);
            schemes.dedup();
            for (scheme, needed) in &mut ways {
                if *scheme == Scheme::Session {
                    *scheme = Scheme::StrongSession;
                }
                if !needed.iter().any(|r| r == "admin") {
                    needed.push("admin".to_owned());
                }
            }
            ways.dedup();
            if !roles.iter().any(|r| r == "admin") {
                roles.push("admin".to_owned());
            }
        }
        let area =
            if roles.len() > operation.roles.len() { format!("admin-{area}") } else { area.to_owned() };
        let what = if matches!(kind, CallKind::Query | CallKind::Stream) { "read" } else { "write" };
        let scoped = schemes.contains(&Scheme::OAuth) && !roles.is_empty();
        May {
            scopes: if scoped { vec![format!("{}:{what}", kebab(&area))] } else { Vec::new() },
            schemes,
            anonymous,
            roles,
            ways,
        }
    }

    /// Whether the process lives, and whether it can work.
    fn probes(&mut self) -> Vec<Call> {
        let health = self.records.object(
            "health",
            "Health",
            "How a process is.",
            vec![
                plain(
                    "status",
                    Form::Words(vec!["pass".to_owned(), "warn".to_owned(), "fail".to_owned()]),
                    true,
                    "Whether it can work.",
                ),
                plain("version", token(64, "^[A-Za-z0-9.+_-]+$", "1.4.2"), false, "Release that runs."),
            ],
        );
        self.areas.insert(
            "health".to_owned(),
            "Probes for the platform; from outside only liveness answers.".to_owned(),
        );
        let list = [
            (
                "checkLiveness",
                "/livez",
                "Is the process alive",
                "Fails until the store was reached once; from then on it answers without asking anything else. Balancers, the platform and probes from outside ask it, and the platform restarts the process when it fails.",
            ),
            (
                "checkReadiness",
                "/readyz",
                "Can the process take work",
                "Fails while starting, while shutting down, and when a part it cannot work without does not answer. It says when a release may take requests; it is no reason to restart a process.",
            ),
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
                signs_in: false,
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
    let named = operation.method.as_deref().map(str::to_ascii_uppercase);
    let known = named.as_ref().and_then(|m| METHODS.iter().find(|k| *k == m));
    if operation.kind == OperationKind::Stream {
        // What flows in is sent in batches; what flows out is a connection that stays open.
        let brings = operation.accesses.iter().any(|a| a.kind == AccessKind::Insert);
        return if brings && known == Some(&"POST") { "POST" } else { "GET" };
    }
    known.copied().unwrap_or_else(|| {
        if named.is_none() && operation.accesses.iter().all(|a| !writes(a.kind)) { "GET" } else { "POST" }
    })
}

fn title(operation: &Operation, id: &Id) -> String {
    let name = clean(&operation.name);
    if name.is_empty() { capital(&words(id.as_str())) } else { name.chars().take(120).collect() }
}

/// What a row that is read must say of whoever asks.
fn needed(operation: &Operation) -> String {
    let words_of =
        |wanted: &[String]| wanted.iter().map(|w| format!("`{}`", clean(w))).collect::<Vec<_>>().join(" or ");
    let needs = operation.accesses.iter().flat_map(|a| a.needs.iter().map(move |n| (&a.entity, n)));
    needs
        .map(|(entity, (field, wanted))| {
            format!(
                " The {} of whoever asks has {} as its {}; with another the answer is 403.",
                words(entity.as_str()),
                words_of(wanted),
                words(field.as_str())
            )
        })
        .collect()
}

/// What a call reads and writes, who may call it, and how related rows are loaded.
fn about(operation: &Operation, access: &May, loads: &[String]) -> String {
    let mut text = sentence(&clean(&operation.name).chars().take(400).collect::<String>());
    let callers = match (operation.kind, access.roles.is_empty()) {
        (OperationKind::Webhook, _) => {
            " For the system that sends it, in that system's own form. Its adapter checks the signature over the raw bytes before anything is read, refuses what was signed long ago where the sender signs a time, and finds the identifier of the event: the second delivery is answered with success and does nothing.".to_owned()
        }
        (_, true) => " For anybody.".to_owned(),
        (_, false) => {
            format!(" For: {}.", access.roles.iter().map(|r| words(r)).collect::<Vec<_>>().join(", "))
        }
    };
    text.push_str(&callers);
    text.push_str(&needed(operation));
    if !loads.is_empty() {
        text.push_str(&format!(
            " Comes with {}, one statement for each kind, never one for each row.",
            listed(&loads.iter().map(|l| format!("its {l} rows")).collect::<Vec<_>>())
        ));
    }
    if operation.idempotent
        && matches!(method(operation), "POST")
        && operation.kind == OperationKind::Request
        && !operation.critical
    {
        text.push_str(" Repeating it does no harm.");
    }
    text.trim().to_owned()
}
