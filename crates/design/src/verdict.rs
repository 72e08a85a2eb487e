//! Verdicts that can be argued about: what decided, why each other option lost, what would flip it.

use loadcase_catalog::{DecisionSpec, OptionSpec};
use loadcase_model::{
    Alternative, Consequence, Decision, Driver, Figure, Flip, Horizon, Id, Input, Origin, Stance, Unit,
    Verdict, figure,
};

use crate::choice::Choice;
use crate::context::{Context, Values};
use crate::prepare::{Bench, Standing};
use crate::search::Ranked;
use crate::settle;

/// Every decision of the design, in the catalog's order.
#[must_use]
pub fn decisions(context: &Context, choice: &Choice) -> Vec<Decision> {
    let mut all: Vec<(u32, Decision)> = choice
        .decisions
        .iter()
        .enumerate()
        .map(|(d, spec)| (spec.order, joint(context, choice, d, spec)))
        .collect();
    for spec in settle::separate(context) {
        if let Some(decision) = separate(context, choice, spec) {
            all.push((spec.order, decision));
        }
    }
    all.sort_by_key(|(order, _)| *order);
    all.into_iter().map(|(_, decision)| decision).collect()
}

fn joint(context: &Context, choice: &Choice, d: usize, spec: &DecisionSpec) -> Decision {
    let chosen = choice.winner.candidate[d] as usize;
    let standing = &choice.prepared.benches[d].standings[chosen];
    let others = (0..spec.options.len()).filter(|o| *o != chosen);
    let mut alternatives: Vec<Alternative> = others.map(|o| rival(context, choice, d, spec, o)).collect();
    sort_alternatives(&mut alternatives);
    let holds = choice.robustness.holds.get(d).copied().unwrap_or(1.0);
    let mut drivers = demanded(context, &spec.options[chosen]);
    drivers.extend(self::drivers(standing));
    drivers.extend(numbers(context, choice, spec, chosen));
    Decision {
        id: spec.id.clone(),
        question: spec.question.clone(),
        verdict: verdict(&spec.options[chosen]),
        drivers,
        alternatives,
        flips: joint_flips(context, choice, d, spec),
        holds: Figure::computed(
            holds,
            Unit::Share,
            format!("{} samples of the assumptions", choice.robustness.samples),
        ),
        pin: pin(context, spec, chosen, || {
            choice.rivals[d].get(settle::pinned_option(context, spec)?)?.as_ref().map(|r| lost_by(choice, r))
        }),
    }
}

fn verdict(option: &OptionSpec) -> Verdict {
    Verdict { option: option.id.clone(), name: option.name.clone(), summary: option.summary.clone() }
}

/// The technologies of an option that the brief requires.
fn demanded(context: &Context, option: &OptionSpec) -> Vec<Driver> {
    let names = option.technologies.iter().filter(|t| context.brief.names(t.as_str(), Stance::Required));
    names
        .map(|t| context.catalog.technologies.get(t).map_or(t.as_str(), |t| t.name.as_str()))
        .map(|name| Driver { because: format!("{name} is required"), worth: None })
        .collect()
}

/// The circumstances that speak for the chosen option, heaviest first.
fn drivers(standing: &Standing) -> Vec<Driver> {
    let mut applied: Vec<_> = standing.applied.iter().filter(|a| a.engineers < 0.0).collect();
    applied.sort_by(|a, b| a.engineers.total_cmp(&b.engineers));
    applied
        .into_iter()
        .map(|a| Driver {
            because: a.because.clone(),
            worth: Some(Figure::computed(
                -a.engineers,
                Unit::Engineers,
                "people saved, by the catalog's estimate",
            )),
        })
        .collect()
}

/// The numbers that decided: what the winner is ahead of its closest rival, and what it carries.
fn numbers(context: &Context, choice: &Choice, spec: &DecisionSpec, chosen: usize) -> Vec<Driver> {
    let mut drivers = Vec::new();
    let d = choice.decisions.iter().position(|x| x.id == spec.id).unwrap_or(0);
    let closest = choice.rivals[d]
        .iter()
        .enumerate()
        .filter(|(o, r)| *o != chosen && r.is_some_and(|r| r.evaluation.feasible()))
        .filter_map(|(o, r)| {
            r.map(|r| (o, r.evaluation.ownership_usd - choice.winner.evaluation.ownership_usd))
        })
        .min_by(|a, b| a.1.total_cmp(&b.1));
    let bound = settle::required(context, &spec.options[chosen]);
    if let Some((o, ahead)) = closest.filter(|(_, ahead)| !bound || *ahead > 0.0) {
        let rival = choice.rivals[d][o].as_ref().map_or_else(String::new, |r| {
            let told = crate::forces::between(context, &choice.winner.evaluation, &r.evaluation);
            told.map_or_else(String::new, |t| format!("; its best design takes {t}"))
        });
        drivers.push(Driver {
            because: format!("{} is the closest alternative{rival}", spec.options[o].name),
            worth: Some(Figure::computed(
                ahead.max(0.0),
                Unit::UsdPerMonth,
                "difference in cost of ownership, people included",
            )),
        });
    }
    drivers.extend(crate::forces::load(context, choice, spec).map(|because| Driver { because, worth: None }));
    drivers
}

/// Why an option of a joint decision lost.
fn rival(context: &Context, choice: &Choice, d: usize, spec: &DecisionSpec, o: usize) -> Alternative {
    let option = &spec.options[o];
    let standing = &choice.prepared.benches[d].standings[o];
    let ranked = choice.rivals[d][o].as_ref();
    let base = Alternative {
        option: option.id.clone(),
        name: option.name.clone(),
        feasible: false,
        behind: None,
        reason: String::new(),
    };
    let barred = standing.barred.first();
    match (barred, ranked) {
        (Some(because), _) => Alternative { reason: format!("Ruled out: {because}."), ..base },
        (None, None) => Alternative { reason: excluded(choice, d, o), ..base },
        (None, Some(r)) if !r.evaluation.feasible() => {
            let clauses: Vec<&str> = r.evaluation.missed().map(super::evaluate::Miss::clause).collect();
            Alternative {
                reason: format!("Even the best design with it fails: {}.", clauses.join("; ")),
                ..base
            }
        }
        (None, Some(r)) => {
            let behind = r.evaluation.ownership_usd - choice.winner.evaluation.ownership_usd;
            let chosen = &spec.options[choice.winner.candidate[d] as usize];
            if let [first, ..] = &demanded(context, chosen)[..]
                && behind < 0.0
            {
                let less = loadcase_model::format_quantity(-behind, Unit::UsdPerMonth);
                let reason = format!("It would cost {less} less to own, but {}.", first.because);
                return Alternative { feasible: true, reason, ..base };
            }
            Alternative {
                feasible: true,
                behind: Some(Figure::computed(
                    behind.max(0.0),
                    Unit::UsdPerMonth,
                    "difference in cost of ownership, people included",
                )),
                reason: reason(context, choice, d, o, r, behind),
                ..base
            }
        }
    }
}

/// What speaks against an option that lost, and what made the difference in numbers.
fn reason(context: &Context, choice: &Choice, d: usize, o: usize, rival: &Ranked, behind: f64) -> String {
    let spec = choice.decisions[d];
    let (a, b) = (&choice.winner.evaluation, &rival.evaluation);
    let chosen = choice.winner.candidate[d] as usize;
    let standings = &choice.prepared.benches[d].standings;
    let shares = crate::forces::shares(context, spec, [&standings[chosen], &standings[o]], [chosen, o]);
    let against = crate::forces::sentence(&spec.options[o].drawback);
    if behind.abs() <= context.catalog.lexicon.plan("tie-band") * a.ownership_usd.abs() {
        return format!(
            "{against}Tied in cost: it has more moving parts or comes later in the order of simplicity{}.",
            crate::forces::because(&shares)
        );
    }
    let more = crate::forces::between(context, a, b);
    let more = more.map_or_else(String::new, |m| format!("The best design with it takes {m}"));
    format!("{against}{more}{}.", crate::forces::because(&shares))
}

/// Why an open option could not be combined with what the others need.
fn excluded(choice: &Choice, d: usize, o: usize) -> String {
    let against = choice.winner.candidate.iter().enumerate().find_map(|(e, p)| {
        choice.conflicts.between(d, o, e, *p as usize).map(|because| (e, *p as usize, because))
    });
    match against {
        Some((e, p, because)) => {
            format!("It does not go with {}: {because}.", choice.decisions[e].options[p].name)
        }
        None => "Nothing that meets the other requirements can be combined with it.".to_owned(),
    }
}

fn sort_alternatives(alternatives: &mut [Alternative]) {
    let key = |a: &Alternative| (!a.feasible, a.behind.as_ref().map_or(f64::INFINITY, |b| b.value));
    alternatives.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
}

fn joint_flips(context: &Context, choice: &Choice, d: usize, spec: &DecisionSpec) -> Vec<Flip> {
    let mut flips: Vec<Flip> = choice
        .turns
        .iter()
        .filter(|t| t.decision == d)
        .map(|t| flip(context, t.input, t.at, t.above, &spec.options[t.to as usize]))
        .filter(near)
        .collect();
    flips.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    flips
}

fn flip(context: &Context, input: Input, at: f64, above: bool, option: &OptionSpec) -> Flip {
    let estimate = context.estimate(input, Horizon::Later);
    Flip {
        input,
        horizon: Horizon::Later,
        present: figure(context.base.get(input, Horizon::Later), input.unit(), estimate.origin.clone()),
        // Nobody hires a tenth of a person, and half a team is none.
        at: Figure::computed(
            if matches!(input, Input::Engineers | Input::Teams) { at.round() } else { at },
            input.unit(),
            "found by searching this input with all others at their best guess",
        ),
        above,
        to: option.id.clone(),
        to_name: option.name.clone(),
    }
}

/// Beyond this factor an input is that of another product: what would be chosen there says nothing of this one.
const OTHER_PRODUCT: f64 = 30.0;

fn near(flip: &Flip) -> bool {
    distance(flip) <= OTHER_PRODUCT.ln()
}

/// How far a flip is: the factor between the present value and the turn. Of a share near one, what is missing to
/// one counts: from two nines to three is a factor of ten.
fn distance(flip: &Flip) -> f64 {
    let near_one = flip.at.unit == Unit::Share && flip.present.value > 0.9;
    let scale = |value: f64| if near_one { 1.0 - value } else { value };
    let (a, b) = (scale(flip.present.value).max(1e-9), scale(flip.at.value).max(1e-9));
    (b / a).ln().abs()
}

/// How a verdict stands to an established decision.
fn pin(
    context: &Context,
    spec: &DecisionSpec,
    chosen: usize,
    lost: impl FnOnce() -> Option<String>,
) -> Option<Consequence> {
    let pin = context.brief.pins.iter().find(|p| p.decision == spec.id)?;
    let departs = spec.options[chosen].id != pin.option;
    let because = if departs {
        lost().unwrap_or_else(|| "the circumstances rule it out".to_owned())
    } else {
        "the numbers confirm it, or leave it good enough to keep".to_owned()
    };
    Some(Consequence { established: pin.option.clone(), place: pin.place.clone(), departs, because })
}

fn lost_by(choice: &Choice, rival: &Ranked) -> String {
    if rival.evaluation.feasible() {
        let more = rival.evaluation.ownership_usd - choice.winner.evaluation.ownership_usd;
        format!(
            "the best design that keeps it costs {} more to own",
            loadcase_model::format_quantity(more, Unit::UsdPerMonth)
        )
    } else {
        let clauses: Vec<&str> = rival.evaluation.missed().map(super::evaluate::Miss::clause).collect();
        format!("the best design that keeps it fails: {}", clauses.join("; "))
    }
}

/// A decision settled on its own; none when the question does not arise.
fn separate(context: &Context, choice: &Choice, spec: &DecisionSpec) -> Option<Decision> {
    let view = context.view(&context.base, &|_, _| false);
    if spec.arises.as_ref().is_some_and(|c| !c.holds(&view)) {
        return None;
    }
    let bench =
        settle::standings(context, spec, &context.base, &choice.options, choice.winner.evaluation.managed);
    let chosen = spec.options.iter().position(|o| choice.options.get(&spec.id) == Some(&o.id))?;
    let salary = context.base.get(Input::EngineerUsdMonth, Horizon::Later);
    let mut alternatives: Vec<Alternative> = (0..spec.options.len())
        .filter(|o| *o != chosen)
        .map(|o| separate_rival(context, spec, &bench, chosen, o, salary))
        .collect();
    sort_alternatives(&mut alternatives);
    Some(Decision {
        id: spec.id.clone(),
        question: spec.question.clone(),
        verdict: verdict(&spec.options[chosen]),
        drivers: separate_drivers(context, spec, &bench, chosen),
        alternatives,
        flips: separate_flips(context, choice, spec, chosen),
        holds: Figure::computed(
            share_that_holds(context, choice, spec, chosen),
            Unit::Share,
            format!("{} samples of the assumptions", choice.draws.len()),
        ),
        pin: pin(context, spec, chosen, || None),
    })
}

/// Share of the sampled assumptions under which the same option is chosen beside the same joint options.
fn share_that_holds(context: &Context, choice: &Choice, spec: &DecisionSpec, chosen: usize) -> f64 {
    let same = |values: &&Values| {
        let bench =
            settle::standings(context, spec, values, &choice.options, choice.winner.evaluation.managed);
        settle::choose(context, spec, &bench) == chosen
    };
    choice.draws.iter().filter(same).count() as f64 / choice.draws.len().max(1) as f64
}

fn separate_drivers(context: &Context, spec: &DecisionSpec, bench: &Bench, chosen: usize) -> Vec<Driver> {
    let mut drivers = demanded(context, &spec.options[chosen]);
    drivers.extend(self::drivers(&bench.standings[chosen]));
    let view = context.view(&context.base, &|_, _| false);
    drivers.extend(
        spec.needs
            .iter()
            .filter(|n| n.when.holds(&view))
            .map(|n| Driver { because: n.because.clone(), worth: None }),
    );
    drivers
}

fn separate_rival(
    context: &Context,
    spec: &DecisionSpec,
    bench: &Bench,
    chosen: usize,
    o: usize,
    salary: f64,
) -> Alternative {
    let option = &spec.options[o];
    let standing = &bench.standings[o];
    if let Some(because) = standing.barred.first() {
        return Alternative {
            option: option.id.clone(),
            name: option.name.clone(),
            feasible: false,
            behind: None,
            reason: format!("Ruled out: {because}."),
        };
    }
    let more = settle::weight(context, spec, bench, o) - settle::weight(context, spec, bench, chosen);
    if let [first, ..] = &demanded(context, &spec.options[chosen])[..]
        && more < 0.0
    {
        return Alternative {
            option: option.id.clone(),
            name: option.name.clone(),
            feasible: true,
            behind: None,
            reason: format!("It would take fewer people, but {}.", first.because),
        };
    }
    let shares = crate::forces::shares(context, spec, [&bench.standings[chosen], standing], [chosen, o]);
    let against = crate::forces::sentence(&option.drawback);
    let reason = if more > 1e-9 {
        let engineers = Figure::computed(more, Unit::Engineers, "by the catalog's estimates");
        format!("{against}It takes {} more{}.", engineers.tagged(), crate::forces::because(&shares))
    } else {
        format!("{against}It takes as many people, and comes later in the order of simplicity.")
    };
    Alternative {
        option: option.id.clone(),
        name: option.name.clone(),
        feasible: true,
        behind: Some(figure(
            (more * salary).max(0.0),
            Unit::UsdPerMonth,
            Origin::computed("engineers more, at the cost of an engineer"),
        )),
        reason,
    }
}

/// Inputs that separate decisions are searched over.
const SEPARATE_INPUTS: [Input; 6] =
    [Input::Tenants, Input::Engineers, Input::EventsPerS, Input::DataGb, Input::PeakRps, Input::WritesPerS];

fn separate_flips(context: &Context, choice: &Choice, spec: &DecisionSpec, chosen: usize) -> Vec<Flip> {
    let with = |input: Input, value: f64| {
        let mut values: Values = context.base;
        values.set(input, Horizon::Later, value);
        values.set(input, Horizon::Now, value);
        let bench =
            settle::standings(context, spec, &values, &choice.options, choice.winner.evaluation.managed);
        settle::choose(context, spec, &bench)
    };
    let mut flips = Vec::new();
    for input in SEPARATE_INPUTS {
        let base = context.base.get(input, Horizon::Later);
        for above in [true, false] {
            let mut same = base;
            for step in 1..=16 {
                let factor = 2.0_f64.powi(if above { step } else { -step });
                let value = if base > 0.0 { base * factor } else { factor };
                if !above && (base <= 0.0 || value < 1e-3) {
                    break;
                }
                if with(input, value) != chosen {
                    let (at, to) = narrow(&with, input, same, value, chosen);
                    flips.push(flip(context, input, at, above, &spec.options[to]));
                    break;
                }
                same = value;
            }
        }
    }
    flips.retain(near);
    flips.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    flips
}

fn narrow(
    with: &dyn Fn(Input, f64) -> usize,
    input: Input,
    mut same: f64,
    mut other: f64,
    chosen: usize,
) -> (f64, usize) {
    let mut to = with(input, other);
    for _ in 0..8 {
        let middle = if same > 0.0 { (same * other).sqrt() } else { 0.5 * (same + other) };
        let option = with(input, middle);
        if option == chosen {
            same = middle;
        } else {
            other = middle;
            to = option;
        }
    }
    (other, to)
}

/// The name of the option chosen for a decision.
#[must_use]
pub fn chosen_name<'a>(decisions: &'a [Decision], id: &str) -> Option<&'a str> {
    decisions.iter().find(|d| d.id == *id).map(|d| d.verdict.name.as_str())
}

/// Words of the published vocabulary by field; `none` stands only where nothing else does.
#[must_use]
pub fn words(context: &Context, choice: &Choice) -> indexmap::IndexMap<String, Vec<String>> {
    let mut fields: indexmap::IndexMap<String, Vec<String>> = indexmap::IndexMap::new();
    let managed = choice.winner.evaluation.managed;
    let mut patterns: Vec<String> = Vec::new();
    for spec in context.catalog.decisions.values() {
        let Some(option) = choice.options.get(&spec.id).and_then(|o: &Id| spec.option(o.as_str())) else {
            continue;
        };
        let words = fields.entry(spec.field.clone()).or_default();
        for word in &option.words {
            if (word != "managed_db" || managed) && !words.contains(word) {
                words.push(word.clone());
            }
        }
        patterns.extend(option.patterns.iter().map(|p| p.as_str().replace('-', "_")));
    }
    for words in fields.values_mut() {
        if words.len() > 1 {
            words.retain(|w| w != "none");
        }
    }
    patterns.sort();
    patterns.dedup();
    fields.insert("patterns".to_owned(), patterns);
    if context.base.get(Input::Regions, Horizon::Later) > 1.5 {
        fields.entry("deployment".to_owned()).or_default().push("multi_region".to_owned());
    }
    fields
}
