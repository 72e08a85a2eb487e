//! `trust-boundary-without-control`: a flow crosses a trust boundary and a threat has no control there.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "trust-boundary-without-control",
    family: Family::Security,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "A flow crosses a trust boundary and a threat has no control there.",
    why: "What crosses a boundary comes from somebody who is trusted less. Each threat that no control answers there is open.",
    fires: "For each flow from outside: who calls (spoofing), integrity and encryption (tampering, disclosure), audit (repudiation), limits (denial of service), roles (elevation). One finding for each flow lists what is seen to be missing and no specific rule has said.",
    silent: "Threats whose control is seen on the flow or its receiver, and those that could not be looked for.",
    fix: "Put a control for each listed threat on the flow, or write down why it is accepted.",
    references: &["STRIDE", "A06:2025"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    // The threats that no specific rule of this family speaks about for a single flow.
    const CONTROLS: &[(&str, Aspect)] = &[
        ("repudiation: no audit event", Aspect::Audit),
        ("elevation: no role or scope", Aspect::Authorization),
    ];
    for flow in subject.blueprint().flows.iter().filter(|f| subject.blueprint().actors.contains_key(&f.from))
    {
        let receiver = &flow.to;
        let has = |a: Aspect| subject.of(receiver, a).any(|p| p.state == State::Present);
        let missing: Vec<&str> = CONTROLS
            .iter()
            .filter(|(_, a)| !has(*a) && subject.looked(receiver, *a))
            .map(|(t, _)| *t)
            .collect();
        let unknown = CONTROLS.iter().filter(|(_, a)| !has(*a) && !subject.looked(receiver, *a)).count();
        if unknown > 0 {
            answers.unknown(receiver, format!("{unknown} controls at the boundary"));
        }
        if missing.is_empty() {
            answers.kept();
            continue;
        }
        let message = format!(
            "{} is entered from outside with open threats: {}",
            subject.name(receiver),
            missing.join("; ")
        );
        let mut broken = Broken::at(receiver, message).and(&flow.from).sure(Confidence::Low);
        for place in flow.evidence.iter().take(2) {
            broken = broken.seen(place, "the boundary is crossed here");
        }
        answers.broken(broken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn an_entry_without_roles_is_listed() {
        let draft = Draft::new().service("web").used_by_people("web").looked("web", Aspect::Authorization);
        assert!(draft.find("trust-boundary-without-control")[0].message.contains("elevation"));
    }

    #[test]
    fn controls_close_the_threats() {
        let draft = Draft::new()
            .service("web")
            .used_by_people("web")
            .looked("web", Aspect::Authorization)
            .practice("web", Aspect::Authorization, State::Present, "role");
        assert!(!draft.breaks("trust-boundary-without-control"));
    }
}
