//! What stored files cost: where they lie, and their way to whoever looks at them. They are the largest item of a
//! product that is about them.

use loadcase_model::{ComponentKind, CostLine, format_number, stored};

use super::cost::line;
use super::{View, sane, stated};

/// A gigabyte in kB.
const GB_KB: f64 = 1e6;

pub(super) fn lines(view: &View) -> Vec<CostLine> {
    let found = view.blueprint.components.iter().find(|(_, c)| c.kind == ComponentKind::ObjectStore);
    let Some((id, store)) = found else { return Vec::new() };
    let days = sane(view.prices.file_days);
    let files = stored::files(view.blueprint, view.workload.horizon, view.average(), days);
    let planned = |id: &str| view.catalog.lexicon.planning.get(id).map_or(0.0, |p| sane(p.fact.value));
    let mut lines = Vec::new();
    let kept_gb = sane(files.kept) * planned("file-kb") / GB_KB;
    if kept_gb > 0.0 {
        let price = view.known(store, "usd-month-gb-storage");
        let arithmetic = format!(
            "{} files x {} kB (planning assumption) = {} GB x {}",
            format_number(files.kept),
            format_number(planned("file-kb")),
            format_number(kept_gb),
            price.text()
        );
        lines.push(line(
            format!("{} ({id}): {}", store.name, CostLine::STORED_FILES),
            kept_gb * price.value,
            arithmetic,
        ));
    }
    let fetched = sane(files.shown) * (1.0 - planned("client-file-hit").min(1.0));
    let sent_gb = fetched * planned("shown-file-kb") / GB_KB;
    if sent_gb > 0.0 {
        lines.push(traffic(view, files.shown, sent_gb, store));
    }
    lines
}

/// Files leave from the edge where there is one, else from the store that holds them.
fn traffic(view: &View, shown: f64, sent_gb: f64, store: &loadcase_model::Component) -> CostLine {
    const NAME: &str = "usd-per-gb-egress";
    let edge = view.blueprint.components.values().find(|c| c.kind == ComponentKind::Edge);
    let by_edge = edge.and_then(|c| stated(view.catalog, c.technology.as_ref(), NAME));
    let by_store = || stated(view.catalog, store.technology.as_ref(), NAME);
    let price = by_edge.or_else(by_store);
    let planned = |id: &str| view.catalog.lexicon.planning.get(id).map_or(0.0, |p| sane(p.fact.value));
    let amount = format!(
        "{} million files shown in an average month x {} that browsers and apps do not hold already x {} kB (planning \
         assumptions) = {} GB",
        format_number(shown / 1e6),
        format_number(1.0 - planned("client-file-hit").min(1.0)),
        format_number(planned("shown-file-kb")),
        format_number(sent_gb)
    );
    let name = CostLine::FILE_TRAFFIC.to_owned();
    match price {
        Some(price) => line(name, sent_gb * price.value, format!("{amount} x {}", price.text())),
        None => line(
            format!("{name}: not counted"),
            0.0,
            format!("{amount}; no price of traffic is known for {}", store.name),
        ),
    }
}
