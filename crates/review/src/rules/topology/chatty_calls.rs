//! `chatty-calls`: one operation makes many calls to the same peer.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "chatty-calls",
    family: Family::Topology,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "One operation makes many calls to the same peer.",
    why: "Each call costs a round trip, a connection and a chance to fail. A list of a hundred becomes a hundred of each.",
    fires: "A remote call stands inside a loop over a collection, or one operation calls the same peer five times.",
    silent: "Loops that try again; loops over pages.",
    fix: "Ask for all of them in one call, or keep the copy you need.",
    references: &["Taibi et al. 2020", "Bogner et al. 2019, chatty service", "CWE-1073"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let loops = subject.in_state(Aspect::CallInLoop, State::Present);
    let found = per_component(subject, loops, Confidence::Medium, |name, all| {
        format!("{name} calls others once for each element of a list: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::CallInLoop, State::Absent).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_call_in_a_loop_is_found() {
        let draft =
            Draft::new().service("a").practice("a", Aspect::CallInLoop, State::Present, "GET http://b/x");
        assert_eq!(
            draft.find("chatty-calls")[0].message,
            "a calls others once for each element of a list: GET http://b/x"
        );
    }

    #[test]
    fn a_call_outside_is_kept() {
        let draft =
            Draft::new().service("a").practice("a", Aspect::CallInLoop, State::Absent, "GET http://b/x");
        assert!(!draft.breaks("chatty-calls"));
    }
}
