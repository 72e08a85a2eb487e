//! Queues of messages, copies that lag, links that are cut, servers that are slow, loads that are shed: each
//! against a case that is known or can be worked out by hand.

use loadcase_simulate::{
    Arrivals, Call, Cause, Change, Discipline, Distribution, Link, Network, Outcome, Queue, Replicas, Run,
    Setting, Station, Step, simulate,
};
use proptest::prelude::*;

use crate::models::{asked, asked_as, exponential, single};

fn run(network: &Network, horizon: f64) -> Outcome {
    simulate(network, &Run::new(horizon).warm_up(0.0).replications(8)).expect("the network is well-formed")
}

/// Messages published at a rate, each worked on for a time.
fn messages(queue: Queue, rate: f64, work: Distribution) -> Network {
    let mut network = Network { queues: vec![queue], ..Network::default() };
    asked(&mut network, rate, vec![Step::Publish { queue: 0, steps: vec![Step::Wait(work)] }]);
    network
}

fn failed(outcome: &Outcome, operation: usize, cause: Cause) -> f64 {
    outcome.operations[operation].failed.iter().find(|(c, _)| *c == cause).map_or(0.0, |(_, s)| s.value)
}

#[track_caller]
fn close(what: &str, found: f64, known: f64, share: f64) {
    assert!((found - known).abs() <= share * known.abs(), "{what}: {found}, known {known}");
}

#[test]
fn consumers_that_take_one_message_at_a_time_are_servers_of_one_queue() {
    // M/M/8 at 0.8: Gross, Shortle, Thompson, Harris (2008), section 2.3.
    let outcome = run(&messages(Queue::new("jobs", 8), 6.4, exponential(1.0)), 2e4);
    let queue = &outcome.queues[0];
    close("lag", queue.lag.value, 1.286_028, 0.02);
    close("messages waiting", queue.waiting.value, 1.830_580, 0.05);
    close("busy", queue.busy.value, 0.8, 0.01);
    assert!(outcome.overall.p99.value < 1e-3, "the publisher does not wait");
}

#[test]
fn a_large_prefetch_ties_messages_to_consumers() {
    // In turn to two consumers, whatever they have to do: two queues E2/M/1 at 0.8, and not M/M/2.
    let tied = Queue { prefetch: 10_000, ..Queue::new("jobs", 2) };
    let outcome = run(&messages(tied, 1.6, exponential(1.0)), 1e4);
    close("lag", outcome.queues[0].lag.value, 3.843_980, 0.06);
    let free = run(&messages(Queue::new("jobs", 2), 1.6, exponential(1.0)), 1e4);
    close("lag of one queue", free.queues[0].lag.value, 2.777_778, 0.06);
}

#[test]
fn work_that_outlasts_the_visibility_timeout_is_done_again_and_ends_as_dead_letter() {
    let queue = Queue { visibility: Some(1.0), max_receives: Some(3), ..Queue::new("jobs", 10) };
    let mut network = messages(queue, 1.0, Distribution::Constant(2.0));
    network.sources[0].arrivals = Arrivals::Trace(vec![0.0]);
    let outcome = run(&network, 10.0);
    let queue = &outcome.queues[0];
    close("dead letters", queue.dead.value, 1.0, 1e-9);
    close("second and third delivery", queue.redelivered.value, 2.0 / 3.0, 1e-9);
    close("three consumers for two seconds", queue.busy.value, 6.0 / 100.0, 1e-9);
    assert!(queue.finished.value < 1e-9);
}

#[test]
fn messages_wait_out_of_sight_in_the_hands_of_their_consumer() {
    // Ten at once, one second each, all taken by one consumer: from the fourth on they are out of time.
    let queue = Queue { prefetch: 10, visibility: Some(3.5), ..Queue::new("jobs", 1) };
    let mut network = messages(queue, 1.0, Distribution::Constant(1.0));
    network.sources[0].arrivals = Arrivals::Trace(vec![0.0; 10]);
    let outcome = run(&network, 100.0);
    let queue = &outcome.queues[0];
    assert!(queue.redelivered.value > 0.3, "{queue:?}");
    assert!(queue.busy.value * 100.0 > 13.0, "work is done twice: {queue:?}");
    let alone = Queue { visibility: Some(3.5), ..Queue::new("jobs", 1) };
    let mut network = messages(alone, 1.0, Distribution::Constant(1.0));
    network.sources[0].arrivals = Arrivals::Trace(vec![0.0; 10]);
    let outcome = run(&network, 100.0);
    assert!(outcome.queues[0].redelivered.value < 1e-9);
    close("work done once", outcome.queues[0].busy.value * 100.0, 10.0, 1e-9);
}

#[test]
fn a_message_that_always_fails_is_tried_as_often_as_it_may_be() {
    let queue = Queue { max_receives: Some(3), retry_delay: 0.5, ..Queue::new("jobs", 50) };
    let mut network = Network { queues: vec![queue], risks: vec![0.5], ..Network::default() };
    let steps = vec![Step::Wait(Distribution::Constant(0.01)), Step::Risk(0)];
    asked(&mut network, 100.0, vec![Step::Publish { queue: 0, steps }]);
    let outcome = run(&network, 500.0);
    let queue = &outcome.queues[0];
    close("dead letters", queue.dead.value, 0.125, 0.03);
    // 1 + 1/2 + 1/4 deliveries a message.
    close("redelivered", queue.redelivered.value, 0.75 / 1.75, 0.02);
    assert!(outcome.overall.failed.is_empty(), "the publisher does not learn of it");
}

#[test]
fn a_full_queue_refuses_or_holds_its_publishers() {
    // One in work and nine waiting: M/M/1/10.
    let full = Queue { capacity: Some(9), ..Queue::new("jobs", 1) };
    let outcome = run(&messages(full.clone(), 0.8, exponential(1.0)), 2e4);
    close("refused", outcome.queues[0].refused.value, 0.023_493, 0.15);
    close("lag", outcome.queues[0].lag.value, 3.797_098, 0.03);
    // Five publishers who never rest, ten messages a second: each waits for half a second.
    let holding = Queue { capacity: Some(3), holds_publishers: true, ..full };
    let mut network = messages(holding, 1.0, exponential(0.1));
    network.sources[0].arrivals = Arrivals::Closed { users: 5, think: Distribution::Constant(0.0) };
    let outcome = run(&network, 500.0);
    close("rate", outcome.overall.throughput.value, 10.0, 0.03);
    close("held back", outcome.overall.mean.value, 0.5, 0.03);
    assert!(outcome.queues[0].most.value <= 3.0 && outcome.queues[0].refused.value < 1e-9);
}

#[test]
fn a_backlog_shows_as_consumer_lag_and_drains_when_consumers_come_back() {
    let mut network = messages(Queue::new("jobs", 10), 50.0, Distribution::Constant(0.1));
    network.changes = vec![
        Change { at: 100.0, setting: Setting::Consumers(0, 0) },
        Change { at: 160.0, setting: Setting::Consumers(0, 10) },
    ];
    let run = Run { bins: 300, ..Run::new(300.0).warm_up(0.0).replications(8) };
    let outcome = simulate(&network, &run).unwrap();
    let lag = |second: usize| outcome.series.queues[0][second].1;
    // Fifty a second for a minute; then a hundred a second leave, of which fifty are new: gone after a minute.
    close("lag at the end of the outage", lag(159), 3000.0, 0.05);
    assert!(lag(205) > 300.0 && lag(240) < 30.0, "{} {}", lag(205), lag(240));
}

/// A leader and one copy of it, with a write of one key at a rate and reads of it.
fn copied(delay: f64, apply: Distribution, pin: Option<f64>, writes: f64) -> Network {
    let mut network = Network {
        stations: vec![Station::new("leader", 100), Station::new("copy", 1)],
        replicas: vec![Replicas {
            name: "store".to_owned(),
            leader: 0,
            copies: vec![1],
            keys: 1,
            delay: Distribution::Constant(delay),
            apply,
            pin,
        }],
        ..Network::default()
    };
    asked(&mut network, writes, vec![Step::Commit(0)]);
    asked(&mut network, 10.0, vec![Step::Read { replicas: 0, demand: Distribution::Constant(0.0) }]);
    network
}

#[test]
fn reads_at_a_copy_are_stale_for_as_long_as_it_lags() {
    // Stale while a write is younger than the lag: 1 - exp(-2 x 0.1).
    let outcome = run(&copied(0.1, Distribution::Constant(0.0), None, 2.0), 5000.0);
    close("stale", outcome.replicas[0].stale.value, 0.181_269, 0.02);
    close("lag", outcome.replicas[0].lag.value, 0.1, 1e-6);
    // Readers of what was just written go to the leader.
    let pinned = run(&copied(0.1, Distribution::Constant(0.0), Some(0.1), 2.0), 5000.0);
    assert!(pinned.replicas[0].stale.value < 1e-9);
    close("to the leader", pinned.replicas[0].led.value, 0.181_269, 0.02);
}

#[test]
fn a_copy_that_is_busy_applying_falls_behind() {
    // M/M/1 at 0.8 behind a second on the way.
    let outcome = run(&copied(1.0, exponential(1.0), None, 0.8), 5e4);
    close("lag", outcome.replicas[0].lag.value, 6.0, 0.05);
    // More writes than it can apply: the lag grows with the length of the run.
    let behind = run(&copied(1.0, exponential(1.0), None, 1.5), 3000.0);
    assert!(behind.replicas[0].lag.value > 300.0, "{:?}", behind.replicas[0].lag);
}

#[test]
fn a_new_leader_has_lost_what_was_on_its_way() {
    let mut network = copied(0.5, Distribution::Constant(0.0), None, 100.0);
    network.changes = vec![Change { at: 100.0, setting: Setting::Promote(0) }];
    close("lost", run(&network, 200.0).replicas[0].lost.value, 50.0, 0.25);
}

#[test]
fn a_cut_link_refuses_or_hangs_until_it_is_mended() {
    let cut = |how: Link| {
        let mut network =
            Network { links: vec![Link::Up], stations: vec![Station::new("far", 99)], ..Network::default() };
        let steps = vec![Step::Link(0), Step::visit(0, Distribution::Constant(0.01))];
        asked(&mut network, 100.0, vec![Step::Call { call: 0, steps }]);
        network.calls.push(Call { name: "client".to_owned(), timeout: Some(2.0), ..Call::default() });
        network.changes = vec![
            Change { at: 100.0, setting: Setting::Link(0, how) },
            Change { at: 110.0, setting: Setting::Link(0, Link::Up) },
        ];
        run(&network, 200.0)
    };
    let refused = cut(Link::Fails);
    close("refused", failed(&refused, 0, Cause::Fault), 0.05, 0.1);
    // Whoever called less than two seconds before it was mended gets an answer after all.
    let hung = cut(Link::Hangs);
    close("timed out", failed(&hung, 0, Cause::TimedOut), 0.04, 0.1);
    assert!(hung.overall.good.value + failed(&hung, 0, Cause::TimedOut) > 0.999);
    close("visits", hung.stations[0].throughput.value, 96.0, 0.02);
}

#[test]
fn one_slow_server_of_four_slows_a_quarter_of_the_visits() {
    let mut network = single(0.05, 4, Distribution::Constant(1.0));
    network.changes = vec![Change { at: 0.0, setting: Setting::Slow(0, 1, 0.1) }];
    let outcome = run(&network, 2e4);
    // Nearly always all four are free, and one as good as another.
    close("mean", outcome.overall.mean.value, 0.25 * 10.0 + 0.75, 0.08);
    network.changes.push(Change { at: 1e4, setting: Setting::Slow(0, 0, 1.0) });
    close("mended half-way", run(&network, 2e4).overall.mean.value, 0.5 * 3.25 + 0.5, 0.08);
    // In a shared station all lose as much: M/M/2 at 0.4 of each of them at half its speed.
    let mut shared = single(0.4, 2, exponential(1.0));
    shared.stations[0].discipline = Discipline::Sharing;
    shared.changes = vec![Change { at: 0.0, setting: Setting::Slow(0, 1, 0.0) }];
    let outcome = run(&shared, 2e4);
    close("inside", outcome.stations[0].inside.value, 0.8 / (1.0 - 0.16), 0.03);
}

#[test]
fn the_less_important_is_shed_first() {
    let mut network = Network { stations: vec![Station::new("station", 1)], ..Network::default() };
    network.stations[0].shed = vec![3, 1];
    for priority in [0, 1] {
        asked(&mut network, 0.6, vec![Step::visit(0, exponential(1.0))]);
        network.operations[priority].priority = priority as u8;
    }
    let outcome = run(&network, 5e4);
    // States 0 to 4 of the birth-death process: 1, 1.2, 1.44, 0.864, 0.5184.
    close("less important", failed(&outcome, 1, Cause::QueueFull), 2.8224 / 5.0224, 0.02);
    close("more important", failed(&outcome, 0, Cause::QueueFull), 0.5184 / 5.0224, 0.05);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn no_message_is_lost(
        consumers in 1_u32..6,
        prefetch in 1_u32..8,
        load in 0.1..1.4_f64,
        risk in 0.0..0.6_f64,
        visibility in prop_oneof![Just(None), (0.05..3.0_f64).prop_map(Some)],
        max_receives in prop_oneof![Just(None), (1_u32..5).prop_map(Some)],
        capacity in prop_oneof![Just(None), (1_u32..50).prop_map(Some)],
        holds in any::<bool>(),
    ) {
        let queue = Queue {
            prefetch, visibility, max_receives, capacity, holds_publishers: holds, retry_delay: 0.1,
            ..Queue::new("jobs", consumers)
        };
        let mut network = Network { queues: vec![queue], risks: vec![risk], ..Network::default() };
        let steps = vec![Step::Wait(exponential(0.1)), Step::Risk(0)];
        // Arrivals stop in time for everything that ends to end.
        let gap = 0.1 / (load * f64::from(consumers));
        let times = (0..2000).map(|i| f64::from(i) * gap).collect();
        asked_as(&mut network, Arrivals::Trace(times), vec![Step::Publish { queue: 0, steps }]);
        let run = Run::new(2000.0 * gap + 2000.0).warm_up(0.0).replications(1);
        let outcome = simulate(&network, &run).expect("the network is well-formed");
        let (queue, all) = (&outcome.queues[0], 2000.0 / outcome.horizon);
        let ended = queue.finished.value + queue.dead.value * queue.published.value;
        let refused = failed(&outcome, 0, Cause::QueueFull) * all;
        // Without a limit, work that never fits its time may go round for ever, and then keeps out for ever who is held
        // before a full queue; nothing else may.
        let is_endless = visibility.is_some_and(|v| v < 1.0) && max_receives.is_none();
        let kept_out = is_endless && holds && capacity.is_some();
        prop_assert!((queue.published.value + refused - all).abs() < 1e-9 || kept_out, "{queue:?}");
        prop_assert!(queue.published.value + refused <= all + 1e-9);
        prop_assert!((ended - queue.published.value).abs() < 1e-9 || is_endless, "{queue:?}");
        prop_assert!(ended <= queue.published.value + 1e-9);
    }
}
