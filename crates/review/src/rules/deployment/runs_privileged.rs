//! `runs-privileged`: a workload can take over its host.

use loadcase_catalog::Signs;
use loadcase_model::{Aspect, Practice, State};

use crate::answer::{Answers, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "runs-privileged",
    family: Family::Deployment,
    severity: Rank::Critical,
    needs_numbers: false,
    fault: "A workload can take over its host.",
    why: "Who breaks into such a container owns the machine, and with it every other workload there.",
    fires: "A container runs privileged, shares a namespace of the host, mounts the engine's socket or a path of the host, or runs as root with rights to escalate.",
    silent: "Known agents, exporters and scanners whose task is the machine itself. Others with that task should be accepted with the reason.",
    fix: "Drop the right, run as a user of its own with a read-only file system, and give the task to an agent of the platform.",
    references: &["NIST SP 800-190", "CWE-250"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let signs = Signs::new(subject.catalog);
    let is_agent = |p: &Practice| p.component.as_ref().is_some_and(|c| subject.works_on_host(&signs, c));
    let seen = subject
        .in_state(Aspect::Privilege, State::Present)
        .filter(|p| !reads_its_node(subject, p) && !is_agent(p));
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} may take over its host: {}", subjects(all, 4))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    subject.in_state(Aspect::Privilege, State::Absent).for_each(|_| answers.kept());
}

/// Whether an agent mounts what it is there to read: a collector of logs the logs, an exporter the figures.
fn reads_its_node(subject: &Subject<'_>, practice: &Practice) -> bool {
    const READ: &[&str] = &["/var/log", "/var/lib/docker/containers", "/proc", "/sys"];
    const AGENTS: &[&str] =
        &["fluent", "beat", "promtail", "logstash", "exporter", "agent", "collector", "cadvisor"];
    let agent = |c: &loadcase_model::Id| {
        subject.is_infrastructure(c)
            || AGENTS.iter().any(|a| subject.name(c).to_ascii_lowercase().contains(a))
    };
    practice.component.as_ref().is_some_and(agent)
        && READ.iter().any(|folder| practice.subject.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Privilege, State::Present, "subject");
        let found = draft.find("runs-privileged");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn an_agent_of_the_machine_is_none() {
        for name in ["node-exporter", "kube-bench-master"] {
            let draft =
                Draft::new().service(name).practice(name, Aspect::Privilege, State::Present, "hostPID");
            assert!(!draft.breaks("runs-privileged"), "{name}");
        }
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::Privilege, State::Absent, "subject");
        assert!(!draft.breaks("runs-privileged"));
    }
}
