//! Scenario files: what is known of the published failures, and errors that point at the line.

use loadcase_catalog::scenario::Band;
use loadcase_catalog::{Scenario, load_embedded};
use loadcase_model::yaml;
use loadcase_simulate::{Estimate, Prepared, from_scenario, simulate};

/// How far a mean may lie outside the range that five runs of another simulator had: as far as that range is
/// wide, because five runs show only a part of what chance does, and a little more.
fn outside(what: &str, found: &Estimate, band: Option<(f64, f64)>) -> Option<String> {
    let (least, most) = band?;
    let room = (most - least) + 0.02 * most.max(0.5);
    let fits = found.value >= least - room && found.value <= most + room;
    (!fits).then(|| format!("{what} {:.3}, known {least} to {most}", found.value))
}

/// What lies outside the bands of a variant.
fn misses(scenario: &Scenario, prepared: &Prepared) -> Vec<String> {
    let mut run = prepared.run.clone();
    run.replications = 10;
    let outcome = simulate(&prepared.network, &run).expect("the scenario is well-formed");
    let mut all = Vec::new();
    for window in &outcome.windows {
        let Band { good, attempts } = prepared.expect.get(&window.name).copied().unwrap_or_default();
        println!(
            "{} | {} | {}: good {:.3} to {:.3} (known {good:?}), attempts {:.3} to {:.3} (known {attempts:?})",
            scenario.id,
            prepared.name,
            window.name,
            window.good.least,
            window.good.most,
            window.attempts.least,
            window.attempts.most
        );
        let of = |miss: String| format!("{} | {} | {}: {miss}", scenario.id, prepared.name, window.name);
        all.extend(outside("good", &window.good, good).map(of));
        all.extend(outside("attempts", &window.attempts, attempts).map(of));
    }
    all
}

#[test]
fn known_failures_collapse_and_their_cures_cure() {
    let catalog = load_embedded().expect("the embedded catalog is well-formed");
    let mut all = Vec::new();
    let mut checked = 0;
    for scenario in catalog.scenarios.values().filter(|s| s.system.is_some()) {
        for prepared in from_scenario(scenario).expect("the scenario is well-formed") {
            checked += prepared.expect.len();
            all.extend(misses(scenario, &prepared));
        }
    }
    println!("{} of {checked} windows outside:\n{}", all.len(), all.join("\n"));
    assert!(checked > 50 && all.is_empty(), "{all:#?}");
}

const SMALL: &str = "\
id: small
name: Small
summary: One station.
length: 10s
system:
  stations:
    database: {servers: 2}
  operations:
    read:
      steps:
        - visit: {station: databse, demand: {mean: 10ms}}
  load:
    read: {rate_per_s: 10}
";

#[test]
fn a_name_that_nothing_has_is_pointed_at() {
    let scenario: Scenario = yaml::read(SMALL).expect("the form is right");
    let error = from_scenario(&scenario).expect_err("there is no such station");
    let diagnostic = error.diagnostic(SMALL);
    let line = diagnostic.one_line("small.yaml", SMALL);
    assert!(
        line.starts_with("small.yaml:11:28: error[invalid-scenario]: there is no station `databse`"),
        "{line}"
    );
    assert_eq!(diagnostic.help.as_deref(), Some("there are: database"));
}

#[test]
fn a_field_or_a_time_that_is_wrong_is_pointed_at() {
    let read = |text: &str| match yaml::read::<Scenario>(text) {
        Ok(_) => String::new(),
        Err(diagnostic) => diagnostic.one_line("small.yaml", text),
    };
    let misspelt = read(&SMALL.replace("{servers: 2}", "{serves: 2}"));
    assert!(misspelt.starts_with("small.yaml:7:"), "{misspelt}");
    let unit = read(&SMALL.replace("length: 10s", "length: 10"));
    assert!(unit.starts_with("small.yaml:4:") && unit.contains("no length of time"), "{unit}");
}
