//! A connection: statements in, text out.

use postgres::error::{DbError, ErrorPosition};
use postgres::{Client, Config, NoTls, SimpleQueryMessage};

use crate::input::Error;

/// Values of one row as text; `None` is null.
pub(crate) type Row = Vec<Option<String>>;

/// A connection to one database.
pub(crate) struct Session {
    client: Client,
}

/// What the server said.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: String,
    pub(crate) message: String,
    /// The constraint that refused a row.
    pub(crate) constraint: Option<String>,
    /// The character of the statement, from zero.
    pub(crate) position: Option<usize>,
}

impl Fault {
    /// Refused for want of a right: by a grant or a policy.
    pub(crate) fn is_refusal(&self) -> bool {
        self.code == "42501"
    }

    /// Refused because the row is there already.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.code == "23505" || self.code == "23P01"
    }

    /// Refused by any constraint.
    pub(crate) fn is_constraint(&self) -> bool {
        self.code.starts_with("23")
    }

    /// Refused because other rows refer to this one, or because the one referred to is not there.
    pub(crate) fn is_reference(&self) -> bool {
        self.code == "23503"
    }

    /// Ended by the time limit.
    pub(crate) fn is_timeout(&self) -> bool {
        self.code == "57014"
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (SQLSTATE {})", self.message, self.code)
    }
}

impl From<postgres::Error> for Fault {
    fn from(error: postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            let message =
                if error.is_closed() { "the connection was closed" } else { "the connection broke" };
            return Self {
                code: "08006".to_owned(),
                message: message.to_owned(),
                constraint: None,
                position: None,
            };
        };
        Self {
            code: db.code().code().to_owned(),
            message: message(db),
            constraint: db.constraint().map(str::to_owned),
            position: match db.position() {
                Some(ErrorPosition::Original(at)) => Some((*at as usize).saturating_sub(1)),
                _ => None,
            },
        }
    }
}

fn message(db: &DbError) -> String {
    let detail = db.detail().map_or(String::new(), |d| format!("; {d}"));
    format!("{}{detail}", db.message())
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Server(format!("PostgreSQL: {fault}"))
    }
}

pub(crate) type Answer<T> = Result<T, Fault>;

impl Session {
    /// Connects; nothing of the configuration appears in the error.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let client = config.connect(NoTls).map_err(|e| {
            let said = e.as_db_error().map_or_else(|| reason(&e), message);
            Error::Server(format!("cannot connect to PostgreSQL: {said}"))
        })?;
        Ok(Self { client })
    }

    /// Runs statements whose results do not matter.
    pub(crate) fn run(&mut self, sql: &str) -> Answer<()> {
        Ok(self.client.batch_execute(sql)?)
    }

    /// The rows of a statement.
    pub(crate) fn rows(&mut self, sql: &str) -> Answer<Vec<Row>> {
        let messages = self.client.simple_query(sql)?;
        let text =
            |row: &postgres::SimpleQueryRow| (0..row.len()).map(|i| row.get(i).map(str::to_owned)).collect();
        Ok(messages
            .iter()
            .filter_map(|m| match m {
                SimpleQueryMessage::Row(row) => Some(text(row)),
                _ => None,
            })
            .collect())
    }

    /// The first value of the first row.
    pub(crate) fn one(&mut self, sql: &str) -> Answer<Option<String>> {
        Ok(self.rows(sql)?.into_iter().next().and_then(|r| r.into_iter().next()).flatten())
    }

    /// The first value as a number; zero when there is none.
    pub(crate) fn number(&mut self, sql: &str) -> Answer<f64> {
        Ok(self.one(sql)?.and_then(|v| v.parse().ok()).unwrap_or(0.0))
    }

    /// Rows a statement changed.
    pub(crate) fn changed(&mut self, sql: &str) -> Answer<u64> {
        let messages = self.client.simple_query(sql)?;
        Ok(messages
            .iter()
            .filter_map(|m| match m {
                SimpleQueryMessage::CommandComplete(n) => Some(*n),
                _ => None,
            })
            .next_back()
            .unwrap_or(0))
    }

    /// Tries something in a transaction that is rolled back whatever comes of it.
    pub(crate) fn rolled_back<T>(&mut self, attempt: impl FnOnce(&mut Self) -> Answer<T>) -> Answer<T> {
        self.run("BEGIN")?;
        let done = attempt(self);
        self.run("ROLLBACK")?;
        done
    }
}

/// Why there is no connection, without what was asked for.
fn reason(error: &postgres::Error) -> String {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if let Some(io) = inner.downcast_ref::<std::io::Error>() {
            return io.kind().to_string();
        }
        source = inner.source();
    }
    "it does not answer, or asks for a kind of sign-in or encryption that is not supported".to_owned()
}

/// A name as SQL.
pub(crate) fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Names as SQL, with commas.
pub(crate) fn idents<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|n| ident(n)).collect::<Vec<_>>().join(", ")
}

/// A text as SQL.
pub(crate) fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// A value as SQL.
pub(crate) fn value(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), literal)
}
