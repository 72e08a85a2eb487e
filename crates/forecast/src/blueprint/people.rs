//! People it takes to run it: the platform, each further deployable, each further machine, each part beside
//! the processes.

use loadcase_model::{Component, ComponentKind, Figure, Id, PeopleLine, Unit, format_number};

use super::{Known, View, copies, counted, known, runs_own_code};

pub(super) fn people(view: &View) -> Vec<PeopleLine> {
    let mut lines = platform(view);
    for (id, component) in &view.blueprint.components {
        let none = matches!(component.kind, ComponentKind::Client | ComponentKind::External);
        // What the platform brings is part of the platform.
        let brought = component.kind == ComponentKind::Gateway && component.technology.is_none();
        if none || brought || runs_own_code(component.kind) {
            continue;
        }
        lines.push(part(view, id, component));
    }
    lines.retain(|line| line.engineers.value > 0.0);
    lines
}

/// The platform itself, deployables beyond the first, machines beyond the first.
fn platform(view: &View) -> Vec<PeopleLine> {
    let compute = &view.prices.compute;
    let of = |name: &str| known(view.catalog, Some(compute), ComponentKind::Service, name);
    let processes = || view.blueprint.components.values().filter(|c| runs_own_code(c.kind));
    let name = view.catalog.technology(compute.as_str()).map_or(compute.as_str(), |t| t.name.as_str());
    let run = of(if view.prices.managed { "engineers-managed" } else { "engineers-self" });
    let mut lines = vec![PeopleLine { item: name.to_owned(), engineers: run.figure() }];
    let further = (processes().count() as f64 - 1.0).max(0.0);
    let each = of("engineers-per-deployable");
    lines.push(times("deployables beyond the first", further, "deployable", "deployables", &each));
    let own = |c: &&Component| runs_own_code(c.kind) || !c.managed;
    let machines: f64 = view.blueprint.components.values().filter(own).map(copies).sum();
    lines.push(machines_line((machines - 1.0).max(0.0), &of("engineers-per-node")));
    lines
}

/// Machines from which each further one takes less attention than the one before: a planning assumption.
const HERD: f64 = 36.0;

/// A herd is tended by rules: beyond some dozens, people grow with the root of the number of machines.
fn machines_line(machines: f64, each: &Known) -> PeopleLine {
    let item = "machines beyond the first";
    if machines <= HERD {
        return times(item, machines, "machine", "machines", each);
    }
    let counted_as = (machines * HERD).sqrt();
    let by = format!(
        "{} count as {} (beyond {HERD}, people grow with the root: planning assumption) x {}",
        counted(machines, "machine", "machines"),
        format_number(counted_as),
        each.text()
    );
    PeopleLine {
        item: item.to_owned(),
        engineers: Figure::computed(counted_as * each.value, Unit::Engineers, by),
    }
}

fn times(item: &str, count: f64, one: &str, many: &str, each: &Known) -> PeopleLine {
    let by = format!("{} x {}", counted(count, one, many), each.text());
    PeopleLine { item: item.to_owned(), engineers: Figure::computed(count * each.value, Unit::Engineers, by) }
}

/// A store, cache, queue or the like.
fn part(view: &View, id: &Id, component: &Component) -> PeopleLine {
    let name = if component.managed { "engineers-managed" } else { "engineers-self" };
    // A technology that exists only one way has only that figure.
    let other = if component.managed { "engineers-self" } else { "engineers-managed" };
    let technology = component.technology.as_ref();
    let stated = |name| super::stated(view.catalog, technology, name);
    let known = stated(name)
        .or_else(|| stated(other))
        .unwrap_or_else(|| known(view.catalog, technology, component.kind, name));
    let item = match view.technology(component) {
        Some(technology) => format!("{} ({id})", technology.name),
        None => format!("{} ({id})", component.name),
    };
    PeopleLine { item, engineers: known.figure() }
}
