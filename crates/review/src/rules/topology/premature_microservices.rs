//! `premature-microservices`: there are more services than team and load can justify.

use loadcase_model::{ComponentKind, Figure, FindingNumber, Input, Unit};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "premature-microservices",
    family: Family::Topology,
    severity: Rank::Medium,
    needs_numbers: true,
    fault: "There are more services than team and load can justify.",
    why: "Each service costs deployment, monitoring, on-call and coordination every month. A team that is too small for them builds infrastructure instead of the product.",
    fires: "A brief tells the team, and there are more than two services for each team of five; or a load is known and the busiest component is used less than a tenth at peak.",
    silent: "Without a brief or a load it is unknown. Recorded reasons of isolation, compliance or scaling.",
    fix: "Join services along their calls until each team owns one or two; keep the boundaries as modules.",
    references: &["Taibi et al. 2020, lust", "Fowler, MonolithFirst"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let services: Vec<_> = subject.services().filter(|(_, c)| c.kind != ComponentKind::Gateway).collect();
    let Some((first, component)) = services.first() else { return };
    if services.len() < 4 {
        return answers.kept();
    }
    let engineers = subject.brief.and_then(|b| b.numbers.get(&Input::Engineers)).and_then(|g| g.now.as_ref());
    let Some(engineers) = engineers else {
        return answers.unknown(first, "how many engineers build it (give a brief)");
    };
    let teams = (engineers.value / ENGINEERS_PER_TEAM).max(1.0);
    #[allow(clippy::cast_precision_loss, reason = "a count of services is small")]
    let count = services.len() as f64;
    if count <= 2.0 * teams {
        return answers.kept();
    }
    let message =
        format!("{count} services for {} engineers are more than two for each team", engineers.value);
    let mut broken = Broken::at(first, message).sure(Confidence::Medium).counted(FindingNumber {
        name: "engineers".to_owned(),
        figure: Figure { value: engineers.value, unit: Unit::Engineers, origin: engineers.origin.clone() },
    });
    for place in component.evidence.iter().take(1) {
        broken = broken.seen(place, "one of the services");
    }
    answers.broken(broken);
}

/// Engineers in a team that owns services by itself, on call included.
const ENGINEERS_PER_TEAM: f64 = 5.0;

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn without_a_team_it_is_not_decided() {
        let draft = ["a", "b", "c", "d", "e"].into_iter().fold(Draft::new(), Draft::service);
        assert!(!draft.breaks("premature-microservices"));
    }

    #[test]
    fn many_services_for_few_engineers_are_found() {
        let draft = ["a", "b", "c", "d", "e"].into_iter().fold(Draft::new(), Draft::service);
        let found = draft.find_with_engineers("premature-microservices", 4.0);
        assert_eq!(found[0].message, "5 services for 4 engineers are more than two for each team");
        assert!(draft.find_with_engineers("premature-microservices", 40.0).is_empty());
    }
}
