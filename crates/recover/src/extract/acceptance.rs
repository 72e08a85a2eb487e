//! Comments that accept findings: `loadcase: accept[rule] reason`, in any file that is read.

use crate::sighting::{AcceptSeen, Seen};
use crate::source::{Sightings, Source};

/// How a comment begins that accepts.
const MARK: &str = "loadcase: accept[";

/// Reads the comments of a file. `until YYYY-MM-DD` after the bracket ends the acceptance on that day.
pub(crate) fn extract(source: &Source<'_>, out: &mut Sightings) {
    if !source.text.contains(MARK) {
        return;
    }
    for (number, line) in source.text.lines().enumerate() {
        let Some((_, rest)) = line.split_once(MARK) else { continue };
        let Some((rules, reason)) = rest.split_once(']') else { continue };
        let reason = reason.trim().trim_end_matches("-->").trim_end_matches("*/").trim();
        let (until, reason) =
            match reason.strip_prefix("until ").map(|r| r.split_once(' ').unwrap_or((r, ""))) {
                Some((date, reason)) => (Some(date.trim_end_matches(',').to_owned()), reason.trim()),
                None => (None, reason),
            };
        for rule in rules.split(',').map(str::trim).filter(|r| !r.is_empty()) {
            let seen = AcceptSeen { rule: rule.to_owned(), until: until.clone(), reason: reason.to_owned() };
            out.add(number + 1, Seen::Accept(seen));
        }
    }
}
