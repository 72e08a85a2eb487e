//! `debug-surface-in-production`: debug, admin or documentation endpoints are live.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "debug-surface-in-production",
    family: Family::Security,
    severity: Rank::High,
    needs_numbers: false,
    fault: "Debug, admin or documentation endpoints are live.",
    why: "Such endpoints print memory, environment and data, change log levels or run code. They were never meant for strangers.",
    fires: "Debug mode is on, all management endpoints are exposed, a console, profiler or debugging port is open, or an endpoint dumps data for debugging.",
    silent: "Health and metrics endpoints alone. Profiles named dev or test.",
    fix: "Switch them off in the production profile, or bind them to an internal port behind login.",
    references: &["CWE-489", "A02:2025", "ASVS 13.4.2"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::DebugSurface, State::Present);
    let found = per_component(subject, seen, Confidence::Medium, |name, all| {
        format!("{name} has debugging or administration surfaces live: {}", subjects(all, 4))
    });
    for broken in found {
        let documents =
            broken.evidence.iter().all(|(_, proves)| DOCUMENTATION.iter().any(|d| proves.contains(d)));
        answers.broken(if documents {
            broken.ranked(Rank::Low, "documentation of the interface alone: it tells strangers where to look")
        } else {
            broken
        });
    }
    subject.in_state(Aspect::DebugSurface, State::Absent).for_each(|_| answers.kept());
}

/// Words of surfaces that only describe an interface.
const DOCUMENTATION: &[&str] = &["swagger", "Swagger", "OpenApi", "openapi", "OpenAPI", "api-docs", "redoc"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft = Draft::new().service("orders").practice(
            "orders",
            Aspect::DebugSurface,
            State::Present,
            "subject",
        );
        let found = draft.find("debug-surface-in-production");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::DebugSurface, State::Absent, "subject");
        assert!(!draft.breaks("debug-surface-in-production"));
    }
}
