//! What a team has measured becomes service demands: load tests, traces, metrics and statement statistics are read,
//! recognised by their content, and put into a blueprint in place of the catalog's figures.
//!
//! [`read`] turns one text into a [`Reading`]; [`apply`] puts readings into a blueprint; [`facts`] makes a file of
//! facts about technologies. Texts are untrusted: sizes, counts and numbers are bounded, and what cannot be read is a
//! diagnostic with its place.

mod apply;
mod facts;
mod names;
mod read;

pub use apply::{Calibrated, Changed, apply};
pub use facts::facts;
pub use read::{Format, MOST_BYTES, Role, read};

/// What one file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The file.
    pub name: String,
    /// What kind of file it is.
    pub format: Format,
    /// What was measured.
    pub measured: Vec<Measured>,
    /// What its reader has to know.
    pub notes: Vec<String>,
}

/// Something that was measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Measured {
    /// How long requests took, as their client saw it.
    Latency(Latency),
    /// Statements of a database.
    Statement(Statement),
    /// Visits of an operation to a part of the system.
    Visit(Visit),
    /// How busy something was, or how much it did.
    Level(Level),
}

/// How long requests took.
#[derive(Clone, Debug, PartialEq)]
pub struct Latency {
    /// What was asked for, when the file tells requests apart.
    pub operation: Option<String>,
    /// Requests.
    pub requests: u64,
    /// Requests a second.
    pub per_s: Option<f64>,
    /// Mean, ms.
    pub mean_ms: f64,
    /// Squared coefficient of variation.
    pub scv: Option<f64>,
}

/// A statement of a database.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its text, with placeholders.
    pub text: String,
    /// Whether it only reads.
    pub reads: bool,
    /// How often it ran.
    pub calls: u64,
    /// Mean time at the server, ms.
    pub mean_ms: f64,
    /// Squared coefficient of variation.
    pub scv: Option<f64>,
    /// Part of the mean that waited for blocks, ms; absent when the server did not time it.
    pub io_ms: Option<f64>,
}

/// Visits of an operation to a part.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// The operation: name of the root span.
    pub operation: String,
    /// The part: a service, or the database system that a service called.
    pub part: String,
    /// Visits for each request.
    pub visits: f64,
    /// Time of a visit that no visit inside it explains, ms.
    pub self_ms: f64,
    /// Its squared coefficient of variation.
    pub scv: Option<f64>,
    /// Spans seen.
    pub spans: u64,
    /// Requests seen.
    pub requests: u64,
}

/// How busy something was, or how much it did, on average.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// The component, as labels call it.
    pub component: String,
    /// Which of the two.
    pub role: Role,
    /// Mean: processors busy, or requests a second.
    pub mean: f64,
    /// Points in time.
    pub points: u64,
}

/// Mean and squared coefficient of variation of values that come one by one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moments {
    count: u64,
    mean: f64,
    square: f64,
}

impl Moments {
    /// One more value. Welford (1962).
    pub(crate) fn add(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.square += before * (value - self.mean);
    }

    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    pub(crate) const fn mean(&self) -> f64 {
        self.mean
    }

    /// Needs a few values to mean something.
    pub(crate) fn scv(&self) -> Option<f64> {
        let enough = self.count >= 30 && self.mean > 0.0;
        enough.then(|| self.square / (self.count - 1) as f64 / (self.mean * self.mean))
    }
}
