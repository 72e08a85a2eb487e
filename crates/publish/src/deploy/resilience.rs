//! `deploy/resilience.yaml`: timeout, retries and pool of every flow in one place.

use loadcase_model::{Component, Figure, FlowStyle, Guard, Unit};
use serde_json::{Map, Value, json};

use super::links::connections;
use super::plan::{Part, Plan, whole};
use super::yaml;
use crate::Deliverable;
use crate::text::clean;

pub(crate) fn file(plan: &Plan<'_>) -> Deliverable {
    let mut flows = Map::new();
    for link in &plan.links {
        let style = if link.flow.style == FlowStyle::Sync { "sync" } else { "async" };
        let mut value = json!({
            "from": link.flow.from.as_str(),
            "to": link.flow.to.as_str(),
            "style": style,
            "protocol": clean(&link.flow.protocol),
            "timeout_ms": whole(link.timeout.value, 1, 86_400_000),
            "timeout_basis": clean(&link.timeout.origin.describe().replace("assumed: assumed: ", "assumed: ")),
            "retries": whole(link.retries.value, 0, 10),
            "backoff": backoff(link),
            "pool": {
                "each": link.pool.each,
                "copies": link.pool.copies,
                "all": link.pool.all(),
                "basis": link.pool.basis(),
            },
        });
        if let (Some(guard), Some(fields)) = (&link.flow.guard, value.as_object_mut()) {
            fields.extend(guarded(guard));
        }
        flows.insert(link.name.clone(), value);
    }
    let mut stores = Map::new();
    for part in plan.parts.iter().filter(|p| is_pooled(p.component)) {
        let found = connections(&plan.view, &plan.links, part);
        let value = json!({
            "connections_wanted": found.wanted,
            "connections_allowed": found.limit,
            "basis": "pools of all callers, with one more copy of each while a release is rolled out; allowed: four fifths of what the store takes",
            "pooler": found.needs_pooler(),
        });
        stores.insert(part.label.clone(), value);
    }
    let document = json!({"flows": flows, "stores": stores});
    let head = "Timeout, retries and pool of every flow. The environment of each process is written from these numbers: \
                change the blueprint, and write again.";
    yaml("deploy/resilience.yaml", head, &document)
}

/// How pauses between tries grow.
fn backoff(link: &super::links::Link<'_>) -> String {
    if link.retries.value <= 0.0 {
        return "none".to_owned();
    }
    let first = link.flow.guard.as_ref().and_then(|g| g.backoff_ms).unwrap_or(USUAL_PAUSE_MS);
    format!(
        "exponential from {} ms, with full jitter, within the timeout of the caller",
        whole(first, 1, 3_600_000)
    )
}

/// The first pause before a retry where the blueprint gives none, ms.
const USUAL_PAUSE_MS: f64 = 100.0;

/// What keeps calls in bounds: budget, breaker, deadline, queue.
fn guarded(guard: &Guard) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<Value>| fields.extend(value.map(|v| (name.to_owned(), v)));
    let share = |s: f64| if s.is_finite() { json!(s.clamp(0.0, 1.0)) } else { json!(0) };
    put("retry_budget", guard.retry_budget.map(share));
    put("breaker", guard.breaker.map(share));
    put(
        "deadline",
        Some(json!(if guard.deadline { "passed on; what nobody waits for is dropped" } else { "none" })),
    );
    put("waiting", guard.waiting.map(|w| json!(w)));
    put("guard_basis", Some(json!(clean(&guard.basis))).filter(|_| !guard.basis.is_empty()));
    fields
}

/// Whether connections to it are counted.
pub(crate) fn is_pooled(component: &Component) -> bool {
    use loadcase_model::ComponentKind as K;
    matches!(component.kind, K::Store | K::Pooler | K::Analytics)
}

/// How long those who call a process wait: the longest timeout of the flows that end at it, ms.
pub(crate) fn inbound_ms(plan: &Plan<'_>, part: &Part<'_>) -> u32 {
    whole(inbound(plan, part).value, 1, 86_400_000)
}

fn inbound(plan: &Plan<'_>, part: &Part<'_>) -> Figure {
    let callers = plan.links.iter().filter(|l| l.flow.to == *part.id && l.flow.style == FlowStyle::Sync);
    let longest = callers.map(|l| &l.timeout).max_by(|a, b| a.value.total_cmp(&b.value));
    longest.cloned().unwrap_or_else(|| Figure::computed(30_000.0, Unit::Milliseconds, "nobody waits for it"))
}
