//! `api-design.md` and `openapi.yaml`: style, conventions, endpoints, contract.

pub(crate) mod openapi;
mod schema;
pub(crate) mod security;
pub(crate) mod shape;

use loadcase_catalog::Catalog;
use loadcase_model::{Design, Figure, OperationKind, Origin, Tag, Unit};
use serde_json::Value;

use crate::Deliverable;
use crate::honesty::tagged;
use crate::lost::Stock;
use crate::text::markdown::{Doc, Table, code, name, prose};
use crate::text::{listed, sentence};
use crate::tradeoffs;
use crate::view::View;
use openapi::{Contract, contract, server};
use shape::Shape;

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let contract = speaks_rest(&view).then(|| contract(&view)).flatten();
    let mut files =
        vec![Deliverable { path: "api-design.md".to_owned(), text: document(&view, contract.as_ref()) }];
    files.extend(
        contract.map(|c| Deliverable { path: "openapi.yaml".to_owned(), text: yaml(&view, &c.document) }),
    );
    files
}

/// Whether callers get resources over HTTP: chosen, or nothing else was.
pub(crate) fn speaks_rest(view: &View<'_>) -> bool {
    let words = view.choice("api_style");
    words.is_empty() || words.iter().any(|w| w == "rest" || w == "bff")
}

fn yaml(view: &View<'_>, document: &Value) -> String {
    let head = format!(
        "# Contract of the API of {}. Replace the host names that end in .invalid.\n",
        crate::text::clean(&view.blueprint().name)
    );
    let body = crate::yaml_text(document);
    format!("{head}{body}")
}

fn document(view: &View<'_>, contract: Option<&Contract<'_>>) -> String {
    let design = view.design;
    let mut doc = Doc::new(&format!("API of {}", name(&design.blueprint.name)));
    doc.heading(2, "Style");
    style(&mut doc, view, contract.is_some());
    doc.heading(2, "Conventions");
    conventions(&mut doc, view);
    doc.heading(2, "Who may call");
    callers(&mut doc, view);
    doc.heading(2, "Endpoints");
    endpoints(&mut doc, view, contract);
    background(&mut doc, view);
    if let Some(contract) = contract {
        doc.heading(2, "Examples");
        examples(&mut doc, view, contract);
    }
    doc.finish()
}

fn style(doc: &mut Doc, view: &View<'_>, has_contract: bool) {
    match view.design.decision("api-style") {
        Some(decision) => tradeoffs::decision(doc, &Stock::new(view.design, view.catalog), decision),
        None => drop(doc.para("The design records no decision on the style of the API.")),
    }
    doc.para(if has_contract {
        "The contract is [openapi.yaml](openapi.yaml) (OpenAPI 3.1). It is written first: servers check requests \
         against it, clients are generated from it, and a release that breaks it is refused."
    } else {
        "No contract is written for this style: describe the operations below in the schema language of the style \
         before clients are built."
    });
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

fn conventions(doc: &mut Doc, view: &View<'_>) {
    if !speaks_rest(view) {
        return patterns(doc, view);
    }
    let rows = f64::from(schema::MOST_ROWS);
    let usual = f64::from(schema::USUAL_ROWS);
    doc.list([
        format!(
            "**Versions.** The version is in the address ({}). Fields are added within a version, never removed, \
             renamed or given another meaning. A version that ends says so in the headers `Deprecation` and `Sunset`.",
            code(&server(view))
        ),
        format!(
            "**Pages.** `cursor` and `limit` (usually {}, at most {}); the answer has `items` and `next_cursor`. A \
             cursor is opaque and names the last row seen, so that pages stay right while rows are added; there is no \
             page number and no total.",
            assumed(usual, Unit::One),
            assumed(rows, Unit::One)
        ),
        "**Filters.** Query parameters named after fields, compared for equality. Only fields that an index serves \
         are offered."
            .to_owned(),
        "**Order.** `sort=field`, or `sort=-field` for descending, from the orders that an index serves.".to_owned(),
        "**Errors.** `application/problem+json` (RFC 9457) with a stable `type`; fields at fault stand in `errors` \
         with a JSON pointer. What is not yours is reported as missing."
            .to_owned(),
        format!(
            "**Repetition.** Operations with side effects outside take `Idempotency-Key`. The key is kept with the \
             answer in the transaction of the effect for {}; the same key with another body is refused with `422`, a \
             request still under way with `409`.",
            assumed(24.0 * 3600.0, Unit::Seconds)
        ),
        "**Limits.** By caller and operation; answers carry `RateLimit`, refusals are `429` with `Retry-After`. \
         Clients wait that long and add jitter."
            .to_owned(),
        "**Names.** Plural nouns in addresses, snake case in bodies, times in UTC (RFC 3339), money as whole minor \
         units beside an ISO 4217 code, exact decimals as strings."
            .to_owned(),
        "**Many at once.** Where a screen needs many rows, the list operation returns them; no client loops over \
         single reads. Server-side, rows of a page are loaded in one statement each kind, never one by one."
            .to_owned(),
    ]);
}

fn callers(doc: &mut Doc, view: &View<'_>) {
    let mut table = Table::new(&["caller", "proves who it is by", "scheme in the contract"]);
    for actor in view.blueprint().actors.values() {
        let word = actor.authenticates_by.as_ref();
        let scheme = word.and_then(|w| security::Scheme::of(w.as_str()));
        table.row([
            name(&actor.name),
            word.map_or_else(|| "not decided".to_owned(), |w| crate::text::words(w.as_str())),
            scheme.map_or_else(String::new, |s| code(s.name())),
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

fn endpoints(doc: &mut Doc, view: &View<'_>, contract: Option<&Contract<'_>>) {
    let mut table = Table::new(&["endpoint", "does", "for", "key", "peak in 24 months", "p99"]);
    let mut row = |shape: &Shape<'_>| {
        let operation = shape.endpoint.operation;
        let forecast = view.design.forecasts.later.operations.get(shape.endpoint.id);
        let roles: Vec<String> = operation.roles.iter().map(|r| code(r.as_str())).collect();
        table.row([
            code(&format!("{} {}", shape.endpoint.method, shape.path)),
            name(&operation.name),
            match (roles.is_empty(), operation.kind) {
                (_, OperationKind::Webhook) => "whoever signs it".to_owned(),
                (true, _) => "anybody".to_owned(),
                (false, _) => listed(&roles),
            },
            if shape.needs_key() { "required" } else { "" }.to_owned(),
            forecast.map_or_else(|| "unknown".to_owned(), |f| tagged(&f.rate)),
            forecast.map_or_else(|| "unknown".to_owned(), |f| tagged(&f.latency.p99)),
        ]);
    };
    match contract {
        Some(contract) => contract.shapes.iter().for_each(&mut row),
        None => view.endpoints().into_iter().for_each(|e| row(&Shape::new(view, e))),
    }
    if contract.is_none() {
        doc.para("Named as resources would be; map each to the style above.");
    }
    doc.table(&table, "The blueprint has no operation that clients call over HTTP.");
}

/// What runs without anybody waiting.
fn background(doc: &mut Doc, view: &View<'_>) {
    let mut table = Table::new(&["work", "started by", "peak in 24 months", "done within (p99)"]);
    for (id, operation) in view.operations(&[OperationKind::Job, OperationKind::Scheduled]) {
        let forecast = view.design.forecasts.later.operations.get(id);
        table.row([
            name(&operation.name),
            if operation.kind == OperationKind::Job { "a message" } else { "the clock" }.to_owned(),
            forecast.map_or_else(|| "unknown".to_owned(), |f| tagged(&f.rate)),
            forecast.map_or_else(|| "unknown".to_owned(), |f| tagged(&f.latency.p99)),
        ]);
    }
    if !table.is_empty() {
        doc.heading(2, "Work in the background");
        doc.para(table.render());
    }
}

/// Requests and answers of the main operations, taken from the contract.
fn examples(doc: &mut Doc, view: &View<'_>, contract: &Contract<'_>) {
    let main: Vec<_> = view.main_operations(12).into_iter().map(|(id, _)| id).collect();
    let mut shapes: Vec<&Shape<'_>> =
        main.iter().filter_map(|id| contract.shapes.iter().find(|s| s.endpoint.id == *id)).collect();
    for shape in &contract.shapes {
        if shapes.len() < 3 && !shapes.iter().any(|s| s.endpoint.id == shape.endpoint.id) {
            shapes.push(shape);
        }
    }
    for shape in shapes.into_iter().take(3) {
        doc.heading(3, &name(&shape.endpoint.operation.name));
        doc.fence("http", &exchange(&contract.document, shape));
    }
    doc.heading(3, "An error");
    let pointer = "/components/responses/UnprocessableContent/content/application~1problem+json/example";
    let mut body = contract.document.pointer(pointer).cloned().unwrap_or_default();
    if let Value::Object(body) = &mut body {
        body.insert(
            "errors".to_owned(),
            serde_json::json!([{"pointer": "/body", "detail": "must not be empty"}]),
        );
    }
    doc.fence(
        "http",
        &format!(
            "HTTP/1.1 422 Unprocessable Content\nContent-Type: application/problem+json\n\n{}",
            pretty(&body)
        ),
    );
}

/// A request and its answer as they go over the wire.
fn exchange(document: &Value, shape: &Shape<'_>) -> String {
    let method = shape.endpoint.method;
    let pointer =
        format!("/paths/{}/{}", shape.path.replace('~', "~0").replace('/', "~1"), method.to_lowercase());
    let operation = document.pointer(&pointer).cloned().unwrap_or_default();
    let mut path = shape.path.clone();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if let (Some(name), Some(example)) = (parameter["name"].as_str(), parameter["example"].as_str()) {
            path = path.replace(&format!("{{{name}}}"), example);
        }
    }
    let mut out = format!("{method} /v1{path} HTTP/1.1\n");
    if shape.needs_key() {
        out.push_str(&format!("Idempotency-Key: {}\n", schema::EXAMPLE_ID));
    }
    let request = &operation["requestBody"]["content"]["application/json"]["example"];
    if !request.is_null() {
        out.push_str(&format!("Content-Type: application/json\n\n{}\n", pretty(request)));
    }
    let responses = operation["responses"].as_object();
    let success = responses.and_then(|r| r.iter().find(|(status, _)| status.starts_with('2')));
    if let Some((status, response)) = success {
        let content = response["content"].as_object().and_then(|c| c.iter().next());
        out.push_str(&format!("\nHTTP/1.1 {status}\n"));
        if let Some((kind, content)) = content {
            let body = &content["example"];
            let body = body.as_str().map_or_else(|| pretty(body), |text| text.trim_end().to_owned());
            out.push_str(&format!("Content-Type: {kind}\n\n{body}\n"));
        }
    }
    out
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
