//! Charts as SVG: lines over an axis, with bounds, moments and measured points. The same values give the same bytes.

mod scale;
mod svg;

pub(crate) use scale::Quantity;
pub(crate) use svg::svg;

/// A chart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chart {
    /// What it shows, with the unit of the upright axis.
    pub(crate) title: String,
    /// What runs along the axis.
    pub(crate) x: Axis,
    /// What stands upright.
    pub(crate) y: Axis,
    pub(crate) lines: Vec<Line>,
    /// Measured points with their interval.
    pub(crate) dots: Vec<Dot>,
    pub(crate) dots_name: String,
    /// Stretches along the axis that are shaded.
    pub(crate) bands: Vec<(f64, f64, String)>,
    /// Moments along the axis.
    pub(crate) marks: Vec<(f64, String)>,
    /// A bound across, with its name.
    pub(crate) bound: Option<(f64, String)>,
}

/// An axis.
#[derive(Clone, Debug, Default)]
pub(crate) struct Axis {
    /// Its name; empty where the values say it.
    pub(crate) name: String,
    pub(crate) quantity: Quantity,
    /// Whether equal distances are equal factors, where values differ enough.
    pub(crate) may_be_logarithmic: bool,
    /// Up to where it goes at least.
    pub(crate) at_least: Option<f64>,
}

/// A line; where there is no value it is interrupted.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, Option<f64>)>,
}

/// A measured point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dot {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Chart {
    /// Every upright value.
    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let lines = self.lines.iter().flat_map(|l| l.points.iter().filter_map(|p| p.1));
        let dots = self.dots.iter().flat_map(|d| [d.y, d.high]);
        lines.chain(dots).chain(self.bound.iter().map(|b| b.0)).filter(|v| v.is_finite())
    }

    /// Whether there is anything to draw.
    pub(crate) fn is_empty(&self) -> bool {
        !self.lines.iter().any(|l| l.points.iter().any(|p| p.1.is_some()))
    }
}
