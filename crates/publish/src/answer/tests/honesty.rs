//! Every number of every answer carries the letter of its origin.

use super::super::{Asked, answer};
use super::fixture::{catalog, domain, empty, full, signal};
use super::render::{only, variants};
use crate::untagged_numbers;

#[test]
fn no_answer_has_a_number_without_a_letter() {
    let catalog = catalog();
    let mut designs = variants();
    designs.push(empty());
    let mut social = full(&[]);
    domain(&mut social, "social");
    for name in ["feed", "media-files", "payments", "multi-tenant", "search", "chat"] {
        signal(&mut social, name);
    }
    designs.push(social);
    let mut faults = Vec::new();
    for topic in catalog.topics.values() {
        let one = only(topic, &catalog);
        for design in &designs {
            for material in [None, Some("def pay(amount: float):\n    charge(amount)\n")] {
                let text = answer(&Asked { question: &topic.title, material, design, catalog: &one })
                    .unwrap_or_else(|error| panic!("{error}"));
                faults.extend(untagged_numbers(&text).into_iter().map(|n| format!("{}: {n}", topic.id)));
            }
        }
    }
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
