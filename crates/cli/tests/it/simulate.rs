//! `loadcase simulate`, `what-if` and `compare`: what is told is what was run, and the same each time.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use loadcase_publish::{json_numbers_without_origin, untagged_numbers};
use serde_json::Value;

use crate::run::{Ended, loadcase};

/// A system small enough to be run in a moment: a store that is away for a while, and clients that try again.
const STORM: &str = "\
id: storm
name: Storm
summary: The store is away for five seconds, and clients that gave up ask again at once.
length: 60s
system:
  stations:
    store: {servers: 2}
  calls:
    client: {timeout: 500ms, retries: 3, jitter: false}
  operations:
    read:
      steps:
        - call: {by: client, steps: [{visit: {station: store, demand: {mean: 20ms}}}]}
  load:
    read: {rate_per_s: 60}
changes:
  - {at: 20s, for: 5s, on: store, set: {up: 0}}
windows:
  before: [5s, 20s]
  after: [50s, 58s]
holds: {after: 0.99}
";

/// A brief whose design is small: little load, so that scenarios are quick.
const BRIEF: &str = "\
domains: [booking]
numbers:
  monthly-users: 20000
  latency-p99-ms: 500ms
technologies: {existing: [postgresql]}
";

fn designed(folder: &Path) {
    std::fs::write(folder.join("brief.yaml"), BRIEF).expect("written");
    let ended =
        loadcase(&["design", "--no-input", "--out", "docs/backend", "brief.yaml"]).inside(folder).end();
    assert!(matches!(ended.code, Some(0 | 4)), "{}", ended.err);
}

fn with_storm() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("storm.yaml"), STORM).expect("written");
    folder
}

fn json(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|e| panic!("{e}: {}\n{}", ended.out, ended.err))
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let folder = with_storm();
    let run = |seed: &str| {
        let arguments = ["simulate", "--scenario", "storm.yaml", "--format", "json", "--seed", seed];
        loadcase(&arguments).inside(folder.path()).end().ended_with(1).out
    };
    let first = run("1");
    assert_eq!(first, run("1"));
    assert_ne!(first, run("2"));
    let found: Value = serde_json::from_str(&first).expect("JSON");
    assert_eq!(json_numbers_without_origin(&found), Vec::<String>::new());
    let storm = &found["scenarios"][0];
    assert_eq!(storm["recovery"], "never", "a retry storm outlives its cause");
    assert_eq!(storm["saturated"]["part"], "store");
    assert_eq!(storm["errors"][0]["cause"], "timed out");
}

#[test]
fn the_remedy_holds_when_it_is_run_alone() {
    let folder = with_storm();
    let run = |more: &[&str]| {
        let arguments = [&["simulate", "--scenario", "storm.yaml", "--format", "json"], more].concat();
        loadcase(&arguments).inside(folder.path()).end()
    };
    let found = json(&run(&[]).ended_with(1));
    let remedy = &found["scenarios"][0]["remedy"]["found"];
    let with = remedy["with"].as_str().expect("something holds");
    let changed = json(&run(&["--with", with]).ended_with(0));
    assert_eq!(changed["holds"], true);
    assert_eq!(changed["scenarios"][0]["good"]["value"], remedy["good"]["value"], "it is what was told");
    // What is told not to hold does not.
    for other in found["scenarios"][0]["remedy"]["others"].as_array().expect("a list") {
        let with: Vec<&str> = other["with"].as_str().expect("a change").split(' ').collect();
        let arguments: Vec<&str> = with.iter().flat_map(|w| ["--with", w]).chain(["--no-remedies"]).collect();
        run(&arguments).ended_with(1);
    }
}

#[test]
fn faults_in_a_scenario_are_shown_with_their_line() {
    let folder = with_storm();
    let cases = [
        ("on: store, set", "on: stoer, set", "stoer", "there are: store"),
        ("length: 60s", "length: soon", "`soon` is no length of time", "30s"),
        ("holds: {after: 0.99}", "hold: {after: 0.99}", "`hold`", "holds"),
        ("visit: {station: store", "visit: {station: shop", "there is no station `shop`", "there are: store"),
    ];
    for (right, wrong, what, help) in cases {
        let text = STORM.replacen(right, wrong, 1);
        std::fs::write(folder.path().join("bad.yaml"), &text).expect("written");
        let word = if what.contains('`') { what.split('`').nth(1).expect("a word") } else { what };
        let line = text.lines().position(|l| l.contains(word)).expect("the fault") + 1;
        let why = loadcase(&["simulate", "--scenario", "bad.yaml"]).inside(folder.path()).end().refused();
        assert!(why.contains(&format!("bad.yaml:{line}:")), "{why}");
        assert!(why.contains(what) && why.contains(help) && why.contains('^'), "{why}");
    }
    let unknown = loadcase(&["simulate", "--scenario", "flash-crow"]).end().ended_with(2);
    assert!(unknown.err.contains("did you mean `flash-crowd`?"), "{}", unknown.err);
    let alone =
        loadcase(&["simulate", "--scenario", "flash-crowd"]).inside(folder.path()).end().ended_with(2);
    assert!(alone.err.contains("there is no blueprint.yaml"), "{}", alone.err);
}

#[test]
fn an_interrupt_gives_what_there_is() {
    let folder = with_storm();
    let steady = STORM.replace("id: storm\nname: Storm", "id: calm\nname: Calm").replace("up: 0", "up: 1");
    std::fs::write(folder.path().join("calm.yaml"), steady).expect("written");
    let child = Command::new(env!("CARGO_BIN_EXE_loadcase"))
        .args(["simulate", "--scenario", "calm.yaml", "--scenario", "storm.yaml", "--replications", "10000"])
        .current_dir(folder.path())
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    std::thread::sleep(Duration::from_millis(2500));
    let begun = Instant::now();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success(), "it was still running");
    let output = child.wait_with_output().expect("it ends");
    assert!(begun.elapsed() < Duration::from_secs(60), "it stops soon");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("PARTIAL"), "{text}");
    assert!(text.contains("Calm"), "what ran is told: {text}");
    assert_eq!(output.status.code(), Some(1), "what was not run is not held");
}

#[test]
fn reports_have_charts_and_every_number_its_letter() {
    let folder = with_storm();
    designed(folder.path());
    let arguments = ["simulate", "--scenario", "steady-peak", "--no-remedies", "--replications", "2"];
    let run = |more: &[&str]| loadcase(&[&arguments[..], more].concat()).inside(folder.path()).end();
    let text = run(&[]);
    assert!(matches!(text.code, Some(0 | 1)), "{}", text.err);
    assert!(
        text.out.contains("Steady peak") && text.out.contains("answered within 500 ms u"),
        "{}",
        text.out
    );
    assert_eq!(untagged_numbers(&run(&["--format", "md"]).out), Vec::<String>::new());
    run(&["--format", "md", "--out", "report"]);
    let report = std::fs::read_to_string(folder.path().join("report/simulation.md")).expect("written");
    assert_eq!(untagged_numbers(&report), Vec::<String>::new());
    let linked: Vec<&str> = report.split("](charts/").skip(1).filter_map(|r| r.split(')').next()).collect();
    assert!(linked.contains(&"load.svg") && linked.len() >= 3, "{linked:?}");
    for chart in linked {
        let svg = std::fs::read_to_string(folder.path().join("report/charts").join(chart))
            .expect("linked charts exist");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{chart}");
    }
    run(&["--format", "html", "--out", "page.html"]);
    let page = std::fs::read_to_string(folder.path().join("page.html")).expect("written");
    assert!(
        page.contains("<svg ") && !page.contains("<script") && !page.contains("href=\"http"),
        "self-contained"
    );
    let found = json(&run(&["--format", "json"]));
    assert_eq!(json_numbers_without_origin(&found), Vec::<String>::new());
    assert!(found["curve"]["formula"].as_array().is_some_and(|p| p.len() > 10));
}

#[test]
fn a_design_tells_what_simulation_says_of_it_and_draws_it() {
    let folder = tempfile::tempdir().expect("a folder");
    designed(folder.path());
    let scaling = std::fs::read_to_string(folder.path().join("docs/backend/scaling.md")).expect("written");
    assert!(scaling.contains("## Simulated beside the forecast"), "{scaling}");
    assert!(scaling.contains("](charts/load.svg)"), "{scaling}");
    assert!(folder.path().join("docs/backend/charts/load.svg").is_file());
    let arguments = ["design", "--no-input", "--format", "json", "brief.yaml"];
    let run = || loadcase(&arguments).inside(folder.path()).end().out;
    let (first, second) = (run(), run());
    assert_eq!(first, second, "the budget counts events, not time");
    let design: Value = serde_json::from_str(&first).expect("JSON");
    let overall = &design["simulated"]["overall"];
    let (formula, simulated) = (&overall["formula"]["value"], &overall["simulated"]["value"]);
    let apart = formula.as_f64().expect("a number") / simulated.as_f64().expect("a number") - 1.0;
    assert!((apart - overall["apart"]["value"].as_f64().expect("a number")).abs() < 1e-9);
    assert_eq!(formula, &design["forecasts"]["later"]["latency"]["p95"]["value"]);
}

#[test]
fn what_if_says_what_a_fresh_forecast_says() {
    let folder = tempfile::tempdir().expect("a folder");
    designed(folder.path());
    let changed = |changes: &[&str]| {
        let arguments = [&["what-if", "docs/backend"], changes, &["--format", "json"]].concat();
        json(&loadcase(&arguments).inside(folder.path()).end().fine())
    };
    let number = |found: &Value, name: &str, horizon: &str| {
        let numbers = found["numbers"].as_array().expect("a list").clone();
        let one = numbers.iter().find(|n| n["name"] == name && n["horizon"] == horizon).cloned();
        one.unwrap_or_else(|| panic!("{name} {horizon}: {found}"))
    };
    // Of an element: the same as the blueprint edited by hand.
    let found = changed(&["app.copies=+3"]);
    assert_eq!(json_numbers_without_origin(&found), Vec::<String>::new());
    assert_eq!(found["redesigned"], false);
    let path = folder.path().join("docs/backend/blueprint.yaml");
    let text = std::fs::read_to_string(&path).expect("written");
    let (head, tail) = text.split_at(text.find("\n  app:").expect("an application"));
    let before: u32 =
        tail.lines().find_map(|l| l.trim().strip_prefix("replicas: ")?.parse().ok()).expect("copies");
    let edited = tail.replacen(&format!("replicas: {before}"), &format!("replicas: {}", before + 3), 1);
    let fresh =
        loadcase(&["forecast", "--format", "json", "-"]).given(format!("{head}{edited}")).end().fine();
    let later = &json(&fresh)[1];
    let busy = number(&found, "application-busy", "later");
    assert_eq!(busy["after"]["value"], later["stations"]["app"]["utilisation"]["value"]);
    // What it cost before is what the design says, which knows the peak and the answers of its brief.
    let design = json(
        &loadcase(&["design", "--no-input", "--format", "json", "brief.yaml"]).inside(folder.path()).end(),
    );
    let cost = number(&found, "monthly-cost", "later");
    let (told, own) = (&cost["before"]["value"], &design["forecasts"]["later"]["cost_total"]["value"]);
    let (told, own) = (told.as_f64().expect("a number"), own.as_f64().expect("a number"));
    assert!((told - own).abs() < 1e-6 * own, "{told} against {own}");
    // Of an input: the same as a design of the changed brief.
    let found = changed(&["monthly-users=400k"]);
    assert_eq!(found["redesigned"], true);
    let other = BRIEF.replace("monthly-users: 20000", "monthly-users: 400k");
    let fresh = loadcase(&["design", "--no-input", "--format", "json", "-"]).given(other).end();
    let design = json(&fresh);
    for (horizon, forecast) in [("now", "now"), ("later", "later")] {
        let told = number(&found, "arrivals", horizon)["after"]["value"].as_f64().expect("a number");
        let wanted = design["forecasts"][forecast]["arrivals"]["value"].as_f64().expect("a number");
        assert!((told - wanted).abs() < 1e-9 * wanted, "{horizon}: {told} against {wanted}");
    }
    // Words people use mean the same inputs.
    assert_eq!(changed(&["users=400k"])["numbers"], found["numbers"]);
    assert_eq!(changed(&["team=20"])["changes"][0]["what"], "engineers");
}

#[test]
fn a_number_said_of_each_is_changed_for_each_or_for_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let brief = "A SaaS for project management with 300 customers of 40 users each, team of 5";
    loadcase(&["design", "--no-input", "--out", "docs", "-"]).inside(folder.path()).given(brief).end();
    let now = |change: &str| {
        let found = json(
            &loadcase(&["what-if", "docs", change, "--format", "json"]).inside(folder.path()).end().fine(),
        );
        found["changes"][0]["after"]["value"].as_f64().expect("a number")
    };
    let is =
        |change: &str, wanted: f64| assert!((now(change) - wanted).abs() < 1e-6, "{change}: {}", now(change));
    is("users=60", 300.0 * 60.0);
    is("users=20000", 20_000.0);
    is("customers=600", 600.0);
}

#[test]
fn changes_that_mean_nothing_are_refused_with_what_there_is() {
    let folder = tempfile::tempdir().expect("a folder");
    designed(folder.path());
    let cases = [
        ("appp.copies=3", "did you mean `app`?"),
        ("monthly-userz=3", "did you mean `monthly-users`?"),
        ("app.copis=3", "app.copies"),
        ("app.copies=many", "`many` is no value"),
        ("app.copies=0", "above zero"),
        ("app", "is no change"),
        ("store=off", "cannot be left out"),
        ("client.retries=0", "loadcase simulate"),
        ("orders-per-day=500", "no rate of anything"),
        ("availability=200%", "availability"),
    ];
    for (change, told) in cases {
        let ended = loadcase(&["what-if", "docs/backend", change]).inside(folder.path()).end().ended_with(2);
        assert!(ended.err.contains(told), "{change}: {}", ended.err);
        assert_eq!(ended.out, "", "{change}");
    }
    std::fs::remove_file(folder.path().join("docs/backend/brief.json")).expect("removed");
    let ended = loadcase(&["what-if", "users=5M"]).inside(folder.path()).end().ended_with(2);
    assert!(ended.err.contains("none lies beside the blueprint"), "{}", ended.err);
}

#[test]
fn a_blueprint_against_itself_is_neither_better_nor_worse() {
    let folder = tempfile::tempdir().expect("a folder");
    designed(folder.path());
    let run = |b: &str| {
        let arguments = [
            "compare",
            "docs/backend",
            b,
            "--scenario",
            "steady-peak",
            "--replications",
            "3",
            "--format",
            "json",
        ];
        json(&loadcase(&arguments).inside(folder.path()).end().fine())
    };
    let same = run("docs/backend");
    assert_eq!(json_numbers_without_origin(&same), Vec::<String>::new());
    for measure in same["scenarios"][0]["measures"].as_array().expect("a list") {
        assert_eq!(measure["difference"]["value"].as_f64(), Some(0.0), "{measure}");
        assert_eq!(measure["better"], "neither");
    }
    // A slower machine is slower, and the same random numbers show it in few runs.
    let text = std::fs::read_to_string(folder.path().join("docs/backend/blueprint.yaml")).expect("written");
    std::fs::write(folder.path().join("slow.yaml"), text.replace("cpu_ms: ", "cpu_ms: 1")).expect("written");
    let slower = run("slow.yaml");
    let p95 = slower["scenarios"][0]["measures"]
        .as_array()
        .and_then(|m| m.iter().find(|m| m["measure"] == "p95 response time"))
        .expect("a measure");
    assert!(p95["difference"]["value"].as_f64().expect("a number") > 0.0, "{p95}");
}
