//! The open-network kernel on networks whose answers are known.

use loadcase_forecast::network::{Demand, Network, Solution};

/// M/M/1 stations in series, exponential service.
fn tandem(rate_per_s: f64, service_ms: &[f64]) -> Solution {
    let mut network = Network::new();
    let class = network.add_class(rate_per_s).unwrap();
    for &cpu_ms in service_ms {
        let station = network.add_station(1.0).unwrap();
        network.set_demand(class, station, Demand { cpu_ms, ..Demand::default() });
    }
    network.solve()
}

#[test]
fn five_equal_stations_in_series_are_erlang_5() {
    let solution = tandem(800.0, &[1.0; 5]);
    let answer = solution.classes[0];
    for (got, exact) in [
        (answer.mean_ms, 25.0),
        (answer.p50_ms, 23.354_544_414),
        (answer.p95_ms, 45.767_595_133_2),
        (answer.p99_ms, 58.023_127_897_4),
        (solution.saturation_factor, 1.25),
    ] {
        assert!((got / exact - 1.0).abs() < 1e-6, "{got} for {exact}");
    }
    assert_eq!(solution.overall, answer);
}

#[test]
fn a_saturated_station_stops_only_those_who_wait_for_it() {
    let mut network = Network::new();
    let [busy, idle] = [1.0, 1.0].map(|c| network.add_station(c).unwrap());
    let [stuck, free, detached] = [900.0, 100.0, 200.0].map(|rate| network.add_class(rate).unwrap());
    let step = Demand { cpu_ms: 1.0, ..Demand::default() };
    network.set_demand(stuck, busy, step);
    network.set_demand(free, idle, step);
    network.set_demand(detached, idle, step);
    network.set_demand(detached, busy, Demand { sync: false, ..step });
    let solution = network.solve();
    assert!(solution.classes[stuck].mean_ms.is_infinite() && solution.classes[stuck].p50_ms.is_infinite());
    assert!(solution.classes[free].p99_ms.is_finite() && solution.classes[detached].p99_ms.is_finite());
    assert!(solution.overall.mean_ms.is_infinite() && solution.overall.p50_ms.is_infinite());
    assert_eq!(solution.bottleneck, busy);
    assert!((solution.stations[busy].utilisation - 1.1).abs() < 1e-12);
    assert!((solution.saturation_factor - 1.0 / 1.1).abs() < 1e-12);
}
