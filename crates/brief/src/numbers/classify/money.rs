//! Money: budgets, salaries, prices.

use loadcase_model::Input;

use super::{Classifier, MONTH, shorten, whole};
use crate::numbers::cue::Cue;
use crate::numbers::item::Item;

impl Classifier<'_, '_> {
    pub(super) fn money(&mut self, item: &Item) {
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
    pub(super) fn money_without_currency(&mut self, item: &Item) {
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
}
