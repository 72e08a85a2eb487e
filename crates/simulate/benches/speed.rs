//! Station visits per second of processor time, memory, and how replications share the cores:
//! `cargo bench -p loadcase-simulate --bench speed`, or with `-- 1000` for a thousand replications of ten minutes.
#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use std::time::Instant;

use loadcase_simulate::{Run, simulate};
use systems::{MODELS, Model};

mod systems;

fn main() {
    println!("Median of five; visits of stations, full statistics. Load of the machine: {}", load());
    println!(
        "{:10} {:>22} {:>22} {:>7} {:>12} {:>14}",
        "model", "M visits / CPU s", "with time-outs", "cost", "MB, 10^6", "MB, 10^7"
    );
    for model in &MODELS {
        let (plain, small) = visits_per_s(model, false, 1e6);
        let (guarded, _) = visits_per_s(model, true, 1e6);
        let (_, large) = visits_per_s(model, false, 1e7);
        println!(
            "{:10} {plain:22.2} {guarded:22.2} {:6.0}% {small:12.1} {large:14.1}",
            model.name,
            100.0 * (1.0 - guarded / plain)
        );
    }
    let wanted = std::env::args().skip(1).find_map(|a| a.parse::<u32>().ok());
    replications(wanted.unwrap_or(16));
}

/// Millions of visits per second of processor time, and most memory, MB: one replication of so many visits.
fn visits_per_s(model: &Model, with_client: bool, visits: f64) -> (f64, f64) {
    let network = model.network(with_client, model.rate());
    let run = Run::new(visits / model.visits).warm_up(0.0).replications(1);
    forget_peak();
    let rounds = if visits > 5e6 { 1 } else { 5 };
    let mut found: Vec<f64> = (0..rounds)
        .map(|_| {
            let before = cpu_seconds();
            let outcome = simulate(&network, &run).expect("the models are well-formed");
            let served: f64 = outcome.stations.iter().map(|s| s.throughput.value).sum();
            served * outcome.horizon / (cpu_seconds() - before) / 1e6
        })
        .collect();
    found.sort_by(f64::total_cmp);
    (found[found.len() / 2], peak_mb())
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

/// Processor time of this process so far, seconds; hundredths, which a run of a million visits needs ten of.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanos =
        |text: &str| text.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0);
    let all: f64 = threads
        .map(|t| nanos(&std::fs::read_to_string(t.path().join("schedstat")).unwrap_or_default()))
        .sum();
    all.max(nanos(&text)) / 1e9
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
