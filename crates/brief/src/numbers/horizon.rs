//! Whether a number holds today or in 24 months.

use loadcase_model::Horizon;

use crate::lex::Text;
use crate::numbers::cue::{Cue, CuePlaces};
use crate::numbers::item::Item;
use crate::numbers::measure::Measure;

/// When an item holds, and whether the words that say so stood before it and speak for what follows too.
#[derive(Clone, Copy, Debug)]
struct Timed {
    horizon: Horizon,
    carries: bool,
}

/// The horizon of every item.
pub(crate) fn horizons(text: &Text<'_>, cues: &CuePlaces, items: &[Item]) -> Vec<Horizon> {
    let mut found: Vec<Horizon> = Vec::with_capacity(items.len());
    let mut previous: Option<(&Item, Timed)> = None;
    let mut next_index = 0;
    for (i, item) in items.iter().enumerate() {
        // "two years" is a number too, but part of the words that say when.
        next_index = next_index.max(i + 1);
        while items.get(next_index).is_some_and(|n| n.measure() == Some(Measure::Seconds)) {
            next_index += 1;
        }
        let next = items.get(next_index).filter(|n| n.sentence == item.sentence);
        let timed = timed(text, cues, item, previous.filter(|(p, _)| p.sentence == item.sentence), next);
        found.push(timed.horizon);
        if item.measure() != Some(Measure::Seconds) {
            previous = Some((item, timed));
        }
    }
    found
}

fn timed(
    text: &Text<'_>,
    cues: &CuePlaces,
    item: &Item,
    previous: Option<(&Item, Timed)>,
    next: Option<&Item>,
) -> Timed {
    if cues.any(Cue::Past, (item.clause.0, item.first)) && !is_planned(text, item) {
        return Timed { horizon: Horizon::Now, carries: false };
    }
    let from = previous.map_or(item.near.0, |(p, _)| p.last.max(item.near.0));
    let until = next.map_or(item.near.1, |n| n.first.min(item.near.1)).max(item.last);
    let nearest = |range| cues.nearest(&[Cue::Later, Cue::Now], item.number(), range);
    let horizon = |cue| if cue == Cue::Later { Horizon::Later } else { Horizon::Now };
    // What stands behind the number in its own clause is meant for it.
    if let Some(cue) = nearest((item.last, until.min(item.clause.1.max(item.last)))) {
        return Timed { horizon: horizon(cue), carries: false };
    }
    // "100,000 at launch, several million expected": what is expected beyond today comes later.
    let expected = matches!(text.word(item.quantity.last), "expected" | "planned" | "hoped");
    if item.inherited && expected && previous.is_some_and(|(_, timed)| timed.horizon == Horizon::Now) {
        return Timed { horizon: Horizon::Later, carries: false };
    }
    if let Some(cue) = nearest((from, item.first)) {
        return Timed { horizon: horizon(cue), carries: true };
    }
    if let Some(cue) = nearest((item.last, until)).filter(|_| next.is_none()) {
        return Timed { horizon: horizon(cue), carries: false };
    }
    let Some((before, timed)) = previous else { return Timed { horizon: Horizon::Now, carries: false } };
    let begins = item.clause.0..item.first;
    let related = begins.clone().take(3).any(|i| matches!(text.word(i), "which" | "that" | "then" | "so"))
        || before.listed
        || item.clause.0 <= before.first;
    if timed.carries || related { timed } else { Timed { horizon: Horizon::Now, carries: false } }
}

/// Whether a word for the future stands before the number.
fn is_planned(text: &Text<'_>, item: &Item) -> bool {
    (item.near.0.max(item.first.saturating_sub(12))..item.first).any(|i| {
        matches!(
            text.word(i),
            "will"
                | "expect"
                | "expects"
                | "expected"
                | "plan"
                | "plans"
                | "planned"
                | "hope"
                | "want"
                | "should"
                | "grow"
                | "forecast"
        )
    })
}
