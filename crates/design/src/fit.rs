//! What the finished design knows better than the search, which compares tens of thousands at a glance: the bytes
//! that the workload leaves behind, a second worker, the size of an analytical store.

use loadcase_catalog::{Technology, TechnologyKind};
use loadcase_model::{
    Blueprint, ComponentKind, Entity, Estimate, Horizon, Horizons, Input, Origin, stored, stored::Growth,
    stored::Patterns, stored::growth,
};

use crate::choice::Choice;
use crate::compose::compose;
use crate::context::Context;
use crate::memory;
use crate::plan::{DISK_ROOM, Plan, Pool, Sizing};

/// Smallest disk that databases are offered with, GB.
const LEAST_DISK_GB: f64 = 20.0;
/// Disks come in steps of this, GB.
const DISK_STEP_GB: f64 = 5.0;
/// Largest node an analytical store is given before it gets another, vCPU.
const ANALYTICS_NODE: f64 = 16.0;

/// Fits the sizes of the winner to the blueprint made of it. The context comes back with the bytes that are planned
/// with, and the choice holds the same sizes as the plan.
pub(crate) fn fit<'a>(context: &Context<'a>, choice: &mut Choice) -> (Context<'a>, Plan) {
    if !["manual-failover", "solo"].iter().any(|s| context.holds(s)) {
        second_worker(&mut choice.sized.now.0);
        second_worker(&mut choice.sized.later.0);
    }
    let mut told = context.clone();
    let plan = choice.plan(context);
    let drafts = Horizons {
        now: compose(&plan, Horizon::Now, context.catalog),
        later: compose(&plan, Horizon::Later, context.catalog),
    };
    let factor = |h| context.base.get(Input::PeakFactor, h);
    let factor = Horizons { now: factor(Horizon::Now), later: factor(Horizon::Later) };
    let mut primary = sum(&drafts.later, &factor, |b, e| !is_analytical(b, e));
    let standing = stored::standing(&drafts.later, patterns(&plan, context), &factor);
    primary.month += standing.iter().map(stored::Standing::month).sum::<f64>();
    primary.year += standing.iter().map(stored::Standing::month).sum::<f64>();
    primary.added += standing.iter().map(stored::Standing::later).sum::<f64>();
    let analytical = sum(&drafts.later, &factor, is_analytical);
    bytes(&mut told, &primary);
    for horizon in Horizon::ALL {
        let data_gb = told.base.get(Input::DataGb, horizon);
        let (sizing, load) = match horizon {
            Horizon::Now => &mut choice.sized.now,
            Horizon::Later => &mut choice.sized.later,
        };
        load.data_gb = data_gb;
        // Flips are found and told in the rows of all, wherever those of events lie.
        written(&mut told, load.rows_written_per_s + load.rows_passed_by_per_s, horizon);
        let layout = &mut sizing.store;
        layout.node.storage_gb = match layout.primaries {
            0 => data_gb,
            n => disk_gb(data_gb * DISK_ROOM / f64::from(n)),
        };
        let kept = match horizon {
            Horizon::Now if context.holds("existing-system") => analytical.year.max(analytical.month),
            Horizon::Now => analytical.month,
            Horizon::Later => analytical.added,
        };
        memory::in_use(context, &plan, drafts.at(horizon), (horizon, data_gb, &factor), &mut sizing.store);
        sizing.analytics = analytics(context, &plan, drafts.at(horizon), horizon, kept);
    }
    let plan = choice.plan(context);
    (told, plan)
}

/// The tables that the chosen patterns bring.
fn patterns(plan: &Plan, context: &Context) -> Patterns {
    let chosen = |word: &str| {
        plan.options.iter().any(|(decision, option)| {
            let option = context.catalog.decision(decision.as_str()).and_then(|d| d.option(option.as_str()));
            option.is_some_and(|o| o.patterns.iter().any(|p| p.as_str().contains(word)))
        })
    };
    Patterns { jobs: chosen("database-as-queue"), outbox: chosen("outbox") }
}

/// The disk that is bought for so many gigabytes: what the bill says is what the files of a deployment ask for.
fn disk_gb(needed: f64) -> f64 {
    ((needed / DISK_STEP_GB).ceil() * DISK_STEP_GB).max(LEAST_DISK_GB)
}

/// The rows that are written, without those of a table of jobs where there is none.
fn written(context: &mut Context, rows: f64, horizon: Horizon) {
    let before = context.base.get(Input::WritesPerS, horizon);
    if !context.is_given(Input::WritesPerS, horizon) && (before - rows).abs() > 1e-9 * before {
        let by = "rows that operations and their jobs insert, update and delete at the peak, and what events bring";
        context.set(Input::WritesPerS, horizon, Estimate::exact(rows, Origin::computed(by)));
    }
}

/// One worker is a single point of failure where the application has copies and nobody stands by to start another.
const fn second_worker(sizing: &mut Sizing) {
    if sizing.workers.nodes == 1 && sizing.app.nodes >= 2 {
        sizing.workers.nodes = 2;
    }
}

fn is_analytical(blueprint: &Blueprint, entity: &Entity) -> bool {
    let store = entity.store.as_ref().and_then(|s| blueprint.components.get(s));
    store.is_some_and(|c| c.kind == ComponentKind::Analytics)
}

fn sum(
    blueprint: &Blueprint,
    factor: &Horizons<f64>,
    counts: impl Fn(&Blueprint, &Entity) -> bool,
) -> Growth {
    let counted = blueprint.entities.iter().filter(|(_, e)| counts(blueprint, e));
    counted.filter_map(|(id, e)| growth(blueprint, id, e, factor)).fold(Growth::default(), |a, b| Growth {
        month: a.month + b.month,
        year: a.year + b.year,
        lasting: a.lasting + b.lasting,
        added: a.added + b.added,
    })
}

/// The bytes of the primary store: what was said, or what lies there and what the rows add.
fn bytes(context: &mut Context, rows: &Growth) {
    let given = context.brief.numbers.get(&Input::DataGb);
    if given.is_some_and(|g| g.later.is_some()) {
        return;
    }
    let present = context.data_today();
    let (now, lying, by) = if given.is_some() {
        (present, present, "what was said")
    } else if !context.holds("existing-system") {
        (present.max(rows.month), present, stored::FIRST_MONTH)
    } else if rows.year > present {
        (rows.year, rows.lasting, "the rows of a year at today's load, as long as they are kept")
    } else {
        (present, present, "what such a product holds")
    };
    if given.is_none() && (now - present).abs() > 1e-9 {
        context.set(Input::DataGb, Horizon::Now, Estimate::exact(now, Origin::computed(by)));
    }
    let later = "what lies there today and is kept, and the rows of the data design's table";
    context.set(Input::DataGb, Horizon::Later, Estimate::exact(lying + rows.added, Origin::computed(later)));
}

/// Nodes of an analytical store that runs by itself: enough for its queries and rows at the peak, and for what lies
/// there compressed.
fn analytics(context: &Context, plan: &Plan, draft: &Blueprint, horizon: Horizon, kept_gb: f64) -> Pool {
    let alone =
        |t: &&Technology| t.kind == TechnologyKind::Analytics && !t.has("embedded") && !t.has("managed-only");
    let technology = plan.technologies.get("analytics").and_then(|id| context.catalog.technologies.get(id));
    let Some(technology) = technology.filter(alone) else { return Pool::default() };
    let number = |name: &str, otherwise: f64| technology.fact(name).map_or(otherwise, |f| f.value);
    let rates = draft.workloads.iter().find(|w| w.horizon == horizon).map(|w| &w.rate_per_s);
    let rate = |id| rates.and_then(|r| r.get(id)).copied().unwrap_or(0.0);
    let here = |id| draft.components.get(id).is_some_and(|c| c.kind == ComponentKind::Analytics);
    let busy: f64 = draft
        .operations
        .iter()
        .flat_map(|(id, o)| o.steps.iter().map(move |s| (id, s)))
        .filter(|(_, s)| here(&s.component))
        .map(|(id, s)| rate(id) * s.visits * s.cpu_ms / 1e3)
        .sum();
    let utilisation = context.catalog.lexicon.plan("target-utilisation").clamp(0.1, 0.95);
    let compressed = kept_gb * context.catalog.lexicon.plan("columnar-compression");
    let needed = busy / utilisation;
    let by_data = compressed * DISK_ROOM / number("max-data-gb", 10_000.0);
    let nodes = (needed / ANALYTICS_NODE).ceil().max(by_data.ceil()).max(number("min-nodes", 2.0)).min(1e4);
    let vcpu = (needed / nodes).max(2.0).log2().ceil().exp2();
    Pool {
        nodes: nodes as u32,
        vcpu,
        memory_gb: vcpu * number("memory-gb-per-vcpu", 4.0),
        // Every node holds a copy where there are two, and its part where there are more.
        storage_gb: disk_gb(compressed * DISK_ROOM * 2.0 / nodes),
    }
}
