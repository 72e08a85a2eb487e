//! What a statement says about one input, before the statements about it are put together.

use loadcase_model::{Horizon, Input};

use crate::quantity::Quantity;

/// One statement about one input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// The input.
    pub(crate) input: Input,
    /// When it holds.
    pub(crate) horizon: Horizon,
    /// Best guess, in the input's unit.
    pub(crate) value: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
    /// First token of the words that say it.
    pub(crate) first: usize,
    /// One past the last token.
    pub(crate) last: usize,
    /// How plainly it was said: a plainer statement displaces a vaguer one.
    pub(crate) rank: u8,
    /// Readings of one group are parts of a sum.
    pub(crate) group: Option<usize>,
    /// Whether a rate is an average over the day, where the input is that of the peak.
    pub(crate) average: bool,
    /// Whether a rate of events is that of devices which each send one at an interval.
    pub(crate) each: bool,
}

impl Reading {
    /// A plain statement.
    pub(crate) fn new(
        input: Input,
        horizon: Horizon,
        quantity: &Quantity,
        first: usize,
        last: usize,
    ) -> Self {
        Self {
            input,
            horizon,
            value: quantity.value,
            low: quantity.low,
            high: quantity.high,
            first,
            last,
            rank: 5,
            group: None,
            average: false,
            each: false,
        }
    }

    /// The same with another rank.
    pub(crate) const fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    /// The same as an average over the day.
    pub(crate) const fn averaged(mut self) -> Self {
        self.average = true;
        self
    }

    /// The same as what each device of a fleet sends by itself.
    pub(crate) const fn by_each(mut self) -> Self {
        self.each = true;
        self
    }

    /// The same with a wider range.
    pub(crate) fn widen(mut self, low: f64, high: f64) -> Self {
        self.low = self.low.min(self.value * low);
        self.high = self.high.max(self.value * high);
        self
    }
}
