//! `attack-path-to-sensitive-store`: an attacker needs few unguarded steps to reach the crown jewels.

use std::collections::BTreeSet;

use loadcase_model::{Aspect, ComponentKind, Id, Sensitivity, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "attack-path-to-sensitive-store",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "An attacker needs few unguarded steps to reach the crown jewels.",
    why: "Each step without a control is free for an attacker. A short free path from the internet to passwords or cards is the breach of tomorrow.",
    fires: "From the internet, at most three flows without any seen authentication lead to a store of secrets or card data.",
    silent: "Paths on which one component asks for login; stores whose entities are not known.",
    fix: "Put a control on the path: login at the entry, an identity between the services, a network rule before the store.",
    references: &["MITRE ATT&CK, lateral movement"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let guarded = |id: &Id| {
        subject
            .practices(Aspect::Authentication)
            .any(|p| p.state == State::Present && p.component.as_ref() == Some(id))
    };
    let looked = |id: &Id| subject.looked(id, Aspect::Authentication);
    let mut paths: Vec<Vec<&Id>> = subject
        .blueprint()
        .flows
        .iter()
        .filter(|f| subject.blueprint().actors.contains_key(&f.from))
        .map(|f| vec![&f.to])
        .collect();
    let mut seen: BTreeSet<&Id> = BTreeSet::new();
    while let Some(path) = paths.pop() {
        let Some(last) = path.last().copied() else { continue };
        let jewels = matches!(subject.sensitivity_of(last), Sensitivity::Secret | Sensitivity::Card);
        if jewels
            && subject.component(last).is_some_and(|c| c.kind == ComponentKind::Store)
            && seen.insert(last)
        {
            let names: Vec<String> = path.iter().map(|id| subject.name(id)).collect();
            let mut broken = Broken::at(
                last,
                format!("nothing asks who is calling on the way internet, {}", names.join(", ")),
            )
            .sure(Confidence::Medium);
            for id in &path {
                broken = broken.and(id);
                if let Some(place) = subject.component(id).and_then(|c| c.evidence.first()) {
                    broken = broken.seen(place, "a step of the path");
                }
            }
            answers.broken(broken);
        }
        if path.len() > 3 || guarded(last) || !(looked(last) || subject.is_data(last)) {
            continue;
        }
        for flow in subject.flows_from(last).filter(|f| !path.contains(&&f.to)) {
            let mut longer = path.clone();
            longer.push(&flow.to);
            paths.push(longer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        Draft::new()
            .service("users")
            .component("db", ComponentKind::Store, "postgresql")
            .used_by_people("users")
            .calls("users", "db")
            .looked("users", Aspect::Authentication)
            .entity("users", "account", Some("db"), &[("password", Sensitivity::Secret)])
    }

    #[test]
    fn an_open_way_to_passwords_is_found() {
        assert_eq!(
            system().find("attack-path-to-sensitive-store")[0].message,
            "nothing asks who is calling on the way internet, users, db"
        );
    }

    #[test]
    fn a_login_on_the_way_is_enough() {
        let draft = system().practice("users", Aspect::Authentication, State::Present, "session");
        assert!(!draft.breaks("attack-path-to-sensitive-store"));
    }
}
