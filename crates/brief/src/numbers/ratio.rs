//! How reads compare to writes when no percentage says so, and both rates when both are stated.

use loadcase_model::{Horizon, Input};

use crate::clause::clause_around;
use crate::lex::Text;
use crate::numbers::cue::{Cue, CuePlaces};
use crate::numbers::item::Item;
use crate::numbers::measure::Measure;
use crate::numbers::reading::Reading;

/// Adds shares of reads to the readings.
pub(crate) fn read(text: &Text<'_>, cues: &CuePlaces, items: &[Item], readings: &mut Vec<Reading>) {
    for at in 0..text.tokens.len() {
        if matches!(text.word(at), "reads" | "read") {
            even(text, at, readings);
        }
        written_ratio(text, cues, at, readings);
    }
    for (i, pair) in items.windows(2).enumerate() {
        // In a longer list reads and writes are those of one part, not of the whole.
        if i == 0 || !items[i - 1].listed {
            rates(&pair[0], &pair[1], readings);
        }
        spoken_ratio(text, &pair[0], &pair[1], readings);
    }
    for item in items {
        per_write(text, item, readings);
    }
}

fn share(value: f64, spread: f64, first: usize, last: usize, readings: &mut Vec<Reading>) {
    if value.is_finite() && (0.0..=1.0).contains(&value) {
        readings.push(Reading {
            input: Input::ReadShare,
            horizon: Horizon::Now,
            value,
            low: (value - spread).max(0.0),
            high: (value + spread).min(1.0),
            first,
            last,
            rank: 6,
            group: None,
            average: false,
            each: false,
        });
    }
}

/// "Reads are about as many as writes", "reads and writes are roughly equal".
fn even(text: &Text<'_>, at: usize, readings: &mut Vec<Reading>) {
    let sentence = text.sentences[text.sentence_of(at)];
    let until = sentence.last.min(at + 10);
    let Some(writes) = (at + 1..until).find(|&i| matches!(text.word(i), "writes" | "write")) else { return };
    let around = at.saturating_sub(4).max(sentence.first)..until;
    let says = |words: &[&str]| around.clone().any(|i| words.contains(&text.word(i)));
    let as_many = says(&["as"]) && says(&["many", "often", "frequent", "common"]);
    let equal = says(&["equal", "equally", "even", "evenly", "balanced", "same"]) && !says(&["not"]);
    if (as_many || equal) && !says(&["times"]) {
        share(0.5, 0.1, at, (writes + 1).max(at + 1), readings);
    }
}

/// `10:1` near a word for reading.
fn written_ratio(text: &Text<'_>, cues: &CuePlaces, at: usize, readings: &mut Vec<Reading>) {
    let Some((a, b)) = text.word(at).split_once(':') else { return };
    let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else { return };
    let clause = clause_around(text, text.sentences[text.sentence_of(at)], at);
    let of = |cue| cues.within(clause.0, clause.1).iter().filter(|m| m.payload == cue).map(|m| m.first).min();
    let (Some(reads), total) = (of(Cue::Reads), a + b) else { return };
    if total > 0.0 {
        let reads_first = of(Cue::Writes).is_none_or(|writes| reads <= writes);
        share(if reads_first { a / total } else { b / total }, 0.02, at, at + 1, readings);
    }
}

/// "Reads outnumber writes 20 to 1".
fn spoken_ratio(text: &Text<'_>, a: &Item, b: &Item, readings: &mut Vec<Reading>) {
    let adjacent = b.quantity.first == a.quantity.last + 1 && matches!(text.word(a.quantity.last), "to");
    let number = a.quantity.first;
    let from = number.saturating_sub(6).max(a.near.0);
    let position = |word: &str| (from..number).find(|&i| text.word(i).starts_with(word));
    if !adjacent || b.quantity.value <= 0.0 {
        return;
    }
    if let (Some(reads), Some(writes)) = (position("read"), position("write")) {
        let reads_share = a.quantity.value / (a.quantity.value + b.quantity.value);
        share(
            if reads < writes { reads_share } else { 1.0 - reads_share },
            0.02,
            reads.min(writes),
            b.last,
            readings,
        );
    }
}

/// "100 reads per write".
fn per_write(text: &Text<'_>, item: &Item, readings: &mut Vec<Reading>) {
    let rate = item.measure() == Some(Measure::Reads) && item.period.is_none();
    let until = (item.last + 4).min(item.near.1);
    let linked = matches!(text.word(item.last), "per" | "for" | "to" | "each" | "every");
    if rate
        && linked
        && item.quantity.value > 0.0
        && let Some(write) = (item.last..until).find(|&i| matches!(text.word(i), "write" | "writes"))
    {
        share(item.quantity.value / (item.quantity.value + 1.0), 0.02, item.first, write + 1, readings);
    }
}

/// "30,000 reads and 500 writes per second".
fn rates(a: &Item, b: &Item, readings: &mut Vec<Reading>) {
    let (reads, writes) = match (a.measure(), b.measure()) {
        (Some(Measure::Reads), Some(Measure::Writes)) => (a, b),
        (Some(Measure::Writes), Some(Measure::Reads)) => (b, a),
        _ => return,
    };
    let (Some(r), Some(w)) = (reads.period, writes.period) else { return };
    let rate = |item: &Item, period: f64| item.quantity.value * item.unit.map_or(1.0, |u| u.factor) / period;
    let (r, w) = (rate(reads, r), rate(writes, w));
    let close = a.sentence == b.sentence && b.first.saturating_sub(a.last) <= 6;
    if close && r + w > 0.0 {
        share(r / (r + w), 0.0, a.first, b.last, readings);
    }
}
