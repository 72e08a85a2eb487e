//! What is proven, and how.

use std::ffi::OsString;
use std::path::PathBuf;

/// A schema with what is claimed of it.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The store.
    pub name: String,
    /// What the schema is called in messages: its path, or that it was generated.
    pub source: String,
    /// The schema, in PostgreSQL's SQL.
    pub schema: String,
    /// The role of the application; without it, the one most tables are granted to.
    pub application_role: Option<String>,
    /// The role of people who work on the rows of all tenants, and the statement by which that is written down first.
    pub staff: Option<(String, String)>,
    /// The column that says whose row it is, when the database itself is to keep tenants apart.
    pub tenant_column: Option<String>,
    /// Tables whose rows belong to a tenant. Tables with a policy are tried as well.
    pub scoped: Vec<String>,
    /// How many rows each table has beside the others.
    pub shares: Vec<Share>,
    /// The statements the application runs.
    pub patterns: Vec<Pattern>,
    /// Columns of which the same values twice must be refused.
    pub keys: Vec<Key>,
    /// What is called again and again so that time passes.
    pub upkeep: Vec<Upkeep>,
    /// What a reader of the result should know.
    pub notes: Vec<String>,
}

/// A function of the schema that does what is due, until it answers 0.
#[derive(Clone, Debug)]
pub struct Upkeep {
    /// Its name.
    pub name: String,
    /// What is so when it has answered 0.
    pub claim: String,
    /// Who calls it.
    pub role: String,
    /// What makes something due first.
    pub before: Option<String>,
    /// The call: one number, how much was done.
    pub statement: String,
    /// How much is left undone: one number.
    pub left: String,
}

/// A table beside the others.
#[derive(Clone, Debug)]
pub struct Share {
    /// Its name in the schema.
    pub table: String,
    /// Rows in the long run, in any unit common to all tables; zero when nothing says.
    pub weight: f64,
    /// Bytes of a row with its indexes.
    pub row_bytes: f64,
    /// Days over which rows are spread.
    pub days: f64,
}

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// Returns rows.
    Read,
    /// Adds rows up.
    Aggregate,
    /// Adds rows.
    Insert,
    /// Changes rows.
    Update,
    /// Removes rows.
    Delete,
}

impl Touch {
    /// Whether it changes the database.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Insert | Self::Update | Self::Delete)
    }
}

/// A statement the application runs.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Its name.
    pub name: String,
    /// In words.
    pub title: String,
    /// The table its parameters are taken from.
    pub table: String,
    /// What it does.
    pub touch: Touch,
    /// SQL with `$1`, `$2` ...
    pub statement: String,
    /// One for each number.
    pub parameters: Vec<Parameter>,
    /// A condition that rows must meet for their values to be used as parameters.
    pub among: Option<String>,
    /// Most rows of one run; absent when the pattern sets no bound.
    pub rows: Option<f64>,
    /// The index or key that should serve it.
    pub served_by: Option<String>,
    /// Whether the application runs it for one tenant; else another role does over all of them.
    pub application: bool,
    /// The other role; without it, or where the schema has none of the name, the one that loaded the schema.
    pub role: Option<String>,
    /// A statement that each transaction of that role begins with.
    pub before: Option<String>,
}

/// A parameter: the column that gives its type, and where its value comes from.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The column of the pattern's table.
    pub column: String,
    /// Where the value comes from.
    pub filled: Filled,
}

/// Where the value of a parameter comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// The row that is looked for.
    Same,
    /// That many different values of rows beside it, as an array.
    List(u32),
    /// The value above which that many of the selected rows lie.
    Newest(u32),
    /// The value below which that many of the selected rows lie.
    Oldest(u32),
    /// The last row of the page before: one among the selected rows.
    Cursor,
    /// A row that is not there yet.
    Fresh,
    /// A value given as text.
    Given(String),
    /// A word that occurs in the value of the row.
    Word,
    /// A part of the document in the row.
    Part,
}

/// Columns of which the same values twice must be refused.
#[derive(Clone, Debug)]
pub struct Key {
    /// The table.
    pub table: String,
    /// The columns, without the tenant's.
    pub columns: Vec<String>,
    /// With it, only rows that meet this SQL condition are compared.
    pub among: Option<String>,
    /// With it, rows equal in the columns are refused when these periods of theirs overlap.
    pub period: Option<Period>,
}

/// From when to when a row holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// The column with the beginning.
    pub from: String,
    /// The column with the end.
    pub until: String,
    /// The SQL condition of rows that count; empty when all do.
    pub counted: String,
}

/// Where the server is.
#[derive(Clone)]
pub enum Place {
    /// A server of its own, started from these folders with programs, the first that has them.
    Private {
        /// Folders in which programs are looked for, as in `PATH`.
        path: Option<OsString>,
        /// Folder for temporary files.
        temp: PathBuf,
    },
    /// A running server; databases of their own are created there and dropped.
    Url(String),
}

/// How to prove.
#[derive(Clone)]
pub struct Options {
    /// Where.
    pub place: Place,
    /// Rows of the largest table.
    pub rows: u64,
    /// Another seed gives other rows.
    pub seed: u64,
}

/// Why nothing could be proven.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No server is installed.
    #[error(
        "no PostgreSQL was found on PATH or in /usr/lib/postgresql: install one (Debian and Ubuntu: `apt install postgresql`, Fedora: `dnf install postgresql-server`, macOS: `brew install postgresql`) or give --database-url"
    )]
    NoServer,
    /// The server could not be used.
    #[error("{0}")]
    Server(String),
    /// The schema was refused.
    #[error("{origin}{}: PostgreSQL refuses the schema: {message}", place(*line))]
    Schema {
        /// What the schema is called.
        origin: String,
        /// The line, when the server says where.
        line: Option<usize>,
        /// What the server said.
        message: String,
    },
    /// Rows could not be made.
    #[error("{table}: no rows could be made: {message}")]
    Rows {
        /// The table.
        table: String,
        /// Why.
        message: String,
    },
}

fn place(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}
