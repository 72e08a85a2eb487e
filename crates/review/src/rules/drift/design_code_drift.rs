//! `design-code-drift`: design and code describe different systems.

use std::collections::BTreeMap;

use loadcase_model::{Claim, Id};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "design-code-drift",
    family: Family::Drift,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Design and code describe different systems.",
    why: "People plan and judge by a drawing of something else.",
    fires: "A document names a component or a flow that is found nowhere in code or deployment, after comparing every name a component goes by; or a model of the architecture misses components that run.",
    silent: "Documents that plan or weigh; repositories without documents.",
    fix: "Bring the document up to date, or the code; compare them in the pipeline with `loadcase diff`.",
    references: &["Murphy, Notkin and Sullivan 1995, reflexion models"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let names: BTreeMap<String, &Id> = subject
        .survey
        .names
        .iter()
        .flat_map(|(id, names)| names.iter().map(move |n| (plain(n), id)).chain([(plain(id.as_str()), id)]))
        .collect();
    let known = |name: &str| {
        names.keys().any(|n| {
            *n == plain(name)
                || (n.len() > 4 && plain(name).contains(n.as_str()))
                || (plain(name).len() > 4 && n.contains(&plain(name)))
        })
    };
    let mut missing: BTreeMap<&str, Vec<&Claim>> = BTreeMap::new();
    for claim in subject.survey.claims.iter().filter(|c| c.kind == "component") {
        if known(&claim.subject) {
            answers.kept();
        } else {
            missing.entry(claim.place.path.as_str()).or_default().push(claim);
        }
    }
    for (path, claims) in missing {
        let all =
            subject.survey.claims.iter().filter(|c| c.kind == "component" && c.place.path == path).count();
        // A document that shares no name with the code is about something else.
        if claims.len() == all || subject.survey.names.is_empty() {
            continue;
        }
        let listed: Vec<&str> = claims.iter().take(4).map(|c| c.subject.as_str()).collect();
        let mut broken =
            Broken::file(format!("{path} describes components that are not there: {}", listed.join(", ")))
                .sure(Confidence::Medium);
        for claim in claims.iter().take(6) {
            broken = broken.seen(&claim.place, claim.subject.as_str());
        }
        answers.broken(broken);
    }
}

/// A name without case and punctuation.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    fn system() -> Draft {
        let draft = Draft::new().service("orders").service("stock");
        let draft = draft.claim("component", "orders", "").claim("component", "stock", "");
        draft.named("orders").named("stock")
    }

    #[test]
    fn a_described_component_that_is_not_there_is_found() {
        let draft = system().claim("component", "billing", "");
        assert_eq!(
            draft.find("design-code-drift")[0].message,
            "docs/architecture.md describes components that are not there: billing"
        );
    }

    #[test]
    fn an_up_to_date_document_is_kept() {
        assert!(!system().breaks("design-code-drift"));
    }
}
