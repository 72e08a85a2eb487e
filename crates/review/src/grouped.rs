//! The most common shape of a rule: one finding for each component, with every place of a practice.

use loadcase_model::Practice;

use crate::answer::{Broken, Confidence};
use crate::subject::Subject;

/// Most places that one finding cites.
const PLACES: usize = 12;

/// One broken rule for each component that has such practices, and one for all practices that belong to none.
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
        found.push(declared(subject, broken, &of));
    }
    let nobodys: Vec<&Practice> = all.iter().copied().filter(|p| p.component.is_none()).collect();
    if !nobodys.is_empty() {
        let broken = Broken::file(message(&files(&nobodys), &nobodys)).sure(confidence);
        found.push(nobodys.iter().take(PLACES).fold(broken, |broken, practice| cite(broken, practice)));
    }
    found
}

/// Adds where the operations of practices are declared, when that is another file than the code.
fn declared(subject: &Subject<'_>, mut broken: Broken, practices: &[&Practice]) -> Broken {
    for practice in practices.iter().take(PLACES) {
        let operation = practice.operation.as_ref().and_then(|o| subject.blueprint().operations.get(o));
        let Some(operation) = operation else { continue };
        for place in operation.evidence.iter().take(1).filter(|p| p.path != practice.place.path) {
            broken = broken.seen(place, format!("{} is declared here", operation.name));
        }
    }
    broken
}

/// The files of practices in prose: the only one, or the first and how many more.
pub(crate) fn files(practices: &[&Practice]) -> String {
    let mut paths: Vec<&str> = practices.iter().map(|p| p.place.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    match paths.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, rest @ ..] => format!("{first} with {} more files", rest.len()),
    }
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
