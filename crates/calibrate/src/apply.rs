//! Puts what was measured into a blueprint in place of the catalog's figures.
//!
//! Sources of the laws: Lazowska, Zahorjan, Graham, Sevcik, Quantitative System Performance (1984), chapter 3: demand
//! is utilisation over throughput; at low load, response time is the sum of the demands.

use indexmap::IndexMap;
use loadcase_model::{Blueprint, ComponentKind, Figure, Id, Origin, Step, StepMode, Unit};

use crate::names;
use crate::{Latency, Level, Measured, Reading, Role, Statement, Visit};

/// A blueprint with measured demands, and what changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrated {
    /// The blueprint; the basis of each changed step says what was read.
    pub blueprint: Blueprint,
    /// What changed, by operation and step.
    pub changed: Vec<Changed>,
    /// What was not used, and why.
    pub notes: Vec<String>,
}

/// A step before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The operation.
    pub operation: Id,
    /// The component that the step visits.
    pub component: Id,
    /// Time of a visit before, processor and other.
    pub before: Figure,
    /// The same as measured.
    pub after: Figure,
    /// Visits before and after.
    pub visits: (f64, f64),
}

/// Puts readings into a blueprint. What says most of a step counts: traces before statements, statements before
/// utilisation, and response times of clients only for what is then still unknown.
#[must_use]
pub fn apply(blueprint: &Blueprint, readings: &[Reading]) -> Calibrated {
    let mut work = Work { blueprint: blueprint.clone(), known: IndexMap::new(), notes: Vec::new() };
    for reading in readings {
        work.notes.extend(reading.notes.iter().map(|n| format!("{}: {n}", reading.name)));
    }
    work.levels(readings);
    for reading in readings {
        let statements: Vec<&Statement> = reading.measured.iter().filter_map(statement).collect();
        if !statements.is_empty() {
            work.statements(reading, &statements);
        }
    }
    for reading in readings {
        for visit in reading.measured.iter().filter_map(visit) {
            work.visit(reading, visit);
        }
    }
    for reading in readings {
        for latency in reading.measured.iter().filter_map(latency) {
            work.latency(reading, latency);
        }
    }
    work.done(blueprint)
}

const fn statement(measured: &Measured) -> Option<&Statement> {
    if let Measured::Statement(s) = measured { Some(s) } else { None }
}

const fn visit(measured: &Measured) -> Option<&Visit> {
    if let Measured::Visit(v) = measured { Some(v) } else { None }
}

const fn latency(measured: &Measured) -> Option<&Latency> {
    if let Measured::Latency(l) = measured { Some(l) } else { None }
}

const fn level(measured: &Measured) -> Option<&Level> {
    if let Measured::Level(l) = measured { Some(l) } else { None }
}

struct Work {
    blueprint: Blueprint,
    /// Steps that are measured, by operation and place.
    known: IndexMap<(Id, usize), ()>,
    notes: Vec<String>,
}

/// Time of a visit, ms.
fn time(step: &Step) -> f64 {
    step.cpu_ms.max(0.0) + step.wait_ms.max(0.0)
}

/// Gives a visit another time, split between processor and waiting as it was.
fn set_time(step: &mut Step, ms: f64) {
    let share = if time(step) > 0.0 { step.cpu_ms.max(0.0) / time(step) } else { 1.0 };
    (step.cpu_ms, step.wait_ms) = (ms * share, ms * (1.0 - share));
}

/// Gives a visit the spread that was measured of its whole time, as squared coefficient of variation.
///
/// Processor time and waiting are drawn on their own, each with the step's coefficient, so their sum spreads less
/// than either: `Var = scv (cpu² + wait²)`. The step's coefficient makes up for that.
fn set_spread(step: &mut Step, whole: f64) {
    let parts = step.cpu_ms.powi(2) + step.wait_ms.powi(2);
    let share = if parts > 0.0 { time(step).powi(2) / parts } else { 1.0 };
    step.scv = (whole * share).clamp(0.0, 100.0);
}

impl Work {
    fn component(&mut self, reading: &Reading, name: &str) -> Option<Id> {
        let found = names::component(&self.blueprint, name).cloned();
        if found.is_none() {
            self.notes.push(format!("{}: no component of the blueprint is called `{name}`", reading.name));
        }
        found
    }

    /// Utilisation law: the demand of all visits to a component is what was busy over what was done.
    fn levels(&mut self, readings: &[Reading]) {
        let of = |role: Role| {
            readings.iter().flat_map(move |r| {
                r.measured.iter().filter_map(level).filter(move |l| l.role == role).map(move |l| (r, l))
            })
        };
        for (reading, busy) in of(Role::Busy) {
            let Some(component) = self.component(reading, &busy.component) else { continue };
            let own = of(Role::Rate)
                .find(|(_, l)| names::component(&self.blueprint, &l.component) == Some(&component));
            let rate = own.map(|(r, l)| (r.name.clone(), l.mean));
            let Some((from, rate)) = rate.filter(|r| r.1 > 0.0) else {
                self.notes.push(format!(
                    "{}: {component} was busy, but no file says how many requests a second it served: add `rate=FILE`",
                    reading.name
                ));
                continue;
            };
            let demand = 1e3 * busy.mean / rate;
            let basis = format!(
                "measured: {} and {from}: {:.3} processors busy at {rate:.1} requests/s over {} points (utilisation law)",
                reading.name, busy.mean, busy.points
            );
            self.scale_cpu(&component, demand, &basis);
        }
    }

    /// Makes the mean processor time that a request asks of a component so many ms, in the proportions it had.
    fn scale_cpu(&mut self, component: &Id, demand: f64, basis: &str) {
        let rates = self.blueprint.workloads.first().map(|w| w.rate_per_s.clone()).unwrap_or_default();
        let (mut cpu, mut all) = (0.0, 0.0);
        for (id, operation) in &self.blueprint.operations {
            let rate = if rates.is_empty() { 1.0 } else { rates.get(id).copied().unwrap_or(0.0) };
            let own = operation.steps.iter().filter(|s| s.component == *component);
            let asked: Vec<&Step> = own.collect();
            cpu += asked.iter().map(|s| rate * s.visits * s.cpu_ms).sum::<f64>();
            all += if asked.is_empty() { 0.0 } else { rate };
        }
        if all <= 0.0 {
            self.notes.push(format!("no operation with a rate visits {component}"));
            return;
        }
        let before = cpu / all;
        self.each_step(component, |step| {
            step.cpu_ms = if before > 0.0 { step.cpu_ms * demand / before } else { demand };
            basis.clone_into(&mut step.basis);
            true
        });
    }

    /// Changes the steps of a component; those that the change accepts count as measured.
    fn each_step(&mut self, component: &Id, mut change: impl FnMut(&mut Step) -> bool) {
        for (id, operation) in &mut self.blueprint.operations {
            for (i, step) in operation.steps.iter_mut().enumerate() {
                if step.component == *component && change(step) {
                    self.known.insert((id.clone(), i), ());
                }
            }
        }
    }

    /// Statements are of the operations that touch their tables; where none is named, of all that read or write.
    fn statements(&mut self, reading: &Reading, statements: &[&Statement]) {
        let mut stores = self.blueprint.components.iter().filter(|(_, c)| c.kind == ComponentKind::Store);
        let postgresql = |id: &Id| id.as_str() == "postgresql";
        let named =
            self.blueprint.components.iter().find(|(_, c)| c.technology.as_ref().is_some_and(postgresql));
        let Some(store) = named.or_else(|| stores.next()).map(|(id, _)| id.clone()) else {
            self.notes.push(format!("{}: the blueprint has no store", reading.name));
            return;
        };
        let touched: IndexMap<Id, Vec<String>> = self
            .blueprint
            .operations
            .iter()
            .map(|(id, o)| (id.clone(), o.accesses.iter().map(|a| a.entity.to_string()).collect()))
            .collect();
        for (id, operation) in &mut self.blueprint.operations {
            let entities = touched.get(id).map_or(&[][..], Vec::as_slice);
            for (i, step) in operation.steps.iter_mut().enumerate().filter(|(_, s)| s.component == store) {
                let of_kind = statements.iter().copied().filter(|s| s.reads == step.reads_only);
                let (own, all): (Vec<_>, Vec<_>) = of_kind.partition(|s| names_one(&s.text, entities));
                let used = if own.is_empty() { all } else { own };
                let Some(mean) = Mean::of(&used) else { continue };
                step.cpu_ms = mean.ms - mean.io_ms.unwrap_or(0.0);
                if let Some(io) = mean.io_ms {
                    step.wait_ms = step.wait_ms.max(io);
                }
                if let Some(scv) = mean.scv {
                    set_spread(step, scv);
                }
                step.basis = format!(
                    "measured: {}: {} calls of {} {} statements, {:.3} ms each",
                    reading.name,
                    mean.calls,
                    used.len(),
                    if step.reads_only { "reading" } else { "writing" },
                    mean.ms
                );
                self.known.insert((id.clone(), i), ());
            }
        }
    }

    /// A span's own time is the time of a visit; how often it occurs is how often the part is visited.
    fn visit(&mut self, reading: &Reading, visit: &Visit) {
        let Some(operation) = names::operation(&self.blueprint, &visit.operation).cloned() else {
            let note = format!("{}: no operation of the blueprint is `{}`", reading.name, visit.operation);
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
            return;
        };
        let Some(component) = self.component(reading, &visit.part) else { return };
        let Some(found) = self.blueprint.operations.get_mut(&operation) else { return };
        let basis = format!(
            "measured: {}: {} spans in {} requests, {:.3} ms of their own each",
            reading.name, visit.spans, visit.requests, visit.self_ms
        );
        let places: Vec<usize> =
            (0..found.steps.len()).filter(|i| found.steps[*i].component == component).collect();
        if places.is_empty() {
            found.steps.push(Step {
                component,
                visits: visit.visits,
                cpu_ms: visit.self_ms,
                wait_ms: 0.0,
                scv: visit.scv.unwrap_or(1.0).clamp(0.0, 100.0),
                mode: StepMode::Sync,
                reads_only: false,
                basis,
            });
            self.known.insert((operation, found.steps.len() - 1), ());
            return;
        }
        let all: f64 = places.iter().map(|i| found.steps[*i].visits).sum();
        for i in &places {
            let step = &mut found.steps[*i];
            step.visits *= if all > 0.0 { visit.visits / all } else { 1.0 };
            set_time(step, visit.self_ms);
            if let Some(scv) = visit.scv {
                set_spread(step, scv);
            }
            basis.clone_into(&mut step.basis);
            self.known.insert((operation.clone(), *i), ());
        }
    }

    /// At low load nobody waits in a queue: what the measured steps do not explain of a client's response time is the
    /// time of the others, in the proportions they had.
    fn latency(&mut self, reading: &Reading, latency: &Latency) {
        let named = latency.operation.as_deref().and_then(|n| names::operation(&self.blueprint, n).cloned());
        // A test of one address, or without one, of a blueprint of one operation.
        let only = || {
            (self.blueprint.operations.len() == 1).then(|| self.blueprint.operations.keys().next().cloned())
        };
        let Some(id) = named.or_else(|| only().flatten()) else {
            self.notes.push(match &latency.operation {
                Some(name) => format!("{}: no operation of the blueprint is `{name}`", reading.name),
                None => format!(
                    "{}: response times are of all requests together, and the blueprint has several operations: use the \
                     points (k6 run --out json=FILE), or test one operation at a time",
                    reading.name
                ),
            });
            return;
        };
        let known = &self.known;
        let Some(operation) = self.blueprint.operations.get_mut(&id) else { return };
        let steps = operation.steps.iter_mut().enumerate().filter(|(_, s)| s.mode == StepMode::Sync);
        let (mut explained, mut open) = (0.0, Vec::new());
        for (i, step) in steps {
            if known.contains_key(&(id.clone(), i)) {
                explained += step.visits * time(step);
            } else {
                open.push((i, step));
            }
        }
        let before: f64 = open.iter().map(|(_, s)| s.visits * time(s)).sum();
        let rest = latency.mean_ms - explained;
        if open.is_empty() || rest <= 0.0 || before <= 0.0 {
            self.notes.push(format!(
                "{}: {id} took {:.3} ms, of which measured steps explain {explained:.3} ms: nothing is left to set",
                reading.name, latency.mean_ms
            ));
            return;
        }
        let rate = latency.per_s.map_or_else(String::new, |r| format!(" at {r:.1} requests/s"));
        let basis = format!(
            "measured: {}: {} requests{rate}, {:.3} ms each; at low load that is the sum of the demands",
            reading.name, latency.requests, latency.mean_ms
        );
        let alone = open.len() == 1 && explained <= 0.0;
        let places: Vec<usize> = open.iter().map(|(i, _)| *i).collect();
        for (_, step) in open {
            set_time(step, time(step) * rest / before);
            if let Some(scv) = latency.scv.filter(|_| alone) {
                set_spread(step, scv);
            }
            basis.clone_into(&mut step.basis);
        }
        self.known.extend(places.into_iter().map(|i| ((id.clone(), i), ())));
    }

    /// What changed.
    fn done(self, before: &Blueprint) -> Calibrated {
        let figure = |step: &Step| {
            let by = step.basis.clone();
            let origin = match by.strip_prefix("measured: ") {
                Some(by) => Origin::Measured { by: by.to_owned() },
                None => Origin::Computed { by },
            };
            Figure { value: time(step), unit: Unit::Milliseconds, origin }
        };
        let mut known: Vec<&(Id, usize)> = self.known.keys().collect();
        known.sort_by_key(|(id, i)| (self.blueprint.operations.get_index_of(id), *i));
        let mut changed = Vec::new();
        for (id, i) in known {
            let Some(after) = self.blueprint.operations.get(id).and_then(|o| o.steps.get(*i)) else {
                continue;
            };
            let old = before.operations.get(id).and_then(|o| o.steps.get(*i));
            let none = Step {
                visits: 0.0,
                cpu_ms: 0.0,
                wait_ms: 0.0,
                basis: "no such step".to_owned(),
                ..after.clone()
            };
            let old = old.unwrap_or(&none);
            changed.push(Changed {
                operation: id.clone(),
                component: after.component.clone(),
                before: figure(old),
                after: figure(after),
                visits: (old.visits, after.visits),
            });
        }
        Calibrated { changed, notes: self.notes, blueprint: self.blueprint }
    }
}

/// Whether a statement names the table of one of these entities.
fn names_one(statement: &str, entities: &[String]) -> bool {
    let lower = statement.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| {
        entities.iter().any(|e| {
            let e = e.replace('-', "_");
            word == e || word.strip_suffix('s') == Some(&e) || word.strip_suffix("es") == Some(&e)
        })
    })
}

/// The mean over several statements.
pub(crate) struct Mean {
    pub(crate) calls: u64,
    pub(crate) ms: f64,
    pub(crate) io_ms: Option<f64>,
    pub(crate) scv: Option<f64>,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Mean {
    /// Weighted by calls; the spread is that within statements and between them.
    pub(crate) fn of(statements: &[&Statement]) -> Option<Self> {
        let calls: u64 = statements.iter().map(|s| s.calls).sum();
        if calls == 0 {
            return None;
        }
        let weighted = |value: &dyn Fn(&Statement) -> f64| {
            statements.iter().map(|s| s.calls as f64 * value(s)).sum::<f64>() / calls as f64
        };
        let ms = weighted(&|s| s.mean_ms);
        let square = weighted(&|s| s.mean_ms * s.mean_ms * (1.0 + s.scv.unwrap_or(1.0)));
        let timed = statements.iter().all(|s| s.io_ms.is_some());
        Some(Self {
            calls,
            ms,
            io_ms: timed.then(|| weighted(&|s| s.io_ms.unwrap_or(0.0))),
            scv: (ms > 0.0 && calls >= 30).then(|| square / (ms * ms) - 1.0),
            least: statements.iter().map(|s| s.mean_ms).fold(f64::INFINITY, f64::min),
            most: statements.iter().map(|s| s.mean_ms).fold(0.0, f64::max),
        })
    }
}
