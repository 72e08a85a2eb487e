//! Laws that hold for every network: nothing is lost or invented, Little, utilisation, more load is never faster;
//! and that a run is the same whatever the number of threads.

use loadcase_simulate::{
    Arrivals, Call, Distribution, Network, Outcome, Profile, Run, Station, Step, simulate,
};
use proptest::prelude::*;

use crate::models::{asked, asked_as, exponential, single, ten_services};

/// Stations one after the other, some of them skipped by chance, some with a short queue.
#[derive(Clone, Debug)]
struct Line {
    rate: f64,
    /// Servers, load of each server, chance to be visited, places to wait.
    stations: Vec<(u32, f64, f64, Option<u32>)>,
}

fn lines() -> impl Strategy<Value = Line> {
    let limit = prop_oneof![3 => Just(None), 1 => (0_u32..20).prop_map(Some)];
    let station = (1_u32..5, 0.05..0.9_f64, 0.2..1.0_f64, limit);
    (0.1..100.0_f64, prop::collection::vec(station, 1..5))
        .prop_map(|(rate, stations)| Line { rate, stations })
}

impl Line {
    /// The network, with this many times the rate and demands that are always the same, or exponential.
    fn network(&self, factor: f64, constant: bool) -> Network {
        let mut network = Network::default();
        let mut steps = Vec::new();
        for (i, (servers, load, chance, limit)) in self.stations.iter().enumerate() {
            let mut station = Station::new(&format!("station {i}"), *servers);
            station.queue_limit = *limit;
            network.stations.push(station);
            let mean = load * f64::from(*servers) / (self.rate * chance);
            let demand = if constant { Distribution::Constant(mean) } else { exponential(mean) };
            steps.push(Step::Choose(vec![(*chance, vec![Step::visit(i, demand)])]));
        }
        asked(&mut network, self.rate * factor, steps);
        network
    }

    /// One replication of about ten thousand requests, without warm-up.
    fn run(&self, network: &Network) -> Outcome {
        let run = Run { bins: 10, ..Run::new(1e4 / self.rate).warm_up(0.0).replications(1) };
        simulate(network, &run).expect("the network is well-formed")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_request_is_answered_failed_or_still_on_its_way(line in lines()) {
        let outcome = line.run(&line.network(1.0, false));
        let requests = outcome.overall.offered.value * outcome.horizon;
        let answered = outcome.overall.throughput.value * outcome.horizon;
        let failed: f64 = outcome.overall.failed.iter().map(|(_, share)| share.value * requests).sum();
        prop_assert!((requests - answered - failed - outcome.unfinished.value).abs() < 1e-6 * requests);
    }

    #[test]
    fn utilisation_is_throughput_times_demand(line in lines()) {
        let outcome = line.run(&line.network(1.0, true));
        for (station, (servers, load, chance, _)) in outcome.stations.iter().zip(&line.stations) {
            let demand = load * f64::from(*servers) / (line.rate * chance);
            let law = station.throughput.value * demand / f64::from(*servers);
            // What is in service at the end is busy and not yet served.
            let edge = demand / outcome.horizon;
            prop_assert!((station.utilisation.value - law).abs() <= edge + 1e-9, "{station:?}");
        }
    }

    #[test]
    fn number_inside_is_throughput_times_time(line in lines()) {
        let mut network = line.network(1.0, false);
        // Nobody comes in the last tenth, so that hardly anybody is left at the end.
        let (until, end) = (0.9e4 / line.rate, 1e4 / line.rate);
        let profile = Profile::constant(line.rate).scaled_between(0.0, until, end);
        network.sources[0].arrivals = Arrivals::varying(profile);
        let outcome = line.run(&network);
        if outcome.overall.failed.is_empty() {
            let inside: f64 = outcome.stations.iter().map(|s| s.inside.value).sum();
            let law = outcome.overall.throughput.value * outcome.overall.mean.value;
            let edge = 2.0 * outcome.unfinished.value * inside / (outcome.overall.throughput.value * outcome.horizon);
            prop_assert!((inside - law).abs() <= 0.02 * inside + edge, "{inside} and {law}");
        }
    }

    #[test]
    fn more_load_on_the_same_random_numbers_is_never_faster(mut line in lines()) {
        // With queues that turn nobody away, and everybody at every station.
        line.stations.iter_mut().for_each(|s| (s.2, s.3) = (1.0, None));
        let mean = |factor| line.run(&line.network(factor, false)).overall.mean.value;
        let (less, more) = (mean(0.8), mean(1.0));
        prop_assert!(more >= less * 0.99, "{less} at less load, {more} at more");
    }
}

#[test]
fn a_run_is_the_same_on_one_thread_and_on_four() {
    let mut network = ten_services(1.6);
    network.calls.push(Call {
        name: "client".to_owned(),
        timeout: Some(20.0),
        retries: 2,
        ..Call::default()
    });
    let steps = std::mem::take(&mut network.operations[0].steps);
    network.operations[0].steps = vec![Step::Call { call: 0, steps }];
    let run = Run::new(500.0).replications(12);
    let told = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can start");
        let outcome = pool.install(|| simulate(&network, &run)).expect("the network is well-formed");
        format!("{:?} {:?} {:?} {}", outcome.overall.p99, outcome.stations, outcome.series, outcome.events)
    };
    assert_eq!(told(1), told(4));
}

#[test]
fn replications_go_on_until_the_mean_is_known_well_enough() {
    let network = single(0.8, 1, exponential(1.0));
    let rough = Run::new(2e3).replications(4);
    let exact = Run { precision: Some(0.02), ..rough.clone() };
    let (rough, exact) = (simulate(&network, &rough).unwrap(), simulate(&network, &exact).unwrap());
    assert_eq!(rough.replications, 4);
    assert!(exact.replications > 4 && exact.overall.mean.half_width(0.95) <= 0.02 * exact.overall.mean.value);
}

#[test]
fn a_queue_that_never_drains_does_not_exhaust_memory() {
    let network = single(1e6, 1, exponential(1.0));
    let outcome = simulate(&network, &Run::new(2.0).warm_up(0.0).replications(1)).unwrap();
    let open = outcome.overall.failed.iter().find(|(c, _)| c.text() == "too many requests open");
    assert!(open.is_some_and(|(_, share)| share.value > 0.5), "{:?}", outcome.overall.failed);
}

#[test]
fn a_network_that_names_what_is_not_there_is_refused() {
    let mut network = Network::default();
    asked_as(&mut network, Arrivals::Trace(vec![1.0]), vec![Step::visit(3, exponential(1.0))]);
    let error = simulate(&network, &Run::new(1.0)).expect_err("there is no station 3");
    assert_eq!(error.to_string(), "station 3 is named, but there are only 0");
}
