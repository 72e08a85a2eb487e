//! Percentages and nines: availability, growth, shares of the load.

use loadcase_model::{Diagnostic, Input};

use super::{Classifier, whole};
use crate::numbers::cue::Cue;
use crate::numbers::item::Item;
use crate::numbers::measure::Measure;

impl Classifier<'_, '_> {
    pub(super) fn percent(&mut self, item: &Item) {
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

    pub(super) fn nines(&mut self, item: &Item) {
        let nines = item.quantity.value;
        if (1.0..=9.0).contains(&nines) {
            self.push_item(item, Input::Availability, [1.0 - 10f64.powf(-nines); 3], 6);
        } else {
            self.absurd(item, "is no availability");
        }
    }
}
