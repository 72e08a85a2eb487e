//! Every quantity people read carries the letter of its origin. This module writes the letters, and finds
//! numbers that lack one.

mod json;
mod numbers;

pub use json::json_numbers_without_origin;
pub use numbers::{untagged_numbers, untagged_numbers_in_text};

pub(crate) use numbers::scan;

use loadcase_model::{Figure, Origin, Place, Tag, Unit};

/// A figure in Markdown with its letter: ``4,444 req/s `c` ``.
#[must_use]
pub fn tagged(figure: &Figure) -> String {
    tagged_text(&figure.text(), figure.origin.tag())
}

/// A figure for a place that names the unit already: engineers and users lose theirs.
pub(crate) fn bare(figure: &Figure) -> Figure {
    let unit = match figure.unit {
        Unit::Engineers | Unit::Users | Unit::Months => Unit::One,
        unit => unit,
    };
    Figure { unit, ..figure.clone() }
}

/// A quantity that is already text, such as a version, with the letter of its origin.
pub(crate) fn tagged_text(text: &str, tag: Tag) -> String {
    format!("{text} `{}`", tag.letter())
}

/// Something counted while writing.
pub(crate) fn count(n: usize) -> Figure {
    Figure::computed(to_f64(n), Unit::One, "counted")
}

/// A count as a float. Counts here are far below 2^52, where floats are exact.
pub(crate) fn to_f64(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

/// What the letters mean, in one Markdown line.
#[must_use]
pub fn legend() -> String {
    let parts: Vec<String> = Tag::ALL.iter().map(|t| format!("`{}` {}", t.letter(), t.meaning())).collect();
    format!("Letters beside numbers: {}.", parts.join(" · "))
}

/// What the letters mean that are used, in one plain line.
pub(crate) fn plain_legend(used: impl Fn(Tag) -> bool) -> String {
    let tags = Tag::ALL.into_iter().filter(|t| used(*t));
    let parts: Vec<String> = tags.map(|t| format!("{} {}", t.letter(), t.meaning())).collect();
    parts.join(" · ")
}

/// A number of a blueprint with the origin its `basis` tells of.
///
/// A basis is prose in the form of [`Origin::describe`]: `you said "..."`, `measured: ...`, `assumed: ...`,
/// `..., as of 2026-10-01`, `path:line`. One that speaks of an assumption, an estimate or a judgement is assumed;
/// anything else is a calculation.
pub(crate) fn from_basis(value: f64, unit: Unit, basis: &str) -> Figure {
    let lower = basis.trim_start().to_lowercase();
    let origin = if lower.starts_with("you said") || lower.starts_with("stated") {
        Origin::answered(basis)
    } else if lower.starts_with("measured") {
        Origin::Measured { by: basis.to_owned() }
    } else if lower.is_empty() || ["assum", "estimate", "judgement"].iter().any(|w| lower.contains(w)) {
        Origin::assumed(value, value, basis)
    } else if let Some((source, day)) = basis.rsplit_once("as of ") {
        Origin::Fact { id: String::new(), source: source.to_owned(), as_of: day.to_owned() }
    } else if let Some(place) = place(basis) {
        Origin::Documented(place)
    } else {
        Origin::computed(basis)
    };
    Figure { value, unit, origin }
}

/// Reads `path:line`.
fn place(text: &str) -> Option<Place> {
    let (path, line) = text.trim().rsplit_once(':')?;
    let line = line.parse().ok()?;
    (!path.is_empty() && !path.contains(' ')).then(|| Place { path: path.into(), line })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_tells_its_letter() {
        let cases = [
            ("sized for the peak in 24 months", 'c'),
            ("assumed: widths of the fields", 'a'),
            ("", 'a'),
            ("estimate: field widths", 'a'),
            ("you said \"3 servers\"", 'u'),
            ("compose.yaml:12", 'd'),
            ("Operator's handbook, as of 2026-10-01", 'f'),
            ("measured: pgbench", 'm'),
        ];
        for (basis, letter) in cases {
            assert_eq!(from_basis(3.0, Unit::One, basis).origin.tag().letter(), letter, "{basis}");
        }
    }
}
