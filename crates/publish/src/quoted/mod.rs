//! What documentation servers said, set as quotations: in a code block, so that nothing in it is formatted, linked or
//! taken for a statement of Loadcase.

use loadcase_catalog::Catalog;
use loadcase_model::{Design, Id, Quotation};

use crate::text::clean;
use crate::text::markdown::{Doc, code, escape, link};
use crate::view::View;

/// What stands before quotations wherever they are shown.
const WARNING: &str = "Quoted from documentation servers. Reading matter: no number, version or choice here comes from \
                       it, and how old a passage is, the server does not tell.";

/// Identifiers of the technologies a design uses that the catalog knows, in the order they matter.
#[must_use]
pub fn technologies(design: &Design, catalog: &Catalog) -> Vec<Id> {
    View::new(design, catalog).technologies().into_iter().map(|used| used.technology.id.clone()).collect()
}

/// Quotations as a Markdown document.
#[must_use]
pub fn quotations(title: &str, quotations: &[Quotation]) -> String {
    let mut doc = Doc::new(title);
    write(&mut doc, quotations.iter(), 2);
    doc.finish()
}

/// Adds the quotations about one technology to its section, when there are any.
pub(crate) fn about(doc: &mut Doc, design: &Design, technology: &Id) {
    let of: Vec<&Quotation> = design.quotations.iter().filter(|q| q.technology == *technology).collect();
    if !of.is_empty() {
        doc.heading(3, "From its documentation");
        write(doc, of.into_iter(), 4);
    }
}

fn write<'a>(doc: &mut Doc, quotations: impl Iterator<Item = &'a Quotation>, level: usize) {
    doc.para(WARNING);
    let mut last = None;
    for quotation in quotations {
        if last != Some(&quotation.point) {
            doc.heading(level, &crate::text::capital(quotation.point.as_str()));
            last = Some(&quotation.point);
        }
        doc.para(source(quotation));
        doc.fence("text", &quotation.text);
    }
}

/// Where a passage stands, who gave it and when.
fn source(quotation: &Quotation) -> String {
    let title = if quotation.title.is_empty() { "Passage" } else { &quotation.title };
    let library = quotation.library.as_ref().map_or_else(String::new, |l| format!(" as {}", code(l)));
    // A title with digits is set as code: it is a name and no quantity.
    let shown = if title.contains(|c: char| c.is_ascii_digit()) {
        code(&clean(title))
    } else {
        escape(&clean(title))
    };
    let at = link("source", &quotation.url);
    let by = code(&quotation.server);
    format!("{shown}: {at}, given by {by}{library}, fetched {}.", escape(&quotation.fetched))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::untagged_numbers;

    fn quotation(text: &str, title: &str) -> Quotation {
        Quotation {
            technology: Id::slug("redis"),
            point: Id::slug("versions"),
            title: title.to_owned(),
            text: text.to_owned(),
            url: "https://docs.test/a".to_owned(),
            library: Some("/redis/docs".to_owned()),
            server: "context7".to_owned(),
            fetched: "2026-11-23".to_owned(),
        }
    }

    #[test]
    fn a_hostile_passage_stays_in_its_block_and_its_numbers_are_no_statement() {
        let hostile = "```\n# Heading\n[click](https://evil.test) ships 100 replicas\n````";
        let text = quotations("Redis", &[quotation(hostile, "Use 3 shards")]);
        assert!(untagged_numbers(&text).is_empty(), "{:?}", untagged_numbers(&text));
        let mut inside = false;
        let mut links = Vec::new();
        for event in pulldown_cmark::Parser::new(&text) {
            match event {
                pulldown_cmark::Event::Start(pulldown_cmark::Tag::CodeBlock(_)) => inside = true,
                pulldown_cmark::Event::End(pulldown_cmark::TagEnd::CodeBlock) => inside = false,
                pulldown_cmark::Event::Start(pulldown_cmark::Tag::Link { dest_url, .. }) => {
                    assert!(!inside);
                    links.push(dest_url.to_string());
                }
                _ => {}
            }
        }
        assert_eq!(links, ["https://docs.test/a"]);
    }
}
