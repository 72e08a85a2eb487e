//! Logs, metrics, traces, promises.

mod no_audit_trail;
mod no_central_logging;
mod no_metrics_or_alerts;
mod sensitive_data_in_logs;
mod slo_unattainable;

use loadcase_catalog::Signs;
use loadcase_model::{Aspect, Component, Role, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::Rule;
use crate::subject::Subject;

/// From how many components on a system needs something that puts together what they say.
const SEVERAL: usize = 3;

/// What a system of several components should show somewhere.
struct Somewhere {
    /// Roles of components that are it.
    roles: &'static [Role],
    /// Practices that are it.
    practices: &'static [Aspect],
    /// Practices by which code of a component would show it.
    looked_for: &'static [Aspect],
    /// What is missing when too little of the code was read.
    fact: &'static str,
    /// What is said, after the number of components, when it is nowhere.
    nowhere: &'static str,
}

/// Answers whether something is seen somewhere in a system of several components.
fn somewhere(subject: &Subject<'_>, answers: &mut Answers, what: &Somewhere) {
    let services: Vec<_> = subject.services().collect();
    if services.len() < SEVERAL {
        return answers.kept();
    }
    // A dashboard inside a service does not make the service one, and is there all the same.
    let signs = Signs::new(subject.catalog);
    let product = |c: &Component| c.technology.as_ref().and_then(|t| signs.technology(t.as_str())?.role);
    let plays = subject.components().any(|(id, c)| {
        what.roles.iter().any(|r| subject.has_role(id, *r))
            || product(c).is_some_and(|r| what.roles.contains(&r))
    });
    let shows = |a: &Aspect| subject.in_state(*a, State::Present).next().is_some();
    if plays || what.practices.iter().any(shows) {
        return answers.kept();
    }
    let read =
        services.iter().filter(|(id, _)| what.looked_for.iter().any(|a| subject.looked(id, *a))).count();
    let (first, component) = services[0];
    if read * 2 < services.len() {
        return answers.unknown(first, what.fact);
    }
    let message = format!("{} components {}", services.len(), what.nowhere);
    let broken = Broken::at(first, message).sure(Confidence::Medium);
    let place = component.evidence.first();
    answers.broken(place.into_iter().fold(broken, |broken, place| broken.seen(place, "one of them")));
}

/// The rules of this family.
pub(super) const RULES: &[&Rule] = &[
    &no_audit_trail::RULE,
    &no_central_logging::RULE,
    &no_metrics_or_alerts::RULE,
    &sensitive_data_in_logs::RULE,
    &slo_unattainable::RULE,
];
