//! Which modules share a process.

use std::collections::BTreeMap;

use loadcase_model::{ComponentKind, Id};

use super::scope::Scope;

/// A process that answers requests, or a function, with the modules inside.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Service {
    /// Its component.
    pub(super) id: Id,
    /// What its store is named after.
    pub(super) stem: Id,
    /// Its name in prose.
    pub(super) name: String,
    pub(super) kind: ComponentKind,
    pub(super) modules: Vec<Id>,
    /// Why these modules stand together.
    pub(super) because: String,
}

/// The services of the plan: one for a monolith, a core and the most different modules for a hybrid, one for
/// each module (grouped down to the number of deployables) where each area is released on its own.
pub(super) fn services(scope: &Scope) -> Vec<Service> {
    let modules: Vec<Id> = scope.domain.modules.keys().cloned().collect();
    let wanted = (scope.plan.deployables.max(1) as usize).min(modules.len().max(1));
    let kind = if scope.is_functions() { ComponentKind::Function } else { ComponentKind::Service };
    if wanted == 1 || scope.topology_has("one-deployable") {
        return vec![whole(scope, modules, kind)];
    }
    let work = work(scope);
    if scope.topology_has("several-deployables") {
        return core_and_separate(scope, &modules, &work, wanted, kind);
    }
    let suffix = if kind == ComponentKind::Function { "function" } else { "service" };
    grouped(scope, &modules, &work, wanted)
        .into_iter()
        .map(|group| named(scope, group, suffix, kind))
        .collect()
}

fn whole(scope: &Scope, modules: Vec<Id>, kind: ComponentKind) -> Service {
    Service {
        id: scope.free("app"),
        stem: Id::slug("app"),
        name: "Application".to_owned(),
        kind,
        modules,
        because: "all modules in one deployable".to_owned(),
    }
}

/// Processor work of a module, and how heavy its average operation is.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    /// Ordinary operations' worth of processor time per second.
    total: f64,
    /// Operations per second.
    rate: f64,
}

fn work(scope: &Scope) -> BTreeMap<Id, Work> {
    let mut out = BTreeMap::new();
    for (id, operation) in &scope.operations {
        let entry: &mut Work = out.entry(operation.module.clone()).or_default();
        entry.total += scope.rate(id) * operation.effort.factor();
        entry.rate += scope.rate(id);
    }
    out
}

/// The core, and as many modules of their own as the plan has further deployables: those whose average
/// operation is heavier or lighter than the product's by the largest factor.
fn core_and_separate(
    scope: &Scope,
    modules: &[Id],
    work: &BTreeMap<Id, Work>,
    wanted: usize,
    kind: ComponentKind,
) -> Vec<Service> {
    let all =
        work.values().fold(Work::default(), |a, w| Work { total: a.total + w.total, rate: a.rate + w.rate });
    let mean = |w: &Work| if w.rate > 0.0 { w.total / w.rate } else { 0.0 };
    let oddness = |module: &Id| {
        let (own, usual) = (work.get(module).map_or(0.0, mean), mean(&all));
        if own > 0.0 && usual > 0.0 { (own / usual).ln().abs() } else { 0.0 }
    };
    let mut ranked: Vec<&Id> = modules.iter().collect();
    ranked.sort_by(|a, b| oddness(b).total_cmp(&oddness(a)));
    let separate: Vec<&Id> = ranked.into_iter().take(wanted - 1).collect();
    let rest: Vec<Id> = modules.iter().filter(|m| !separate.contains(m)).cloned().collect();
    let core = Service {
        name: "Core application".to_owned(),
        because: "the modules without a reason to stand apart".to_owned(),
        ..whole(scope, rest, kind)
    };
    let apart = modules.iter().filter(|m| separate.contains(m)).map(|module| Service {
        because: format!(
            "its average operation takes {:.1} times the usual processor time",
            oddness(module).exp()
        )
        .replace("1.0 times", "about"),
        ..named(scope, vec![module.clone()], "service", kind)
    });
    std::iter::once(core).chain(apart).collect()
}

/// Groups modules until `wanted` groups are left: the one with the least work joins the group it is most
/// entangled with.
fn grouped(scope: &Scope, modules: &[Id], work: &BTreeMap<Id, Work>, wanted: usize) -> Vec<Vec<Id>> {
    let mut groups: Vec<Vec<Id>> = modules.iter().map(|m| vec![m.clone()]).collect();
    let load = |group: &[Id]| group.iter().filter_map(|m| work.get(m)).map(|w| w.total).sum::<f64>();
    while groups.len() > wanted.max(1) {
        let least = (0..groups.len())
            .min_by(|&a, &b| load(&groups[a]).total_cmp(&load(&groups[b])))
            .expect("there are at least two groups");
        let group = groups.remove(least);
        let best = (0..groups.len())
            .max_by(|&a, &b| {
                let ties = |i: usize| entanglement(scope, &group, &groups[i]);
                ties(a).cmp(&ties(b)).then(load(&groups[b]).total_cmp(&load(&groups[a]))).then(b.cmp(&a))
            })
            .expect("another group is left");
        groups[best].extend(group);
    }
    for group in &mut groups {
        group.sort_by(|a, b| {
            let of = |m: &Id| work.get(m).map_or(0.0, |w| w.total);
            of(b).total_cmp(&of(a))
        });
    }
    groups
}

/// How many modules of one group use a module of the other.
fn entanglement(scope: &Scope, one: &[Id], other: &[Id]) -> usize {
    let uses = |from: &[Id], to: &[Id]| {
        let used = |m: &Id| {
            scope.domain.modules.get(m).map_or(0, |d| d.uses.iter().filter(|u| to.contains(u)).count())
        };
        from.iter().map(used).sum::<usize>()
    };
    uses(one, other) + uses(other, one)
}

fn named(scope: &Scope, modules: Vec<Id>, suffix: &str, kind: ComponentKind) -> Service {
    let stem = modules.first().cloned().unwrap_or_else(|| Id::slug("app"));
    let names: Vec<&str> =
        modules.iter().map(|m| scope.domain.modules.get(m).map_or(m.as_str(), |d| d.name.as_str())).collect();
    let because = if modules.len() == 1 {
        "one module, one deployable".to_owned()
    } else {
        format!("modules that use each other most: {}", names.join(", "))
    };
    let title = names.first().copied().unwrap_or("Application");
    let name = match names.len() {
        0 | 1 => format!("{title} {suffix}"),
        2 => format!("{title} and {} {suffix}", lower(names[1])),
        more => format!("{title} and {} more {suffix}", more - 1),
    };
    Service { id: scope.free(&format!("{stem}-{suffix}")), stem, name, kind, modules, because }
}

fn lower(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
