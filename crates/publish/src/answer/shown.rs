//! Figures inside templates: they print themselves with the letter of their origin, and what was printed is
//! remembered, so that the answer can list its assumptions and sources.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use loadcase_model::{Fact, Figure, Origin, Unit, format_number, format_quantity};
use minijinja::value::{Object, Value};

use crate::honesty::tagged;

/// What was printed: facts by source and day, assumptions of the topic by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Used {
    /// Source and as-of day of every fact printed.
    pub facts: BTreeMap<String, String>,
    /// Identifier, and value with its words, of every assumed figure of the catalog printed.
    pub assumed: BTreeMap<String, (Figure, String)>,
}

/// The record of what was printed, shared by every figure of one answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger(Arc<Mutex<Used>>);

impl Ledger {
    /// What was printed so far.
    pub(super) fn used(&self) -> Used {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, figure: &Figure, label: Option<&(String, String)>) {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match (&figure.origin, label) {
            (Origin::Fact { source, as_of, .. }, _) => {
                used.facts.insert(source.clone(), as_of.clone());
            }
            (Origin::Assumed { .. }, Some((id, words))) => {
                used.assumed.insert(id.clone(), (figure.clone(), words.clone()));
            }
            _ => {}
        }
    }
}

/// A figure as templates see it: prints as ``4,444 req/s `c` ``; `.value` is the number.
#[derive(Debug)]
pub(super) struct Shown {
    pub figure: Figure,
    /// Identifier and words under which an assumption is listed; figures of the catalog have them.
    pub label: Option<(String, String)>,
    pub ledger: Ledger,
}

impl Shown {
    /// The plausible range; of anything but an assumption, the value itself.
    fn range(&self) -> (f64, f64) {
        match self.figure.origin {
            Origin::Assumed { low, high, .. } => (low, high),
            _ => (self.figure.value, self.figure.value),
        }
    }

    /// The figure as a template value.
    pub(super) fn value(figure: Figure, ledger: &Ledger) -> Value {
        Value::from_object(Self { figure, label: None, ledger: ledger.clone() })
    }

    /// A fact of the catalog as a template value; `words` say what it is where assumptions are listed.
    pub(super) fn fact(fact: &Fact, id: &str, words: String, ledger: &Ledger) -> Value {
        let label = Some((id.to_owned(), words));
        Value::from_object(Self { figure: fact.figure(id), label, ledger: ledger.clone() })
    }
}

impl Object for Shown {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "value" => Value::from(self.figure.value),
            "low" => Value::from(self.range().0),
            "high" => Value::from(self.range().1),
            "text" => Value::from(self.figure.text()),
            "given" => Value::from(self.figure.origin.is_given()),
            "assumed" => Value::from(matches!(self.figure.origin, Origin::Assumed { .. })),
            "why" => Value::from(self.figure.origin.describe()),
            _ => return None,
        })
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.figure.value.is_nan()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.figure.value.is_nan() {
            return f.write_str("not stated");
        }
        self.ledger.note(&self.figure, self.label.as_ref());
        f.write_str(&tagged(&self.figure))
    }
}

/// A number computed in a template, with its letter. `unit` is a unit of the model or a counted noun; a long
/// noun follows the letter, so that the letter stays beside the number.
pub(super) fn computed(value: f64, unit: &str) -> String {
    if value.is_nan() {
        return "not known".to_owned();
    }
    if unit.split(' ').count() > 2 {
        return format!("{} `c` {unit}", count(value));
    }
    format!("{} `c`", quantity(value, unit))
}

/// A number with a unit of the model, or a counted noun: `5.84 billion rows`.
pub(super) fn quantity(value: f64, unit: &str) -> String {
    match serde_json::from_value::<Unit>(serde_json::Value::from(unit)) {
        Ok(unit) => format_quantity(value, unit),
        Err(_) => format!("{} {unit}", count(value)),
    }
}

/// A count in words people use: `5.84 billion`, `12,000`.
fn count(value: f64) -> String {
    let scales = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")];
    let scale = scales.iter().find(|(size, _)| value.is_finite() && value.abs() >= *size * 0.9995);
    match scale {
        Some((size, word)) => format!("{} {word}", format_number(value / size)),
        None => format_number(value),
    }
}

/// A map whose keys may be written with `-` or `_`, and which has a value for names it does not know.
#[derive(Debug)]
pub(super) struct Named {
    pub values: BTreeMap<String, Value>,
    pub missing: Value,
}

impl Object for Named {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let found = self
            .values
            .get(key)
            .or_else(|| self.values.get(&key.replace('_', "-")))
            .or_else(|| self.values.get(&key.replace('-', "_")));
        Some(found.unwrap_or(&self.missing).clone())
    }

    fn enumerate(self: &Arc<Self>) -> minijinja::value::Enumerator {
        minijinja::value::Enumerator::Values(self.values.keys().map(|k| Value::from(k.as_str())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_nouns_and_units_are_written_for_people() {
        assert_eq!(computed(93.0, "per-s"), "93/s `c`");
        assert_eq!(computed(5.84e9, "rows"), "5.84 billion rows `c`");
        assert_eq!(computed(12_000.0, "posts a day"), "12,000 `c` posts a day");
        assert_eq!(computed(f64::NAN, "req/s"), "not known");
    }
}
