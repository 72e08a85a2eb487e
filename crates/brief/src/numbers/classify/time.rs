//! Durations: latency, recovery, time to ship, and rates told as one in so many seconds.

use loadcase_model::Input;

use super::{Classifier, DAY, MONTH, shorten, whole};
use crate::numbers::cue::Cue;
use crate::numbers::item::Item;
use crate::numbers::measure::Measure;
use crate::numbers::reading::Reading;
use crate::quantity::Bound;

impl Classifier<'_, '_> {
    pub(super) fn duration(&mut self, item: &Item) {
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

    /// What a fleet sends on average when each of its devices reports once in so many seconds.
    fn reports(&mut self, index: usize, seconds: f64, last: usize) {
        let fleet = self.items[index];
        let quantity = whole(&fleet).scaled(1.0 / seconds);
        let horizon = self.horizons[index];
        let reading = Reading::new(Input::EventsPerS, horizon, &quantity, fleet.first, last.max(fleet.last));
        self.readings.push(reading.averaged().by_each());
    }

    /// Devices: open connections when they keep one, and events when they report at intervals.
    pub(super) fn fleet(&mut self, index: usize) {
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
    pub(super) fn surges(&mut self) {
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
}
