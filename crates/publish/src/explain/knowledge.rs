//! Patterns, decisions, options, domains, terms, circumstances and inputs.

use loadcase_catalog::{
    Catalog, Condition, DecisionSpec, Domain, OptionSpec, Pattern, Reference, SignalSpec, Term,
};
use loadcase_model::{Figure, Id, Input, Origin, Tag, Unit};

use super::cite;
use crate::honesty::tagged;
use crate::text::markdown::{Doc, Table, code, escape, name, prose};
use crate::text::sentence;

/// Phrases shown of a circumstance.
const MOST_PHRASES: usize = 8;

/// Sentences of the catalog: its numbers are judgement unless a fact says otherwise.
fn told(text: &str) -> String {
    sentence(&prose(text, Tag::Assumed))
}

fn section(doc: &mut Doc, title: &str, items: &[String]) {
    if !items.is_empty() {
        doc.heading(3, title);
        doc.list(items.iter().map(|item| told(item)));
    }
}

fn see(doc: &mut Doc, title: &str, ids: &[Id]) {
    if !ids.is_empty() {
        let ids: Vec<String> = ids.iter().map(|id| code(id.as_str())).collect();
        doc.para(format!("{title}: {}.", ids.join(", ")));
    }
}

fn references(doc: &mut Doc, references: &[Reference]) {
    if !references.is_empty() {
        doc.heading(3, "Sources");
        doc.list(references.iter().map(|r| cite(&r.title, r.url.as_deref())));
    }
}

pub(super) fn pattern(doc: &mut Doc, pattern: &Pattern, catalog: &Catalog) {
    doc.para(told(&pattern.summary));
    section(doc, "When it pays", &pattern.when);
    section(doc, "When it does not", &pattern.avoid_when);
    section(doc, "How", &pattern.how);
    section(doc, "What it costs", &pattern.costs);
    section(doc, "What people get wrong", &pattern.pitfalls);
    if let Some(example) = &pattern.example {
        doc.fence(&example.language, &example.code);
    }
    let used: Vec<String> = catalog
        .decisions
        .values()
        .flat_map(|d| d.options.iter().map(move |o| (d, o)))
        .filter(|(_, o)| o.patterns.contains(&pattern.id))
        .map(|(d, o)| format!("{} ({})", code(o.id.as_str()), escape(&d.question)))
        .collect();
    if !used.is_empty() {
        doc.para(format!("Used by the options {}.", used.join(", ")));
    }
    see(doc, "Related", &pattern.related);
    references(doc, &pattern.references);
}

pub(super) fn term(doc: &mut Doc, term: &Term) {
    doc.para(told(&term.meaning));
    if let Some(formula) = &term.formula {
        doc.para(format!("Formula: {}", code(formula)));
    }
    if let Some(source) = &term.source {
        doc.para(format!("Source: {}", code(source)));
    }
    see(doc, "See", &term.see);
}

pub(super) fn decision(doc: &mut Doc, decision: &DecisionSpec, catalog: &Catalog) {
    doc.para(
        "Options, the simplest first; ties go to the earlier one. A design rules out options by circumstances, \
         sizes the rest, and takes the one that meets the targets with the least to build and run.",
    );
    if let Some(arises) = &decision.arises {
        doc.para(format!("Arises when {}.", code(arises.text())));
    }
    let mut table =
        Table::new(&["option", "what it means", "moving parts", "engineers before circumstances"]);
    for option in &decision.options {
        table.row([
            format!("{} ({})", name(&option.name), code(option.id.as_str())),
            told(&option.summary),
            tagged(&judged(option.parts, Unit::One)),
            tagged(&judged(option.engineers, Unit::Engineers)),
        ]);
    }
    doc.para(table.render());
    let needs: Vec<String> = decision
        .needs
        .iter()
        .map(|need| {
            let meaning = catalog.lexicon.traits.get(&need.capability).map_or("", |t| t.meaning.as_str());
            format!("{}: {} ({})", code(need.when.text()), told(&need.because), prose(meaning, Tag::Assumed))
        })
        .collect();
    if !needs.is_empty() {
        doc.heading(3, "Capabilities circumstances call for");
        doc.list(needs);
    }
    doc.para("What flips it is computed for each brief: `loadcase ask \"what would change the answer?\"`.");
}

/// A number of a decision file: engineering judgement.
fn judged(value: f64, unit: Unit) -> Figure {
    Figure { value, unit, origin: Origin::assumed(value, value, "engineering judgement") }
}

pub(super) fn option(doc: &mut Doc, decision: &DecisionSpec, option: &OptionSpec, catalog: &Catalog) {
    doc.para(told(&option.summary));
    doc.para(format!(
        "Answers: {} Before circumstances it adds {} moving parts and takes {}.",
        escape(&decision.question),
        tagged(&judged(option.parts, Unit::One)),
        tagged(&judged(option.engineers, Unit::Engineers))
    ));
    see(doc, "Brings", &option.technologies);
    see(doc, "Uses the patterns", &option.patterns);
    let able: Vec<String> = option
        .traits
        .iter()
        .map(|id| catalog.lexicon.traits.get(id).map_or_else(|| id.to_string(), |t| t.meaning.clone()))
        .collect();
    section(doc, "What it can do", &able);
    rulings(doc, option);
    let others: Vec<String> =
        decision.options.iter().filter(|o| o.id != option.id).map(|o| code(o.id.as_str())).collect();
    doc.para(format!("Other options: {}.", others.join(", ")));
}

fn rulings(doc: &mut Doc, option: &OptionSpec) {
    let clause = |when: &Condition, because: &str| format!("{}: {}", code(when.text()), told(because));
    if !option.never.is_empty() {
        doc.heading(3, "Ruled out when");
        doc.list(option.never.iter().map(|r| clause(&r.when, &r.because)));
    }
    if !option.shifts.is_empty() {
        doc.heading(3, "Circumstances that make it cheaper or dearer in people");
        doc.list(option.shifts.iter().map(|shift| {
            let change = tagged(&judged(shift.engineers, Unit::Engineers));
            let per = shift.per.map_or_else(String::new, |input| {
                let above = tagged(&judged(shift.above, input.unit()));
                format!(" for each of {} above {above}", input.label())
            });
            let when = shift.when.as_ref().map_or_else(String::new, |w| format!(" when {}", code(w.text())));
            format!("{change}{per}{when}: {}", told(&shift.because))
        }));
    }
    if !option.conflicts.is_empty() {
        doc.heading(3, "Does not go with");
        doc.list(option.conflicts.iter().map(|conflict| {
            let (which, ids) = if conflict.options.is_empty() {
                ("anything but ", &conflict.unless)
            } else {
                ("", &conflict.options)
            };
            let ids: Vec<String> = ids.iter().map(|id| code(id.as_str())).collect();
            let decision = code(conflict.decision.as_str());
            format!("{which}{} of {decision}: {}", ids.join(", "), told(&conflict.because))
        }));
    }
}

pub(super) fn domain(doc: &mut Doc, domain: &Domain) {
    doc.para(told(&domain.summary));
    doc.heading(3, "Modules");
    doc.list(domain.modules.values().map(|m| format!("**{}**: {}", name(&m.name), told(&m.summary))));
    section(doc, "What designs of this kind must get right", &domain.design_points);
    if !domain.usage.is_empty() {
        let mut table = Table::new(&["typical use", "value", "source", "as of"]);
        for (input, fact) in &domain.usage {
            let figure = fact.figure(&format!("{}.{}", domain.id, input.slug()));
            table.row([
                input.label().to_owned(),
                tagged(&figure),
                prose(&fact.source, figure.origin.tag()),
                escape(&fact.as_of),
            ]);
        }
        doc.heading(3, "Typical use");
        doc.para(table.render());
    }
    if !domain.risks.is_empty() {
        doc.heading(3, "What typically goes wrong");
        doc.list(domain.risks.iter().map(|r| {
            format!(
                "{} ({}): {}",
                prose(&r.risk, Tag::Assumed),
                escape(r.severity.as_str()),
                told(&r.mitigation)
            )
        }));
    }
    references(doc, &domain.references);
}

pub(super) fn signal(doc: &mut Doc, signal: &SignalSpec, catalog: &Catalog) {
    doc.para(format!("A circumstance a brief can state. It means that {}", told(&signal.meaning)));
    if !signal.phrases.is_empty() {
        let phrases: Vec<String> = signal.phrases.iter().take(MOST_PHRASES).map(|p| code(p)).collect();
        doc.para(format!("Recognised by phrases such as {}.", phrases.join(", ")));
    }
    see(doc, "Implies", &signal.implies);
    let concerns = |condition: &Condition| condition.signals().contains(&&signal.id);
    let mut items = Vec::new();
    for decision in catalog.decisions.values() {
        for need in decision.needs.iter().filter(|n| concerns(&n.when)) {
            items.push(format!(
                "{}: needs {}, {}",
                code(decision.id.as_str()),
                code(need.capability.as_str()),
                told(&need.because)
            ));
        }
        for option in &decision.options {
            for ruling in option.never.iter().filter(|r| concerns(&r.when)) {
                items.push(format!(
                    "{}: bears on ruling out {}, {}",
                    code(decision.id.as_str()),
                    code(option.id.as_str()),
                    told(&ruling.because)
                ));
            }
            for shift in option.shifts.iter().filter(|s| s.when.as_ref().is_some_and(concerns)) {
                items.push(format!(
                    "{}: changes the weight of {}, {}",
                    code(decision.id.as_str()),
                    code(option.id.as_str()),
                    told(&shift.because)
                ));
            }
        }
    }
    if !items.is_empty() {
        doc.heading(3, "What it decides");
        doc.list(items);
    }
}

pub(super) fn input(doc: &mut Doc, input: Input, catalog: &Catalog) {
    let unit = if input.unit().symbol().is_empty() { "a plain number" } else { input.unit().symbol() };
    doc.para(format!(
        "{} Unit: {unit}. Written as {}, now and in 24 months.",
        told(input.meaning()),
        code(input.slug())
    ));
    let decided: Vec<String> = catalog
        .decisions
        .values()
        .filter(|d| {
            let asked = |c: &Condition| c.inputs().contains(&input);
            d.needs.iter().any(|n| asked(&n.when))
                || d.options.iter().any(|o| {
                    o.never.iter().any(|r| asked(&r.when))
                        || o.shifts.iter().any(|s| s.per == Some(input) || s.when.as_ref().is_some_and(asked))
                })
        })
        .map(|d| code(d.id.as_str()))
        .collect();
    if !decided.is_empty() {
        doc.para(format!("Weighs directly on {}; on all others through the sizing.", decided.join(", ")));
    }
}
