//! How many full candidate evaluations a core does each second, and how long a search takes.

use divan::counter::ItemsCount;
use loadcase_catalog::load_embedded;
use loadcase_design::context::Context;
use loadcase_design::evaluate::Evaluator;
use loadcase_design::prepare::{Candidate, Prepared, joint};
use loadcase_design::search::{Conflicts, enumerate};
use loadcase_design::{DesignOptions, design};
use loadcase_model::Brief;

fn main() {
    divan::main();
}

/// Every open candidate of an empty brief, evaluated one after the other on one thread.
#[divan::bench]
fn evaluate(bencher: divan::Bencher) {
    let catalog = load_embedded().expect("the embedded catalog is sound");
    let brief = Brief::default();
    let context = Context::new(&brief, &catalog);
    let decisions = joint(&context);
    let evaluator = Evaluator::new(&context, &decisions, 1.0);
    let prepared = Prepared::new(&context, &decisions, &context.base);
    let candidates: Vec<Candidate> = enumerate(&decisions, &prepared, &Conflicts::new(&decisions));
    bencher.counter(ItemsCount::new(candidates.len())).bench_local(|| {
        candidates.iter().map(|c| evaluator.evaluate(c, &prepared, &context.base).ownership_usd).sum::<f64>()
    });
}

/// A whole design: search, samples, flips, blueprint, forecasts.
#[divan::bench]
fn whole_design(bencher: divan::Bencher) {
    let catalog = load_embedded().expect("the embedded catalog is sound");
    let brief = Brief::default();
    bencher.bench_local(|| design(&brief, &catalog, &DesignOptions::default()).map(|d| d.sizing.len()));
}
