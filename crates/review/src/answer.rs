//! What rules answer: broken, kept, or unknown with the fact that is missing.

use loadcase_model::{FindingNumber, Id, Place};

use crate::rule::Rank;

/// How sure a rule is that what it found is a fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Confidence {
    /// A hint. Shown to the pedantic.
    Low,
    /// Likely.
    #[default]
    Medium,
    /// Read in the file.
    High,
}

impl Confidence {
    /// The name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A rule that is broken somewhere.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broken {
    /// What is wrong, in a sentence with names and numbers.
    pub(crate) message: String,
    /// The elements concerned, the main one first.
    pub(crate) elements: Vec<Id>,
    /// Where, with what each place proves; the main place first.
    pub(crate) evidence: Vec<(Place, String)>,
    /// The steps that led to it, beyond the evidence.
    pub(crate) why: Vec<String>,
    /// How sure.
    pub(crate) confidence: Confidence,
    /// Another severity than the rule's, with the reason.
    pub(crate) severity: Option<(Rank, String)>,
    /// What to do here, when it is more than the rule's own advice.
    pub(crate) fix: Option<String>,
    /// Numbers that decided.
    pub(crate) numbers: Vec<FindingNumber>,
}

impl Broken {
    /// A broken rule at an element.
    pub(crate) fn at(element: &Id, message: impl Into<String>) -> Self {
        Self { message: message.into(), elements: vec![element.clone()], ..Self::default() }
    }

    /// A broken rule at a place that belongs to no element.
    pub(crate) fn file(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Adds an element.
    pub(crate) fn and(mut self, element: &Id) -> Self {
        if !self.elements.contains(element) {
            self.elements.push(element.clone());
        }
        self
    }

    /// Adds a place and what it proves.
    pub(crate) fn seen(mut self, place: &Place, proves: impl Into<String>) -> Self {
        if !self.evidence.iter().any(|(p, _)| p == place) {
            self.evidence.push((place.clone(), proves.into()));
        }
        self
    }

    /// Adds a step.
    pub(crate) fn because(mut self, step: impl Into<String>) -> Self {
        self.why.push(step.into());
        self
    }

    /// Sets how sure it is.
    pub(crate) const fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Sets another severity, with the reason.
    pub(crate) fn ranked(mut self, rank: Rank, reason: impl Into<String>) -> Self {
        self.severity = Some((rank, reason.into()));
        self
    }

    /// Adds a number that decided.
    pub(crate) fn counted(mut self, number: FindingNumber) -> Self {
        self.numbers.push(number);
        self
    }
}

/// The answers of one rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answers {
    /// Where it is broken.
    pub(crate) broken: Vec<Broken>,
    /// How often it is kept.
    pub(crate) kept: usize,
    /// Elements for which a fact is missing.
    pub(crate) unknown: Vec<(Id, String)>,
}

impl Answers {
    /// The rule is broken.
    pub(crate) fn broken(&mut self, broken: Broken) {
        self.broken.push(broken);
    }

    /// The rule is kept by an element.
    pub(crate) const fn kept(&mut self) {
        self.kept += 1;
    }

    /// It cannot be told, because of a missing fact.
    pub(crate) fn unknown(&mut self, element: &Id, fact: impl Into<String>) {
        self.unknown.push((element.clone(), fact.into()));
    }
}
