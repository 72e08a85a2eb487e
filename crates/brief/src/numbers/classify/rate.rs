//! Rates: how often something happens, whose rate it is, and which rates are links of one chain.

use loadcase_model::Input;

use super::{Classifier, DAY, MANY_PER_S, whole};
use crate::numbers::cue::Cue;
use crate::numbers::item::Item;
use crate::numbers::measure::Measure;

impl Classifier<'_, '_> {
    pub(super) fn rate(&mut self, index: usize) {
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

    /// A rate that the model holds at its peak: an average is told as one.
    fn flow(&mut self, index: usize, input: Input, per_second: f64, peak: bool) {
        let group = if input == Input::WritesPerS { self.chain(index) } else { None };
        let reading = self.push(index, input, per_second, 6);
        reading.group = group;
        if !peak {
            *reading = reading.averaged();
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
        // What one device sends, times the devices, is what all send on average.
        let each_second = item.period.is_some_and(|p| p <= 1.0) && whose != Cue::PerDevice;
        let peak = each_second || input == Input::AverageRps;
        self.flow(index, input, per_second * count, peak);
        if whose == Cue::PerDevice
            && input == Input::EventsPerS
            && let Some(reading) = self.readings.last_mut()
        {
            *reading = reading.by_each();
        }
    }

    /// The largest number that counts one of these.
    pub(in crate::numbers) fn most(&self, of: &[Measure]) -> Option<f64> {
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
}
