//! Axes: from values to pixels, and the values that are written beside them.

use loadcase_model::format_number;

/// What an axis measures, which says how its values are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Quantity {
    /// A plain number.
    #[default]
    Number,
    /// Seconds from the beginning.
    Time,
    /// Milliseconds.
    Milliseconds,
}

/// An axis between two pixels.
#[derive(Clone, Debug)]
pub(crate) struct Scale {
    low: f64,
    high: f64,
    logarithmic: bool,
    from: f64,
    to: f64,
    ticks: Vec<f64>,
    quantity: Quantity,
}

/// How far values must lie apart for an axis of equal factors.
const FACTOR: f64 = 30.0;

impl Scale {
    /// From zero, or with equal factors where it may be and the values differ enough.
    pub(crate) fn new(
        values: impl Iterator<Item = f64>,
        quantity: Quantity,
        may_be_logarithmic: bool,
        (from, to): (f64, f64),
    ) -> Self {
        let (mut least, mut most) = (f64::INFINITY, 0.0f64);
        for value in values.filter(|v| v.is_finite()) {
            most = most.max(value);
            if value > 0.0 {
                least = least.min(value);
            }
        }
        if may_be_logarithmic && least > 0.0 && least.is_finite() && most / least > FACTOR {
            let (low, high) = (least.log10().floor(), most.log10().ceil());
            let mut ticks: Vec<f64> = Vec::new();
            let decades = (high - low) as i32;
            for decade in 0..=decades {
                let power = 10f64.powf(low + f64::from(decade));
                ticks.push(power);
                if decades <= 3 && decade < decades {
                    ticks.extend([2.0 * power, 5.0 * power]);
                }
            }
            // The axis ends at the first tick beyond the values.
            let high = ticks.iter().copied().find(|t| *t >= most * 0.999).unwrap_or(10f64.powf(high));
            let low = ticks.iter().copied().rfind(|t| *t <= least * 1.001).unwrap_or(10f64.powf(low));
            ticks.retain(|t| (low..=high).contains(t));
            return Self { low, high, logarithmic: true, from, to, ticks, quantity };
        }
        let top = if most > 0.0 { most } else { 1.0 };
        let step = step(top, quantity);
        let count = (top / step - 1e-9).ceil().max(1.0) as usize;
        let ticks: Vec<f64> = (0..=count).map(|i| i as f64 * step).collect();
        let high = if quantity == Quantity::Time { top } else { count as f64 * step };
        let ticks = ticks.into_iter().filter(|t| *t <= high * 1.0001).collect();
        Self { low: 0.0, high, logarithmic: false, from, to, ticks, quantity }
    }

    /// The pixel of a value, inside the axis.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value.max(self.low) / self.low).log10() / (self.high / self.low).log10()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Values that are written, with their text.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = (f64, String)> + '_ {
        self.ticks.iter().map(|t| (self.at(*t), self.text(*t)))
    }

    fn text(&self, value: f64) -> String {
        match self.quantity {
            Quantity::Number => format_number(value),
            Quantity::Milliseconds if value >= 1000.0 => format!("{} s", format_number(value / 1e3)),
            Quantity::Milliseconds => format!("{} ms", format_number(value)),
            Quantity::Time if value == 0.0 => "0".to_owned(),
            Quantity::Time if self.high < 180.0 => format!("{} s", format_number(value)),
            Quantity::Time if self.high < 3.0 * 3600.0 => format!("{} min", format_number(value / 60.0)),
            Quantity::Time => format!("{} h", format_number(value / 3600.0)),
        }
    }
}

/// A round distance between the values that are written: four to eight of them.
fn step(top: f64, quantity: Quantity) -> f64 {
    const TIMES: [f64; 13] =
        [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0];
    if quantity == Quantity::Time
        && let Some(step) = TIMES.iter().find(|s| top / **s <= 8.0)
    {
        return *step;
    }
    let power = 10f64.powf((top / 5.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * power).find(|s| top / s <= 6.0).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scale: &Scale) -> Vec<String> {
        scale.ticks().map(|t| t.1).collect()
    }

    #[test]
    fn axes_have_round_values_and_hold_all_of_theirs() {
        let scale = Scale::new([3.0, 87.0].into_iter(), Quantity::Number, true, (100.0, 0.0));
        assert_eq!(texts(&scale), ["0", "20", "40", "60", "80", "100"]);
        assert!((scale.at(50.0) - 50.0).abs() < 1e-9);
        let time = Scale::new([300.0].into_iter(), Quantity::Time, false, (0.0, 300.0));
        assert_eq!(texts(&time), ["0", "1 min", "2 min", "3 min", "4 min", "5 min"]);
    }

    #[test]
    fn values_far_apart_stand_at_equal_factors() {
        let scale = Scale::new([4.0, 4_000.0].into_iter(), Quantity::Milliseconds, true, (0.0, 90.0));
        assert_eq!(texts(&scale).first().map(String::as_str), Some("2 ms"));
        assert_eq!(texts(&scale).last().map(String::as_str), Some("5 s"));
        let distance = scale.at(100.0) - scale.at(10.0);
        assert!((scale.at(1000.0) - scale.at(100.0) - distance).abs() < 1e-9);
    }

    #[test]
    fn nothing_to_show_is_still_an_axis() {
        let scale = Scale::new([0.0, f64::NAN].into_iter(), Quantity::Number, true, (0.0, 10.0));
        assert!(scale.at(0.0).is_finite() && scale.ticks().count() >= 2);
    }
}
