//! Prose becomes a brief.

use loadcase_catalog::Catalog;
use loadcase_model::{Brief, Diagnostic, Estimate, Given, Id, Input, Origin, Signal};

use crate::clause::negations;
use crate::lex::Text;
use crate::numbers::{Numbers, number_ends};
use crate::phrase::Effort;
use crate::question::question;
use crate::said::Sayings;
use crate::technology::Technologies;

/// A brief and what to tell the user about how it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// What is wanted.
    pub brief: Brief,
    /// Notes and warnings; spans point into `brief.text`.
    pub diagnostics: Vec<Diagnostic>,
}

/// The catalog's words compiled for reading. Make one where several texts are read.
#[derive(Debug)]
pub struct Reader {
    pub(crate) numbers: Numbers,
    sayings: Sayings,
    pub(crate) technologies: Technologies,
}

impl Reader {
    /// Compiles the catalog's words.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            numbers: Numbers::new(&catalog.lexicon),
            sayings: Sayings::new(catalog),
            technologies: Technologies::new(catalog),
        }
    }

    /// Reads prose. Never fails, and takes a time proportional to the length of the text.
    #[must_use]
    pub fn read(&self, source: &str) -> Read {
        let text = Text::new(source);
        let mut effort = Effort::new();
        let quantities = self.numbers.quantities(&text, &mut effort);
        let ends = number_ends(&text, &quantities);
        let negated = negations(&text);
        let numbers = self.numbers.read(&text, &quantities, &mut effort);
        let said = self.sayings.read(&text, &ends, &negated, &mut effort);
        let holds = |id: &str| said.signals.get(id).is_some_and(|s| s.holds);
        let building = holds("greenfield") && !holds("existing-system");
        let technologies = self.technologies.read(&text, &negated, building, &mut effort);
        let mut brief = Brief {
            text: source.to_owned(),
            question: question(&text),
            domains: said.domains,
            numbers: numbers.numbers,
            signals: said.signals,
            technologies,
            pins: Vec::new(),
        };
        one_person(&mut brief);
        counted_services(&mut brief);
        counted_tenants(&mut brief);
        small_budget(&mut brief);
        let mut diagnostics = numbers.notes;
        if effort.was_cut_short() {
            diagnostics.push(
                Diagnostic::warning(
                    "text-too-long",
                    "the text is longer than a brief can be: a part of it was not searched",
                )
                .help("keep to what is wanted: a few pages say more than a few hundred"),
            );
        }
        Read { brief, diagnostics }
    }
}

/// Who works alone is one engineer; who counts several engineers does not work alone.
fn one_person(brief: &mut Brief) {
    let counted = brief.numbers.get(&Input::Engineers).and_then(|g| g.now.as_ref());
    if counted.is_some_and(|e| e.value > 1.0) {
        brief.signals.remove("solo");
    }
    let alone = brief.signals.get("solo").filter(|s| s.holds).map(|s| s.origin.clone());
    if let Some(origin) = alone {
        brief.numbers.entry(Input::Engineers).or_insert_with(|| Given {
            now: Some(Estimate::exact(1.0, origin)),
            later: None,
            average: false,
            each: false,
        });
    }
}

/// Who counts services runs services.
fn counted_services(brief: &mut Brief) {
    let counted = brief.numbers.get(&Input::ServicesNow).and_then(|g| g.now.as_ref());
    let Some(origin) = counted.filter(|e| e.value >= 3.0).map(|e| e.origin.clone()) else { return };
    for id in ["existing-microservices", "existing-system"] {
        brief.signals.entry(Id::slug(id)).or_insert_with(|| Signal { holds: true, origin: origin.clone() });
    }
}

/// Who counts the companies that share the system has tenants, unless that was denied.
fn counted_tenants(brief: &mut Brief) {
    let counted = brief.numbers.get(&Input::Tenants).and_then(|g| g.now.as_ref());
    let Some(origin) = counted.filter(|e| e.value >= 10.0).map(|e| e.origin.clone()) else { return };
    brief.signals.entry(Id::slug("multi-tenant")).or_insert(Signal { holds: true, origin });
}

/// A monthly budget below this pays for little more than one machine, USD.
const SMALL_BUDGET: f64 = 400.0;

/// Who may spend a few hundred dollars a month has a tight budget.
fn small_budget(brief: &mut Brief) {
    let stated = brief.numbers.get(&Input::BudgetUsdMonth).and_then(|g| g.now.as_ref());
    let Some(origin) = stated.filter(|e| e.value < SMALL_BUDGET).map(|e| e.origin.clone()) else { return };
    brief.signals.entry(Id::slug("tight-budget")).or_insert(Signal { holds: true, origin });
}

/// Visits the origin of every value of a brief.
pub(crate) fn each_origin(brief: &mut Brief, mut visit: impl FnMut(&mut Origin)) {
    brief.domains.iter_mut().for_each(|d| visit(&mut d.origin));
    brief.signals.values_mut().for_each(|s| visit(&mut s.origin));
    brief.technologies.iter_mut().for_each(|t| visit(&mut t.origin));
    for given in brief.numbers.values_mut() {
        for estimate in [&mut given.now, &mut given.later].into_iter().flatten() {
            visit(&mut estimate.origin);
        }
    }
}

/// Reads prose against a catalog.
#[must_use]
pub fn read_prose(text: &str, catalog: &Catalog) -> Read {
    Reader::new(catalog).read(text)
}
