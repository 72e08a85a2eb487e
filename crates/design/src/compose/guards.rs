//! What keeps bad moments short: retries in one layer of each path and paid from a budget, deadlines that go along,
//! queues with an end, breakers before systems of others.
//!
//! The rules are those of the practice of operators; the numbers are planning constants of the catalog, each with
//! its source.

use indexmap::IndexMap;
use loadcase_model::{Capacity, Component, ComponentKind, Flow, FlowStyle, Guard, Id, Operation, StepMode};
use loadcase_model::{OperationKind, format_number, format_quantity};

use super::scope::{Queue, Scope};

/// Gives every flow that says how long its caller waits its guard.
pub(super) fn guard(
    scope: &Scope,
    components: &IndexMap<Id, Component>,
    operations: &IndexMap<Id, Operation>,
    flows: &mut [Flow],
) {
    let all = Guards { scope, components, operations };
    for flow in flows.iter_mut() {
        flow.guard = all.of(flow);
    }
}

struct Guards<'a> {
    scope: &'a Scope<'a>,
    components: &'a IndexMap<Id, Component>,
    operations: &'a IndexMap<Id, Operation>,
}

impl Guards<'_> {
    fn of(&self, flow: &Flow) -> Option<Guard> {
        let mut guard = Guard::default();
        let mut basis = Vec::new();
        if flow.retries.is_some_and(|r| r > 0) {
            self.retries(flow, &mut guard, &mut basis);
        }
        if flow.style == FlowStyle::Sync && flow.timeout_ms.is_some() {
            self.calls(flow, &mut guard, &mut basis);
        }
        guard.basis = basis.join("; ");
        (guard != Guard::default()).then_some(guard)
    }

    fn kind(&self, id: &Id) -> Option<ComponentKind> {
        self.components.get(id).map(|c| c.kind)
    }

    /// A growing pause, and what pays for the retries; a message that is delivered again needs no budget, because
    /// consumers take only as much as they can do.
    fn retries(&self, flow: &Flow, guard: &mut Guard, basis: &mut Vec<String>) {
        let plan = |id: &str| self.scope.catalog.lexicon.plan(id);
        let delivered = self.scope.parts.queue == Queue::Part(flow.from.clone());
        let pause = plan(if delivered { "redelivery-pause-ms" } else { "retry-pause-ms" });
        if pause > 0.0 {
            guard.backoff_ms = Some(pause);
            basis.push(format!("first pause {pause} ms, doubled each time, spread (planning assumption)"));
        }
        let share = plan("retry-budget");
        if share > 0.0 && !delivered {
            guard.retry_budget = Some(share);
            let share = format_quantity(share, loadcase_model::Unit::Share);
            basis.push(format!(
                "retries are paid from {share} of the successes (retry-budget, planning assumption)"
            ));
        }
    }

    /// Deadlines, queues with an end, breakers.
    fn calls(&self, flow: &Flow, guard: &mut Guard, basis: &mut Vec<String>) {
        use ComponentKind as Kind;
        let Some(to) = self.kind(&flow.to) else { return };
        // A closed connection or a header says it to a process, a cancelled statement to a store.
        let own = matches!(
            to,
            Kind::Edge
                | Kind::Gateway
                | Kind::Service
                | Kind::Function
                | Kind::Store
                | Kind::Pooler
                | Kind::Search
        );
        if own && flow.protocol != "in-process" {
            guard.deadline = true;
            basis.push("work that nobody waits for any more is dropped".to_owned());
        }
        if matches!(to, Kind::External | Kind::Identity | Kind::ObjectStore) && self.is_process(&flow.from) {
            let share = self.scope.catalog.lexicon.plan("breaker-share");
            if share > 0.0 {
                guard.breaker = Some(share);
                let share = format_quantity(share, loadcase_model::Unit::Share);
                basis.push(format!(
                    "calls stop for a moment when {share} of them fail (breaker-share, planning assumption)"
                ));
            }
        }
        if let Some((waiting, why)) = self.waiting(&flow.to) {
            guard.waiting = Some(waiting);
            basis.push(why);
        }
    }

    fn is_process(&self, id: &Id) -> bool {
        use ComponentKind as Kind;
        matches!(self.kind(id), Some(Kind::Service | Kind::Worker | Kind::Function))
    }

    /// How many requests may wait for a process: as many as it works off within the time a queue may take.
    fn waiting(&self, id: &Id) -> Option<(u32, String)> {
        let component = self.components.get(id).filter(|c| c.kind == ComponentKind::Service)?;
        let capacity = component.capacity.as_ref().filter(|c| c.replicas > 0)?;
        let longest = self.scope.catalog.lexicon.plan("queue-time-ms");
        let each = self.mean_ms(id)?;
        let processors = f64::from(capacity.replicas) * servers(capacity);
        if longest <= 0.0 || processors <= 0.0 {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above and below")]
        let count = (processors * longest / each).ceil().clamp(processors.ceil().min(1e6), 1e6) as u32;
        let why = format!(
            "as many may wait as {} processors work off in {} ms (queue-time-ms, planning assumption) at {} ms each",
            format_number(processors),
            format_number(longest),
            format_number(each)
        );
        Some((count, why))
    }

    /// Mean processor time of a request at a process, ms; none where nobody waits for anything there.
    fn mean_ms(&self, id: &Id) -> Option<f64> {
        let (mut visits, mut work) = (0.0, 0.0);
        for (name, operation) in self.operations.iter().filter(|(_, o)| is_awaited(o.kind)) {
            let here = operation.steps.iter().filter(|s| s.component == *id && s.mode == StepMode::Sync);
            for step in here {
                let rate = self.scope.rate(name) * step.visits;
                visits += rate;
                work += rate * step.cpu_ms;
            }
        }
        (visits > 0.0 && work > 0.0).then(|| work / visits)
    }
}

/// Processors of one copy that can be busy at the same time.
fn servers(capacity: &Capacity) -> f64 {
    let vcpu = super::rates::sane(capacity.vcpu);
    capacity.concurrency.map_or(vcpu, |c| vcpu.min(f64::from(c)))
}

const fn is_awaited(kind: OperationKind) -> bool {
    matches!(kind, OperationKind::Request | OperationKind::Webhook | OperationKind::Stream)
}
