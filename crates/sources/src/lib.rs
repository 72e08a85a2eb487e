//! Live sources of facts, asked within bounds.
//!
//! This is the one crate that asks other machines, and it does so only when its caller was told to. Every source is
//! behind one trait, [`Source`]: it is asked for what an inventory names, and gives records of the catalog's own shapes,
//! each with the day of its source and of its fetching. What does not answer becomes a sentence in
//! [`Gathered::unanswered`]: the rest of the answer stands without it. Only names and versions leave the machine.

mod cache;
mod client;
mod depsdev;
mod endoflife;
mod http;
mod osv;
mod text;

use std::collections::BTreeSet;

use loadcase_catalog::{AdvisoryRecord, Lifecycle, PackageFact};
use loadcase_facts::version::Pin;
use loadcase_facts::{Answered, Inventory, Knowledge, Subject};

pub use cache::Cache;
pub use client::{Client, Program};
pub use depsdev::DepsDev;
pub use endoflife::EndOfLife;
pub use http::{Base, BaseError, Bounds, Fault, Http};
pub use osv::Osv;

/// A source of facts.
pub trait Source {
    /// What it is called in evidence.
    fn name(&self) -> &str;
    /// Where it is asked: a host, or a program of the user's that asks where it is configured to.
    fn place(&self) -> String;
    /// Asks for what is wanted. `progress` is told what was done of how much.
    fn gather(&self, wanted: &Wanted, progress: &mut dyn FnMut(usize, usize)) -> Gathered;
}

/// What an inventory names, as sources are asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Lifecycles by identifier.
    pub lifecycles: BTreeSet<String>,
    /// Packages of ecosystems.
    pub packages: BTreeSet<Subject>,
    /// Exact versions of packages.
    pub versions: BTreeSet<(Subject, String)>,
}

impl Wanted {
    /// What to ask for an inventory.
    #[must_use]
    pub fn of(inventory: &Inventory, known: &Knowledge) -> Self {
        let mut wanted = Self::default();
        for one in &inventory.uses {
            let service = one.provider.as_ref().and_then(|p| known.service(p.as_str(), &one.subject.name));
            if let Some(lifecycle) = service.or_else(|| known.lifecycle_of(&one.subject)) {
                wanted.lifecycles.insert(lifecycle.id.clone());
            }
            if !text::is_package(&one.subject) {
                continue;
            }
            wanted.packages.insert(one.subject.clone());
            if let Pin::Exact(version) = &one.version
                && text::is_version(version)
            {
                wanted.versions.insert((one.subject.clone(), version.clone()));
            }
        }
        wanted
    }

    /// Every lifecycle that is known.
    #[must_use]
    pub fn lifecycles(known: &Knowledge) -> Self {
        Self { lifecycles: known.lifecycles().map(|l| l.id.clone()).collect(), ..Self::default() }
    }
}

/// Lines of sources that did not answer, those of one reason put together.
#[must_use]
pub fn folded(lines: &[String]) -> Vec<String> {
    let mut found: Vec<(String, String, Vec<String>)> = Vec::new();
    for line in lines {
        let parts =
            line.split_once(" about ").and_then(|(source, rest)| Some((source, rest.split_once(": ")?)));
        let Some((source, (about, reason))) = parts else {
            found.push((line.clone(), String::new(), Vec::new()));
            continue;
        };
        match found.iter_mut().find(|(s, r, _)| s == source && r == reason) {
            Some((_, _, of)) => of.push(about.to_owned()),
            None => found.push((source.to_owned(), reason.to_owned(), vec![about.to_owned()])),
        }
    }
    let one = |(source, reason, of): (String, String, Vec<String>)| match of.len() {
        0 => source,
        n if n > 3 => format!("{source} about {} and {} more: {reason}", of[..2].join(", "), n - 2),
        _ => format!("{source} about {}: {reason}", of.join(", ")),
    };
    found.into_iter().map(one).collect()
}

/// What a source gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gathered {
    /// Lifecycles.
    pub lifecycles: Vec<Lifecycle>,
    /// Packages.
    pub packages: Vec<PackageFact>,
    /// Advisories.
    pub advisories: Vec<AdvisoryRecord>,
    /// Versions about which a database of advisories answered, whatever it answered.
    pub answers: Vec<(Subject, String, Answered)>,
    /// What did not answer, and why, each a sentence.
    pub unanswered: Vec<String>,
}

impl Gathered {
    /// Puts everything on top of what is known.
    pub fn apply(self, known: &mut Knowledge) {
        self.lifecycles.into_iter().for_each(|l| known.put_lifecycle(l));
        self.packages.into_iter().for_each(|p| known.put_package(p));
        self.advisories.into_iter().for_each(|a| known.put_advisory(a));
        for (subject, version, answered) in self.answers {
            known.put_answer(&subject, &version, answered);
        }
    }

    /// Takes what another source gave in as well.
    pub fn add(&mut self, other: Self) {
        self.lifecycles.extend(other.lifecycles);
        self.packages.extend(other.packages);
        self.advisories.extend(other.advisories);
        self.answers.extend(other.answers);
        self.unanswered.extend(other.unanswered);
    }
}
