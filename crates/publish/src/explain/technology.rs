//! A technology: what it is for, versions with their days, numbers with their sources, limits, advisories.

use loadcase_catalog::{Catalog, Release, Technology};
use loadcase_model::Tag;

use super::cite;
use crate::honesty::{tagged, tagged_text, untagged_numbers};
use crate::text::markdown::{Doc, Table, code, escape, prose};
use crate::text::{listed, sentence};

pub(super) fn write(doc: &mut Doc, technology: &Technology, catalog: &Catalog) {
    doc.para(sentence(&prose(&technology.summary, Tag::Fact)));
    lists(doc, technology);
    versions(doc, technology);
    advisories(doc, technology);
    chosen_for(doc, technology, catalog);
    hosted(doc, technology);
    numbers(doc, technology, catalog);
    links(doc, technology);
}

fn lists(doc: &mut Doc, technology: &Technology) {
    let parts = [
        ("Good for:", &technology.good_for),
        ("Bad for:", &technology.bad_for),
        ("Known limitations:", &technology.limitations),
    ];
    for (title, items) in parts {
        if !items.is_empty() {
            doc.para(title);
            doc.list(items.iter().map(|item| sentence(&prose(item, Tag::Fact))));
        }
    }
}

/// A version with its letter; one that is more than numbers is set as code.
fn version(text: &str) -> String {
    let tagged = tagged_text(&escape(text), Tag::Fact);
    if untagged_numbers(&tagged).is_empty() { tagged } else { code(text) }
}

fn versions(doc: &mut Doc, technology: &Technology) {
    if technology.releases.is_empty() {
        return;
    }
    let mut table = Table::new(&["line", "newest", "released", "long-term", "fixes until", "as of"]);
    let start = technology.release().map(|r| r.cycle.as_str());
    for release in &technology.releases {
        let line = version(&release.cycle);
        let day = |day: &Option<String>| day.as_deref().map_or_else(String::new, escape);
        table.row([
            if start == Some(release.cycle.as_str()) { format!("**{line}**") } else { line },
            version(&release.latest),
            day(&release.latest_date),
            day(&release.lts),
            until(release),
            escape(&release.as_of),
        ]);
    }
    doc.heading(3, "Versions");
    doc.para(table.render());
    let sources: std::collections::BTreeSet<&str> =
        technology.releases.iter().map(|r| r.source.as_str()).collect();
    doc.para(format!(
        "Start with the line in bold. Sources: {}. Newer patches may exist: verify before installing.",
        sources.iter().map(|s| prose(s, Tag::Fact)).collect::<Vec<_>>().join("; ")
    ));
}

fn until(release: &Release) -> String {
    release
        .eol
        .as_deref()
        .or(release.support_end.as_deref())
        .map_or_else(|| "no day announced".to_owned(), escape)
}

fn advisories(doc: &mut Doc, technology: &Technology) {
    if technology.advisories.is_empty() {
        return;
    }
    doc.heading(3, "Selected advisories");
    doc.list(technology.advisories.iter().map(|a| {
        let fixed: Vec<String> = a.fixed_in.iter().map(|v| version(v)).collect();
        let fixed = if fixed.is_empty() {
            "No fixed version is known.".to_owned()
        } else {
            format!("Fixed in {}.", listed(&fixed))
        };
        let day = a.date.as_deref().map_or_else(String::new, |d| format!(", {}", escape(d)));
        let summary = sentence(&prose(&a.summary, Tag::Fact));
        let source = prose(&a.source, Tag::Fact);
        format!("{}, {}{day}: {summary} {fixed} Source: {source}.", code(&a.id), escape(&a.severity))
    }));
}

/// The decisions that may choose it.
fn chosen_for(doc: &mut Doc, technology: &Technology, catalog: &Catalog) {
    let mut items = Vec::new();
    for decision in catalog.decisions.values() {
        for option in decision.options.iter().filter(|o| o.technologies.contains(&technology.id)) {
            items.push(format!(
                "{} Option {}: {}",
                escape(&decision.question),
                code(option.id.as_str()),
                sentence(&prose(&option.summary, Tag::Assumed))
            ));
        }
    }
    if !items.is_empty() {
        doc.heading(3, "Decisions that weigh it");
        doc.list(items);
    }
}

fn hosted(doc: &mut Doc, technology: &Technology) {
    if technology.managed_as.is_empty() {
        return;
    }
    let items = technology.managed_as.iter();
    doc.para(format!(
        "Run by others as: {}.",
        items
            .map(|(who, what)| format!("{} ({})", prose(what, Tag::Fact), escape(who.as_str())))
            .collect::<Vec<_>>()
            .join("; ")
    ));
}

fn numbers(doc: &mut Doc, technology: &Technology, catalog: &Catalog) {
    let mut table = Table::new(&["number", "value", "source", "as of"]);
    for (id, fact) in &technology.facts {
        let figure = fact.figure(&format!("{}.{id}", technology.id));
        let meaning =
            catalog.lexicon.fact_names.get(id).map_or_else(|| code(id.as_str()), |n| escape(&n.meaning));
        let value = tagged(&figure);
        let note =
            fact.note.as_deref().map_or_else(String::new, |n| format!(" {}", sentence(&prose(n, Tag::Fact))));
        let source = sentence(&prose(&fact.source, figure.origin.tag()));
        table.row([meaning, value, format!("{source}{note}"), escape(&fact.as_of)]);
    }
    if !table.is_empty() {
        doc.heading(3, "Numbers");
        doc.para(table.render());
    }
}

fn links(doc: &mut Doc, technology: &Technology) {
    if !technology.links.is_empty() {
        doc.heading(3, "Documentation");
        doc.list(technology.links.iter().map(|l| cite(&l.title, Some(&l.url))));
    }
}
