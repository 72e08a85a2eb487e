//! Recognises what a text is, and reads it.

mod load_tests;
mod prometheus;
mod statements;
mod traces;

use loadcase_model::{Diagnostic, Span};
use serde_json::Value;

use crate::Reading;

/// Largest file, bytes.
pub const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Largest file that is one JSON document, bytes: it is held in memory as a tree.
const MOST_JSON: usize = 24 * 1024 * 1024;

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Summary of k6.
    K6Summary,
    /// Points of k6, one JSON document a line.
    K6Points,
    /// Text of wrk or wrk2.
    Wrk,
    /// JSON of oha.
    Oha,
    /// JSON of autocannon.
    Autocannon,
    /// Traces of OpenTelemetry, OTLP as JSON.
    Otlp,
    /// Traces of Jaeger.
    Jaeger,
    /// A range query of Prometheus.
    Prometheus,
    /// Statement statistics of PostgreSQL, as CSV.
    Statements,
}

impl Format {
    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::K6Summary => "k6 summary",
            Self::K6Points => "k6 points",
            Self::Wrk => "wrk",
            Self::Oha => "oha",
            Self::Autocannon => "autocannon",
            Self::Otlp => "OpenTelemetry traces",
            Self::Jaeger => "Jaeger traces",
            Self::Prometheus => "Prometheus range query",
            Self::Statements => "pg_stat_statements",
        }
    }
}

/// What a range query asked for, which its answer does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Processors busy.
    Busy,
    /// Requests a second.
    Rate,
}

/// Reads a text; `role` says what a range query asked for where the name of its metric does not.
///
/// # Errors
/// A diagnostic with its place, when the text is too large, is none of the formats, or breaks off.
pub fn read(name: &str, text: &str, role: Option<Role>) -> Result<Reading, Box<Diagnostic>> {
    if text.len() > MOST_BYTES {
        return Err(refused(format!("the file has {} bytes, the limit is {MOST_BYTES}", text.len()))
            .map(|d| d.help("export a shorter stretch of time")));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut notes = Vec::new();
    let (format, measured) = match recognise(text)? {
        Kind::Text(Format::Wrk) => (Format::Wrk, load_tests::wrk(text)?),
        Kind::Text(_) => (Format::Statements, statements::read(text, &mut notes)?),
        Kind::Lines(Format::K6Points) => (Format::K6Points, load_tests::k6_points(text)?),
        Kind::Lines(_) => {
            let mut traces = traces::Traces::default();
            for (start, line) in lines(text) {
                traces.otlp(&json(line, start, text)?);
            }
            (Format::Otlp, traces.visits(&mut notes))
        }
        Kind::Json(format, value) => {
            let measured = match format {
                Format::Otlp => {
                    let mut traces = traces::Traces::default();
                    traces.otlp(&value);
                    traces.visits(&mut notes)
                }
                Format::Jaeger => {
                    let mut traces = traces::Traces::default();
                    traces.jaeger(&value);
                    traces.visits(&mut notes)
                }
                Format::Prometheus => prometheus::read(&value, role)?,
                other => load_tests::document(other, &value),
            };
            (format, measured)
        }
    };
    if measured.is_empty() {
        return Err(refused(format!("a file of {}, but nothing in it can be used", format.name())).map(
            |d| {
                d.help(
                    notes
                        .first()
                        .cloned()
                        .unwrap_or_else(|| "export more requests or a longer time".to_owned()),
                )
            },
        ));
    }
    Ok(Reading { name: name.to_owned(), format, measured, notes })
}

/// What a text is.
enum Kind {
    Text(Format),
    Lines(Format),
    Json(Format, Value),
}

fn recognise(text: &str) -> Result<Kind, Box<Diagnostic>> {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        return recognise_json(text);
    }
    let first = start.lines().next().unwrap_or("");
    if start.starts_with("Running ") && text.contains("Thread Stats") {
        Ok(Kind::Text(Format::Wrk))
    } else if first.contains("calls") && (first.contains("mean_exec_time") || first.contains("mean_time")) {
        Ok(Kind::Text(Format::Statements))
    } else {
        Err(unknown(text))
    }
}

fn recognise_json(text: &str) -> Result<Kind, Box<Diagnostic>> {
    // Several documents, one a line: the first says what they are.
    if let Some((start, line)) = lines(text).next()
        && lines(text).nth(1).is_some()
        && let Ok(first) = serde_json::from_str::<Value>(line)
    {
        if first.get("resourceSpans").is_some() {
            return Ok(Kind::Lines(Format::Otlp));
        }
        if first.get("metric").is_some() && first.get("type").is_some() {
            return Ok(Kind::Lines(Format::K6Points));
        }
        let _ = start;
    }
    if text.len() > MOST_JSON {
        return Err(refused(format!("one JSON document of {} bytes, the limit is {MOST_JSON}", text.len()))
            .map(|d| d.help("export a shorter stretch of time, or one document a line")));
    }
    let value = json(text, 0, text)?;
    let has = |key: &str| value.get(key).is_some();
    let format = if has("resourceSpans") {
        Format::Otlp
    } else if value.pointer("/data/resultType").is_some() {
        Format::Prometheus
    } else if value.pointer("/data/0/spans").is_some() {
        Format::Jaeger
    } else if value.pointer("/metrics/http_req_duration").is_some() {
        Format::K6Summary
    } else if has("metric") && has("type") {
        return Ok(Kind::Lines(Format::K6Points));
    } else if has("latencyPercentiles") && has("summary") {
        Format::Oha
    } else if value.pointer("/latency/average").is_some() && has("requests") {
        Format::Autocannon
    } else {
        return Err(unknown(text));
    };
    Ok(Kind::Json(format, value))
}

/// Lines that hold something, with where they start.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(move |line| {
            let at = start;
            start += line.len();
            (at, line)
        })
        .filter(|(_, line)| !line.trim().is_empty())
}

/// Reads one document that starts at a place of a text; the reader bounds its depth.
fn json(document: &str, start: usize, text: &str) -> Result<Value, Box<Diagnostic>> {
    serde_json::from_str(document).map_err(|error| {
        let before: usize =
            document.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let mut at = (start + before + error.column().saturating_sub(1)).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or(&message).to_owned();
        Box::new(
            Diagnostic::error("invalid-measurement", format!("this is not JSON: {message}"))
                .at(Span::new(at, at), "")
                .help("the file may have been cut off: export it again"),
        )
    })
}

fn unknown(text: &str) -> Box<Diagnostic> {
    let end = text.lines().next().map_or(0, str::len);
    Box::new(
        Diagnostic::error("unknown-measurement", "this is no kind of measurement that can be read")
            .at(Span::new(0, end), "")
            .help(
                "k6 (summary or points), wrk, oha or autocannon; OpenTelemetry or Jaeger traces as JSON; the answer \
                 to a Prometheus range query; pg_stat_statements as CSV with headings",
            ),
    )
}

fn refused(message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::error("unusable-measurement", message))
}

/// A number that time or a count can be.
fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    (number.is_finite() && (0.0..1e15).contains(&number)).then_some(number)
}

/// Changes what is in a box.
trait Map {
    fn map(self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Box<Diagnostic>;
}

impl Map for Box<Diagnostic> {
    fn map(self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        Self::new(change(*self))
    }
}
