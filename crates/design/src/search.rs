//! Enumerates the design space and ranks it.

use loadcase_catalog::DecisionSpec;
use rayon::prelude::*;

use crate::context::Values;
use crate::evaluate::{Evaluation, Evaluator};
use crate::prepare::{Candidate, JOINT, Prepared};

/// Which options of different decisions cannot be combined, and why.
#[derive(Clone, Debug)]
pub struct Conflicts {
    /// By decision, option, other decision, option of the other.
    reasons: Vec<Vec<Vec<Vec<Option<String>>>>>,
}

impl Conflicts {
    /// Reads the conflicts of the catalog's options, in both directions.
    #[must_use]
    pub fn new(decisions: &[&DecisionSpec]) -> Self {
        let blank = |d: &DecisionSpec| vec![None; d.options.len()];
        let mut reasons: Vec<Vec<Vec<Vec<Option<String>>>>> = decisions
            .iter()
            .map(|d| d.options.iter().map(|_| decisions.iter().map(|other| blank(other)).collect()).collect())
            .collect();
        for (d, decision) in decisions.iter().enumerate() {
            for (o, option) in decision.options.iter().enumerate() {
                for conflict in &option.conflicts {
                    let Some(e) = decisions.iter().position(|x| x.id == conflict.decision) else { continue };
                    for (p, other) in decisions[e].options.iter().enumerate() {
                        let excluded = conflict.options.contains(&other.id)
                            || !conflict.unless.is_empty() && !conflict.unless.contains(&other.id);
                        if excluded {
                            reasons[d][o][e][p] = Some(conflict.because.clone());
                            reasons[e][p][d][o] = Some(conflict.because.clone());
                        }
                    }
                }
            }
        }
        Self { reasons }
    }

    /// Why two options cannot be combined.
    #[must_use]
    pub fn between(&self, d: usize, o: usize, e: usize, p: usize) -> Option<&str> {
        self.reasons[d][o][e][p].as_deref()
    }

    fn allows(&self, chosen: &[u8], o: usize) -> bool {
        let d = chosen.len();
        chosen.iter().enumerate().all(|(e, p)| self.reasons[d][o][e][*p as usize].is_none())
    }
}

/// Every combination of options that nothing rules out. When a decision has no option left, the least barred
/// ones stay in, so that there is always an answer to criticise.
#[must_use]
pub fn enumerate(decisions: &[&DecisionSpec], prepared: &Prepared, conflicts: &Conflicts) -> Vec<Candidate> {
    let open: Vec<Vec<usize>> = (0..decisions.len()).map(|d| open_options(prepared, d)).collect();
    let mut found = extend(&open, conflicts);
    if found.is_empty() {
        // The bars of several decisions contradict each other: conflicts alone decide.
        let all: Vec<Vec<usize>> = decisions.iter().map(|d| (0..d.options.len()).collect()).collect();
        found = extend(&all, conflicts);
        let bars = |c: &Candidate| -> usize {
            c.iter().enumerate().map(|(d, o)| prepared.benches[d].standings[*o as usize].barred.len()).sum()
        };
        let fewest = found.iter().map(bars).min().unwrap_or(0);
        found.retain(|c| bars(c) == fewest);
    }
    found
}

fn open_options(prepared: &Prepared, d: usize) -> Vec<usize> {
    let standings = &prepared.benches[d].standings;
    let fewest = standings.iter().map(|s| s.barred.len()).min().unwrap_or(0);
    (0..standings.len()).filter(|o| standings[*o].barred.len() == fewest).collect()
}

/// Depth-first over the decisions, cutting branches at the first conflict.
fn extend(open: &[Vec<usize>], conflicts: &Conflicts) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut stack: Vec<Vec<u8>> = vec![Vec::new()];
    while let Some(chosen) = stack.pop() {
        if chosen.len() == open.len() {
            if let Ok(candidate) = Candidate::try_from(chosen) {
                found.push(candidate);
            }
            continue;
        }
        for o in open[chosen.len()].iter().rev() {
            if conflicts.allows(&chosen, *o) {
                let mut next = chosen.clone();
                next.push(u8::try_from(*o).unwrap_or(u8::MAX));
                stack.push(next);
            }
        }
    }
    found
}

/// A candidate with its evaluation.
#[derive(Clone, Copy, Debug)]
pub struct Ranked {
    /// The candidate.
    pub candidate: Candidate,
    /// What was found.
    pub evaluation: Evaluation,
}

/// Evaluates candidates in parallel, in their order.
#[must_use]
pub fn evaluate_all(
    evaluator: &Evaluator,
    prepared: &Prepared,
    values: &Values,
    candidates: &[Candidate],
) -> Vec<Ranked> {
    candidates
        .par_iter()
        .with_min_len(256)
        .map(|candidate| Ranked {
            candidate: *candidate,
            evaluation: evaluator.evaluate(candidate, prepared, values),
        })
        .collect()
}

/// Misses that differ by less than this (in the logarithm of value over bound) count as equal.
const NEAR_MISS: f64 = 0.05;

/// A difference of more than this each month, a quarter of an engineer, is no tie however large the whole is.
const MOST_TIE_USD: f64 = 3_000.0;

/// The position of the best: fewest requirements missed, then least to build and run in people and money;
/// within the tie band, fewer moving parts.
#[must_use]
pub fn best(ranked: &[Ranked], tie_band: f64) -> Option<usize> {
    best_of(ranked, tie_band, |_| true)
}

/// The position of the best among those that `keep` accepts.
pub fn best_of(ranked: &[Ranked], tie_band: f64, keep: impl Fn(&Candidate) -> bool) -> Option<usize> {
    let kept = || ranked.iter().enumerate().filter(|(_, r)| keep(&r.candidate));
    let misses = |r: &Ranked| r.evaluation.misses.count_ones();
    let fewest = kept().map(|(_, r)| misses(r)).min()?;
    let missing = || kept().filter(|(_, r)| misses(r) == fewest);
    // Where nothing meets every requirement, the nearest miss comes before the cheapest.
    let nearest = missing().map(|(_, r)| r.evaluation.excess).min_by(f64::total_cmp)?;
    let among = || missing().filter(|(_, r)| r.evaluation.excess <= nearest + NEAR_MISS);
    let least = among().map(|(_, r)| r.evaluation.ownership_usd).min_by(f64::total_cmp)?;
    let limit = least + (tie_band * least.abs()).min(MOST_TIE_USD);
    among()
        .filter(|(_, r)| r.evaluation.ownership_usd <= limit)
        .min_by(|(i, a), (j, b)| {
            (a.evaluation.parts, a.evaluation.ownership_usd)
                .partial_cmp(&(b.evaluation.parts, b.evaluation.ownership_usd))
                .unwrap_or(std::cmp::Ordering::Equal)
                .then(i.cmp(j))
        })
        .map(|(i, _)| i)
}

/// The candidates that can win when inputs change a little: the best of each option of each decision, and the
/// best overall.
#[must_use]
pub fn shortlist(
    ranked: &[Ranked],
    decisions: &[&DecisionSpec],
    tie_band: f64,
    overall: usize,
) -> Vec<Candidate> {
    let mut order: Vec<usize> = (0..ranked.len()).collect();
    let key = |i: usize| {
        let e = &ranked[i].evaluation;
        (e.misses.count_ones(), e.excess, e.ownership_usd)
    };
    order.sort_by(|a, b| key(*a).partial_cmp(&key(*b)).unwrap_or(std::cmp::Ordering::Equal).then(a.cmp(b)));
    let mut chosen: Vec<usize> = order.into_iter().take(overall).collect();
    for d in 0..JOINT.len().min(decisions.len()) {
        for o in 0..decisions[d].options.len() {
            chosen.extend(best_of(ranked, tie_band, |c| c[d] as usize == o));
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().map(|i| ranked[i].candidate).collect()
}
