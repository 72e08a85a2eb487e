//! What the files buy on the first day, what is planned for 24 months, and when to raise which.

use loadcase_model::{Capacity, Component, ComponentKind, Figure, Id, Unit};

use super::plan::{Part, Plan, whole};
use crate::honesty::tagged;
use crate::text::markdown::{Doc, Table, name};

/// The section of `deploy/README.md`.
pub(super) fn section(doc: &mut Doc, plan: &Plan<'_>) {
    let forecasts = &plan.view.design.forecasts;
    let Some(later) = plan.later else {
        doc.para(format!(
            "These files set up the sizes of 24 months, because the design has other parts today than then: that is the \
             bill of {}. Start with fewer and smaller copies where the load allows.",
            tagged(&forecasts.later.cost_total)
        ));
        return;
    };
    doc.para(format!(
        "These files set up what the load of today needs: that is the bill of {} that the design tells for now. Alerts, \
         pools and copies in them are for the same day. In 24 months {} are planned. What is not in the table stays as it \
         is.",
        tagged(&forecasts.now.cost_total),
        tagged(&forecasts.later.cost_total)
    ));
    let mut table = Table::new(&["part", "now, as in the files", "in 24 months", "raise it when"]);
    for (id, component) in later {
        let now = plan.view.blueprint().components.get(id);
        let today = now.map_or_else(|| "not there yet".to_owned(), size);
        if component.capacity.is_some() && today != size(component) {
            table.row([name(&component.name), today, size(component), when(component.kind).to_owned()]);
        }
    }
    doc.table(&table, "Sizes stay as they are for 24 months.");
    if plan.own().any(|p| super::compose::runs_an_event_loop(plan, p)) {
        doc.para(
            "A process of this framework uses one processor. Where a size has more than one, set `PROCESSES` of the part to \
             the whole number of its processors in the same change, or the others stand idle.",
        );
    }
    doc.para(
        "Raise a size in the file, apply it, and change alerts and pools with it: design again with the load of then, and \
         take over what differs. The steps in between are the growth path of [scaling.md](../scaling.md). Disks are made \
         larger and never smaller: that is why they begin with what is needed now.",
    );
}

/// What the team runs itself and is paid for, but is not ready for production in these files.
pub(super) fn not_started(doc: &mut Doc, plan: &Plan<'_>) {
    let own =
        plan.parts.iter().filter(|p| p.component.kind == ComponentKind::Identity && !p.component.managed);
    for part in own {
        doc.para(format!(
            "**{} is not ready for production in these files**: {}. Give it its address, certificates and a database of its \
             own, by its own manual, before anybody can sign in. The bill counts {} for it.",
            name(plan.view.technology(part.component).map_or(part.component.name.as_str(), |t| t.name.as_str())),
            if plan.runs_on("kubernetes") || plan.runs_on("rented-server") {
                "they start it in its mode for development"
            } else {
                "only compose starts it, for development"
            },
            size(part.component)
        ));
    }
}

/// The size of a component in a cell.
fn size(component: &Component) -> String {
    let Some(capacity) = component.capacity.as_ref() else { return "paid by use".to_owned() };
    let figure = |value: f64, unit: Unit| tagged(&Figure::computed(value, unit, capacity.basis.clone()));
    if capacity.replicas == 0 {
        return "paid by use".to_owned();
    }
    let copies = f64::from(all_copies(capacity));
    let mut parts = vec![format!(
        "{} x {} with {}",
        figure(copies, Unit::One),
        figure(capacity.vcpu, Unit::Vcpu),
        figure(capacity.memory_gb, Unit::Gigabytes)
    )];
    if keeps_data(component.kind) && capacity.storage_gb > 0.0 {
        parts.push(format!("{} of disk each", figure(capacity.storage_gb, Unit::Gigabytes)));
    }
    parts.join(", ")
}

const fn all_copies(capacity: &Capacity) -> u32 {
    capacity.replicas.saturating_mul(1 + capacity.standbys + capacity.read_replicas)
}

const fn keeps_data(kind: ComponentKind) -> bool {
    use ComponentKind as K;
    matches!(kind, K::Store | K::Broker | K::Search | K::Analytics)
}

/// What says that a part is too small.
const fn when(kind: ComponentKind) -> &'static str {
    use ComponentKind as K;
    match kind {
        K::Service | K::Function => "its alert ProcessorsBusy, or LoadNearsSaturation, rings",
        K::Worker => "its alert ProcessorsBusy or QueueLags rings",
        K::Store => "DiskFills or PoolExhausted rings, or its processors are above the target at the peak",
        K::Cache => "it evicts what is still asked for",
        K::Pooler => "callers wait for a connection while the store has some to spare",
        _ => "its processors, memory or disk are above four fifths at the peak",
    }
}

/// The disk that a store grows to by itself at most, GB, where the platform's files let it grow.
pub(super) fn grows_to_gb(plan: &Plan<'_>, store: &Part<'_>) -> Option<u32> {
    let by_itself = super::terraform::has_module(plan) && matches!(plan.provider(), Some("aws" | "gcp"));
    let grows = by_itself && store.component.managed;
    grows.then(|| most_storage_gb(plan, store.id, store.size().storage_gb.max(20)))
}

/// The disk that a store may grow to by itself, GB: what is planned for 24 months, and never less than twice what is
/// there.
pub(super) fn most_storage_gb(plan: &Plan<'_>, id: &Id, storage_gb: u32) -> u32 {
    let later = plan.later.and_then(|l| l.get(id)).and_then(|c| c.capacity.as_ref());
    let planned = later.map_or(0, |c| whole(c.storage_gb, 0, 60_000));
    planned.max(storage_gb.saturating_mul(2)).min(64_000)
}
