//! `cleartext-flow`: sensitive data crosses a link in clear text.

use loadcase_model::{Aspect, ComponentKind, Sensitivity, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "cleartext-flow",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Sensitive data crosses a link in clear text.",
    why: "Whoever is on the path reads and changes it: a neighbour in the network, a proxy, a provider.",
    fires: "A flow that leaves the system or carries personal, financial, card or secret data goes over plain HTTP or an unencrypted protocol, by the address in the file.",
    silent: "Calls inside the system that carry nothing above internal are kept; a mesh with mutual TLS counts as encryption.",
    fix: "Use the TLS scheme of the protocol, and refuse the clear one at the receiver.",
    references: &["A04:2025", "ASVS 12.2.1", "ASVS 12.3.3", "CWE-319"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let meshed = subject.in_state(Aspect::Tls, State::Present).any(|p| p.detail.contains("mutual"));
    for flow in &subject.blueprint().flows {
        match flow.encrypted {
            Some(true) => answers.kept(),
            Some(false) if !meshed => {
                let outside = subject.component(&flow.to).is_some_and(|c| c.kind == ComponentKind::External);
                let sensitive = subject.sensitivity_of(&flow.to).max(subject.sensitivity_of(&flow.from));
                if !outside && sensitive < Sensitivity::Personal {
                    answers.kept();
                    continue;
                }
                let message =
                    format!("{} reaches {} in clear text", subject.name(&flow.from), subject.name(&flow.to));
                let mut broken = Broken::at(&flow.from, message).and(&flow.to);
                for place in flow.evidence.iter().take(4) {
                    broken = broken.seen(place, "the address has no TLS scheme");
                }
                answers.broken(if outside {
                    broken.sure(Confidence::High)
                } else {
                    broken.sure(Confidence::Low).ranked(Rank::Medium, "both ends are inside the system")
                });
            }
            _ => answers.unknown(&flow.from, format!("whether its connection to {} is encrypted", flow.to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn outside(encrypted: bool) -> Draft {
        let mut draft =
            Draft::new().service("pay").component("bank", ComponentKind::External, "").calls("pay", "bank");
        draft.survey.blueprint.flows[0].encrypted = Some(encrypted);
        draft
    }

    #[test]
    fn plain_http_to_somebody_else_is_found() {
        assert_eq!(outside(false).find("cleartext-flow")[0].message, "pay reaches bank in clear text");
    }

    #[test]
    fn https_is_kept() {
        assert!(!outside(true).breaks("cleartext-flow"));
    }
}
