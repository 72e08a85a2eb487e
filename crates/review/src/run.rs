//! Runs the rules.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use indexmap::IndexMap;
use loadcase_model::{
    FailedCheck, Finding, FindingLocation, Id, Place, Review, ReviewDetail, ReviewSize, Role, Undecided,
};

use crate::accept::{Config, apply};
use crate::answer::{Answers, Broken, Confidence};
use crate::baseline::Baseline;
use crate::fold::folded;
use crate::rule::{Rank, Rule};
use crate::rules::all;
use crate::subject::Subject;

/// Who reads the findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persona {
    /// What a senior engineer would raise.
    #[default]
    Regular,
    /// Also hints and what is worth knowing.
    Pedantic,
    /// Also what could not be decided.
    Auditor,
}

/// How to review.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Who reads.
    pub persona: Persona,
    /// Rules or `family:NAME` to run; empty for all.
    pub select: Vec<String>,
    /// Rules or `family:NAME` to leave out.
    pub ignore: Vec<String>,
    /// Severities and acceptances from `loadcase.toml`, with its path.
    pub config: Option<(String, Config)>,
    /// Findings that were there before.
    pub baseline: Option<Baseline>,
    /// Show accepted findings as well.
    pub no_accept: bool,
}

/// Reviews.
#[must_use]
pub fn review(subject: &Subject<'_>, options: &Options) -> Review {
    let mut findings: Vec<(Rank, &Rule, Finding)> = Vec::new();
    let mut undecided = Vec::new();
    let mut failed: Vec<FailedCheck> = subject.survey.failed.clone();
    let mut kept = IndexMap::new();
    for rule in all().filter(|r| is_selected(r, options)) {
        let mut answers = Answers::default();
        if catch_unwind(AssertUnwindSafe(|| (rule.check)(subject, &mut answers))).is_err() {
            let reason = "the rule stopped".to_owned();
            failed.push(FailedCheck { check: rule.id.to_owned(), path: None, reason });
            continue;
        }
        if answers.kept > 0 {
            kept.insert(Id::slug(rule.id), answers.kept);
        }
        let missing = |(element, fact): (Id, String)| Undecided { rule: Id::slug(rule.id), element, fact };
        undecided.extend(answers.unknown.into_iter().map(missing));
        for broken in joined(subject, answers.broken).into_iter().filter(|b| !only_tries(subject, b)) {
            let rank = rank_of(rule, &broken, options);
            if shown(rank, broken.confidence, options.persona) {
                findings.push((rank, rule, finding(rule, rank, broken)));
            }
        }
    }
    findings.sort_by(|(a, ra, fa), (b, rb, fb)| {
        (b, ra.family, ra.id, &fa.location.elements, &fa.location.places, &fa.message).cmp(&(
            a,
            rb.family,
            rb.id,
            &fb.location.elements,
            &fb.location.places,
            &fb.message,
        ))
    });
    let findings: Vec<Finding> = findings.into_iter().map(|(_, _, f)| f).collect();
    let (findings, known) = without_known(findings, options.baseline.as_ref());
    let mut acceptances = if options.no_accept { Vec::new() } else { subject.survey.acceptances.clone() };
    if let Some((path, config)) = options.config.as_ref().filter(|_| !options.no_accept) {
        acceptances.extend(config.acceptances(path));
    }
    let sorted = apply(findings, &acceptances, subject.today);
    undecided.sort();
    undecided.dedup();
    let blueprint = &subject.survey.blueprint;
    Review {
        schema: Review::SCHEMA.to_owned(),
        name: blueprint.name.clone(),
        findings: folded(sorted.open, |id| subject.name(id)),
        accepted: sorted.accepted,
        known,
        undecided: if options.persona == Persona::Auditor { undecided } else { Vec::new() },
        stale: sorted.stale,
        failed,
        kept,
        size: ReviewSize {
            components: blueprint.components.len(),
            flows: blueprint.flows.len(),
            operations: blueprint.operations.len(),
            files: subject.survey.files,
        },
    }
}

/// Whether a finding is about a program that only tries the others out: it is no part of the product.
fn only_tries(subject: &Subject<'_>, broken: &Broken) -> bool {
    broken.elements.first().is_some_and(|id| subject.has_role(id, Role::LoadGenerator))
}

/// Components that run the same code break a rule at the same places: one finding for all of them.
fn joined(subject: &Subject<'_>, all: Vec<Broken>) -> Vec<Broken> {
    let mut out: Vec<(Broken, Vec<String>)> = Vec::new();
    // Where those stand that were seen at the same places.
    let mut seen: BTreeMap<(Confidence, Vec<Place>), Vec<usize>> = BTreeMap::new();
    for broken in all {
        let places: Vec<Place> = broken.evidence.iter().map(|(p, _)| p.clone()).collect();
        let alike = if places.is_empty() {
            &mut Vec::new()
        } else {
            seen.entry((broken.confidence, places)).or_default()
        };
        let other = |at: &&usize| match (out[**at].0.elements.first(), broken.elements.first()) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        };
        let same = alike.iter().find(other).copied();
        if same.is_none() {
            alike.push(out.len());
        }
        match same.and_then(|at| out.get_mut(at)) {
            Some((first, others)) => {
                others.extend(broken.elements.first().map(|e| subject.name(e)));
                for element in broken.elements {
                    if !first.elements.contains(&element) {
                        first.elements.push(element);
                    }
                }
            }
            None => out.push((broken, Vec::new())),
        }
    }
    let told = |(mut broken, others): (Broken, Vec<String>)| {
        if !others.is_empty() {
            let more = others.len().saturating_sub(4);
            let named = others.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            broken.message = format!("{}; the same code runs in {named}{more}", broken.message);
        }
        broken
    };
    out.into_iter().map(told).collect()
}

fn is_selected(rule: &Rule, options: &Options) -> bool {
    let names = |list: &[String]| {
        list.iter().any(|n| {
            n == rule.id
                || rule.aliases.contains(&n.as_str())
                || n.strip_prefix("family:").is_some_and(|f| f == rule.family.name())
        })
    };
    let off = options
        .config
        .as_ref()
        .and_then(|(_, c)| c.severity.get(rule.id))
        .is_some_and(|severity| severity == "off");
    !off && (options.select.is_empty() || names(&options.select)) && !names(&options.ignore)
}

fn rank_of(rule: &Rule, broken: &Broken, options: &Options) -> Rank {
    let configured =
        options.config.as_ref().and_then(|(_, c)| c.severity.get(rule.id)).and_then(|s| Rank::named(s));
    configured.unwrap_or_else(|| broken.severity.as_ref().map_or(rule.severity, |(rank, _)| *rank))
}

fn shown(rank: Rank, confidence: Confidence, persona: Persona) -> bool {
    persona > Persona::Regular || (rank > Rank::Info && confidence > Confidence::Low)
}

fn finding(rule: &Rule, rank: Rank, broken: Broken) -> Finding {
    let fingerprint = fingerprint(rule, &broken);
    let (places, proves) = broken.evidence.into_iter().unzip();
    Finding {
        rule: Id::slug(rule.id),
        severity: Id::slug(rank.name()),
        // Practices without a subject leave nothing to list.
        message: broken.message.replace(": ;", ";").trim_end_matches(": ").to_owned(),
        location: FindingLocation { elements: broken.elements, places },
        fix: broken.fix.unwrap_or_else(|| rule.fix.to_owned()),
        reference: rule.references.first().map(|r| (*r).to_owned()),
        review: Some(Box::new(ReviewDetail {
            family: Id::slug(rule.family.name()),
            confidence: Id::slug(broken.confidence.name()),
            why: broken.why,
            proves,
            severity_reason: broken.severity.map(|(_, reason)| reason),
            numbers: broken.numbers,
            references: rule.references.iter().map(|r| (*r).to_owned()).collect(),
            fingerprint,
            folded: Vec::new(),
        })),
    }
}

/// Rule, elements and the file of the evidence, without the line, so that it survives edits.
fn fingerprint(rule: &Rule, broken: &Broken) -> String {
    let mut hash = blake3::Hasher::new();
    hash.update(rule.id.as_bytes());
    for element in &broken.elements {
        hash.update(b"\0").update(element.as_str().as_bytes());
    }
    if let Some((place, proves)) = broken.evidence.first() {
        hash.update(b"\0").update(place.path.as_bytes()).update(b"\0").update(proves.as_bytes());
    }
    hash.finalize().to_hex().chars().take(16).collect()
}

fn without_known(findings: Vec<Finding>, baseline: Option<&Baseline>) -> (Vec<Finding>, usize) {
    let Some(baseline) = baseline else { return (findings, 0) };
    let before = findings.len();
    let is_new =
        |f: &Finding| !f.review.as_ref().is_some_and(|d| baseline.has(f.rule.as_str(), &d.fingerprint));
    let findings: Vec<Finding> = findings.into_iter().filter(is_new).collect();
    let known = before - findings.len();
    (findings, known)
}
