//! Numbers in digits and words become quantities: a value and the range it may lie in.

use loadcase_catalog::{Lexicon, NumberWord};

use crate::lex::{Boundary, Literal, Text};
use crate::phrase::{Effort, Matcher};

/// A number as somebody wrote it, without its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantity {
    /// First token, words such as "about" excluded.
    pub(crate) first: usize,
    /// One past the last token.
    pub(crate) last: usize,
    /// Best guess.
    pub(crate) value: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
    /// The factor to apply when the dot in the digits separates thousands.
    pub(crate) dotted: Option<f64>,
    /// Whether it may be a calendar year.
    pub(crate) year_like: bool,
    /// Whether it was written in digits.
    pub(crate) digits: bool,
    /// What was said about its precision.
    pub(crate) bound: Bound,
    /// The earlier end of a "from A to B".
    pub(crate) from: Option<Start>,
}

/// Where a development began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Start {
    /// First token.
    pub(crate) first: usize,
    /// One past the last token.
    pub(crate) last: usize,
    /// The value.
    pub(crate) value: f64,
}

/// What a word before a number says about its precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// As it is.
    Exact,
    /// "about".
    About,
    /// "up to", "under".
    AtMost,
    /// "at least", "over".
    AtLeast,
}

impl Quantity {
    /// A value that one word states.
    pub(crate) const fn exact(at: usize, value: f64) -> Self {
        Self {
            first: at,
            last: at + 1,
            value,
            low: value,
            high: value,
            dotted: None,
            year_like: false,
            digits: false,
            bound: Bound::Exact,
            from: None,
        }
    }

    /// All three values multiplied.
    pub(crate) fn scaled(mut self, factor: f64) -> Self {
        self.value *= factor;
        self.low *= factor;
        self.high *= factor;
        self.from = self.from.map(|start| Start { value: start.value * factor, ..start });
        self
    }

    /// Whether value and range are ordinary numbers.
    pub(crate) fn is_finite(&self) -> bool {
        self.value.is_finite() && self.low.is_finite() && self.high.is_finite()
    }
}

/// Words for numbers, compiled.
#[derive(Debug)]
pub(crate) struct NumberWords {
    matcher: Matcher<Spoken>,
}

/// The meaning of a number word.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spoken {
    value: f64,
    low: f64,
    high: f64,
    /// What it multiplies a number before it by: hundred, thousands, dozen.
    scale: Option<f64>,
}

impl Spoken {
    fn new(word: &NumberWord) -> Self {
        let exact = word.high - word.low < 1e-9;
        let scale = match exact {
            true if word.value >= 100.0 || word.say.contains("dozen") => Some(word.value),
            // "tens of thousands": a plural multiplies by what one of it is.
            false if word.low >= 100.0 => Some(word.low),
            _ => None,
        };
        Self { value: word.value, low: word.low, high: word.high, scale }
    }

    const fn exact(value: f64) -> Self {
        Self { value, low: value, high: value, scale: None }
    }
}

/// Numbers of a text that are read: no brief has as many.
const MOST: usize = 20_000;

/// Single letters that stand for a scale only beside digits.
const LETTER_SCALES: &[(&str, f64)] = &[("k", 1e3), ("m", 1e6), ("b", 1e9), ("t", 1e12)];

impl NumberWords {
    /// Compiles the lexicon's number words.
    pub(crate) fn new(lexicon: &Lexicon) -> Self {
        let mut matcher = Matcher::default();
        for word in &lexicon.numbers {
            matcher.add(&word.say, Spoken::new(word));
        }
        Self { matcher }
    }

    /// Every number in the text, in order.
    pub(crate) fn find(&self, text: &Text<'_>, effort: &mut Effort) -> Vec<Quantity> {
        let spoken = self.longest(text, effort);
        let reader = QuantityReader { text, spoken: &spoken };
        let mut found: Vec<Quantity> = Vec::new();
        let mut at = 0;
        while at < text.tokens.len() {
            match reader.read(at) {
                Some(quantity) => {
                    at = quantity.last;
                    found.push(quantity);
                    if found.len() >= MOST {
                        effort.cut();
                        break;
                    }
                }
                None => at += 1,
            }
        }
        reader.join_ranges(found)
    }

    /// The longest number word at each token that begins one: first token, one past the last, meaning.
    fn longest(&self, text: &Text<'_>, effort: &mut Effort) -> Vec<(usize, usize, Spoken)> {
        let found = self.matcher.find(text, &[], effort);
        let mut longest: Vec<_> = found.into_iter().map(|m| (m.first, m.last, m.payload)).collect();
        longest.sort_by_key(|(first, last, _)| (*first, std::cmp::Reverse(*last)));
        longest.dedup_by_key(|(first, ..)| *first);
        longest
    }
}

struct QuantityReader<'a, 's> {
    text: &'a Text<'s>,
    spoken: &'a [(usize, usize, Spoken)],
}

/// A number under construction: three parallel sums, as in "two hundred and five thousand".
#[derive(Clone, Copy, Default)]
struct Sum {
    total: [f64; 3],
    current: [f64; 3],
}

impl Sum {
    fn multiply(&mut self, factor: f64) {
        for i in 0..3 {
            let base = if self.current[i] == 0.0 { 1.0 } else { self.current[i] };
            self.current[i] = base * factor;
        }
        if factor >= 1000.0 {
            for i in 0..3 {
                self.total[i] += self.current[i];
                self.current[i] = 0.0;
            }
        }
    }

    fn add(&mut self, spoken: Spoken) {
        for (slot, value) in self.current.iter_mut().zip([spoken.value, spoken.low, spoken.high]) {
            *slot += value;
        }
    }

    fn result(self) -> [f64; 3] {
        std::array::from_fn(|i| self.total[i] + self.current[i])
    }
}

impl QuantityReader<'_, '_> {
    /// The number that begins at a token.
    fn read(&self, first: usize) -> Option<Quantity> {
        let mut sum = Sum::default();
        let mut dotted = None;
        let mut year_like = false;
        let mut at = first;
        let token = self.text.tokens.get(first)?;
        let digits = if token.number
            && let Some(literal) = self.text.literal(first)
        {
            let Literal { value, dotted_thousands, year_like: year } = literal;
            sum.add(Spoken::exact(value));
            dotted = dotted_thousands.filter(|_| value != 0.0).map(|d| d / value);
            year_like = year;
            at += 1;
            true
        } else {
            let (last, spoken) = self.spoken_at(first)?;
            sum.add(spoken);
            at = last.max(at + 1);
            false
        };
        let before_scales = at;
        at = self.continue_number(&mut sum, at, digits);
        if at > before_scales {
            (dotted, year_like) = (None, false);
        }
        let [value, low, high] = sum.result();
        let quantity = Quantity {
            first,
            last: at,
            value,
            low,
            high,
            dotted,
            year_like,
            digits,
            bound: Bound::Exact,
            from: None,
        };
        Some(self.qualify(quantity))
    }

    /// The number word that begins at a token, and one past its last token.
    fn spoken_at(&self, token: usize) -> Option<(usize, Spoken)> {
        let index = self.spoken.binary_search_by_key(&token, |(first, ..)| *first).ok()?;
        let (_, last, spoken) = self.spoken[index];
        Some((last, spoken))
    }

    /// Scales and further number words after the first.
    fn continue_number(&self, sum: &mut Sum, mut at: usize, digits: bool) -> usize {
        let mut smallest = if digits { 0.0 } else { sum.current[0] };
        for _ in 0..6 {
            if let Some((last, factor)) = self.letter_scale(at, digits) {
                sum.multiply(factor);
                at = last;
                continue;
            }
            let Some((start, last, spoken)) = self.next_word(at) else { break };
            if let Some(factor) = spoken.scale {
                sum.multiply(factor);
            } else if !digits
                && spoken.value < 100.0
                && (sum.current[0] >= 100.0
                    || sum.total[0] > 0.0
                    || ((20.0..100.0).contains(&smallest) && spoken.value < 10.0 && start == at))
            {
                sum.add(spoken);
            } else {
                break;
            }
            smallest = spoken.value;
            at = last;
        }
        at
    }

    /// The number word at a token, "of" and "and" between numbers skipped.
    fn next_word(&self, at: usize) -> Option<(usize, usize, Spoken)> {
        let token = self.text.tokens.get(at)?;
        if token.before > Boundary::Space {
            return None;
        }
        let link = self.text.word(at);
        let skip = usize::from(matches!(link, "of" | "and"));
        let (last, spoken) = self.spoken_at(at + skip)?;
        let fits = match link {
            "of" => spoken.scale.is_some(),
            "and" => spoken.scale.is_none() && spoken.value < 100.0,
            _ => true,
        };
        fits.then_some((at + skip, last, spoken))
    }

    /// `k`, `M` and so on: glued to the digits, or a capital after them.
    fn letter_scale(&self, at: usize, digits: bool) -> Option<(usize, f64)> {
        let token = self.text.tokens.get(at)?;
        let word = self.text.word(at);
        let (_, factor) = LETTER_SCALES.iter().find(|(letter, _)| *letter == word)?;
        let fits = token.before == Boundary::Glued
            || (token.before == Boundary::Space && token.capital && word != "t");
        (digits && fits).then_some((at + 1, *factor))
    }

    /// Words before the number (and a plus sign after it) that say how exact it is.
    fn qualify(&self, mut quantity: Quantity) -> Quantity {
        let (value, spread) = (quantity.value, quantity.high > quantity.low);
        quantity.bound = self.bound_before(quantity.first);
        if self.text.word(quantity.last) == "+" && self.text.tokens[quantity.last].before == Boundary::Glued {
            quantity.bound = Bound::AtLeast;
            quantity.last += 1;
        }
        if let Some((last, bound)) = self.bound_after(quantity.last) {
            quantity.bound = bound;
            quantity.last = last;
        }
        if !spread {
            (quantity.low, quantity.high) = match quantity.bound {
                Bound::Exact => (value, value),
                Bound::About => (value * 0.8, value * 1.2),
                Bound::AtMost => (value * 0.5, value),
                Bound::AtLeast => (value, value * 1.5),
            };
            if value < 0.0 {
                std::mem::swap(&mut quantity.low, &mut quantity.high);
            }
        }
        quantity
    }

    /// "100 or so engineers", "40-odd services", "30 or more teams".
    fn bound_after(&self, at: usize) -> Option<(usize, Bound)> {
        let close = |i: usize| self.text.tokens.get(i).is_some_and(|t| t.before <= Boundary::Space);
        if !close(at) {
            return None;
        }
        match (self.text.word(at), self.text.word(at + 1)) {
            ("or", "so" | "thereabouts") if close(at + 1) => Some((at + 2, Bound::About)),
            ("or", "more") if close(at + 1) => Some((at + 2, Bound::AtLeast)),
            ("odd" | "ish", _) => Some((at + 1, Bound::About)),
            _ => None,
        }
    }

    fn bound_before(&self, first: usize) -> Bound {
        let word = |back: usize| first.checked_sub(back).map_or("", |i| self.text.word(i));
        // Currency signs stand between the word and the number.
        let skip =
            usize::from(matches!(word(1), "$" | "\u{20ac}" | "\u{a3}" | "eur" | "usd" | "gbp" | "the" | "a"));
        match (word(2 + skip), word(1 + skip)) {
            ("up" | "close", "to") | ("at", "most") | ("no" | "not", "more") => Bound::AtMost,
            ("more", "than") if word(3 + skip) == "no" || word(3 + skip) == "not" => Bound::AtMost,
            ("less" | "fewer", "than") => Bound::AtMost,
            ("at", "least") | ("more", "than") | ("upwards", "of") => Bound::AtLeast,
            (
                _,
                "under" | "below" | "within" | "max" | "maximum" | "<" | "\u{2264}" | "almost" | "nearly",
            ) => Bound::AtMost,
            (_, "over" | "above" | "exceeding" | "minimum" | "min" | ">" | "\u{2265}") => Bound::AtLeast,
            (
                _,
                "about" | "around" | "roughly" | "approximately" | "approx" | "circa" | "ca" | "c" | "~"
                | "\u{2248}" | "some" | "maybe" | "perhaps" | "say" | "probably" | "like",
            ) => Bound::About,
            _ => Bound::Exact,
        }
    }

    /// Joins "20-30", "between 5 and 10", "5 to 10" and "from 40 million to 120 million".
    fn join_ranges(&self, found: Vec<Quantity>) -> Vec<Quantity> {
        let mut joined: Vec<Quantity> = Vec::with_capacity(found.len());
        for quantity in found {
            // "from 90 people in 2014 to a thousand": a year may stand between the two.
            let years = joined.iter().rev().take_while(|q| q.year_like).count().min(1);
            let earlier = joined.len().checked_sub(years + 1).map(|i| joined[i]);
            match joined.last() {
                Some(_) if earlier.is_some_and(|start| self.is_development(&start, &quantity)) => {
                    let from = earlier.map(|start| Start {
                        first: start.first,
                        last: start.last,
                        value: scale_like(&start, &quantity),
                    });
                    joined.truncate(joined.len() - 1 - years);
                    joined.push(Quantity { from, ..quantity });
                }
                Some(&previous) if self.is_range(&previous, &quantity) => {
                    let low = scale_like(&previous, &quantity);
                    let (low, high) = (low.min(quantity.low), quantity.high.max(low));
                    joined.pop();
                    joined.push(Quantity {
                        first: previous.first,
                        value: middle(low, high),
                        low,
                        high,
                        dotted: None,
                        year_like: false,
                        ..quantity
                    });
                }
                _ => joined.push(quantity),
            }
        }
        joined
    }

    /// "from 40 million to over 120 million", possibly with a few words after the first number.
    fn is_development(&self, a: &Quantity, b: &Quantity) -> bool {
        let introduced = (1..=2)
            .filter_map(|back| a.first.checked_sub(back))
            .any(|i| self.text.word(i) == "from" && self.same_sentence(i, a.first));
        let close = b.first >= a.last && b.first - a.last <= 7;
        let to = (a.last..b.first).any(|i| matches!(self.text.word(i), "to" | "towards"));
        // "ranging from 5 to 10" develops nothing.
        let range = (2..=3).filter_map(|back| a.first.checked_sub(back)).any(|i| {
            self.text.word(i).starts_with("rang")
                || matches!(self.text.word(i), "anywhere" | "vary" | "varies")
        });
        introduced
            && close
            && to
            && !range
            && !a.year_like
            && !b.year_like
            && self.same_sentence(a.first, b.first)
    }

    fn is_range(&self, a: &Quantity, b: &Quantity) -> bool {
        let gap = b.first.saturating_sub(a.last);
        if b.first < a.last || gap > 1 || a.value > b.value * 1.0001 && scale_like(a, b) > b.value {
            return false;
        }
        let hyphen = self.text.tokens[b.first].before == Boundary::Hyphen && a.digits == b.digits;
        let word = self.text.word(a.last);
        let before = a.first.checked_sub(1).map_or("", |i| self.text.word(i));
        let between = before == "between";
        // "no idea whether we get 5,000 or 5 million".
        let open = (1..=4).filter_map(|back| a.first.checked_sub(back)).any(|i| {
            matches!(self.text.word(i), "whether" | "either" | "if") && self.same_sentence(i, a.first)
        });
        let joined = match gap {
            0 => hyphen,
            _ => {
                self.text.tokens[b.first].before <= Boundary::Space
                    && (word == "to"
                        || (word == "or" && (open || b.value <= a.value * 3.0))
                        || (between && word == "and"))
            }
        };
        joined && !(a.year_like && b.year_like)
    }

    fn same_sentence(&self, a: usize, b: usize) -> bool {
        (a + 1..=b).all(|i| self.text.tokens[i].before < Boundary::Sentence)
    }
}

/// The middle of a range; of one that spans orders of magnitude, the middle order.
fn middle(low: f64, high: f64) -> f64 {
    if low > 0.0 && high / low > 10.0 { (low * high).sqrt() } else { f64::midpoint(low, high) }
}

/// The first value of a range, in the scale of the second: "5-10 million" begins at five million.
fn scale_like(first: &Quantity, second: &Quantity) -> f64 {
    let ratio = second.value / first.value;
    let bare = first.last - first.first == 1 && second.last - second.first > 1;
    if !bare || !ratio.is_finite() || ratio < 1000.0 {
        return first.value;
    }
    let scale = [1e12, 1e9, 1e6, 1e3].into_iter().find(|s| second.value >= *s).unwrap_or(1.0);
    if first.value * scale <= second.value { first.value * scale } else { first.value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::catalog;

    fn read(source: &str) -> Vec<(f64, f64, f64)> {
        let text = Text::new(source);
        NumberWords::new(&catalog().lexicon)
            .find(&text, &mut Effort::new())
            .into_iter()
            .map(|q| (q.value, q.low, q.high))
            .collect()
    }

    #[test]
    fn words_and_digits_make_numbers() {
        let cases = [
            ("209 million requests", 209e6),
            ("10k users", 10e3),
            ("1.5M users", 1.5e6),
            ("2bn rows", 2e9),
            ("half a million users", 0.5e6),
            ("a million users", 1e6),
            ("one hundred and twenty users", 120.0),
            ("twenty five users", 25.0),
            ("two hundred thousand users", 200e3),
            ("twelve hundred users", 1200.0),
            ("a dozen services", 12.0),
            ("three dozen services", 36.0),
            ("1,200 users", 1200.0),
            ("5 M users", 5e6),
            ("10,000+ users", 10e3),
        ];
        for (text, value) in cases {
            let found = read(text);
            assert!(found.len() == 1 && (found[0].0 - value).abs() < 1e-6, "{text}: {found:?}");
        }
    }

    #[test]
    fn vague_words_make_ranges() {
        for (text, low, high) in [
            ("a few dozen developers", 24.0, 72.0),
            ("a handful of people", 3.0, 8.0),
            ("hundreds of thousands of events", 100e3, 1e6),
            ("tens of millions of trips", 10e6, 100e6),
            ("between 5 and 10 teams", 5.0, 10.0),
            ("20-30 ms", 20.0, 30.0),
            ("5-10 million users", 5e6, 10e6),
            ("10k to 20k users", 10e3, 20e3),
            ("two or three engineers", 2.0, 3.0),
            ("up to 1,000 employees", 500.0, 1000.0),
            ("at least 40 users", 40.0, 60.0),
            ("about 100 users", 80.0, 120.0),
        ] {
            let found = read(text);
            assert!(found.len() == 1, "{text}: {found:?}");
            let (value, l, h) = found[0];
            assert!(
                (l - low).abs() < 1e-6 && (h - high).abs() < 1e-6 && l <= value && value <= h,
                "{text}: {found:?}"
            );
        }
    }

    #[test]
    fn a_development_keeps_its_present_value() {
        let text = Text::new("went from 40 million to over 120 million messages");
        let found = NumberWords::new(&catalog().lexicon).find(&text, &mut Effort::new());
        assert_eq!(found.len(), 1);
        assert!((found[0].value - 120e6).abs() < 1.0);
        assert_eq!(found[0].from.map(|start| start.value), Some(40e6));
    }
}
