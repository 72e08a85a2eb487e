//! `heap-exceeds-container-limit`: the process is allowed more memory than its container.

use loadcase_model::{Aspect, Practice, State};

use crate::answer::{Answers, Broken, Confidence};
use crate::grouped::{per_component, subjects};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "heap-exceeds-container-limit",
    family: Family::Deployment,
    severity: Rank::High,
    needs_numbers: false,
    fault: "The process is allowed more memory than its container.",
    why: "The kernel kills the process under load, without an error of its own, again and again.",
    fires: "The heap a runtime is told, or workers times their footprint, is above the memory limit of the container.",
    silent: "Runtimes that read the limit of the container.",
    fix: "Set the heap to three quarters of the limit, or let the runtime derive it from the limit.",
    references: &["train-ticket fault F3"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let seen = subject.in_state(Aspect::HeapLimit, State::Weak);
    let found = per_component(subject, seen, Confidence::High, |name, all| {
        format!("{name} may take more memory than its container has: {}", subjects(all, 3))
    });
    found.into_iter().for_each(|b| answers.broken(b));
    against_limits(subject, answers);
    subject.in_state(Aspect::HeapLimit, State::Present).for_each(|_| answers.kept());
}

/// The heap of a Dockerfile or command against the memory limits that deployment files give the same component.
fn against_limits(subject: &Subject<'_>, answers: &mut Answers) {
    for (component, heaps) in subject.by_component(subject.in_state(Aspect::HeapLimit, State::Present)) {
        let heap = heaps.iter().filter_map(|p| Some((p.detail.parse::<f64>().ok()?, *p)));
        let Some((heap, told)) = heap.max_by(|(a, _), (b, _)| a.total_cmp(b)) else { continue };
        let limits: Vec<(f64, &Practice)> = subject
            .of(component, Aspect::ResourceLimit)
            .filter(|p| p.state == State::Present && p.subject == "memory")
            .filter_map(|p| Some((megabytes(&p.detail)?, p)))
            .filter(|(limit, _)| *limit <= heap)
            .collect();
        let Some((lowest, _)) = limits.iter().min_by(|(a, _), (b, _)| a.total_cmp(b)) else { continue };
        let message = format!(
            "{} may take a heap of {heap:.0} MB and its container is limited to {lowest:.0} MB",
            subject.name(component)
        );
        let mut broken = Broken::at(component, message).sure(Confidence::High);
        broken = broken.seen(&told.place, format!("{} allows {heap:.0} MB", told.subject));
        for (limit, practice) in limits.iter().take(6) {
            broken = broken.seen(&practice.place, format!("the container gets {limit:.0} MB"));
        }
        answers.broken(broken);
    }
}

/// Megabytes of `memory 500Mi`, `memory 300 MB`, `2G`.
fn megabytes(detail: &str) -> Option<f64> {
    let text = detail.trim_start_matches("memory").trim();
    let number: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let value: f64 = number.parse().ok()?;
    let unit = text.get(number.len()..)?.trim().to_ascii_lowercase();
    let factor = match unit.as_str() {
        "m" | "mb" | "mi" | "mib" => 1.0,
        "g" | "gb" | "gi" | "gib" => 1024.0,
        "k" | "kb" | "ki" | "kib" => 1.0 / 1024.0,
        "" | "b" => 1.0 / (1024.0 * 1024.0),
        _ => return None,
    };
    Some(value * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    #[test]
    fn it_is_found_where_it_stands() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::HeapLimit, State::Weak, "subject");
        let found = draft.find("heap-exceeds-container-limit");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("orders"), "{}", found[0].message);
        assert_eq!(found[0].location.places[0].to_string(), "orders/code.js:30");
    }

    #[test]
    fn a_heap_above_the_limit_of_another_file_is_found() {
        let system = |heap: &str| {
            Draft::new()
                .service("orders")
                .practice("orders", Aspect::HeapLimit, State::Present, "-Xmx")
                .detailed(heap)
                .practice("orders", Aspect::ResourceLimit, State::Present, "memory")
                .detailed("memory 300 MB")
        };
        let found = system("1200").find("heap-exceeds-container-limit");
        assert_eq!(
            found[0].message,
            "orders may take a heap of 1200 MB and its container is limited to 300 MB"
        );
        assert!(!system("200").breaks("heap-exceeds-container-limit"));
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(super::megabytes("memory 500Mi"), Some(500.0));
        assert_eq!(super::megabytes("memory 1.5 GB"), Some(1536.0));
        assert_eq!(super::megabytes("memory of the node"), None);
    }

    #[test]
    fn the_opposite_is_no_finding() {
        let draft =
            Draft::new().service("orders").practice("orders", Aspect::HeapLimit, State::Present, "subject");
        assert!(!draft.breaks("heap-exceeds-container-limit"));
    }
}
