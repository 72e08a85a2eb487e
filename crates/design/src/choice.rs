//! The choice: the whole design space searched, the winner and everything known about why it won.

use indexmap::IndexMap;
use loadcase_catalog::{DecisionSpec, TechnologyKind};
use loadcase_model::{Horizon, Horizons, Id, Input, Stance};

use crate::context::{Context, Values};
use crate::evaluate::Evaluator;
use crate::intake;
use crate::place;
use crate::plan::{Load, Plan, Sizing};
use crate::prepare::{Candidate, JOINT, Prepared, joint};
use crate::search::{Conflicts, Ranked, best_of, enumerate, evaluate_all, shortlist};
use crate::settle::{self, Options};
use crate::sway::{Arena, Grown, Robustness, Turn};

/// How a design is made.
#[derive(Clone, Debug)]
pub struct DesignOptions {
    /// Seed of the sampled assumptions.
    pub seed: u64,
    /// Whether established decisions must be kept whatever the numbers say.
    pub respect_pins: bool,
    /// The day versions are judged by, `YYYY-MM-DD`; without it the newest day of the facts, so that the same brief
    /// gives the same design.
    pub today: Option<String>,
}

impl Default for DesignOptions {
    fn default() -> Self {
        Self { seed: 1, respect_pins: false, today: None }
    }
}

/// The winner, its rivals, and what would change the answer.
pub struct Choice<'a> {
    /// The joint decisions.
    pub decisions: Vec<&'a DecisionSpec>,
    /// What the circumstances say of their options.
    pub prepared: Prepared,
    /// Which options exclude each other.
    pub conflicts: Conflicts,
    /// Candidates compared.
    pub compared: usize,
    /// The best candidate of each option of each joint decision, where there is one.
    pub rivals: Vec<Vec<Option<Ranked>>>,
    /// The winner.
    pub winner: Ranked,
    /// The sampled assumptions.
    pub draws: Vec<Values>,
    /// How it fares over the sampled assumptions.
    pub robustness: Robustness,
    /// What would change it.
    pub turns: Vec<Turn>,
    /// The option of every decision, the separate ones included.
    pub options: Options,
    /// Sizes and loads at both horizons.
    pub sized: Horizons<(Sizing, Load)>,
    /// Deployables of the product.
    pub deployables: u32,
    /// What follows the winner as all loads grow.
    pub growth: Vec<Grown>,
    /// What the winner costs each month at growing loads: factor on the load in 24 months, USD.
    pub bills: Vec<(f64, f64)>,
}

/// Best candidates overall that stay in the arena.
const CONTENDERS: usize = 24;
/// Factors on the load in 24 months at which the design is looked at again.
const GROWTH_FACTORS: [f64; 4] = [1.5, 2.0, 4.0, 8.0];

/// Searches the design space.
#[must_use]
pub fn choose<'a>(context: &'a Context<'a>, options: &DesignOptions) -> Option<Choice<'a>> {
    let decisions = joint(context);
    if decisions.len() != JOINT.len() {
        return None;
    }
    let tie_band = context.catalog.lexicon.plan("tie-band");
    let mut evaluator = Evaluator::new(context, &decisions, cpu_factor(context));
    let prepared = Prepared::new(context, &decisions, &context.base);
    let conflicts = Conflicts::new(&decisions);
    let candidates = enumerate(&decisions, &prepared, &conflicts);
    let mut ranked = evaluate_all(&evaluator, &prepared, &context.base, &candidates);
    if let Some(rest) = unexplained(context, &evaluator, &ranked) {
        evaluator.unexplained_vcpu = rest;
        ranked = evaluate_all(&evaluator, &prepared, &context.base, &candidates);
    }
    let bound = Bound::new(context, &decisions, options.respect_pins);
    let fewest = ranked.iter().map(|r| bound.broken(&r.candidate)).min().unwrap_or(0);
    let pinned = |c: &Candidate| bound.broken(c) == fewest;
    let at = best_of(&ranked, tie_band, pinned)?;
    let winner = ranked[at];
    let list: Vec<Candidate> =
        shortlist(&ranked, &decisions, tie_band, CONTENDERS).into_iter().filter(|c| pinned(c)).collect();
    let arena = Arena {
        context,
        decisions: &decisions,
        evaluator: &evaluator,
        shortlist: if list.is_empty() { std::slice::from_ref(&winner.candidate) } else { &list },
        winner: winner.candidate,
        tie_band,
    };
    let robustness = arena.sample(options.seed);
    let turns = arena.turns();
    let draws = arena.draws(options.seed);
    let growth = arena.path(&GROWTH_FACTORS);
    let bills = (10..=30).map(|tenths| f64::from(tenths) / 10.0).map(|f| (f, arena.bill(f))).collect();
    let rivals = rivals(&ranked, &decisions, tie_band);
    let mut chosen = Options::new();
    for (decision, option) in decisions.iter().zip(winner.candidate) {
        chosen.insert(decision.id.clone(), decision.options[option as usize].id.clone());
    }
    settle::settle(context, &context.base, &mut chosen, options.respect_pins, winner.evaluation.managed);
    let sized = evaluator.sizing(&winner.candidate, &context.base);
    let deployables = evaluator.deployables(&winner.candidate, &context.base);
    Some(Choice {
        compared: candidates.len(),
        prepared,
        conflicts,
        rivals,
        winner,
        draws,
        robustness,
        turns,
        options: chosen,
        sized,
        deployables,
        growth,
        bills,
        decisions,
    })
}

/// Part of the present bill that the cheapest managed design for the stated numbers does not explain, in
/// vCPU-months of its platform.
fn unexplained(context: &Context, evaluator: &Evaluator, ranked: &[Ranked]) -> Option<f64> {
    let bill = context.base.get(Input::BillUsdMonth, Horizon::Now);
    let managed =
        ranked.iter().filter(|r| r.evaluation.managed && evaluator.platform_price(&r.candidate) > 0.0);
    let least = managed.min_by(|a, b| a.evaluation.infra_now_usd.total_cmp(&b.evaluation.infra_now_usd))?;
    let rest = bill - least.evaluation.infra_now_usd;
    (rest > 0.0).then(|| rest / evaluator.platform_price(&least.candidate))
}

/// The options that a brief leaves open: of a decision for which it requires a technology, those that bring it;
/// of one that is pinned, where pins are to be respected, the pinned one.
struct Bound(Vec<Vec<bool>>);

impl Bound {
    fn new(context: &Context, decisions: &[&DecisionSpec], respect_pins: bool) -> Self {
        let open = |decision: &&DecisionSpec| {
            let count = decision.options.len();
            if let Some(pinned) = respect_pins.then(|| settle::pinned_option(context, decision)).flatten() {
                return (0..count).map(|o| o == pinned).collect();
            }
            let required: Vec<bool> = decision.options.iter().map(|o| settle::required(context, o)).collect();
            if required.contains(&true) { required } else { vec![true; count] }
        };
        Self(decisions.iter().map(open).collect())
    }

    /// Decisions in which a candidate takes an option that is not open.
    fn broken(&self, candidate: &Candidate) -> usize {
        self.0.iter().zip(candidate).filter(|(open, option)| !open[**option as usize]).count()
    }
}

/// The best candidate of each option.
fn rivals(ranked: &[Ranked], decisions: &[&DecisionSpec], tie_band: f64) -> Vec<Vec<Option<Ranked>>> {
    let of = |d: usize, o: usize| best_of(ranked, tie_band, |c| c[d] as usize == o).map(|i| ranked[i]);
    decisions
        .iter()
        .enumerate()
        .map(|(d, spec)| (0..spec.options.len()).map(|o| of(d, o)).collect())
        .collect()
}

/// Processor time of the framework that will be chosen, relative to a typical interpreted one. The stack does
/// not depend on the joint decisions, so it is settled first.
fn cpu_factor(context: &Context) -> f64 {
    let Some(stack) = context.catalog.decision("stack") else { return 1.0 };
    let bench = settle::standings(context, stack, &context.base, &Options::new(), true);
    let option = &stack.options[settle::choose(context, stack, &bench)];
    let framework = option.technologies.first().and_then(|t| context.catalog.technologies.get(t));
    framework.and_then(|f| f.fact("cpu-factor")).map_or(1.0, |f| f.value)
}

impl Choice<'_> {
    /// The plan of the winner.
    #[must_use]
    pub fn plan(&self, context: &Context) -> Plan {
        Plan {
            options: self.options.clone(),
            technologies: self.technologies(context),
            deployables: self.deployables,
            managed: self.winner.evaluation.managed,
            sizing: Horizons { now: self.sized.now.0.clone(), later: self.sized.later.0.clone() },
            load: Horizons { now: self.sized.now.1, later: self.sized.later.1 },
            domain: context.domain.clone(),
            name: context.domain_data().map_or_else(|| "System".to_owned(), |d| d.name.clone()),
            regions: self.regions(context),
            keeps_all: context.holds("keep-forever"),
            counts: counts(context),
            events_per_call: intake::events_per_call(context.brief, context.catalog),
        }
    }

    /// The provider's region in the area that the brief names.
    fn regions(&self, context: &Context) -> Vec<String> {
        let option = self.options.get("provider").and_then(|o| {
            context.catalog.decision("provider")?.option(o.as_str())?.technologies.first().cloned()
        });
        let area = place::area(context.brief, context.catalog);
        let region = option.zip(area).and_then(|(p, a)| place::region(context.catalog, &p, a));
        region.into_iter().collect()
    }

    /// The technology of each role: of an option's technologies, the one the user named, else the first.
    fn technologies(&self, context: &Context) -> std::collections::BTreeMap<&'static str, Id> {
        let mut roles = std::collections::BTreeMap::new();
        let mut fill = |role: &'static str, decision: &str, position: usize| {
            let option = self
                .options
                .get(decision)
                .and_then(|o| context.catalog.decision(decision)?.option(o.as_str()));
            let Some(option) = option else { return };
            let named = |t: &&Id| {
                [Stance::Required, Stance::Existing, Stance::Wanted, Stance::Known]
                    .iter()
                    .any(|s| context.brief.names(t.as_str(), *s))
            };
            let preferred = (position == 0).then(|| option.technologies.iter().find(named)).flatten();
            if let Some(id) = preferred.or_else(|| option.technologies.get(position)) {
                roles.insert(role, id.clone());
            }
        };
        for (role, decision) in [
            ("store", "primary-store"),
            ("edge", "edge-cache"),
            ("cache", "data-cache"),
            ("broker", "messaging"),
            ("compute", "deployment"),
            ("search", "search"),
            ("analytics", "analytics-store"),
            ("object-store", "files"),
            ("identity", "authentication"),
            ("provider", "provider"),
            ("observability", "observability"),
        ] {
            fill(role, decision, 0);
        }
        if let Some(own) = self.files_of_provider(context, &roles) {
            roles.insert("object-store", own);
        }
        let stack =
            self.options.get("stack").and_then(|o| context.catalog.decision("stack")?.option(o.as_str()));
        if let Some(stack) = stack {
            for (role, position) in [("framework", 0), ("language", 1)] {
                stack.technologies.get(position).into_iter().for_each(|id| {
                    roles.insert(role, id.clone());
                });
            }
        }
        if self.sized.later.0.poolers > 0 && context.catalog.technology("pgbouncer").is_some() {
            roles.insert("pooler", Id::slug("pgbouncer"));
        }
        roles
    }

    /// The provider's own store of files, where files are kept by somebody else and nobody named whom.
    fn files_of_provider(
        &self,
        context: &Context,
        roles: &std::collections::BTreeMap<&'static str, Id>,
    ) -> Option<Id> {
        let chosen = context.catalog.technologies.get(roles.get("object-store")?)?;
        let provider = roles.get("provider")?;
        if !chosen.has("managed-only") || chosen.managed_as.contains_key(provider) {
            return None;
        }
        let named = [Stance::Required, Stance::Existing, Stance::Wanted, Stance::Known];
        if named.iter().any(|s| context.brief.names(chosen.id.as_str(), *s)) {
            return None;
        }
        let all = context.catalog.technologies.values();
        let mut own = all.filter(|t| {
            t.kind == TechnologyKind::ObjectStore
                && t.has("managed-only")
                && t.managed_as.contains_key(provider)
        });
        own.next().map(|t| t.id.clone())
    }

    /// The value of an input at the best guess.
    #[must_use]
    pub fn value(&self, context: &Context, input: Input, horizon: Horizon) -> f64 {
        context.base.get(input, horizon)
    }
}

/// Rows of the entities that the domain counts by a number of the brief; none where that number is nothing.
fn counts(context: &Context) -> IndexMap<Id, Horizons<f64>> {
    let counts = context.domain_data().map(|d| &d.counts).into_iter().flatten();
    counts
        .map(|(id, count)| {
            let at = |h| context.base.get(count.of, h) * count.times;
            (id.clone(), Horizons { now: at(Horizon::Now), later: at(Horizon::Later) })
        })
        .filter(|(_, rows)| rows.later >= 1.0)
        .collect()
}
