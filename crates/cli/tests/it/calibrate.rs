//! `loadcase calibrate`: measured demands in a blueprint and as facts, and what is said of bad files.

use serde_json::Value;

use crate::run::{SOCIAL, loadcase};

const STATEMENTS: &str = "query,calls,total_exec_time,mean_exec_time,stddev_exec_time\n\
    \"select * from posts where id = $1\",5000,20000,4,4\n\
    \"insert into posts(body) values ($1)\",500,5000,10,5\n";

#[test]
fn a_measured_blueprint_is_forecast_with_what_was_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = |arguments: &[&str]| loadcase(arguments).inside(folder.path()).end();
    inside(&["design", "--no-input", "--out", ".", SOCIAL]).fine();
    std::fs::write(folder.path().join("statements.csv"), STATEMENTS).expect("written");
    let arguments =
        ["calibrate", "statements.csv", "--blueprint", "blueprint.yaml", "--out", "new/measured.yaml"];
    let ended = inside(&arguments).fine();
    assert!(ended.err.contains("before") && ended.err.contains("ms m"), "{}", ended.err);
    let text = std::fs::read_to_string(folder.path().join("new/measured.yaml")).expect("written");
    assert!(text.contains("measured: statements.csv: 5000 calls of 1 reading statements"), "{text}");
    let mean = |file: &str| {
        let json: Value =
            serde_json::from_str(&inside(&["forecast", "--format", "json", file]).fine().out).expect("JSON");
        json[0]["latency"]["mean"]["value"].as_f64()
    };
    let before = mean("blueprint.yaml").expect("what was designed is not overloaded");
    // Statements thirty times as long slow it down, or are more than it carries.
    assert!(mean("new/measured.yaml").is_none_or(|after| after > 1.2 * before));
}

#[test]
fn measured_facts_are_used_by_designs_in_their_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = |arguments: &[&str]| loadcase(arguments).inside(folder.path()).end();
    std::fs::write(folder.path().join("statements.csv"), STATEMENTS).expect("written");
    let place = ".loadcase/catalog/measured/postgresql.yaml";
    inside(&["calibrate", "statements.csv", "--out", place]).fine();
    let told = inside(&["explain", "postgresql"]).fine().out;
    assert!(told.contains("4 ms `m`"), "{told}");
    std::fs::write(folder.path().join(place), "technology: postgresq\nfacts: {}\n").expect("written");
    let refused = inside(&["explain", "postgresql"]).ended_with(3);
    assert!(refused.err.contains("no technology `postgresq`"), "{}", refused.err);
}

#[test]
fn a_file_that_is_no_measurement_is_pointed_at() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("notes.txt"), "It was slow.\n").expect("written");
    let ended = loadcase(&["calibrate", "notes.txt"]).inside(folder.path()).end().ended_with(3);
    assert!(ended.err.contains("notes.txt:1:1: error[unknown-measurement]"), "{}", ended.err);
}

#[test]
fn fidelity_is_explained_and_stands_in_every_forecast() {
    let page = loadcase(&["explain", "fidelity"]).end().fine().out;
    for part in ["What is not modelled", "Simulation against a real service", "bench/real/results.md"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    loadcase(&["design", "--no-input", "--out", ".", SOCIAL]).inside(folder.path()).end().fine();
    let report = loadcase(&["forecast", "blueprint.yaml"]).inside(folder.path()).end().fine().out;
    assert!(report.contains("## How far to trust this") && report.contains("Not modelled: "), "{report}");
}
