//! `api-design.md` and the contracts: OpenAPI, GraphQL, Protocol Buffers, AsyncAPI.

mod asyncapi;
mod command;
pub(crate) mod contract;
pub(crate) mod draft;
mod entity;
mod examples;
mod filter;
mod form;
mod graphql;
mod inside;
pub(crate) mod known;
mod limits;
pub(crate) mod naming;
pub(crate) mod openapi;
mod path;
pub(crate) mod problem;
mod proto;
mod query;
mod read;
mod rows;
mod said;
pub(crate) mod sample;
pub(crate) mod security;
mod started;
mod taken;

use loadcase_catalog::Catalog;
use loadcase_model::{Design, Figure, OperationKind, Origin, Tag, Unit};

use crate::Deliverable;
use crate::honesty::tagged;
use crate::text::markdown::{Doc, Table, code, name, prose};
use crate::text::{listed, sentence};
use crate::tradeoffs;
use crate::view::View;
pub(crate) use asyncapi::scheduled_address;
use contract::{Call, CallKind, Contract, Language, Style, Way};
pub(crate) use entity::{is_account, is_permission};
pub(crate) use security::Scheme;

use openapi::Version;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let contract = of_design(&view);
    let mut list = vec![Deliverable { path: "api-design.md".to_owned(), text: document(&view, &contract) }];
    list.extend(files(&contract, Version::V31));
    list
}

/// The contract of a design, in the style its decision chose.
pub(crate) fn of_design(view: &View<'_>) -> Contract {
    let options = draft::Options { style: style_of(view), tokens: security::has_tokens(view) };
    draft::contract(view.blueprint(), options)
}

fn style_of(view: &View<'_>) -> Style {
    let chosen = |pattern: &str| {
        let decision = view.design.decision("api-style");
        let spec =
            decision.and_then(|d| view.catalog.decision(d.id.as_str())?.option(d.verdict.option.as_str()));
        match spec {
            Some(option) => option.patterns.iter().any(|p| *p == *pattern),
            None => view.choice("api_style").iter().any(|w| w.replace('_', "-").contains(pattern)),
        }
    };
    match () {
        () if chosen("graphql") => Style::GraphQl,
        () if chosen("grpc") => Style::Grpc,
        () if chosen("server-rendered-pages") || chosen("server-rendered") => Style::Pages,
        () => Style::Rest,
    }
}

/// Whether callers get resources over HTTP: chosen, or nothing else was.
pub(crate) fn speaks_rest(view: &View<'_>) -> bool {
    style_of(view) != Style::GraphQl
}

/// The files of a contract.
pub(crate) fn files(contract: &Contract, version: Version) -> Vec<Deliverable> {
    let title = &contract.title;
    let file = |path: &str, text: String| Deliverable { path: path.to_owned(), text };
    let head = |what: &str| format!("# {what} of {title}. Replace the host names that end in .invalid.\n");
    let mut list = Vec::new();
    if let Some(document) = openapi::document(contract, version) {
        list.push(file(
            "openapi.yaml",
            format!("{}{}", head("Contract of the API"), crate::yaml_text(&document)),
        ));
    }
    list.extend(graphql::text(contract).map(|text| file("schema.graphql", text)));
    list.extend(proto::files(contract).into_iter().map(|(path, text)| file(&path, text)));
    if let Some(document) = asyncapi::document(contract) {
        list.push(file("asyncapi.yaml", format!("{}{}", head("Messages"), crate::yaml_text(&document))));
    }
    list
}

fn document(view: &View<'_>, contract: &Contract) -> String {
    let design = view.design;
    let mut doc = Doc::new(&format!("API of {}", name(&design.blueprint.name)));
    doc.heading(2, "Style");
    style(&mut doc, view);
    doc.heading(2, "Contracts");
    contracts(&mut doc, contract);
    doc.heading(2, "Conventions");
    conventions(&mut doc, view, contract);
    doc.heading(2, "Who may call");
    callers(&mut doc, view);
    scopes(&mut doc, contract);
    doc.heading(2, "Operations");
    operations(&mut doc, view, contract);
    background(&mut doc, view, contract);
    many(&mut doc, contract);
    if !contract.calls.is_empty() {
        doc.heading(2, "Examples");
        doc.para("Taken from the contract; `loadcase mock blueprint.yaml` answers them.");
        examples::write(&mut doc, view, contract);
    }
    doc.finish()
}

fn style(doc: &mut Doc, view: &View<'_>) {
    match view.design.decision("api-style") {
        Some(decision) => tradeoffs::decision(doc, view, decision),
        None => drop(doc.para("The design records no decision on the style of the API.")),
    }
}

/// What is described where.
fn contracts(doc: &mut Doc, contract: &Contract) {
    let has = |language: Language| contract.calls_in(language).next().is_some();
    let mut list = Vec::new();
    if has(Language::GraphQl) {
        list.push("[schema.graphql](schema.graphql): what clients ask for, as one graph.");
    }
    if has(Language::OpenApi) {
        list.push(match contract.style {
            Style::GraphQl => "[openapi.yaml](openapi.yaml) (OpenAPI 3.1): what other systems send, and the probes.",
            Style::Pages => "[openapi.yaml](openapi.yaml) (OpenAPI 3.1): pages and forms for people, resources for machines, and the probes.",
            _ => "[openapi.yaml](openapi.yaml) (OpenAPI 3.1): what clients and other systems ask for, and the probes.",
        });
    }
    if has(Language::Proto) || !contract.inside.is_empty() {
        list.push(
            "`proto/` (Protocol Buffers): what the parts of the system ask of each other, one package each.",
        );
    }
    if !contract.messages.is_empty() {
        list.push("[asyncapi.yaml](asyncapi.yaml) (AsyncAPI 3.0): jobs, what the clock starts, and what customers are told.");
    }
    doc.list(list.iter().map(|l| (*l).to_owned()));
    doc.para(
        "Every operation of the blueprint is in exactly one of them. They are written first: servers check requests \
         against them, clients are generated from them, and a release that breaks one is refused.",
    );
}

/// A bound that the conventions set; a judgement to be changed freely.
fn assumed(value: f64, unit: Unit) -> String {
    let origin = Origin::assumed(value / 2.0, value * 2.0, "convention");
    tagged(&Figure { value, unit, origin })
}

/// The rules of the patterns that a style without resources brings.
fn patterns(doc: &mut Doc, view: &View<'_>) {
    let decision = view.design.decision("api-style");
    let option =
        decision.and_then(|d| view.catalog.decision(d.id.as_str())?.option(d.verdict.option.as_str()));
    let patterns = option.iter().flat_map(|o| &o.patterns).filter_map(|id| view.catalog.patterns.get(id));
    let mut found = false;
    for pattern in patterns {
        found = true;
        doc.heading(3, &name(&pattern.name));
        doc.list(pattern.how.iter().map(|h| sentence(&prose(h, Tag::Assumed))));
    }
    if !found {
        doc.para("The catalog has no pattern for this style.");
    }
}

fn conventions(doc: &mut Doc, view: &View<'_>, contract: &Contract) {
    if contract.style == Style::GraphQl {
        patterns(doc, view);
    }
    let usual = assumed(f64::from(draft::USUAL_ROWS), Unit::One);
    let rows = assumed(f64::from(draft::MOST_ROWS), Unit::One);
    let kept = crate::data::kept_keys(view.blueprint()).map_or_else(|| "days".to_owned(), |k| tagged(&k));
    let window = assumed(300.0, Unit::Seconds);
    let mut list = vec![
        "**Versions.** The version begins every address (`/v1`). Fields are added within a version, never removed, \
         renamed or given another meaning. An operation that ends says since when in `Deprecation` (RFC 9745) and until \
         when in `Sunset` (RFC 8594); it keeps answering until then, and its remaining callers are known by their keys."
            .to_owned(),
        format!(
            "**Pages.** `cursor` and `limit` (usually {usual}, at most {rows} unless an operation says more); the answer \
             has `items` and `next_cursor`. A cursor is opaque and names the last row seen, so that pages stay right \
             while rows are added; there is no page number and no total."
        ),
        "**Filters.** Query parameters named after fields, compared for equality; `_from` and `_before` bound times. \
         Only fields that an index serves are offered, and never one that the path says already."
            .to_owned(),
        "**Order.** `sort=field`, or `sort=-field` for descending, from the orders that an index serves.".to_owned(),
        "**Parts.** Lists of rows with long texts or documents take `fields`, a list of names; the identifier always \
         comes."
            .to_owned(),
        "**Errors.** `application/problem+json` (RFC 9457) with a stable `type`; fields at fault stand in `errors` \
         with a JSON pointer. What is not yours is reported as missing."
            .to_owned(),
        format!(
            "**Repetition.** Operations with side effects outside take `Idempotency-Key`. The key is kept with the \
             answer for {kept}; the same key with another body is refused with `422`, a request whose call outside is \
             still under way with `409`. A kept answer says so in `Idempotency-Replayed`."
        ),
        "**Races.** Rows that are read by their key and changed by it carry an `ETag`; a change sends it back in \
         `If-Match`. `412` means that somebody was faster, `428` that the version is missing."
            .to_owned(),
        "**Limits.** By caller and operation; answers carry `RateLimit` and `RateLimit-Policy`, refusals are `429` with \
         `Retry-After`. Clients wait that long and add jitter."
            .to_owned(),
        "**Names.** Plural nouns in addresses, snake case in bodies, times in UTC (RFC 3339), money as whole minor \
         units beside an ISO 4217 code, exact decimals as strings."
            .to_owned(),
        "**Health.** `/livez` answers `503` until the process has reached its store once, and from then on while it \
         lives, whatever the store does: balancers ask it, and platforms that restart what does not answer. It answers \
         from outside, too, for a probe at another place. `/readyz` asks the store each time: only a platform that takes \
         a copy out of routing and does no more asks it. It and `/metrics` are `404` for what came through a proxy."
            .to_owned(),
    ];
    if contract.calls.iter().any(|c| c.kind == CallKind::Webhook)
        || contract.messages.iter().any(|m| m.way == Way::Outgoing)
    {
        list.push(format!(
            "**Webhooks.** Those sent are signed with HMAC-SHA256 over identifier, timestamp and the raw body, in \
             `Webhook-Signature`, with two valid secrets while one is replaced. Timestamps more than {window} off and \
             identifiers seen before are not acted upon. Sent at least once, in no promised order, with growing delays; \
             the body is thin and the receiver fetches the rest. Those received have the form of their sender: an \
             adapter for each checks that sender's own signature over the raw body, and any JSON is kept as it came."
        ));
    }
    doc.list(list);
}

fn callers(doc: &mut Doc, view: &View<'_>) {
    let mut table = Table::new(&["caller", "proves who it is by", "scheme in the contract"]);
    let rows = security::keys_are_rows(view.blueprint());
    for actor in view.blueprint().actors.values() {
        let word = actor.authenticates_by.as_ref();
        let own = word.and_then(|w| security::Scheme::of(w.as_str()));
        let taken =
            security::schemes(view).into_iter().filter(|s| own.is_some_and(|o| o.stands_for(*s, rows)));
        let shown: Vec<String> = taken.map(|s| code(s.name())).collect();
        table.row([
            name(&actor.name),
            word.map_or_else(|| "not decided".to_owned(), |w| security::spoken(view, w.as_str())),
            listed(&shown),
        ]);
    }
    doc.table(&table, "The blueprint names no callers.");
    let used = security::schemes(view);
    doc.list(used.into_iter().map(|s| format!("{}: {}", code(s.name()), prose(s.about(), Tag::Assumed))));
    if let Some(decision) = view.design.decision("authentication") {
        doc.para(format!(
            "Decision: {}. {}",
            name(&decision.verdict.name),
            sentence(&prose(&decision.verdict.summary, Tag::Computed))
        ));
    }
}

/// Permissions of access tokens.
fn scopes(doc: &mut Doc, contract: &Contract) {
    if contract.scopes.is_empty() {
        return;
    }
    let mut table = Table::new(&["scope", "allows to"]);
    for (scope, about) in &contract.scopes {
        table.row([code(scope), prose(about, Tag::Computed)]);
    }
    doc.heading(3, "Scopes");
    doc.para(table.render());
}

fn operations(doc: &mut Doc, view: &View<'_>, contract: &Contract) {
    let mut table =
        Table::new(&["operation", "does", "for", "needs", "described in", "peak in 24 months", "p99"]);
    for call in contract.calls.iter().filter(|c| c.kind != CallKind::Probe) {
        let forecast = call.operation.as_ref().and_then(|id| view.design.forecasts.later.operations.get(id));
        table.row([
            code(&address(call)),
            name(&call.title),
            whom(call),
            needs(call),
            described_in(call.language).to_owned(),
            forecast.map_or_else(|| "unknown".to_owned(), |f| tagged(&f.rate)),
            forecast.map_or_else(|| "unknown".to_owned(), |f| tagged(&f.latency.p99)),
        ]);
    }
    doc.table(&table, "The blueprint has no operation that clients call.");
}

/// How a call is addressed in its language.
fn address(call: &Call) -> String {
    match (call.language, call.kind) {
        (Language::GraphQl, CallKind::Query) => format!("query {}", call.name),
        (Language::GraphQl, CallKind::Stream) => format!("subscription {}", call.name),
        (Language::GraphQl, _) => format!("mutation {}", call.name),
        (Language::Proto, _) => format!("rpc {}", crate::text::capital(&call.name)),
        _ => format!("{} {}", call.method, call.path),
    }
}

const fn described_in(language: Language) -> &'static str {
    match language {
        Language::OpenApi => "OpenAPI",
        Language::GraphQl => "GraphQL",
        Language::Proto => "Protocol Buffers",
        Language::AsyncApi => "AsyncAPI",
    }
}

fn whom(call: &Call) -> String {
    let roles: Vec<String> = call.access.roles.iter().map(|r| code(r)).collect();
    match (roles.is_empty(), call.kind) {
        (_, CallKind::Webhook) => "whoever signs it".to_owned(),
        (true, _) => "anybody".to_owned(),
        (false, _) => listed(&roles),
    }
}

/// What a caller must send beside the body.
fn needs(call: &Call) -> String {
    let mut list: Vec<String> = call.access.scopes.iter().map(|s| code(s)).collect();
    if call.keyed {
        list.push("key".to_owned());
    }
    if call.guarded {
        list.push("version".to_owned());
    }
    list.join(", ")
}

/// What runs without anybody waiting.
fn background(doc: &mut Doc, view: &View<'_>, contract: &Contract) {
    let mut table = Table::new(&["work", "started by", "channel", "peak in 24 months", "done within (p99)"]);
    for (id, operation) in view.operations(&[OperationKind::Job, OperationKind::Scheduled]) {
        let forecast = view.design.forecasts.later.operations.get(id);
        let message = contract.messages.iter().find(|m| m.operation == *id);
        table.row([
            name(&operation.name),
            if operation.kind == OperationKind::Job { "a message" } else { "the clock" }.to_owned(),
            message.map_or_else(String::new, |m| code(&m.name)),
            forecast.map_or_else(|| "unknown".to_owned(), |f| tagged(&f.rate)),
            forecast.map_or_else(|| "unknown".to_owned(), |f| tagged(&f.latency.p99)),
        ]);
    }
    if !table.is_empty() {
        doc.heading(2, "Work in the background");
        doc.para(table.render());
    }
}

/// Where one request stands for many.
fn many(doc: &mut Doc, contract: &Contract) {
    let batches: Vec<String> = contract
        .calls
        .iter()
        .chain(&contract.inside)
        .filter(|c| c.batch)
        .map(|c| {
            let how = match c.answer {
                contract::Answer::One(_) => "Items are taken one by one, and the answer names those refused.",
                _ => "All are changed or none is; the answer has no body.",
            };
            format!("{}: {} {how}", code(&address(c)), sentence(&name(&c.title)))
        })
        .collect();
    let loads: Vec<String> = contract
        .calls
        .iter()
        .filter(|c| c.about.contains("one statement for each kind"))
        .map(|c| code(&address(c)))
        .collect();
    if batches.is_empty() && loads.is_empty() {
        return;
    }
    doc.heading(2, "Many at once");
    doc.list(batches);
    if !loads.is_empty() {
        let how = if contract.style == Style::GraphQl {
            "Fields that lead to other rows are resolved by a DataLoader for each kind of row, made anew for each \
             request: it collects the keys of a whole answer and loads them in one statement. Without it these \
             would cost a statement for each row"
        } else {
            "These answer with the rows that belong to theirs, so that no client loops over single reads; the server \
             loads each kind in one statement with a list of keys"
        };
        doc.para(format!("{how}: {}.", listed(&loads)));
    }
}
