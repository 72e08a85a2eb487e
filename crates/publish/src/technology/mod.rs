//! `technology.md`: each technology with its version, support, advisories, reason, limits and links. A version
//! appears only where the catalog has a dated release to point at.

use std::cmp::Ordering;

use loadcase_catalog::{Advisory, Catalog, Link, Release, Technology};
use loadcase_model::{Design, Tag};

use crate::Deliverable;
use crate::honesty::{count, tagged, tagged_text};
use crate::quoted;
use crate::text::markdown::{Doc, Table, code, escape, link, name, prose};
use crate::text::{capital, clean, listed, sentence};
use crate::tradeoffs;
use crate::view::{TechnologyUse, View};

/// What the catalog knows of how current a technology is.
pub(crate) struct Currency<'a> {
    pub(crate) technology: &'a Technology,
    /// The release line to use; absent for services without versions.
    pub(crate) release: Option<&'a Release>,
    /// The day fixes end.
    pub(crate) until: Option<&'a str>,
}

pub(crate) fn currency(technology: &Technology) -> Currency<'_> {
    let release = technology.release();
    let until = release.and_then(|r| r.eol.as_deref().or(r.support_end.as_deref()));
    Currency { technology, release, until }
}

impl Currency<'_> {
    /// `1 c advisory`, `no advisories`.
    pub(crate) fn advisories_text(&self) -> String {
        match self.technology.advisories.len() {
            0 => "no advisories".to_owned(),
            1 => format!("{} advisory", count(1).tagged()),
            n => format!("{} advisories", count(n).tagged()),
        }
    }
}

/// Name and version in Markdown: ``PostgreSQL 18.6 `f` ``; the name alone when there is no dated version.
pub(crate) fn versioned(technology: &Technology) -> String {
    let name = name(&technology.name);
    match technology.release() {
        Some(release) => format!("{name} {}", version(&release.latest)),
        None => name,
    }
}

fn version(text: &str) -> String {
    tagged_text(&escape(text), Tag::Fact)
}

pub(crate) fn deliverables(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let view = View::new(design, catalog);
    let used = view.technologies();
    let mut doc = Doc::new(&format!("Technology of {}", name(&design.blueprint.name)));
    doc.para(
        "Versions, support windows and advisories come from the catalog, each with its source and day. The list of \
         advisories is a selection: an empty one does not mean that there are none.",
    );
    doc.heading(2, "Versions");
    versions(&mut doc, &used);
    unknown(&mut doc, &view);
    for used in &used {
        doc.heading(2, &name(&used.technology.name));
        technology(&mut doc, &view, used);
    }
    vec![Deliverable { path: "technology.md".to_owned(), text: doc.finish() }]
}

/// One row for each technology with a dated release.
pub(crate) fn versions(doc: &mut Doc, used: &[TechnologyUse<'_>]) {
    let mut table =
        Table::new(&["technology", "used by", "version", "released", "fixes until", "as of", "source"]);
    for used in used {
        let facts = currency(used.technology);
        let Some(release) = facts.release else { continue };
        table.row([
            name(&used.technology.name),
            users(used),
            version(&release.latest),
            release.latest_date.as_deref().map_or_else(|| "unknown".to_owned(), escape),
            facts.until.map_or_else(|| "no day announced".to_owned(), escape),
            escape(&release.as_of),
            prose(&release.source, Tag::Fact),
        ]);
    }
    doc.table(&table, "No technology of this design has a dated release in the catalog.");
}

fn users(used: &TechnologyUse<'_>) -> String {
    listed(&used.used_by.iter().map(|u| name(u)).collect::<Vec<_>>())
}

/// Components whose technology the catalog does not know.
fn unknown(doc: &mut Doc, view: &View<'_>) {
    let items: Vec<String> = view
        .blueprint()
        .components
        .values()
        .filter_map(|c| {
            let id = c.technology.as_ref()?;
            view.catalog.technology(id.as_str()).is_none().then(|| {
                format!(
                    "{}: {} is not in the catalog, so nothing is said of its version.",
                    name(&c.name),
                    code(id.as_str())
                )
            })
        })
        .collect();
    doc.list(items);
}

fn technology(doc: &mut Doc, view: &View<'_>, used: &TechnologyUse<'_>) {
    let technology = used.technology;
    doc.para(sentence(&prose(&technology.summary, Tag::Fact)));
    doc.para(why(view, used));
    let facts = currency(technology);
    if let Some(release) = facts.release {
        doc.para(recommendation(&facts, release));
    }
    if !technology.limitations.is_empty() {
        doc.para("Known limitations:");
        doc.list(technology.limitations.iter().map(|l| sentence(&prose(l, Tag::Fact))));
    }
    if !technology.advisories.is_empty() {
        doc.para("Selected advisories:");
        doc.list(technology.advisories.iter().map(|a| advisory(a, facts.release)));
    }
    numbers(doc, technology);
    doc.para(links(&technology.links));
    quoted::about(doc, view.design, &technology.id);
}

/// The decisions that brought a technology in; else what it is used for.
fn why(view: &View<'_>, used: &TechnologyUse<'_>) -> String {
    let id = &used.technology.id;
    let reasons: Vec<String> = view
        .design
        .decisions
        .iter()
        .filter(|decision| {
            let spec = view.catalog.decision(decision.id.as_str());
            let option = spec.and_then(|s| s.option(decision.verdict.option.as_str()));
            decision.verdict.option == *id || option.is_some_and(|o| o.technologies.contains(id))
        })
        .map(|decision| {
            let because = decision.drivers.iter().take(2).map(|d| prose(&d.because, Tag::Computed));
            let because: Vec<String> = because.collect();
            let because =
                if because.is_empty() { String::new() } else { format!(" because {}", because.join("; ")) };
            let question = tradeoffs::question(decision);
            let question = question.trim_end_matches('?');
            sentence(&format!("{question}: {}{because}", name(&decision.verdict.name)))
        })
        .collect();
    if reasons.is_empty() {
        format!("Why: {} runs on it.", capital(&users(used)))
    } else {
        format!("Why: {}", reasons.join(" "))
    }
}

fn recommendation(facts: &Currency<'_>, release: &Release) -> String {
    let line = if release.cycle == release.latest {
        String::new()
    } else {
        format!(", line {}", version(&release.cycle))
    };
    let lts = release
        .lts
        .as_deref()
        .map_or_else(String::new, |day| format!(" Long-term support since {}.", escape(day)));
    let until = facts.until.map_or_else(
        || " No end of fixes is announced.".to_owned(),
        |day| format!(" Fixes until {}.", escape(day)),
    );
    format!(
        "Recommended: {}{line}.{lts}{until} Source: {}, as of {}.",
        version(&release.latest),
        prose(&release.source, Tag::Fact),
        escape(&release.as_of)
    )
}

fn advisory(advisory: &Advisory, release: Option<&Release>) -> String {
    let day = advisory.date.as_deref().map_or_else(String::new, |d| format!(", {}", escape(d)));
    let fixed: Vec<String> = advisory.fixed_in.iter().map(|v| version(v)).collect();
    let fixed = match (fixed.is_empty(), release) {
        (true, _) => "No fixed version is known.".to_owned(),
        (false, Some(release)) => {
            format!("Fixed in {}. {}", listed(&fixed), has_fix(&advisory.fixed_in, release))
        }
        (false, None) => format!("Fixed in {}.", listed(&fixed)),
    };
    format!(
        "{}, {}{day}: {} {fixed} Source: {}.",
        code(&advisory.id),
        escape(&advisory.severity),
        sentence(&prose(&advisory.summary, Tag::Fact)),
        prose(&advisory.source, Tag::Fact)
    )
}

/// Whether a release holds the fix: its version is at least the fixed one of its own line, or newer than all.
fn has_fix(fixed_in: &[String], release: &Release) -> String {
    let line = format!("{}.", release.cycle);
    let own: Vec<&String> =
        fixed_in.iter().filter(|v| v.starts_with(&line) || **v == release.cycle).collect();
    let at_least = |v: &&String| compare(&release.latest, v).map(|o| o != Ordering::Less);
    let answer = if own.is_empty() {
        let all: Option<Vec<bool>> = fixed_in.iter().map(|v| at_least(&v)).collect();
        all.and_then(|a| a.into_iter().all(|newer| newer).then_some(true))
    } else {
        own.iter().map(at_least).reduce(|a, b| Some(a? || b?)).flatten()
    };
    match answer {
        Some(true) => format!("{} has the fix.", version(&release.latest)),
        Some(false) => format!("**{} lacks the fix.**", version(&release.latest)),
        None => format!("Check whether {} has it.", version(&release.latest)),
    }
}

/// Compares dotted numbers; `None` when one is not made of numbers.
fn compare(a: &str, b: &str) -> Option<Ordering> {
    let parts = |text: &str| {
        clean(text)
            .trim_start_matches('v')
            .split('.')
            .map(|p| p.parse::<u64>().ok())
            .collect::<Option<Vec<_>>>()
    };
    let (a, b) = (parts(a)?, parts(b)?);
    let length = a.len().max(b.len());
    let filled = |v: Vec<u64>| v.into_iter().chain(std::iter::repeat(0)).take(length).collect::<Vec<_>>();
    Some(filled(a).cmp(&filled(b)))
}

/// The numbers of the catalog that forecasts use.
fn numbers(doc: &mut Doc, technology: &Technology) {
    let mut table = Table::new(&["number", "value", "source", "as of"]);
    for (id, fact) in &technology.facts {
        let figure = fact.figure(&format!("{}.{id}", technology.id));
        table.row([
            code(id.as_str()),
            tagged(&figure),
            prose(&fact.source, figure.origin.tag()),
            escape(&fact.as_of),
        ]);
    }
    if !table.is_empty() {
        doc.para("Numbers the forecast may use:");
        doc.para(table.render());
    }
}

fn links(links: &[Link]) -> String {
    let links: Vec<String> = links.iter().map(|l| link(&l.title, &l.url)).collect();
    if links.is_empty() { String::new() } else { format!("Documentation: {}.", links.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(compare("18.10", "18.9"), Some(Ordering::Greater));
        assert_eq!(compare("18", "18.0"), Some(Ordering::Equal));
        assert_eq!(compare("1.2-rc1", "1.2"), None);
    }

    #[test]
    fn a_fix_counts_in_its_own_line() {
        let release = Release {
            cycle: "18".to_owned(),
            latest: "18.4".to_owned(),
            latest_date: None,
            lts: None,
            support_end: None,
            eol: None,
            source: "x".to_owned(),
            as_of: "2026-11-20".to_owned(),
        };
        let answer =
            |fixed: &[&str]| has_fix(&fixed.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>(), &release);
        assert_eq!(answer(&["17.10", "18.4"]), "18.4 `f` has the fix.");
        assert_eq!(answer(&["17.10", "18.5"]), "**18.4 `f` lacks the fix.**");
        assert_eq!(answer(&["17.10"]), "18.4 `f` has the fix.");
        assert_eq!(answer(&["19.1"]), "Check whether 18.4 `f` has it.");
    }
}
