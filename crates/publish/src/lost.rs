//! Why an option lost, told so that it says something of that option.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use loadcase_catalog::Catalog;
use loadcase_model::{Alternative, Design, Figure};

/// The reasons of a design that several options share although the cost of each is known to be another: there the
/// difference in cost says more than the sentence does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stock(BTreeSet<String>);

impl Stock {
    pub(crate) fn new(design: &Design, catalog: &Catalog) -> Self {
        let tie = catalog.lexicon.plan("tie-band") * design.recommendation.cost_of_ownership.value.abs();
        let mut told: BTreeMap<&str, usize> = BTreeMap::new();
        for option in design.decisions.iter().flat_map(|d| &d.alternatives) {
            if gap(option).is_some_and(|gap| gap.value > tie) {
                *told.entry(option.reason.trim()).or_default() += 1;
            }
        }
        Self(told.into_iter().filter(|(_, times)| *times > 1).map(|(reason, _)| reason.to_owned()).collect())
    }

    /// The reason of an option, unless it is one that others share.
    pub(crate) fn own<'o>(&self, option: &'o Alternative) -> Option<&'o str> {
        let reason = option.reason.trim();
        (!reason.is_empty() && (gap(option).is_none() || !self.0.contains(reason))).then_some(reason)
    }

    /// A text without a shared reason at its end.
    pub(crate) fn trimmed<'t>(&self, text: &'t str) -> &'t str {
        let text = text.trim();
        self.0.iter().find_map(|reason| text.strip_suffix(reason.as_str())).unwrap_or(text).trim_end()
    }
}

/// What an option costs more, where it costs more.
pub(crate) fn gap(option: &Alternative) -> Option<&Figure> {
    option.behind.as_ref().filter(|b| b.value > 0.0)
}

#[cfg(test)]
mod tests {
    use loadcase_model::{Id, Unit};

    use super::*;

    fn option(behind: Option<f64>, reason: &str) -> Alternative {
        Alternative {
            option: Id::slug("other"),
            name: "Other".to_owned(),
            feasible: behind.is_some(),
            behind: behind.map(|b| Figure::computed(b, Unit::UsdPerMonth, "difference")),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_shared_reason_gives_way_to_the_difference_in_cost() {
        let stock = Stock(BTreeSet::from(["It takes more people.".to_owned()]));
        assert_eq!(stock.own(&option(Some(9.0), "It takes more people.")), None);
        assert_eq!(stock.own(&option(None, "It takes more people.")), Some("It takes more people."));
        assert_eq!(stock.own(&option(Some(9.0), "It pages at night.")), Some("It pages at night."));
        assert_eq!(stock.trimmed("Other costs 9 more. It takes more people."), "Other costs 9 more.");
        assert_eq!(stock.trimmed("Other pages at night."), "Other pages at night.");
    }
}
