//! Items become readings: which input a number is, at which horizon, in that input's unit.

use loadcase_model::{Diagnostic, Horizon, Input, Span};

use crate::lex::Text;
use crate::numbers::cue::{Cue, CuePlaces};
use crate::numbers::item::Item;
use crate::numbers::measure::{Measure, UnitPlaces};
use crate::numbers::reading::Reading;
use crate::quantity::{Bound, Quantity};

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

    fn count(&mut self, index: usize, measure: Measure) {
        if self.size_of_each(index, measure) {
            return;
        }
        let item = self.items[index];
        let (input, rank) = match measure {
            Measure::MonthlyUsers => (Input::MonthlyUsers, 7),
            Measure::DailyUsers => (Input::DailyUsers, 7),
            // "A few accounts" have something; nobody counts all of them so.
            Measure::RegisteredUsers if item.quantity.value >= 50.0 => (Input::MonthlyUsers, 4),
            Measure::Users | Measure::Customers if self.comes_at_once(&item) => (Input::Connections, 5),
            Measure::Users => self.users(&item),
            Measure::Connections => (Input::Connections, 7),
            Measure::Employees => match self.employees(&item) {
                Some(read) => read,
                None => return,
            },
            // "One customer must not slow another" counts nobody.
            Measure::Customers | Measure::Clients if item.quantity.value < 2.0 && !item.quantity.digits => {
                return;
            }
            Measure::Customers if self.context.businesses => (Input::Tenants, 4),
            Measure::Customers => (Input::MonthlyUsers, 3),
            Measure::Clients if item.quantity.digits && self.context.businesses => (Input::Tenants, 4),
            Measure::Clients if item.quantity.digits => (Input::MonthlyUsers, 3),
            // "belong to several companies" counts nothing.
            Measure::Tenants if item.quantity.digits || item.quantity.value >= 10.0 => (Input::Tenants, 6),
            Measure::People => match self.people(&item) {
                Some(read) => read,
                None => return,
            },
            Measure::Engineers if self.are_served(&item) => (Input::MonthlyUsers, 4),
            Measure::Engineers if !self.follows(&item, Cue::Drain, 6) => (Input::Engineers, 6),
            Measure::TeamSize if item.first < item.quantity.first => (Input::Engineers, 6),
            Measure::TeamSize if item.quantity.value >= 2.0 => (Input::Teams, 5),
            Measure::Operators => (Input::Operators, 6),
            Measure::Teams => (Input::Teams, 6),
            Measure::Services if item.quantity.value >= 2.0 && !self.is_proposed(&item) => {
                (Input::ServicesNow, 6)
            }
            Measure::Regions if item.quantity.value >= 2.0 && !self.is_proposed(&item) => (Input::Regions, 6),
            Measure::Consumers => (Input::Consumers, 6),
            _ => return,
        };
        let factor = item.unit.map_or(1.0, |u| u.factor);
        let registered = measure == Measure::RegisteredUsers;
        let company = measure == Measure::People && input == Input::Engineers && self.is_company(&item);
        let reading = self.push(index, input, factor, rank);
        if registered {
            *reading = reading.widen(0.1, 1.0);
        } else if company {
            // Not everybody in a company builds its software.
            *reading = reading.widen(0.3, 1.0).rank(3);
        }
    }

    /// "An architect proposes 30 microservices": somebody's idea is no fact.
    fn is_proposed(&self, item: &Item) -> bool {
        let from = item.near.0.max(item.first.saturating_sub(12));
        (from..item.first).any(|i| {
            let word = self.text.word(i);
            ["propos", "suggest", "recommend", "consider", "ask"].iter().any(|w| word.starts_with(w))
                || matches!(
                    word,
                    "should" | "want" | "wants" | "into" | "could" | "plan" | "plans" | "board" | "cto"
                )
        })
    }

    fn users(&self, item: &Item) -> (Input, u8) {
        // What follows the next number belongs to that one: "70 million a month, 7 million connected".
        let next = self.items.partition_point(|i| i.quantity.first <= item.quantity.first);
        let until = self.items.get(next).map_or(item.near.1, |i| i.first.max(item.last));
        let reach = (item.last.saturating_sub(1), (item.last + 5).min(item.near.1).min(until));
        let at_once = self.cues.any(Cue::AtOnce, reach);
        let joining = (item.clause.0..item.clause.1)
            .any(|i| ["join", "sign", "register"].iter().any(|w| self.text.word(i).starts_with(w)));
        if at_once {
            (Input::Connections, 6)
        } else if item.period.is_some_and(|p| (p - DAY).abs() < 1.0) && !joining {
            (Input::DailyUsers, 6)
        } else {
            (Input::MonthlyUsers, 5)
        }
    }

    /// Employees are the users of an internal system, or the size of the company that builds it.
    fn employees(&self, item: &Item) -> Option<(Input, u8)> {
        let before = item.quantity.first.saturating_sub(5).max(item.near.0);
        let owner =
            (before..item.quantity.first).any(|i| matches!(self.text.word(i), "we" | "company" | "startup"));
        let audience = self.clause_has(item, Cue::Audience)
            || (before..item.quantity.first).any(|i| self.text.word(i) == "for");
        // "With 30 employees each" tells how large each of them is.
        let of_each = matches!(self.text.word(item.last), "each" | "apiece");
        ((audience || !owner) && !of_each).then_some((Input::MonthlyUsers, 4))
    }

    /// "A git platform for 500 developers in our company": they use it, somebody else runs it.
    fn are_served(&self, item: &Item) -> bool {
        let from = item.quantity.first.saturating_sub(4).max(item.near.0);
        let served = (from..item.quantity.first).rev().find(|&i| {
            !matches!(
                self.text.word(i),
                "up" | "to"
                    | "about"
                    | "around"
                    | "some"
                    | "roughly"
                    | "our"
                    | "the"
                    | "over"
                    | "all"
                    | "nearly"
            )
        });
        let for_them =
            served.is_some_and(|i| matches!(self.text.word(i), "for" | "serve" | "serves" | "serving"));
        let after = item.last..(item.last + 4).min(item.near.1);
        let said = |words: &[&str]| after.clone().any(|i| words.contains(&self.text.word(i)));
        let busy = said(&["build", "maintain", "run", "operate", "develop", "work", "keep", "look"]);
        let using = said(&["use", "uses", "commit", "push", "log", "deploy", "submit"])
            && !self.text.sentences[item.sentence].question
            && item.quantity.value >= 50.0;
        // "200 teams, 1,600 engineers, deploy through it": they are the organisation that builds.
        let teams =
            self.items.iter().any(|i| i.sentence == item.sentence && i.measure() == Some(Measure::Teams));
        (for_them && !busy) || using && !teams && said(&["it", "log"])
    }

    /// "Nine people" build it, "10,000 people" use it.
    fn people(&self, item: &Item) -> Option<(Input, u8)> {
        if self.follows(item, Cue::Drain, 6) {
            return None;
        }
        if self.comes_at_once(item) {
            return Some((Input::Connections, 5));
        }
        if self.work_elsewhere(item) {
            return None;
        }
        let sentence = self.text.sentences[item.sentence];
        if sentence.last - sentence.first <= 4 && item.quantity.value < 100.0 {
            // "Three people." says who they are.
            return Some((Input::Engineers, 5));
        }
        let cue = self.nearest(item, &[Cue::Team, Cue::Audience]);
        match cue {
            Some(Cue::Team) if item.quantity.value <= 20_000.0 => Some((Input::Engineers, 5)),
            Some(Cue::Audience) => Some(self.users(item)),
            _ if item.quantity.value >= 5_000.0 => Some(self.users(item)),
            _ => None,
        }
    }

    /// "Five people in the office", "twelve in sales": they neither build it nor are all of its users.
    fn work_elsewhere(&self, item: &Item) -> bool {
        const PLACES: &[&str] = &[
            "office",
            "accounting",
            "administration",
            "finance",
            "sales",
            "marketing",
            "support",
            "warehouse",
            "shop",
            "shops",
            "reception",
            "legal",
            "hr",
            "logistics",
            "branches",
            "production",
        ];
        let linked = matches!(self.text.word(item.last), "in" | "at" | "from" | "of");
        linked && (item.last..(item.last + 4).min(item.clause.1)).any(|i| PLACES.contains(&self.text.word(i)))
    }

    /// "80,000 people hit the site when sales open": they come together, and no month was named.
    fn comes_at_once(&self, item: &Item) -> bool {
        const COME: &[&str] =
            &["hit", "storm", "rush", "try", "log", "click", "come", "arrive", "want", "open"];
        const WHEN: &[&str] = &["when", "once", "moment", "minute", "second"];
        const BEGIN: &[&str] = &["open", "start", "begin", "drop", "release", "launch", "air", "live"];
        let begins = |i: usize, words: &[&str]| words.iter().any(|w| self.text.word(i).starts_with(w));
        let until = item.near.1;
        let verb = (item.last..until.min(item.last + 4)).find(|&i| begins(i, COME));
        let occasion =
            verb.and_then(|v| (v + 1..until.min(v + 8)).find(|&i| WHEN.contains(&self.text.word(i))));
        item.period.is_none()
            && item.quantity.value >= 1_000.0
            && occasion.is_some_and(|w| (w + 1..until.min(w + 6)).any(|i| begins(i, BEGIN)))
    }

    /// "a company with about 80 people".
    fn is_company(&self, item: &Item) -> bool {
        (item.first.saturating_sub(5).max(item.near.0)..item.first).any(|i| {
            matches!(self.text.word(i), "company" | "firm" | "business" | "organisation" | "organization")
        })
    }

    fn rate(&mut self, index: usize) {
        let item = self.items[index];
        let (Some(unit), Some(period)) = (item.unit, item.period) else {
            self.per_request(index);
            return;
        };
        let per_second = unit.factor / period;
        match self.whose(&item) {
            // So many each second are what all of them send together.
            Some(Cue::OfSome) if per_second * item.quantity.value >= MANY_PER_S => {}
            Some(whose) => {
                self.of_each(index, whose, per_second);
                return;
            }
            None => {}
        }
        let peak = self.is_peak(&item, period);
        let chained = self.is_chained(index);
        match unit.measure {
            Measure::Requests | Measure::Operations => self.requests(index, per_second, peak, 7),
            Measure::Times if self.clause_has(&item, Cue::Writes) => {
                self.flow(index, Input::WritesPerS, per_second, peak);
            }
            // "300,000 times a second" is load, "several times a day" is a habit.
            Measure::Times if period <= 1.0 || item.quantity.value >= 1_000.0 => {
                self.requests(index, per_second, peak, 5);
            }
            Measure::Times => {}
            Measure::PageViews if self.context.analytics => {
                self.flow(index, Input::EventsPerS, per_second, peak);
            }
            Measure::PageViews => self.requests(index, per_second, peak, if chained { 7 } else { 3 }),
            Measure::Reads => self.requests(index, per_second, peak, if chained { 7 } else { 4 }),
            Measure::Queries if self.context.lookups && !self.says_database(&item) => {
                self.requests(index, per_second, peak, 7);
            }
            Measure::Queries => self.flow(index, Input::QueriesPerS, per_second, peak),
            Measure::Writes => {
                self.flow(index, Input::WritesPerS, per_second, peak);
                if chained {
                    self.requests(index, per_second, peak, 7);
                }
            }
            Measure::Events => self.flow(index, Input::EventsPerS, per_second, peak),
            Measure::Messages => {
                let input = self.messages(&item);
                self.flow(index, input, per_second, peak);
            }
            Measure::Jobs => self.flow(index, Input::JobsPerS, per_second, peak),
            _ => self.flow(index, Input::WritesPerS, per_second, peak),
        }
        let landing = (item.last, (item.last + 6).min(item.clause.1));
        if matches!(unit.measure, Measure::Writes | Measure::Events | Measure::Actions)
            && self.cues.any(Cue::OneKey, landing)
        {
            self.flow(index, Input::HotKeyWritesPerS, per_second, peak);
        }
    }

    /// Whether the words of an item name a database: "SQL queries".
    fn says_database(&self, item: &Item) -> bool {
        (item.first..item.last).any(|i| {
            matches!(self.text.word(i), "sql" | "database" | "db" | "mysql" | "postgres" | "postgresql")
        })
    }

    fn requests(&mut self, index: usize, per_second: f64, peak: bool, rank: u8) {
        let input = if peak { Input::PeakRps } else { Input::AverageRps };
        let group = self.chain(index);
        self.push(index, input, per_second, rank).group = group;
    }

    /// A rate that the model holds at its peak: an average leaves room above.
    fn flow(&mut self, index: usize, input: Input, per_second: f64, peak: bool) {
        let group = if input == Input::WritesPerS { self.chain(index) } else { None };
        let reading = self.push(index, input, per_second, 6);
        reading.group = group;
        if !peak {
            *reading = reading.widen(1.0, 3.0);
        }
    }

    fn messages(&self, item: &Item) -> Input {
        let near = self.nearest(item, &[Cue::Chat, Cue::Sending]);
        match near {
            Some(Cue::Chat) => Input::WritesPerS,
            Some(Cue::Sending) if self.context.sending => Input::JobsPerS,
            _ if self.context.chat => Input::WritesPerS,
            _ if self.context.sending => Input::JobsPerS,
            _ => Input::EventsPerS,
        }
    }

    /// "12 queries per request" has no period.
    fn per_request(&mut self, index: usize) {
        let item = self.items[index];
        if item.measure() == Some(Measure::Queries) && self.follows(&item, Cue::PerRequest, 3) {
            self.push(index, Input::QueriesPerRequest, 1.0, 6);
        }
    }

    /// Whose rate it is, when it is the rate of one of many.
    fn whose(&self, item: &Item) -> Option<Cue> {
        let of = [Cue::PerUser, Cue::PerDevice, Cue::PerTenant, Cue::OfSome];
        let before = (item.clause.0.max(item.first.saturating_sub(8)), item.first);
        let after = (item.quantity.last, (item.last + 4).min(item.near.1));
        self.cues.nearest(&of, item.number(), after).or_else(|| self.cues.nearest(&of, item.number(), before))
    }

    /// The rate of one of many: of a user it is an input of its own, of others it is multiplied.
    fn of_each(&mut self, index: usize, whose: Cue, per_second: f64) {
        let item = self.items[index];
        let Some(measure) = item.measure() else { return };
        let requests =
            matches!(measure, Measure::Requests | Measure::PageViews | Measure::Operations | Measure::Times);
        let counted = match whose {
            Cue::PerUser if requests => {
                self.push(index, Input::RequestsPerUserDay, per_second * DAY, 6);
                return;
            }
            // Each second those connected act, each day those of the day do.
            Cue::PerUser if item.period.is_some_and(|p| p <= 60.0) => self.most(&[Measure::Connections]),
            Cue::PerUser => self.most(&[Measure::DailyUsers]),
            Cue::PerDevice => self.most(&[Measure::Devices, Measure::Connections]),
            // Nobody counted them: what one sends is the least that arrives.
            Cue::PerTenant => Some(self.most(&[Measure::Tenants, Measure::Customers]).unwrap_or(1.0)),
            _ => None,
        };
        let Some(count) = counted else { return };
        let input = match measure {
            Measure::Events | Measure::Messages => Input::EventsPerS,
            Measure::Jobs => Input::JobsPerS,
            Measure::Queries => Input::QueriesPerS,
            Measure::Writes | Measure::Actions => Input::WritesPerS,
            _ => Input::AverageRps,
        };
        let peak = item.period.is_some_and(|p| p <= 1.0) || input == Input::AverageRps;
        self.flow(index, input, per_second * count, peak);
    }

    /// The largest number that counts one of these.
    pub(super) fn most(&self, of: &[Measure]) -> Option<f64> {
        self.items
            .iter()
            .filter(|i| i.measure().is_some_and(|m| of.contains(&m)))
            .map(|i| whole(i).value * i.unit.map_or(1.0, |u| u.factor))
            .filter(|v| v.is_finite() && *v > 1.0)
            .max_by(f64::total_cmp)
    }

    /// Whether a rate holds in the busiest minutes: said so, or stated per second without qualification.
    fn is_peak(&self, item: &Item, period: f64) -> bool {
        let of = [Cue::Peak, Cue::Average];
        let from = item.near.0.max(item.first.saturating_sub(15));
        let after = (item.last + 6).min(item.near.1).min(item.clause.1.max(item.last));
        let cue = self
            .cues
            .nearest(&of, item.number(), item.clause)
            .or_else(|| self.cues.nearest(&of, item.number(), (from, after)));
        cue.map_or(period <= 1.0, |cue| cue == Cue::Peak)
    }

    fn is_chained(&self, index: usize) -> bool {
        let before = index > 0 && self.items[index - 1].listed;
        let chained = before || self.items[index].listed;
        chained
            && self.chain_members(index).any(|i| {
                matches!(i.measure(), Some(Measure::Requests | Measure::PageViews | Measure::Operations))
            })
    }

    /// The items of the list this one belongs to.
    fn chain_members(&self, index: usize) -> impl Iterator<Item = &Item> {
        let first = self.chain_first(index);
        let last = (index..self.items.len()).find(|&i| !self.items[i].listed).unwrap_or(index);
        self.items[first..=last.min(self.items.len() - 1)].iter()
    }

    fn chain_first(&self, index: usize) -> usize {
        (0..index).rev().take_while(|&i| self.items[i].listed).last().unwrap_or(index)
    }

    /// Rates per second or minute in one list are parts of a sum; daily ones are often parts of each other.
    fn chain(&self, index: usize) -> Option<usize> {
        let short = self.items[index].period.is_some_and(|p| p <= 60.0);
        (short && self.is_chained(index)).then(|| self.chain_first(index))
    }

    fn money(&mut self, item: &Item) {
        let cue = if self.clause_has(item, Cue::Revenue) && !self.clause_has(item, Cue::Budget) {
            Some(Cue::Revenue)
        } else {
            [Cue::Salary, Cue::Budget, Cue::Bill].into_iter().find(|c| self.clause_has(item, *c)).or_else(
                || {
                    self.cues.nearest(
                        &[Cue::Salary, Cue::Budget, Cue::Bill, Cue::Revenue],
                        item.number(),
                        item.near,
                    )
                },
            )
        };
        let introduced =
            item.first.checked_sub(1).is_some_and(|i| matches!(self.text.word(i), "for" | "at" | "to"));
        let (input, rank) = match cue {
            Some(Cue::Salary) => (Input::EngineerUsdMonth, 6),
            Some(Cue::Budget) => (Input::BudgetUsdMonth, 6),
            Some(Cue::Bill) => (Input::BillUsdMonth, 6),
            None if item.period.is_some() && introduced => (Input::BillUsdMonth, 3),
            None if item.period.is_some() => (Input::BudgetUsdMonth, 2),
            _ => return,
        };
        self.money_as(item, input, rank);
    }

    /// "The bill is 45k a month" names no currency.
    fn money_without_currency(&mut self, item: &Item) {
        let cue = self.cues.nearest(&[Cue::Budget, Cue::Bill, Cue::Revenue], item.number(), item.clause);
        let named = |words: &[&str]| (item.clause.0..item.first).any(|i| words.contains(&self.text.word(i)));
        let input = match cue {
            Some(Cue::Bill) if named(&["bill", "bills", "cost", "costs", "spend", "pay", "invoice"]) => {
                Input::BillUsdMonth
            }
            Some(Cue::Budget) if named(&["budget", "bill"]) => Input::BudgetUsdMonth,
            _ => return,
        };
        if item.period.is_some() && item.quantity.is_finite() && item.quantity.value > 0.0 {
            let words = shorten(self.text.slice(item.first, item.last));
            self.note(
                "no-currency",
                item,
                format!("\"{words}\" names no currency and was read as US dollars"),
            );
            self.money_as(item, input, 4);
        }
    }

    fn money_as(&mut self, item: &Item, input: Input, rank: u8) {
        let factor = item.unit.map_or(1.0, |u| u.factor);
        let quantity = whole(item).scaled(factor);
        let words = shorten(self.text.slice(item.first, item.last));
        let per_month = match item.period {
            Some(period) => MONTH / period,
            None if quantity.value <= 50_000.0 => {
                self.note(
                    "money-per-month",
                    item,
                    format!("\"{words}\" names no period and was read as money each month"),
                );
                1.0
            }
            None => {
                self.note(
                    "money-without-period",
                    item,
                    format!("\"{words}\" names no period and was left out: say it per month or per year"),
                );
                return;
            }
        };
        if (factor - 1.0).abs() > 1e-9 {
            let usd = loadcase_model::format_quantity(quantity.value * per_month, input.unit());
            self.note(
                "currency-converted",
                item,
                format!("\"{words}\" was read as {usd} at a planning rate of {factor} USD"),
            );
        }
        let [value, low, high] = [quantity.value, quantity.low, quantity.high].map(|v| v * per_month);
        self.push_item(item, input, [value, low, high], rank);
    }

    fn percent(&mut self, item: &Item) {
        if self.is_percentile(item) {
            return;
        }
        let share = whole(item).scaled(0.01);
        let cues = [
            Cue::Availability,
            Cue::Reads,
            Cue::Writes,
            Cue::Largest,
            Cue::Cacheable,
            Cue::DailyActive,
            Cue::Growth,
        ];
        let cue = self.cues.nearest(&cues, item.number(), item.clause).or_else(|| {
            let near = (item.near.0.max(item.first.saturating_sub(8)), item.near.1.min(item.last + 8));
            self.cues.nearest(&cues, item.number(), near)
        });
        let nearly_one = share.value >= 0.99 && share.value < 1.0;
        let (input, invert) = match cue {
            Some(Cue::Availability) if share.value > 0.5 => (Input::Availability, false),
            Some(Cue::Reads) => (Input::ReadShare, false),
            Some(Cue::Writes) => (Input::ReadShare, true),
            Some(Cue::Largest) if !self.several_largest(item) && !self.largest_machine(item) => {
                (Input::LargestTenantShare, false)
            }
            Some(Cue::Cacheable) => (Input::EdgeCacheableShare, false),
            Some(Cue::DailyActive) => (Input::DailyShare, false),
            None if nearly_one => (Input::Availability, false),
            _ => return,
        };
        if share.value > 1.0 {
            self.absurd(item, "is more than all of it");
            return;
        }
        let [value, low, high] = if invert {
            [1.0 - share.value, 1.0 - share.high.min(1.0), 1.0 - share.low]
        } else {
            [share.value, share.low, share.high.min(1.0)]
        };
        if input == Input::Availability {
            self.availability(item, value);
        } else {
            self.push_item(item, input, [value, low, high], 6);
        }
    }

    /// "99.9% of requests within 300 ms" says which answers are meant, not how many of anything there are.
    fn is_percentile(&self, item: &Item) -> bool {
        self.text.word(item.last) == "of"
            && item.quantity.value >= 50.0
            && (item.last..(item.last + 8).min(item.clause.1))
                .any(|i| matches!(self.text.word(i), "within" | "under" | "below" | "faster"))
            && self.items.iter().any(|i| {
                i.sentence == item.sentence
                    && i.measure() == Some(Measure::Seconds)
                    && (item.last..item.last + 9).contains(&i.quantity.first)
            })
    }

    /// "The ten largest cause 60%" says nothing of the largest one.
    fn several_largest(&self, item: &Item) -> bool {
        self.cues.within(item.clause.0, item.clause.1).iter().filter(|m| m.payload == Cue::Largest).any(|m| {
            let beside = |i: &Item| i.quantity.last == m.first || i.quantity.first == m.last;
            let index = self.items.partition_point(|i| i.quantity.last < m.first.saturating_sub(1));
            self.items[index..]
                .iter()
                .take(3)
                .any(|i| beside(i) && i.quantity.value > 1.0 && i.number() != item.number())
        })
    }

    /// "The largest instance runs at 85%" speaks of a machine, not of a tenant.
    fn largest_machine(&self, item: &Item) -> bool {
        (item.near.0..item.near.1.saturating_sub(1)).any(|i| {
            matches!(self.text.word(i), "largest" | "biggest")
                && matches!(
                    self.text.word(i + 1),
                    "size"
                        | "instance"
                        | "machine"
                        | "server"
                        | "plan"
                        | "box"
                        | "node"
                        | "database"
                        | "class"
                )
        })
    }

    fn availability(&mut self, item: &Item, value: f64) {
        let mut value = value;
        if value >= 1.0 {
            value = 0.99999;
            let span = self.span(item.first, item.last);
            self.notes.push(
                Diagnostic::warning(
                    "absurd-number",
                    "no system answers all of the time: 100% was read as 99.999%",
                )
                .at(span, "")
                .help("say how many minutes a year it may be down: 99.9% is 526, 99.99% is 53"),
            );
        }
        self.push_item(item, Input::Availability, [value; 3], 6);
    }

    fn nines(&mut self, item: &Item) {
        let nines = item.quantity.value;
        if (1.0..=9.0).contains(&nines) {
            self.push_item(item, Input::Availability, [1.0 - 10f64.powf(-nines); 3], 6);
        } else {
            self.absurd(item, "is no availability");
        }
    }

    fn duration(&mut self, item: &Item) {
        let seconds = whole(item).scaled(item.unit.map_or(1.0, |u| u.factor));
        let recurring =
            item.first.checked_sub(1).is_some_and(|i| matches!(self.text.word(i), "every" | "each"));
        if recurring {
            self.interval(item, seconds.value);
            return;
        }
        let cues = [Cue::Rpo, Cue::Rto, Cue::Latency, Cue::Deadline, Cue::Runway, Cue::Elapsed];
        let millis = item.unit.is_some_and(|u| u.factor < 1.0);
        let cue = self.cues.nearest(&cues, item.number(), item.clause).or_else(|| {
            let near = (item.near.0.max(item.first.saturating_sub(12)), item.near.1.min(item.last + 6));
            self.cues.nearest(&cues, item.number(), near)
        });
        let values = [seconds.value, seconds.low, seconds.high];
        match cue {
            Some(Cue::Rpo) => self.push_item(item, Input::RecoveryPointS, values, 6),
            Some(Cue::Rto) if !self.cues.any(Cue::Planned, item.near) && seconds.value <= 30.0 * DAY => {
                self.push_item(item, Input::RecoveryTimeS, values, 6);
            }
            Some(Cue::Latency) if seconds.value <= 60.0 => self.latency(item, values),
            None if millis => self.latency(item, values),
            Some(Cue::Deadline)
                if self.is_deadline(item) && (7.0 * DAY..=60.0 * MONTH).contains(&seconds.value) =>
            {
                self.push_item(item, Input::DeadlineMonths, values.map(|v| v / MONTH), 6);
            }
            Some(Cue::Runway) if seconds.value >= MONTH / 2.0 => {
                let [value, low, high] = values.map(|v| v / MONTH);
                self.push_item(item, Input::DeadlineMonths, [value, low / 3.0, high], 2);
            }
            _ => {}
        }
    }

    /// "launch in three months", "six months to build it", but not "a million in two years" after a launch.
    fn is_deadline(&self, item: &Item) -> bool {
        let index = self.items.partition_point(|i| i.quantity.first < item.quantity.first);
        let previous = index.checked_sub(1).map(|i| self.items[i]).filter(|p| p.sentence == item.sentence);
        let from = previous.map_or(item.near.0, |p| p.last).max(item.first.saturating_sub(8));
        let after = (item.last, (item.last + 5).min(item.near.1));
        self.cues.any(Cue::Deadline, (from, item.first)) || self.cues.any(Cue::Deadline, after)
    }

    /// A wish is a target; a complaint describes what is and is left to the signals.
    fn latency(&mut self, item: &Item, seconds: [f64; 3]) {
        let nearest = self.nearest(item, &[Cue::Target, Cue::Complaint]);
        let labelled = item
            .first
            .checked_sub(1)
            .is_some_and(|i| self.cues.any(Cue::Latency, (i.saturating_sub(3).max(item.near.0), item.first)));
        if nearest == Some(Cue::Complaint) || (nearest.is_none() && !labelled) {
            return;
        }
        let near = (item.near.0.max(item.first.saturating_sub(8)), item.near.1.min(item.last + 6));
        let [mut value, mut low, mut high] = seconds.map(|s| s * 1000.0);
        if item.quantity.bound == Bound::AtMost {
            (low, high) = (value, value);
        }
        let words = shorten(self.text.slice(item.first, item.last));
        let tighter = if self.cues.any(Cue::Percentile95, near) {
            Some(("95 of 100", 2.0))
        } else if self.cues.any(Cue::Median, near) {
            Some(("typical", 4.0))
        } else {
            None
        };
        if let Some((which, room)) = tighter {
            self.note(
                "other-percentile",
                item,
                format!("\"{words}\" is stated for {which} requests; 99 of 100 may take up to {room} times as long"),
            );
            high = value * room;
            value = value.max(low);
            low = low.min(value);
        }
        self.push_item(item, Input::LatencyP99Ms, [value, low, high], 6);
    }

    /// "50,000 sensors report every 10 seconds": every fleet of the sentence does.
    fn interval(&mut self, item: &Item, seconds: f64) {
        let fleets = self.fleets_before(item);
        for index in fleets {
            if seconds > 0.0 {
                self.reports(index, seconds, item.last);
            }
        }
    }

    /// The fleets of devices that a sentence named before an item.
    fn fleets_before(&self, item: &Item) -> Vec<usize> {
        let index = self.items.partition_point(|i| i.quantity.first < item.quantity.first);
        (index.saturating_sub(4)..index)
            .filter(|&i| {
                let fleet = &self.items[i];
                fleet.sentence == item.sentence
                    && matches!(fleet.measure(), Some(Measure::Devices | Measure::Connections))
            })
            .collect()
    }

    /// What a fleet sends when each of its devices reports once in so many seconds.
    fn reports(&mut self, index: usize, seconds: f64, last: usize) {
        let fleet = self.items[index];
        let quantity = whole(&fleet).scaled(1.0 / seconds);
        let horizon = self.horizons[index];
        self.readings.push(Reading::new(
            Input::EventsPerS,
            horizon,
            &quantity,
            fleet.first,
            last.max(fleet.last),
        ));
    }

    /// Devices: open connections when they keep one, and events when they report at intervals.
    fn fleet(&mut self, index: usize) {
        let item = self.items[index];
        let sentence = self.text.sentences[item.sentence];
        let until = item.near.1;
        let connected = (item.near.0..until).any(|i| {
            let word = self.text.word(i);
            word.starts_with("connect")
                || matches!(word, "mqtt" | "websocket" | "websockets" | "socket" | "online")
        });
        if connected {
            self.push(index, Input::Connections, 1.0, 5);
        }
        // "sends its temperature every minute": a period without a number of its own.
        let reporting = (item.last..until).find(|&i| {
            ["send", "report", "publish", "push", "transmit", "post", "ping", "upload", "emit", "measure"]
                .iter()
                .any(|w| self.text.word(i).starts_with(w))
        });
        let Some(verb) = reporting else { return };
        let period = (verb + 1..until.min(sentence.last))
            .find_map(|i| self.units.beginning(i).filter(|(_, u)| u.measure == Measure::Period));
        let taken = self
            .items
            .iter()
            .any(|i| i.first > verb && i.first < until && i.measure() == Some(Measure::Seconds));
        if let Some((last, unit)) = period.filter(|_| !taken) {
            self.reports(index, unit.factor, last);
        }
    }

    /// "800,000 people arrive in the first minute": people who all come within seconds make a peak of requests.
    fn surges(&mut self) {
        for index in 0..self.items.len() {
            let item = self.items[index];
            let crowd = matches!(
                item.measure(),
                Some(Measure::Users | Measure::People | Measure::Customers | Measure::Connections)
            );
            if !crowd || item.quantity.value < 1_000.0 || !item.quantity.is_finite() {
                continue;
            }
            if let Some((seconds, last)) = self.within_seconds(index) {
                let quantity = whole(&item).scaled(1.0 / seconds);
                let reading = Reading::new(Input::PeakRps, self.horizons[index], &quantity, item.first, last);
                self.readings.push(reading.rank(7));
            }
        }
    }

    /// The seconds within which a crowd acts, and where the words end.
    fn within_seconds(&self, index: usize) -> Option<(f64, usize)> {
        const ACTS: &[&str] = &[
            "arrive", "answer", "log", "click", "vote", "buy", "hit", "press", "submit", "open", "request",
            "rush", "come", "try", "refresh", "order", "enter", "reload",
        ];
        let item = self.items[index];
        let until = (item.last + 14).min(item.near.1);
        let act = (item.last..until).find(|&i| ACTS.iter().any(|w| self.text.word(i).starts_with(w)))?;
        for at in act..until {
            if self.text.word(at) == "first" {
                let unit = self.units.beginning(at + 1).filter(|(_, u)| u.measure == Measure::Seconds);
                if let Some((last, unit)) = unit {
                    return Some((unit.factor, last)).filter(|(s, _)| *s <= 3_600.0);
                }
            }
            let timed = self.items[index + 1..].iter().take(2).find(|i| i.quantity.first == at);
            if let Some(time) = timed.filter(|t| t.measure() == Some(Measure::Seconds)) {
                let seconds = time.quantity.value * time.unit.map_or(1.0, |u| u.factor);
                return Some((seconds, time.last)).filter(|(s, _)| (0.5..=3_600.0).contains(s));
            }
        }
        None
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
