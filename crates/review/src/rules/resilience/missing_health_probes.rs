//! `missing-health-probes`: the platform cannot tell whether an instance works.

use loadcase_model::{Aspect, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::paths::is_compose;
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "missing-health-probes",
    family: Family::Resilience,
    severity: Rank::Low,
    needs_numbers: false,
    fault: "The platform cannot tell whether an instance works.",
    why: "A process that hangs gets traffic until somebody looks, and a new version replaces the old one before it can answer.",
    fires: "A workload of a platform that restarts and routes by checks has no readiness or liveness check, or the same one for both; or services of Spring Boot have neither its health endpoint, nor one of their own, nor a check.",
    silent: "Stores and other products whose image brings its own check; files that only serve development.",
    fix: "Give each workload a readiness check that asks what it needs to answer, and a liveness check that asks only the process.",
    references: &["Taibi et al. 2020, no health check"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    without_endpoint(subject, answers);
    let probed = |id: &&loadcase_model::Id| {
        subject
            .practices(Aspect::HealthProbe)
            .any(|p| p.state == State::Present && p.component.as_ref() == Some(*id))
    };
    let mut open: Vec<_> = subject
        .practices(Aspect::HealthProbe)
        .filter(|p| p.state != State::Present && !is_local(&p.place.path))
        .filter_map(|p| p.component.as_ref().map(|c| (c, p)))
        .filter(|(c, _)| !probed(c) && !subject.is_data(c))
        .collect();
    open.dedup_by_key(|(c, _)| *c);
    subject.in_state(Aspect::HealthProbe, State::Present).for_each(|_| answers.kept());
    let Some((first, practice)) = open.first() else { return };
    let message = match open.len() {
        1 => format!("{} has no health check: {}", subject.name(first), practice.subject),
        n => format!("{n} workloads have no health check of their own"),
    };
    let mut broken = Broken::at(first, message).sure(Confidence::High);
    for (component, practice) in open.iter().take(12) {
        broken = broken.and(component).seen(&practice.place, practice.detail.as_str());
    }
    answers.broken(broken);
}

/// Parts of names of libraries that bring an endpoint for health to Spring Boot, themselves or through what they
/// are built on.
const BRINGS_HEALTH: &[&str] = &[
    "actuator",
    "starter-netflix-zuul",
    "starter-zuul",
    "starter-bus",
    "boot-admin",
    "dashboard",
    "turbine",
    "cloud-config-server",
    "eureka-server",
    "starter-oauth2",
    "microprofile-health",
    "starter-alibaba-sentinel",
];

/// Services of a framework that has an endpoint for health and leaves it to a library that they do not use.
fn without_endpoint(subject: &Subject<'_>, answers: &mut Answers) {
    let mut open = Vec::new();
    let libraries = &subject.survey.libraries;
    // A library of a parent or of a shared module may bring it to all.
    let shared =
        libraries.iter().any(|l| l.component.is_none() && BRINGS_HEALTH.iter().any(|w| l.name.contains(w)));
    if shared {
        return;
    }
    for (id, component) in subject.services() {
        let spring = component.framework.as_ref().or(component.technology.as_ref());
        let own: Vec<_> =
            libraries.iter().filter(|l| l.ecosystem == "maven" && l.component.as_ref() == Some(id)).collect();
        if spring.is_none_or(|t| t.as_str() != "spring-boot") || own.is_empty() {
            continue;
        }
        let brought =
            own.iter().any(|l| BRINGS_HEALTH.iter().any(|w| l.name.contains(w)) || l.built_at.is_some());
        let checked = subject.of(id, Aspect::HealthProbe).any(|p| p.state == State::Present);
        let answered = subject.operations_of(id).any(|(_, o)| {
            let path = o.path.as_deref().unwrap_or("").to_ascii_lowercase();
            ["health", "ping", "alive", "ready", "status"].iter().any(|w| path.contains(w))
        });
        if brought || checked || answered {
            answers.kept();
        } else if let Some(first) = own.iter().map(|l| &l.place).min() {
            open.push((id, first));
        }
    }
    let Some((first, _)) = open.first() else { return };
    let names: Vec<String> = open.iter().take(5).map(|(id, _)| subject.name(id)).collect();
    let message = match open.len() {
        1 => format!("{} has no endpoint that tells its health", names.join(", ")),
        n => format!("{n} services have no endpoint that tells their health: {}", names.join(", ")),
    };
    let mut broken = Broken::at(first, message).sure(Confidence::Medium);
    for (id, place) in open.iter().take(40) {
        broken = broken.and(id).seen(place, "no library for health among its dependencies, and no check");
    }
    answers.broken(broken);
}

/// Whether a file describes how the system runs on one machine.
fn is_local(path: &str) -> bool {
    is_compose(path) || path.rsplit('/').next() == Some("Dockerfile")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_workload_without_a_check_is_found() {
        let draft = Draft::new().service("a").practice("a", Aspect::HealthProbe, State::Absent, "readiness");
        assert_eq!(draft.find("missing-health-probes")[0].message, "a has no health check: readiness");
    }

    #[test]
    fn spring_without_its_health_endpoint_is_found() {
        let draft = Draft::new().component("a", loadcase_model::ComponentKind::Service, "spring-boot");
        let draft = draft.library("maven", "org.springframework.boot:spring-boot-starter-web", "2.0.0", "a");
        assert_eq!(draft.find("missing-health-probes")[0].message, "a has no endpoint that tells its health");
        let name = "org.springframework.boot:spring-boot-starter-actuator";
        assert!(!draft.library("maven", name, "2.0.0", "a").breaks("missing-health-probes"));
    }

    #[test]
    fn a_checked_workload_is_kept() {
        let draft = Draft::new().service("a").practice("a", Aspect::HealthProbe, State::Present, "readiness");
        assert!(!draft.breaks("missing-health-probes"));
    }
}
