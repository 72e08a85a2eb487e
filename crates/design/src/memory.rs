//! The memory of the primary store: what is read again and again has to lie there, or every read waits for a disk.

use loadcase_catalog::Catalog;
use loadcase_model::{
    AccessKind, Blueprint, ComponentKind, Fact, Figure, Finding, FindingLocation, Horizon, Horizons, Id,
    Unit, stored,
};

use crate::context::Context;
use crate::plan::{Plan, StoreLayout};

/// What is in use in each primary: the rows of the last days, a part of the things whose number is known, and the inner
/// pages of all indexes.
pub(crate) fn in_use(
    context: &Context,
    plan: &Plan,
    draft: &Blueprint,
    (horizon, data_gb, factor): (Horizon, f64, &Horizons<f64>),
    layout: &mut StoreLayout,
) {
    let constant = |id: &str| context.catalog.lexicon.plan(id);
    let primaries = f64::from(layout.primaries);
    let embedded = plan
        .technologies
        .get("store")
        .and_then(|id| context.catalog.technologies.get(id))
        .is_some_and(|t| t.has("embedded"));
    if layout.primaries == 0 || embedded {
        return;
    }
    let here = |store: &Option<loadcase_model::Id>| {
        let component = store.as_ref().and_then(|s| draft.components.get(s));
        component.is_none_or(|c| c.kind != ComponentKind::Analytics)
    };
    let use_of = (constant("hot-days"), constant("working-set-share"));
    let rows: f64 = draft
        .entities
        .iter()
        .filter(|(id, e)| here(&e.store) && is_read(draft, id))
        .map(|(id, e)| stored::hot(draft, id, e, factor, horizon, use_of))
        .sum();
    // No more can be in use than there is.
    let pages = data_gb * constant("inner-pages-share");
    let hot = (rows.min(data_gb) + pages) / primaries;
    layout.working_set_gb = hot;
}

/// Whether rows of an entity are looked at again after they were added.
fn is_read(draft: &Blueprint, entity: &Id) -> bool {
    let looks = |kind| !matches!(kind, AccessKind::Insert | AccessKind::Delete);
    let accesses = draft.operations.values().flat_map(|o| &o.accesses);
    accesses.into_iter().any(|a| a.entity == *entity && looks(a.kind))
}

/// What the memory of a primary leaves to its disk: pages in use that do not fit, or more pages than a usual disk reads.
pub(crate) fn left_to_the_disk(
    catalog: &Catalog,
    plan: &Plan,
    blueprint: &Blueprint,
    horizon: Horizon,
) -> Option<Finding> {
    let layout = &plan.sizing.later.store;
    let share = catalog.lexicon.plan("memory-for-pages");
    if layout.primaries == 0 || share <= 0.0 || layout.working_set_gb <= 0.0 {
        return None;
    }
    let disk = &catalog.lexicon.planning.get("disk-reads-per-s")?.fact;
    let nodes = f64::from(layout.primaries.max(1));
    let asked = pages_asked(blueprint, horizon) / nodes;
    // Where every page in use is as likely to be asked for as any other, which is the worst that can be.
    let missed = (1.0 - layout.node.memory_gb * share / layout.working_set_gb).max(0.0);
    let read = Read { catalog, plan, asked, missed, disk };
    if missed > 0.0 {
        Some(read.too_small(layout.working_set_gb / share))
    } else {
        (asked > disk.value).then(|| read.bound())
    }
}

/// Pages of tables and indexes that statements on the primary store ask for at the peak, per second: a leaf of an index
/// for each statement, and a page for each row that it reads or changes, as rows of one statement seldom lie together.
/// Rows that are added go to pages that are in use anyway; sums read an index.
fn pages_asked(blueprint: &Blueprint, horizon: Horizon) -> f64 {
    let Some(load) = blueprint.workloads.iter().find(|w| w.horizon == horizon) else { return 0.0 };
    let in_store = |entity: &Id| {
        let store = blueprint.entities.get(entity).and_then(|e| e.store.as_ref());
        let component = store.and_then(|s| blueprint.components.get(s));
        component.is_none_or(|c| c.kind == ComponentKind::Store)
    };
    let pages = |kind: AccessKind, rows: f64| match kind {
        AccessKind::Insert => 0.0,
        AccessKind::Aggregate => 1.0,
        _ => 1.0 + rows,
    };
    let of = |operation: &loadcase_model::Operation| -> f64 {
        let accesses = operation.accesses.iter().filter(|a| in_store(&a.entity));
        accesses.map(|a| pages(a.kind, a.rows.clamp(0.0, MOST_ROWS))).sum()
    };
    let each =
        blueprint.operations.iter().map(|(id, o)| load.rate_per_s.get(id).copied().unwrap_or(0.0) * of(o));
    each.filter(|p| p.is_finite()).sum()
}

/// Rows of one statement beyond these are read in the order in which they lie.
const MOST_ROWS: f64 = 200.0;

/// How a primary is asked for pages.
struct Read<'a> {
    catalog: &'a Catalog,
    plan: &'a Plan,
    /// Pages asked for at the peak, per second.
    asked: f64,
    /// Share of them that memory cannot hold, at worst.
    missed: f64,
    /// Pages that a disk reads per second.
    disk: &'a Fact,
}

impl Read<'_> {
    /// In use is more than memory holds.
    fn too_small(&self, needed: f64) -> Finding {
        let layout = &self.plan.sizing.later.store;
        let from_disk = self.asked * self.missed;
        let enough = from_disk <= self.disk.value;
        let larger = gigabytes(needed, "what is in use over the part of memory that keeps pages");
        let message = format!(
            "In 24 months {} of the primary store are in use at a time, and it is planned with {} of memory. Were each page of it as likely as any other, which is the worst case, {} would be read from the disk, of {} that an ordinary disk reads ({}).",
            gigabytes(
                layout.working_set_gb,
                "rows of the last days that are read or changed, what is in use of things whose number is known, inner pages of indexes"
            ),
            gigabytes(layout.node.memory_gb, "the planned size"),
            rate(from_disk, "pages asked for at the peak, times the part of them that memory does not hold"),
            self.disk.figure("disk-reads-per-s").tagged(),
            self.disk.source,
        );
        let fix = if enough {
            format!(
                "Nothing to buy: the disk carries that. Watch its reads; before they pass the bound, take the size with {larger} of memory."
            )
        } else {
            format!(
                "Measure the share of pages that memory answers before the launch; where it is below {}, buy the size with {larger} of memory{}, or read fewer and younger rows.",
                self.least(),
                self.price(needed)
            )
        };
        finding("memory-of-the-store", if enough { "low" } else { "medium" }, message, fix)
    }

    /// All that is in use lies in memory, and has to.
    fn bound(&self) -> Finding {
        let layout = &self.plan.sizing.later.store;
        let message = format!(
            "A primary is asked for {} in 24 months, and an ordinary disk does {} ({}): at least {} of them have to be found in memory, which is sized for the {} that are read again and again. The forecast counts on that.",
            rate(
                self.asked,
                "pages: a leaf of an index for each statement and one for each row, at the peak, over primaries"
            ),
            self.disk.figure("disk-reads-per-s").tagged(),
            self.disk.source,
            self.least(),
            gigabytes(layout.working_set_gb, "rows of the last days and inner pages of indexes"),
        );
        let fix = "Watch the share of reads that memory answers and the disk's queue; take the next size of memory, or a disk with more reads, before that share falls below the bound.";
        finding("disk-reads", "low", message, fix.to_owned())
    }

    /// Share of the pages that has to be found in memory.
    fn least(&self) -> String {
        let share = (1.0 - self.disk.value / self.asked).max(0.0);
        Figure::computed(
            share,
            Unit::Share,
            "one less the reads of a disk over the pages asked for".to_owned(),
        )
        .tagged()
    }

    /// What the size with that memory costs beyond the planned one, where the provider has a list of sizes.
    fn price(&self, needed_gb: f64) -> String {
        let provider =
            self.plan.technologies.get("provider").and_then(|id| self.catalog.technologies.get(id));
        let Some(sizes) = provider.and_then(|p| p.database_sizes.as_ref()) else { return String::new() };
        let layout = &self.plan.sizing.later.store;
        let standby = layout.standbys > 0;
        let of =
            |memory| sizes.fitting(layout.node.vcpu, memory, standby).map(|s| (s.usd_month, s.memory_gb));
        let (Some((now, _)), Some((then, memory))) = (of(layout.node.memory_gb), of(needed_gb)) else {
            return String::new();
        };
        let copies = f64::from(layout.primaries * (1 + layout.standbys + layout.read_replicas));
        let more = Figure::computed(
            (then - now) * copies,
            Unit::UsdPerMonth,
            format!("{}: {} copies of the size with {} GB", sizes.source, copies, memory),
        );
        format!(" for {} more", more.tagged())
    }
}

fn finding(rule: &str, severity: &str, message: String, fix: String) -> Finding {
    Finding {
        rule: Id::slug(rule),
        severity: Id::slug(severity),
        message,
        location: FindingLocation::default(),
        fix,
        reference: None,
        review: None,
    }
}

fn gigabytes(value: f64, basis: &str) -> String {
    Figure::computed(value, Unit::Gigabytes, basis.to_owned()).tagged()
}

fn rate(value: f64, basis: &str) -> String {
    Figure::computed(value, Unit::PerSecond, basis.to_owned()).tagged()
}
