//! `no-circuit-breaker`: nothing stops a failing dependency from taking its callers down.

use loadcase_catalog::{Ability, Signs};
use loadcase_model::{Aspect, ComponentKind, Id, Role, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-circuit-breaker",
    family: Family::Resilience,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Nothing stops a failing dependency from taking its callers down.",
    why: "Callers that keep trying hold their threads until none are left. The failure climbs to the entry.",
    fires: "A component calls another failure domain and waits, and neither a circuit breaker, a bulkhead nor a pool of its own is seen, although the language would show one. Told once for the system when it is so in most components.",
    silent: "Calls through a mesh or gateway with outlier detection; gateways whose product stops calls to what fails; components whose language is not read.",
    fix: "Put a breaker with a fallback on calls at the entry points first; a bounded pool for each dependency does most of the work.",
    references: &["Nygard, Release It!", "Neri et al. 2020, wobbly service interaction", "ASVS 16.5.2"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let meshed = subject.in_state(Aspect::CircuitBreaker, State::Present).any(|p| p.detail.contains("mesh"));
    let signs = Signs::new(subject.catalog);
    let mut open = Vec::new();
    let mut callers = 0;
    for (component, _) in subject.services() {
        let calls: Vec<_> = subject.sync_calls().filter(|f| f.from == *component).collect();
        if calls.is_empty() {
            continue;
        }
        callers += 1;
        let has_one = subject.of(component, Aspect::CircuitBreaker).any(|p| p.state == State::Present)
            || subject.can(&signs, component, Ability::CircuitBreaker) && is_gateway(subject, component);
        if meshed || has_one {
            answers.kept();
        } else if subject.looked(component, Aspect::CircuitBreaker) {
            open.push((component, calls));
        } else {
            answers.unknown(component, "whether its calls go through a circuit breaker");
        }
    }
    let Some((first, calls)) = open.first() else { return };
    let message = match open.len() {
        1 => format!("{} has no circuit breaker on {} calls it waits for", subject.name(first), calls.len()),
        n => format!("{n} of {callers} calling components have no circuit breaker"),
    };
    // One call of one component cannot spread a failure far.
    let few = open.len() == 1 && calls.len() < 2;
    let mut broken = Broken::at(first, message).sure(if few { Confidence::Low } else { Confidence::Medium });
    for (component, calls) in &open {
        broken = broken.and(component);
        if let Some(place) =
            calls.iter().find_map(|c| c.evidence.first()).filter(|_| broken.evidence.len() < 12)
        {
            broken = broken.seen(place, format!("{} waits here", subject.name(component)));
        }
    }
    answers.broken(broken);
}

/// Whether a component passes requests on by configuration: what its product does, it does for every route.
fn is_gateway(subject: &Subject<'_>, id: &Id) -> bool {
    subject.has_role(id, Role::Gateway)
        || subject.component(id).is_some_and(|c| c.kind == ComponentKind::Gateway)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn caller() -> Draft {
        Draft::new()
            .service("cart")
            .service("stock")
            .calls("cart", "stock")
            .looked("cart", Aspect::CircuitBreaker)
    }

    #[test]
    fn a_waiting_call_without_a_breaker_is_found() {
        assert_eq!(
            caller().find("no-circuit-breaker")[0].message,
            "cart has no circuit breaker on 1 calls it waits for"
        );
    }

    #[test]
    fn a_gateway_whose_product_breaks_circuits_is_kept() {
        let draft = Draft::new()
            .component("edge", ComponentKind::Gateway, "gateway")
            .service("stock")
            .service("cart")
            .calls("edge", "stock")
            .calls("edge", "cart")
            .looked("edge", Aspect::CircuitBreaker);
        assert!(draft.breaks("no-circuit-breaker"));
        let library = "org.springframework.cloud:spring-cloud-starter-netflix-zuul";
        assert!(!draft.library("maven", library, "2.0.0", "edge").breaks("no-circuit-breaker"));
    }

    #[test]
    fn a_breaker_is_kept() {
        let draft = caller().practice("cart", Aspect::CircuitBreaker, State::Present, "resilience");
        assert!(!draft.breaks("no-circuit-breaker"));
    }
}
