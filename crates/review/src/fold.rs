//! One finding for one cause: findings that say the same of several components are told once.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::{Finding, Id, Place};

use crate::rules::find;

/// From how many components on a fault is told once for all of them.
const MANY: usize = 5;

/// Most places of a finding that stands for several.
const PLACES: usize = 96;

/// Most components that a message names.
const NAMED: usize = 5;

/// Findings in their order, those of one cause as one. `name` gives the name of an element in prose.
pub(crate) fn folded(findings: Vec<Finding>, name: impl Fn(&Id) -> String) -> Vec<Finding> {
    let mut groups: Vec<Vec<Finding>> = Vec::new();
    for finding in without_twins(findings, &name) {
        let same = |g: &&mut Vec<Finding>| {
            g.first().is_some_and(|f| {
                f.rule == finding.rule
                    && f.severity == finding.severity
                    && !f.location.elements.is_empty()
                    && !finding.location.elements.is_empty()
            })
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    let told = |group: Vec<Finding>| if group.len() < MANY { group } else { vec![together(group, &name)] };
    let groups = with_stragglers(groups);
    groups.into_iter().flat_map(told).collect()
}

/// A few findings of less severity beside very many of the same rule are told with them.
fn with_stragglers(groups: Vec<Vec<Finding>>) -> Vec<Vec<Finding>> {
    let mut out: Vec<Vec<Finding>> = Vec::new();
    for group in groups {
        let rule = group.first().map(|f| f.rule.clone());
        let large = out.iter_mut().find(|g| {
            g.len() >= MANY && g.len() >= 3 * group.len() && g.first().map(|f| f.rule.clone()) == rule
        });
        match large {
            Some(large) => large.extend(group),
            None => out.push(group),
        }
    }
    out
}

/// Components that share their code break a rule at the same places: one finding for all of them.
fn without_twins(findings: Vec<Finding>, name: &impl Fn(&Id) -> String) -> Vec<Finding> {
    let mut out: Vec<Finding> = Vec::new();
    // Which findings cite a place: twins share one.
    let mut citing: BTreeMap<Place, BTreeSet<usize>> = BTreeMap::new();
    for finding in findings {
        let places = finding.location.places.clone();
        let near: BTreeSet<usize> = places.iter().filter_map(|p| citing.get(p)).flatten().copied().collect();
        let twin = near.into_iter().find(|at| are_twins(&out[*at], &finding));
        let at = twin.unwrap_or(out.len());
        match twin.and_then(|at| out.get_mut(at)) {
            Some(first) => {
                let others = others(first, &finding, name);
                join(first, finding);
                if let Some(other) = others
                    && let Some(detail) = &mut first.review
                {
                    detail.why.push(format!("the same code runs as {other}"));
                }
            }
            None => out.push(finding),
        }
        for place in places.into_iter().filter(|p| out[at].location.places.contains(p)) {
            citing.entry(place).or_default().insert(at);
        }
    }
    out
}

/// The name of the main element of the second, when it is not among those of the first.
fn others(first: &Finding, second: &Finding, name: &impl Fn(&Id) -> String) -> Option<String> {
    let main = second.location.elements.first()?;
    (!first.location.elements.contains(main)).then(|| name(main))
}

/// Whether most of the places of the one with fewer are places of the other.
fn are_twins(a: &Finding, b: &Finding) -> bool {
    let (few, many) = if a.location.places.len() <= b.location.places.len() { (a, b) } else { (b, a) };
    let shared = few.location.places.iter().filter(|p| many.location.places.contains(p)).count();
    a.rule == b.rule && a.severity == b.severity && shared > 0 && shared * 2 >= few.location.places.len()
}

/// Adds what a finding has to another.
fn join(first: &mut Finding, finding: Finding) {
    for element in finding.location.elements {
        if !first.location.elements.contains(&element) {
            first.location.elements.push(element);
        }
    }
    let (Some(detail), Some(more)) = (&mut first.review, finding.review) else { return };
    if detail.folded.is_empty() {
        detail.folded.push(detail.fingerprint.clone());
    }
    // What is joined may stand for several itself.
    if more.folded.is_empty() {
        detail.folded.push(more.fingerprint.clone());
    } else {
        detail.folded.extend(more.folded.iter().cloned());
    }
    for (place, proves) in finding.location.places.into_iter().zip(more.proves) {
        if !first.location.places.contains(&place) && first.location.places.len() < PLACES {
            first.location.places.push(place);
            detail.proves.push(proves);
        }
    }
}

/// One finding for many.
fn together(mut group: Vec<Finding>, name: &impl Fn(&Id) -> String) -> Finding {
    let mains: Vec<Id> = group.iter().filter_map(|f| f.location.elements.first().cloned()).collect();
    let messages: Vec<String> = group.iter().take(40).map(|f| f.message.clone()).collect();
    let count = group.len();
    let places = round(&group);
    let rest = group.split_off(1);
    let mut first = group.remove(0);
    for finding in rest {
        join(&mut first, finding);
    }
    // The components that break the rule come before what they break it towards.
    let main: BTreeSet<&Id> = mains.iter().collect();
    let towards: Vec<Id> = first.location.elements.iter().filter(|e| !main.contains(e)).cloned().collect();
    let fault = find(first.rule.as_str()).map_or("", |r| r.fault).trim_end_matches('.');
    let mut unique = BTreeSet::new();
    let once: Vec<Id> = mains.iter().filter(|m| unique.insert((*m).clone())).cloned().collect();
    let named: Vec<String> = once.iter().take(NAMED).map(name).collect();
    let rest = once.len() - named.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    first.message = format!("{count} times: {}. In {}{more}", lowered(fault), named.join(", "));
    first.location.elements = once;
    first.location.elements.extend(towards);
    first.location.places = places.iter().map(|(p, _)| p.clone()).collect();
    if let Some(detail) = &mut first.review {
        detail.proves = places.into_iter().map(|(_, proves)| proves).collect();
        detail.why = messages;
        detail.fingerprint = fingerprint(&detail.folded);
    }
    first
}

/// A sentence as it continues another.
fn lowered(sentence: &str) -> String {
    let mut chars = sentence.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    // A word of capitals stays one.
    if chars.clone().next().is_some_and(char::is_uppercase) {
        sentence.to_owned()
    } else {
        first + chars.as_str()
    }
}

/// The first place of each finding, then the second of each, and so on: none of them crowds the others out.
fn round(group: &[Finding]) -> Vec<(Place, String)> {
    let longest = group.iter().map(|f| f.location.places.len()).max().unwrap_or(0);
    let mut out: Vec<(Place, String)> = Vec::new();
    for at in 0..longest {
        for finding in group {
            let Some(place) = finding.location.places.get(at) else { continue };
            let proves = finding.review.as_ref().and_then(|d| d.proves.get(at)).cloned().unwrap_or_default();
            if out.len() < PLACES && !out.iter().any(|(p, _)| p == place) {
                out.push((place.clone(), proves));
            }
        }
    }
    out
}

/// The fingerprint of findings that are told as one.
fn fingerprint(of: &[String]) -> String {
    let mut sorted: Vec<&str> = of.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let mut hash = blake3::Hasher::new();
    for one in sorted {
        hash.update(one.as_bytes()).update(b"\0");
    }
    hash.finalize().to_hex().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use loadcase_model::{Aspect, State};

    use super::*;
    use crate::testing::Draft;

    fn open(count: usize) -> Draft {
        (0..count).fold(Draft::new(), |draft, i| {
            let name = format!("s{i}");
            draft.service(&name).practice(&name, Aspect::TlsVerification, State::Absent, "x")
        })
    }

    #[test]
    fn a_fault_of_many_is_told_once() {
        let found = open(6).find("tls-verification-disabled");
        assert_eq!(found.len(), 1);
        assert!(found[0].message.starts_with("6 times: "), "{}", found[0].message);
        assert!(found[0].message.ends_with("In s0, s1, s2, s3, s4 and 1 more"), "{}", found[0].message);
        assert_eq!(found[0].location.elements.len(), 6);
        assert_eq!(found[0].location.places.len(), 6);
        assert_eq!(found[0].review.as_ref().map(|d| d.folded.len()), Some(6));
    }

    #[test]
    fn what_is_told_once_remembers_everything_it_stands_for() {
        let mut findings = open(4).find("tls-verification-disabled");
        let like = |finding: &Finding, print: &str, path: Option<&str>| {
            let mut other = finding.clone();
            if let Some(detail) = &mut other.review {
                print.clone_into(&mut detail.fingerprint);
            }
            if let Some(path) = path {
                other.location.places = vec![Place { path: path.into(), line: 1 }];
            }
            other
        };
        // One at the same place as the second, and a fifth: a baseline must know all six.
        findings.push(like(&findings[1], "twin", None));
        findings.push(like(&findings[3], "fifth", Some("fifth.js")));
        let prints: Vec<String> =
            findings.iter().filter_map(|f| Some(f.review.as_ref()?.fingerprint.clone())).collect();
        let told = folded(findings, ToString::to_string);
        assert_eq!(told.len(), 1);
        let known = &told[0].review.as_ref().expect("told with its parts").folded;
        assert!(prints.iter().all(|p| known.contains(p)), "{prints:?} {known:?}");
        assert!(told[0].message.ends_with("In s0, s1, s2, s3"), "{}", told[0].message);
    }

    #[test]
    fn a_fault_of_few_is_told_of_each() {
        assert_eq!(open(4).find("tls-verification-disabled").len(), 4);
    }
}
