//! How the parts of a blueprint call each other: time-outs, retries, and what keeps them in bounds.

use loadcase_model::{ComponentKind, Flow, FlowStyle, Guard, Id, Operation as Asked};

use super::{Builder, sane};
use crate::network::{Backoff, Breaker, Budget, Call, Jitter, Step};

/// The name of what clients do, in changes.
pub(super) const CLIENT: &str = "client";

/// Seconds of successes whose share a budget of retries holds at most, and the least that it holds: a window of ten
/// seconds and a few retries in quiet times.
///
/// Source: Finagle's user guide, Retries: a retry budget counts requests of ten seconds and always allows some.
const BUDGET_S: f64 = 10.0;
const LEAST_BUDGET: f64 = 10.0;
/// Over how long a breaker counts, outcomes it wants to see, and how long it stays open, seconds.
const BREAKER: (f64, u32, f64) = (10.0, 20, 2.0);

impl Builder<'_> {
    /// Gives stations the queues with an end that flows to them speak of.
    pub(super) fn guard_parts(&mut self) {
        for flow in &self.blueprint.flows {
            let Some(guard) = &flow.guard else { continue };
            let Some(part) = self.parts.get(&flow.to) else { continue };
            for station in part.station.iter().chain(&part.replicas) {
                let station = &mut self.network.stations[*station];
                station.drop_expired |= guard.deadline;
                // Each copy has a queue of its own, which goes with it.
                let each = guard.waiting.map(|w| f64::from(w) / f64::from(station.servers.max(1)));
                station.queue_each = station.queue_each.or(each);
            }
            if let Some(pool) = part.pool {
                let pool = &mut self.network.pools[pool];
                pool.queue_limit = guard.waiting.max(pool.queue_limit);
            }
        }
    }

    /// The flow by which a component is called, when it says how long the caller waits: from a process, or from
    /// whoever is not a process; through a pooler where one stands between.
    pub(super) fn flow(&self, from: Option<&Id>, to: &Id) -> Option<Flow> {
        let waits = |f: &&Flow| f.style == FlowStyle::Sync && f.timeout_ms.is_some_and(|t| t > 0.0);
        let flows = || self.blueprint.flows.iter().filter(waits);
        let Some(from) = from else {
            return flows().find(|f| f.to == *to && !self.is_process(&f.from)).cloned();
        };
        let direct = flows().find(|f| f.to == *to && f.from == *from);
        let passes = |f: &&Flow| {
            let kind = self.blueprint.components.get(&f.from).map(|c| c.kind);
            f.to == *to
                && kind == Some(ComponentKind::Pooler)
                && self.blueprint.flows.iter().any(|g| g.from == *from && g.to == f.from)
        };
        direct.or_else(|| flows().find(passes)).cloned()
    }

    /// The flow by which clients ask for an operation, where it says how they try again: that of an actor who may
    /// ask for it, else that of the clients.
    pub(super) fn client_of(&self, operation: &Asked) -> Option<Flow> {
        let first = &operation.steps.first()?.component;
        let is_client =
            |id: &Id| self.blueprint.components.get(id).is_some_and(|c| c.kind == ComponentKind::Client);
        let fits = |f: &&Flow| f.to == *first && f.style == FlowStyle::Sync && f.guard.is_some();
        let own = self.blueprint.flows.iter().filter(fits).find(|f| operation.roles.contains(&f.from));
        own.or_else(|| self.blueprint.flows.iter().filter(fits).find(|f| is_client(&f.from))).cloned()
    }

    /// Whether a flow is that of clients themselves, whose call is around everything.
    pub(super) fn is_clients(&self, flow: &Flow) -> bool {
        let kind = self.blueprint.components.get(&flow.from).map(|c| c.kind);
        flow.guard.is_some() && kind.is_none_or(|k| k == ComponentKind::Client)
    }

    /// Everything that clients wait for, behind their own time-out and retries.
    pub(super) fn by_client(&mut self, flow: &Flow, steps: Vec<Step>) -> Step {
        let call = self.call(flow, CLIENT.to_owned());
        if !self.clients.contains(&call) {
            self.clients.push(call);
        }
        Step::Call { call, steps }
    }

    /// Steps behind a flow's time-out and retries.
    pub(super) fn guarded(&mut self, flow: &Flow, steps: Vec<Step>) -> Step {
        Step::Call { call: self.call(flow, format!("{} to {}", flow.from, flow.to)), steps }
    }

    fn call(&mut self, flow: &Flow, name: String) -> usize {
        // A flow that says how it tries again does so with what does no harm when repeated.
        let repeats = self.repeats || flow.guard.is_none();
        let retries = flow.retries.filter(|_| repeats).unwrap_or(0).min(100);
        let key = (flow.from.clone(), flow.to.clone(), retries > 0);
        if let Some(known) = self.calls.get(&key) {
            return *known;
        }
        let mut call = Call { name, timeout: flow.timeout_ms.map(|t| t / 1e3), retries, ..Call::default() };
        if let Some(guard) = &flow.guard {
            apply(guard, &mut call, self.per_s);
        }
        self.network.calls.push(call);
        self.calls.insert(key, self.network.calls.len() - 1);
        self.network.calls.len() - 1
    }
}

/// What a guard makes of a call that `per_s` requests a second go through.
fn apply(guard: &Guard, call: &mut Call, per_s: f64) {
    if let Some(ms) = guard.backoff_ms {
        call.backoff = Backoff { base: sane(ms) / 1e3, jitter: Jitter::Full, ..Backoff::default() };
    }
    let share = guard.retry_budget.map(sane);
    call.budget = share.filter(|_| call.retries > 0).map(|share| Budget {
        per_success: share,
        per_request: 0.0,
        cap: (share * per_s * BUDGET_S).max(LEAST_BUDGET),
    });
    let (window, minimum, sleep) = BREAKER;
    call.breaker =
        guard.breaker.map(|share| Breaker { window, threshold: sane(share).min(1.0), minimum, sleep });
    call.propagates_deadline = guard.deadline;
}
