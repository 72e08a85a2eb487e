//! `cyclic-service-dependency`: services call each other in a circle.

use loadcase_model::Id;
use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "cyclic-service-dependency",
    family: Family::Topology,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Services call each other in a circle.",
    why: "None of them can start, change or fail alone, and a slow one slows itself through the others.",
    fires: "Components wait for each other in a circle of synchronous calls.",
    silent: "Circles of events only; calls to registries, configuration and tracing.",
    fix: "Move what both need into one of them or into a third, or turn one direction into an event.",
    references: &["Taibi et al. 2018, cyclic dependency", "Bogner et al. 2019, knot"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mut graph: DiGraphMap<&Id, ()> = DiGraphMap::new();
    for flow in subject.sync_calls() {
        graph.add_edge(&flow.from, &flow.to, ());
    }
    let mut circles: Vec<Vec<&Id>> = tarjan_scc(&graph).into_iter().filter(|c| c.len() > 1).collect();
    for circle in &mut circles {
        circle.sort();
    }
    circles.sort();
    if circles.is_empty() && graph.node_count() > 0 {
        answers.kept();
    }
    for circle in circles {
        let names: Vec<String> = circle.iter().map(|id| subject.name(id)).collect();
        let mut broken = Broken::at(
            circle[0],
            format!("{} components wait for each other in a circle: {}", circle.len(), names.join(", ")),
        )
        .sure(Confidence::High);
        for id in &circle {
            broken = broken.and(id);
        }
        for flow in subject.sync_calls().filter(|f| circle.contains(&&f.from) && circle.contains(&&f.to)) {
            if let Some(place) = flow.evidence.first().filter(|_| broken.evidence.len() < 10) {
                broken = broken
                    .seen(place, format!("{} calls {}", subject.name(&flow.from), subject.name(&flow.to)));
            }
        }
        answers.broken(broken);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn a_circle_is_found_with_its_calls() {
        let draft = Draft::new().service("a").service("b").calls("a", "b").calls("b", "a");
        let found = draft.find("cyclic-service-dependency");
        assert_eq!(found[0].message, "2 components wait for each other in a circle: a, b");
        assert_eq!(found[0].location.places.len(), 2);
    }

    #[test]
    fn a_chain_is_no_circle() {
        assert!(!Draft::new().service("a").service("b").calls("a", "b").breaks("cyclic-service-dependency"));
    }
}
