//! Station visits per second of processor time, memory, and how replications share the cores:
//! `cargo bench -p loadcase-simulate --bench speed`, or with `-- 1000` for a thousand replications of ten minutes.
#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use std::time::Instant;

use loadcase_simulate::{Run, simulate};
use systems::{MODELS, Model};

mod systems;

fn main() {
    println!("Visits of stations, full statistics, medians of five. Load of the machine: {}", load());
    println!(
        "{:10} {:>22} {:>22} {:>7} {:>12} {:>14}",
        "model", "M visits / CPU s", "with time-outs", "cost", "MB, 10^6", "MB, 10^7"
    );
    for model in &MODELS {
        let (plain, guarded, cost) = compared(model);
        let [small, large] = [1e6, 1e7].map(|visits| peak_of(model, visits));
        println!(
            "{:10} {plain:22.2} {guarded:22.2} {:6.0}% {small:12.1} {large:14.1}",
            model.name,
            100.0 * cost
        );
    }
    let wanted = std::env::args().skip(1).find_map(|a| a.parse::<u32>().ok());
    replications(wanted.unwrap_or(16));
}

/// Millions of visits per second of processor time without and with time-outs, and the share that these cost. The
/// two take turns, so that other work on the machine slows both.
fn compared(model: &Model) -> (f64, f64, f64) {
    let rounds: Vec<[f64; 2]> =
        (0..5).map(|_| [false, true].map(|with_client| visits_per_s(model, with_client, 4e6))).collect();
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let column = |i: usize| median(rounds.iter().map(|r| r[i]).collect());
    (column(0), column(1), median(rounds.iter().map(|[plain, guarded]| 1.0 - guarded / plain).collect()))
}

/// Millions of visits per second of processor time, of one replication of so many visits.
fn visits_per_s(model: &Model, with_client: bool, visits: f64) -> f64 {
    let network = model.network(with_client, model.rate());
    let run = Run::new(visits / model.visits).warm_up(0.0).replications(1);
    let before = cpu_seconds();
    let outcome = simulate(&network, &run).expect("the models are well-formed");
    let served: f64 = outcome.stations.iter().map(|s| s.throughput.value).sum();
    served * outcome.horizon / (cpu_seconds() - before) / 1e6
}

/// Most memory of a run of so many visits, MB.
fn peak_of(model: &Model, visits: f64) -> f64 {
    forget_peak();
    visits_per_s(model, false, visits);
    peak_mb()
}

/// Ten services at a thousand requests a second for ten minutes, on one thread and on all.
fn replications(count: u32) {
    let mut network = MODELS[3].network(true, 1000.0);
    // A thousand requests a second at the load of the model: 1.6 in a time unit.
    network.stations.iter_mut().for_each(|s| s.speed = 625.0);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "\n{count} replications of 10 minutes at 1,000 requests/s through ten services, with time-outs and retries"
    );
    println!(
        "{:>8} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "threads", "wall, s", "CPU, s", "CPU/wall", "MB", "p99, ms"
    );
    for threads in [1, cores] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads can start");
        let share = if threads == 1 { count.min(8) } else { count };
        let run = Run::new(600.0).warm_up(10.0).replications(share);
        forget_peak();
        let (wall, before) = (Instant::now(), cpu_seconds());
        let outcome = pool.install(|| simulate(&network, &run)).expect("the model is well-formed");
        let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds() - before);
        println!(
            "{threads:>8} {wall:>10.1} {cpu:>10.1} {:>10.2} {:>10.1} {:>10.2}   ({share} replications, {:.2} CPU s each; load {})",
            cpu / wall,
            peak_mb(),
            outcome.overall.p99.value * 1e3,
            cpu / f64::from(share),
            load()
        );
    }
}

/// Processor time of this process so far, threads that have ended included, in seconds. The kernel counts in
/// hundredths.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = text.rsplit(") ").next().unwrap_or_default();
    let ticks: f64 = after_name.split(' ').skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// Most memory since [`forget_peak`], MB.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

/// Lets the kernel measure the peak of memory anew.
fn forget_peak() {
    // Where it may not be written, the peak is that of the whole run: too high, never too low.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Load averages, since other work on the machine slows this down.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(1).collect()
}
