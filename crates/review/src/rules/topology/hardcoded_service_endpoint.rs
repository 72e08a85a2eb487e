//! `hardcoded-service-endpoint`: a peer's address is a literal in the source.

use std::collections::BTreeSet;

use loadcase_model::{Aspect, ComponentKind, Id, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "hardcoded-service-endpoint",
    family: Family::Topology,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "A peer's address is a literal in the source.",
    why: "Moving, renaming or splitting the peer is a release of every caller, and no environment can have its own.",
    fires: "The address of another component stands as a literal in code and comes from no configuration.",
    silent: "Addresses in configuration files; names that the platform resolves are told with low confidence unless most callers do it.",
    fix: "Read it from configuration under one key for each peer.",
    references: &[
        "Neri et al. 2020, endpoint-based service interaction",
        "Taibi et al. 2018, hard-coded endpoints",
    ],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    // The address of a system of somebody else is the same everywhere.
    let is_own = |id: &Id| subject.component(id).is_some_and(|c| c.kind != ComponentKind::External);
    let literal: Vec<_> = subject
        .in_state(Aspect::HardcodedAddress, State::Present)
        .filter(|p| p.peer.as_ref().is_some_and(is_own))
        .collect();
    let groups = subject.by_component(literal.iter().copied());
    let Some((first, _)) = groups.first_key_value() else { return answers.kept() };
    let peers: BTreeSet<&Id> = literal.iter().filter_map(|p| p.peer.as_ref()).collect();
    let message = match groups.len() {
        1 => format!("{} has the addresses of {} components in its source", subject.name(first), peers.len()),
        n => format!("{n} components have the addresses of {} others in their source", peers.len()),
    };
    let mut broken = Broken::at(first, message).sure(Confidence::Medium);
    for (component, of) in &groups {
        broken = broken.and(component);
        for practice in of.iter().take(3) {
            broken = broken.seen(&practice.place, practice.subject.as_str());
        }
    }
    answers.broken(broken);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_literal_address_of_a_peer_is_found() {
        let draft = Draft::new().service("a").service("b").practice_of(
            "a",
            None,
            Some("b"),
            Aspect::HardcodedAddress,
            State::Present,
            "http://b:8080",
        );
        assert_eq!(
            draft.find("hardcoded-service-endpoint")[0].message,
            "a has the addresses of 1 components in its source"
        );
    }

    #[test]
    fn an_address_of_nobody_here_is_no_finding() {
        let draft =
            Draft::new().service("a").practice("a", Aspect::HardcodedAddress, State::Present, "http://x");
        assert!(!draft.breaks("hardcoded-service-endpoint"));
    }
}
