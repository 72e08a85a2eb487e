//! `unauthenticated-entry-point`: an operation open to the internet handles non-public data without login.

use loadcase_model::{Aspect, Id, Operation, Sensitivity, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::cite;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "unauthenticated-entry-point",
    family: Family::Security,
    severity: Rank::Critical,
    needs_numbers: false,
    fault: "An operation open to the internet handles non-public data without login.",
    why: "Anybody can read or change what the operation handles. Nothing else in the design limits who that is.",
    fires: "An operation that can be reached from outside is seen to have no check of who is calling, neither on it nor before it, and changes state or touches more than public data; or its neighbours in the same component require login and it does not.",
    silent: "Sign-in, sign-up, health and documentation operations; open patterns of paths that hold for no operation; gRPC services that are not published; operations of components whose login is checked by a gateway; operations of languages that are not read.",
    fix: "Require a session or a token on it, by default for the whole component, and list the few operations that are open.",
    references: &["CWE-306", "A01:2025", "A07:2025", "API2:2023"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let reachable = subject.reachable();
    for (component, _) in subject.services() {
        let open: Vec<_> = subject
            .of(component, Aspect::Authentication)
            .filter(|p| p.state == State::Absent)
            .filter(|p| {
                let operation = p.operation.as_ref().and_then(|o| subject.blueprint().operations.get(o));
                operation.map_or(
                    !is_meant_open(&p.subject) && opens_something(subject, component, &p.subject),
                    |o| !is_open_by_nature(o),
                )
            })
            .collect();
        if open.is_empty() {
            if subject.of(component, Aspect::Authentication).any(|p| p.state == State::Present) {
                answers.kept();
            } else if reachable.contains(component) && !subject.looked(component, Aspect::Authentication) {
                answers.unknown(component, "whether its operations ask who is calling");
            }
            continue;
        }
        let guarded = subject.of(component, Aspect::Authentication).any(|p| p.state == State::Present);
        // A browser does not speak gRPC: what is not published answers the services beside it.
        let published = subject.of(component, Aspect::Exposure).any(|p| p.state == State::Present);
        if !guarded && !published && open.iter().all(|p| p.detail.contains("gRPC")) {
            answers.unknown(component, "how services prove to it who they are");
            continue;
        }
        let name = subject.name(component);
        let message = if guarded {
            format!("{} operations of {name} skip the login that their neighbours require", open.len())
        } else {
            format!("{name} answers {} operations without asking who is calling", open.len())
        };
        let mut broken =
            Broken::at(component, message).sure(if guarded { Confidence::High } else { Confidence::Medium });
        for practice in open.iter().take(12) {
            broken = cite(broken, practice);
        }
        let harmless = subject.sensitivity_of(component) <= Sensitivity::Internal;
        let only_reads = open.iter().all(|p| {
            p.operation
                .as_ref()
                .and_then(|o| subject.blueprint().operations.get(o))
                .is_some_and(|o| o.method.as_deref() == Some("GET"))
        });
        if !reachable.contains(component) {
            broken = broken.ranked(Rank::Medium, "nothing outside is seen to reach this component");
        } else if harmless && only_reads {
            broken = broken.ranked(Rank::Medium, "it only reads, and no personal data is seen");
            // Nothing says that what it reads is not meant for all.
            broken = if guarded { broken } else { broken.sure(Confidence::Low) };
        } else if !guarded {
            broken = broken
                .ranked(Rank::High, "a gateway or mesh that is not in the repository may ask for login");
        }
        answers.broken(broken);
    }
}

/// Whether a pattern of paths that needs no login holds for an operation that is not meant for strangers. Where no
/// operation is known, whatever it names counts.
fn opens_something(subject: &Subject<'_>, component: &Id, pattern: &str) -> bool {
    let Some((before, _)) = pattern.split_once('*') else { return true };
    let before = before.trim_end_matches('/');
    let operations: Vec<&Operation> =
        subject.blueprint().operations.values().filter(|o| subject.answers(o) == Some(component)).collect();
    operations.is_empty()
        || operations.iter().any(|o| {
            let path = o.path.as_deref().unwrap_or("");
            !is_open_by_nature(o) && (before.is_empty() || path.contains(before))
        })
}

/// Whether an operation is meant for strangers.
fn is_open_by_nature(operation: &Operation) -> bool {
    is_meant_open(operation.path.as_deref().unwrap_or(""))
}

/// Words of paths that are meant for strangers: signing in and up, health, documentation, static files, webhooks
/// (which have rules of their own).
fn is_meant_open(path: &str) -> bool {
    const OPEN: &[&str] = &[
        "login",
        "signin",
        "sign-in",
        "signup",
        "sign-up",
        "register",
        "logout",
        "oauth",
        "token",
        "auth",
        "verify",
        "forgot",
        "reset",
        "otp",
        "password",
        "health",
        "ready",
        "alive",
        "live",
        "ping",
        "status",
        "metrics",
        "version",
        "info",
        "docs",
        "swagger",
        "openapi",
        "static",
        "favicon",
        "robots",
        "webhook",
        "callback",
        "captcha",
        "welcome",
        "webjars",
        "/configuration/",
        "/images/",
        "/css",
        "/js/",
        "/fonts",
        "assets",
        "api-docs",
        "denied",
        "challenge",
        "/error",
        "/home",
        "demo",
        // Surfaces of the platform have a rule of their own.
        "actuator",
        "hystrix.stream",
        "prometheus",
    ];
    let lower = path.to_ascii_lowercase();
    lower.trim_matches('/').is_empty() || OPEN.iter().any(|w| lower.contains(w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn an_operation_that_skips_its_neighbours_login_is_found() {
        let draft = Draft::new()
            .service("shop")
            .used_by_people("shop")
            .operation("shop", "POST", "/orders")
            .operation("shop", "GET", "/orders/{id}")
            .practice_of(
                "shop",
                Some("shop POST /orders"),
                None,
                Aspect::Authentication,
                State::Present,
                "/orders",
            )
            .practice_of(
                "shop",
                Some("shop GET /orders/{id}"),
                None,
                Aspect::Authentication,
                State::Absent,
                "/orders/{id}",
            );
        let found = draft.find("unauthenticated-entry-point");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("skip the login"), "{}", found[0].message);
    }

    #[test]
    fn a_pattern_that_holds_for_no_operation_opens_nothing() {
        let draft = |pattern: &str| {
            Draft::new()
                .service("shop")
                .used_by_people("shop")
                .operation("shop", "POST", "/api/v1/orders")
                .practice("shop", Aspect::Authentication, State::Absent, pattern)
        };
        assert!(!draft("/v2/**").breaks("unauthenticated-entry-point"));
        assert!(draft("/api/**").breaks("unauthenticated-entry-point"));
    }

    #[test]
    fn signing_in_needs_no_login() {
        let draft = Draft::new().service("shop").operation("shop", "POST", "/login").practice_of(
            "shop",
            Some("shop POST /login"),
            None,
            Aspect::Authentication,
            State::Absent,
            "/login",
        );
        assert!(!draft.breaks("unauthenticated-entry-point"));
    }
}
