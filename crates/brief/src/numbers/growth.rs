//! Growth: "doubles every year", "grows by half in two years", "a hundredfold in four years".

use loadcase_model::{Horizon, Input};

use crate::clause::{clause_around, window};
use crate::lex::{Boundary, Text};
use crate::numbers::classify::MONTH;
use crate::numbers::cue::{Cue, CuePlaces};
use crate::numbers::item::Item;
use crate::numbers::measure::{Measure, UnitPlaces};
use crate::numbers::reading::Reading;
use crate::quantity::Quantity;

/// Months to the later horizon.
const HORIZON_MONTHS: f64 = 24.0;

/// No load is planned to grow beyond this factor in 24 months: what doubles each month does not do so for two
/// years, and a design for more would be a design for another product.
const MOST: f64 = 100.0;

/// Past growth says less about the future than a plan does: it is carried on up to this factor only.
const MOST_FROM_PAST: f64 = 10.0;

/// Verbs that carry their factor.
const VERBS: &[(&str, f64)] = &[
    ("double", 2.0),
    ("doubles", 2.0),
    ("doubled", 2.0),
    ("doubling", 2.0),
    ("triple", 3.0),
    ("triples", 3.0),
    ("tripled", 3.0),
    ("tripling", 3.0),
    ("treble", 3.0),
    ("quadruple", 4.0),
    ("quadruples", 4.0),
    ("quadrupled", 4.0),
    ("quadrupling", 4.0),
    ("quintuple", 5.0),
    ("twofold", 2.0),
    ("threefold", 3.0),
    ("fourfold", 4.0),
    ("fivefold", 5.0),
    ("sixfold", 6.0),
    ("eightfold", 8.0),
    ("tenfold", 10.0),
    ("twentyfold", 20.0),
    ("fiftyfold", 50.0),
    ("hundredfold", 100.0),
    ("thousandfold", 1000.0),
];

/// What grows when it is no load.
const NO_LOAD: &[&str] = &[
    "engineering",
    "engineers",
    "engineer",
    "team",
    "teams",
    "headcount",
    "staff",
    "developers",
    "hiring",
    "hire",
    "people",
    "revenue",
    "price",
    "prices",
    "budget",
    "salary",
    "bill",
    "cost",
    "costs",
    "latency",
    "memory",
    "checks",
    "charged",
    "charges",
];

/// What grows when it is load after all.
const LOAD: &[&str] = &[
    "traffic",
    "load",
    "users",
    "volume",
    "requests",
    "orders",
    "messages",
    "data",
    "customers",
    "usage",
    "queries",
    "events",
    "tenants",
    "shipments",
    "downloads",
    "visitors",
    "transactions",
    "payments",
    "rows",
    "bookings",
    "writes",
];

/// How often or within which time something grows by its factor.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pace {
    /// Each time so many months pass.
    Every(f64),
    /// Once, within so many months.
    Within(f64),
    /// Nobody said.
    Unsaid,
}

/// Finds growth and adds it to the readings.
pub(crate) fn read(
    text: &Text<'_>,
    cues: &CuePlaces,
    units: &UnitPlaces,
    items: &[Item],
    readings: &mut Vec<Reading>,
) {
    let finder = Finder { text, cues, units, items };
    for at in 0..text.tokens.len() {
        if let Some((_, factor)) = VERBS.iter().find(|(verb, _)| *verb == text.word(at))
            && is_verb(text, at)
        {
            finder.verb(at, *factor, readings);
        }
    }
    for item in items {
        finder.item(item, readings);
    }
}

/// "double" is a verb in "will double" and "double every year", but not in "double charges".
fn is_verb(text: &Text<'_>, at: usize) -> bool {
    if !matches!(text.word(at), "double" | "triple" | "quadruple" | "quintuple" | "treble") {
        return true;
    }
    let before = at.checked_sub(1).map_or("", |i| text.word(i));
    matches!(
        text.word(at + 1),
        "every" | "each" | "in" | "within" | "by" | "over" | "again" | "our" | "the" | "its" | "per" | "next"
    ) || matches!(
        before,
        "to" | "will"
            | "may"
            | "might"
            | "could"
            | "would"
            | "should"
            | "can"
            | "traffic"
            | "users"
            | "load"
            | "volume"
            | "they"
            | "we"
    )
}

struct Finder<'a, 's> {
    text: &'a Text<'s>,
    cues: &'a CuePlaces,
    units: &'a UnitPlaces,
    items: &'a [Item],
}

impl Finder<'_, '_> {
    /// A verb with its factor; a "tenfold peak" is no growth.
    fn verb(&self, at: usize, factor: f64, readings: &mut Vec<Reading>) {
        let of_peak = matches!(
            self.text.word(at + 1),
            "peak" | "peaks" | "spike" | "spikes" | "surge" | "rush" | "burst"
        );
        if of_peak {
            let quantity = Quantity::exact(at, factor);
            readings.push(Reading::new(Input::PeakFactor, Horizon::Now, &quantity, at, at + 2));
        } else {
            self.statement(at, at + 1, factor, readings);
        }
    }

    /// A verb or number with its factor.
    fn statement(&self, first: usize, last: usize, factor: f64, readings: &mut Vec<Reading>) {
        let sentence = self.text.sentences[self.text.sentence_of(first)];
        let clause = clause_around(self.text, sentence, first);
        let near = window(sentence, first);
        if factor <= 0.0 || !factor.is_finite() || self.is_no_load(clause, first) {
            return;
        }
        let (pace, end) = self.pace(last, near.1);
        let past = self.is_past(first, clause, near);
        if past && pace == Pace::Unsaid {
            return;
        }
        let mut reading = growth(factor, pace, past);
        reading.first = first;
        reading.last = end.max(last);
        readings.push(reading);
    }

    /// Numbers that say how much something grows.
    fn item(&self, item: &Item, readings: &mut Vec<Reading>) {
        let quantity = item.quantity;
        let word_before = |back: usize| item.first.checked_sub(back).map_or("", |i| self.text.word(i));
        let growing = self.cues.any(Cue::Growth, item.clause);
        match item.measure() {
            Some(Measure::Fold) => self.fold(item, growing, readings),
            Some(Measure::Percent) if growing && !self.speaks_of_share(item) => {
                self.statement(item.first, item.quantity.last, 1.0 + quantity.value / 100.0, readings);
            }
            None if growing
                && !quantity.digits
                && quantity.value < 1.0
                && (word_before(1) == "by" || word_before(2) == "by") =>
            {
                self.statement(item.first, item.quantity.last, 1.0 + quantity.value, readings);
            }
            None if growing && (word_before(2) == "factor" || word_before(3) == "factor") => {
                self.statement(item.first, item.quantity.last, quantity.value, readings);
            }
            _ => self.development(item, readings),
        }
    }

    /// "10x": growth, or a peak over the ordinary load.
    fn fold(&self, item: &Item, growing: bool, readings: &mut Vec<Reading>) {
        let value = item.quantity.value;
        let peak =
            self.cues.nearest(&[Cue::Peak, Cue::Growth], item.number(), item.clause) == Some(Cue::Peak);
        if (peak || self.on_occasion(item)) && value >= 1.0 && !self.expects_more(item) {
            let reading =
                Reading::new(Input::PeakFactor, Horizon::Now, &item.quantity, item.first, item.last);
            readings.push(reading);
        } else if growing || self.cues.any(Cue::Later, item.near) || self.expects_more(item) {
            self.statement(item.first, item.quantity.last, value, readings);
        }
    }

    /// "rises 30-fold when a product sells out": it falls again afterwards.
    fn on_occasion(&self, item: &Item) -> bool {
        (item.last..(item.last + 5).min(item.near.1))
            .take_while(|&i| self.text.tokens[i].before < Boundary::Comma)
            .any(|i| matches!(self.text.word(i), "when" | "whenever" | "during" | "if" | "while"))
    }

    /// "we expect several times more".
    fn expects_more(&self, item: &Item) -> bool {
        let from = item.first.saturating_sub(4).max(item.near.0);
        (from..item.first).any(|i| {
            self.text.word(i).starts_with("expect") || matches!(self.text.word(i), "to" | "anticipate")
        })
    }

    /// Whether a percentage near a word for growth is a share of something else.
    fn speaks_of_share(&self, item: &Item) -> bool {
        matches!(self.text.word(item.last), "of" | "reads" | "writes" | "uptime" | "availability")
    }

    /// "from 40 million to 120 million in half a year".
    fn development(&self, item: &Item, readings: &mut Vec<Reading>) {
        let Some(start) = item.quantity.from else { return };
        let (first, from) = (start.first, start.value);
        let counts_load = item.unit.is_some_and(|u| {
            u.measure.is_rate()
                || matches!(
                    u.measure,
                    Measure::Users
                        | Measure::MonthlyUsers
                        | Measure::DailyUsers
                        | Measure::Tenants
                        | Measure::Customers
                        | Measure::Connections
                )
        });
        let past = self.is_past(first, item.clause, item.near);
        if !counts_load || !past || from <= 0.0 {
            return;
        }
        self.statement(item.first, item.quantity.last, item.quantity.value / from, readings);
    }

    fn is_no_load(&self, (first, last): (usize, usize), at: usize) -> bool {
        let near = |words: &[&str], reach: usize| {
            (first.max(at.saturating_sub(reach))..last.min(at + reach))
                .any(|i| words.contains(&self.text.word(i)))
        };
        near(NO_LOAD, 5) && !near(LOAD, 8)
    }

    fn is_past(&self, at: usize, clause: (usize, usize), near: (usize, usize)) -> bool {
        let word = self.text.word(at);
        let plan = (near.0..at)
            .any(|i| matches!(self.text.word(i), "will" | "expect" | "expected" | "plan" | "should"));
        let verb = word.ends_with("ed")
            && word != "hundred"
            && self.text.tokens[at].end() - self.text.tokens[at].start() > 4;
        (verb || self.cues.any(Cue::Past, (near.0.max(at.saturating_sub(8)), clause.1))) && !plan
    }

    /// The pace named after a statement, and where its words end.
    fn pace(&self, from: usize, until: usize) -> (Pace, usize) {
        let until = until.min(from + 14).min(self.text.tokens.len());
        for at in from..until {
            if let Some((last, unit)) = self.units.beginning(at)
                && unit.measure == Measure::Period
                && unit.factor >= 86_400.0
            {
                let half = self.text.word(last) == "and"
                    && self.text.word(last + 1) == "a"
                    && self.text.word(last + 2) == "half";
                let months = unit.factor / MONTH * if half { 1.5 } else { 1.0 };
                return (Pace::Every(months), if half { last + 3 } else { last });
            }
            if let Some(pace) = self.span_at(at) {
                return pace;
            }
            match self.text.word(at) {
                "year-over-year" | "yoy" | "annually" | "yearly" => return (Pace::Every(12.0), at + 1),
                "year" if matches!(self.text.word(at.wrapping_sub(1)), "next" | "a" | "one" | "last") => {
                    return (Pace::Within(12.0), at + 1);
                }
                _ => {}
            }
        }
        (Pace::Unsaid, from)
    }

    /// "in two years", "every three months" beginning with the number at a token.
    fn span_at(&self, at: usize) -> Option<(Pace, usize)> {
        let index = self.items.binary_search_by(|i| i.quantity.first.cmp(&at)).ok()?;
        let item = self.items.get(index)?;
        let unit = item.unit.filter(|u| u.measure == Measure::Seconds)?;
        let months = item.quantity.value * unit.factor / MONTH;
        if !(months > 0.01 && months < 600.0) {
            return None;
        }
        let recurring = (1..=2).any(|back| {
            at.checked_sub(back).is_some_and(|i| matches!(self.text.word(i), "every" | "each" | "per"))
        });
        Some((if recurring { Pace::Every(months) } else { Pace::Within(months) }, item.last))
    }
}

/// Growth over 24 months from a factor and its pace.
fn growth(factor: f64, pace: Pace, past: bool) -> Reading {
    let over = |months: f64| factor.powf(HORIZON_MONTHS / months);
    let (value, low, high) = match (pace, past) {
        (Pace::Every(months), _) => (over(months), factor, over(months)),
        (Pace::Within(months), true) => {
            let carried = over(months);
            (carried.min(MOST_FROM_PAST), carried.sqrt().min(MOST_FROM_PAST), carried)
        }
        (Pace::Within(months), false) if months > HORIZON_MONTHS => {
            (over(months), over(months), over(months))
        }
        (Pace::Within(months), false) => (factor, factor, over(months)),
        (Pace::Unsaid, _) => (factor, factor, factor),
    };
    let cap = |v: f64| if v.is_finite() { v.clamp(0.01, MOST) } else { MOST };
    let (value, low, high) = (cap(value), cap(low), cap(high));
    Reading {
        input: Input::Growth,
        horizon: Horizon::Now,
        value,
        low: low.min(value),
        high: high.max(value),
        first: 0,
        last: 0,
        rank: if past { 3 } else { 6 },
        group: None,
        average: false,
        each: false,
    }
}
