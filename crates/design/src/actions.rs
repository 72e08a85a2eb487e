//! "40 payments a second": things that people do, beside all the requests that lead to them and come after.

use loadcase_catalog::{Domain, DomainOperation};
use loadcase_model::{AccessKind, Given, Horizon, Horizons, OperationKind, Origin};

/// A stated rate of actions that the domain has an operation for.
#[derive(Clone, Debug)]
pub struct Actions {
    /// The words, for quoting.
    pub words: String,
    /// Share of all requests that these actions are.
    pub share: f64,
    /// The rate at the peak of both horizons, per second.
    rate: Horizons<f64>,
    /// The ratio of peak to average by which an average became that; absent for what was told of the peak.
    factor: Option<[f64; 2]>,
}

impl Actions {
    /// The actions that a stated rate of changes is about, with that rate at its peak and the ratio of peak to average
    /// at both horizons; none when the domain knows no operation for its words.
    #[must_use]
    pub fn of(domain: &Domain, stated: &Given, rate: &Horizons<f64>, factor: [f64; 2]) -> Option<Self> {
        let words = [&stated.now, &stated.later].into_iter().flatten().find_map(|e| match &e.origin {
            Origin::Stated { text, .. } => Some(text.clone()),
            _ => None,
        })?;
        let nouns: Vec<String> = words.split(|c: char| !c.is_alphabetic()).map(singular).collect();
        let requests = || domain.operations.values().filter(|o| o.kind == OperationKind::Request);
        let all: f64 = domain.operations.values().map(|o| o.share.max(0.0)).sum();
        let share: f64 = requests().filter(|o| makes(o, &nouns)).map(|o| o.share.max(0.0)).sum::<f64>() / all;
        let (rate, factor) = (rate.clone(), stated.average.then_some(factor));
        (share.is_finite() && share > 0.0 && share < 1.0).then_some(Self { words, share, rate, factor })
    }

    /// All requests per second on average, at this ratio of peak to average.
    #[must_use]
    pub fn requests(&self, horizon: Horizon, peak_factor: f64) -> f64 {
        let factor = self.factor.map_or(peak_factor, |f| f[horizon as usize]);
        self.rate.at(horizon) / factor / self.share
    }
}

/// Whether an operation adds a row of an entity that is named.
fn makes(operation: &DomainOperation, nouns: &[String]) -> bool {
    operation
        .accesses
        .iter()
        .any(|a| a.kind == AccessKind::Insert && nouns.iter().any(|noun| *noun == a.entity.as_str()))
}

/// A noun in the singular, lower case.
fn singular(word: &str) -> String {
    let word = word.to_lowercase();
    match (word.strip_suffix("ies"), word.strip_suffix('s')) {
        (Some(stem), _) if stem.len() > 2 => format!("{stem}y"),
        (_, Some(stem)) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadcase_model::{Estimate, Id};

    #[test]
    fn rates_of_actions_are_a_share_of_the_requests() {
        let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is sound");
        let stated = |text: &str, average: bool| Given {
            now: Some(Estimate::exact(1.0, Origin::stated(text, 0))),
            later: None,
            average,
            each: false,
        };
        let both = |rate: f64| Horizons { now: rate, later: rate };
        let shop = &catalog.domains[&Id::slug("commerce")];
        let orders = stated("3000 orders a day", true);
        let orders = Actions::of(shop, &orders, &both(4.0 * 3000.0 / 86_400.0), [4.0; 2]);
        let orders = orders.expect("a shop takes orders");
        assert!((0.0005..0.2).contains(&orders.share), "{}", orders.share);
        for sampled in [2.0, 4.0] {
            let all = orders.requests(Horizon::Now, sampled);
            let a_day = all * orders.share * 86_400.0;
            assert!((a_day - 3000.0).abs() < 1e-6, "a daily number is an average already");
        }
        let payments = &catalog.domains[&Id::slug("payments")];
        let peak = stated("40 payments per second", false);
        let peak = Actions::of(payments, &peak, &both(40.0), [4.0; 2]).expect("they take payments");
        assert!((peak.requests(Horizon::Now, 4.0) * peak.share * 4.0 - 40.0).abs() < 1e-9);
        assert!(Actions::of(shop, &stated("500 haircuts an hour", true), &both(0.5), [4.0; 2]).is_none());
    }
}
