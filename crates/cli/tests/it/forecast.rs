//! `loadcase forecast`: a blueprint's numbers, as designed and after an edit.

use std::path::Path;

use serde_json::Value;

use crate::run::{Ended, SOCIAL, loadcase};

/// A folder with the blueprint of a design, and its text.
fn designed() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    loadcase(&["design", "--no-input", "--out", ".", SOCIAL]).inside(folder.path()).end().fine();
    let text = std::fs::read_to_string(folder.path().join("blueprint.yaml")).expect("written");
    (folder, text)
}

/// Forecasts `edited.yaml` in a folder, with this text in it.
fn forecast(folder: &Path, text: &str, more: &[&str]) -> Ended {
    std::fs::write(folder.join("edited.yaml"), text).expect("written");
    let mut arguments = vec!["forecast", "edited.yaml"];
    arguments.extend(more);
    loadcase(&arguments).inside(folder).end()
}

#[test]
fn the_blueprint_of_a_design_has_the_forecasts_of_the_design() {
    let (folder, text) = designed();
    let printed = forecast(folder.path(), &text, &["--format", "json"]).fine().out;
    let forecasts: Value = serde_json::from_str(&printed).expect("JSON");
    let json = loadcase(&["design", "--no-input", "--format", "json", SOCIAL]).end().fine().out;
    let design: Value = serde_json::from_str(&json).expect("JSON");
    let p99 = |f: &Value| f["latency"]["p99"]["value"].as_f64().expect("a number");
    assert_eq!(
        (forecasts[0]["horizon"].as_str(), forecasts[1]["horizon"].as_str()),
        (Some("now"), Some("later"))
    );
    let (here, there) = (p99(&forecasts[1]), p99(&design["forecasts"]["later"]));
    assert!((here - there).abs() < 1e-3 * there, "later: {here} against {there}");
    // The file is sized for 24 months, so it carries today's load at least as well as what runs today.
    assert!(p99(&forecasts[0]) <= p99(&design["forecasts"]["now"]));
    let piped = loadcase(&["forecast", "--format", "json", "-"]).given(&text).end().fine().out;
    assert_eq!(piped, printed, "standard input is read like a file");
}

#[test]
fn its_report_has_both_horizons_and_the_letters_of_the_numbers() {
    let (folder, text) = designed();
    let report = forecast(folder.path(), &text, &[]).fine().out;
    for part in
        ["## Now", "## In 24 months", "| component |", "| operation |", "| paid for |", "`c` computed"]
    {
        assert!(report.contains(part), "{part}: {report}");
    }
}

#[test]
fn an_edit_shows_in_the_forecast() {
    let (folder, text) = designed();
    let busiest = |text: &str| {
        let printed = forecast(folder.path(), text, &["--format", "json"]).fine().out;
        let forecasts: Value = serde_json::from_str(&printed).expect("JSON");
        forecasts[1]["stations"]["app"]["utilisation"]["value"].as_f64().expect("a number")
    };
    let (before, app) = (busiest(&text), text.find("\n  app:").expect("an application"));
    let (head, tail) = text.split_at(app);
    let count = tail.lines().find_map(|l| l.trim().strip_prefix("replicas: ")).expect("copies").to_owned();
    let more = tail.replacen(&format!("replicas: {count}"), "replicas: 64", 1);
    assert!(busiest(&format!("{head}{more}")) < before);
}

#[test]
fn a_faulty_blueprint_is_refused_with_its_place() {
    let (folder, text) = designed();
    let broken = text.replacen("components:\n", "components: [\n", 1);
    let line = broken.lines().position(|l| l == "components: [").expect("broken") + 1;
    let why = forecast(folder.path(), &broken, &[]).refused();
    assert!(why.contains(&format!("edited.yaml:{line}:")), "{why}");
    let misspelt = text.replacen("topology:", "toplogy:", 1);
    let line = misspelt.lines().position(|l| l.starts_with("toplogy")).expect("misspelt") + 1;
    let why = forecast(folder.path(), &misspelt, &[]).refused();
    assert!(why.contains(&format!("edited.yaml:{line}:1")) && why.contains("`topology`"), "{why}");
    forecast(folder.path(), "", &[]).refused();
    forecast(folder.path(), &"[".repeat(100_000), &[]).refused();
}
