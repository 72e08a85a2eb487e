//! `undersized-component`: the expected peak load is above what the component can do.

use loadcase_model::FindingNumber;

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "undersized-component",
    family: Family::Capacity,
    severity: Rank::High,
    needs_numbers: true,
    fault: "The expected peak load is above what the component can do.",
    why: "Queues grow without end above full use, and long before it the tail of the response time leaves its target.",
    fires: "Under the load of the brief, the capacity model finds a component busy for more than 70% of its time at peak, or 60% for one that keeps data.",
    silent: "Without a load it is unknown. Sizes that are not written down are assumed, and told so.",
    fix: "Add copies, move work off the path, or cache what is read most; the forecast says how many copies are enough.",
    references: &["Little 1961", "Gunther, universal scalability law", "AWS REL07"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let Some(forecast) = subject.forecasts.first() else {
        if let Some((first, _)) = subject.services().next() {
            answers.unknown(first, "the load (give a brief)");
        }
        return;
    };
    for (id, station) in &forecast.stations {
        let limit = if subject.is_data(id) { BUSY_WITH_DATA } else { BUSY };
        if station.utilisation.value <= limit {
            answers.kept();
            continue;
        }
        let capacity = subject.component(id).and_then(|c| c.capacity.as_ref());
        let written = capacity.is_some_and(|c| !c.is_assumed());
        let message = if written {
            format!("{} is {} busy at peak", subject.name(id), station.utilisation.text())
        } else {
            // Busy shares of an assumed size say how much is needed, not how much there is.
            let needed =
                station.utilisation.value * capacity.map_or(1.0, |c| c.vcpu * f64::from(c.replicas)) / limit;
            format!(
                "{} needs about {} vCPU at peak, and no file says that it has them",
                subject.name(id),
                needed.ceil()
            )
        };
        let mut broken = Broken::at(id, message)
            .sure(Confidence::Medium)
            .counted(FindingNumber { name: "busy at peak".to_owned(), figure: station.utilisation.clone() });
        if let Some(component) = subject.component(id) {
            for place in component.evidence.iter().take(1) {
                broken = broken.seen(place, "sized here");
            }
            if let Some(capacity) = &component.capacity {
                broken = broken.because(format!("its size: {}", capacity.basis));
            }
        }
        answers.broken(if written {
            broken
        } else {
            broken.ranked(Rank::Medium, "its size is not written down")
        });
    }
}

/// Busy share above which waiting grows faster than load.
const BUSY: f64 = 0.7;

/// The same for what keeps data, which cannot be doubled in a minute.
const BUSY_WITH_DATA: f64 = 0.6;

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn a_busy_component_is_found() {
        let found = Draft::new().service("a").sized("a", 1).find_under(
            "undersized-component",
            loadcase_model::Input::PeakRps,
            100.0,
            0.99,
            0.9,
        );
        assert_eq!(found[0].message, "a is 90% busy at peak");
    }

    #[test]
    fn an_unknown_size_is_told_as_what_is_needed() {
        let found = Draft::new().service("a").find_under(
            "undersized-component",
            loadcase_model::Input::PeakRps,
            100.0,
            0.99,
            2.0,
        );
        assert_eq!(found[0].message, "a needs about 3 vCPU at peak, and no file says that it has them");
        assert_eq!(found[0].severity.as_str(), "medium");
    }

    #[test]
    fn half_busy_is_kept() {
        let draft = Draft::new().service("a");
        assert!(
            draft
                .find_under("undersized-component", loadcase_model::Input::PeakRps, 100.0, 0.99, 0.5)
                .is_empty()
        );
    }
}
