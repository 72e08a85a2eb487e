//! Station visits a second on one core: `cargo bench -p loadcase-simulate --bench models`.
//!
//! The models are read from scenario files; one iteration is one replication with full statistics. The time unit is
//! a mean service time. `--bench speed` prints the same per second of processor time, with memory.

use divan::Bencher;
use divan::counter::ItemsCount;
use loadcase_simulate::{Run, simulate};
use systems::MODELS;

mod systems;

fn main() {
    divan::main();
}

/// Runs a model for about a million visits.
fn measure(bencher: Bencher, name: &str, with_client: bool) {
    let model = MODELS.iter().find(|m| m.name == name).expect("one of the four");
    let network = model.network(with_client, model.rate());
    let run = Run::new(1e6 / model.visits).warm_up(0.0).replications(1);
    bencher
        .counter(ItemsCount::new(1_000_000_usize))
        .bench(|| simulate(divan::black_box(&network), &run).expect("the models are well-formed"));
}

#[divan::bench(args = ["mm1", "mm8", "tandem5", "graph10"])]
fn plain(bencher: Bencher, model: &str) {
    measure(bencher, model, false);
}

/// The same with a time-out and three retries on the client's call.
#[divan::bench(args = ["mm1", "mm8", "tandem5", "graph10"])]
fn with_time_outs(bencher: Bencher, model: &str) {
    measure(bencher, model, true);
}
