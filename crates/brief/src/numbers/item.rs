//! Each number with its unit, its period and the clause it stands in.

use crate::clause::{REACH, clause_around, window};
use crate::lex::{Boundary, Text};
use crate::numbers::cue::{Cue, CuePlaces};
use crate::numbers::measure::{Measure, Unit, UnitPlaces};
use crate::quantity::Quantity;

/// A number and what belongs to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    /// The number.
    pub(crate) quantity: Quantity,
    /// What it counts; absent for a bare number.
    pub(crate) unit: Option<Unit>,
    /// The period of a rate, in seconds.
    pub(crate) period: Option<f64>,
    /// First token of number, unit and period together.
    pub(crate) first: usize,
    /// One past the last of them.
    pub(crate) last: usize,
    /// The sentence.
    pub(crate) sentence: usize,
    /// The clause, as tokens.
    pub(crate) clause: (usize, usize),
    /// The part of the sentence near enough to bear on it.
    pub(crate) near: (usize, usize),
    /// Whether the unit was taken over from the number before.
    pub(crate) inherited: bool,
    /// Whether it shares its period with the next item of a list.
    pub(crate) listed: bool,
}

impl Item {
    /// What it measures.
    pub(crate) fn measure(&self) -> Option<Measure> {
        self.unit.map(|u| u.measure)
    }

    /// The tokens of the number itself.
    pub(crate) fn number(&self) -> (usize, usize) {
        (self.quantity.first, self.quantity.last)
    }
}

/// Words that never stand between a number and what it counts.
const NO_ADJECTIVES: &[&str] = &[
    "and", "or", "of", "in", "to", "for", "with", "is", "are", "was", "were", "that", "which", "who", "per",
    "a", "an", "the", "at", "on", "by", "from", "as", "but", "than", "we", "they", "it", "our", "their",
    "his", "her", "its", "each", "every", "can", "will", "must", "should", "have", "has", "had", "do",
    "does", "not", "no", "if", "when", "while", "so", "because", "within", "under", "over", "into", "out",
    "up", "down", "then", "today", "now", "want", "wants", "need", "needs", "/", "%", "+", "$", "use",
    "uses", "using", "run", "runs", "all", "before", "after", "until", "via",
];

/// Words that may stand between a label and its number: "availability of at least 99.9".
const LABEL_LINKS: &[&str] = &[
    "is",
    "are",
    "of",
    "at",
    "about",
    "around",
    "roughly",
    "approximately",
    "~",
    "\u{2248}",
    "to",
    "up",
    "be",
    "will",
    "currently",
    "was",
    "count",
    "size",
    "total",
    "expected",
    "should",
    "over",
    "under",
    "below",
    "least",
    "<",
    ">",
    "\u{2264}",
    "\u{2265}",
    "than",
    "most",
    "target",
    "reach",
    "reaches",
    "now",
    "today",
    "some",
    "must",
    "within",
    "nearly",
    "almost",
    "less",
    "more",
    "number",
    "numbers",
    "rate",
    "average",
    "peak",
    "max",
    "maximum",
    "min",
    "minimum",
    "peaks",
    "approx",
    "a",
    "hits",
];

/// Finds the items of a text.
pub(crate) fn items(
    text: &Text<'_>,
    quantities: &[Quantity],
    units: &UnitPlaces,
    cues: &CuePlaces,
) -> Vec<Item> {
    let finder = Finder { text, quantities, units, cues };
    let mut items: Vec<Item> = (0..quantities.len()).map(|i| finder.item(i)).collect();
    finder.share_periods(&mut items);
    finder.carry_periods(&mut items);
    finder.inherit_units(&mut items);
    items
}

struct Finder<'a, 's> {
    text: &'a Text<'s>,
    quantities: &'a [Quantity],
    units: &'a UnitPlaces,
    cues: &'a CuePlaces,
}

impl Finder<'_, '_> {
    fn item(&self, index: usize) -> Item {
        let quantity = self.quantities[index];
        let number = self.text.sentence_of(quantity.first);
        let sentence = self.text.sentences[number];
        let next = self.quantities.get(index + 1).map_or(sentence.last, |q| q.first.min(sentence.last));
        let mut item = Item {
            quantity,
            unit: None,
            period: None,
            first: quantity.from.map_or(quantity.first, |start| start.first),
            last: quantity.last,
            sentence: number,
            clause: clause_around(self.text, sentence, quantity.first),
            near: window(sentence, quantity.first),
            inherited: false,
            listed: false,
        };
        self.currency_before(&mut item);
        if item.unit.is_none() {
            self.unit_after(&mut item, next);
        }
        if item.unit.is_none() {
            self.pronoun_after(&mut item);
        }
        if let Some(start) = quantity.from.filter(|_| item.unit.is_none()) {
            // "from 90 people in 2014 to over a thousand": the unit stands with the first number.
            item.unit = self
                .units
                .beginning(start.last)
                .map(|(_, unit)| unit)
                .filter(|u| u.measure != Measure::Period);
        }
        if item.unit.is_none() {
            self.label_before(&mut item, sentence.first);
        }
        self.period_after(&mut item, next);
        item
    }

    /// `$5k`, `EUR 600`.
    fn currency_before(&self, item: &mut Item) {
        let Some(before) = item.quantity.first.checked_sub(1) else { return };
        let close = self.text.tokens[item.quantity.first].before <= Boundary::Space;
        if let Some((first, unit)) = self.units.ending(before)
            && unit.measure == Measure::Usd
            && close
            && !self.is_amount_end(first)
        {
            item.unit = Some(unit);
            item.first = item.first.min(first);
        }
    }

    /// Whether a currency word belongs to the number before it: "600 EUR 20 servers".
    fn is_amount_end(&self, currency: usize) -> bool {
        let symbol = matches!(self.text.word(currency), "$" | "\u{20ac}" | "\u{a3}");
        !symbol && self.quantities.binary_search_by(|q| q.last.cmp(&currency)).is_ok()
    }

    /// The unit after a number, adjectives skipped: "20 small API requests".
    fn unit_after(&self, item: &mut Item, next: usize) {
        let from = item.quantity.last;
        for at in from..next.min(from + 4) {
            let token = self.text.tokens[at];
            if token.before > Boundary::Space && !(at == from && token.before == Boundary::Bracket) {
                return;
            }
            if let Some((last, unit)) = self.units.beginning(at) {
                let owned = self.text.tokens[last - 1].possessive;
                let far = at > from && !unit.measure.may_be_label() && unit.measure != Measure::Ignored;
                if unit.measure != Measure::Period && !owned && !far {
                    item.unit = Some(self.in_context(unit, item, at));
                    item.last = item.last.max(last);
                }
                return;
            }
            if token.possessive || NO_ADJECTIVES.contains(&self.text.word(at)) {
                return;
            }
        }
    }

    /// "Players write messages. We went from 40 million to 120 million of them a day."
    fn pronoun_after(&self, item: &mut Item) {
        let at = item.quantity.last;
        let refers =
            self.text.word(at) == "of" && matches!(self.text.word(at + 1), "them" | "these" | "those");
        if !refers {
            return;
        }
        let named = (item.quantity.first.saturating_sub(REACH)..item.quantity.first).rev().find_map(|i| {
            self.units.beginning(i).map(|(_, unit)| unit).filter(|u| u.measure.is_rate() && !u.each_second)
        });
        if named.is_some() {
            item.unit = named;
            item.last = item.last.max(at + 2);
        }
    }

    /// Accounts that somebody follows are no users.
    fn in_context(&self, unit: Unit, item: &Item, at: usize) -> Unit {
        let from = item.quantity.first.saturating_sub(5).max(item.clause.0);
        let followed = (from..at).any(|i| self.text.word(i).starts_with("follow"));
        if unit.measure == Measure::RegisteredUsers && followed {
            return Unit { measure: Measure::Ignored, ..unit };
        }
        unit
    }

    /// The label before a number: "users: 10k", "team of six".
    fn label_before(&self, item: &mut Item, sentence_first: usize) {
        let first = item.first;
        let mut at = first;
        let lowest = sentence_first.max(first.saturating_sub(6));
        while at > lowest && self.text.tokens[at].before < Boundary::Semicolon {
            at -= 1;
            if let Some((begin, unit)) = self.units.ending(at)
                && begin >= sentence_first
            {
                let taken = self.quantities.partition_point(|q| q.last <= begin);
                let counted = taken > 0
                    && begin - self.quantities[taken - 1].last <= 3
                    && !self.apart(self.quantities[taken - 1].last, begin);
                if unit.measure == Measure::Period && !counted {
                    item.period = Some(unit.factor);
                    at = begin;
                    continue;
                }
                if unit.measure.may_be_label() && !counted && !self.text.tokens[at].possessive {
                    item.unit = Some(unit);
                    item.first = begin.min(item.first);
                    return;
                }
            }
            if !LABEL_LINKS.contains(&self.text.word(at)) {
                break;
            }
        }
        item.period = None;
    }

    /// Whether a mark stands between two tokens.
    fn apart(&self, a: usize, b: usize) -> bool {
        (a..=b).any(|i| self.text.tokens[i].before >= Boundary::Comma)
    }

    /// The period of a rate after its unit: "posts are written per second".
    fn period_after(&self, item: &mut Item, next: usize) {
        if item.unit.is_some_and(|u| u.each_second) {
            item.period = Some(1.0);
            return;
        }
        let own = item.unit.is_some_and(|u| {
            u.measure.is_rate()
                || matches!(
                    u.measure,
                    Measure::Usd
                        | Measure::Gigabytes
                        | Measure::Users
                        | Measure::People
                        | Measure::Fold
                        | Measure::Percent
                )
        });
        if !(own || item.unit.is_none()) {
            return;
        }
        let reach = if item.unit.is_none() { 1 } else { 7 };
        let from = item.last.max(item.quantity.last);
        for at in from..next.min(from + reach) {
            if at > from && self.text.tokens[at].before >= Boundary::Bracket
                || self.text.tokens[at].before >= Boundary::Colon
            {
                return;
            }
            if let Some((last, unit)) = self.units.beginning(at)
                && unit.measure == Measure::Period
            {
                let recurring = matches!(self.text.word(at), "each" | "every");
                if recurring
                    && item.unit.is_none()
                    && self.cues.any(Cue::Peak, (item.clause.0, item.quantity.first))
                {
                    return;
                }
                item.period = Some(unit.factor);
                item.last = last;
                return;
            }
        }
    }

    /// "20 requests, 2 page views and 3 operations per second": the last period holds for the list.
    fn share_periods(&self, items: &mut [Item]) {
        for i in (0..items.len().saturating_sub(1)).rev() {
            let (this, next) = (items[i], items[i + 1]);
            let rates = [this, next].iter().all(|x| x.measure().is_some_and(Measure::is_rate));
            if rates && next.period.is_some() && this.sentence == next.sentence && self.in_list(&this, &next)
            {
                items[i].listed = true;
                items[i].period = this.period.or(next.period);
            }
        }
    }

    /// Whether only a comma, "and" or words such as "about" stand between two items.
    fn in_list(&self, a: &Item, b: &Item) -> bool {
        b.first >= a.last
            && b.first - a.last <= 4
            && (a.last..b.first).all(|i| {
                matches!(
                    self.text.word(i),
                    "and"
                        | "or"
                        | "plus"
                        | "about"
                        | "around"
                        | "roughly"
                        | "some"
                        | "up"
                        | "to"
                        | "over"
                        | "only"
                        | "also"
                        | "another"
                        | "with"
                ) || self.units.beginning(i).is_some_and(|(_, u)| u.measure == Measure::Period)
            })
    }

    /// "A normal day is 209 million requests, of which 66 million are page loads": the period comes first.
    fn carry_periods(&self, items: &mut [Item]) {
        let mut carried: Option<(usize, f64)> = None;
        let mut scanned = 0;
        let mut last_end = 0;
        for item in items.iter_mut() {
            let sentence = self.text.sentences[item.sentence];
            let from = scanned.max(sentence.first).max(last_end).max(item.first.saturating_sub(REACH));
            if carried.is_some_and(|(s, _)| s != item.sentence) {
                carried = None;
            }
            for at in from..item.first {
                if let Some((last, unit)) = self.units.beginning(at)
                    && unit.measure == Measure::Period
                    && last <= item.first
                {
                    carried = Some((item.sentence, unit.factor));
                }
            }
            scanned = item.first;
            last_end = item.last;
            let rate = item
                .unit
                .is_some_and(|u| (u.measure.is_rate() && !u.each_second) || u.measure == Measure::Usd);
            if rate && item.period.is_none() {
                item.period = carried.map(|(_, factor)| factor);
            }
        }
    }

    /// "600 requests per second, a spike to 2,000": a bare number takes over the unit before it.
    fn inherit_units(&self, items: &mut [Item]) {
        for i in 1..items.len() {
            let this = items[i];
            // "in three years several hundred": a time between the two counts nothing.
            let Some(previous) = items[..i].iter().rev().take(3).find(|p| self.counts(p, &this)).copied()
            else {
                continue;
            };
            let Some(unit) = previous.unit.filter(|_| previous.sentence == this.sentence) else { continue };
            if this.unit.is_some()
                || this.quantity.year_like
                || !self.continues(&this, unit, previous.inherited)
            {
                continue;
            }
            items[i].unit = Some(unit);
            items[i].inherited = true;
            items[i].period = this.period.or(previous.period);
        }
    }

    /// Whether an item may be what a bare number goes on with: a duration only where a duration is due.
    fn counts(&self, previous: &Item, this: &Item) -> bool {
        let due = self.cues.any(Cue::Deadline, (this.first.saturating_sub(4).max(this.near.0), this.first));
        previous.unit.is_some_and(|u| u.measure != Measure::Seconds || due)
    }

    /// Whether a bare number goes on counting what the number before it counted.
    fn continues(&self, item: &Item, unit: Unit, previous_inherited: bool) -> bool {
        let counts =
            unit.measure.is_rate() || unit.measure.may_be_label() || unit.measure == Measure::Seconds;
        let ends = item.quantity.last;
        let ends_clause = ends >= self.text.sentences[item.sentence].last
            || self.text.tokens[ends].before >= Boundary::Bracket
            || matches!(
                self.text.word(ends),
                "and"
                    | "or"
                    | "at"
                    | "in"
                    | "by"
                    | "within"
                    | "on"
                    | "during"
                    | "when"
                    | "each"
                    | "every"
                    | "later"
                    | "next"
                    | "today"
                    | "now"
                    | "after"
                    | "once"
                    | "for"
                    | "under"
                    | "expected"
                    | "planned"
                    | "hoped"
            );
        let after = (ends, (ends + 6).min(item.near.1));
        let before = (item.quantity.first.saturating_sub(5).max(item.near.0), item.quantity.first);
        let listed = matches!(self.text.word(item.quantity.first.saturating_sub(1)), "and" | "or" | "then");
        let timed = (listed && previous_inherited)
            || matches!(self.text.word(ends), "expected" | "planned" | "hoped")
            || [after, before].iter().any(|range| {
                [Cue::Later, Cue::Now, Cue::Peak, Cue::Reach, Cue::Average, Cue::Deadline]
                    .iter()
                    .any(|c| self.cues.any(*c, *range))
            });
        counts && ends_clause && (timed || item.period.is_some())
    }
}
