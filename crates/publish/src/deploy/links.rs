//! Timeout, retries and pool of every flow. A pool holds what the load keeps busy, with room for its swings.

use std::collections::BTreeSet;

use loadcase_model::{ComponentKind, Figure, Flow, FlowStyle, Horizon, Id, Unit};

use super::names::unused;
use super::plan::{Part, whole};
use crate::honesty::from_basis;
use crate::view::View;

/// What a caller waits when its blueprint does not say, ms.
const USUAL_TIMEOUT_MS: f64 = 10_000.0;

/// Connections to a store that each copy may open at least: one slow statement must not stop the others.
const LEAST_TO_STORE: u32 = 5;

/// A flow with its settings.
pub(crate) struct Link<'a> {
    pub(crate) flow: &'a Flow,
    /// A name of its own.
    pub(crate) name: String,
    pub(crate) timeout: Figure,
    pub(crate) retries: Figure,
    pub(crate) pool: Pool,
}

/// Connections of one copy of the caller.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// Calls per second at the peak, of all copies together.
    pub(crate) calls: f64,
    /// How long a connection is held by one call, ms.
    pub(crate) held_ms: f64,
    /// Copies of the caller that share the calls.
    pub(crate) copies: u32,
    /// Connections a copy may open however little there is to do.
    least: u32,
    /// Connections each copy may open.
    pub(crate) each: u32,
}

impl Pool {
    /// Little's law: calls in flight are arrivals times holding time; three standard deviations of a Poisson
    /// number of them are room for the swings (J. D. C. Little, "A Proof for the Queuing Formula L = λW", 1961).
    fn new(calls: f64, held_ms: f64, copies: u32, least: u32) -> Self {
        let each_in_flight = calls * held_ms / 1e3 / f64::from(copies.max(1));
        let each = whole(each_in_flight + 3.0 * each_in_flight.sqrt(), least, 10_000);
        Self { calls, held_ms, copies, least, each }
    }

    /// Connections of all copies.
    pub(crate) const fn all(&self) -> u32 {
        self.each.saturating_mul(self.copies)
    }

    /// How the size came about.
    pub(crate) fn basis(&self) -> String {
        format!(
            "{} calls/s x {} ms held / {} copies, plus 3 standard deviations, at least {}",
            loadcase_model::format_number(self.calls),
            loadcase_model::format_number(self.held_ms),
            self.copies,
            self.least
        )
    }

    pub(crate) fn figure(&self) -> Figure {
        Figure::computed(f64::from(self.each), Unit::One, self.basis())
    }
}

/// The settings of every flow of the blueprint, in its order.
pub(crate) fn links<'a>(view: &View<'a>, parts: &[Part<'a>], horizon: Horizon) -> Vec<Link<'a>> {
    let mut taken = BTreeSet::new();
    let flows = &view.blueprint().flows;
    flows
        .iter()
        .map(|flow| Link {
            flow,
            name: unused(&mut taken, &format!("{}-to-{}", flow.from, flow.to)),
            timeout: timeout(flow),
            retries: retries(flow),
            pool: pool(view, parts, flow, horizon),
        })
        .collect()
}

fn timeout(flow: &Flow) -> Figure {
    flow.timeout_ms.filter(|t| t.is_finite() && *t > 0.0).map_or_else(
        || from_basis(USUAL_TIMEOUT_MS, Unit::Milliseconds, "assumed: the blueprint gives no timeout"),
        |ms| from_basis(ms, Unit::Milliseconds, &flow.basis),
    )
}

fn retries(flow: &Flow) -> Figure {
    flow.retries.map_or_else(
        || from_basis(0.0, Unit::One, "assumed: the blueprint gives none, and repeating may do harm"),
        |n| from_basis(f64::from(n.min(10)), Unit::One, &flow.basis),
    )
}

fn pool(view: &View<'_>, parts: &[Part<'_>], flow: &Flow, horizon: Horizon) -> Pool {
    let copies = copies(view, parts, &flow.from, horizon);
    let (calls, busy_ms) = traffic(view, flow, horizon, copies);
    let stations = &view.design.forecasts.at(horizon).stations;
    let queue_ms = match stations.get(&flow.to).map(|s| &s.wait) {
        Some(wait) if wait.unit == Unit::Seconds => wait.value * 1e3,
        Some(wait) => wait.value,
        None => 0.0,
    };
    let held_ms = if calls > 0.0 { busy_ms / calls + finite(queue_ms) } else { 0.0 };
    let held_ms = held_ms.max(slowest_of_others(view, &flow.to));
    let least = if is_store(view, &flow.to) { LEAST_TO_STORE } else { 2 };
    Pool::new(finite(calls), finite(held_ms), copies, least)
}

/// What a system of somebody else's takes at the upper end of what is assumed of it, ms: nothing was measured there, so
/// pools hold for that.
fn slowest_of_others(view: &View<'_>, id: &Id) -> f64 {
    let external = view.blueprint().components.get(id).is_some_and(|c| c.kind == ComponentKind::External);
    let answer = view.catalog.lexicon.answer_of_others(id.as_str()).filter(|_| external);
    answer.map_or(0.0, |fact| fact.range().1)
}

/// Whether connections to it are held by transactions.
fn is_store(view: &View<'_>, id: &Id) -> bool {
    let component = view.blueprint().components.get(id);
    component.is_some_and(|c| matches!(c.kind, ComponentKind::Store | ComponentKind::Pooler))
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value.max(0.0) } else { 0.0 }
}

/// Calls per second over a flow at the peak, and the milliseconds of work they ask for each second.
///
/// A step is called by the last component before it that has a flow to it; the first steps are called from
/// outside. A transaction holds its connection while the caller computes, too. Rows of many calls that a copy of the
/// caller gathers are one call.
fn traffic(view: &View<'_>, flow: &Flow, horizon: Horizon, copies: u32) -> (f64, f64) {
    let blueprint = view.blueprint();
    let Some(load) = blueprint.workloads.iter().max_by_key(|w| w.horizon == horizon) else {
        return (0.0, 0.0);
    };
    let calls_it = |id: &Id| blueprint.flows.iter().any(|f| f.from == *id && f.to == flow.to);
    let held_by_caller = is_store(view, &flow.to);
    let outside = blueprint.components.get(&flow.from).is_none_or(|c| c.kind == ComponentKind::Client);
    let gathers = blueprint.components.get(&flow.to).is_some_and(|c| c.kind == ComponentKind::Analytics);
    let (mut total, mut gathered) = ((0.0, 0.0), (0.0, 0.0));
    for (id, operation) in &blueprint.operations {
        let rate = finite(load.rate_per_s.get(id).copied().unwrap_or(0.0));
        for (n, step) in operation.steps.iter().enumerate().filter(|(_, s)| s.component == flow.to) {
            let caller = operation.steps[..n].iter().rev().find(|s| calls_it(&s.component));
            if caller.map_or(outside, |c| c.component == flow.from) {
                let calls = rate * finite(step.visits);
                let own_ms = caller.filter(|_| held_by_caller).map_or(0.0, |c| finite(c.cpu_ms));
                let sum = if gathers && !step.reads_only { &mut gathered } else { &mut total };
                sum.0 += calls;
                sum.1 += calls * (finite(step.cpu_ms) + finite(step.wait_ms) + own_ms);
            }
        }
    }
    let together = inserts(view, gathered.0, copies);
    let share = if gathered.0 > 0.0 { together / gathered.0 } else { 0.0 };
    (total.0 + together, total.1 + gathered.1 * share)
}

/// Inserts per second of rows that copies of a caller gather for some time: one for each row, at most one for each time.
fn inserts(view: &View<'_>, rows: f64, copies: u32) -> f64 {
    let gather_ms = view.catalog.lexicon.plan("gather-ms");
    if gather_ms > 0.0 { rows.min(f64::from(copies) * 1e3 / gather_ms) } else { rows }
}

/// Copies of a caller. A function has one for each call in progress.
fn copies(view: &View<'_>, parts: &[Part<'_>], caller: &Id, horizon: Horizon) -> u32 {
    let Some(part) = parts.iter().find(|p| p.id == caller) else { return 1 };
    if part.component.kind != ComponentKind::Function {
        return part.size().copies;
    }
    let forecast = view.design.forecasts.at(horizon);
    let operations = &view.blueprint().operations;
    let in_progress: f64 = forecast
        .operations
        .iter()
        .filter(|(id, _)| operations.get(*id).is_some_and(|o| o.steps.iter().any(|s| s.component == *caller)))
        .map(|(_, f)| finite(f.rate.value) * finite(f.latency.mean.value) / 1e3)
        .sum();
    whole(in_progress + 3.0 * in_progress.sqrt(), 1, 10_000)
}

/// What all callers of a store may open together, against what it takes.
pub(crate) struct Connections {
    /// Connections of all callers, with the copies that a release adds.
    pub(crate) wanted: u32,
    /// What the store takes, with a fifth left for people and maintenance; absent when the catalog knows none.
    pub(crate) limit: Option<u32>,
    /// Whether the limit is that of the provider's plan.
    pub(crate) of_plan: bool,
}

impl Connections {
    pub(crate) fn needs_pooler(&self) -> bool {
        self.limit.is_some_and(|limit| self.wanted > limit)
    }
}

/// The connections of a store.
pub(crate) fn connections(view: &View<'_>, links: &[Link<'_>], store: &Part<'_>) -> Connections {
    let callers = links.iter().filter(|l| l.flow.to == *store.id && l.flow.style == FlowStyle::Sync);
    let wanted = callers.map(|l| l.pool.each.saturating_mul(l.pool.copies + 1)).fold(0, u32::saturating_add);
    let fact = view.technology(store.component).and_then(|t| t.fact("max-connections"));
    let of_plan = plan_limit(view, store);
    let each = of_plan.map(f64::from).or(fact.map(|f| f.value));
    let limit = each.map(|n| whole(n * 0.8 * f64::from(store.size().copies), 1, 1_000_000));
    Connections { wanted, limit, of_plan: of_plan.is_some() }
}

/// Connections that the provider lets a database of the size take that is bought, where it sets a limit.
fn plan_limit(view: &View<'_>, store: &Part<'_>) -> Option<u32> {
    let relational = view.technology(store.component).is_some_and(|t| t.has("relational"));
    let provider = view.catalog.technology(view.blueprint().deployment.provider.as_ref()?.as_str())?;
    let sizes = provider.database_sizes.as_ref().filter(|_| relational && store.component.managed)?;
    let size = store.size();
    let standby = store.component.capacity.as_ref().is_some_and(|c| c.standbys > 0);
    sizes.fitting(f64::from(size.millicores) / 1e3, f64::from(size.memory_mb) / 1_024.0, standby)?.connections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_holds_what_is_in_flight_and_its_swings() {
        // 2,000 calls/s held 8 ms are 16 in flight; over 4 copies 4 each, and 3 x 2 for the swings.
        assert_eq!(Pool::new(2_000.0, 8.0, 4, 2).each, 10);
        assert_eq!(Pool::new(2_000.0, 8.0, 4, 2).all(), 40);
        assert_eq!(Pool::new(0.0, 0.0, 3, 2).each, 2, "never none");
        assert_eq!(Pool::new(1e12, 1e9, 1, 2).each, 10_000, "bounded");
    }
}
