//! Puts a design together: the answer, what it rests on, and what to do when it no longer holds.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use loadcase_catalog::Catalog;
use loadcase_facts::{Inventory, Knowledge, Options, verify};
use loadcase_forecast::blueprint::{PriceContext, forecast};
use loadcase_model::{
    Blueprint, Brief, Choices, ComponentKind, Decision, Design, Feasibility, Figure, Finding,
    FindingLocation, Forecast, Horizon, Horizons, Id, Input, Margin, OperationKind, Origin, Question,
    Reading, Recommendation, Risk, StepMode, TargetCheck, Today, Unit, Verification, Workload, figure,
};

use crate::choice::{Choice, DesignOptions, choose};
use crate::compose::compose;
use crate::context::Context;
use crate::counted;
use crate::evaluate::Miss;
use crate::fit::fit;
use crate::gate::{self, Inspected};
use crate::memory;
use crate::plan::Plan;
use crate::wishes::wishes;
use crate::{growth, verdict};

/// A catalog without the decisions a design is made of.
#[derive(Debug, thiserror::Error)]
#[error("the catalog lacks one of the decisions a design is made of: {0}")]
pub struct IncompleteCatalog(String);

/// Most questions ever asked.
const MOST_QUESTIONS: usize = 6;

/// Designs the system that a brief asks for.
///
/// # Errors
/// Only when the catalog is incomplete, which overriding files can cause.
pub fn design(
    brief: &Brief,
    catalog: &Catalog,
    options: &DesignOptions,
) -> Result<Design, IncompleteCatalog> {
    let context = Context::new(brief, catalog);
    let mut choice =
        choose(&context, options).ok_or_else(|| IncompleteCatalog(crate::prepare::JOINT.join(", ")))?;
    let (context, plan) = fit(&context, &mut choice);
    let blueprint = compose(&plan, Horizon::Later, catalog);
    let present = compose(&plan, Horizon::Now, catalog);
    let forecasts = Horizons {
        now: forecast_of(&context, &plan, &present, Horizon::Now),
        later: forecast_of(&context, &plan, &blueprint, Horizon::Later),
    };
    let decisions = verdict::decisions(&context, &choice);
    let targets = targets(&context, &plan, &blueprint, &forecasts);
    let feasibility = feasibility(&choice, &targets);
    let mut findings = flags(&context, &choice);
    findings.extend(large_data(&context, &plan));
    findings.extend(memory::left_to_the_disk(context.catalog, &plan, &blueprint, Horizon::Later));
    let as_of = options.today.clone().unwrap_or_else(|| as_of(catalog, &plan.technologies));
    let recommended = Inventory::recommended(plan.technologies.values(), catalog);
    let verification = verify(&recommended, &Knowledge::new(catalog), &Options::on(as_of.as_str()));
    let gate = gate::lines(&Inspected {
        catalog,
        technologies: &plan.technologies,
        blueprint: &blueprint,
        targets: &targets,
        feasibility: &feasibility,
        decisions: &decisions,
        findings: &findings,
        verification: &verification,
    });
    let (sizing, sizing_origins) = sizing(&context, &choice, &forecasts);
    Ok(Design {
        schema: Design::SCHEMA.to_owned(),
        choices: Choices(verdict::words(&context, &choice)),
        sizing,
        sizing_origins,
        recommendation: recommendation(&context, &choice, &decisions, &forecasts, &verification, &as_of),
        feasibility,
        readings: readings(&context, &choice, &forecasts, &blueprint),
        questions: questions(&context, &choice),
        growth: growth::steps(&context, &choice, &forecasts.later),
        risks: risks(&context, &choice),
        targets,
        decisions,
        forecasts,
        findings,
        gate,
        simulated: None,
        today: today(present, &blueprint),
        blueprint,
        brief: brief.clone(),
        quotations: Vec::new(),
    })
}

/// What stands on the first day; nothing where rows lie in other stores then.
fn today(present: Blueprint, later: &Blueprint) -> Option<Today> {
    let same_homes =
        later.entities.iter().all(|(id, e)| present.entities.get(id).is_some_and(|p| p.store == e.store));
    let processes = |b: &Blueprint| -> Vec<Id> {
        let own = [ComponentKind::Service, ComponentKind::Worker, ComponentKind::Function];
        b.components.iter().filter(|(_, c)| own.contains(&c.kind)).map(|(id, _)| id.clone()).collect()
    };
    let same = processes(&present) == processes(later);
    same_homes.then(|| Today {
        components: present.components,
        flows: present.flows,
        operations: if same { IndexMap::new() } else { present.operations },
    })
}

fn forecast_of(context: &Context, plan: &Plan, blueprint: &Blueprint, horizon: Horizon) -> Forecast {
    forecast(blueprint, &workload_of(blueprint, horizon), context.catalog, &prices(context, plan, horizon))
}

fn prices(context: &Context, plan: &Plan, horizon: Horizon) -> PriceContext {
    PriceContext {
        compute: plan.technologies.get("compute").cloned().unwrap_or_else(|| Id::slug("managed-containers")),
        managed: plan.managed,
        average_over_peak: 1.0 / context.base.get(Input::PeakFactor, horizon).max(1.0),
        response_kb: context.base.get(Input::ResponseKb, horizon),
        seats: context.base.get(Input::Engineers, horizon),
        file_days: context.file_days(),
        recovery_point_s: Some(context.base.get(Input::RecoveryPointS, Horizon::Later)),
    }
}

fn workload_of(blueprint: &Blueprint, horizon: Horizon) -> Workload {
    let found = blueprint.workloads.iter().find(|w| w.horizon == horizon).cloned();
    found.unwrap_or_else(|| Workload { horizon, rate_per_s: indexmap::IndexMap::new(), basis: String::new() })
}

/// The slowest of the operations that somebody waits for, by the work of the design itself: its name, whether it calls
/// a system of others, and its p99 at the peak in 24 months. What systems of others take is theirs, and told apart.
fn slowest(context: &Context, plan: &Plan, blueprint: &Blueprint) -> Option<(String, bool, Figure)> {
    let mut own = blueprint.clone();
    let theirs = |id: &Id| blueprint.components.get(id).is_some_and(|c| c.kind == ComponentKind::External);
    for operation in own.operations.values_mut() {
        operation.steps.retain(|s| !theirs(&s.component));
    }
    let workload = workload_of(blueprint, Horizon::Later);
    let asked = |id: &Id| workload.rate_per_s.get(id).is_some_and(|r| *r > 0.0);
    let forecast = forecast(&own, &workload, context.catalog, &prices(context, plan, Horizon::Later));
    let waited = forecast.operations.iter().filter_map(|(id, o)| Some((own.operations.get(id)?, id, o)));
    waited
        .filter(|(o, id, _)| o.kind == OperationKind::Request && asked(id))
        .map(|(o, id, f)| {
            let whole = blueprint.operations.get(id).map_or(0, |w| w.steps.len());
            (o.name.clone(), whole > o.steps.len(), f.latency.p99.clone())
        })
        .max_by(|(.., a), (.., b)| a.value.total_cmp(&b.value))
}

/// What the search missed, and what the more detailed forecast of the finished design misses.
fn feasibility(choice: &Choice, targets: &[TargetCheck]) -> Feasibility {
    let searched = choice.winner.evaluation.missed().map(Miss::clause).map(str::to_owned);
    let forecast = targets
        .iter()
        .filter(|t| !t.met && choice.winner.evaluation.feasible() && binds(t))
        .map(|t| format!("the forecast of the finished design misses: {}", t.name));
    let missed: Vec<String> = searched.chain(forecast).collect();
    if missed.is_empty() { Feasibility::Met } else { Feasibility::Missed(missed) }
}

/// Whether a target that is missed rules a design out. Of the response times that nobody stated the search holds the
/// mean of all requests to the assumed bound; a single slow operation is said, and fails the gate.
fn binds(target: &TargetCheck) -> bool {
    !target.name.starts_with("p99") || !matches!(target.target.origin, Origin::Assumed { .. })
}

/// Requirements against the forecast.
fn targets(
    context: &Context,
    plan: &Plan,
    blueprint: &Blueprint,
    forecasts: &Horizons<Forecast>,
) -> Vec<TargetCheck> {
    let later = &forecasts.later;
    let bound = |input: Input, horizon| {
        let e = context.estimate(input, horizon);
        figure(e.value, input.unit(), e.origin.clone())
    };
    let check = |name: &str, target: Figure, forecast: Figure, met: bool| TargetCheck {
        name: name.to_owned(),
        target,
        forecast,
        met,
        beside: None,
    };
    let at = |input| context.base.get(input, Horizon::Later);
    let (slowest, p99) = slowest(context, plan, blueprint).map_or_else(
        || (String::new(), later.latency.p99.clone()),
        |(name, calls, p99)| (if calls { format!(" ({name}, own work)") } else { format!(" ({name})") }, p99),
    );
    let slow = check(
        &format!("p99 of the slowest request{slowest} in 24 months"),
        bound(Input::LatencyP99Ms, Horizon::Later),
        p99.clone(),
        p99.value <= at(Input::LatencyP99Ms),
    );
    let mut checks = vec![
        TargetCheck { beside: with_others(blueprint, later, &p99), ..slow },
        check(
            "Availability",
            bound(Input::Availability, Horizon::Later),
            later.availability.share.clone(),
            later.availability.share.value >= at(Input::Availability) - 1e-6,
        ),
        check(
            "Data loss bound (RPO)",
            bound(Input::RecoveryPointS, Horizon::Later),
            later.availability.recovery_point.clone(),
            later.availability.recovery_point.value <= at(Input::RecoveryPointS) * 1.001,
        ),
        check(
            "Recovery time (RTO)",
            bound(Input::RecoveryTimeS, Horizon::Later),
            later.availability.recovery_time.clone(),
            later.availability.recovery_time.value <= at(Input::RecoveryTimeS) * 1.001,
        ),
    ];
    for (horizon, forecast, name) in [
        (Horizon::Now, &forecasts.now, "Infrastructure within budget now"),
        (Horizon::Later, &forecasts.later, "Infrastructure within budget in 24 months"),
    ] {
        let budget = context.base.get(Input::BudgetUsdMonth, horizon);
        if budget < UNLIMITED_USD {
            let met = forecast.cost_total.value <= budget * 1.001;
            checks.push(check(name, bound(Input::BudgetUsdMonth, horizon), forecast.cost_total.clone(), met));
        }
    }
    checks
}

/// The slowest request when the systems of others that it calls are counted, where the target was held to less.
fn with_others(blueprint: &Blueprint, forecast: &Forecast, own: &Figure) -> Option<String> {
    let external = |id: &Id| blueprint.components.get(id).is_some_and(|c| c.kind == ComponentKind::External);
    let waiting = blueprint.operations.iter().filter(|(_, o)| {
        o.kind == OperationKind::Request
            && o.steps.iter().any(|s| s.mode == StepMode::Sync && external(&s.component))
    });
    let found = waiting.filter_map(|(id, o)| Some((o, &forecast.operations.get(id)?.latency.p99)));
    let (operation, p99) = found.max_by(|(_, a), (_, b)| a.value.total_cmp(&b.value))?;
    (p99.value > own.value).then(|| {
        format!(
            "Time in systems of others is not in it: with theirs, {} takes {} (p99)",
            operation.name,
            p99.tagged()
        )
    })
}

/// A budget from here on means that none was stated.
const UNLIMITED_USD: f64 = 1e8;

/// The inputs with their values, those that sway the answer first.
fn readings(
    context: &Context,
    choice: &Choice,
    forecasts: &Horizons<Forecast>,
    blueprint: &Blueprint,
) -> Vec<Reading> {
    let sway =
        |input: Input| choice.robustness.sways.iter().find(|(i, _)| *i == input).map_or(0.0, |(_, s)| *s);
    let shown = |input: &Input| {
        context.base.get(*input, Horizon::Later) != 0.0
            && !(*input == Input::BudgetUsdMonth && context.base.get(*input, Horizon::Later) >= UNLIMITED_USD)
    };
    let mut readings: Vec<Reading> = Input::ALL
        .iter()
        .copied()
        .filter(shown)
        .map(|input| {
            let at = |h| {
                let e = context.estimate(input, h);
                counted::figure_of(context, input, h, (forecasts.at(h), blueprint))
                    .unwrap_or_else(|| figure(context.base.get(input, h), input.unit(), e.origin.clone()))
            };
            Reading {
                input,
                now: at(Horizon::Now),
                later: at(Horizon::Later),
                sways: Figure::computed(
                    sway(input),
                    Unit::Share,
                    "share of its range over which a main choice changes",
                ),
                moves: choice.robustness.moves.iter().find(|(i, _)| *i == input).map(|(_, usd)| {
                    Figure::computed(
                        *usd,
                        Unit::UsdPerMonth,
                        "infrastructure of this design in 24 months, sized for the upper end of the range, less that for the lower one",
                    )
                }),
            }
        })
        .collect();
    readings.sort_by(|a, b| b.sways.value.total_cmp(&a.sways.value).then(a.input.cmp(&b.input)));
    readings
}

/// What to ask: assumptions that could change the answer, the most influential first. A brief that says nothing
/// is asked the basics.
fn questions(context: &Context, choice: &Choice) -> Vec<Question> {
    let text = |input: Input| context.catalog.lexicon.questions.iter().find(|q| q.input == input);
    let assumed = |input: &Input| !context.brief.numbers.contains_key(input);
    let mut asked: Vec<(Input, f64)> =
        choice.robustness.sways.iter().copied().filter(|(i, s)| *s > 0.0 && assumed(i)).collect();
    if context.brief.says_nothing() {
        for input in BASICS {
            if !asked.iter().any(|(i, _)| *i == input) {
                asked.push((input, 0.0));
            }
        }
    }
    asked
        .into_iter()
        .filter_map(|(input, share)| {
            let e = context.estimate(input, Horizon::Later);
            let why = choice.turns.iter().find(|t| t.input == input).map_or_else(
                || format!("It decides sizes and cost. {}", input.meaning()),
                |t| {
                    let spec = choice.decisions[t.decision];
                    let side = if t.above { "above" } else { "below" };
                    let at = Figure::computed(t.at, input.unit(), "flip").tagged();
                    format!(
                        "{} {at} the answer becomes: {}.",
                        capital(side),
                        spec.options[t.to as usize].name
                    )
                },
            );
            Some(Question {
                input,
                ask: text(input)?.ask.clone(),
                why,
                default: figure(context.base.get(input, Horizon::Later), input.unit(), e.origin.clone()),
                sways: Figure::computed(
                    share,
                    Unit::Share,
                    "share of its range over which a main choice changes",
                ),
            })
        })
        .take(MOST_QUESTIONS)
        .collect()
}

const BASICS: [Input; 6] = [
    Input::MonthlyUsers,
    Input::Engineers,
    Input::DataGb,
    Input::Availability,
    Input::BudgetUsdMonth,
    Input::DeadlineMonths,
];

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// Data that one node holds, though with more care than it is comfortable with.
fn large_data(context: &Context, plan: &Plan) -> Option<Finding> {
    let store = context.catalog.technologies.get(plan.technologies.get("store")?)?;
    let comfort = store.fact("max-data-gb")?;
    let primaries = plan.sizing.later.store.primaries.max(1);
    let each = plan.load.later.data_gb / f64::from(primaries);
    let of = |value: f64, what: &str| Figure::computed(value, Unit::Gigabytes, what.to_owned()).tagged();
    (plan.sizing.later.store.primaries > 0 && each > comfort.value).then(|| Finding {
        rule: Id::slug("large-primary"),
        severity: Id::slug("medium"),
        message: format!(
            "A primary holds {} in 24 months; {} handles {} in comfort: restores, index builds and upgrades take hours beyond that.",
            of(each, "data over primaries"),
            store.name,
            comfort.figure(&format!("{}.max-data-gb", store.id)).tagged(),
        ),
        location: FindingLocation::default(),
        fix: "Keep rows for a shorter time, or move old partitions to object storage, before the restore takes longer than the recovery time allows.".to_owned(),
        reference: store.links.first().map(|l| l.url.clone()),
        review: None,
    })
}

/// Red flags that the brief or the choices raise.
fn flags(context: &Context, choice: &Choice) -> Vec<Finding> {
    let chosen = |d: &str, o: &str| choice.options.get(d).is_some_and(|x| *x == *o);
    let view = context.view(&context.base, &chosen);
    let raised = context.catalog.lexicon.flags.iter().filter(|f| f.when.holds(&view));
    raised
        .map(|f| Finding {
            rule: f.id.clone(),
            severity: f.severity.clone(),
            message: f.message.clone(),
            location: FindingLocation::default(),
            fix: f.fix.clone(),
            reference: Some(f.reference.clone()),
            review: None,
        })
        .collect()
}

/// Risks of the domain, and the assumption that matters most.
fn risks(context: &Context, choice: &Choice) -> Vec<Risk> {
    let mut risks: Vec<Risk> = Vec::new();
    if let Some((input, share)) = choice.robustness.sways.first().filter(|(_, s)| *s > 0.0) {
        let e = context.estimate(*input, Horizon::Later);
        risks.push(Risk {
            risk: format!("The answer rests on an assumption: {}.", input.label()),
            severity: Id::slug(if *share >= 0.25 { "high" } else { "medium" }),
            mitigation: "Find out, or measure it in the first weeks, and run the design again.".to_owned(),
            origin: e.origin.clone(),
        });
    }
    let domain = context.domain_data().into_iter().flat_map(|d| &d.risks);
    risks.extend(domain.map(|r| Risk {
        risk: r.risk.clone(),
        severity: r.severity.clone(),
        mitigation: r.mitigation.clone(),
        origin: Origin::computed(format!("known of the domain {}", context.domain)),
    }));
    risks
}

fn recommendation(
    context: &Context,
    choice: &Choice,
    decisions: &[Decision],
    forecasts: &Horizons<Forecast>,
    verification: &Verification,
    as_of: &str,
) -> Recommendation {
    let evaluation = &choice.winner.evaluation;
    let forecast = &forecasts.later;
    let bills = 0.5 * (forecasts.now.cost_total.value + forecasts.later.cost_total.value);
    let (review_by, review_because) = review(verification, as_of);
    Recommendation {
        headline: headline(decisions),
        reasons: reasons(context, choice, decisions),
        margin: Margin {
            headroom: forecast.saturation.headroom.clone(),
            station: forecast.saturation.station.clone(),
            holds: Figure::computed(
                holds_at_least(choice.robustness.all_hold, decisions),
                Unit::Share,
                format!(
                    "{} samples of the assumptions: the share in which the main choices hold together, and no more than \
                     that of any decision the answer names",
                    choice.robustness.samples
                ),
            ),
        },
        candidates: Figure::computed(
            choice.compared as f64,
            Unit::One,
            "combinations of options that nothing rules out",
        ),
        engineers: Figure::computed(
            evaluation.engineers,
            Unit::Engineers,
            "base load, options, technologies, platform and moving parts, by the catalog's estimates",
        ),
        cost_of_ownership: Figure::computed(
            evaluation.engineers * context.base.get(Input::EngineerUsdMonth, Horizon::Later) + bills,
            Unit::UsdPerMonth,
            "engineers to build and run it at their monthly cost, plus the mean of the bills now and in 24 months",
        ),
        review_by,
        review_because,
    }
}

/// The share of samples in which what the answer names holds: together, and each for itself.
fn holds_at_least(together: f64, decisions: &[Decision]) -> f64 {
    let always = ["topology", "primary-store", "deployment"];
    let named = |d: &&Decision| {
        always.iter().any(|id| d.id == **id)
            || NAMED.iter().any(|(id, none)| d.id == **id && d.verdict.option != **none)
    };
    decisions.iter().filter(named).map(|d| d.holds.value).fold(together, f64::min)
}

/// Decisions that the answer names, unless they fell on the option that leaves it out.
const NAMED: [(&str, &str); 5] = [
    ("data-scaling", "single-node"),
    ("edge-cache", "no-edge-cache"),
    ("data-cache", "no-data-cache"),
    ("messaging", "no-messaging"),
    ("analytics-store", "no-analytics-store"),
];

/// One line: what to build.
fn headline(decisions: &[Decision]) -> String {
    let name = |id: &str| verdict::chosen_name(decisions, id).unwrap_or("");
    let option = |id: &str| decisions.iter().find(|d| d.id == *id).map_or("", |d| d.verdict.option.as_str());
    let mut parts = vec![name("topology").to_owned(), format!("on {}", name("primary-store"))];
    if option("data-scaling") != "single-node" {
        parts.push(format!("({})", lower(name("data-scaling"))));
    }
    for (id, none) in NAMED.into_iter().skip(1) {
        if !option(id).is_empty() && option(id) != none {
            parts.push(format!("+ {}", lower(name(id))));
        }
    }
    format!("{}, run on {}.", parts.join(" "), lower(name("deployment")))
}

/// Lowers the first letter of a name unless it is an abbreviation or a product.
fn lower(name: &str) -> String {
    let mut chars = name.chars();
    let (Some(first), Some(second)) = (chars.next(), chars.next()) else { return name.to_owned() };
    let product = name.split(' ').next().is_some_and(|w| w.chars().skip(1).any(char::is_uppercase));
    let proper = ["Kafka", "Kubernetes", "Valkey"].iter().any(|p| name.starts_with(p));
    if product || proper || second.is_uppercase() {
        name.to_owned()
    } else {
        first.to_lowercase().chain(std::iter::once(second)).chain(chars).collect()
    }
}

/// The reasons that weigh most: what the obvious other topology would cost, and the heaviest circumstances behind the
/// other choices. How busy the parts are stands in the drawing.
fn reasons(context: &Context, choice: &Choice, decisions: &[Decision]) -> Vec<String> {
    let mut reasons = wishes(context, choice, decisions);
    reasons.extend(against_split(context, decisions));
    let mut drivers: Vec<(f64, String)> = decisions
        .iter()
        .filter(|d| crate::prepare::JOINT.contains(&d.id.as_str()))
        .flat_map(|d| d.drivers.iter().map(move |driver| (d, driver)))
        .filter_map(|(d, driver)| {
            let worth = driver.worth.as_ref().filter(|w| w.unit == Unit::Engineers)?;
            Some((worth.value, format!("{}: {} ({})", d.verdict.name, driver.because, worth.tagged())))
        })
        .collect();
    drivers.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    reasons.extend(drivers.into_iter().map(|(_, text)| text).take(2));
    reasons
}

/// What the topology that was asked about, or else the closest one, would cost.
fn against_split(context: &Context, decisions: &[Decision]) -> Option<String> {
    let topology = decisions.iter().find(|d| d.id == *"topology")?;
    let asked = if context.holds("asks-serverless") { "serverless" } else { "microservices" };
    let rival = topology
        .alternatives
        .iter()
        .find(|a| a.option == *asked)
        .or_else(|| topology.alternatives.first())?;
    // The first clause says what is wrong with it; the rest is for those who want to know more.
    let reason = rival.reason.split(". ").next().unwrap_or("").trim_end_matches('.');
    Some(match &rival.behind {
        Some(behind) => format!("{} would cost {} more to own.", rival.name, behind.tagged()),
        None => format!("{}: {reason}.", rival.name),
    })
}

/// The newest day on which the catalog's releases were looked up.
fn as_of(catalog: &Catalog, technologies: &BTreeMap<&'static str, Id>) -> String {
    technologies
        .values()
        .filter_map(|id| catalog.technologies.get(id)?.release())
        .map(|r| r.as_of.clone())
        .max()
        .unwrap_or_else(|| "2026-11-22".to_owned())
}

/// When to look again: before a line ends or what is known of it is too old, and after half a year in any case.
fn review(verification: &Verification, as_of: &str) -> (String, String) {
    let half_a_year = half_a_year_after(as_of);
    match &verification.look_again {
        Some(again) if again.by < half_a_year => (again.by.clone(), again.because.clone()),
        _ => (half_a_year, "facts about versions and prices age".to_owned()),
    }
}

/// The same day six months later, or the first of the following month where there is no such day.
fn half_a_year_after(day: &str) -> String {
    let mut numbers = day.split('-').map(|n| n.parse::<u32>().unwrap_or(1));
    let (year, month, date) =
        (numbers.next().unwrap_or(2026), numbers.next().unwrap_or(1), numbers.next().unwrap_or(1));
    let months = year * 12 + (month - 1) + 6;
    format!("{:04}-{:02}-{:02}", months / 12, months % 12 + 1, date.min(28))
}

/// Counts and sizes for programs, at the load that was stated: today's for what runs, else the one in 24 months.
fn sizing(
    context: &Context,
    choice: &Choice,
    forecasts: &Horizons<Forecast>,
) -> (BTreeMap<String, f64>, BTreeMap<String, String>) {
    let horizon = if context.holds("existing-system") { Horizon::Now } else { Horizon::Later };
    let (sizing, load) = choice.sized.at(horizon);
    let at = |input: Input| context.base.get(input, horizon);
    let copies = f64::from(1 + sizing.store.standbys + sizing.store.read_replicas);
    let db_servers = f64::from(sizing.store.primaries) * copies;
    let cost = forecasts.at(horizon).cost_total.value;
    let pools =
        [&sizing.app, &sizing.workers, &sizing.cache, &sizing.broker, &sizing.search, &sizing.analytics];
    let nodes = |p: &crate::plan::Pool| f64::from(p.nodes);
    let single = choice.options.get("deployment").is_some_and(|d| *d == *"rented-server");
    let total = pools.iter().map(|p| nodes(p)).sum::<f64>()
        + db_servers
        + f64::from(sizing.balancers + sizing.poolers);
    let vcpu = pools.iter().map(|p| nodes(p) * p.vcpu).sum::<f64>() + db_servers * sizing.store.node.vcpu;
    let memory =
        pools.iter().map(|p| nodes(p) * p.memory_gb).sum::<f64>() + db_servers * sizing.store.node.memory_gb;
    let by_edge = if sizing.balancers > 0 { f64::from(sizing.balancers) } else { 1.0 };
    let entries = [
        ("avg_rps", at(Input::AverageRps), "average request rate"),
        ("peak_rps", at(Input::PeakRps), "peak request rate"),
        ("app_servers", nodes(&sizing.app), "smallest number that meets the targets"),
        ("app_vcpu_each", sizing.app.vcpu, "processors of one application server"),
        ("worker_servers", nodes(&sizing.workers), "smallest number that keeps up with the jobs"),
        ("worker_vcpu_each", sizing.workers.vcpu, "processors of one worker"),
        ("db_servers", db_servers, "primaries, standbys and read replicas"),
        ("db_primaries", f64::from(sizing.store.primaries), "nodes that take writes"),
        ("db_vcpu_each", sizing.store.node.vcpu, "processors of one database server"),
        ("db_ram_gb_each", sizing.store.node.memory_gb, "memory of one database server"),
        ("pooler_servers", f64::from(sizing.poolers), "connection poolers"),
        ("redis_servers", nodes(&sizing.cache), "cache nodes"),
        ("broker_servers", nodes(&sizing.broker), "broker nodes"),
        ("search_servers", nodes(&sizing.search), "search nodes"),
        ("lb_servers", by_edge, "load balancers, the platform's own counted as one"),
        ("load_balancers", by_edge, "load balancers, the platform's own counted as one"),
        (
            "shards_logical",
            f64::from(sizing.store.logical_shards),
            "logical shards, so that whole shards can move",
        ),
        ("total_servers", if single { 1.0 } else { total }, "sum over all pools"),
        ("servers_total", if single { 1.0 } else { total }, "sum over all pools"),
        ("vcpu_total", vcpu, "sum over all pools"),
        ("ram_gb_total", memory, "sum over all pools"),
        ("monthly_cost_usd", cost, "forecast"),
        (
            "monthly_cost_eur",
            cost / context.catalog.lexicon.plan("usd-per-eur").max(0.1),
            "forecast at the planning rate",
        ),
        (
            "avg_messages_per_second",
            average_messages(load.jobs_per_s + load.events_per_s, context, horizon),
            "jobs and events, averaged over the day",
        ),
        ("data_gb", load.data_gb, "bytes in the primary store"),
    ];
    let mut numbers = BTreeMap::new();
    let mut origins = BTreeMap::new();
    for (key, value, origin) in entries {
        if value > 0.0 && value.is_finite() {
            numbers.insert(key.to_owned(), value);
            origins.insert(key.to_owned(), format!("computed: {origin}, {}", horizon.label()));
        }
    }
    (numbers, origins)
}

fn average_messages(peak: f64, context: &Context, horizon: Horizon) -> f64 {
    peak / context.base.get(Input::PeakFactor, horizon).max(1.0)
}
