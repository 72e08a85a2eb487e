//! What protects a system, and what happens to it: each against a case that can be worked out by hand.

use loadcase_simulate::{
    Arrivals, Autoscaler, Backoff, Balance, Breaker, Budget, Cache, Call, Cause, Change, Distribution,
    Jitter, Keys, Limiter, Network, Outcome, Pool, Run, Setting, Station, Step, simulate,
};

use crate::models::{asked, asked_as, exponential, single};

fn run(network: &Network, horizon: f64) -> Outcome {
    simulate(network, &Run::new(horizon).warm_up(0.0).replications(4)).expect("the network is well-formed")
}

/// Steps of the first operation behind a call.
fn called(network: &mut Network, call: Call) {
    network.calls.push(call);
    let call = network.calls.len() - 1;
    let steps = std::mem::take(&mut network.operations[0].steps);
    network.operations[0].steps = vec![Step::Call { call, steps }];
}

fn share_of(outcome: &Outcome, cause: Cause) -> f64 {
    outcome.overall.failed.iter().find(|(c, _)| *c == cause).map_or(0.0, |(_, share)| share.value)
}

const ALWAYS: Distribution = Distribution::Constant(0.1);

#[test]
fn layers_of_retries_multiply() {
    // Three layers of three retries: 64 attempts at the bottom (Site Reliability Engineering, chapter 22).
    let mut network =
        Network { risks: vec![1.0], stations: vec![Station::new("bottom", 9)], ..Network::default() };
    asked_as(&mut network, Arrivals::Trace(vec![1.0]), vec![Step::visit(0, ALWAYS), Step::Risk(0)]);
    for layer in 0..3 {
        called(&mut network, Call { name: format!("layer {layer}"), retries: 3, ..Call::default() });
    }
    let outcome = run(&network, 100.0);
    assert!((outcome.stations[0].throughput.value * 100.0 - 64.0).abs() < 1e-9);
    assert!((share_of(&outcome, Cause::Fault) - 1.0).abs() < 1e-9);
}

#[test]
fn a_budget_of_a_tenth_bounds_the_load_of_a_full_outage() {
    let mut network = Network { risks: vec![1.0], ..Network::default() };
    asked(&mut network, 100.0, vec![Step::Risk(0)]);
    let budget = Some(Budget { per_success: 0.0, per_request: 0.1, cap: 10.0 });
    called(&mut network, Call { retries: 3, budget, ..Call::default() });
    let attempts = run(&network, 1000.0).calls[0].attempts.value;
    assert!((attempts - 1.1).abs() < 0.001, "{attempts}");
}

#[test]
fn a_throttled_client_sends_no_more_than_twice_what_is_accepted() {
    // Ten times the capacity: 8 of 10 are rejected locally (Site Reliability Engineering, chapter 21).
    let mut network = Network::default();
    network.limiters.push(Limiter { name: "backend".to_owned(), rate: 10.0, burst: 10.0 });
    asked(&mut network, 100.0, vec![Step::Admit(0)]);
    called(&mut network, Call { throttle: Some(2.0), ..Call::default() });
    let outcome = simulate(&network, &Run::new(2000.0).warm_up(500.0).replications(4)).unwrap();
    let refused = share_of(&outcome, Cause::Refused);
    assert!((refused - 0.8).abs() < 0.01, "{refused}");
}

#[test]
fn a_limiter_lets_its_rate_through() {
    let mut network = Network::default();
    network.limiters.push(Limiter { name: "limit".to_owned(), rate: 30.0, burst: 5.0 });
    asked(&mut network, 100.0, vec![Step::Admit(0)]);
    let outcome = run(&network, 1000.0);
    assert!((outcome.overall.throughput.value - 30.0).abs() < 0.1, "{:?}", outcome.overall.throughput);
    assert!((share_of(&outcome, Cause::RateLimited) - 0.7).abs() < 0.01);
}

#[test]
fn a_breaker_spares_a_dependency_that_is_down_and_closes_again() {
    let mut network =
        Network { risks: vec![0.0], stations: vec![Station::new("db", 100)], ..Network::default() };
    asked(&mut network, 100.0, vec![Step::visit(0, ALWAYS), Step::Risk(0)]);
    network.changes = vec![
        Change { at: 100.0, setting: Setting::Risk(0, 1.0) },
        Change { at: 200.0, setting: Setting::Risk(0, 0.0) },
    ];
    let breaker = Some(Breaker { window: 10.0, threshold: 0.5, minimum: 20, sleep: 2.0 });
    called(&mut network, Call { breaker, ..Call::default() });
    let windows = [("down", 110.0, 200.0), ("after", 210.0, 299.0)].map(|(n, a, b)| (n.to_owned(), a, b));
    let run = Run { bins: 300, windows: windows.to_vec(), ..Run::new(300.0).warm_up(0.0).replications(4) };
    let outcome = simulate(&network, &run).unwrap();
    let (down, after) = (&outcome.windows[0], &outcome.windows[1]);
    // One attempt each two seconds of a hundred requests a second.
    assert!(down.good.value < 1e-9 && down.attempts.value < 0.02, "{down:?}");
    assert!(after.good.value > 0.999, "{after:?}");
}

#[test]
fn a_hedge_cuts_the_tail_for_a_few_more_attempts() {
    // One in fifty takes a second, all others ten milliseconds.
    let slow = Distribution::Empirical([vec![0.01; 49], vec![1.0]].concat());
    let mut network = Network::default();
    asked(&mut network, 100.0, vec![Step::Wait(slow)]);
    let without = run(&network, 500.0);
    called(&mut network, Call { hedge_after: Some(0.02), ..Call::default() });
    let with = run(&network, 500.0);
    assert!(without.overall.p99.value > 0.9 && with.overall.p99.value < 0.04);
    assert!((with.calls[0].attempts.value - 1.02).abs() < 0.005, "{:?}", with.calls[0].attempts);
}

#[test]
fn a_time_out_leaves_the_work_behind() {
    let mut network = single(1.0, 10, Distribution::Constant(2.0));
    called(&mut network, Call { timeout: Some(1.0), retries: 1, ..Call::default() });
    let outcome = run(&network, 1000.0);
    assert!((share_of(&outcome, Cause::TimedOut) - 1.0).abs() < 0.01);
    // Two attempts of two seconds each, all of them for nobody.
    assert!((outcome.stations[0].utilisation.value - 0.4).abs() < 0.02, "{:?}", outcome.stations[0]);
}

#[test]
fn back_off_waits_longer_each_time() {
    let mut network = Network { risks: vec![1.0], ..Network::default() };
    asked_as(&mut network, Arrivals::Trace(vec![0.0]), vec![Step::Risk(0)]);
    let backoff = Backoff { base: 1.0, factor: 2.0, cap: 5.0, jitter: Jitter::None };
    called(&mut network, Call { retries: 4, backoff, ..Call::default() });
    let series = run(&network, 20.0).series;
    let times: Vec<usize> = (0..200).filter(|i| series.attempts[*i] > 0.0).map(|i| i / 10).collect();
    // After 1, 2, 4 and 5 seconds.
    assert_eq!(times, [0, 1, 3, 7, 12]);
}

#[test]
fn a_bulkhead_turns_away_and_a_pool_makes_wait() {
    let mut network = single(20.0, 100, ALWAYS);
    network.pools.push(Pool { name: "connections".to_owned(), size: 1, queue_limit: Some(0) });
    let steps = std::mem::take(&mut network.operations[0].steps);
    network.operations[0].steps = vec![Step::Hold { pool: 0, steps }];
    // Two erlang on one line: Erlang B says two in three are turned away.
    let turned_away = share_of(&run(&network, 2000.0), Cause::QueueFull);
    assert!((turned_away - 2.0 / 3.0).abs() < 0.01, "{turned_away}");
    network.pools[0].queue_limit = None;
    network.sources[0].arrivals = Arrivals::poisson(5.0);
    // M/D/1 at one half: waits half a service time.
    let outcome = run(&network, 4000.0);
    assert!((outcome.pools[0].wait.value - 0.05).abs() < 0.002, "{:?}", outcome.pools[0]);
}

#[test]
fn a_pause_delays_what_is_being_served() {
    let mut network = Network { stations: vec![Station::new("vm", 4)], ..Network::default() };
    asked_as(
        &mut network,
        Arrivals::Trace(vec![0.0, 1.0, 1.5]),
        vec![Step::visit(0, Distribution::Constant(2.0))],
    );
    network.changes.push(Change { at: 1.2, setting: Setting::Pause(0, 1.0) });
    // The first two stand still for a second; the third comes in the pause and begins at 2.2.
    let outcome = run(&network, 20.0);
    let mean = (3.0 + 3.0 + 2.7) / 3.0;
    assert!((outcome.overall.mean.value - mean).abs() < 1e-9, "{:?}", outcome.overall.mean);
}

#[test]
fn an_autoscaler_comes_late_but_comes() {
    let mut network = single(40.0, 2, ALWAYS);
    network.autoscalers.push(Autoscaler {
        station: 0,
        least: 2,
        most: 20,
        unit: 1,
        target: 0.5,
        period: 15.0,
        metric_delay: 30.0,
        start_up: 60.0,
        cooldown: 120.0,
    });
    let run = Run { bins: 600, ..Run::new(600.0).warm_up(0.0).replications(4) };
    let servers = |outcome: &Outcome, second: usize| outcome.series.stations[0][second].2;
    let outcome = simulate(&network, &run).unwrap();
    assert!((servers(&outcome, 60) - 2.0).abs() < 1e-6, "nothing has started after a minute");
    // Four are busy; at half of them, eight are wanted.
    assert!((servers(&outcome, 590) - 8.0).abs() < 2.0, "{}", servers(&outcome, 590));
}

#[test]
fn a_hot_key_overloads_its_shard_and_others_do_not_feel_it() {
    let names = ["shard 0", "shard 1", "shard 2", "shard 3"];
    let mut network =
        Network { stations: names.iter().map(|n| Station::new(n, 1)).collect(), ..Network::default() };
    let visit =
        Step::Balanced { stations: vec![0, 1, 2, 3], balance: Balance::ByKey, demand: exponential(0.01) };
    asked(&mut network, 200.0, vec![visit]);
    network.operations[0].keys = Some(Keys::Weights(vec![0.4, 0.2, 0.2, 0.2]));
    let outcome = run(&network, 500.0);
    let busy: Vec<f64> = outcome.stations.iter().map(|s| s.utilisation.value).collect();
    assert!((busy[0] - 0.8).abs() < 0.02 && (busy[1] - 0.4).abs() < 0.02, "{busy:?}");
}

#[test]
fn one_fetch_a_key_keeps_a_stampede_away() {
    let cache = |coalesce| Cache {
        name: "cache".to_owned(),
        keys: 1,
        ttl: Some(10.0),
        capacity: None,
        late_fill: true,
        coalesce,
        warm: false,
    };
    let visits = |coalesce| {
        let mut network = Network { stations: vec![Station::new("db", 1000)], ..Network::default() };
        network.caches.push(cache(coalesce));
        let miss = vec![Step::visit(0, ALWAYS)];
        asked(&mut network, 1000.0, vec![Step::Lookup { cache: 0, miss }]);
        run(&network, 101.0).stations[0].throughput.value * 101.0
    };
    // Each ten seconds and a tenth: one fetch, or a hundred of them.
    assert!((visits(true) - 10.0).abs() < 1.5, "{}", visits(true));
    assert!((visits(false) - 1000.0).abs() < 150.0, "{}", visits(false));
}

#[test]
fn two_of_three_answers_are_enough_and_two_failures_too_many() {
    let mut network = Network { risks: vec![1.0], ..Network::default() };
    let after = |seconds| vec![Step::Wait(Distribution::Constant(seconds))];
    let fork = |failing: usize| {
        let mut branches = vec![after(1.0), after(2.0), after(3.0)];
        branches[..failing].iter_mut().for_each(|b| b.push(Step::Risk(0)));
        Step::Fork { branches, need: 2 }
    };
    for failing in 0..3 {
        asked_as(&mut network, Arrivals::Trace(vec![0.0]), vec![fork(failing)]);
    }
    let outcome = run(&network, 10.0);
    let took: Vec<f64> = outcome.operations.iter().map(|o| o.mean.value).collect();
    assert!((took[0] - 2.0).abs() < 1e-9 && (took[1] - 3.0).abs() < 1e-9, "{took:?}");
    assert!(outcome.operations[2].throughput.value < 1e-9);
}

#[test]
fn work_that_is_left_behind_loads_the_station_and_not_the_answer() {
    let mut network = Network { stations: vec![Station::new("worker", 2)], ..Network::default() };
    let later = Step::Detach(vec![Step::visit(0, exponential(1.0))]);
    asked(&mut network, 1.0, vec![Step::Wait(Distribution::Constant(0.01)), later]);
    let outcome = run(&network, 5000.0);
    assert!((outcome.overall.p99.value - 0.01).abs() < 1e-4);
    assert!((outcome.stations[0].utilisation.value - 0.5).abs() < 0.02);
}

#[test]
fn a_system_that_comes_back_says_when() {
    let mut network = single(5.0, 1, ALWAYS);
    network.changes = vec![
        Change { at: 100.0, setting: Setting::Servers(0, 0) },
        Change { at: 110.0, setting: Setting::Servers(0, 1) },
    ];
    network.operations[0].target = Some(2.0);
    let run = Run { bins: 300, ..Run::new(300.0).warm_up(0.0).replications(20) };
    let outcome = simulate(&network, &run).unwrap();
    // Fifty wait when it comes back; at half its speed to spare, it takes ten seconds more.
    let recovery = outcome.series.recovery(100.0, 0.95, 5.0).expect("it comes back");
    assert!((12.0..30.0).contains(&recovery), "{recovery}");
    assert!((outcome.stations[0].saturated_at.value - 100.0).abs() < 20.0);
}
