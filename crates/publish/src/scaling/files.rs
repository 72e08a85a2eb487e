//! What stored files cost beside the bill: they are the largest item of a product that is about them.

use loadcase_model::{AccessKind, ComponentKind, Entity, Figure, Horizon, Id, Input, OperationKind, Unit};

use crate::data::growth::growth;
use crate::data::source::Source;
use crate::honesty::tagged;
use crate::text::markdown::{Doc, name};
use crate::view::View;

/// The field by which an entity says that a row stands for a stored file.
const FILE: &str = "size_bytes";
/// Seconds of an average month.
const MONTH_S: f64 = 730.0 * 3_600.0;

/// A paragraph on the files of a product; nothing where it stores none.
pub(crate) fn files(doc: &mut Doc, view: &View<'_>) {
    let stores = view.components(&[ComponentKind::ObjectStore]);
    let Some((_, store)) = stores.first() else { return };
    let kept = |e: &Entity| e.fields.iter().any(|f| f.name == *FILE);
    let found: Vec<_> = view.blueprint().entities.iter().filter(|(_, e)| kept(e)).collect();
    let source = Source::of_view(view);
    let rows: f64 = found.iter().filter_map(|(id, e)| growth(&source, id, e)).map(|g| g.rows).sum();
    let plan = |id: &str| view.catalog.lexicon.planning.get(id).map(|c| c.fact.figure(id));
    let (Some(each), Some(shown)) = (plan("file-kb"), plan("shown-file-kb")) else { return };
    if rows < 1.0 {
        return;
    }
    let stored_gb = rows * each.value / 1e6;
    let technology = view.technology(store);
    let price = technology.and_then(|t| Some((t, t.fact("usd-month-gb-storage")?)));
    let price = price.map(|(t, f)| f.figure(&format!("{}.usd-month-gb-storage", t.id)));
    let count = Figure::computed(rows, Unit::One, "rows of files after 24 months");
    let stored = Figure::computed(stored_gb, Unit::Gigabytes, "files x size of a file");
    let monthly = price.map_or_else(String::new, |p| {
        let usd = Figure::computed(stored_gb * p.value, Unit::UsdPerMonth, "gigabytes x price");
        format!(", {} at {} a gigabyte", tagged(&usd), tagged(&p))
    });
    let sent = sent_gb(view, &found.iter().map(|(id, _)| *id).collect::<Vec<_>>(), shown.value);
    let traffic =
        Figure::computed(sent, Unit::Gigabytes, "files shown in an average month x what is sent of each");
    doc.para(format!(
        "**Files come on top of it**, and are most of the cost where a product is about them. {} files lie in {} in 24 \
         months: {} at {} each{monthly}. Lists show them as well: {} a month at {} each leave the edge or the object \
         store, before browsers keep any; that is paid for at their price of traffic. Sizes of your own files decide \
         this more than anything else here.",
        tagged(&count),
        name(&store.name),
        tagged(&stored),
        tagged(&each),
        tagged(&traffic),
        tagged(&shown),
    ));
}

/// Gigabytes of files that requests show in an average month in 24 months.
fn sent_gb(view: &View<'_>, files: &[&Id], shown_kb: f64) -> f64 {
    let blueprint = view.blueprint();
    let Some(workload) = blueprint.workloads.iter().find(|w| w.horizon == Horizon::Later) else { return 0.0 };
    let factor = view.design.reading(Input::PeakFactor).map_or(1.0, |r| r.later.value.max(1.0));
    let requests =
        workload.rate_per_s.iter().filter_map(|(id, rate)| Some((blueprint.operations.get(id)?, rate)));
    let read = |kind| matches!(kind, AccessKind::ReadOne | AccessKind::ReadMany);
    let shown: f64 = requests
        .filter(|(o, _)| o.kind == OperationKind::Request)
        .flat_map(|(o, rate)| o.accesses.iter().map(move |a| (a, rate)))
        .filter(|(a, _)| read(a.kind) && files.contains(&&a.entity))
        .map(|(a, rate)| a.rows * rate)
        .sum();
    shown / factor * MONTH_S * shown_kb / 1e6
}
