//! `questionable-service-cut`: a service is cut by technical layer, or is far larger or smaller than its siblings.

use loadcase_model::{Component, ComponentKind, Id, Place, Role};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "questionable-service-cut",
    family: Family::Topology,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "A service is cut by technical layer, or is far larger or smaller than its siblings.",
    why: "A layer that is a service of its own changes with its neighbour every time. A service with one operation costs as much to run as one with forty.",
    fires: "A component only serves pages or only passes requests on for one other; or it has far fewer or far more operations than its siblings (three median deviations, at least six siblings).",
    silent: "Gateways for several components; workers; systems with few components.",
    fix: "Join the layer with the component it serves; join the smallest with the sibling they call most; split the largest along its entities.",
    references: &["Taibi et al. 2018, wrong cuts", "Bogner et al. 2019, mega and nano services"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    layers(subject, answers);
    sizes(subject, answers);
}

/// User interfaces that run as services of their own behind nobody.
fn layers(subject: &Subject<'_>, answers: &mut Answers) {
    for (id, component) in subject.components() {
        let serves_pages =
            subject.has_role(id, Role::WebServer) && !subject.has_role(id, Role::WebApplication);
        let calls = subject.flows_from(id).filter(|f| subject.component(&f.to).is_some()).count();
        let services = subject.services().count();
        if !serves_pages || calls < 3 || services < 3 {
            continue;
        }
        let message = format!(
            "{} is cut by technical layer: it serves pages and passes requests on to {calls} components",
            subject.name(id)
        );
        // In a small system one user interface before all services is the usual cut.
        let usual = services < 8 || calls * 2 < services;
        let mut broken =
            Broken::at(id, message).sure(if usual { Confidence::Low } else { Confidence::Medium });
        let places = subject.flows_from(id).flat_map(|f| &f.evidence).chain(&component.evidence);
        for place in places.take(6) {
            broken = broken.seen(place, "passes requests on");
        }
        answers.broken(broken);
    }
}

/// Services whose number of operations is far from their siblings'.
fn sizes(subject: &Subject<'_>, answers: &mut Answers) {
    let sizes: Vec<(&Id, &Component, usize)> = subject
        .services()
        .filter(|(_, c)| c.kind == ComponentKind::Service)
        .map(|(id, c)| (id, c, subject.operations_of(id).count()))
        .filter(|(_, _, n)| *n > 0)
        .collect();
    if sizes.len() < 6 {
        return;
    }
    let median = middle(sizes.iter().map(|(_, _, n)| *n).collect());
    let spread = middle(sizes.iter().map(|(_, _, n)| n.abs_diff(median)).collect()).max(1);
    let tiny: Vec<_> = sizes.iter().filter(|(_, _, n)| *n <= 2 && median > 2 * *n).collect();
    let huge: Vec<_> = sizes.iter().filter(|(_, _, n)| *n > median + 3 * spread && *n > 2 * median).collect();
    for (what, found) in [("smaller", tiny), ("larger", huge)] {
        let [(first, ..), ..] = found.as_slice() else { continue };
        let names: Vec<String> =
            found.iter().take(5).map(|(id, _, n)| format!("{} ({n})", subject.name(id))).collect();
        let message = format!(
            "{} services are far {what} than their siblings, whose middle is {median} operations: {}",
            found.len(),
            names.join(", ")
        );
        let mut broken = Broken::at(first, message).sure(Confidence::Medium);
        for (id, component, n) in &found {
            broken = broken.and(id);
            for place in own_places(component) {
                broken = broken.seen(place, format!("{n} operations"));
            }
        }
        answers.broken(broken);
    }
}

/// Where a component stands: what builds it before what deploys it.
fn own_places(component: &Component) -> impl Iterator<Item = &Place> {
    let builds = |p: &&Place| {
        let name = p.path.rsplit('/').next().unwrap_or(&p.path);
        name.starts_with("Dockerfile") || !(name.ends_with(".yml") || name.ends_with(".yaml"))
    };
    let (builds, deploys): (Vec<&Place>, Vec<&Place>) = component.evidence.iter().partition(builds);
    builds.into_iter().chain(deploys).take(3)
}

/// The middle of numbers.
fn middle(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    fn system(operations_of_last: usize) -> Draft {
        let mut draft = Draft::new();
        for service in 0..7 {
            let name = format!("s{service}");
            draft = draft.service(&name);
            let count = if service == 6 { operations_of_last } else { 8 };
            draft = (0..count).fold(draft, |d, i| d.operation(&name, "GET", &format!("/x/{i}")));
        }
        draft
    }

    #[test]
    fn a_tiny_service_among_large_ones_is_found() {
        assert!(
            system(1).find("questionable-service-cut")[0].message.starts_with("1 services are far smaller")
        );
    }

    #[test]
    fn equal_siblings_are_kept() {
        assert!(!system(8).breaks("questionable-service-cut"));
    }
}
