//! Station visits a second on one core: `cargo bench -p loadcase-simulate`.
//!
//! The time unit is a mean service time; one iteration is one replication with full statistics.

use divan::Bencher;
use divan::counter::ItemsCount;
use loadcase_simulate::{Backoff, Call, Network, Run, Step, simulate};

#[path = "../tests/it/models.rs"]
mod models;

fn main() {
    divan::main();
}

/// Runs a network for about a million visits; `visits` are those of a time unit.
fn measure(bencher: Bencher, network: &Network, visits: f64) {
    let run = Run::new(1e6 / visits).warm_up(0.0).replications(1);
    bencher
        .counter(ItemsCount::new(1_000_000_usize))
        .bench(|| simulate(divan::black_box(network), &run).expect("the models are well-formed"));
}

#[divan::bench]
fn mm1(bencher: Bencher) {
    measure(bencher, &models::single(0.8, 1, models::exponential(1.0)), 0.8);
}

#[divan::bench]
fn mm8(bencher: Bencher) {
    measure(bencher, &models::single(6.4, 8, models::exponential(1.0)), 6.4);
}

#[divan::bench]
fn tandem5(bencher: Bencher) {
    measure(bencher, &models::tandem(0.8, &[1.0; 5]), 4.0);
}

#[divan::bench]
fn graph10(bencher: Bencher) {
    measure(bencher, &models::ten_services(1.6), 1.6 * 9.2);
}

/// The same with a time-out and retries on the client's call.
#[divan::bench]
fn graph10_with_retries(bencher: Bencher) {
    let mut network = models::ten_services(1.6);
    with_client(&mut network);
    measure(bencher, &network, 1.6 * 9.2);
}

/// Puts a call with a time-out and three retries around every operation.
fn with_client(network: &mut Network) {
    network.calls.push(Call {
        name: "client".to_owned(),
        timeout: Some(60.0),
        retries: 3,
        backoff: Backoff { base: 1.0, ..Backoff::default() },
        ..Call::default()
    });
    for operation in &mut network.operations {
        let steps = std::mem::take(&mut operation.steps);
        operation.steps = vec![Step::Call { call: 0, steps }];
    }
}
