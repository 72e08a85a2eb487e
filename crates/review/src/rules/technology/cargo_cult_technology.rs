//! `cargo-cult-technology`: a heavy technology has no requirement or load that needs it.

use loadcase_model::{ComponentKind, FindingNumber};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "cargo-cult-technology",
    family: Family::Technology,
    severity: Rank::Medium,
    needs_numbers: true,
    fault: "A heavy technology has no requirement or load that needs it.",
    why: "Brokers, meshes, clusters and search engines cost people every month. Without a load or a need that asks for them they cost and give nothing.",
    fires: "A brief is given, and the design computed for it decides against a broker, cache, search engine or cluster that the repository runs.",
    silent: "Without a brief it is unknown. Recorded reasons.",
    fix: "Compare with the design of the brief; where nothing else asks for the technology, plan its removal.",
    references: &["Taibi et al. 2020, focus on latest technologies", "Bogner et al. 2019, golden hammer"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    const KINDS: &[(ComponentKind, &str, &[&str])] = &[
        (ComponentKind::Broker, "messaging", &["none", "db_queue", "in_process"]),
        (ComponentKind::Cache, "cache", &["none", "in_process", "cdn"]),
        (ComponentKind::Search, "search", &["none", "database", "postgres_fts", "db_fts"]),
    ];
    let Some((first, _)) = subject.services().next() else { return };
    let Some(design) = subject.design else {
        return answers.unknown(first, "the load and the needs (give a brief)");
    };
    for (kind, field, light) in KINDS {
        let chosen = design.choices.0.get(*field);
        let needs_none = chosen
            .is_some_and(|words| !words.is_empty() && words.iter().all(|w| light.contains(&w.as_str())));
        for (id, component) in subject.components().filter(|(_, c)| c.kind == *kind) {
            if !needs_none {
                answers.kept();
                continue;
            }
            let why =
                design.decisions.iter().find(|d| d.id.as_str() == *field || d.id.as_str().contains(field));
            let mut broken = Broken::at(id, format!("nothing in the brief asks for {}", component.name))
                .sure(Confidence::Medium);
            if let Some(decision) = why {
                broken =
                    broken.because(format!("the design for this brief chooses: {}", decision.verdict.name));
                broken = broken.counted(FindingNumber {
                    name: "how often that verdict holds".to_owned(),
                    figure: decision.holds.clone(),
                });
            }
            for place in component.evidence.iter().take(2) {
                broken = broken.seen(place, "runs here");
            }
            answers.broken(broken);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    #[test]
    fn without_a_brief_it_is_not_decided() {
        let draft =
            Draft::new().service("a").component("kafka", loadcase_model::ComponentKind::Broker, "kafka");
        assert!(!draft.breaks("cargo-cult-technology"));
    }
}
