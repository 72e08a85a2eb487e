//! `tls-verification-disabled`: a client accepts any certificate.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::per_component;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "tls-verification-disabled",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A client accepts any certificate.",
    why: "Whoever can answer in place of the other side, by DNS, a proxy or a neighbour in the network, reads and changes what is sent, and encryption hides it from nobody.",
    fires: "A client is told to skip the check of certificates or host names: `verify=False`, `InsecureSkipVerify`, `rejectUnauthorized: false`, a trust manager that trusts all.",
    silent: "Test code, and clients with a certificate authority of their own.",
    fix: "Trust the certificate authority that signs the internal certificates, and leave the check on.",
    references: &["CWE-295", "ASVS 12.3.2"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::TlsVerification, State::Absent);
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} accepts any certificate in {} of its calls", all.len())
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::TlsVerification, State::Present).for_each(|_| answers.kept());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::TlsVerification,
            State::Absent,
            "subject",
        );
        let found = draft.find("tls-verification-disabled");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::TlsVerification,
            State::Present,
            "subject",
        );
        assert!(!draft.breaks("tls-verification-disabled"));
    }
}
