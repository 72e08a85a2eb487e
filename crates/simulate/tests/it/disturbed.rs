//! What scenarios do to a blueprint and to systems of their own, each against what can be worked out by hand.

use loadcase_catalog::{Catalog, Scenario};
use loadcase_model::{Blueprint, yaml};
use loadcase_simulate::{Outcome, Run, Sketch, from_blueprint, from_scenario, simulate};

use crate::blueprint::{blueprint, catalog, component, id, operation, shop, step, workload};
use loadcase_model::ComponentKind;

/// A scenario of six minutes with these lines, on a blueprint under a load; one outcome for each variant.
fn under(of: &Blueprint, rates: &[(&str, f64)], lines: &str) -> Vec<Outcome> {
    let text = format!("id: made-up\nname: Made up\nsummary: Made up.\nlength: 6min\n{lines}");
    let scenario: Scenario = yaml::read(&text).expect("the form is right");
    let all = sketch(of, rates).under(&scenario).expect("the scenario applies");
    let run = |run: &Run| Run { replications: 4, ..run.clone() };
    all.iter().map(|p| simulate(&p.network, &run(&p.run)).expect("well-formed")).collect()
}

fn sketch(of: &Blueprint, rates: &[(&str, f64)]) -> Sketch {
    from_blueprint(of, &catalog(), &workload(rates))
}

const WINDOWS: &str = "windows: {before: [20s, 60s], during: [80s, 175s], after: [5min, 350s]}\n";

/// Means of the three windows, in milliseconds.
fn means(outcome: &Outcome) -> [f64; 3] {
    [0, 1, 2].map(|i| outcome.windows[i].mean.value * 1e3)
}

/// A service of ten copies that does nothing but compute for ten milliseconds.
fn farm() -> Blueprint {
    let app = component(ComponentKind::Service, 10, 1.0);
    blueprint(vec![(id("app"), app)], vec![(id("ask"), operation(vec![step("app", 1.0, 10.0, 0.0)]))])
}

#[test]
fn new_copies_are_cold_for_as_long_as_they_are_said_to_be() {
    let deploy =
        "changes: [{at: 60s, on: service, set: {blue-green: {start: 20s, warm: 95s, speed: 0.5}}}]\n";
    let [before, during, after] = means(&under(&farm(), &[("ask", 50.0)], &format!("{deploy}{WINDOWS}"))[0]);
    assert!((before - 10.0).abs() < 0.5 && (during - 20.0).abs() < 1.0 && (after - 10.0).abs() < 0.5);
}

#[test]
fn a_canary_slows_and_fails_its_share() {
    let canary = "{at: 60s, for: 2min, on: app, set: {canary: {share: 0.1, speed: 0.25, risk: 0.5}}}";
    let outcome = &under(&farm(), &[("ask", 20.0)], &format!("changes: [{canary}]\n{WINDOWS}"))[0];
    // One of ten copies takes four times as long, and one of twenty requests fails.
    let [before, during, after] = means(outcome);
    assert!(
        (before - 10.0).abs() < 0.5 && (during - 13.0).abs() < 1.2 && (after - 10.0).abs() < 0.5,
        "{during}"
    );
    assert!((outcome.windows[1].good.value - 0.95).abs() < 0.01 && outcome.windows[2].good.value > 0.999);
}

#[test]
fn a_slow_copy_slows_its_part_and_a_pool_of_copies_works_around_it() {
    let slow = "{at: 60s, for: 2min, on: app, set: {slow-copies: {count: 1, speed: 0.1}}}";
    let outcome = &under(&farm(), &[("ask", 20.0)], &format!("changes: [{slow}]\n{WINDOWS}"))[0];
    // With all in turn it would be one in ten requests of 100 ms: 19 ms; the slow one is often busy, though.
    let [_, during, after] = means(outcome);
    assert!((15.0..19.5).contains(&during) && (after - 10.0).abs() < 0.5, "{during}");
}

#[test]
fn a_partition_hangs_calls_between_two_kinds_and_no_others() {
    let cut = "{at: 60s, for: 2min, on: store, set: {partition: {from: service, link: hangs}}}";
    let lines = format!("client: {{timeout: 2s}}\nchanges: [{cut}]\n{WINDOWS}");
    let outcome = &under(&shop(), &[("read", 100.0), ("order", 20.0)], &lines)[0];
    let good = |i: usize| outcome.windows[i].good.value;
    // Orders and the fifth of the reads that misses the cache need the store.
    let need = (100.0 * 0.2 + 20.0) / 120.0;
    assert!(good(0) > 0.999 && good(2) > 0.999, "{:?}", outcome.windows);
    assert!((good(1) - (1.0 - need)).abs() < 0.02, "{} and {}", good(1), 1.0 - need);
    let elsewhere = cut.replace("from: service", "from: client");
    let text = format!("id: x\nname: X\nsummary: X.\nlength: 6min\nchanges: [{elsewhere}]\n");
    let scenario: Scenario = yaml::read(&text).unwrap();
    let error =
        sketch(&shop(), &[("read", 100.0)]).under(&scenario).expect_err("nobody outside calls the store");
    assert_eq!(error.to_string(), "`store` has nothing that this change could set");
}

#[test]
fn a_hot_key_fills_the_copy_that_it_is_on() {
    let store = component(ComponentKind::Store, 4, 1.0);
    let sharded = blueprint(
        vec![(id("store"), store)],
        vec![(id("ask"), operation(vec![step("store", 1.0, 10.0, 0.0)]))],
    );
    let hot = "{at: 60s, for: 2min, on: store, set: {hot: 0.2}}";
    let outcome = &under(&sharded, &[("ask", 200.0)], &format!("changes: [{hot}]\n{WINDOWS}"))[0];
    let busy = |station: usize, second: usize| {
        let range = second - 30..second + 30;
        outcome.series.stations[station][range].iter().map(|b| b.0).sum::<f64>() / 60.0
    };
    // Two processors of four are busy; of 200 requests a second, a fifth and a quarter of the rest go to one copy.
    assert!((busy(1, 140) - 0.4 * 2.0).abs() < 0.04, "{}", busy(1, 140));
    assert!((busy(0, 140) - 0.6 * 2.0).abs() < 0.06 && busy(1, 280) < 1e-9);
}

#[test]
fn a_tenant_that_asks_for_everything_is_felt_by_others_unless_it_is_limited() {
    let wild = "load: [{at: 60s, for: 2min, factor: 100, tenant: 0.1}]\nclient: {timeout: 1s}\n";
    let variants = "variants: [{name: no limit}, {name: limited, tenant_limit: 3}]\n";
    let all = under(&farm(), &[("ask", 200.0)], &format!("{wild}{WINDOWS}{variants}"));
    // Ten processors are asked for 18 + 200 of their work, or for 18 % and three times two.
    assert!(all[0].windows[1].good.value < 0.05, "{:?}", all[0].windows[1]);
    assert!(all[1].windows[1].good.value > 0.99, "{:?}", all[1].windows[1]);
    let offered = all[1].overall.offered.value;
    assert!((offered - 180.0).abs() < 5.0, "the others alone count: {offered}");
}

#[test]
fn copies_that_answer_reads_do_not_fail_over_with_their_leader() {
    let mut store = component(ComponentKind::Store, 1, 1.0);
    store.capacity.as_mut().unwrap().read_replicas = 2;
    let mut read = step("store", 1.0, 10.0, 0.0);
    read.reads_only = true;
    let write = step("store", 1.0, 10.0, 0.0);
    let of = blueprint(
        vec![(id("store"), store)],
        vec![(id("read"), operation(vec![read])), (id("write"), operation(vec![write]))],
    );
    let lost = "client: {timeout: 1s}\nchanges: [{at: 60s, on: store, set: {fail-over: 2min}}]\n";
    let outcome = &under(&of, &[("read", 50.0), ("write", 20.0)], &format!("{lost}{WINDOWS}"))[0];
    assert!(outcome.operations[0].good.value > 0.999, "{:?}", outcome.operations[0].good);
    // Away for a third of the run; what nobody waits for any more takes half a minute to work off.
    assert!((0.56..0.62).contains(&outcome.operations[1].good.value), "{:?}", outcome.operations[1].good);
}

#[test]
fn reads_go_to_the_primary_while_no_copy_is_left() {
    let mut store = component(ComponentKind::Store, 1, 1.0);
    let capacity = store.capacity.as_mut().unwrap();
    (capacity.read_replicas, capacity.standbys) = (1, 1);
    let mut read = step("store", 1.0, 10.0, 0.0);
    read.reads_only = true;
    let of = blueprint(vec![(id("store"), store)], vec![(id("read"), operation(vec![read]))]);
    let lost = "client: {timeout: 1s}\nchanges: [{at: 60s, for: 3min, on: store, set: {lose-zone: 2}}]\n\
                windows: {settled: [3min, 4min]}\n";
    let outcome = &under(&of, &[("read", 30.0)], lost)[0];
    assert!(outcome.windows[0].good.value > 0.99, "{:?}", outcome.windows[0]);
}

/// Outcomes of a scenario of the catalog, one for each variant.
fn shipped(catalog: &Catalog, name: &str) -> Vec<Outcome> {
    let scenario = catalog.scenarios.values().find(|s| s.id.as_str() == name).expect("it ships");
    let all = from_scenario(scenario).expect("it is complete");
    let run = |run: &Run| Run { replications: 4, ..run.clone() };
    all.iter().map(|p| simulate(&p.network, &run(&p.run)).expect("well-formed")).collect()
}

#[test]
fn a_short_visibility_timeout_and_a_large_prefetch_keep_a_backlog_alive() {
    let all = shipped(&catalog(), "redelivery-storm");
    let waiting = |outcome: &Outcome, second: usize| outcome.series.queues[0][second].1;
    // Nine minutes after a disturbance of half a minute.
    assert!(
        waiting(&all[0], 590) > 500.0 && all[0].queues[0].redelivered.value > 0.2,
        "{:?}",
        all[0].queues[0]
    );
    for healthy in &all[1..] {
        assert!(waiting(healthy, 590) < 50.0, "{:?}", healthy.queues[0]);
    }
}

#[test]
fn a_bulk_write_makes_copies_lag_and_pinned_readers_do_not_see_it() {
    let all = shipped(&catalog(), "copies-that-lag");
    let (plain, pinned) = (&all[0].replicas[0], &all[1].replicas[0]);
    // 600 writes of 2 ms and 150 reads of 1 ms a second: after a minute a copy is 0.35 x 60 seconds behind.
    assert!((19.0..23.0).contains(&plain.longest_lag.value), "{:?}", plain.longest_lag);
    assert!(plain.stale.value > 0.02 && pinned.stale.value < 0.5 * plain.stale.value, "{plain:?} {pinned:?}");
}

#[test]
fn loads_may_be_waves_or_traces_and_times_may_be_values() {
    let text = "\
id: small
name: Small
summary: One station.
length: 100s
system:
  stations:
    app: {servers: 50, shed: [100, 10], patience: {mean: 1s, scv: 0}}
  operations:
    wave: {steps: [{visit: {station: app, demand: {values: [10ms, 30ms]}}}]}
    told: {steps: [{visit: {station: app, demand: {mean: 10ms, scv: 2, shape: lognormal}}}]}
  load:
    wave: {rate_per_s: 100, swing: 1, period: 100s}
    told: {trace: \"0\\n1\\n2.5\\n\"}
";
    let read = |text: &str| from_scenario(&yaml::read::<Scenario>(text).expect("the form is right"));
    let prepared = read(text).expect("it is complete").remove(0);
    let outcome = simulate(&prepared.network, &prepared.run).unwrap();
    assert!((outcome.operations[0].mean.value - 0.02).abs() < 0.001);
    assert!((outcome.operations[1].offered.value * 100.0 - 3.0).abs() < 1e-9);
    let offered = &outcome.series.offered;
    assert!(offered[0] < 5.0 && (150.0..250.0).contains(&offered[50]), "{} {}", offered[0], offered[50]);
    let wrong = text.replace("2.5\\n", "soon\\n");
    let error = read(&wrong).expect_err("`soon` is no time");
    let line = error.diagnostic(&wrong).one_line("small.yaml", &wrong);
    assert!(line.starts_with("small.yaml:13:5:") && line.contains("`soon` is no time"), "{line}");
}
