//! What would change the answer: sampling the assumptions, and searching each input for the value at which
//! another option wins.

use loadcase_catalog::DecisionSpec;
use loadcase_model::{Horizon, Input, Unit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use crate::context::{Context, Values, varies};
use crate::evaluate::Evaluator;
use crate::prepare::{Candidate, JOINT, Prepared, Seat};
use crate::search::{Ranked, best, best_of, evaluate_all};

/// Everything sampling and flipping need.
pub struct Arena<'a> {
    /// The brief, completed.
    pub context: &'a Context<'a>,
    /// The joint decisions.
    pub decisions: &'a [&'a DecisionSpec],
    /// The evaluator.
    pub evaluator: &'a Evaluator<'a>,
    /// Candidates that can win.
    pub shortlist: &'a [Candidate],
    /// The winner at the best guesses.
    pub winner: Candidate,
    /// Designs closer than this are tied.
    pub tie_band: f64,
}

/// How the verdicts fare over the sampled assumptions.
#[derive(Clone, Debug)]
pub struct Robustness {
    /// By joint decision: share of samples in which the same option wins.
    pub holds: Vec<f64>,
    /// Share of samples in which all main choices hold.
    pub all_hold: f64,
    /// Samples drawn.
    pub samples: usize,
    /// Inputs by how often varying them alone changes a main choice, the most influential first.
    pub sways: Vec<(Input, f64)>,
    /// Inputs with what the winner's bill in 24 months differs between the ends of their range, USD a month.
    pub moves: Vec<(Input, f64)>,
}

/// A change of one input that changes a verdict.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The decision, by position.
    pub decision: usize,
    /// The input.
    pub input: Input,
    /// The value at which the verdict changes.
    pub at: f64,
    /// Whether it changes above.
    pub above: bool,
    /// The option that then wins.
    pub to: u8,
}

/// A step of the growth path.
#[derive(Clone, Debug)]
pub struct Grown {
    /// All loads in 24 months times this.
    pub factor: f64,
    /// What was there.
    pub from: Candidate,
    /// What takes its place.
    pub to: Candidate,
    /// Infrastructure each month then, USD.
    pub infra_usd: f64,
    /// What no longer holds, as a clause.
    pub because: String,
}

/// A move has to make a design this much cheaper to own to be worth its trouble.
const WORTH_MOVING: f64 = 1.25;
/// Loads that grow together.
const LOADS: [Input; 9] = [
    Input::MonthlyUsers,
    Input::DailyUsers,
    Input::AverageRps,
    Input::PeakRps,
    Input::QueriesPerS,
    Input::WritesPerS,
    Input::JobsPerS,
    Input::EventsPerS,
    Input::DataGb,
];
/// Decisions whose change counts as a change of the answer.
const MAIN: [usize; 5] = [0, 1, 2, 5, 6];
/// Samples of all assumptions together.
const SAMPLES: usize = 200;
/// Values tried for each input alone.
const ALONE: usize = 8;
/// Steps of a search in one direction, each multiplying the input.
const STEPS: usize = 10;
/// Halvings that narrow a turn.
const HALVINGS: usize = 6;

impl Arena<'_> {
    /// The winner at other values.
    fn winner_at(&self, values: &Values) -> Candidate {
        self.ranked_winner(values).map_or(self.winner, |r| r.candidate)
    }

    /// Every load in 24 months `factor` times as high.
    fn loaded(&self, factor: f64) -> Values {
        let mut values = self.context.base;
        for input in LOADS {
            let later = values.get(input, Horizon::Later);
            values.set(input, Horizon::Later, later * factor);
        }
        values
    }

    /// What the winner costs each month when every load is `factor` times as high, sized for it.
    #[must_use]
    pub fn bill(&self, factor: f64) -> f64 {
        let values = self.loaded(factor);
        let prepared = Prepared::new(self.context, self.decisions, &values);
        self.evaluator.evaluate(&self.winner, &prepared, &values).infra_usd
    }

    /// The designs that follow one another as every load grows together. A design is left only where it misses a
    /// requirement or another is clearly cheaper to own, never for one that was left before, and never to take a part
    /// away or to begin running machines: that would be another product, not a step of this one.
    #[must_use]
    pub fn path(&self, factors: &[f64]) -> Vec<Grown> {
        let mut present = self.winner;
        let mut left: Vec<(usize, u8)> = Vec::new();
        let mut path = Vec::new();
        for factor in factors {
            let values = self.loaded(*factor);
            let prepared = Prepared::new(self.context, self.decisions, &values);
            let stay = self.evaluator.evaluate(&present, &prepared, &values);
            let open: Vec<Candidate> = self.unbarred(&prepared).collect();
            let ranked = evaluate_all(self.evaluator, &prepared, &values, &open);
            let onward = |c: &Candidate| {
                c.iter().enumerate().all(|(d, o)| {
                    *o == present[d] || !left.contains(&(d, *o)) && self.leads_on(d, present[d], *o)
                })
            };
            let next = best_of(&ranked, self.tie_band, onward).map(|i| ranked[i]);
            let fewer = |r: &Ranked| r.evaluation.misses.count_ones() < stay.misses.count_ones();
            let cheaper = |r: &Ranked| {
                r.evaluation.misses.count_ones() == stay.misses.count_ones()
                    && r.evaluation.ownership_usd * WORTH_MOVING < stay.ownership_usd
            };
            let next = next.filter(|r| r.candidate != present && (fewer(r) || cheaper(r)));
            let Some(next) = next else { continue };
            let missed: Vec<&str> = stay.missed().map(crate::evaluate::Miss::clause).collect();
            let because = if fewer(&next) {
                missed.join("; ")
            } else {
                "another design is clearly cheaper to own".to_owned()
            };
            let changed = (0..present.len()).filter(|d| next.candidate[*d] != present[*d]);
            left.extend(changed.map(|d| (d, present[d])));
            path.push(Grown {
                factor: *factor,
                from: present,
                to: next.candidate,
                infra_usd: next.evaluation.infra_usd,
                because,
            });
            present = next.candidate;
        }
        path
    }

    /// Whether a change of one decision is a step on and not one back.
    fn leads_on(&self, d: usize, from: u8, to: u8) -> bool {
        let option = |o: u8| &self.decisions[d].options[o as usize];
        let (from, to) = (option(from), option(to));
        if d == Seat::Deployment as usize {
            return from.has("self-operated") || !to.has("self-operated");
        }
        d == Seat::Store as usize || to.parts >= from.parts
    }

    fn unbarred<'s>(&'s self, prepared: &'s Prepared) -> impl Iterator<Item = Candidate> + 's {
        let barred = |c: &Candidate| {
            c.iter().enumerate().any(|(d, o)| !prepared.benches[d].standings[*o as usize].barred.is_empty())
        };
        self.shortlist.iter().copied().filter(move |c| !barred(c))
    }

    fn ranked_winner(&self, values: &Values) -> Option<Ranked> {
        let prepared = Prepared::new(self.context, self.decisions, values);
        let open: Vec<Candidate> = self.unbarred(&prepared).collect();
        let pool = if open.is_empty() { self.shortlist } else { &open[..] };
        let ranked = evaluate_all(self.evaluator, &prepared, values, pool);
        best(&ranked, self.tie_band).map(|i| ranked[i])
    }

    /// Samples the assumptions within their ranges.
    #[must_use]
    pub fn sample(&self, seed: u64) -> Robustness {
        let inputs: Vec<Input> = Input::ALL.iter().copied().filter(|i| varies(self.context, *i)).collect();
        let winners: Vec<Candidate> =
            (0..SAMPLES).into_par_iter().map(|n| self.winner_at(&self.draw(&inputs, seed, n))).collect();
        let share = |same: &dyn Fn(&Candidate) -> bool| {
            winners.iter().filter(|w| same(w)).count() as f64 / SAMPLES as f64
        };
        let holds = (0..JOINT.len()).map(|d| share(&|w| w[d] == self.winner[d])).collect();
        let all_hold = share(&|w| MAIN.iter().all(|d| w[*d] == self.winner[*d]));
        let mut sways: Vec<(Input, f64)> = inputs.par_iter().map(|i| (*i, self.sway_of(*i))).collect();
        sways.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let moves = inputs.par_iter().map(|i| (*i, self.moves_by(*i))).collect();
        Robustness { holds, all_hold, samples: SAMPLES, sways, moves }
    }

    /// What the winner's bill in 24 months differs between the ends of the range of one input.
    fn moves_by(&self, input: Input) -> f64 {
        let at = |quantile: f64| {
            let mut values = self.context.base;
            self.shift(&mut values, input, quantile);
            self.context.derive(&mut values, &[]);
            let prepared = Prepared::new(self.context, self.decisions, &values);
            self.evaluator.evaluate(&self.winner, &prepared, &values).infra_usd
        };
        (at(1.0) - at(0.0)).abs()
    }

    /// Values of all assumptions drawn from their ranges, for the separate decisions.
    #[must_use]
    pub fn draws(&self, seed: u64) -> Vec<Values> {
        let inputs: Vec<Input> = Input::ALL.iter().copied().filter(|i| varies(self.context, *i)).collect();
        (0..SAMPLES).map(|n| self.draw(&inputs, seed, n)).collect()
    }

    /// The n-th sample. Each has a generator of its own, so that the number of threads does not matter.
    fn draw(&self, inputs: &[Input], seed: u64, n: usize) -> Values {
        let mut rng = Pcg64Mcg::seed_from_u64(seed.wrapping_add(n as u64));
        let mut values = self.context.base;
        for input in inputs {
            self.shift(&mut values, *input, rng.random::<f64>());
        }
        self.context.derive(&mut values, &[]);
        values
    }

    /// Share of the range of one input over which a main choice differs from the winner's.
    fn sway_of(&self, input: Input) -> f64 {
        let changed = (0..ALONE).filter(|n| {
            let mut values = self.context.base;
            self.shift(&mut values, input, (*n as f64 + 0.5) / ALONE as f64);
            self.context.derive(&mut values, &[]);
            let winner = self.winner_at(&values);
            MAIN.iter().any(|d| winner[*d] != self.winner[*d])
        });
        changed.count() as f64 / ALONE as f64
    }

    /// Moves an input to a quantile of its range: log-uniform on either side of the best guess, so that half of
    /// the samples lie below it. Both horizons move together.
    fn shift(&self, values: &mut Values, input: Input, quantile: f64) {
        for horizon in Horizon::ALL {
            let estimate = self.context.estimate(input, horizon);
            if estimate.high <= estimate.low {
                continue;
            }
            let (from, to, part) = if quantile < 0.5 {
                (estimate.low, estimate.value, quantile * 2.0)
            } else {
                (estimate.value, estimate.high, quantile * 2.0 - 1.0)
            };
            let value = if from > 0.0 { from * (to / from).powf(part) } else { from + (to - from) * part };
            values.set(input, horizon, value);
        }
        if input == Input::Growth {
            self.grow(values);
        }
    }

    /// Carries a changed growth to the loads in 24 months that were not given.
    fn grow(&self, values: &mut Values) {
        let factor =
            values.now[Input::Growth.index()] / self.context.base.now[Input::Growth.index()].max(1e-9);
        for input in [
            Input::MonthlyUsers,
            Input::PeakRps,
            Input::AverageRps,
            Input::EventsPerS,
            Input::JobsPerS,
            Input::Tenants,
        ] {
            let given = self.context.brief.numbers.get(&input).is_some_and(|g| g.later.is_some());
            if !given {
                let later = values.get(input, Horizon::Later);
                values.set(input, Horizon::Later, later * factor);
            }
        }
    }

    /// Searches every input in both directions for the values at which a verdict changes.
    #[must_use]
    pub fn turns(&self) -> Vec<Turn> {
        let searched: Vec<(Input, bool)> = SEARCHED.iter().flat_map(|i| [(*i, true), (*i, false)]).collect();
        searched.par_iter().flat_map_iter(|(input, above)| self.search(*input, *above)).collect()
    }

    /// Multiplies (or divides) one input step by step and narrows each first change of a decision.
    fn search(&self, input: Input, above: bool) -> Vec<Turn> {
        let base = self.context.base.get(input, Horizon::Later);
        let mut turns: Vec<Turn> = Vec::new();
        let mut before = base;
        for step in 1..=STEPS {
            let Some(value) = stepped(input, base, above, step) else { break };
            let winner = self.winner_with(input, value);
            for (d, (other, present)) in winner.iter().zip(self.winner).enumerate() {
                if *other != present && turns.iter().all(|t| t.decision != d) {
                    turns.push(self.narrow(input, d, before, value, above));
                }
            }
            before = value;
        }
        turns
    }

    /// Halves the interval in which decision `d` changes.
    fn narrow(&self, input: Input, d: usize, mut same: f64, mut other: f64, above: bool) -> Turn {
        let mut to = self.winner_with(input, other)[d];
        for _ in 0..HALVINGS {
            let middle = if same > 0.0 && other > 0.0 { (same * other).sqrt() } else { 0.5 * (same + other) };
            let option = self.winner_with(input, middle)[d];
            if option == self.winner[d] {
                same = middle;
            } else {
                other = middle;
                to = option;
            }
        }
        Turn { decision: d, input, at: other, above, to }
    }

    fn winner_with(&self, input: Input, value: f64) -> Candidate {
        let mut values = self.context.base;
        let base = self.context.base.get(input, Horizon::Later);
        // Loads move at both horizons in proportion; everything else is set.
        for horizon in Horizon::ALL {
            let present = self.context.base.get(input, horizon);
            let scaled = if base > 0.0 && present > 0.0 { present / base * value } else { value };
            values.set(input, horizon, if input.unit() == Unit::Share { value } else { scaled });
        }
        let mut fixed = vec![input];
        if input == Input::PeakRps {
            fixed.push(Input::AverageRps);
        }
        // Given consequences of the input move with it.
        self.follow(input, value / base.max(1e-12), &mut values, &mut fixed);
        self.context.derive(&mut values, &fixed);
        self.winner_at(&values)
    }

    /// A brief that gives both a cause and its consequence means both to move together.
    fn follow(&self, input: Input, factor: f64, values: &mut Values, fixed: &mut Vec<Input>) {
        let chain = [
            Input::MonthlyUsers,
            Input::DailyUsers,
            Input::AverageRps,
            Input::PeakRps,
            Input::QueriesPerS,
            Input::WritesPerS,
        ];
        let Some(at) = chain.iter().position(|i| *i == input) else { return };
        for next in &chain[at + 1..] {
            if self.context.is_given(*next, Horizon::Later) && factor.is_finite() {
                for horizon in Horizon::ALL {
                    values.set(*next, horizon, self.context.base.get(*next, horizon) * factor);
                }
                fixed.push(*next);
            }
        }
    }
}

/// Inputs that are searched for flips.
const SEARCHED: [Input; 12] = [
    Input::PeakRps,
    Input::WritesPerS,
    Input::DataGb,
    Input::Engineers,
    Input::Teams,
    Input::BudgetUsdMonth,
    Input::Availability,
    Input::LatencyP99Ms,
    Input::JobsPerS,
    Input::EventsPerS,
    Input::ReadShare,
    Input::EdgeCacheableShare,
];

/// The value of an input after some steps in one direction; none where there is nothing further.
fn stepped(input: Input, base: f64, above: bool, step: usize) -> Option<f64> {
    let n = i32::try_from(step).ok()?;
    match input {
        Input::Availability => {
            // Nines: each step takes away or adds a factor of two in downtime.
            let down = (1.0 - base).max(1e-6) * if above { 0.5_f64.powi(n) } else { 2.0_f64.powi(n) };
            (down < 0.2 && down > 1e-6).then_some(1.0 - down)
        }
        _ if input.unit() == Unit::Share => {
            let value = base + f64::from(n) * if above { 0.08 } else { -0.08 };
            (0.0..=1.0).contains(&value).then_some(value)
        }
        Input::BudgetUsdMonth if base >= 1e8 => None,
        _ => {
            let start = if base > 0.0 { base } else { 1.0 };
            let value = start * if above { 1.9_f64.powi(n) } else { 1.9_f64.powi(-n) };
            let least = if matches!(input, Input::Engineers | Input::Teams) { 1.0 } else { 1e-3 };
            (value >= least && value < 1e9 && (base > 0.0 || above)).then_some(value)
        }
    }
}
