//! What would be different: inputs of the brief changed and designed again, or elements of the blueprint changed
//! as they stand, and what follows for the forecast.

use loadcase_brief::Read;
use loadcase_model::{
    self as model, AccessKind, Blueprint, BottleneckChange, Brief, DecisionChange, Design, Diagnostic,
    Estimate, Figure, Forecast, Horizon, Id, Input, InputKind, NumberChange, Operation, OperationKind,
    Origin, Reading, RequirementChange, Understood, WhatIf,
};
use loadcase_review::Version;

use crate::change::{ChangeError, Edit, Given, Value, names, names_element, unknown};
use crate::simulate::{SimulateError, System};
use crate::{DesignOptions, Session};

impl Session {
    /// Says what follows from changes: `users=5M`, `team=20`, `cache=off`, `app.copies=6`.
    ///
    /// # Errors
    /// When a change cannot be understood, or is about the brief of a blueprint that came without one.
    pub fn what_if(&self, system: &System, changes: &[String]) -> Result<WhatIf, SimulateError> {
        if changes.is_empty() {
            let known = self.changeable(system).join(", ");
            return Err(
                ChangeError::new("there is no change", format!("what can be changed: {known}")).into()
            );
        }
        let mut brief = system.brief.clone();
        let mut inputs = Vec::new();
        let mut elements = Vec::new();
        for text in changes {
            let given = Given::read(text)?;
            match self.input(&given, system)? {
                Some((input, stated)) => inputs.push((text, input, stated)),
                None => elements.push(given),
            }
        }
        for (_, input, stated) in &inputs {
            if let Some(brief) = &mut brief {
                state(brief, *input, stated);
            }
        }
        let redesigned = !inputs.is_empty();
        let designs = match (&system.brief, &brief) {
            (Some(before), Some(after)) if redesigned => Some((
                self.design(before, &DesignOptions::default())?,
                self.design(after, &DesignOptions::default())?,
            )),
            _ => None,
        };
        if let Some((_, after)) = &designs {
            for (text, input, _) in &inputs {
                self.means_something(text, *input, after)?;
            }
        }
        // The design of a brief that stays as it is: what the blueprint's bill depends on.
        let alone = match (&designs, &system.brief) {
            (None, Some(brief)) => Some(self.design(brief, &DesignOptions::default())?),
            _ => None,
        };
        let (before, base) = match &designs {
            Some((before, after)) => (before.blueprint.clone(), after.blueprint.clone()),
            None => (system.blueprint.clone(), system.blueprint.clone()),
        };
        let mut understood: Vec<Understood> = Vec::new();
        if let Some(designs) = &designs {
            understood.extend(inputs.iter().map(|(text, input, _)| told(text, *input, designs)));
        }
        let mut after = base;
        for given in &elements {
            understood.push(change(given, &mut after)?);
        }
        let mut result = match &designs {
            // A design is sized for each horizon; a blueprint is what it is at both.
            Some((was, is)) if elements.is_empty() => {
                let forecasts = |d: &Design| vec![d.forecasts.now.clone(), d.forecasts.later.clone()];
                differences((&before, &forecasts(was)), (&after, &forecasts(is)))
            }
            _ => {
                let (was, is) = match &designs {
                    Some((was, is)) => (Some(was), Some(is)),
                    None => (alone.as_ref(), alone.as_ref()),
                };
                let old = self.forecast_for(&before, was);
                differences((&before, &old), (&after, &self.forecast_for(&after, is)))
            }
        };
        if let Some((was, is)) = &designs {
            result.decisions = decisions(was, is);
            result.requirements = requirements(was, is);
            if edited(system, was) {
                result.notes.push(
                    "the blueprint was edited since it was designed: the brief was designed again without the edits"
                        .to_owned(),
                );
            }
            result.notes.extend(overruled(&inputs, (was, is)));
        }
        Ok(WhatIf { changes: understood, redesigned, ..result })
    }

    /// What can be changed of a system, as the names before `=`.
    #[must_use]
    pub fn changeable(&self, system: &System) -> Vec<String> {
        let mut all = names(&system.blueprint);
        if system.brief.is_some() {
            all.extend(Input::ALL.iter().map(|i| i.slug().to_owned()));
        }
        all
    }

    /// The input of the brief that a change is about, with what it states; none when it is about an element.
    fn input(&self, given: &Given<'_>, system: &System) -> Result<Option<(Input, Brief)>, SimulateError> {
        let known = Input::from_slug(given.name);
        if known.is_none() && names_element(&system.blueprint, given) {
            return Ok(None);
        }
        if known.is_none() && given.property.is_some() {
            return Err(unknown(given.name, &self.changeable(system)).into());
        }
        let known = known.or_else(|| by_part(given.name));
        if known.is_none()
            && let Some(brief) = &system.brief
            && let Some(found) = said(brief, given)
        {
            return Ok(Some(found));
        }
        let value = relative(given, known, system, self)?.unwrap_or_else(|| given.value.to_owned());
        let read = match known {
            Some(input) => Some(self.stated(input, &value, given)?),
            None => self.spoken(given.name, &value),
        };
        let Some(brief) = read else {
            // Words that would be understood with a number lack one; others mean nothing here.
            let is_named = self.spoken(given.name, "7").is_some_and(|b| !b.numbers.is_empty());
            let value = given.parsed().err().filter(|_| is_named);
            return Err(value.unwrap_or_else(|| unknown(given.name, &self.changeable(system))).into());
        };
        let Some(input) = known.or_else(|| brief.numbers.keys().next().copied()) else {
            return Err(unknown(given.name, &self.changeable(system)).into());
        };
        if system.brief.is_none() {
            return Err(ChangeError::new(
                format!("`{}` is about the brief, and none lies beside the blueprint", given.text),
                "name a folder that `loadcase design BRIEF --out FOLDER` wrote; or change the load itself: `load=2x`",
            )
            .into());
        }
        Ok(Some((input, brief)))
    }

    /// A value of an input by its name, read as in the fields of a brief.
    fn stated(&self, input: Input, value: &str, given: &Given<'_>) -> Result<Brief, ChangeError> {
        let quoted = serde_json::Value::String(value.to_owned());
        let text = format!("numbers:\n  {}: {quoted}\n", input.slug());
        let wrong = |d: Box<Diagnostic>| {
            ChangeError::new(
                format!("`{}`: {}", given.text, d.message),
                d.help.unwrap_or_else(|| input.meaning().to_owned()),
            )
        };
        self.read(text.as_bytes(), "change.yaml").map(|r| r.brief).map_err(wrong)
    }

    /// A value with the words people use for an input: `users=5M` says "5M users", `team=20` "a team of 20".
    fn spoken(&self, name: &str, value: &str) -> Option<Brief> {
        let words = name.replace(['-', '_'], " ");
        let forms: [fn(&str, &str) -> String; 3] =
            [|w, v| format!("a {w} of {v}"), |w, v| format!("{v} {w}"), |w, v| format!("{w} {v}")];
        let read = |sentence: String| -> Option<Read> { self.read(sentence.as_bytes(), "change").ok() };
        forms.iter().find_map(|form| {
            let brief = read(form(&words, value))?.brief;
            // What any other word would say as well is not what this one says.
            let anyhow = read(form(NO_WORD, value))?.brief;
            let says = brief.numbers.keys().any(|i| !anyhow.numbers.contains_key(i));
            says.then_some(brief)
        })
    }
}

impl Session {
    /// A rate of things that nobody does in this product would stand for all that is written: it is refused.
    fn means_something(&self, text: &str, input: Input, after: &Design) -> Result<(), ChangeError> {
        let name = text.split('=').next().unwrap_or_default().trim();
        let by_name = Input::from_slug(name).is_some() || GENERIC.iter().any(|w| name.starts_with(w));
        // What stands for all that is written keeps the words it was said in, also where it was brought to the peak.
        let given = after.brief.numbers.get(&input).and_then(|g| g.now.as_ref());
        let words = given.and_then(|e| match &e.origin {
            Origin::Stated { text, .. } => Some(format!("\"{text}\", ")),
            _ => None,
        });
        let stated = after.reading(input).is_some_and(|r| match &r.now.origin {
            Origin::Stated { .. } => true,
            Origin::Computed { by, .. } => words.is_some_and(|w| by.starts_with(&w)),
            _ => false,
        });
        if input != Input::WritesPerS || by_name || !stated {
            return Ok(());
        }
        let blueprint = &after.blueprint;
        let added = |o: &Operation| {
            let inserts = o.accesses.iter().filter(|a| a.kind == AccessKind::Insert);
            inserts.map(|a| a.entity.clone()).collect::<Vec<_>>()
        };
        let asked = blueprint.operations.values().filter(|o| o.kind == OperationKind::Request);
        let mut things: Vec<Id> = asked.flat_map(added).collect();
        things.sort();
        things.dedup();
        let list = things.iter().take(MOST_THINGS).map(Id::as_str).collect::<Vec<_>>().join(", ");
        Err(ChangeError::new(
            format!("`{name}` is no rate of anything that is done in this product"),
            format!(
                "what is added here: {list}; or change the load itself: `load=2x`, `peak-rps=200`, `writes-per-s=50`"
            ),
        ))
    }
}

/// Words for all that is written.
const GENERIC: [&str; 4] = ["write", "insert", "update", "change"];
/// Things that are named in an error at most.
const MOST_THINGS: usize = 12;

/// A number that the brief states of something by the same word, `50,000 devices` for `devices`: what was read from
/// those words changes with it.
fn said(brief: &Brief, given: &Given<'_>) -> Option<(Input, Brief)> {
    let value = Value::parse(given.value)?;
    let texts = |stated: &model::Given| {
        let both = [&stated.now, &stated.later].into_iter().flatten();
        let words = |e: &Estimate| match &e.origin {
            Origin::Stated { text, .. } => Some((text.clone(), e.value)),
            _ => None,
        };
        both.filter_map(words).collect::<Vec<_>>()
    };
    let grows = |input: &Input| {
        matches!(input.kind(), InputKind::Traffic | InputKind::Data) && *input != Input::Growth
    };
    let numbers = || brief.numbers.iter().filter(|(input, _)| grows(input));
    let (old, whole) = numbers()
        .flat_map(|(_, s)| texts(s))
        .find_map(|(text, whole)| Some((counted(&text, given.name)?, whole)))?;
    let factor = growth(&value, old, whole)?;
    // Fifty users in each of four hundred companies are more where the companies are more.
    let is_each = |text: &str, whole: f64| {
        let numbers = text.split_whitespace().filter_map(|w| match Value::parse(w) {
            Some(Value::Exactly(number)) => Some(number),
            _ => None,
        });
        numbers.into_iter().any(|each| each > 0.0 && (each * old / whole - 1.0).abs() < 0.01)
    };
    let scaled = |e: &Estimate| Estimate {
        value: e.value * factor,
        low: e.low * factor,
        high: e.high * factor,
        origin: Origin::answered(given.text),
    };
    let mut changed = Brief::default();
    let mut named = None;
    for (input, stated) in numbers() {
        let own = texts(stated).iter().any(|(text, _)| counted(text, given.name).is_some());
        let each = texts(stated).iter().any(|(text, whole)| is_each(text, *whole));
        if own {
            named = named.or(Some(*input));
        }
        if own || each {
            let both = model::Given {
                average: stated.average,
                each: stated.each,
                now: stated.now.as_ref().map(scaled),
                later: stated.later.as_ref().map(scaled),
            };
            changed.numbers.insert(*input, both);
        }
    }
    Some((named?, changed))
}

/// By how much a number of the brief grows that is said of each (`40 users` in each of 300 companies) and was read as
/// a whole (12,000): `users=60` is about each, `users=20000` about all. The reading that changes less is meant.
fn growth(value: &Value, each: f64, whole: f64) -> Option<f64> {
    let factor = |old: f64| Some(value.of(old)? / old).filter(|f| f.is_finite() && *f > 0.0);
    let change = |f: &f64| f.ln().abs();
    [each, whole].into_iter().filter_map(factor).min_by(|a, b| change(a).total_cmp(&change(b)))
}

/// The number before a word, in the singular or the plural: 50,000 in `50,000 devices send`.
fn counted(text: &str, word: &str) -> Option<f64> {
    let stem = |w: &str| {
        let w = w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        w.strip_suffix('s').map_or_else(|| w.clone(), str::to_owned)
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let pair = words.windows(2).find(|pair| stem(pair[1]) == stem(word))?;
    match Value::parse(pair[0])? {
        Value::Exactly(number) if number > 0.0 => Some(number),
        _ => None,
    }
}

/// A word that no lexicon knows.
const NO_WORD: &str = "xqzzy";

/// The input that has a word in its name, where only one has: `budget`, `p99`.
fn by_part(word: &str) -> Option<Input> {
    let mut found = Input::ALL.iter().filter(|i| i.slug().split('-').any(|part| part == word));
    found.next().copied().filter(|_| found.next().is_none())
}

/// Forecasts and shapes of two blueprints, against each other.
fn differences((before, old): (&Blueprint, &[Forecast]), (after, new): (&Blueprint, &[Forecast])) -> WhatIf {
    let mut numbers = Vec::new();
    let mut bottlenecks = Vec::new();
    for is in new {
        let Some(was) = old.iter().find(|f| f.horizon == is.horizon) else { continue };
        numbers.extend(number_changes(was, is, (before, after)));
        let (x, y) = (first_full(before, was), first_full(after, is));
        if x != y {
            bottlenecks.push(BottleneckChange { horizon: is.horizon, before: x, after: y });
        }
    }
    let none = indexmap::IndexMap::new();
    let version = |blueprint| Version { blueprint, names: &none };
    WhatIf {
        schema: WhatIf::SCHEMA.to_owned(),
        name: before.name.clone(),
        changes: Vec::new(),
        redesigned: false,
        decisions: Vec::new(),
        requirements: Vec::new(),
        numbers,
        bottlenecks,
        shape: loadcase_review::shape(&version(before), &version(after), true),
        notes: Vec::new(),
    }
}

/// Name of the component that is full first.
fn first_full(blueprint: &Blueprint, forecast: &Forecast) -> String {
    let station = &forecast.saturation.station;
    blueprint.components.get(station).map_or_else(|| station.to_string(), |c| c.name.clone())
}

/// A factor or a difference (`users=2x`) as the value that it makes.
fn relative(
    given: &Given<'_>,
    known: Option<Input>,
    system: &System,
    session: &Session,
) -> Result<Option<String>, SimulateError> {
    let Some(value @ (Value::Times(_) | Value::More(_))) = Value::parse(given.value) else { return Ok(None) };
    let Some(brief) = &system.brief else { return Ok(None) };
    let input =
        known.or_else(|| session.spoken(given.name, "10").and_then(|b| b.numbers.keys().next().copied()));
    let Some(input) = input else { return Ok(None) };
    let design = session.design(brief, &DesignOptions::default())?;
    let before = design.reading(input).map(|r| r.now.value);
    Ok(before.and_then(|b| value.of(b)).map(|v| v.to_string()))
}

/// Puts what a change states into a brief: today's value. What was said of 24 months goes, so that it grows from
/// the new value.
fn state(brief: &mut Brief, input: Input, stated: &Brief) {
    for (other, given) in &stated.numbers {
        brief.numbers.insert(*other, given.clone());
    }
    if let Some(given) = brief.numbers.get_mut(&input)
        && let Some(stated) = stated.numbers.get(&input)
    {
        given.later = stated.later.clone();
    }
}

/// What was understood of a change of an input.
fn told(text: &str, input: Input, (before, after): &(Design, Design)) -> Understood {
    let now = |design: &Design| {
        let given = || design.brief.numbers.get(&input)?.now.clone();
        let stated = || given().map(|e| Figure { value: e.value, unit: input.unit(), origin: e.origin });
        design.reading(input).map(|r: &Reading| r.now.clone()).or_else(stated)
    };
    let what = input.label().to_owned();
    Understood { given: text.to_owned(), what, before: now(before), after: now(after) }
}

/// Whether the blueprint beside the brief is no longer what was designed for it.
fn edited(system: &System, design: &Design) -> bool {
    serde_json::to_value(&system.blueprint).ok() != serde_json::to_value(&design.blueprint).ok()
}

/// Inputs whose change did nothing to the load, because the brief says the load in another way.
fn overruled(inputs: &[(&String, Input, Brief)], (was, is): (&Design, &Design)) -> Vec<String> {
    let same = |of: &dyn Fn(&Design) -> Option<f64>| match (of(was), of(is)) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs(),
        _ => false,
    };
    let peak = same(&|d| d.reading(Input::PeakRps).map(|r| r.later.value));
    let drives = |i: Input| matches!(i, Input::MonthlyUsers | Input::DailyUsers | Input::DailyShare);
    let unmoved = inputs.iter().filter(|(_, i, _)| peak && drives(*i));
    unmoved
        .map(|(text, ..)| {
            format!("{text}: the brief states the request rate itself, so the load stays; change peak-rps")
        })
        .collect()
}

fn decisions(was: &Design, is: &Design) -> Vec<DecisionChange> {
    let mut changes = Vec::new();
    for after in &is.decisions {
        let before = was.decision(after.id.as_str());
        let old = before.map_or("", |d| d.verdict.name.as_str());
        if before.is_some_and(|b| b.verdict.option == after.verdict.option) {
            continue;
        }
        changes.push(DecisionChange {
            decision: after.id.clone(),
            question: after.question.clone(),
            before: old.to_owned(),
            after: after.verdict.name.clone(),
            because: after.drivers.first().map_or_else(String::new, |d| d.because.clone()),
        });
    }
    for before in was.decisions.iter().filter(|d| is.decision(d.id.as_str()).is_none()) {
        changes.push(DecisionChange {
            decision: before.id.clone(),
            question: before.question.clone(),
            before: before.verdict.name.clone(),
            after: String::new(),
            because: "the question no longer arises".to_owned(),
        });
    }
    changes
}

fn requirements(was: &Design, is: &Design) -> Vec<RequirementChange> {
    let changed = |t: &&loadcase_model::TargetCheck| {
        was.targets.iter().find(|o| o.name == t.name).is_some_and(|o| o.met != t.met)
    };
    let change = |t: &loadcase_model::TargetCheck| RequirementChange {
        name: t.name.clone(),
        wanted: t.target.clone(),
        forecast: t.forecast.clone(),
        met: t.met,
    };
    is.targets.iter().filter(changed).map(change).collect()
}

/// Numbers of two forecasts that differ in what is shown of them.
fn number_changes(
    was: &Forecast,
    is: &Forecast,
    (before, after): (&Blueprint, &Blueprint),
) -> Vec<NumberChange> {
    type Of = fn(&Forecast) -> &loadcase_model::Figure;
    let whole: [(&str, Of); 9] = [
        ("arrivals", |f| &f.arrivals),
        ("p50 response time", |f| &f.latency.p50),
        ("p95 response time", |f| &f.latency.p95),
        ("p99 response time", |f| &f.latency.p99),
        ("rate at saturation", |f| &f.saturation.rate),
        ("availability", |f| &f.availability.share),
        ("recovery time", |f| &f.availability.recovery_time),
        ("monthly cost", |f| &f.cost_total),
        ("people to run it", |f| &f.people_total),
    ];
    let horizon: Horizon = is.horizon;
    let mut changes = Vec::new();
    let mut note = |name: &str, x: &loadcase_model::Figure, y: &loadcase_model::Figure| {
        if x.text() != y.text() {
            let name = loadcase_model::Id::slug(name);
            changes.push(NumberChange { name, horizon, before: x.clone(), after: y.clone() });
        }
    };
    for (name, of) in whole {
        note(name, of(was), of(is));
    }
    for (id, station) in &is.stations {
        let Some(old) = was.stations.get(id) else { continue };
        let known = after.components.get(id).or_else(|| before.components.get(id));
        let name = known.map_or_else(|| id.to_string(), |c| c.name.clone());
        note(&format!("{name} busy"), &old.utilisation, &station.utilisation);
    }
    changes
}

/// Changes an element of a blueprint; says how the change was understood.
fn change(given: &Given, blueprint: &mut Blueprint) -> Result<Understood, ChangeError> {
    let (edit, told) = Edit::read(given, blueprint)?;
    if !edit.is_structural() {
        return Err(ChangeError::new(
            format!("`{}` changes how the system behaves over time, which no forecast shows", given.text),
            format!("run it: `loadcase simulate … --with {}`", given.text),
        ));
    }
    edit.on_blueprint(blueprint);
    Ok(told)
}
