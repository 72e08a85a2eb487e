//! What one core evaluates: `cargo bench -p loadcase-forecast`.

use divan::Bencher;
use divan::counter::ItemsCount;
use loadcase_forecast::network::{
    ClosedClass, Demand, Layered, Network, exact_mva, exact_mva_classes, schweitzer_bard,
};

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

/// Ten services whose callers hold one of two threads while they wait, three levels deep.
#[divan::bench]
fn layered(bencher: Bencher) {
    let mut layered = Layered::new(network(10, 1, 2.0));
    layered.network_mut().set_rate(0, 5.0);
    for (pool, station) in [(0, 1), (0, 2), (0, 3), (1, 4), (1, 5), (2, 6), (6, 7), (3, 8), (3, 9)] {
        layered.hold(pool, station, 1.0);
    }
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| divan::black_box(&layered).solve());
}

/// Closed, one class, ten stations, a hundred clients.
#[divan::bench]
fn closed_exact(bencher: Bencher) {
    let demands: [f64; 10] = std::array::from_fn(|i| 0.01 + 0.001 * i as f64);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let mut queues = [0.0; 10];
        exact_mva(divan::black_box(&demands), 100, 1.0, &mut queues)
    });
}

/// Demands of four classes at ten stations.
fn four_classes() -> [[f64; 10]; 4] {
    std::array::from_fn(|class| std::array::from_fn(|i| 0.01 + 0.002 * ((i * (class + 1)) % 7) as f64))
}

/// Closed, four classes of five clients, ten stations, exactly.
#[divan::bench]
fn closed_exact_classes(bencher: Bencher) {
    let demands = four_classes();
    let classes = demands.each_ref().map(|demands| ClosedClass { demands, jobs: 5, think: 1.0 });
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| exact_mva_classes(divan::black_box(&classes)));
}

/// Closed, four classes of twenty clients, ten stations, Schweitzer and Bard.
#[divan::bench]
fn closed_approximate(bencher: Bencher) {
    let demands = four_classes();
    let classes = demands.each_ref().map(|demands| ClosedClass { demands, jobs: 20, think: 1.0 });
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| schweitzer_bard(divan::black_box(&classes)));
}
