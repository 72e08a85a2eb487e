//! What a number can measure, and the lexicon's words for it.

use loadcase_catalog::Lexicon;

use crate::lex::Text;
use crate::phrase::{Effort, Matcher};

macro_rules! measures {
    ($($(#[doc = $doc:literal])+ $name:ident = $slug:literal;)+) => {
        /// What a number measures, before its context says which input that is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Measure { $($(#[doc = $doc])+ $name,)+ }

        impl Measure {
            /// The measure with this name in `units.yaml`.
            fn from_slug(slug: &str) -> Option<Self> {
                match slug { $($slug => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

measures! {
    /// People who use the product in a month.
    MonthlyUsers = "monthly-users";
    /// People who use it on a day.
    DailyUsers = "daily-users";
    /// Accounts, active or not.
    RegisteredUsers = "registered-users";
    /// People who use it, however counted.
    Users = "users";
    /// Those connected at the same time.
    Connections = "connections";
    /// Employees: users of an internal system, or a company's size.
    Employees = "employees";
    /// Customers: tenants or users, by context.
    Customers = "customers";
    /// Clients: customers when somebody counted them, programs otherwise.
    Clients = "clients";
    /// Organisations that share the system.
    Tenants = "tenants";
    /// People who build it.
    Engineers = "engineers";
    /// People, by context users or engineers.
    People = "people";
    /// The word "team" before a number.
    TeamSize = "team-size";
    /// People who run it.
    Operators = "operators";
    /// Teams.
    Teams = "teams";
    /// Deployed services.
    Services = "services";
    /// Regions of the world.
    Regions = "regions";
    /// Readers of a stream.
    Consumers = "consumers";
    /// Things that report.
    Devices = "devices";
    /// Requests.
    Requests = "requests";
    /// Pages.
    PageViews = "page-views";
    /// Operations of any kind.
    Operations = "operations";
    /// "300,000 times a second".
    Times = "times";
    /// Database statements.
    Queries = "queries";
    /// Writes.
    Writes = "writes";
    /// Reads.
    Reads = "reads";
    /// Events taken in.
    Events = "events";
    /// Messages, by context chat, notifications or events.
    Messages = "messages";
    /// Background work.
    Jobs = "jobs";
    /// Things users do that are stored.
    Actions = "actions";
    /// "per second": the factor is the period in seconds.
    Period = "per-second";
    /// A duration in seconds.
    Seconds = "seconds";
    /// Bytes, in gigabytes.
    Gigabytes = "gigabytes";
    /// Money, in US dollars.
    Usd = "usd";
    /// A percentage.
    Percent = "percent";
    /// "four nines".
    Nines = "nines";
    /// A multiple.
    Fold = "fold";
    /// Counted, but no input of a design.
    Ignored = "ignored";
}

impl Measure {
    /// Whether it happens at a rate, and so needs a period.
    pub(crate) const fn is_rate(self) -> bool {
        matches!(
            self,
            Self::Requests
                | Self::PageViews
                | Self::Operations
                | Self::Times
                | Self::Queries
                | Self::Writes
                | Self::Reads
                | Self::Events
                | Self::Messages
                | Self::Jobs
                | Self::Actions
        )
    }

    /// Whether it may stand before its number, as in "users: 10k".
    pub(crate) const fn may_be_label(self) -> bool {
        !matches!(
            self,
            Self::Period
                | Self::Seconds
                | Self::Gigabytes
                | Self::Usd
                | Self::Percent
                | Self::Nines
                | Self::Fold
                | Self::Ignored
        )
    }
}

/// A unit word's meaning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Unit {
    /// What it measures.
    pub(crate) measure: Measure,
    /// Multiplier to the measure's base unit.
    pub(crate) factor: f64,
    /// Whether "per second" is part of the word, as in `rps`.
    pub(crate) each_second: bool,
}

impl Unit {
    fn new(slug: &str, factor: f64) -> Option<Self> {
        let (name, each_second) = match slug.strip_suffix("-per-s") {
            Some(name) => (name, true),
            None => (slug, false),
        };
        Measure::from_slug(name).map(|measure| Self { measure, factor, each_second })
    }
}

/// The lexicon's unit words, compiled.
#[derive(Debug, Default)]
pub(crate) struct Units {
    matcher: Matcher<Unit>,
}

/// Where units stand in a text.
#[derive(Debug, Default)]
pub(crate) struct UnitPlaces {
    /// First token, one past the last, unit: the longest at each first token, in order.
    begins: Vec<(usize, usize, Unit)>,
    /// Last token, first token, unit: the longest at each last token, in order.
    ends: Vec<(usize, usize, Unit)>,
}

impl UnitPlaces {
    /// The longest unit that begins at a token, and one past its last token.
    pub(crate) fn beginning(&self, token: usize) -> Option<(usize, Unit)> {
        let index = self.begins.binary_search_by_key(&token, |(first, ..)| *first).ok()?;
        let (_, last, unit) = self.begins[index];
        Some((last, unit))
    }

    /// The longest unit whose last token this is, and its first token.
    pub(crate) fn ending(&self, token: usize) -> Option<(usize, Unit)> {
        let index = self.ends.binary_search_by_key(&token, |(last, ..)| *last).ok()?;
        let (_, first, unit) = self.ends[index];
        Some((first, unit))
    }
}

impl Units {
    /// Compiles the lexicon's words; names the reader does not know are left out (a test excludes them).
    pub(crate) fn new(lexicon: &Lexicon) -> Self {
        let mut units = Self::default();
        for word in &lexicon.units {
            if let Some(unit) = Unit::new(word.measures.as_str(), word.factor) {
                units.matcher.add(&word.say, unit);
            }
        }
        units
    }

    /// Finds units in a text.
    pub(crate) fn find(&self, text: &Text<'_>, effort: &mut Effort) -> UnitPlaces {
        let found = self.matcher.find(text, &[], effort);
        let mut begins: Vec<_> = found.iter().map(|m| (m.first, m.last, m.payload)).collect();
        begins.sort_by_key(|(first, last, _)| (*first, std::cmp::Reverse(*last)));
        begins.dedup_by_key(|(first, ..)| *first);
        let mut ends: Vec<_> = found.iter().map(|m| (m.last - 1, m.first, m.payload)).collect();
        ends.sort_by_key(|(last, first, _)| (*last, *first));
        ends.dedup_by_key(|(last, ..)| *last);
        UnitPlaces { begins, ends }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::catalog;

    #[test]
    fn the_reader_knows_every_measure_of_the_lexicon() {
        for word in &catalog().lexicon.units {
            assert!(Unit::new(word.measures.as_str(), word.factor).is_some(), "{}", word.measures);
        }
    }
}
