//! The most common shape of a rule: one finding for each component, with every place of a practice.

use loadcase_model::Practice;

use crate::answer::{Broken, Confidence};
use crate::subject::Subject;

/// Most places that one finding cites.
const PLACES: usize = 12;

/// One broken rule for each component that has such practices, and one for each practice that belongs to none.
/// `message` gets the component's name (or the file) and its practices.
pub(crate) fn per_component<'a>(
    subject: &Subject<'a>,
    practices: impl Iterator<Item = &'a Practice>,
    confidence: Confidence,
    message: impl Fn(&str, &[&Practice]) -> String,
) -> Vec<Broken> {
    let all: Vec<&Practice> = practices.collect();
    let mut found = Vec::new();
    for (component, of) in subject.by_component(all.iter().copied()) {
        let mut broken = Broken::at(component, message(&subject.name(component), &of)).sure(confidence);
        for practice in of.iter().take(PLACES) {
            broken = cite(broken, practice);
        }
        if of.len() > PLACES {
            broken = broken.because(format!("and {} more places in this component", of.len() - PLACES));
        }
        found.push(broken);
    }
    for practice in all.iter().filter(|p| p.component.is_none()) {
        let broken = Broken::file(message(&practice.place.path, &[practice])).sure(confidence);
        found.push(cite(broken, practice));
    }
    found
}

/// Adds a practice's place, what it proves, and the elements it is about.
pub(crate) fn cite(mut broken: Broken, practice: &Practice) -> Broken {
    let proves = match (practice.detail.as_str(), practice.subject.as_str()) {
        ("", subject) => subject.to_owned(),
        (detail, "") => detail.to_owned(),
        (detail, subject) => format!("{subject}: {detail}"),
    };
    broken = broken.seen(&practice.place, proves);
    for element in practice.operation.iter().chain(&practice.peer) {
        broken = broken.and(element);
    }
    broken
}

/// The subjects of practices, each once, at most `most`, as a list in prose.
pub(crate) fn subjects(practices: &[&Practice], most: usize) -> String {
    let mut names: Vec<&str> =
        practices.iter().map(|p| p.subject.as_str()).filter(|s| !s.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(most);
    names.truncate(most);
    let listed = names.join(", ");
    if more > 0 { format!("{listed} and {more} more") } else { listed }
}
