//! `no-single-entry-point`: several components are reachable from outside with no common gateway.

use std::collections::BTreeSet;

use loadcase_model::{Aspect, ComponentKind, Id, Place, Role, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "no-single-entry-point",
    family: Family::Topology,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "Several components are reachable from outside with no common gateway.",
    why: "Login, limits, TLS and logs are configured once for each of them, and forgotten for one.",
    fires: "Two or more components with operations are published to the outside, and none of them is a gateway, ingress or user interface before the others. A web server that serves pages and passes paths on to more than eight services without asking who is calling is no gateway.",
    silent: "Systems of one component; files that each publish one service, beside its code; ports of compose files that stand beside a gateway.",
    fix: "Put one gateway or ingress before them and take the other ports back.",
    references: &["Neri et al. 2020, no API gateway", "Schneider et al. 2024, R1"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let gateway = subject.components().any(|(id, c)| {
        (matches!(c.kind, ComponentKind::Gateway | ComponentKind::Edge)
            || subject.has_role(id, Role::Gateway)
            || subject.has_role(id, Role::WebServer))
            && !is_page_proxy(subject, id)
    });
    let mut open: Vec<_> = subject
        .in_state(Aspect::Exposure, State::Present)
        .filter_map(|p| p.component.as_ref().map(|c| (c, p)))
        .filter(|(c, _)| {
            !subject.is_data(c) && !subject.is_infrastructure(c) && subject.operations_of(c).next().is_some()
        })
        .filter(|(c, _)| !subject.has_role(c, Role::WebApplication))
        .collect();
    open.sort_by_key(|(c, p)| (*c, &p.place));
    open.dedup_by_key(|(c, _)| *c);
    // Variants of one code base are one way in.
    let mut code = std::collections::BTreeSet::new();
    open.retain(|(c, _)| {
        subject.operations_of(c).next().and_then(|(_, o)| o.evidence.first()).is_none_or(|p| code.insert(p))
    });
    // A file beside each service is how its developers start it alone: what is open together stands together.
    let together = |place: &Place| {
        let folder = folder_of(&place.path);
        open.iter().filter(|(_, p)| folder_of(&p.place.path) == folder).count()
    };
    if open.len() < 2 || gateway || !open.iter().any(|(_, p)| together(&p.place) > 1) {
        return answers.kept();
    }
    let proxy = subject.components().find(|(id, _)| is_page_proxy(subject, id)).map(|(id, _)| id);
    let names: Vec<String> = open.iter().take(5).map(|(c, _)| subject.name(c)).collect();
    let mut broken = Broken::at(
        open[0].0,
        format!(
            "{} components are published and no gateway stands before them: {}",
            open.len(),
            names.join(", ")
        ),
    )
    .sure(Confidence::Medium);
    if let Some(proxy) = proxy {
        broken = broken.and(proxy);
        for place in subject.flows_from(proxy).filter_map(|f| f.evidence.first()).take(3) {
            let proves =
                format!("{} passes requests on to each service and asks nothing", subject.name(proxy));
            broken = broken.seen(place, proves);
        }
    }
    for (component, practice) in open.iter().take(12) {
        broken =
            broken.and(component).seen(&practice.place, format!("{} is published", subject.name(component)));
    }
    answers.broken(broken);
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// From how many components behind it on a web server is more than a way to one backend.
const BEHIND: usize = 8;

/// Whether a component serves pages and passes each path on to another service without a check or limit of its
/// own: it is in front of everything and does the work of a gateway for nothing.
fn is_page_proxy(subject: &Subject<'_>, id: &Id) -> bool {
    let behind: BTreeSet<&Id> = subject.flows_from(id).map(|f| &f.to).collect();
    let checks = [Aspect::Authentication, Aspect::Authorization, Aspect::RateLimit, Aspect::TokenValidation];
    let serves_pages = subject.has_role(id, Role::WebServer) || subject.has_role(id, Role::WebApplication);
    serves_pages
        && !subject.has_role(id, Role::Gateway)
        && behind.len() > BEHIND
        && !subject.survey.practices.iter().any(|p| {
            p.component.as_ref() == Some(id) && p.state == State::Present && checks.contains(&p.aspect)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system() -> Draft {
        let mut draft = ["a", "b"].into_iter().fold(Draft::new(), |d, s| {
            d.service(s).operation(s, "GET", "/x").practice(s, Aspect::Exposure, State::Present, "8080")
        });
        for practice in &mut draft.survey.practices {
            practice.place.path = "docker-compose.yml".into();
        }
        draft
    }

    #[test]
    fn two_open_services_are_found() {
        assert!(system().find("no-single-entry-point")[0].message.starts_with("2 components are published"));
    }

    #[test]
    fn a_web_server_that_reaches_each_service_is_no_gateway() {
        let mut draft =
            system().component("pages", ComponentKind::Gateway, "nginx").role("pages", Role::WebServer);
        for i in 0..9 {
            let name = format!("s{i}");
            draft = draft.service(&name).calls("pages", &name);
        }
        assert!(draft.breaks("no-single-entry-point"));
    }

    #[test]
    fn files_beside_each_service_publish_nothing_together() {
        let mut draft = system();
        for (practice, service) in draft.survey.practices.iter_mut().zip(["a", "b"]) {
            practice.place.path = format!("{service}/docker-compose.yml").into();
        }
        assert!(!draft.breaks("no-single-entry-point"));
    }

    #[test]
    fn a_gateway_is_kept() {
        assert!(!system().component("edge", ComponentKind::Gateway, "nginx").breaks("no-single-entry-point"));
    }
}
