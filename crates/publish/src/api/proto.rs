//! `proto/…`: calls by gRPC as Protocol Buffers, one package for each part.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::contract::{Answer, Call, CallKind, Contract, Effect, Field, Form, Language, Record};
use super::limits::in_words;
use super::naming::{Taken, kebab, pascal, plural, snake, upper};
use crate::text::{clean, words};

/// A file of the contract: its path below the folder of the contract, and its text.
pub(crate) type File = (String, String);

/// The files of a contract, one for each part that is called by gRPC.
#[must_use]
pub(crate) fn files(contract: &Contract) -> Vec<File> {
    let mut areas: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    for call in contract.calls_in(Language::Proto).chain(&contract.inside) {
        areas.entry(&call.area).or_default().push(call);
    }
    let mut taken = Taken::default();
    let system = snake(&contract.slug);
    areas
        .into_iter()
        .map(|(area, calls)| {
            let name = taken.free(&snake(area));
            let path = format!("proto/{system}/{name}/v1/{name}.proto");
            let about = contract.areas.get(area).cloned().unwrap_or_else(|| format!("{}.", words(area)));
            (path, Package::new(contract, &system, &name).write(&about, &calls))
        })
        .collect()
}

/// A package under construction.
struct Package<'a> {
    contract: &'a Contract,
    system: &'a str,
    name: &'a str,
    taken: Taken,
    /// Messages of records by the record's name.
    records: BTreeMap<String, String>,
    enums: BTreeMap<Vec<String>, String>,
    imports: std::collections::BTreeSet<&'static str>,
    /// Messages and enums, in the order they were needed.
    blocks: Vec<String>,
}

impl<'a> Package<'a> {
    fn new(contract: &'a Contract, system: &'a str, name: &'a str) -> Self {
        Self {
            contract,
            system,
            name,
            taken: Taken::default(),
            records: BTreeMap::new(),
            enums: BTreeMap::new(),
            imports: std::collections::BTreeSet::new(),
            blocks: Vec::new(),
        }
    }

    fn write(mut self, about: &str, calls: &[&Call]) -> String {
        let service = self.taken.free(&format!("{}Service", pascal(self.name)));
        let names: Vec<String> = calls.iter().map(|c| pascal(&kebab(&unjoined(&c.name)))).collect();
        for name in &names {
            let _ = self.taken.free(&format!("{name}Request"));
            let _ = self.taken.free(&format!("{name}Response"));
        }
        let mut body = String::new();
        for (call, name) in calls.iter().zip(&names) {
            self.request(call, name);
            self.response(call, name);
            let _ = writeln!(body, "  // {}", comment(&rpc_about(call)));
            let stream = if call.kind == CallKind::Stream { "stream " } else { "" };
            let _ = writeln!(body, "  rpc {name}({name}Request) returns ({stream}{name}Response);");
        }
        let mut out = String::from("syntax = \"proto3\";\n\n");
        let _ = writeln!(out, "package {}.{}.v1;\n", self.system, self.name);
        for import in &self.imports {
            let _ = writeln!(out, "import \"{import}\";");
        }
        if !self.imports.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "// {}", comment(about));
        out.push_str(
            "//\n// Errors are google.rpc.Status with ErrorInfo: INVALID_ARGUMENT with BadRequest field violations,\n\
             // NOT_FOUND for what is missing or not the caller's, ABORTED when an etag is old, ALREADY_EXISTS for a\n\
             // repeated request_id with another body, RESOURCE_EXHAUSTED with RetryInfo. Callers set a deadline on\n\
             // every call. Fields are added, never renumbered; a removed one is reserved.\n",
        );
        let _ = writeln!(out, "service {service} {{\n{body}}}");
        for block in &self.blocks {
            let _ = write!(out, "\n{block}");
        }
        out
    }

    fn request(&mut self, call: &Call, name: &str) {
        let mut lines = Lines::default();
        for field in &call.path_fields {
            self.field(&mut lines, field, name);
        }
        for filter in &call.filters {
            self.field(&mut lines, &filter.field, name);
        }
        if let Some(page) = call.page {
            lines.add(
                "int32",
                "page_size",
                &format!("Rows in a page: {} unless given, at most {}.", page.usual, page.most),
            );
            lines.add("string", "page_token", "Token of the page before; empty for the first. Opaque.");
        }
        if !call.sorts.is_empty() {
            lines.add(
                "string",
                "order_by",
                &format!("One of: {}; a minus means descending.", call.sorts.join(", ")),
            );
        }
        if call.kind == CallKind::Query && call.row().is_some() {
            self.imports.insert("google/protobuf/field_mask.proto");
            lines.add("google.protobuf.FieldMask", "read_mask", "Fields to answer with; all when empty.");
        }
        if let Some((record, _)) = &call.body {
            self.body(&mut lines, call, record);
        }
        if call.keyed {
            lines.add(
                "string",
                "request_id",
                "Made once for each intent and sent again with each retry: 16 to 64 characters.",
            );
        }
        if call.guarded {
            lines.add("string", "etag", "Version that was read; the change is refused when it is old.");
        }
        self.blocks.push(format!(
            "// Asks to: {}\nmessage {name}Request {{\n{}}}\n",
            comment(&call.title),
            lines.text
        ));
    }

    /// What is sent: fields of an action stand in the request itself, those of a row in a message.
    fn body(&mut self, lines: &mut Lines, call: &Call, record: &str) {
        let described = self.contract.record(record).clone();
        if call.effect == Effect::None {
            for field in &described.fields {
                self.field(lines, field, record);
            }
            return;
        }
        let message = self.message(record, &described);
        let name = call.subject.as_ref().map_or_else(|| "body".to_owned(), |s| snake(s.as_str()));
        lines.add(&message, &name, &described.about);
        if call.effect == Effect::Change {
            self.imports.insert("google/protobuf/field_mask.proto");
            lines.add(
                "google.protobuf.FieldMask",
                "update_mask",
                "Fields to change; those that are set when empty.",
            );
        }
    }

    fn response(&mut self, call: &Call, name: &str) {
        let mut lines = Lines::default();
        match &call.answer {
            Answer::Page(page, _) => {
                for field in &self.contract.record(page).clone().fields {
                    match field.name.as_str() {
                        "next_cursor" => lines.add(
                            "string",
                            "next_page_token",
                            "Token of the next page; empty on the last one.",
                        ),
                        "items" => {
                            let mut rows = field.clone();
                            rows.name = call
                                .subject
                                .as_ref()
                                .map_or_else(|| "items".to_owned(), |s| plural(s.as_str()));
                            self.field(&mut lines, &rows, name);
                        }
                        _ => self.field(&mut lines, field, name),
                    }
                }
            }
            Answer::One(record) | Answer::Created(record) | Answer::Stream(record) => {
                let described = self.contract.record(record).clone();
                let inline = described.entity.is_none() && call.kind != CallKind::Stream;
                if inline {
                    for field in described.fields.iter().filter(|f| f.name != "next_cursor") {
                        self.field(&mut lines, field, record);
                    }
                } else {
                    let message = self.message(record, &described);
                    let field =
                        described.entity.as_ref().map_or_else(|| "event".to_owned(), |e| snake(e.as_str()));
                    lines.add(&message, &field, &described.about);
                }
                if call.versioned {
                    lines.add("string", "etag", "Version of what is answered.");
                }
            }
            Answer::Done | Answer::Accepted | Answer::Html | Answer::SeeOther => {}
        }
        self.blocks.push(format!(
            "// Answers: {}\nmessage {name}Response {{\n{}}}\n",
            comment(&call.title),
            lines.text
        ));
    }

    /// The message of a record.
    fn message(&mut self, name: &str, record: &Record) -> String {
        if let Some(found) = self.records.get(name) {
            return found.clone();
        }
        let free = self.taken.free(name);
        self.records.insert(name.to_owned(), free.clone());
        let mut lines = Lines::default();
        for field in &record.fields {
            self.field(&mut lines, field, name);
        }
        self.blocks.push(format!("// {}\nmessage {free} {{\n{}}}\n", comment(&record.about), lines.text));
        free
    }

    fn field(&mut self, lines: &mut Lines, field: &Field, owner: &str) {
        let (repeated, kind) = self.kind(&field.form, owner, &field.name);
        let is_message = matches!(field.form, Form::Record(_) | Form::Time | Form::Document | Form::Point);
        let label = match () {
            () if repeated => "repeated ",
            () if !field.required && !is_message => "optional ",
            () => "",
        };
        let about = format!("{} {}", field.about, in_words(&field.form));
        lines.add(&format!("{label}{kind}"), &snake(&field.name), about.trim());
    }

    /// Whether a type is repeated, and its name.
    fn kind(&mut self, form: &Form, owner: &str, name: &str) -> (bool, String) {
        let kind = match form {
            Form::Uuid(_)
            | Form::Text(_)
            | Form::Decimal
            | Form::Currency
            | Form::Date
            | Form::Url
            | Form::Email => "string",
            Form::Integer(least, most) if *least >= i64::from(i32::MIN) && *most <= i64::from(i32::MAX) => {
                "int32"
            }
            Form::Integer(..) | Form::Money(..) => "int64",
            Form::Float(..) => "double",
            Form::Boolean => "bool",
            Form::Bytes => "bytes",
            Form::Time => {
                self.imports.insert("google/protobuf/timestamp.proto");
                "google.protobuf.Timestamp"
            }
            Form::Document | Form::Documents(_) => {
                self.imports.insert("google/protobuf/struct.proto");
                let repeated = matches!(form, Form::Documents(_));
                let kind = if repeated { "google.protobuf.Value" } else { "google.protobuf.Struct" };
                return (repeated, kind.to_owned());
            }
            Form::Point => return (false, self.point()),
            Form::Words(values) => return (false, self.words(values, owner, name)),
            Form::Record(record) => {
                let described = self.contract.record(record).clone();
                return (false, self.message(record, &described));
            }
            Form::List(of, _) => return (true, self.kind(of, owner, name).1),
        };
        (false, kind.to_owned())
    }

    fn point(&mut self) -> String {
        let record = Record { about: "A position on earth (WGS 84).".to_owned(), ..Record::default() };
        if let Some(found) = self.records.get(" point") {
            return found.clone();
        }
        let name = self.taken.free("GeoPoint");
        self.records.insert(" point".to_owned(), name.clone());
        let mut lines = Lines::default();
        lines.add("double", "latitude", "Degrees north, from -90 to 90.");
        lines.add("double", "longitude", "Degrees east, from -180 to 180.");
        self.blocks.push(format!("// {}\nmessage {name} {{\n{}}}\n", record.about, lines.text));
        name
    }

    fn words(&mut self, values: &[String], owner: &str, field: &str) -> String {
        if let Some(found) = self.enums.get(values) {
            return found.clone();
        }
        let name =
            self.taken.free(&format!("{}{}", pascal(&unjoined(super::naming::bare(owner))), pascal(field)));
        self.enums.insert(values.to_vec(), name.clone());
        let prefix = upper(&unjoined(&name));
        let mut taken = Taken::with(&["UNSPECIFIED"]);
        let mut text = format!(
            "// Words of {}.\nenum {name} {{\n  // Not given.\n  {prefix}_UNSPECIFIED = 0;\n",
            words(field)
        );
        for (n, value) in values.iter().enumerate() {
            let word = taken.free(&upper(value));
            let _ = write!(text, "  // {}\n  {prefix}_{word} = {};\n", comment(value), n + 1);
        }
        text.push_str("}\n");
        self.blocks.push(text);
        name
    }
}

/// Fields of a message, numbered in order.
#[derive(Default)]
struct Lines {
    text: String,
    count: u32,
    taken: Taken,
}

impl Lines {
    fn add(&mut self, kind: &str, name: &str, about: &str) {
        self.count += 1;
        // Numbers from 19000 on belong to the implementation; no message comes near.
        let name = self.taken.free(name);
        let _ = write!(self.text, "  // {}\n  {kind} {name} = {};\n", comment(about), self.count);
    }
}

/// `placeOrder` as `place-order`.
fn unjoined(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Text on one line.
fn comment(text: &str) -> String {
    let text = clean(text);
    if text.is_empty() { "No description.".to_owned() } else { text }
}

fn rpc_about(call: &Call) -> String {
    let mut text = call.about.clone();
    if !call.access.scopes.is_empty() {
        let _ = write!(text, " Needs: {}.", call.access.scopes.join(", "));
    }
    if call.batch {
        text.push_str(" One call for many rows, so that no caller loops.");
    }
    text
}
