//! Items become readings: which input a number is, at which horizon, in that input's unit.

mod count;
mod money;
mod rate;
mod share;
mod time;

use loadcase_model::{Diagnostic, Horizon, Input, Span};

use crate::lex::Text;
use crate::numbers::cue::{Cue, CuePlaces};
use crate::numbers::item::Item;
use crate::numbers::measure::{Measure, UnitPlaces};
use crate::numbers::reading::Reading;
use crate::quantity::Quantity;

/// Seconds in a day.
pub(super) const DAY: f64 = 86_400.0;
/// Seconds in a month, a twelfth of a year.
pub(crate) const MONTH: f64 = 2_629_800.0;

/// A rate that no single customer sends.
const MANY_PER_S: f64 = 1_000.0;

/// What the text as a whole says about ambiguous words.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context {
    /// Customers are organisations.
    pub(crate) businesses: bool,
    /// Messages are chat messages.
    pub(crate) chat: bool,
    /// Messages are sent to people.
    pub(crate) sending: bool,
    /// Page views are events of other people's sites.
    pub(crate) analytics: bool,
    /// Queries are asked by clients, not by the application of its database.
    pub(crate) lookups: bool,
}

/// Turns items into readings.
pub(crate) struct Classifier<'a, 's> {
    /// The text.
    pub(crate) text: &'a Text<'s>,
    /// Its cues.
    pub(crate) cues: &'a CuePlaces,
    /// Its items.
    pub(crate) items: &'a [Item],
    /// Its units.
    pub(crate) units: &'a UnitPlaces,
    /// What the text is about.
    pub(crate) context: Context,
    /// What was read so far.
    pub(crate) readings: Vec<Reading>,
    /// What to tell the user.
    pub(crate) notes: Vec<Diagnostic>,
    horizons: Vec<Horizon>,
}

impl<'a, 's> Classifier<'a, 's> {
    /// A classifier for a text.
    pub(crate) fn new(
        text: &'a Text<'s>,
        cues: &'a CuePlaces,
        units: &'a UnitPlaces,
        items: &'a [Item],
        context: Context,
    ) -> Self {
        Self {
            text,
            cues,
            units,
            items,
            context,
            readings: Vec::new(),
            notes: Vec::new(),
            horizons: Vec::new(),
        }
    }

    /// Reads every item.
    pub(crate) fn run(&mut self) {
        self.horizons = crate::numbers::horizon::horizons(self.text, self.cues, self.items);
        for index in 0..self.items.len() {
            self.item(index);
        }
        self.surges();
    }

    /// The bytes of an item.
    pub(crate) fn span(&self, first: usize, last: usize) -> Span {
        let start = self.text.tokens.get(first).map_or(0, |t| t.start());
        let end = last.checked_sub(1).and_then(|i| self.text.tokens.get(i)).map_or(start, |t| t.end());
        Span::new(start, end.max(start))
    }

    fn item(&mut self, index: usize) {
        let item = self.items[index];
        let Some(unit) = item.unit else {
            self.money_without_currency(&item);
            return;
        };
        if !item.quantity.is_finite() {
            self.absurd(&item, "is too large to be meant");
            return;
        }
        if item.quantity.value < 0.0 {
            self.absurd(&item, "is negative");
            return;
        }
        match unit.measure {
            Measure::Ignored | Measure::Period | Measure::Fold => {}
            Measure::Devices => self.fleet(index),
            Measure::Usd => self.money(&item),
            Measure::Percent => self.percent(&item),
            Measure::Nines => self.nines(&item),
            Measure::Seconds => self.duration(&item),
            Measure::Gigabytes => self.bytes(&item),
            measure if measure.is_rate() => self.rate(index),
            measure => self.count(index, measure),
        }
    }

    fn absurd(&mut self, item: &Item, why: &str) {
        let words = self.text.slice(item.first, item.last);
        self.notes.push(
            Diagnostic::warning("absurd-number", format!("\"{}\" {why}, and was left out", shorten(words)))
                .at(self.span(item.first, item.last), "")
                .help("state the number again"),
        );
    }

    /// A note about how a number was read.
    pub(crate) fn note(&mut self, code: &'static str, item: &Item, message: String) {
        let span = self.span(item.first, item.last);
        self.notes.push(Diagnostic::note(code, message).at(span, ""));
    }

    /// Adds a reading of an item whose value was multiplied by `factor`.
    pub(super) fn push(&mut self, index: usize, input: Input, factor: f64, rank: u8) -> &mut Reading {
        let item = self.items[index];
        let quantity = whole(&item).scaled(factor);
        let horizon = self.horizons[index];
        if let (Some(from), Horizon::Later) = (quantity.from, horizon) {
            // "from 10k to 1M in two years": the first is today.
            let start = Quantity { value: from.value, low: from.value, high: from.value, ..quantity };
            self.readings.push(Reading::new(input, Horizon::Now, &start, item.first, item.last).rank(rank));
        }
        self.readings.push(Reading::new(input, horizon, &quantity, item.first, item.last).rank(rank));
        let last = self.readings.len() - 1;
        &mut self.readings[last]
    }

    fn push_item(&mut self, item: &Item, input: Input, value: [f64; 3], rank: u8) {
        self.readings.push(Reading {
            input,
            horizon: Horizon::Now,
            value: value[0],
            low: value[1],
            high: value[2],
            first: item.first,
            last: item.last,
            rank,
            group: None,
            average: false,
            each: false,
        });
    }

    /// Whether a cue stands in the item's clause.
    fn clause_has(&self, item: &Item, cue: Cue) -> bool {
        self.cues.any(cue, item.clause)
    }

    /// Whether a cue begins within a few words after the item.
    fn follows(&self, item: &Item, cue: Cue, words: usize) -> bool {
        self.cues.any(cue, (item.last.saturating_sub(1), (item.last + words).min(item.near.1)))
    }

    /// The nearest of several cues: in the clause, else near by in the sentence.
    fn nearest(&self, item: &Item, of: &[Cue]) -> Option<Cue> {
        self.cues
            .nearest(of, item.number(), item.clause)
            .or_else(|| self.cues.nearest(of, item.number(), item.near))
    }

    fn bytes(&mut self, item: &Item) {
        let gigabytes = whole(item).scaled(item.unit.map_or(1.0, |u| u.factor));
        let values = [gigabytes.value, gigabytes.low, gigabytes.high];
        let near = (item.clause.0, (item.last + 4).min(item.near.1));
        if item.period.is_some() {
            return;
        }
        if self.cues.any(Cue::Response, item.clause) && gigabytes.value < 0.1 {
            self.push_item(item, Input::ResponseKb, values.map(|v| v * 1e6), 6);
            return;
        }
        let other = self.cues.any(Cue::Files, near) || self.cues.any(Cue::Memory, item.clause);
        if !other && gigabytes.value >= 0.01 {
            let index = self.items.partition_point(|i| i.quantity.first < item.quantity.first);
            self.push(index, Input::DataGb, item.unit.map_or(1.0, |u| u.factor), 5);
        }
    }
}

/// The quantity of an item; where whole things are counted, a lone dot separates thousands.
fn whole(item: &Item) -> Quantity {
    let counts = item.unit.is_some_and(|u| u.measure.may_be_label() || u.measure == Measure::Usd);
    match item.quantity.dotted {
        Some(factor) if counts => item.quantity.scaled(factor),
        _ => item.quantity,
    }
}

/// At most sixty characters, so that hostile words cannot flood a message.
pub(crate) fn shorten(words: &str) -> String {
    let flat = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= 60 { flat } else { flat.chars().take(60).chain(['\u{2026}']).collect() }
}
