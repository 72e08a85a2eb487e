//! How often it answers, and what a failure of the primary store costs.
//!
//! An operation answers when everything it waits for is up: the product of the components on its path, each
//! counted as often as it is visited. Operations weigh by their rate. Caches are left out, because the store
//! answers for them, and so are systems of others, which no design of one's own makes better.

use std::collections::BTreeMap;

use loadcase_model::{
    Availability, Capacity, Component, ComponentKind, Figure, Id, Operation, StepMode, Unit, format_number,
};

use super::{Known, View, is_awaited, sane};
use crate::availability::k_of_n;

/// Seconds in a month of 30 days.
const MONTH_S: f64 = 30.0 * 86_400.0;

/// Where the catalog has no planning constants: the log is archived every 5 minutes, half an hour passes until
/// a restore begins, and it brings back 0.1 GB each second.
const BACKUP_INTERVAL_S: f64 = 300.0;
const RESTORE_BASE_S: f64 = 1_800.0;
const RESTORE_GB_PER_S: f64 = 0.1;

pub(super) fn availability(view: &View) -> Availability {
    let up: BTreeMap<&Id, Up> =
        view.blueprint.components.iter().filter_map(|(id, c)| Some((id, up(view, id, c)?))).collect();
    let (share, losses) = answered(view, &up);
    let weakest = losses.iter().filter(|(_, loss)| **loss > 0.0).max_by(|a, b| a.1.total_cmp(b.1));
    let parts: Vec<String> = losses.keys().filter_map(|id| up.get(*id).map(|u| u.text.clone())).collect();
    let by = if parts.is_empty() {
        "no operation waits for a component that can fail".to_owned()
    } else {
        format!(
            "product along each operation's path, weighed by rate: {}; systems of others aside",
            parts.join(", ")
        )
    };
    let (recovery_point, recovery_time) = recovery(view);
    Availability {
        downtime_month: Figure::computed(
            (1.0 - share) * MONTH_S,
            Unit::Seconds,
            "the share it does not answer, of 30 days",
        ),
        share: Figure::computed(share, Unit::Share, by),
        recovery_point,
        recovery_time,
        weakest: weakest.map(|(id, _)| (*id).clone()),
    }
}

/// Share of time a component is up, and how that was obtained.
struct Up {
    share: f64,
    text: String,
}

/// Share of requests that are answered, and the part of the failures that each component causes.
fn answered<'a>(view: &'a View, up: &BTreeMap<&'a Id, Up>) -> (f64, BTreeMap<&'a Id, f64>) {
    let awaited = || view.blueprint.operations.iter().filter(|(_, o)| is_awaited(o.kind));
    let rates: f64 = awaited().map(|(id, _)| view.rate(id)).sum();
    let count = awaited().count() as f64;
    let mut losses = BTreeMap::new();
    let mut share = 0.0;
    for (id, operation) in awaited() {
        let weight = if rates > 0.0 { view.rate(id) / rates } else { 1.0 / count };
        let mut answers = 1.0;
        for (component, needed) in needed(operation) {
            if let Some(up) = up.get(component) {
                answers *= 1.0 - needed * (1.0 - up.share);
                *losses.entry(component).or_default() += weight * needed * (1.0 - up.share);
            }
        }
        share += weight * answers;
    }
    (if count > 0.0 { share.clamp(0.0, 1.0) } else { 1.0 }, losses)
}

/// Components an operation waits for, each with the probability that it needs it at all.
fn needed(operation: &Operation) -> BTreeMap<&Id, f64> {
    let mut needed = BTreeMap::new();
    for step in operation.steps.iter().filter(|s| s.mode == StepMode::Sync) {
        *needed.entry(&step.component).or_insert(0.0) += sane(step.visits);
    }
    needed.values_mut().for_each(|visits| *visits = visits.min(1.0));
    needed
}

/// Availability of a component; `None` for those that do not count.
fn up(view: &View, id: &Id, component: &Component) -> Option<Up> {
    let skipped =
        matches!(component.kind, ComponentKind::Client | ComponentKind::External | ComponentKind::Cache);
    // What the platform brings is part of the platform's own figure, and what runs inside fails with its process.
    let brought =
        component.kind == ComponentKind::Gateway && component.managed && component.technology.is_none();
    if skipped || brought || view.is_inside(component) {
        return None;
    }
    let single = view.known(component, "availability-single");
    let redundant = view.known(component, "availability-redundant");
    let (single_share, most) = (clamp(single.value), clamp(redundant.value));
    let Some(capacity) = component.capacity.as_ref().filter(|c| c.replicas > 0) else {
        return Some(Up { share: most, text: format!("{id} {}", redundant.text()) });
    };
    if component.kind == ComponentKind::Store && !spreads_copies(view, component) {
        // Each primary holds its own part of the data: a part is up or down with its primary.
        let known = if capacity.standbys > 0 { redundant } else { single };
        return Some(Up { share: clamp(known.value), text: format!("{id} {}", known.text()) });
    }
    if capacity.replicas + capacity.standbys < 2 {
        return Some(Up { share: single_share, text: format!("{id} {}", single.text()) });
    }
    let needed = copies_needed(view, id, capacity);
    let copies = capacity.replicas + capacity.standbys;
    let share = k_of_n(copies, needed, single_share).min(most.max(single_share));
    let text =
        format!("{id} {needed} of {copies} copies, each {}, at most {}", single.text(), redundant.text());
    Some(Up { share, text })
}

fn clamp(share: f64) -> f64 {
    if share > 0.0 { share.min(1.0) } else { 0.0 }
}

/// Whether a store keeps several copies of everything over its nodes by itself.
fn spreads_copies(view: &View, component: &Component) -> bool {
    view.technology(component).is_some_and(|t| t.has("partitioned"))
}

/// Copies that carry the load without the others.
fn copies_needed(view: &View, id: &Id, capacity: &Capacity) -> u32 {
    let work: f64 = view
        .blueprint
        .operations
        .iter()
        .flat_map(|(op, o)| o.steps.iter().filter(|s| s.component == *id).map(move |s| (op, s)))
        .map(|(op, s)| view.rate(op) * sane(s.visits) * sane(s.cpu_ms) / 1e3)
        .sum();
    let one = sane(capacity.vcpu);
    let needed = if one > 0.0 { (work / one).ceil() } else { 1.0 };
    needed.clamp(1.0, f64::from(capacity.replicas)) as u32
}

/// Data a failure of a store may lose, and the time until it answers again: the worst of the primary stores and of those
/// for analysis that are the only place of something.
fn recovery(view: &View) -> (Figure, Figure) {
    let only_place = |id: &Id| view.blueprint.entities.values().any(|e| e.store.as_ref() == Some(id));
    let stores = view.blueprint.components.iter().filter(|(id, c)| {
        c.kind == ComponentKind::Store || c.kind == ComponentKind::Analytics && only_place(id)
    });
    let bounds: Vec<(Figure, Figure)> = stores.map(|(_, component)| recovery_of(view, component)).collect();
    let worst = |pick: fn(&(Figure, Figure)) -> &Figure| {
        bounds.iter().map(pick).max_by(|a, b| a.value.total_cmp(&b.value)).cloned()
    };
    let nothing = || Figure::computed(0.0, Unit::Seconds, "there is no store that could lose data");
    (worst(|b| &b.0).unwrap_or_else(nothing), worst(|b| &b.1).unwrap_or_else(nothing))
}

/// What a failover loses: as far as the standby lags behind. One that is run by the team confirms first where the
/// bound asks for it; how a provider's follows is the provider's.
fn lost(view: &View, component: &Component, lag: &Known) -> Figure {
    match view.prices.recovery_point_s {
        Some(bound) if bound < lag.value && !component.managed => Figure::computed(
            0.0,
            Unit::Seconds,
            "the standby is set to confirm before the client hears of it",
        ),
        _ => lag.figure(),
    }
}

fn recovery_of(view: &View, component: &Component) -> (Figure, Figure) {
    let capacity = component.capacity.as_ref();
    let by_use = capacity.is_none_or(|c| c.replicas == 0);
    let copied = spreads_copies(view, component) && capacity.is_some_and(|c| c.replicas > 1);
    let standing_by = capacity.is_some_and(|c| c.standbys > 0);
    if standing_by || copied || by_use && !view.is_inside(component) {
        let lag = view.known(component, "replication-lag-s");
        let failover = view.known(component, "failover-s");
        return (lost(view, component, &lag), failover.figure());
    }
    let interval = view.plan("backup-interval-s", BACKUP_INTERVAL_S);
    let (base, speed) =
        (view.plan("restore-base-s", RESTORE_BASE_S), view.plan("restore-gb-per-s", RESTORE_GB_PER_S));
    let gigabytes = capacity.map_or(0.0, |c| sane(c.storage_gb));
    let restore = base + gigabytes / speed;
    let by = format!(
        "no standby: {} s to begin (restore-base-s) and {} GB of disk at {} GB/s (restore-gb-per-s), planning assumptions",
        format_number(base),
        format_number(gigabytes),
        format_number(speed)
    );
    let lost = "no standby: what was written since the last backup (backup-interval-s, planning assumption)";
    (Figure::computed(interval, Unit::Seconds, lost), Figure::computed(restore, Unit::Seconds, by))
}
