//! What the simulator says of a blueprint at some rates, as JSON: `predict blueprint.yaml 50 100`. Used by
//! `bench/real/run.py`.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use loadcase_catalog::load_embedded;
use loadcase_model::{Blueprint, yaml};
use loadcase_simulate::{Run, from_blueprint, simulate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a blueprint")?;
    let blueprint: Blueprint =
        yaml::read(&std::fs::read_to_string(path)?).map_err(|d| d.one_line("blueprint", ""))?;
    let catalog = load_embedded()?;
    let mut all = Vec::new();
    for rate in arguments {
        let mut workload = blueprint.workloads.first().cloned().ok_or("the blueprint has no workload")?;
        let usual = workload.total_per_s();
        workload.rate_per_s.values_mut().for_each(|r| *r *= rate.parse::<f64>().unwrap_or(1.0) / usual);
        let held: f64 = blueprint
            .operations
            .values()
            .flat_map(|o| &o.steps)
            .map(|s| s.visits * (s.cpu_ms + s.wait_ms))
            .sum();
        let network = from_blueprint(&blueprint, &catalog, &workload).network;
        let outcome = simulate(&network, &Run::new(2000.0).warm_up(100.0).replications(8))?;
        let ms = |e: loadcase_simulate::Estimate| 1e3 * e.value;
        let o = &outcome.overall;
        all.push(format!(
            "{{\"rate\": {rate}, \"held_ms\": {held}, \"mean\": {}, \"p50\": {}, \"p95\": {}, \"p99\": {}}}",
            ms(o.mean),
            ms(o.p50),
            ms(o.p95),
            ms(o.p99)
        ));
    }
    println!("[{}]", all.join(", "));
    Ok(())
}
