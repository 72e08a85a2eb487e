//! `schema.graphql`: calls as a GraphQL schema with Relay paging.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use super::contract::{Answer, Call, CallKind, Contract, Field, Form, Language, Record};
use super::limits::in_words;
use super::naming::{Taken, camel, pascal, snake, upper};
use crate::text::{capital, clean, words};

/// The schema of a contract; `None` when nothing is asked in this language.
#[must_use]
pub(crate) fn text(contract: &Contract) -> Option<String> {
    let calls: Vec<&Call> = contract.calls_in(Language::GraphQl).collect();
    (!calls.is_empty()).then(|| Schema::new(contract).write(&calls))
}

/// Scalars with the page that specifies them, and what they are.
const SCALARS: &[(&str, &str, &str)] = &[
    ("DateTime", "https://scalars.graphql.org/andimarek/date-time.html", "A moment in UTC (RFC 3339)."),
    ("LocalDate", "https://scalars.graphql.org/andimarek/local-date.html", "A day, such as 2026-03-02."),
    (
        "BigInt",
        "https://the-guild.dev/graphql/scalars/docs/scalars/big-int",
        "A whole number beyond 32 bits.",
    ),
    (
        "DecimalText",
        "https://the-guild.dev/graphql/scalars/docs/scalars/big-decimal",
        "An exact decimal number, as text.",
    ),
    ("JSON", "https://the-guild.dev/graphql/scalars/docs/scalars/json", "A document with free fields."),
    ("WebAddress", "https://the-guild.dev/graphql/scalars/docs/scalars/url", "A web address."),
    (
        "EmailAddress",
        "https://the-guild.dev/graphql/scalars/docs/scalars/email-address",
        "An e-mail address.",
    ),
];

/// A schema under construction.
struct Schema<'a> {
    contract: &'a Contract,
    taken: Taken,
    /// Names of output and input types by record.
    outputs: BTreeMap<String, String>,
    inputs: BTreeMap<String, String>,
    connections: BTreeMap<String, String>,
    enums: BTreeMap<Vec<String>, String>,
    scalars: BTreeSet<&'static str>,
    blocks: Vec<String>,
    constraint: bool,
    scopes: bool,
    problem: bool,
}

impl<'a> Schema<'a> {
    fn new(contract: &'a Contract) -> Self {
        let mut taken = Taken::with(&[
            "Query",
            "Mutation",
            "Subscription",
            "PageInfo",
            "ProblemPayload",
            "GeoPointPayload",
            "GeoPointInput",
            "ID",
            "Int",
            "Float",
            "String",
            "Boolean",
        ]);
        SCALARS.iter().for_each(|s| drop(taken.free(s.0)));
        Self {
            contract,
            taken,
            outputs: BTreeMap::new(),
            inputs: BTreeMap::new(),
            connections: BTreeMap::new(),
            enums: BTreeMap::new(),
            scalars: BTreeSet::new(),
            blocks: Vec::new(),
            constraint: false,
            scopes: false,
            problem: false,
        }
    }

    fn write(mut self, calls: &[&Call]) -> String {
        let mut roots: [(&str, &str, String, Taken); 3] = [
            ("Query", "What can be asked.", String::new(), Taken::default()),
            ("Mutation", "What can be changed.", String::new(), Taken::default()),
            ("Subscription", "What can be listened to.", String::new(), Taken::default()),
        ];
        for call in calls {
            let at = match call.kind {
                CallKind::Query => 0,
                CallKind::Stream => 2,
                _ => 1,
            };
            let name = roots[at].3.free(&root_name(&call.name));
            let field = self.root(call, &name);
            roots[at].2.push_str(&field);
        }
        if roots[0].2.is_empty() {
            roots[0].2.push_str(&format!(
                "{}  contractVersion: String!\n",
                described("The version of this contract.", 2)
            ));
        }
        let used: Vec<_> = roots.iter().filter(|r| !r.2.is_empty()).collect();
        let mut out = described(&format!("{} {}", self.contract.about, CONVENTIONS), 0);
        out.push_str("schema {\n");
        for (name, ..) in &used {
            let _ = writeln!(out, "  {}: {name}", name.to_lowercase());
        }
        out.push_str("}\n");
        self.preamble(&mut out);
        for (name, about, fields, _) in &used {
            let _ = write!(out, "\n{}type {name} {{\n{fields}}}\n", described(about, 0));
        }
        for block in &self.blocks {
            let _ = write!(out, "\n{block}");
        }
        out
    }

    /// Directives, scalars and types that others need.
    fn preamble(&self, out: &mut String) {
        if self.constraint {
            let about = described("What a value must keep to; the server refuses what does not.", 0);
            let _ = write!(
                out,
                "\n{about}directive @constraint(minLength: Int, maxLength: Int, pattern: String, min: Float, max: Float) on ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION\n"
            );
        }
        if self.scopes {
            let about = described("Permissions that the caller's token must have, all of them.", 0);
            let _ =
                write!(out, "\n{about}directive @requiresScopes(scopes: [String!]!) on FIELD_DEFINITION\n");
        }
        for (name, url, about) in SCALARS.iter().filter(|s| self.scalars.contains(s.0)) {
            let _ = write!(out, "\n{}scalar {name} @specifiedBy(url: \"{url}\")\n", described(about, 0));
        }
        if !self.connections.is_empty() {
            out.push_str(PAGE_INFO);
        }
        if self.problem {
            out.push_str(PROBLEM);
        }
    }

    /// A field of a root type.
    fn root(&mut self, call: &Call, name: &str) -> String {
        let mut arguments: Vec<String> = Vec::new();
        let mut taken = Taken::default();
        for field in &call.path_fields {
            arguments.push(self.argument(field, &mut taken));
        }
        if let (Some(page), Answer::Page(..)) = (call.page, &call.answer) {
            self.constraint = true;
            let _ = (taken.free("first"), taken.free("after"));
            arguments.push(format!(
                "{}    first: Int = {} @constraint(min: 1, max: {})",
                described("Rows in a page.", 4),
                page.usual,
                page.most
            ));
            arguments.push(format!(
                "{}    after: String",
                described("Cursor of the last row of the page before.", 4)
            ));
        }
        if !call.sorts.is_empty() {
            let kind = self.order(call);
            let first = order_word(&call.sorts[0]);
            arguments.push(format!(
                "{}    {}: {kind} = {first}",
                described("Order; only orders that an index serves are offered.", 4),
                taken.free("orderBy")
            ));
        }
        for filter in &call.filters {
            arguments.push(self.argument(&filter.field, &mut taken));
        }
        if let Some((record, required)) = &call.body {
            let kind = self.input(record);
            let mark = if *required { "!" } else { "" };
            let about = self.contract.record(record).about.clone();
            arguments.push(format!("{}    {}: {kind}{mark}", described(&about, 4), taken.free("input")));
        }
        if call.keyed {
            arguments.push(format!("{}    {}: ID!", described("Made once for each intent and sent again with each retry; the same key with another input is refused.", 4), taken.free("idempotencyKey")));
        }
        if call.guarded {
            arguments.push(format!(
                "{}    {}: String!",
                described("The etag that was read; the change is refused when it is old.", 4),
                taken.free("ifEtag")
            ));
        }
        let kind = self.answer(call, name);
        let list =
            if arguments.is_empty() { String::new() } else { format!("(\n{}\n  )", arguments.join("\n")) };
        let scopes = if call.access.scopes.is_empty() {
            String::new()
        } else {
            self.scopes = true;
            format!(
                " @requiresScopes(scopes: [{}])",
                call.access.scopes.iter().map(|s| quoted(s)).collect::<Vec<_>>().join(", ")
            )
        };
        format!("{}  {name}{list}: {kind}{scopes}\n", described(&call.about, 2))
    }

    fn argument(&mut self, field: &Field, taken: &mut Taken) -> String {
        let name = taken.free(&camel(&field.name));
        let kind = self.kind(&field.form, &field.owner, &field.name, true);
        let mark = if field.required { "!" } else { "" };
        format!("{}    {name}: {kind}{mark}{}", described(&field.about, 4), self.constraint(&field.form))
    }

    /// The type of an answer. Changes answer with the row and with the problems that a caller can do something about.
    fn answer(&mut self, call: &Call, name: &str) -> String {
        let kind = match &call.answer {
            Answer::Page(_, row) => return format!("{}!", self.connection(row)),
            Answer::Stream(record) => return format!("{}!", self.output(record)),
            Answer::One(record) | Answer::Created(record) => Some(self.output(record)),
            _ => None,
        };
        if call.kind == CallKind::Query {
            return kind.unwrap_or_else(|| "Boolean".to_owned());
        }
        self.problem = true;
        let payload = self.taken.free_before(&capital(name), "Payload");
        let result = kind.map_or_else(
            || format!("{}  done: Boolean!\n", described("Whether it was done.", 2)),
            |kind| {
                format!("{}  result: {kind}\n", described("As it is now; absent when there are problems.", 2))
            },
        );
        let etag = if call.versioned {
            format!("{}  etag: String\n", described("Version of the result.", 2))
        } else {
            String::new()
        };
        let problems =
            format!("{}  problems: [ProblemPayload!]!\n", described("What kept it from being done.", 2));
        self.blocks.push(format!(
            "{}type {payload} {{\n{result}{etag}{problems}}}\n",
            described(&format!("Answer: {}", call.title), 0)
        ));
        format!("{payload}!")
    }

    /// The name of a record that rows come in: in this language clients choose the fields of any row.
    fn base<'b>(&self, record: &'b str) -> &'b str {
        record
            .strip_suffix("Part")
            .filter(|base| self.contract.records.get(*base).is_some_and(|r| r.plain_row))
            .unwrap_or(record)
    }

    fn connection(&mut self, row: &str) -> String {
        let node = self.output(self.base(row));
        if let Some(found) = self.connections.get(&node) {
            return found.clone();
        }
        let edge = self.taken.free_before(&node, "Edge");
        let name = self.taken.free_before(&node, "Connection");
        self.connections.insert(node.clone(), name.clone());
        self.blocks.push(format!(
            "{}type {name} {{\n{}  edges: [{edge}!]!\n{}  pageInfo: PageInfo!\n}}\n\n{}type {edge} {{\n{}  cursor: String!\n{}  node: {node}!\n}}\n",
            described("A page.", 0),
            described("Rows with their cursors, in the order asked for.", 2),
            described("Where the page stands.", 2),
            described("A row of a page.", 0),
            described("Where a page after this row begins; opaque.", 2),
            described("The row.", 2),
        ));
        name
    }

    /// The object type of a record. Types without an identifier say in their name that they are no nodes.
    fn output(&mut self, record: &str) -> String {
        let record = self.base(record);
        if let Some(found) = self.outputs.get(record) {
            return found.clone();
        }
        let described_by = self.contract.record(record).clone();
        let node = described_by.fields.iter().any(|f| f.name == "id");
        let name = match record {
            _ if !node && record.ends_with("Event") => {
                self.taken.free_before(record.strip_suffix("Event").unwrap_or(record), "Event")
            }
            _ if !node && record.starts_with("Type") => {
                self.taken.free_before(&format!("A{record}"), "Payload")
            }
            _ if !node => self.taken.free_before(record, "Payload"),
            // The linter keeps these words for itself.
            _ if record.starts_with("Type")
                || ["Type", "Connection", "Edge"].iter().any(|word| record.ends_with(word)) =>
            {
                self.taken.free(&format!("A{record}Row"))
            }
            _ => self.taken.free(record),
        };
        self.outputs.insert(record.to_owned(), name.clone());
        let fields = self.output_fields(&described_by, &name);
        self.blocks.push(format!("{}type {name} {{\n{fields}}}\n", described(&described_by.about, 0)));
        name
    }

    fn output_fields(&mut self, record: &Record, owner: &str) -> String {
        let mut taken = Taken::default();
        let mut out = String::new();
        let mut names: Vec<String> = Vec::new();
        for field in &record.fields {
            let name = taken.free(&short(&camel(&field.name), owner));
            let kind = if field.name == "id" {
                "ID".to_owned()
            } else {
                self.kind(&field.form, owner, &field.name, false)
            };
            let list = matches!(field.form, Form::List(..) | Form::Documents(_));
            let mark = if field.required || list || field.name == "id" { "!" } else { "" };
            let _ = writeln!(out, "{}  {name}: {kind}{mark}", described(&field.about, 2));
            names.push(name);
        }
        if record.entity.is_some() {
            self.loaded(record, owner, &mut taken, &mut out);
        }
        out
    }

    /// What a row refers to, reached in the graph: loaded for all rows of an answer at once.
    fn loaded(&mut self, record: &Record, owner: &str, taken: &mut Taken, out: &mut String) {
        for field in &record.fields {
            let Form::Uuid(entity) = &field.form else { continue };
            let Some(stem) = field.name.strip_suffix("_id") else { continue };
            let Some(row) = self.contract.row_of(entity).map(str::to_owned) else { continue };
            let wanted = short(&camel(stem), owner);
            if taken.has(&wanted) {
                continue;
            }
            let name = taken.free(&wanted);
            let kind = self.output(&row);
            let about = format!(
                "The {} it refers to. Loaded for all rows of an answer in one statement (DataLoader keyed by {}, one for each request).",
                words(stem),
                words(entity)
            );
            let _ = writeln!(out, "{}  {name}: {kind}", described(&about, 2));
        }
    }

    fn input(&mut self, record: &str) -> String {
        if let Some(found) = self.inputs.get(record) {
            return found.clone();
        }
        let name = self.taken.free(&format!("{record}Input"));
        self.inputs.insert(record.to_owned(), name.clone());
        let described_by = self.contract.record(record).clone();
        let mut taken = Taken::default();
        let mut fields = String::new();
        for field in &described_by.fields {
            let free = taken.free(&camel(&field.name));
            let kind = self.kind(&field.form, record, &field.name, true);
            let mark = if field.required { "!" } else { "" };
            let limits = self.constraint(&field.form);
            let words = if limits.is_empty() { in_words(&field.form) } else { String::new() };
            let about = format!("{} {words}", field.about);
            let _ = writeln!(fields, "{}  {free}: {kind}{mark}{limits}", described(about.trim(), 2));
        }
        self.blocks.push(format!("{}input {name} {{\n{fields}}}\n", described(&described_by.about, 0)));
        name
    }

    fn kind(&mut self, form: &Form, owner: &str, name: &str, input: bool) -> String {
        let mut scalar = |name: &'static str| {
            self.scalars.insert(name);
            name.to_owned()
        };
        match form {
            Form::Uuid(_) => "ID".to_owned(),
            Form::Text(_) | Form::Currency | Form::Bytes => "String".to_owned(),
            Form::Integer(least, most) if *least >= i64::from(i32::MIN) && *most <= i64::from(i32::MAX) => {
                "Int".to_owned()
            }
            Form::Integer(..) | Form::Money(..) => scalar("BigInt"),
            Form::Decimal => scalar("DecimalText"),
            Form::Float(..) => "Float".to_owned(),
            Form::Boolean => "Boolean".to_owned(),
            Form::Time => scalar("DateTime"),
            Form::Date => scalar("LocalDate"),
            Form::Url => scalar("WebAddress"),
            Form::Email => scalar("EmailAddress"),
            Form::Document => scalar("JSON"),
            Form::Documents(_) => format!("[{}!]", scalar("JSON")),
            Form::Point => self.point(input),
            Form::Words(values) => self.words(values, owner, name),
            Form::Record(record) if input => self.input(record),
            Form::Record(record) => self.output(record),
            Form::List(of, _) => format!("[{}!]", self.kind(of, owner, name, input)),
        }
    }

    fn point(&mut self, input: bool) -> String {
        let (keyword, name) = if input { ("input", "GeoPointInput") } else { ("type", "GeoPointPayload") };
        if !self.outputs.contains_key(name) {
            self.outputs.insert(name.to_owned(), name.to_owned());
            self.blocks.push(format!(
                "{}{keyword} {name} {{\n{}  latitude: Float!\n{}  longitude: Float!\n}}\n",
                described("A position on earth (WGS 84).", 0),
                described("Degrees north, from -90 to 90.", 2),
                described("Degrees east, from -180 to 180.", 2)
            ));
        }
        name.to_owned()
    }

    fn words(&mut self, values: &[String], owner: &str, field: &str) -> String {
        if let Some(found) = self.enums.get(values) {
            return found.clone();
        }
        let owner = super::naming::bare(owner);
        let mut wanted =
            format!("{}{}", if owner.contains('-') { pascal(owner) } else { capital(owner) }, pascal(field));
        if wanted.starts_with("Enum") || wanted.ends_with("Enum") {
            wanted = format!("A{wanted}Word");
        }
        let name = self.taken.free(&wanted);
        self.enums.insert(values.to_vec(), name.clone());
        let mut taken = Taken::with(&["TRUE", "FALSE", "NULL"]);
        let mut text = format!("{}enum {name} {{\n", described(&format!("Words of {}.", words(field)), 0));
        for value in values {
            let word = taken.free(&upper(value));
            let _ = writeln!(text, "{}  {word}", described(&format!("{}.", capital(&words(value))), 2));
        }
        text.push_str("}\n");
        self.blocks.push(text);
        name
    }

    fn order(&mut self, call: &Call) -> String {
        let values: Vec<String> = call.sorts.iter().map(|s| order_word(s)).collect();
        let key: Vec<String> = std::iter::once("order".to_owned()).chain(values.iter().cloned()).collect();
        if let Some(found) = self.enums.get(&key) {
            return found.clone();
        }
        let name = self.taken.free(&format!("{}Order", capital(&call.name)));
        self.enums.insert(key, name.clone());
        let mut text = format!("{}enum {name} {{\n", described("Orders that an index serves.", 0));
        for (sort, value) in call.sorts.iter().zip(&values) {
            let way = if sort.starts_with('-') { "descending" } else { "ascending" };
            let _ = writeln!(
                text,
                "{}  {value}",
                described(&format!("By {}, {way}.", words(sort.trim_start_matches('-'))), 2)
            );
        }
        text.push_str("}\n");
        self.blocks.push(text);
        name
    }

    /// Constraints as a directive.
    fn constraint(&mut self, form: &Form) -> String {
        let list = match form {
            Form::Text(text) => {
                let least =
                    if text.least > 0 { format!("minLength: {}, ", text.least) } else { String::new() };
                format!("{least}maxLength: {}, pattern: {}", text.most, quoted(text.pattern))
            }
            Form::Integer(least, most) => format!("min: {least}, max: {most}"),
            Form::Money(least, most) if *least >= 0 => format!("min: {least}, max: {most}"),
            Form::Currency => "minLength: 3, maxLength: 3, pattern: \"^[A-Z]{3}$\"".to_owned(),
            _ => return String::new(),
        };
        self.constraint = true;
        format!(" @constraint({list})")
    }
}

const CONVENTIONS: &str = "Conventions: pages by cursor, never by number; a row that another refers to is loaded in one batch for the whole answer (DataLoader), so that no list costs one statement for each row; depth and the cost of a query are limited, and clients of the own product send registered queries only; fields are added, never removed without being deprecated first with a date.";

const PAGE_INFO: &str = r#"
"""
Where a page stands.
"""
type PageInfo {
  """
  Whether more rows follow.
  """
  hasNextPage: Boolean!
  """
  Whether rows precede.
  """
  hasPreviousPage: Boolean!
  """
  Cursor of the first row.
  """
  startCursor: String
  """
  Cursor of the last row.
  """
  endCursor: String
}
"#;

const PROBLEM: &str = r#"
"""
A problem that the caller can do something about, with the fields of RFC 9457.
"""
type ProblemPayload {
  """
  What kind of problem; stable, for programs.
  """
  type: String!
  """
  The kind in words.
  """
  title: String!
  """
  The status it would have over HTTP.
  """
  status: Int!
  """
  What went wrong this time.
  """
  detail: String
  """
  The input at fault, as a JSON pointer.
  """
  pointer: String
}
"#;

/// Names that the linter takes for something else: `getOrder` is a query anyway.
fn root_name(name: &str) -> String {
    let prefixes = [("query", "ask"), ("get", "fetch"), ("mutation", "change"), ("subscription", "watch")];
    let begun = prefixes.iter().find_map(|(prefix, other)| Some((other, name.strip_prefix(prefix)?)));
    let name = begun.map_or_else(
        || name.to_owned(),
        |(other, rest)| format!("{other}{}", if rest.is_empty() { "It".to_owned() } else { capital(rest) }),
    );
    let ended = ["Query", "Mutation", "Subscription"].iter().any(|s| name.ends_with(s));
    if ended { format!("{name}Result") } else { name }
}

/// `orderLines` of `Order` as `lines`: the type says the rest.
fn short(name: &str, owner: &str) -> String {
    let lower = owner.to_lowercase();
    if !name.to_lowercase().starts_with(&lower) {
        return name.to_owned();
    }
    let rest = &name[lower.len()..];
    let mut chars = rest.chars();
    match chars.next() {
        Some(first) if first.is_ascii_alphabetic() => first.to_lowercase().chain(chars).collect(),
        _ => format!("own{}", capital(name)),
    }
}

fn order_word(sort: &str) -> String {
    let name = snake(sort.trim_start_matches('-'));
    format!("{}_{}", name.to_ascii_uppercase(), if sort.starts_with('-') { "DESC" } else { "ASC" })
}

/// A string of the language: JSON's escapes are its own.
fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

/// A description that nothing inside can end.
fn described(text: &str, indent: usize) -> String {
    let space = " ".repeat(indent);
    let text: String = clean(text)
        .chars()
        .map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            c => c,
        })
        .collect();
    let text = if text.is_empty() { "No description.".to_owned() } else { text };
    format!("{space}\"\"\"\n{space}{text}\n{space}\"\"\"\n")
}
