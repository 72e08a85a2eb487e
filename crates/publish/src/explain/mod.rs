//! What the catalog knows of a word: a decision, an option, a technology, a pattern, a domain, a term, a
//! circumstance or an input, found by identifier, name or alias, as Markdown.

mod find;
mod knowledge;
mod technology;

#[cfg(test)]
mod tests;

use loadcase_catalog::Catalog;

use crate::text::markdown::{Doc, link, name};
use find::Entry;

/// Everything the catalog says of `topic`, or nothing when it knows no such thing. What has several meanings
/// (a technology that is also an option of a decision) is explained in each.
#[must_use]
pub fn explain(topic: &str, catalog: &Catalog) -> Option<String> {
    let entries = find::entries(topic, catalog);
    let (first, others) = entries.split_first()?;
    let mut doc = Doc::new(&first.title());
    write(&mut doc, first, catalog);
    for entry in others {
        doc.heading(2, &format!("Also: {}", entry.title()));
        write(&mut doc, entry, catalog);
    }
    Some(doc.finish())
}

/// Identifiers that resemble `topic`, the nearest first.
#[must_use]
pub fn suggestions(topic: &str, catalog: &Catalog) -> Vec<String> {
    find::near(topic, catalog)
}

/// A source. A title with numbers is set as code, which marks it as a name and no quantity.
pub(crate) fn cite(title: &str, url: Option<&str>) -> String {
    let Some(url) = url else { return name(title) };
    let plain = link(title, url);
    if plain.starts_with('[') { format!("[{}]({url})", name(title)) } else { plain }
}

fn write(doc: &mut Doc, entry: &Entry<'_>, catalog: &Catalog) {
    match entry {
        Entry::Technology(technology) => technology::write(doc, technology, catalog),
        Entry::Pattern(pattern) => knowledge::pattern(doc, pattern, catalog),
        Entry::Decision(decision) => knowledge::decision(doc, decision, catalog),
        Entry::Option(decision, option) => knowledge::option(doc, decision, option, catalog),
        Entry::Domain(domain) => knowledge::domain(doc, domain),
        Entry::Term(term) => knowledge::term(doc, term),
        Entry::Signal(signal) => knowledge::signal(doc, signal, catalog),
        Entry::Input(input) => knowledge::input(doc, *input, catalog),
    }
}
