//! `missing-timeout`: a remote call can wait for ever.

use loadcase_model::{Aspect, FlowStyle, Id, Place, Practice, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "missing-timeout",
    family: Family::Resilience,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A remote call can wait for ever.",
    why: "When the other side hangs, every caller that waits holds a thread or connection. The pool runs out within seconds of load, and the fault of one service becomes the fault of all that call it.",
    fires: "A call to another component or system is made by a client that has no time limit and whose default is none: `requests` without `timeout`, `axios` and `fetch` without a signal, `RestTemplate` without a configured request factory, `http.Get` of Go.",
    silent: "Clients whose default is finite are kept, with the default in the evidence, and so are calls inside Hystrix commands. Calls in languages that are not read are unknown, not broken.",
    fix: "Set a connect and a read timeout below what the caller of this call waits: start at twice the 99th percentile of the callee.",
    references: &["CWE-1088", "ASVS 13.1.3", "ASVS 13.2.6", "Neri et al. 2020, wobbly service interaction"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let absent = subject
        .in_state(Aspect::Timeout, State::Absent)
        .filter(|p| !subject.is_in_browser(p) && !is_always_in_a_command(subject, p));
    for (component, calls) in subject.by_component(absent) {
        let peers: Vec<String> =
            calls.iter().filter_map(|c| c.peer.as_ref()).map(|p| subject.name(p)).collect();
        let whom = match peers.as_slice() {
            [] if calls.iter().any(|c| c.subject == SHARED_CLIENT) => "all of its remote calls".to_owned(),
            [] => format!("{} remote calls", calls.len()),
            [one] => format!("calls to {one}"),
            [first, ..] => format!("calls to {first} and others"),
        };
        let message = format!("{} can wait for ever in {whom}", subject.name(component));
        let mut broken = Broken::at(component, message).sure(Confidence::High);
        for call in &calls {
            broken = broken.seen(&call.place, call.detail.as_str());
            if let Some(peer) = &call.peer {
                broken = broken.and(peer);
            }
        }
        answers.broken(made_with(subject, component, &calls, broken));
    }
    for _ in subject.in_state(Aspect::Timeout, State::Present) {
        answers.kept();
    }
    for flow in subject.sync_calls() {
        if !subject.looked(&flow.from, Aspect::Timeout) {
            answers.unknown(&flow.from, "timeouts of its calls: its language is not read for them");
        }
    }
}

/// Adds where a client is used that is made in one place for all calls of a component.
fn made_with<'a>(
    subject: &Subject<'a>,
    component: &'a Id,
    calls: &[&Practice],
    mut broken: Broken,
) -> Broken {
    if !calls.iter().any(|c| c.subject == SHARED_CLIENT) {
        return broken;
    }
    let flows =
        subject.flows_from(component).filter(|f| f.style == FlowStyle::Sync && !subject.is_data(&f.to));
    for flow in flows {
        // Code, not the addresses of a deployment file.
        let code = |p: &&Place| p.path.ends_with(".java") || p.path.ends_with(".kt");
        for place in
            flow.evidence.iter().filter(code).filter(|p| !in_a_command(subject, component, p)).take(2)
        {
            if broken.evidence.len() >= 16 {
                return broken;
            }
            broken = broken.and(&flow.to).seen(place, format!("calls {} with it", subject.name(&flow.to)));
        }
    }
    broken
}

/// How far below its annotation a command may call.
const COMMAND_LINES: usize = 12;

/// Whether a call stands in a Hystrix command, which gives up after a second unless told otherwise.
fn in_a_command(subject: &Subject<'_>, component: &Id, call: &Place) -> bool {
    subject.in_state(Aspect::CircuitBreaker, State::Present).any(|p| {
        p.component.as_ref() == Some(component)
            && p.detail == "Hystrix"
            && p.place.path == call.path
            && (p.place.line..=p.place.line + COMMAND_LINES).contains(&call.line)
    })
}

/// Whether a call, or every call of a shared client, stands in a Hystrix command.
fn is_always_in_a_command(subject: &Subject<'_>, practice: &Practice) -> bool {
    let Some(component) = practice.component.as_ref() else { return false };
    if practice.subject != SHARED_CLIENT {
        return in_a_command(subject, component, &practice.place);
    }
    let code = |p: &&Place| p.path.ends_with(".java") || p.path.ends_with(".kt");
    let calls: Vec<&Place> = subject
        .blueprint()
        .flows
        .iter()
        .filter(|f| f.from == *component && f.style == FlowStyle::Sync && f.purpose.starts_with("calls"))
        .flat_map(|f| f.evidence.iter().filter(code))
        .collect();
    !calls.is_empty() && calls.iter().all(|c| in_a_command(subject, component, c))
}

/// The subject of a client that is made once and used by all calls of its component.
const SHARED_CLIENT: &str = "RestTemplate";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn a_call_without_a_limit_is_found_with_its_peer() {
        let draft = Draft::new().service("cart").service("catalogue").calls("cart", "catalogue");
        let draft = draft.practice_of(
            "cart",
            None,
            Some("catalogue"),
            Aspect::Timeout,
            State::Absent,
            "http://catalogue",
        );
        let found = draft.find("missing-timeout");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "cart can wait for ever in calls to catalogue");
        assert_eq!(found[0].location.places[0].to_string(), "cart/code.js:30");
    }

    #[test]
    fn a_command_gives_up_by_itself() {
        let mut draft = Draft::new()
            .service("cart")
            .practice("cart", Aspect::Timeout, State::Absent, "http://x")
            .practice("cart", Aspect::CircuitBreaker, State::Present, "stock");
        assert!(draft.breaks("missing-timeout"));
        draft.survey.practices[1].detail = "Hystrix".to_owned();
        draft.survey.practices[1].place = draft.survey.practices[0].place.clone();
        assert!(!draft.breaks("missing-timeout"));
    }

    #[test]
    fn a_finite_default_is_kept() {
        let draft =
            Draft::new().service("cart").practice("cart", Aspect::Timeout, State::Present, "http://x");
        assert!(!draft.breaks("missing-timeout"));
    }
}
