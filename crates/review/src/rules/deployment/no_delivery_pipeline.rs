//! `no-delivery-pipeline`: nothing builds, tests and scans before release.

use loadcase_model::{Aspect, Id, Library, Place, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-delivery-pipeline",
    family: Family::Deployment,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "Nothing builds, tests and scans before release.",
    why: "Every release depends on the machine and the memory of one person.",
    fires: "The repository has code and a deployment, and no definition of a pipeline; or a pipeline deploys without a step that tests.",
    silent: "Pipelines that live outside the repository should be accepted with their place.",
    fix: "Define a pipeline that builds, tests, scans and then deploys, and protect the main branch with it.",
    references: &["NIST SSDF PO.3", "NIST SSDF PW.7", "CWE-1127"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::Pipeline, State::Absent);
    let found =
        per_component(subject, seen, Confidence::Medium, |name, all| format!("{name}: {}", subjects(all, 3)));
    found.into_iter().for_each(|b| answers.broken(b));
    nowhere(subject, answers);
    subject.in_state(Aspect::Pipeline, State::Present).for_each(|_| answers.kept());
}

/// Services with manifests and no definition of a pipeline in the whole repository.
fn nowhere(subject: &Subject<'_>, answers: &mut Answers) {
    if subject.practices(Aspect::Pipeline).next().is_some() {
        return;
    }
    let mut built: Vec<(&Place, &Id)> = subject
        .services()
        .filter_map(|(id, _)| {
            let of =
                subject.survey.libraries.iter().filter(|l| is_built(l) && l.component.as_ref() == Some(id));
            of.map(|l| &l.place).min_by_key(|p| (p.path.matches('/').count(), *p)).map(|p| (p, id))
        })
        .collect();
    built.sort_by_key(|(place, _)| (place.path.matches('/').count(), *place));
    let Some((_, first)) = built.first() else { return };
    let deployed = subject.components().flat_map(|(_, c)| &c.evidence).find(|p| is_deployment(&p.path));
    let Some(deployed) = deployed else { return };
    let message = format!("no pipeline builds and tests the {} services of this repository", built.len());
    let mut broken = Broken::at(first, message).sure(Confidence::Medium);
    let mut files: Vec<&str> = Vec::new();
    // What gathers the others stands above them.
    let root = subject
        .survey
        .libraries
        .iter()
        .filter(|l| is_built(l))
        .map(|l| &l.place)
        .find(|p| !p.path.contains('/'));
    for place in root.into_iter().chain(built.iter().map(|(p, _)| *p)) {
        if files.len() < 6 && !files.contains(&place.path.as_str()) {
            files.push(&place.path);
            broken = broken.seen(place, "built, and by no pipeline");
        }
    }
    for (_, id) in built.iter().take(12) {
        broken = broken.and(id);
    }
    answers.broken(broken.seen(deployed, "deployed, and by no pipeline"));
}

/// Whether a library is declared by a manifest that something is built from, not an image that is taken as it is.
fn is_built(library: &Library) -> bool {
    const ECOSYSTEMS: &[&str] = &["maven", "npm", "pypi", "go", "cargo", "nuget", "composer"];
    ECOSYSTEMS.contains(&library.ecosystem.as_str())
}

/// Whether a file says how something is deployed.
fn is_deployment(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("Dockerfile")
        || name.ends_with(".tf")
        || name == "Procfile"
        || (name.ends_with(".yml") || name.ends_with(".yaml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Pipeline, State::Absent, "subject");
        let found = draft.find("no-delivery-pipeline");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn a_repository_without_any_is_found() {
        let draft = Draft::new().service("orders").library("npm", "express", "4.18.0", "orders");
        let draft = draft.evidence("orders", "docker-compose.yml");
        assert_eq!(
            draft.find("no-delivery-pipeline")[0].message,
            "no pipeline builds and tests the 1 services of this repository"
        );
        let built = draft.practice("orders", Aspect::Pipeline, State::Present, "ci.yml");
        assert!(!built.breaks("no-delivery-pipeline"));
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Pipeline, State::Present, "subject");
        assert!(!draft.breaks("no-delivery-pipeline"));
    }
}
