//! What one core evaluates: `cargo bench -p loadcase-forecast`.

use divan::Bencher;
use divan::counter::ItemsCount;
use loadcase_forecast::network::{Demand, Network};

fn main() {
    divan::main();
}

/// `stations` stations of `servers` processors at 70 %, visited by `classes` classes that differ in
/// rate, service, delay and number of visits.
fn network(stations: usize, classes: usize, servers: f64) -> Network {
    let mut network = Network::new();
    for _ in 0..stations {
        network.add_station(servers);
    }
    for class in 0..classes {
        network.add_class(100.0 * (classes - class) as f64);
    }
    for station in 0..stations {
        let visits =
            |class: usize| if (station + class).is_multiple_of(3) { 0.2 } else { 1.0 + (class % 2) as f64 };
        let work = |class: usize| network.rate_per_s(class) * visits(class) * (class + 1) as f64;
        let unit_ms = 0.7 * servers * 1e3 / (0..classes).map(work).sum::<f64>();
        for class in 0..classes {
            let cpu_ms = unit_ms * (class + 1) as f64;
            let wait_ms = 0.5 * class as f64;
            let demand = Demand { cpu_ms, wait_ms, visits: visits(class), scv: 0.8, ..Demand::default() };
            network.set_demand(class, station, demand);
        }
    }
    network
}

/// Ten stations by class count and servers: mean, p50, p95 and p99 of each class and of the mix,
/// utilisation and wait of each station, saturation, bottleneck.
#[divan::bench(args = [(1, 2.0), (4, 2.0), (4, 16.0), (4, 100.0), (4, 2000.0), (8, 2.0)])]
fn solve(bencher: Bencher, (classes, servers): (usize, f64)) {
    let network = network(10, classes, servers);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| divan::black_box(&network).solve());
}

/// The same with the network put together each time.
#[divan::bench]
fn build_and_solve(bencher: Bencher) {
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| divan::black_box(network(10, 4, 2.0)).solve());
}
