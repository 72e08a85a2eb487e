//! What no line of the bill stands for, with its number where the load gives one.

use loadcase_catalog::Technology;
use loadcase_model::{ComponentKind, CostLine, Figure, Forecast, Id, Input, Unit};

use crate::honesty::tagged;
use crate::text::listed;
use crate::text::markdown::{Doc, name};
use crate::view::View;

/// Hours of a month, as the lines of the bill count them.
const MONTH_H: f64 = 730.0;

/// What is in no bill, whatever the design.
const ALWAYS: &str = "Not in this bill: logs, metrics and traces, copies of backups elsewhere, purges at an edge (half a cent \
    for each address at CloudFront beyond the first thousand of a month: a rule that purges on every edit or deletion makes \
    it a line of its own), the platform's own balancers, gateways between networks and certificates where they are charged \
    for, environments for tests, support and taxes.";

pub(super) fn unpriced(doc: &mut Doc, view: &View<'_>, forecast: &Forecast) {
    doc.para(ALWAYS);
    let mut items: Vec<String> = view
        .components(&[ComponentKind::Edge])
        .into_iter()
        .filter_map(|(_, edge)| firewall(view.technology(edge)?, forecast))
        .collect();
    items.extend(by_call(view, forecast));
    items.extend(elsewhere(view, forecast));
    if !items.is_empty() {
        doc.para("Nor, although the load gives their number:");
        doc.list(items);
    }
}

/// The firewall of a network at the edge, where it is charged for beside it: it looks at each request that the lines
/// above count, files too.
fn firewall(edge: &Technology, forecast: &Forecast) -> Option<String> {
    let price = edge.fact("usd-per-million-firewall")?;
    let counted = edge.fact("usd-per-million-requests").filter(|f| f.value > 0.0)?;
    let mark = format!("{}.usd-per-million-requests ", edge.id);
    let paid: f64 =
        forecast.cost.iter().filter(|l| l.arithmetic.contains(&mark)).map(|l| l.monthly.value).sum();
    let millions = paid / counted.value;
    (millions > 0.0).then(|| {
        format!(
            "The firewall at the edge: {} for the requests above, {} in a million, at {} for each million. Files that stand \
             behind signed links need none: a distribution of their own without it takes their part away.",
            tagged(&Figure::computed(millions * price.value, Unit::UsdPerMonth, "requests at the edge x its price")),
            tagged(&Figure::computed(millions * 1e6, Unit::One, "the lines of requests above / their price")),
            tagged(&price.figure("usd-per-million-firewall")),
        )
    })
}

/// Calls to others that ask for each of them. What they ask is in no price list here.
fn by_call(view: &View<'_>, forecast: &Forecast) -> Option<String> {
    let peak = view.design.reading(Input::PeakFactor);
    let is_now = std::ptr::eq(forecast, &raw const view.design.forecasts.now);
    let factor = peak.map_or(1.0, |r| if is_now { r.now.value } else { r.later.value }).max(1.0);
    let operations = &view.blueprint().operations;
    let monthly = |id: &Id| -> f64 {
        let calls = forecast.operations.iter().filter_map(|(o, f)| {
            let steps = &operations.get(o)?.steps;
            let visits: f64 = steps.iter().filter(|s| s.component == *id).map(|s| s.visits.max(0.0)).sum();
            Some(f.rate.value * visits)
        });
        calls.sum::<f64>() / factor * MONTH_H * 3_600.0
    };
    let all: Vec<String> = view
        .components(&[ComponentKind::External])
        .into_iter()
        .map(|(id, component)| (component, monthly(id)))
        .filter(|(_, calls)| calls.is_finite() && *calls >= 1.0)
        .map(|(component, calls)| {
            let figure = |value, unit, by: &str| tagged(&Figure::computed(value, unit, by));
            format!(
                "{} ({} calls, {} for each tenth of a cent)",
                name(&component.name),
                figure(calls, Unit::One, "calls/s at the peak / peak over average x 730 h"),
                figure(calls / 1e3, Unit::UsdPerMonth, "calls x 0.001 USD"),
            )
        })
        .collect();
    (!all.is_empty()).then(|| format!("What others ask for each call in a month: {}.", listed(&all)))
}

/// What the region of the design costs more than the one whose prices are known.
fn elsewhere(view: &View<'_>, forecast: &Forecast) -> Option<String> {
    let deployment = &view.blueprint().deployment;
    let provider = view.catalog.technology(deployment.provider.as_ref()?.as_str())?;
    let factor = provider.fact("price-over-listed-region")?;
    let region = crate::deploy::region_named(provider, deployment.regions.first().map_or("", String::as_str));
    let (of, known) = told_of(view, provider, forecast, region)?;
    let more = known * (factor.value - 1.0);
    let mut most = factor.figure("price-over-listed-region");
    most.value = factor.range().1;
    (more > 0.0).then(|| {
        format!(
            "The region: prices of {} stand for {} in lines of {} together. Lists of other regions are {} times as high \
             (factor at most {}): about {} more.",
            name(&of),
            name(region),
            tagged(&Figure::computed(known, Unit::UsdPerMonth, "lines with prices of that region")),
            tagged(&factor.figure("price-over-listed-region")),
            tagged(&most),
            tagged(&Figure::computed(more, Unit::UsdPerMonth, "these lines x (factor - 1)")),
        )
    })
}

/// The region of the provider that prices were told of and that is not the design's, and the sum of the lines that use
/// such prices.
fn told_of(
    view: &View<'_>,
    provider: &Technology,
    forecast: &Forecast,
    region: &str,
) -> Option<(String, f64)> {
    let other = |of: Option<&String>| {
        let told = of?.strip_prefix(provider.id.as_str())?.strip_prefix('/')?;
        (told != region).then(|| told.to_owned())
    };
    let mut found = None;
    let mut sum = 0.0;
    for line in &forecast.cost {
        let uses = |mark: &str| line.arithmetic.contains(mark);
        let of_size = provider.database_sizes.as_ref().and_then(|sizes| {
            let named = sizes.all.iter().any(|s| uses(&format!("{}.{} ", provider.id, s.name)));
            other(sizes.of.as_ref()).filter(|_| named)
        });
        let of_fact = || {
            view.catalog.technologies.values().find_map(|technology| {
                let told = technology.facts.iter().filter(|(_, f)| f.of.is_some());
                let mut told = told.filter(|(id, _)| uses(&format!("{}.{id} ", technology.id)));
                told.find_map(|(_, fact)| other(fact.of.as_ref()))
            })
        };
        if let Some(told) = of_size.or_else(of_fact).filter(|_| !is_traffic(line)) {
            found = found.or(Some(told));
            sum += line.monthly.value;
        }
    }
    found.map(|told| (told, sum))
}

/// Traffic has prices of its own for each part of the world.
fn is_traffic(line: &CostLine) -> bool {
    line.item.starts_with("traffic")
}
