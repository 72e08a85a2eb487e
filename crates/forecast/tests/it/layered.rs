//! Callers that hold a thread while they wait.

use loadcase_forecast::network::{Demand, Layered, Network};

fn one(cpu_ms: f64) -> Demand {
    Demand { cpu_ms, ..Demand::default() }
}

/// A pool whose threads do nothing but wait for one exponential server: the pool moves the queue
/// but changes nothing, so the answer takes as long as in M/M/1.
#[test]
fn a_pool_before_one_server_only_moves_the_queue() {
    for threads in [1.0, 2.0, 4.0, 16.0, 200.0] {
        for rate in [100.0, 500.0, 800.0, 950.0] {
            let mut network = Network::new();
            let class = network.add_class(rate).unwrap();
            let [pool, server] = [threads, 1.0].map(|servers| network.add_station(servers).unwrap());
            network.set_demand(class, pool, one(0.0));
            network.set_demand(class, server, one(1.0));
            let mut layered = Layered::new(network);
            layered.hold(pool, server, 1.0);
            let solution = layered.solve();
            let exact = 1.0 / (1.0 - rate * 1e-3);
            let mean = solution.classes[class].mean_ms;
            assert!((mean / exact - 1.0).abs() < 1e-6, "{threads} threads at {rate}/s: {mean} for {exact}");
            assert!((solution.saturation_factor * rate / 1000.0 - 1.0).abs() < 1e-6);
            assert!((solution.stations[pool].utilisation - rate * 1e-3).abs() < 1e-6);
        }
    }
}

/// Ten services, two threads each, every caller waits for its calls one by one. Two solvers of
/// layered queueing networks give 0.2160 (LQNS) and 0.2109 (LINE) as the highest rate; without any
/// contention below it would be 2 threads / 9.2 services.
#[test]
fn blocking_callers_saturate_a_tenth_as_early() {
    let mut network = Network::new();
    let class = network.add_class(0.1e3).unwrap();
    let visits = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.2];
    let stations = visits.map(|_| network.add_station(2.0).unwrap());
    for (station, visits) in stations.into_iter().zip(visits) {
        network.set_demand(class, station, Demand { cpu_ms: 1.0, visits, ..Demand::default() });
    }
    let open = network.solve();
    assert!((open.saturation_factor * 0.1 - 2.0).abs() < 1e-12);
    let mut layered = Layered::new(network);
    let [gw, a, b, c, d, e, f, g, h, i] = stations;
    for (pool, station) in [(gw, a), (gw, b), (gw, c), (a, d), (a, e), (b, f), (f, g), (c, h), (c, i)] {
        layered.hold(pool, station, 1.0);
    }
    let solution = layered.solve();
    let highest = solution.saturation_factor * 0.1;
    assert!((0.2109..0.2175).contains(&highest), "saturates at {highest}");
    assert_eq!(solution.bottleneck, gw);
    let mean = solution.classes[class].mean_ms;
    assert!((9.2..15.0).contains(&mean), "mean {mean}");
}

/// Simulated by an independent program, 300,000 requests each (standard error about 1 %): threads
/// that first wait a constant time, then visit stations (servers, mean of an exponential service)
/// in turn; arrivals per millisecond, mean and 95th percentile.
#[test]
fn pools_agree_with_simulation() {
    type Case = (f64, f64, f64, &'static [(f64, f64)], f64, f64);
    const CASES: [Case; 5] = [
        (0.25, 4.0, 5.0, &[(2.0, 4.0), (2.0, 4.0)], 28.350, 66.886),
        (0.30, 8.0, 5.0, &[(2.0, 4.0), (2.0, 4.0)], 18.119, 35.075),
        (0.05, 2.0, 20.0, &[(1.0, 3.0)], 29.767, 53.887),
        (0.40, 6.0, 2.0, &[(1.0, 2.0), (4.0, 5.0)], 23.046, 56.544),
        (0.09, 2.0, 20.0, &[], 62.896, 158.586),
    ];
    for (rate, threads, wait_ms, stages, mean, p95) in CASES {
        let mut network = Network::new();
        let class = network.add_class(rate * 1e3).unwrap();
        let pool = network.add_station(threads).unwrap();
        let unused = network.add_station(1.0).unwrap();
        network.set_demand(class, pool, Demand { wait_ms, scv: 0.0, ..Demand::default() });
        let mut layered = Layered::new(network);
        layered.hold(pool, unused, 1.0);
        for &(servers, cpu_ms) in stages {
            let station = layered.network_mut().add_station(servers).unwrap();
            layered.network_mut().set_demand(class, station, one(cpu_ms));
            layered.hold(pool, station, 1.0);
        }
        let got = layered.solve().classes[class];
        assert!((got.mean_ms / mean - 1.0).abs() < 0.10, "mean {} for {mean}", got.mean_ms);
        assert!((got.p95_ms / p95 - 1.0).abs() < 0.12, "p95 {} for {p95}", got.p95_ms);
    }
}
