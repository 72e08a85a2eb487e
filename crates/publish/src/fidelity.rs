//! How far figures can be trusted: what is modelled, what is not, and the error that was measured.

use loadcase_catalog::Catalog;
use loadcase_model::Tag;

use crate::explain::cite;
use crate::honesty::{legend, tagged};
use crate::text::markdown::{Doc, prose};
use crate::text::sentence;

/// The page that `loadcase explain fidelity` prints.
#[must_use]
pub fn page(catalog: &Catalog) -> String {
    let mut doc = Doc::new("How far to trust forecasts and simulations");
    doc.para(legend());
    for part in catalog.fidelity.values() {
        doc.heading(2, &part.name);
        doc.para(told(&part.summary));
        if !part.modelled.is_empty() {
            doc.list(part.modelled.iter().map(|m| told(m)));
        }
        if !part.not_modelled.is_empty() {
            doc.heading(3, "What is not modelled");
            doc.list(part.not_modelled.iter().map(|g| format!("{} {}", told(&g.what), told(&g.effect))));
        }
        if !part.measured.is_empty() {
            doc.list(part.measured.iter().map(|m| {
                format!(
                    "{}: {}. {}, {}",
                    prose(&m.what, Tag::Measured),
                    tagged(&m.figure()),
                    cite(&m.source, None),
                    m.as_of
                )
            }));
        }
    }
    doc.finish()
}

/// The same in short, as the last section of a report: the measured errors and what is left out.
#[must_use]
pub fn section(catalog: &Catalog) -> String {
    let mut text = format!("\n## {TITLE}\n\n");
    for part in catalog.fidelity.values().filter(|p| !p.measured.is_empty()) {
        let errors: Vec<String> = part
            .measured
            .iter()
            .map(|m| format!("{} {}", prose(&m.what, Tag::Measured), tagged(&m.figure())))
            .collect();
        text.push_str(&format!("- {}: {}.\n", part.name, errors.join("; ")));
    }
    let gaps = catalog.fidelity.values().flat_map(|p| &p.not_modelled);
    for gap in gaps {
        text.push_str(&format!("- Not modelled: {} {}\n", told(&gap.what), told(&gap.effect)));
    }
    text.push_str(
        "\n`loadcase explain fidelity` says what is modelled and where the errors were measured.\n",
    );
    text
}

/// The same for where there is no Markdown: a line for the errors of each part, and one for all that is left out.
pub(crate) fn lines(catalog: &Catalog) -> Vec<String> {
    let text = |text: &str, tag| crate::text::plain::prose(text, tag);
    let mut lines = Vec::new();
    for part in catalog.fidelity.values().filter(|p| !p.measured.is_empty()) {
        let told = |m: &loadcase_catalog::MeasuredError| {
            format!("{} {}", text(&m.what, Tag::Measured), m.figure().tagged())
        };
        let errors: Vec<String> = part.measured.iter().map(told).collect();
        lines.push(format!("{}: {}.", part.name, errors.join("; ")));
    }
    let gaps = catalog.fidelity.values().flat_map(|p| &p.not_modelled);
    let left_out: Vec<String> = gaps.map(|g| text(&g.what, Tag::Assumed)).collect();
    lines.push(format!("Not modelled: {}.", left_out.join("; ")));
    lines.push(
        "`loadcase explain fidelity` says what follows from that, and where the errors were measured."
            .to_owned(),
    );
    lines
}

/// What the section is called.
pub(crate) const TITLE: &str = "How far to trust this";

/// A sentence of the catalog.
fn told(text: &str) -> String {
    sentence(&prose(text, Tag::Assumed))
}

#[cfg(test)]
mod tests {
    use loadcase_catalog::load_embedded;

    use super::*;
    use crate::honesty::untagged_numbers;

    #[test]
    fn every_measured_error_is_told_with_its_source_and_no_number_stands_alone() {
        let catalog = load_embedded().expect("the embedded catalog is well-formed");
        let (page, section) = (page(&catalog), section(&catalog));
        for part in catalog.fidelity.values() {
            assert!(page.contains(&part.name), "{}", part.name);
            for error in &part.measured {
                assert!(page.contains(&error.source) && page.contains(&tagged(&error.figure())), "{error:?}");
                assert!(section.contains(&tagged(&error.figure())), "{error:?}");
            }
        }
        assert!(catalog.fidelity.values().filter(|p| !p.measured.is_empty()).count() >= 3);
        let alone = [untagged_numbers(&page), untagged_numbers(&section)].concat();
        assert!(alone.is_empty(), "{alone:?}");
    }
}
