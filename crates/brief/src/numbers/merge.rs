//! Readings of one input become what is given of it.

use std::collections::BTreeMap;

use loadcase_model::{Diagnostic, Estimate, Given, Horizon, Input, InputKind, Origin, Span, format_quantity};

use crate::lex::Text;
use crate::numbers::reading::Reading;

/// Puts the readings of each input and horizon together: parts of a sum are added, the plainest statement wins,
/// and of equally plain ones the highest load, or the first mentioned of anything else.
pub(crate) fn merge(
    text: &Text<'_>,
    readings: &[Reading],
    notes: &mut Vec<Diagnostic>,
) -> BTreeMap<Input, Given> {
    let mut by_input: BTreeMap<(Input, Horizon), Vec<Reading>> = BTreeMap::new();
    for reading in add_up(&join_people(readings)) {
        by_input.entry((reading.input, reading.horizon)).or_default().push(reading);
    }
    let mut numbers: BTreeMap<Input, Given> = BTreeMap::new();
    for ((input, horizon), readings) in by_input {
        let Some(chosen) = choose(input, &readings) else { continue };
        differing(text, input, &chosen, &readings, notes);
        let estimate = estimate(text, &chosen);
        let given = numbers.entry(input).or_default();
        given.average |= chosen.average;
        given.each |= chosen.each;
        match horizon {
            Horizon::Now => given.now = Some(estimate),
            Horizon::Later => given.later = Some(estimate),
        }
    }
    numbers
}

/// "Three developers and two founders" are one team of five: neighbours in a list are parts of a sum.
fn join_people(readings: &[Reading]) -> Vec<Reading> {
    let mut readings = readings.to_vec();
    readings.sort_by_key(|r| r.first);
    let people: Vec<usize> = (0..readings.len())
        .filter(|&i| matches!(readings[i].input, Input::Engineers | Input::Operators))
        .collect();
    for pair in people.windows(2) {
        let (a, b) = (readings[pair[0]], readings[pair[1]]);
        let neighbours =
            a.input == b.input && a.horizon == b.horizon && b.first >= a.last && b.first - a.last <= 3;
        if neighbours {
            let group = a.group.unwrap_or(a.first);
            for i in [pair[0], pair[1]] {
                readings[i].group = Some(group);
                readings[i].rank = a.rank.max(b.rank);
            }
        }
    }
    readings
}

/// Replaces the readings of each group and input by their sum.
fn add_up(readings: &[Reading]) -> Vec<Reading> {
    let mut sums: BTreeMap<(Input, Horizon, usize), Reading> = BTreeMap::new();
    let mut out = Vec::new();
    for reading in readings {
        let Some(group) = reading.group else {
            out.push(*reading);
            continue;
        };
        sums.entry((reading.input, reading.horizon, group))
            .and_modify(|sum| {
                sum.value += reading.value;
                sum.low += reading.low;
                sum.high += reading.high;
                sum.average &= reading.average;
                sum.each &= reading.each;
                sum.first = sum.first.min(reading.first);
                sum.last = sum.last.max(reading.last);
            })
            .or_insert(*reading);
    }
    out.extend(sums.into_values());
    out.sort_by_key(|r| r.first);
    out
}

fn choose(input: Input, readings: &[Reading]) -> Option<Reading> {
    let rank = readings.iter().map(|r| r.rank).max()?;
    let mut plainest = readings.iter().filter(|r| r.rank == rank);
    if matches!(input.kind(), InputKind::Traffic | InputKind::Data) {
        plainest.max_by(|a, b| a.value.total_cmp(&b.value).then(b.first.cmp(&a.first))).copied()
    } else {
        plainest.next().copied()
    }
}

/// Says so when several plain statements of something that is no load differ.
fn differing(
    text: &Text<'_>,
    input: Input,
    chosen: &Reading,
    readings: &[Reading],
    notes: &mut Vec<Diagnostic>,
) {
    if matches!(input.kind(), InputKind::Traffic | InputKind::Data) {
        return;
    }
    let other = readings
        .iter()
        .find(|r| r.rank == chosen.rank && (r.value - chosen.value).abs() > chosen.value.abs() * 0.01);
    if let Some(other) = other {
        let words = |r: &Reading| crate::numbers::classify::shorten(text.slice(r.first, r.last));
        notes.push(
            Diagnostic::note(
                "several-values",
                format!(
                    "{}: both \"{}\" and \"{}\" are stated; {} was used",
                    input.label(),
                    words(chosen),
                    words(other),
                    format_quantity(chosen.value, input.unit())
                ),
            )
            .at(byte_span(text, other), ""),
        );
    }
}

fn byte_span(text: &Text<'_>, reading: &Reading) -> Span {
    let start = text.tokens.get(reading.first).map_or(0, |t| t.start());
    let end = reading.last.checked_sub(1).and_then(|i| text.tokens.get(i)).map_or(start, |t| t.end());
    Span::new(start, end.max(start))
}

fn estimate(text: &Text<'_>, reading: &Reading) -> Estimate {
    let span = byte_span(text, reading);
    Estimate {
        value: reading.value,
        low: reading.low.min(reading.value),
        high: reading.high.max(reading.value),
        origin: Origin::stated(span.of(text.source), span.start),
    }
}
