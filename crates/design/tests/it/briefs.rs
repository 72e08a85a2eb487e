//! Briefs made by code, so that these tests do not depend on how prose is read.

use loadcase_catalog::Catalog;
use loadcase_model::{
    Brief, Design, DomainGuess, Estimate, Id, Input, Origin, Pin, Place, Signal, Stance, TechnologyMention,
};

/// The embedded catalog.
pub(crate) fn catalog() -> Catalog {
    loadcase_catalog::load_embedded().expect("the embedded catalog is sound")
}

/// A brief under construction.
#[derive(Default)]
pub(crate) struct Draft(pub(crate) Brief);

impl Draft {
    pub(crate) fn domain(mut self, id: &str) -> Self {
        let origin = Origin::answered(id);
        self.0.domains.push(DomainGuess { id: Id::slug(id), share: 1.0, origin });
        self
    }

    pub(crate) fn says(mut self, signals: &str) -> Self {
        for id in signals.split_whitespace() {
            let signal = Signal { holds: true, origin: Origin::answered(id) };
            self.0.signals.insert(Id::slug(id), signal);
        }
        self
    }

    pub(crate) fn now(mut self, input: Input, value: f64) -> Self {
        let estimate = Estimate::exact(value, Origin::answered(value.to_string()));
        self.0.numbers.entry(input).or_default().now = Some(estimate);
        self
    }

    pub(crate) fn later(mut self, input: Input, value: f64) -> Self {
        let estimate = Estimate::exact(value, Origin::answered(value.to_string()));
        self.0.numbers.entry(input).or_default().later = Some(estimate);
        self
    }

    pub(crate) fn technology(mut self, id: &str, stance: Stance) -> Self {
        self.0.technologies.push(TechnologyMention {
            id: Id::slug(id),
            stance,
            origin: Origin::answered(id),
        });
        self
    }

    pub(crate) fn pin(mut self, decision: &str, option: &str) -> Self {
        let place = Place { path: "docs/backend/architecture.md".into(), line: 3 };
        let text = format!("We use {option}.");
        self.0.pins.push(Pin { decision: Id::slug(decision), option: Id::slug(option), place, text });
        self
    }

    pub(crate) fn design(&self, catalog: &Catalog) -> Design {
        loadcase_design::design(&self.0, catalog, &loadcase_design::DesignOptions::default())
            .expect("the embedded catalog is complete")
    }
}

/// The option chosen for a decision.
pub(crate) fn chosen(design: &Design, decision: &str) -> String {
    design.decision(decision).map_or_else(String::new, |d| d.verdict.option.to_string())
}
