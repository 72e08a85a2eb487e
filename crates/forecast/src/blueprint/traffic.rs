//! What it costs to send something to the internet: at one price, or at prices that fall with the volume of a month.

use loadcase_catalog::Tiers;
use loadcase_model::{Id, format_number};

use super::{Known, View, sane, stated};

const NAME: &str = "usd-per-gb-egress";

/// The price of a gigabyte on its way out.
pub(super) struct Price<'a> {
    known: Known,
    tiers: Option<&'a Tiers>,
}

impl<'a> Price<'a> {
    /// The price of a technology or provider; nothing where the catalog has none.
    pub(super) fn of(view: &View<'a>, technology: Option<&Id>) -> Option<Self> {
        let known = stated(view.catalog, technology, NAME)?;
        let tiers = technology.and_then(|t| view.catalog.technology(t.as_str())?.tiers.get(NAME));
        Some(Self { known, tiers })
    }

    /// What gigabytes cost that come on top of others of the same month, and how that is computed.
    pub(super) fn total(&self, before_gb: f64, gb: f64) -> (f64, String) {
        let Some(tiers) = self.tiers else { return (gb * self.known.value, self.known.text()) };
        let parts = tiers.parts(before_gb, gb);
        let last = parts.last().map_or(self.known.value, |(_, usd)| *usd);
        let first = parts.first().map_or(self.known.value, |(_, usd)| *usd);
        if parts.len() < 2 && (first - self.known.value).abs() < 1e-12 {
            return (gb * self.known.value, self.known.text());
        }
        let each: Vec<String> = parts
            .iter()
            .map(|(gb, usd)| format!("{} GB x {}", format_number(*gb), format_number(*usd)))
            .collect();
        let text = format!(
            "the prices of {} for a month's volume, {} to {} USD as of {}: {}",
            self.known.id,
            format_number(first),
            format_number(last),
            tiers.as_of,
            each.join(" + ")
        );
        (tiers.total(before_gb, gb), text)
    }
}

/// Gigabytes that files have before them in the list of prices: the answers of the same month, less what is free.
pub(super) fn answers_gb(view: &View<'_>) -> f64 {
    let awaited = view.blueprint.operations.iter().filter(|(_, o)| super::is_awaited(o.kind));
    let peak: f64 = awaited.map(|(id, _)| view.rate(id)).sum();
    // A million answers of a kilobyte are a gigabyte.
    super::cost::millions(view, peak) * sane(view.prices.response_kb)
}

/// Gigabytes of a month that whoever sends them asks nothing for.
pub(super) fn free_gb(view: &View<'_>, sender: Option<&Id>) -> Option<Known> {
    stated(view.catalog, sender, "included-egress-gb")
}
