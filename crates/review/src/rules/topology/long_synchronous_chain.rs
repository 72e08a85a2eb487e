//! `long-synchronous-chain`: one request waits for four or more services in a row.

use std::collections::BTreeMap;

use loadcase_model::{ComponentKind, Id};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "long-synchronous-chain",
    family: Family::Topology,
    severity: Rank::Medium,
    needs_numbers: false,
    fault: "One request waits for four or more services in a row.",
    why: "Latencies add up and availabilities multiply along the chain: four services of 99.9% are one of 99.6%.",
    fires: "From a component that people reach, a chain of at least four synchronous calls is possible.",
    silent: "Chains through circles are told by the circle. Whether one request really takes the whole chain is not seen.",
    fix: "Fetch in parallel, keep a copy of what changes seldom, or let the last steps happen by events.",
    references: &["Bogner et al. 2019, service chain", "AWS REL04"],
    aliases: &[],
    check,
};

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let mut next: BTreeMap<&Id, Vec<&Id>> = BTreeMap::new();
    for flow in subject.sync_calls() {
        if subject.component(&flow.to).is_some_and(|c| c.kind != ComponentKind::External) {
            next.entry(&flow.from).or_default().push(&flow.to);
        }
    }
    let starts: Vec<&Id> = subject.reachable().into_iter().filter(|id| next.contains_key(id)).collect();
    let longest = starts
        .into_iter()
        .map(|start| chain(start, &next))
        .max_by_key(|c| (c.len(), std::cmp::Reverse(c.clone())));
    let Some(chain) = longest else { return };
    if chain.len() <= HOPS {
        return answers.kept();
    }
    let names: Vec<String> = chain.iter().map(|id| subject.name(id)).collect();
    let mut broken = Broken::at(
        chain[0],
        format!("a request may wait for {} services in a row: {}", chain.len() - 1, names.join(", ")),
    )
    .sure(Confidence::Medium);
    for pair in chain.windows(2) {
        broken = broken.and(pair[1]);
        let flow = subject.sync_calls().find(|f| f.from == *pair[0] && f.to == *pair[1]);
        if let Some(place) = flow.and_then(|f| f.evidence.first()) {
            broken =
                broken.seen(place, format!("{} waits for {}", subject.name(pair[0]), subject.name(pair[1])));
        }
    }
    answers.broken(broken);
}

/// Calls in a row from which on a chain is long.
const HOPS: usize = 4;

/// Most steps of the search: chains are found by depth first, and dense graphs have very many.
const EFFORT: usize = 20_000;

/// The longest chain without repetition from a component, as far as the effort reaches.
fn chain<'a>(start: &'a Id, next: &BTreeMap<&'a Id, Vec<&'a Id>>) -> Vec<&'a Id> {
    let mut best = vec![start];
    let mut stack = vec![vec![start]];
    let mut effort = 0;
    while let Some(path) = stack.pop() {
        effort += 1;
        if path.len() > best.len() {
            best.clone_from(&path);
        }
        if effort > EFFORT || path.len() > 2 * HOPS {
            continue;
        }
        let last = path[path.len() - 1];
        for to in next.get(last).into_iter().flatten().filter(|to| !path.contains(to)) {
            let mut longer = path.clone();
            longer.push(to);
            stack.push(longer);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    fn system(length: usize) -> Draft {
        let draft = (0..=length).fold(Draft::new(), |d, i| d.service(&format!("s{i}")));
        (0..length).fold(draft.used_by_people("s0"), |d, i| d.calls(&format!("s{i}"), &format!("s{}", i + 1)))
    }

    #[test]
    fn four_in_a_row_are_found() {
        assert_eq!(
            system(4).find("long-synchronous-chain")[0].message,
            "a request may wait for 4 services in a row: s0, s1, s2, s3, s4"
        );
    }

    #[test]
    fn three_are_kept() {
        assert!(!system(3).breaks("long-synchronous-chain"));
    }
}
