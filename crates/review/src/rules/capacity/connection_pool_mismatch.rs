//! `connection-pool-mismatch`: the pools of all replicas together exceed the server's limit.

use loadcase_model::{Aspect, ComponentKind, Figure, FindingNumber, Origin, Unit};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "connection-pool-mismatch",
    family: Family::Capacity,
    severity: Rank::High,
    needs_numbers: false,
    fault: "The pools of all replicas together exceed the server's limit.",
    why: "The last replicas to start get no connection, on the day of the deployment or of the peak for which they were added.",
    fires: "The largest pool of each component that uses a store, times its copies, is above the connections the store takes by the catalog.",
    silent: "Components whose pool is not written down are unknown; a pooler in front of the store.",
    fix: "Make pools small (two to four connections for each core of the server), or put a pooler in front.",
    references: &["ASVS 13.1.2", "PostgreSQL documentation, max_connections"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    for (store, component) in subject.components().filter(|(_, c)| c.kind == ComponentKind::Store) {
        let limit = component
            .technology
            .as_ref()
            .and_then(|t| subject.catalog.technology(t.as_str()))
            .and_then(|t| t.fact("max-connections"));
        let Some(limit) = limit else { continue };
        let mut total = 0.0;
        let mut parts = Vec::new();
        for flow in subject.flows_to(store) {
            let pool = subject
                .of(&flow.from, Aspect::ConnectionPool)
                .filter_map(|p| bound(&p.detail).map(|b| (b, p)))
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let Some((pool, practice)) = pool else {
                answers.unknown(&flow.from, format!("the bound of its pool to {}", component.name));
                continue;
            };
            let replicas =
                subject.component(&flow.from).and_then(|c| c.capacity.as_ref()).map_or(1, |c| c.replicas);
            total += pool * f64::from(replicas);
            parts.push((flow, pool, replicas, practice));
        }
        if parts.is_empty() || total <= limit.value {
            answers.kept();
            continue;
        }
        let message =
            format!("pools of up to {total} connections meet {} that {} takes", limit.value, component.name);
        let origin = Origin::Computed { by: "pool x copies, summed over users".to_owned() };
        let mut broken = Broken::at(store, message)
            .sure(Confidence::Medium)
            .counted(FindingNumber {
                name: "connections asked for".to_owned(),
                figure: Figure { value: total, unit: Unit::One, origin },
            })
            .counted(FindingNumber {
                name: "connections taken".to_owned(),
                figure: limit.figure("max-connections"),
            });
        for (flow, pool, replicas, practice) in parts {
            broken = broken.and(&flow.from).seen(&practice.place, format!("{pool} x {replicas} copies"));
        }
        answers.broken(broken);
    }
}

/// The number in a pool's description.
fn bound(detail: &str) -> Option<f64> {
    detail.split(|c: char| !c.is_ascii_digit()).find(|p| !p.is_empty()).and_then(|p| p.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draft;

    fn system(pool: &str) -> Draft {
        let mut draft = Draft::new()
            .service("a")
            .component("db", ComponentKind::Store, "postgresql")
            .calls("a", "db")
            .practice("a", Aspect::ConnectionPool, loadcase_model::State::Present, "pool");
        draft.survey.practices[0].detail = pool.to_owned();
        draft
    }

    #[test]
    fn pools_above_the_limit_are_found() {
        assert!(system("at most 5000").find("connection-pool-mismatch")[0].message.contains("5000"));
    }

    #[test]
    fn small_pools_are_kept() {
        assert!(!system("at most 10").breaks("connection-pool-mismatch"));
    }
}
