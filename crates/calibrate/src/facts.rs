//! Measured facts about technologies, as a file that goes on top of the catalog.

use indexmap::IndexMap;
use loadcase_model::{Fact, Id, Mark, Unit};
use serde::Serialize;

use crate::apply::Mean;
use crate::{Measured, Reading, Statement};

/// A file under `.loadcase/catalog/measured/`.
#[derive(Serialize)]
struct File {
    technology: Id,
    facts: IndexMap<&'static str, Fact>,
}

/// What readings say of a store, as the text of a file of facts; none when they say nothing. `as_of` is the day of
/// the measurement.
#[must_use]
pub fn facts(readings: &[Reading], as_of: &str) -> Option<String> {
    let mut facts = IndexMap::new();
    for reading in readings {
        let statements: Vec<&Statement> = reading
            .measured
            .iter()
            .filter_map(|m| if let Measured::Statement(s) = m { Some(s) } else { None })
            .collect();
        for (reads, cpu, wait) in
            [(true, "cpu-ms-read", "wait-ms-read"), (false, "cpu-ms-write", "wait-ms-write")]
        {
            let of_kind: Vec<&Statement> = statements.iter().copied().filter(|s| s.reads == reads).collect();
            let Some(mean) = Mean::of(&of_kind) else { continue };
            let fact = |value: f64, unit: Unit, range: Option<(f64, f64)>| Fact {
                value,
                unit,
                low: range.map(|r| r.0),
                high: range.map(|r| r.1),
                mark: Mark::Measured,
                source: format!(
                    "{}: {} calls of {} {} statements",
                    reading.name,
                    mean.calls,
                    of_kind.len(),
                    if reads { "reading" } else { "writing" }
                ),
                url: None,
                as_of: as_of.to_owned(),
                of: None,
                note: None,
            };
            let io = mean.io_ms.unwrap_or(0.0);
            facts.insert(cpu, fact(mean.ms - io, Unit::Milliseconds, Some((mean.least, mean.most))));
            if io > 0.0 {
                facts.insert(wait, fact(io, Unit::Milliseconds, None));
            }
        }
    }
    if facts.is_empty() {
        return None;
    }
    let file = File { technology: Id::slug("postgresql"), facts };
    // JSON is YAML.
    serde_json::to_string_pretty(&file).ok().map(|text| text + "\n")
}
