//! Counts: users, employees, customers, things, and the people of a team.

use loadcase_model::Input;

use super::{Classifier, DAY};
use crate::numbers::cue::Cue;
use crate::numbers::item::Item;
use crate::numbers::measure::Measure;

impl Classifier<'_, '_> {
    pub(super) fn count(&mut self, index: usize, measure: Measure) {
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
}
