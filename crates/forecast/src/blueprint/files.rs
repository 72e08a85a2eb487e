//! What stored files cost: where they lie, and their way to whoever looks at them. They are the largest item of a
//! product that is about them.

use loadcase_model::{ComponentKind, CostLine, format_number, stored};

use super::cost::line;
use super::traffic::{Price, answers_gb, free_gb};
use super::{View, sane, stated};

/// A gigabyte in kB.
const GB_KB: f64 = 1e6;

pub(super) fn lines(view: &View) -> Vec<CostLine> {
    let found = view.blueprint.components.iter().find(|(_, c)| c.kind == ComponentKind::ObjectStore);
    let Some((id, store)) = found else { return Vec::new() };
    let days = sane(view.prices.file_days);
    let files = stored::files(view.blueprint, view.workload.horizon, view.average(), days);
    let planned = |id: &str| sane(view.catalog.lexicon.plan(id));
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
        lines.extend(requests(view, fetched / 1e6, store));
    }
    lines
}

/// Files leave from the edge where there is one, else from the store that holds them. Answers of the same month come
/// before them in a list of prices that fall with the volume.
fn traffic(view: &View, shown: f64, sent_gb: f64, store: &loadcase_model::Component) -> CostLine {
    let by_edge = Price::of(view, view.edge());
    let answers = answers_gb(view);
    let free = if by_edge.is_some() { free_gb(view, view.edge()) } else { None };
    let paid = |gb: f64| (gb - free.as_ref().map_or(0.0, |f| f.value)).max(0.0);
    let (before, gb) = (paid(answers), paid(answers + sent_gb) - paid(answers));
    let price = by_edge.or_else(|| Price::of(view, store.technology.as_ref()));
    let planned = |id: &str| sane(view.catalog.lexicon.plan(id));
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
        Some(price) => {
            let (monthly, how) = price.total(before, gb);
            let less = free
                .filter(|_| gb < sent_gb)
                .map_or_else(String::new, |f| format!(", less what answers leave of {}", f.text()));
            line(name, monthly, format!("{amount}{less} x {how}"))
        }
        None => line(
            format!("{name}: not counted"),
            0.0,
            format!("{amount}; no price of traffic is known for {}", store.name),
        ),
    }
}

/// What whoever sends files asks for each, where it asks for requests at all.
fn requests(view: &View, millions: f64, store: &loadcase_model::Component) -> Option<CostLine> {
    let sender = view.edge().or(store.technology.as_ref());
    let price = stated(view.catalog, sender, "usd-per-million-requests")?;
    let arithmetic = format!("{} million files fetched x {}", format_number(millions), price.text());
    let monthly = millions * price.value;
    (monthly > 0.0).then(|| line(format!("{}: requests", CostLine::FILE_TRAFFIC), monthly, arithmetic))
}
