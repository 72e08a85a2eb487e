//! "400 companies with 50 users each": the size of one of many, to be multiplied. Employees of each tell only how
//! large each is, not how many of them use it.

use loadcase_model::Input;

use super::classify::{Classifier, DAY};
use super::cue::Cue;
use super::item::Item;
use super::measure::Measure;

/// Words between a count of tenants and the size of one of them.
const LINKS: &[&str] = &[
    "with",
    "of",
    "having",
    "averaging",
    "about",
    "around",
    "roughly",
    "some",
    "an",
    "average",
    "on",
    "up",
    "to",
    "each",
    "have",
    "has",
    "typically",
    "usually",
    "which",
    "that",
    "who",
    "our",
    "where",
    "in",
];

impl Classifier<'_, '_> {
    /// Reads people who were counted for one tenant as those of all; false when they are not of one.
    pub(crate) fn size_of_each(&mut self, index: usize, measure: Measure) -> bool {
        let item = self.items[index];
        let people = matches!(
            measure,
            Measure::Users | Measure::MonthlyUsers | Measure::DailyUsers | Measure::RegisteredUsers
        );
        if !people {
            return false;
        }
        let Some(tenants) = self.tenants_of(index, &item) else { return false };
        let daily = measure == Measure::DailyUsers || item.period.is_some_and(|p| (p - DAY).abs() < 1.0);
        let input = if daily { Input::DailyUsers } else { Input::MonthlyUsers };
        let factor = tenants * item.unit.map_or(1.0, |u| u.factor);
        let reading = self.push(index, input, factor, 8);
        if measure == Measure::RegisteredUsers {
            *reading = reading.widen(0.1, 1.0);
        }
        true
    }

    /// How many tenants there are, when the words say that the number is that of one.
    fn tenants_of(&self, index: usize, item: &Item) -> Option<f64> {
        let count = self.most(&[Measure::Tenants]).or_else(|| self.most(&[Measure::Customers]))?;
        let after = (item.quantity.last, (item.last + 4).min(item.near.1));
        let each = (item.last..(item.last + 2).min(item.near.1))
            .any(|i| matches!(self.text.word(i), "each" | "apiece"));
        let per_tenant = self.cues.any(Cue::PerTenant, after);
        (each || per_tenant || self.linked(index, item)).then_some(count)
    }

    /// "1,000 customers averaging 12 seats", "300 schools, each with 800 pupils": only links stand between, and
    /// one of them says that it is about one.
    fn linked(&self, index: usize, item: &Item) -> bool {
        let Some(previous) = index.checked_sub(1).map(|i| self.items[i]) else { return false };
        let tenants = matches!(previous.measure(), Some(Measure::Tenants | Measure::Customers));
        if !tenants || previous.sentence != item.sentence || item.quantity.first < previous.last {
            return false;
        }
        let between: Vec<&str> = (previous.last..item.quantity.first).map(|i| self.text.word(i)).collect();
        between.iter().all(|w| LINKS.contains(w))
            && between.iter().any(|w| matches!(*w, "of" | "each" | "averaging" | "average" | "typically"))
    }
}
