//! What starting costs: `cargo bench -p loadcase-cli --bench start`. Whole processes, wall time, medians; the ratio is
//! to the goal where there is one, and to the cheapest of all otherwise, so that it holds on machines of other speed.
#![allow(clippy::print_stdout, reason = "a table is what it is for")]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs of each, after one that is not counted.
const RUNS: usize = 21;
/// Packages of the lock file.
const PACKAGES: usize = 500;
/// Packages that people know, so that lifecycles and advisories are looked up as in life.
const KNOWN: [(&str, &str); 6] = [
    ("express", "4.17.1"),
    ("next", "13.4.0"),
    ("lodash", "4.17.20"),
    ("react", "17.0.2"),
    ("fastify", "4.28.0"),
    ("axios", "0.21.0"),
];

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    lock_file(folder.path());
    let path = folder.path().to_str().expect("plain");
    let version = command(&["--version"]);
    println!("Start-up, medians of {RUNS} runs");
    println!("{:44} {:>9} {:>9} {:>9} {:>9}", "", "ms", "fastest", "goal, ms", "ratio");
    let row = |name: &str, goal: Option<f64>, run: &dyn Fn() -> Duration| {
        let (median, fastest) = times(run);
        let to = goal.unwrap_or(version);
        let goal = goal.map_or_else(|| "-".to_owned(), |g| format!("{g:.0}"));
        println!("{name:44} {median:9.1} {fastest:9.1} {goal:>9} {:9.2}", median / to);
    };
    let whole = |arguments: &'static [&'static str]| move || started(arguments);
    row("loadcase --version", None, &whole(&["--version"]));
    row("loadcase rules", None, &whole(&["rules"]));
    row("loadcase explain sla", None, &whole(&["explain", "sla"]));
    row("loadcase mcp, to the first listing", None, &|| first_answer(LIST));
    row("loadcase mcp, to the first answer of a tool", Some(50.0), &|| first_answer(EXPLAIN));
    row(&format!("loadcase verify, {PACKAGES} dependencies"), Some(300.0), &|| started(&["verify", path]));
}

/// Median in ms of a command that needs nothing.
fn command(arguments: &[&str]) -> f64 {
    times(&|| started(arguments)).0
}

/// Median and least, ms.
fn times(run: &dyn Fn() -> Duration) -> (f64, f64) {
    run();
    let mut all: Vec<f64> = (0..RUNS).map(|_| run().as_secs_f64() * 1e3).collect();
    all.sort_by(f64::total_cmp);
    (all[RUNS / 2], all[0])
}

fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadcase"));
    command.env("LOADCASE_TODAY", "2026-11-23").stderr(Stdio::null());
    command
}

/// From start to end.
fn started(arguments: &[&str]) -> Duration {
    let start = Instant::now();
    let status = binary().args(arguments).stdout(Stdio::null()).status().expect("it starts");
    // Findings are no failure here.
    assert!(matches!(status.code(), Some(0 | 1)), "{arguments:?}: {status}");
    start.elapsed()
}

const HELLO: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"0"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
"#;
const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}"#;
const EXPLAIN: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"explain","arguments":{"topic":"sla"}}}"#;

/// From the start of the server to its answer to the first request after the greeting.
fn first_answer(request: &str) -> Duration {
    let start = Instant::now();
    let mut server = binary()
        .args(["mcp", "--no-state"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = server.stdin.take().expect("an input");
    let output = server.stdout.take().expect("an output");
    writeln!(input, "{HELLO}{request}").expect("it reads");
    let answered = BufReader::new(output)
        .lines()
        .map_while(Result::ok)
        .find(|line| line.contains("\"id\":1"))
        .expect("an answer");
    let took = start.elapsed();
    assert!(answered.contains("\"result\""), "{answered}");
    drop(input);
    server.wait().expect("it ends");
    took
}

/// A project with a lock file of many packages, a tenth of them asked for by the manifest.
fn lock_file(folder: &Path) {
    let package = |i: usize| match KNOWN.get(i) {
        Some((name, version)) => ((*name).to_owned(), (*version).to_owned()),
        None => (format!("part-{i:03}"), format!("{}.{}.{}", 1 + i % 7, i % 11, i % 5)),
    };
    let mut direct = Vec::new();
    let mut locked = String::new();
    for i in 0..PACKAGES {
        let (name, version) = package(i);
        if i < PACKAGES / 10 {
            direct.push(format!("\"{name}\": \"^{version}\""));
        }
        write!(
            locked,
            ",\n    \"node_modules/{name}\": {{\n      \"version\": \"{version}\",\n      \"license\": \"MIT\",\n      \"engines\": {{ \"node\": \">=14\" }}\n    }}"
        )
        .expect("memory");
    }
    let direct = direct.join(", ");
    let manifest =
        format!("{{\"name\": \"shop\", \"version\": \"1.0.0\", \"dependencies\": {{{direct}}}}}\n");
    let lock = format!(
        "{{\n  \"name\": \"shop\",\n  \"version\": \"1.0.0\",\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n    \"\": {{\"name\": \"shop\", \"dependencies\": {{{direct}}}}}{locked}\n  }}\n}}\n"
    );
    std::fs::write(folder.join("package.json"), manifest).expect("written");
    std::fs::write(folder.join("package-lock.json"), lock).expect("written");
}
