//! `noisy-neighbour`: one tenant can use up what all share.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "noisy-neighbour",
    family: Family::Tenancy,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "One tenant can use up what all share.",
    why: "The import of one customer is the outage of all others.",
    fires: "In a multi-tenant system the operations that tenants call have no limit for each tenant, and the language shows where one would be.",
    silent: "Systems without tenants; limits at a gateway.",
    fix: "Limit rate and concurrency for each tenant at the entry, and give large ones a pool or queue of their own.",
    references: &["AWS SaaS lens", "API4:2023"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let tenants = subject.blueprint().entities.values().filter(|e| e.tenant_scoped).count();
    if tenants < 2 {
        return;
    }
    if subject.in_state(Aspect::RateLimit, State::Present).next().is_some() {
        return answers.kept();
    }
    for (id, component) in subject.services() {
        if subject.operations_of(id).next().is_none() {
            continue;
        }
        if !subject.looked(id, Aspect::RateLimit) {
            answers.unknown(id, "whether its requests are limited for each tenant");
            continue;
        }
        let message = format!(
            "{} serves {tenants} kinds of tenants' data without a limit for each tenant",
            subject.name(id)
        );
        let mut broken = Broken::at(id, message).sure(Confidence::Low);
        if let Some(place) = component.evidence.first() {
            broken = broken.seen(place, "no limiter is seen in this component");
        }
        answers.broken(broken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        let mut draft = Draft::new()
            .service("a")
            .operation("a", "GET", "/x")
            .looked("a", Aspect::RateLimit)
            .entity("a", "x", None, &[])
            .entity("a", "y", None, &[]);
        draft.survey.blueprint.entities.values_mut().for_each(|e| e.tenant_scoped = true);
        draft
    }

    #[test]
    fn tenants_without_limits_are_found() {
        assert!(system().breaks("noisy-neighbour"));
    }

    #[test]
    fn a_limit_is_kept() {
        assert!(
            !system().practice("a", Aspect::RateLimit, State::Present, "limiter").breaks("noisy-neighbour")
        );
    }
}
