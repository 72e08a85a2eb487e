//! The monthly bill, a line for each thing that is paid for.
//!
//! Machines of one's own cost what the platform asks for their processors and disks; what somebody else runs
//! costs its own price; what is paid by use costs its requests at the average rate; answers cost their way to
//! the internet, at the price of the edge where there is one.

use loadcase_model::{
    Capacity, Component, ComponentKind, CostLine, Figure, Id, StepMode, Unit, format_number,
};

use super::traffic::{Price, answers_gb, free_gb};
use super::{Known, View, counted, known, runs_own_code, sane, stated};
use loadcase_model::stored::MONTH_S;

pub(super) fn cost(view: &View) -> Vec<CostLine> {
    let mut lines = Vec::new();
    let compute = &view.prices.compute;
    if let Some(fixed) = stated(view.catalog, Some(compute), "usd-month-fixed").filter(|f| f.value > 0.0) {
        lines.push(line(format!("{compute}, whatever the use"), fixed.value, fixed.text()));
    }
    for (id, component) in &view.blueprint.components {
        if matches!(component.kind, ComponentKind::Client | ComponentKind::External) {
            continue;
        }
        lines.extend(of_component(view, id, component));
    }
    lines.extend(egress(view));
    lines.extend(super::files::lines(view));
    lines.extend(seats(view));
    lines
}

/// People with a seat at the provider.
fn seats(view: &View) -> Option<CostLine> {
    let price = stated(view.catalog, view.blueprint.deployment.provider.as_ref(), "usd-month-seat")?;
    let people = sane(view.prices.seats).ceil();
    let arithmetic = format!("{} x {}", counted(people, "person", "people"), price.text());
    (people > 0.0).then(|| line("seats at the provider".to_owned(), people * price.value, arithmetic))
}

/// Answers on their way to the internet.
fn egress(view: &View) -> Option<CostLine> {
    let size = sane(view.prices.response_kb);
    let gigabytes = answers_gb(view);
    let edge = view.edge();
    let provider = view.blueprint.deployment.provider.as_ref();
    let by_edge = Price::of(view, edge);
    let sender = if by_edge.is_some() { edge } else { provider };
    let price = by_edge
        .or_else(|| Price::of(view, provider))
        .or_else(|| Price::of(view, Some(&view.prices.compute)))?;
    let included = free_gb(view, sender);
    let free = included.as_ref().map_or(0.0, |f| f.value.min(gigabytes));
    let less = included.filter(|_| free > 0.0).map_or_else(String::new, |f| format!(", less {}", f.text()));
    let (monthly, how) = price.total(0.0, gigabytes - free);
    let arithmetic = format!(
        "{} million answers in an average month x {} kB = {} GB{less} x {how}",
        format_number(if size > 0.0 { gigabytes / size } else { 0.0 }),
        format_number(size),
        format_number(gigabytes),
    );
    (monthly > 0.0).then(|| line("traffic to the internet".to_owned(), monthly, arithmetic))
}

pub(super) fn line(item: String, monthly: f64, arithmetic: String) -> CostLine {
    let monthly = if monthly.is_finite() { monthly } else { f64::INFINITY };
    CostLine { item, monthly: Figure::computed(monthly, Unit::UsdPerMonth, arithmetic.clone()), arithmetic }
}

fn of_component(view: &View, id: &Id, component: &Component) -> Vec<CostLine> {
    let name = |what: &str| format!("{} ({id}): {what}", component.name);
    let capacity = component.capacity.as_ref();
    let on_shared_machine = view.is_single_machine() && !runs_own_code(component.kind) && !component.managed;
    let mut lines = Vec::new();
    match capacity.filter(|c| c.replicas > 0) {
        Some(capacity) if on_shared_machine || view.is_inside(component) => {
            lines.extend(storage(view, component, capacity, &name("storage")));
        }
        Some(capacity) => {
            lines.extend(processors(view, component, capacity, &name("processors")));
            lines.extend(memory(view, component, capacity, &name("memory")));
            lines.extend(storage(view, component, capacity, &name("storage")));
        }
        None if component.kind == ComponentKind::Function => {
            lines.extend(function(view, id, component, &name));
        }
        None => lines.extend(by_use(view, id, component, &name)),
    }
    if !runs_own_code(component.kind) && component.managed {
        let fixed = stated(view.catalog, view.sold(component), "usd-month-fixed");
        if let Some(fixed) = fixed.filter(|f| f.value > 0.0) {
            lines.push(line(name("whatever the use"), fixed.value, fixed.text()));
        }
    }
    lines
}

/// `3 copies x 2 vCPU x postgresql.usd-month-vcpu 60 USD/month (...)`.
fn per_copy(
    view: &View,
    component: &Component,
    amount: f64,
    unit: &str,
    price: &Known,
    item: &str,
) -> Option<CostLine> {
    let copies = view.paid_copies(component);
    let monthly = copies * amount * price.value;
    let arithmetic = format!(
        "{} x {} {unit} x {}",
        counted(copies, "copy", "copies"),
        format_number(amount),
        price.text()
    );
    (monthly > 0.0).then(|| line(item.to_owned(), monthly, arithmetic))
}

/// Processors with the memory that usually comes with them. A part run by somebody else that is priced by its
/// memory has no price for processors.
fn processors(view: &View, component: &Component, capacity: &Capacity, item: &str) -> Option<CostLine> {
    if by_memory(view, component) {
        return None;
    }
    if let Some((size, price)) = view.machine(component, capacity) {
        let copies = view.paid_copies(component);
        let arithmetic = format!(
            "{} x {} of {} vCPU and {} GB at {}",
            counted(copies, "copy", "copies"),
            size.name,
            format_number(size.vcpu),
            format_number(size.memory_gb),
            price.text()
        );
        let monthly = copies * price.value;
        return (monthly > 0.0).then(|| line(item.to_owned(), monthly, arithmetic));
    }
    per_copy(view, component, sane(capacity.vcpu), "vCPU", &view.known(component, "usd-month-vcpu"), item)
}

fn by_memory(view: &View, component: &Component) -> bool {
    let has = |name: &str| stated(view.catalog, component.technology.as_ref(), name).is_some();
    component.managed
        && !runs_own_code(component.kind)
        && has("usd-month-gb-memory")
        && !has("usd-month-vcpu")
}

/// Memory where that is what is paid for.
fn memory(view: &View, component: &Component, capacity: &Capacity, item: &str) -> Option<CostLine> {
    if !by_memory(view, component) {
        return None;
    }
    per_copy(
        view,
        component,
        sane(capacity.memory_gb),
        "GB",
        &view.known(component, "usd-month-gb-memory"),
        item,
    )
}

/// Disks of what keeps data; the disks of processes come with the machine.
fn storage(view: &View, component: &Component, capacity: &Capacity, item: &str) -> Option<CostLine> {
    if runs_own_code(component.kind) {
        return None;
    }
    let price = view.known(component, "usd-month-gb-storage");
    per_copy(view, component, sane(capacity.storage_gb), "GB", &price, item)
}

/// Millions of something in a month at the average rate.
pub(super) fn millions(view: &View, peak_per_s: f64) -> f64 {
    peak_per_s * view.average() * MONTH_S / 1e6
}

fn per_million(view: &View, peak_per_s: f64, what: &str, price: &Known, item: String) -> Option<CostLine> {
    let count = millions(view, peak_per_s);
    let arithmetic = format!(
        "{} {what}/s at peak x {} (average over peak) x 730 h = {} million x {}",
        format_number(peak_per_s),
        format_number(view.average()),
        format_number(count),
        price.text()
    );
    (count * price.value > 0.0).then(|| line(item, count * price.value, arithmetic))
}

/// Something paid by request, and by what it keeps.
fn by_use(view: &View, id: &Id, component: &Component, name: &dyn Fn(&str) -> String) -> Vec<CostLine> {
    let (all, reads) = view.visits(id);
    let mut lines = Vec::new();
    let price = |what: &str| stated(view.catalog, view.sold(component), what);
    let by_request = price("usd-per-million-requests");
    if component.kind == ComponentKind::Store {
        let requests = by_request.unwrap_or_else(|| view.known(component, "usd-per-million-requests"));
        let writes = price("usd-per-million-writes")
            .unwrap_or_else(|| view.known(component, "usd-per-million-writes"));
        lines.extend(per_million(view, reads, "reads", &requests, name("reads")));
        lines.extend(per_million(view, all - reads, "writes", &writes, name("writes")));
    } else if let Some(requests) = by_request {
        // A message is sent, received and removed: three requests, two of which are steps of the blueprint.
        let calls =
            if component.kind == ComponentKind::Broker { all * message_calls(view) / 2.0 } else { all };
        lines.extend(per_million(view, calls, "requests", &requests, name("requests")));
    }
    let kept = component.capacity.as_ref().map_or(0.0, |c| sane(c.storage_gb));
    if kept > 0.0 {
        let price = view.known(component, "usd-month-gb-storage");
        let arithmetic = format!("{} GB x {}", format_number(kept), price.text());
        lines.push(line(name("storage"), kept * price.value, arithmetic));
    }
    lines
}

/// Requests that are charged for one message.
fn message_calls(view: &View) -> f64 {
    view.plan("managed-queue-request-share", 3.0)
}

/// A function is paid for each call, and for as long as it runs, waiting included.
fn function(view: &View, id: &Id, component: &Component, name: &dyn Fn(&str) -> String) -> Vec<CostLine> {
    let (calls, _) = view.visits(id);
    let price = |what: &str| known(view.catalog, Some(&view.prices.compute), ComponentKind::Function, what);
    let vcpu = component.capacity.as_ref().map_or(1.0, |c| sane(c.vcpu));
    let running = running(view, id);
    let rate = price("usd-month-vcpu");
    let arithmetic = format!(
        "{} instances running at peak x {} (average over peak) x {} vCPU x {}",
        format_number(running),
        format_number(view.average()),
        format_number(vcpu),
        rate.text()
    );
    let monthly = running * view.average() * vcpu * rate.value;
    let mut lines: Vec<CostLine> =
        per_million(view, calls, "calls", &price("usd-per-million-requests"), name("calls"))
            .into_iter()
            .collect();
    if monthly > 0.0 {
        lines.push(line(name("running time"), monthly, arithmetic));
    }
    lines
}

/// Instances of a function that run at the same time at peak, by Little's law: each runs from its own step to
/// the end of what it waits for.
fn running(view: &View, id: &Id) -> f64 {
    let of_operation = |(op, operation): (&Id, &loadcase_model::Operation)| {
        let own = operation.steps.iter().position(|s| s.component == *id)?;
        let is_process = |s: &loadcase_model::Step| {
            view.blueprint.components.get(&s.component).is_some_and(|c| runs_own_code(c.kind))
        };
        let is_main = operation.steps.iter().position(is_process) == Some(own);
        let steps = if is_main { &operation.steps[own..] } else { &operation.steps[own..=own] };
        let first = |index: usize| index == 0;
        let held: f64 = steps
            .iter()
            .enumerate()
            .filter(|(index, s)| s.mode == StepMode::Sync || first(*index))
            .map(|(_, s)| sane(s.visits) * (sane(s.cpu_ms) + sane(s.wait_ms)))
            .sum();
        Some(view.rate(op) * held / 1e3)
    };
    view.blueprint.operations.iter().filter_map(of_operation).sum()
}
