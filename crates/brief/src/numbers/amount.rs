//! One amount of a known input, as people write it in a file: `10k`, `99.95%`, `$5k a month`, `300ms`.

use loadcase_model::{Input, Unit as InputUnit};

use crate::lex::Text;
use crate::numbers::Numbers;
use crate::numbers::classify::MONTH;
use crate::numbers::item::{Item, items};
use crate::numbers::measure::Measure;
use crate::numbers::sanity::plausible;
use crate::phrase::Effort;
use crate::quantity::Quantity;

/// A value and its range in the input's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Amount {
    /// Best guess.
    pub(crate) value: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
}

impl Amount {
    /// An exact value.
    pub(crate) const fn exact(value: f64) -> Self {
        Self { value, low: value, high: value }
    }

    fn of(quantity: &Quantity, factor: f64) -> Self {
        Self { value: quantity.value * factor, low: quantity.low * factor, high: quantity.high * factor }
    }
}

impl Numbers {
    /// Reads the amount of an input from a short text.
    ///
    /// # Errors
    /// Why the text is no such amount, as a clause.
    pub(crate) fn amount(&self, input: Input, source: &str) -> Result<Amount, String> {
        if source.len() > 200 {
            return Err("is too long for an amount".to_owned());
        }
        let text = Text::new(source);
        let mut effort = Effort::new();
        let quantities = self.words.find(&text, &mut effort);
        let units = self.units.find(&text, &mut effort);
        let cues = self.cues.find(&text, &[], &mut effort);
        let found = items(&text, &quantities, &units, &cues);
        let [item] = found.as_slice() else {
            return Err(
                if found.is_empty() { "holds no number" } else { "holds more than one number" }.to_owned()
            );
        };
        let amount = convert(input, item)?;
        check(input, amount)
    }
}

/// Checks that a value can be meant for an input.
///
/// # Errors
/// Why it cannot, as a clause.
pub(crate) fn check(input: Input, amount: Amount) -> Result<Amount, String> {
    let (least, most) = plausible(input);
    let sane = |v: f64| v.is_finite() && (least..=most).contains(&v);
    if !sane(amount.value) {
        let (least, most) = (
            loadcase_model::format_quantity(least, input.unit()),
            loadcase_model::format_quantity(most, input.unit()),
        );
        return Err(format!("cannot be the {}: use a value from {least} to {most}", input.label()));
    }
    let low = amount.low.clamp(least, amount.value);
    let high = amount.high.clamp(amount.value, most);
    Ok(Amount { value: amount.value, low, high })
}

/// Turns a bare number of a file into a share where a percentage was meant: `99.95` for availability.
pub(crate) fn bare(input: Input, value: f64) -> f64 {
    if input.unit() == InputUnit::Share && value > 1.0 && value <= 100.0 { value / 100.0 } else { value }
}

fn convert(input: Input, item: &Item) -> Result<Amount, String> {
    let quantity = &item.quantity;
    let dotted = quantity.dotted.unwrap_or(1.0);
    let Some(unit) = item.unit else {
        let factor = if quantity.value == 0.0 { 1.0 } else { bare(input, quantity.value) / quantity.value };
        let whole = matches!(
            input.unit(),
            InputUnit::Users | InputUnit::One | InputUnit::UsdPerMonth | InputUnit::Engineers
        );
        let rate = item.period.map_or(1.0, |period| 1.0 / period);
        return Ok(Amount::of(quantity, factor * rate * if whole { dotted } else { 1.0 }));
    };
    let wrong = || format!("is no measure of {}", input.label());
    let factor = match (input.unit(), unit.measure) {
        (InputUnit::Share, Measure::Percent) => 0.01,
        (InputUnit::Share, Measure::Nines) => {
            return Ok(Amount::exact(1.0 - 10f64.powf(-quantity.value)));
        }
        (InputUnit::Milliseconds, Measure::Seconds) => unit.factor * 1000.0,
        (InputUnit::Seconds, Measure::Seconds) => unit.factor,
        (InputUnit::Months, Measure::Seconds) => unit.factor / MONTH,
        (InputUnit::Gigabytes, Measure::Gigabytes) => unit.factor,
        (InputUnit::Kilobytes, Measure::Gigabytes) => unit.factor * 1e6,
        (InputUnit::UsdPerMonth, Measure::Usd) => unit.factor * dotted * MONTH / item.period.unwrap_or(MONTH),
        (InputUnit::Times, Measure::Fold | Measure::Times) => 1.0,
        (InputUnit::PerSecond | InputUnit::RequestsPerSecond | InputUnit::MessagesPerSecond, m)
            if m.is_rate() =>
        {
            unit.factor * dotted / item.period.unwrap_or(1.0)
        }
        (InputUnit::Users | InputUnit::One | InputUnit::Engineers, m)
            if m.may_be_label() && item.period.is_none() =>
        {
            unit.factor * dotted
        }
        // "20 requests per user and day" keeps its number: the input's own unit says the rest.
        (InputUnit::One, m) if m.may_be_label() => 1.0,
        _ => return Err(wrong()),
    };
    Ok(Amount::of(quantity, factor))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::catalog;

    #[test]
    fn amounts_are_read_in_the_unit_of_their_input() {
        let numbers = Numbers::new(&catalog().lexicon);
        let cases = [
            (Input::MonthlyUsers, "10k", 10_000.0),
            (Input::MonthlyUsers, "1.000.000", 1e6),
            (Input::DailyUsers, "half a million users", 0.5e6),
            (Input::Availability, "99.95%", 0.9995),
            (Input::Availability, "99.95", 0.9995),
            (Input::Availability, "four nines", 0.9999),
            (Input::BudgetUsdMonth, "$5k", 5000.0),
            (Input::BudgetUsdMonth, "60,000 dollars a year", 5000.0),
            (Input::LatencyP99Ms, "300ms", 300.0),
            (Input::LatencyP99Ms, "1.5 s", 1500.0),
            (Input::RecoveryPointS, "5 minutes", 300.0),
            (Input::DataGb, "1.5 TB", 1500.0),
            (Input::PeakRps, "500 requests per second", 500.0),
            (Input::AverageRps, "8 million requests per day", 8e6 / 86_400.0),
            (Input::PeakRps, "500", 500.0),
            (Input::Growth, "3x", 3.0),
            (Input::DeadlineMonths, "1 year", 12.0),
            (Input::Engineers, "4 engineers", 4.0),
            (Input::ReadShare, "0.95", 0.95),
        ];
        for (input, text, value) in cases {
            let amount = numbers.amount(input, text).unwrap_or_else(|e| panic!("{text} {e}"));
            assert!((amount.value - value).abs() <= value * 1e-9, "{text}: {amount:?}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let numbers = Numbers::new(&catalog().lexicon);
        for (input, text) in [
            (Input::MonthlyUsers, "lots"),
            (Input::MonthlyUsers, "5 minutes"),
            (Input::MonthlyUsers, "-5"),
            (Input::PeakRps, "1e300"),
            (Input::Availability, "150%"),
            (Input::LatencyP99Ms, "5 GB"),
            (Input::Engineers, "4 or 500"),
            (Input::Engineers, ""),
        ] {
            assert!(numbers.amount(input, text).is_err(), "{text}");
        }
    }
}
