//! What the templates of a topic see, and the functions they may call.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use loadcase_catalog::{Catalog, Technology, TechnologyKind, Topic};
use loadcase_model::{
    Decision, Design, Figure, Horizon, Id, Input, Origin, Stance, Tag, TechnologyMention, Unit,
};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, Value};
use minijinja::{Environment, Error, UndefinedBehavior};

use super::AnswerError;
use super::blocks;
use super::checks::Spotted;
use super::said::Said;
use super::shown::{Ledger, Named, Shown, Used, computed, quantity};
use crate::lost::Stock;
use crate::text::markdown::{name, prose};

/// Instructions one text may take: generous for any sane template, a stop for a runaway one.
const FUEL: u64 = 300_000;

/// The environment and the context of one topic.
pub(super) struct Stage {
    environment: Environment<'static>,
    context: BTreeMap<&'static str, Value>,
    topic: String,
    prelude: String,
}

/// What an answer is made from.
#[derive(Clone, Copy)]
pub(super) struct Matter<'a> {
    pub question: &'a str,
    pub material: Option<&'a str>,
    pub design: &'a Design,
    pub catalog: &'a Catalog,
}

/// What every stage of one answer shares: made once.
pub(super) struct Workshop<'a> {
    shared: Arc<Shared>,
    context: BTreeMap<&'static str, Value>,
    pub(super) matter: Matter<'a>,
}

impl<'a> Workshop<'a> {
    pub(super) fn new(matter: Matter<'a>) -> Self {
        let shared = Arc::new(Shared {
            design: matter.design.clone(),
            technologies: matter.catalog.technologies.clone(),
            stock: Stock::new(matter.design, matter.catalog),
            said: Said::new(matter.question, matter.material),
            ledger: Ledger::default(),
        });
        Self { context: context(matter, &shared.ledger), shared, matter }
    }

    /// What was printed so far.
    pub(super) fn used(&self) -> Used {
        self.shared.ledger.used()
    }
}

impl Stage {
    /// Prepares the templates of a topic.
    pub(super) fn new(workshop: &Workshop<'_>, topic: &Topic, spotted: &[Spotted<'_>]) -> Self {
        let mut environment = Environment::new();
        if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
            environment.set_syntax(syntax);
        }
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(FUEL));
        let shared = &workshop.shared;
        add_numbers(&mut environment, shared);
        add_blocks(&mut environment, shared);
        add_decisions(&mut environment, shared);
        let mut context = workshop.context.clone();
        let ids: Vec<String> = spotted.iter().map(|s| s.check.id.to_string()).collect();
        context.insert("fig", map(figures(topic, &shared.ledger), Value::UNDEFINED));
        context.insert("spotted", Value::from(ids));
        Self { environment, context, topic: topic.id.to_string(), prelude: topic.computes.clone() }
    }

    /// Renders a text of the topic; `part` names it in errors.
    pub(super) fn render(&self, part: &str, text: &str) -> Result<String, AnswerError> {
        let source = format!("{}{text}", self.prelude);
        let rendered =
            self.environment.render_named_str(part, &source, Value::from_pairs(self.context.clone()));
        rendered.map(|text| tidy(&text)).map_err(|error| self.fault(part, &error))
    }

    /// Whether an expression of the topic is true.
    pub(super) fn holds(&self, part: &str, expression: &str) -> Result<bool, AnswerError> {
        let text = format!("{{% if {expression} %}}yes{{% endif %}}");
        Ok(self.render(part, &text)? == "yes")
    }

    fn fault(&self, part: &str, error: &Error) -> AnswerError {
        let reason = std::error::Error::source(error).map(|s| format!(": {s}")).unwrap_or_default();
        AnswerError::Template {
            topic: self.topic.clone(),
            part: part.to_owned(),
            problem: format!("{error}{reason}"),
        }
    }
}

/// Lines without trailing blanks, at most one empty line between two others, none at the ends, and one
/// between a list and the paragraph after it, which would else become part of its last item. An item that
/// is there already is not repeated.
fn tidy(text: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let mut fenced = false;
    for line in text.lines().map(str::trim_end) {
        if !fenced && is_item(line) && out.contains(&line) {
            continue;
        }
        let after_item = out.last().is_some_and(|last| is_item(last));
        if !fenced && after_item && !line.is_empty() && !is_item(line) && !line.starts_with(' ') {
            out.push("");
        }
        fenced ^= line.trim_start().starts_with("```");
        if !(line.is_empty() && out.last().is_none_or(|last| last.is_empty())) {
            out.push(line);
        }
    }
    while out.last().is_some_and(|last| last.is_empty()) {
        out.pop();
    }
    out.join("\n")
}

/// Whether a line is an item of a list.
fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    line.starts_with("- ") || (digits > 0 && line[digits..].starts_with(". "))
}

/// What the functions of a stage share.
struct Shared {
    design: Design,
    technologies: IndexMap<Id, Technology>,
    stock: Stock,
    said: Said,
    ledger: Ledger,
}

impl Shared {
    fn shown(&self, figure: &Figure) -> Value {
        Shown::value(figure.clone(), &self.ledger)
    }

    fn decision(&self, id: &str) -> Option<&Decision> {
        self.design.decision(id)
    }
}

fn add_numbers(environment: &mut Environment<'static>, shared: &Arc<Shared>) {
    environment.add_function("c", |value: f64, unit: &str| computed(value, unit));
    environment.add_function("plain", |value: f64, unit: &str| quantity(value, unit));
    environment.add_function("ratio", |a: f64, b: f64| if b == 0.0 { f64::NAN } else { a / b });
    environment.add_function("larger", |a: f64, b: f64| a.max(b));
    environment.add_function("smaller", |a: f64, b: f64| a.min(b));
    environment.add_function("up", f64::ceil);
    environment.add_function("known", |value: f64| value.is_finite());
    environment.add_filter("q", |value: &Value| value.to_string());
    environment.add_filter("told", |text: &str| blocks::told(text));
    environment.add_filter("quoted", |text: &str| prose(text, Tag::User));
    let this = Arc::clone(shared);
    environment.add_function("said", move |phrases: &Value, fallback: Option<&Value>| -> Value {
        this.otherwise(phrases, fallback)
    });
    let this = Arc::clone(shared);
    environment.add_function("rate", move |nouns: &str| {
        let rate = this.said.rate(nouns);
        rate.map_or(Value::UNDEFINED, |rate| {
            Value::from_pairs([
                ("text", Value::from(format!("{} `u`", rate.text))),
                ("per_s", Value::from(rate.per_s)),
                (
                    "figure",
                    this.shown(&Figure::computed(rate.per_s, Unit::PerSecond, "as stated, per second")),
                ),
            ])
        })
    });
    let this = Arc::clone(shared);
    environment.add_function("asks", move |phrase: &str| this.said.mentions(phrase));
}

impl Shared {
    /// The number a phrase of the question states, in the unit of the fallback; else the fallback.
    fn otherwise(&self, phrases: &Value, fallback: Option<&Value>) -> Value {
        let unit = fallback
            .and_then(|value| value.downcast_object_ref::<Shown>())
            .map_or(Unit::One, |shown| shown.figure.unit);
        let all: Vec<Value> = match phrases.as_str() {
            Some(_) => vec![phrases.clone()],
            None => phrases.try_iter().map(Iterator::collect).unwrap_or_default(),
        };
        let found = all.iter().filter_map(|p| p.as_str()).find_map(|p| self.said.number(p, unit));
        match (found, fallback) {
            (Some(figure), _) => self.shown(&figure),
            (None, Some(value)) => value.clone(),
            (None, None) => Value::UNDEFINED,
        }
    }
}

fn horizon(name: Option<&str>) -> Horizon {
    if name == Some("now") { Horizon::Now } else { Horizon::Later }
}

fn add_blocks(environment: &mut Environment<'static>, shared: &Arc<Shared>) {
    let this = Arc::clone(shared);
    environment.add_function("load", move || blocks::load(&this.design));
    let this = Arc::clone(shared);
    environment.add_function("load_at", move |name: Option<&str>| {
        blocks::load_at(&this.design, horizon(name)).unwrap_or_default()
    });
    let this = Arc::clone(shared);
    environment.add_function("machines", move || blocks::machines(&this.design, &this.technologies));
    let this = Arc::clone(shared);
    environment.add_function("headline", move || {
        blocks::told(this.design.recommendation.headline.trim_end_matches('.'))
    });
    let this = Arc::clone(shared);
    environment.add_function("modules", move || blocks::modules(&this.design));
    let this = Arc::clone(shared);
    environment.add_function("role", move |kind: &str| blocks::role(&this.design, kind, &this.technologies));
    let this = Arc::clone(shared);
    environment.add_function("costs", move || blocks::costs(&this.design, &this.technologies));
    let this = Arc::clone(shared);
    environment.add_function("people", move || blocks::people(&this.design));
    let this = Arc::clone(shared);
    environment.add_function("targets", move || blocks::targets(&this.design));
    let this = Arc::clone(shared);
    environment.add_function("growth", move |most: usize| blocks::growth(&this.design, most));
}

fn add_decisions(environment: &mut Environment<'static>, shared: &Arc<Shared>) {
    type Block = fn(&Decision, usize) -> String;
    let with_limit: [(&'static str, Block); 2] = [("flips", blocks::flips), ("drivers", blocks::drivers)];
    for (name, block) in with_limit {
        let this = Arc::clone(shared);
        environment.add_function(name, move |id: &str, most: usize| {
            this.decision(id).map(|d| block(d, most)).unwrap_or_default()
        });
    }
    let this = Arc::clone(shared);
    environment.add_function("flips_to", move |id: &str, options: Vec<String>, most: usize| {
        this.decision(id).map(|d| blocks::flips_to(d, &options, most)).unwrap_or_default()
    });
    let this = Arc::clone(shared);
    environment.add_function("verdict", move |id: &str| {
        this.decision(id).map(|d| name(&d.verdict.name)).unwrap_or_default()
    });
    let this = Arc::clone(shared);
    environment.add_function("chosen", move |id: &str| {
        this.decision(id).map(|d| d.verdict.option.to_string()).unwrap_or_default()
    });
    let this = Arc::clone(shared);
    environment.add_function("lost", move |id: &str, option: &str| {
        let alternative = this.decision(id).and_then(|d| d.alternatives.iter().find(|a| a.option == *option));
        alternative.and_then(|a| this.stock.own(a)).map(blocks::told).unwrap_or_default()
    });
    let this = Arc::clone(shared);
    environment.add_function("behind", move |id: &str, option: &str| {
        let alternative = this.decision(id).and_then(|d| d.alternatives.iter().find(|a| a.option == *option));
        alternative.and_then(|a| a.behind.as_ref()).map_or(Value::UNDEFINED, |b| this.shown(b))
    });
    let this = Arc::clone(shared);
    environment.add_function("against", move |id: &str, option: &str| {
        this.decision(id).map(|d| blocks::against(d, &this.stock, option)).unwrap_or_default()
    });
    let this = Arc::clone(shared);
    environment.add_function("closest", move |id: &str| {
        this.decision(id).map(|d| blocks::closest(d, &this.stock)).unwrap_or_default()
    });
    let this = Arc::clone(shared);
    environment.add_function("reasons", move |most: usize| {
        let told = |r: &String| format!("- {}", blocks::told(this.stock.trimmed(r)));
        this.design.recommendation.reasons.iter().take(most).map(told).collect::<Vec<_>>().join("\n")
    });
    let this = Arc::clone(shared);
    environment.add_function("losers", move |id: &str, most: usize| {
        this.decision(id).map(|d| blocks::losers(d, &this.stock, most)).unwrap_or_default()
    });
    let this = Arc::clone(shared);
    environment.add_function("holds", move |id: &str| {
        this.decision(id).map_or(Value::UNDEFINED, |d| this.shown(&d.holds))
    });
    let this = Arc::clone(shared);
    environment.add_function("fact", move |technology: &str, name: &str| {
        let known = this.technologies.get(technology).and_then(|t| t.fact(name).map(|f| (&t.name, f)));
        known.map_or(Value::UNDEFINED, |(of, fact)| {
            let words = format!("{of}, {}: {}", name.replace('-', " "), fact.source);
            Shown::fact(fact, &format!("{technology}.{name}"), words, &this.ledger)
        })
    });
    let this = Arc::clone(shared);
    environment.add_function("name", move |id: &str| {
        this.technologies.get(id).map_or_else(|| id.to_owned(), |t| t.name.clone())
    });
}

/// The variables every topic's templates see.
fn context(matter: Matter<'_>, ledger: &Ledger) -> BTreeMap<&'static str, Value> {
    let design = matter.design;
    let json = serde_json::to_value(design).unwrap_or_default();
    let signals = design.brief.signals.iter().map(|(id, s)| (id.to_string(), Value::from(s.holds))).collect();
    let first = |words: &Vec<String>| Value::from(words.first().cloned().unwrap_or_default());
    let choice = design.choices.0.iter().map(|(field, words)| (field.clone(), first(words))).collect();
    let domain = design.brief.domains.first().map(|d| d.id.to_string()).unwrap_or_default();
    let at_hand = |m: &TechnologyMention| !matches!(m.stance, Stance::Considered | Stance::Rejected);
    let written_in = |m: &TechnologyMention| {
        let kind = matter.catalog.technology(m.id.as_str()).map(|t| t.kind);
        m.stance != Stance::Rejected
            && matches!(kind, Some(TechnologyKind::Language | TechnologyKind::Framework))
    };
    BTreeMap::from([
        ("design", value(&json, ledger)),
        ("inputs", map(inputs(design, ledger), Value::UNDEFINED)),
        ("now", map(numbers(design, Horizon::Now), Value::from(f64::NAN))),
        ("later", map(numbers(design, Horizon::Later), Value::from(f64::NAN))),
        ("signals", map(signals, Value::from(false))),
        ("choice", map(choice, Value::from(""))),
        ("day", Value::from(86_400.0)),
        ("month", Value::from(2_592_000.0)),
        ("year", Value::from(31_536_000.0)),
        ("domain", Value::from(domain)),
        ("technologies", Value::from(technologies(matter, &at_hand))),
        ("languages", Value::from(technologies(matter, &written_in))),
        ("has_material", Value::from(matter.material.is_some())),
    ])
}

/// Names of the technologies the brief mentions in some way.
fn technologies(matter: Matter<'_>, wanted: &dyn Fn(&TechnologyMention) -> bool) -> Vec<String> {
    let mentioned = matter.design.brief.technologies.iter().filter(|m| wanted(m));
    mentioned
        .map(|m| {
            matter.catalog.technology(m.id.as_str()).map_or_else(|| m.id.to_string(), |t| t.name.clone())
        })
        .collect()
}

fn map(values: BTreeMap<String, Value>, missing: Value) -> Value {
    Value::from_object(Named { values, missing })
}

/// Every input as figures at both horizons.
fn inputs(design: &Design, ledger: &Ledger) -> BTreeMap<String, Value> {
    let entry = |input: &Input| {
        let unknown = || Figure {
            value: f64::NAN,
            unit: input.unit(),
            origin: Origin::assumed(f64::NAN, f64::NAN, "not known"),
        };
        let reading = design.reading(*input);
        let at = |horizon| {
            let figure = reading.map(|r| match horizon {
                Horizon::Now => r.now.clone(),
                Horizon::Later => r.later.clone(),
            });
            Shown::value(figure.unwrap_or_else(unknown), ledger)
        };
        let given = reading.is_some_and(|r| r.now.origin.is_given() || r.later.origin.is_given());
        let sways = reading.map_or(0.0, |r| r.sways.value);
        let fields = [
            ("now", at(Horizon::Now)),
            ("later", at(Horizon::Later)),
            ("given", Value::from(given)),
            ("sways", Value::from(sways)),
            ("label", Value::from(input.label())),
        ];
        (input.slug().to_owned(), Value::from_pairs(fields))
    };
    Input::ALL.iter().map(entry).collect()
}

/// Every input as a bare number, for arithmetic.
fn numbers(design: &Design, horizon: Horizon) -> BTreeMap<String, Value> {
    let number = |reading: &loadcase_model::Reading| match horizon {
        Horizon::Now => reading.now.value,
        Horizon::Later => reading.later.value,
    };
    design.readings.iter().map(|r| (r.input.slug().to_owned(), Value::from(number(r)))).collect()
}

/// The topic's own figures.
fn figures(topic: &Topic, ledger: &Ledger) -> BTreeMap<String, Value> {
    let figure = |(id, fact): (&Id, &loadcase_model::Fact)| {
        let words = fact.source.clone();
        (id.to_string(), Shown::fact(fact, &format!("{}.{id}", topic.id), words, ledger))
    };
    topic.figures.iter().map(figure).collect()
}

/// JSON as template values; objects that are figures become figures.
fn value(json: &serde_json::Value, ledger: &Ledger) -> Value {
    match json {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(b) => Value::from(*b),
        serde_json::Value::Number(n) => {
            n.as_i64().map_or_else(|| Value::from(n.as_f64().unwrap_or(f64::NAN)), Value::from)
        }
        serde_json::Value::String(s) => Value::from(s.as_str()),
        serde_json::Value::Array(items) => items.iter().map(|item| value(item, ledger)).collect(),
        serde_json::Value::Object(fields) => {
            let is_figure =
                fields.len() == 3 && ["value", "unit", "origin"].iter().all(|k| fields.contains_key(*k));
            if is_figure && let Ok(figure) = serde_json::from_value::<Figure>(json.clone()) {
                return Shown::value(figure, ledger);
            }
            Value::from_object(Fields(
                fields.iter().map(|(name, field)| (name.clone(), value(field, ledger))).collect(),
            ))
        }
    }
}

/// A record whose names may be written with `-` or `_`, iterated in the order of the design.
#[derive(Debug)]
struct Fields(IndexMap<String, Value>);

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        self.0.get(key).or_else(|| self.0.get(&key.replace('_', "-"))).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> minijinja::value::Enumerator {
        minijinja::value::Enumerator::Values(self.0.keys().map(|k| Value::from(k.as_str())).collect())
    }
}
