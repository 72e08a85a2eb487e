//! A contract: what can be asked of a system and what it answers, whatever language it is written down in.
//!
//! Emitters (`openapi`, `graphql`, `proto`, `asyncapi`) read this and nothing else.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use loadcase_model::Id;

use super::security::Scheme;

/// The style of the requests of a contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Resources over HTTP; back ends for single clients are such resources too.
    #[default]
    Rest,
    /// Pages made by the server for people, resources for machines.
    Pages,
    /// One graph; webhooks and probes stay HTTP.
    GraphQl,
    /// Resources over HTTP for those outside, gRPC between the parts inside.
    Grpc,
}

/// The language an operation is described in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// `openapi.yaml`.
    OpenApi,
    /// `schema.graphql`.
    GraphQl,
    /// Files in `proto/`.
    Proto,
    /// `asyncapi.yaml`.
    AsyncApi,
}

/// Everything that is promised to callers.
#[derive(Clone, Debug)]
pub struct Contract {
    /// Name of the system, cleaned.
    pub title: String,
    /// What it is, one sentence.
    pub about: String,
    /// Name in addresses and packages: lower-case letters, digits and single hyphens.
    pub slug: String,
    /// The style of requests.
    pub style: Style,
    /// Parts of the system by identifier, with a sentence on each.
    pub areas: IndexMap<String, String>,
    /// Records by name.
    pub records: IndexMap<String, Record>,
    /// What is asked and answered.
    pub calls: Vec<Call>,
    /// What parts ask of each other; empty unless they speak gRPC.
    pub inside: Vec<Call>,
    /// What is said without anybody waiting.
    pub messages: Vec<Message>,
    /// Ways to prove who one is.
    pub schemes: Vec<Scheme>,
    /// Whether keys of machines are rows of the design, so that no tokens stand for them.
    pub keys_are_rows: bool,
    /// Permissions by name, with a sentence on each.
    pub scopes: BTreeMap<String, String>,
    /// Where background messages go through: host and protocol.
    pub broker: (String, String),
}

/// An object of fixed fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// What it is, a sentence.
    pub about: String,
    /// Its fields in order, names unique.
    pub fields: Vec<Field>,
    /// Whether at least one field must be given.
    pub some: bool,
    /// The entity whose rows these are, all fields or some.
    pub entity: Option<Id>,
    /// Whether it is a row and nothing else.
    pub plain_row: bool,
    /// Whether it has whatever form its sender gives it: any JSON.
    pub any: bool,
}

/// A field, a parameter or an argument.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name, snake case.
    pub name: String,
    /// Type and constraints.
    pub form: Form,
    /// Whether it must be there.
    pub required: bool,
    /// What it is, a sentence.
    pub about: String,
    /// The entity it belongs to, for examples.
    pub owner: String,
}

/// A type with its constraints.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// An identifier, of the entity named.
    Uuid(String),
    /// Text.
    Text(Text),
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// An amount in minor units, from the first to the second.
    Money(i64, i64),
    /// An exact decimal number, sent as text.
    Decimal,
    /// A measured number, from the first to the second.
    Float(f64, f64),
    /// A currency code.
    Currency,
    /// True or false.
    Boolean,
    /// A moment in UTC.
    Time,
    /// A day.
    Date,
    /// One of these words: never empty, each once.
    Words(Vec<String>),
    /// A document with free fields.
    Document,
    /// A list of documents, at most so many.
    Documents(u32),
    /// A web address.
    Url,
    /// An e-mail address.
    Email,
    /// Latitude and longitude.
    Point,
    /// Bytes, sent as base64.
    Bytes,
    /// Another record of the contract.
    Record(String),
    /// A list, at most so many.
    List(Box<Self>, u32),
}

/// Constraints of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Fewest characters.
    pub least: u32,
    /// Most characters.
    pub most: u32,
    /// A regular expression that every reader of JSON Schema knows.
    pub pattern: &'static str,
    /// An example that keeps to them; empty: made from the name.
    pub example: &'static str,
}

impl Text {
    /// One line of any text.
    pub const LINE: Self = Self { least: 0, most: 255, pattern: "^[^\\r\\n]*$", example: "" };
    /// Any text.
    pub const LONG: Self = Self { least: 0, most: 65_536, pattern: "^[\\s\\S]*$", example: "" };
}

/// What a call is to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// It changes nothing.
    Query,
    /// It changes something.
    Command,
    /// It goes on answering.
    Stream,
    /// Another system tells something.
    Webhook,
    /// Whoever runs the system asks whether it is well.
    Probe,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A page of rows: the record of the page and that of a row.
    Page(String, String),
    /// A record.
    One(String),
    /// A record of something new.
    Created(String),
    /// Nothing but success.
    Done,
    /// The work is done later.
    Accepted,
    /// Events as they happen.
    Stream(String),
    /// A page for people.
    Html,
    /// The way to the next page, after a form was sent.
    SeeOther,
}

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// The field has this value.
    Equal,
    /// The field is this or later.
    From,
    /// The field is before this.
    Before,
    /// The field is near this position.
    Near,
    /// The field begins with this.
    Begins,
}

/// A condition that a caller may put on a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// The parameter.
    pub field: Field,
    /// The field of the row it is compared with.
    pub on: String,
    /// How.
    pub test: Test,
}

/// How many rows a page holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Unless asked.
    pub usual: u32,
    /// At most.
    pub most: u32,
}

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// A row is made.
    Create,
    /// A row is changed, or made where it is missing.
    Put,
    /// Fields of a row are changed.
    Change,
    /// A row is removed.
    Remove,
}

/// Who may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Proofs that are taken, one of them.
    pub schemes: Vec<Scheme>,
    /// Whether callers without one are served as well.
    pub anonymous: bool,
    /// Permissions that are needed.
    pub scopes: Vec<String>,
    /// Roles, as the blueprint calls them.
    pub roles: Vec<String>,
    /// Each way in: a proof, and the roles that whoever shows it must all have.
    pub ways: Vec<(Scheme, Vec<String>)>,
}

/// One thing that can be asked.
#[derive(Clone, Debug)]
pub struct Call {
    /// The operation of the blueprint; `None` for probes and for what parts ask of each other.
    pub operation: Option<Id>,
    /// Name for programs, camel case, unique.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What it does, who needs it, how related rows are loaded.
    pub about: String,
    /// The part that answers.
    pub area: String,
    /// The language it is described in.
    pub language: Language,
    /// What it is to its caller.
    pub kind: CallKind,
    /// HTTP method, upper case.
    pub method: &'static str,
    /// Path from the root, parameters in braces.
    pub path: String,
    /// Parameters in the path.
    pub path_fields: Vec<Field>,
    /// Conditions on a list.
    pub filters: Vec<Filter>,
    /// Orders of a list, the usual one first; a minus means descending.
    pub sorts: Vec<String>,
    /// Size of a page, for lists.
    pub page: Option<Page>,
    /// Fields that a caller may choose from; empty: all come always.
    pub parts: Vec<String>,
    /// The record that is sent, and whether it must be.
    pub body: Option<(String, bool)>,
    /// What comes back.
    pub answer: Answer,
    /// What becomes of the row.
    pub effect: Effect,
    /// The entity it is about.
    pub subject: Option<Id>,
    /// Whether a key that makes repetition harmless must be sent.
    pub keyed: bool,
    /// Whether the version that was read must be sent.
    pub guarded: bool,
    /// Whether the version comes with the answer.
    pub versioned: bool,
    /// Whether it begins a session, whose cookies come with the answer.
    pub signs_in: bool,
    /// Who may call.
    pub access: Access,
    /// Whether many rows are taken at once.
    pub batch: bool,
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To a worker of the system.
    Job,
    /// From the clock to a worker.
    Clock,
    /// From the system to an address of a customer.
    Outgoing,
}

/// Something said without anybody waiting.
#[derive(Clone, Debug)]
pub struct Message {
    /// The operation of the blueprint.
    pub operation: Id,
    /// Name for programs, camel case, unique.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What it is for.
    pub about: String,
    /// The part that takes or sends it.
    pub area: String,
    /// Which way it goes.
    pub way: Way,
    /// Records that may be said; one of them each time.
    pub records: Vec<String>,
}

/// Where an operation of the blueprint is described, and under which name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described<'a> {
    /// The operation.
    pub operation: &'a Id,
    /// The language.
    pub language: Language,
    /// The name in that language's file.
    pub name: &'a str,
}

impl Contract {
    /// Where each operation is described, in the order of the contract.
    #[must_use]
    pub fn described(&self) -> Vec<Described<'_>> {
        let calls = self.calls.iter().filter_map(|c| {
            let operation = c.operation.as_ref()?;
            Some(Described { operation, language: c.language, name: &c.name })
        });
        let messages = self.messages.iter().map(|m| Described {
            operation: &m.operation,
            language: Language::AsyncApi,
            name: &m.name,
        });
        calls.chain(messages).collect()
    }

    /// The calls described in a language.
    pub fn calls_in(&self, language: Language) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |c| c.language == language)
    }

    /// The row that others of the same entity refer to: what anybody may see of it, where that is less.
    #[must_use]
    pub fn row_of(&self, entity: &str) -> Option<&str> {
        let rows = self
            .records
            .iter()
            .filter(|(_, r)| r.plain_row && r.entity.as_ref().is_some_and(|e| *e == *entity));
        rows.min_by_key(|(_, r)| r.fields.len()).map(|(name, _)| name.as_str())
    }

    /// A record by its name.
    ///
    /// # Panics
    /// When the contract names a record it does not have: a mistake in its making.
    #[must_use]
    pub fn record(&self, name: &str) -> &Record {
        self.records.get(name).expect("a contract has the records it names")
    }

    /// Where the API is reached from outside, until real names are known.
    #[must_use]
    pub fn host(&self) -> String {
        format!("api.{}.invalid", self.slug)
    }
}

impl Call {
    /// The record of a row of the answer, when it has one.
    #[must_use]
    pub fn row(&self) -> Option<&str> {
        match &self.answer {
            Answer::Page(_, row) | Answer::One(row) | Answer::Created(row) => Some(row),
            _ => None,
        }
    }
}
