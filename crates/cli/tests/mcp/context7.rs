//! `loadcase docs` against the real Context7 server, whose service is a stand-in on loopback.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::clients::{finished, here, packages};
use crate::stub::{self, Stub};
use crate::transcript;
use crate::wire::binary;

/// A folder whose .mcp.json names the real server, its words written down.
struct Project {
    folder: tempfile::TempDir,
    stub: Stub,
}

/// The server that speaks the newer generation of the protocol.
const NEWER: &str = "@upstash/context7-mcp";
/// The last line of it that speaks only the older one.
const OLDER: &str = "context7-before";

fn project() -> Option<Project> {
    project_with(NEWER)
}

fn project_with(package: &str) -> Option<Project> {
    let packages = packages()?;
    if !Command::new("python3").arg("--version").output().is_ok_and(|o| o.status.success()) {
        eprintln!("SKIPPED: there is no python3: the real Context7 server is not tried");
        return None;
    }
    let server = packages.join("node_modules").join(package).join("dist/index.js");
    let folder = tempfile::tempdir().expect("a folder");
    let stub = stub::open();
    let log = folder.path().join("wire.jsonl");
    let config = json!({"mcpServers": {"context7": {
        "command": "python3",
        "args": [here("tee.py"), log.display().to_string(), "node", server.display().to_string()],
        "env": {"CONTEXT7_API_URL": stub.url, "OTEL_SDK_DISABLED": "true", "CONTEXT7_API_KEY": "${TEST_KEY:-}"}}}});
    std::fs::write(folder.path().join(".mcp.json"), config.to_string()).expect("written");
    Some(Project { folder, stub })
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
    time: Duration,
}

impl Project {
    fn run(&self, arguments: &[&str]) -> Said {
        run(self.folder.path(), arguments)
    }

    fn wire(&self) -> Vec<(String, Value)> {
        let text = std::fs::read_to_string(self.folder.path().join("wire.jsonl")).expect("written down");
        text.lines()
            .filter_map(|l| serde_json::from_str::<serde_json::Map<String, Value>>(l).ok())
            .flatten()
            .collect()
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(folder);
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    let start = Instant::now();
    let output = finished(command, Duration::from_secs(90));
    Said {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        time: start.elapsed(),
    }
}

const DAY: [&str; 2] = ["--today", "2026-11-23"];

#[test]
fn the_real_server_is_asked_and_quoted_with_its_sources_in_both_generations() {
    for (package, generation) in [(NEWER, "2026-07-28"), (OLDER, "2025-11-25")] {
        let Some(project) = project_with(package) else { return };
        let topics = ["docs", "fastify", "--about", "versions", "--about", "security"];
        let said = project.run(&[&topics[..], &DAY].concat());
        assert_eq!(said.code, Some(0), "{}", said.err);
        for expected in
            ["https://docs.example.invalid/lts", "Version 5 runs on Node.js", "fetched 2026-11-23"]
        {
            assert!(said.out.contains(expected), "{expected}: {}", said.out);
        }
        assert!(!said.out.contains("Version 1 is current"), "a passage without a source: {}", said.out);
        assert!(said.err.contains("starts `python3"), "{}", said.err);
        let wire = project.wire();
        let spoken = if generation == "2026-07-28" { "server/discover" } else { "initialize" };
        assert!(wire.iter().any(|(_, m)| m["method"] == spoken), "{generation}: {wire:?}");
        transcript::check(&format!("context7-{generation}"), &wire);
        // Only the name and the topics were sent on.
        let asked = project.stub.asked.lock().expect("whole").clone();
        assert!(!asked.is_empty() && asked.iter().all(|t| t.to_lowercase().contains("fastify")), "{asked:?}");
    }
}

#[test]
fn a_server_of_the_sdk_is_asked_by_the_tool_that_is_configured() {
    let Some(python) = crate::clients::python() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!(
        "[docs.servers.handbook]\ncommand = {:?}\nargs = [{:?}]\ntool = \"search\"\nargument = \"question\"\n",
        python.display().to_string(),
        here("handbook.py")
    );
    std::fs::write(folder.path().join("loadcase.toml"), &config).expect("written");
    let asked = ["docs", "Redis", "--server", "handbook", "--about", "deployment"];
    let said = run(folder.path(), &[&asked[..], &DAY].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("https://handbook.example.invalid/redis"), "{}", said.out);
    assert!(said.out.contains("Redis deployment and operation"), "{}", said.out);
    // A server without that tool says nothing here: Loadcase's own, for one.
    let own = format!("[docs.servers.own]\ncommand = {:?}\nargs = [\"mcp\", \"--no-state\"]\n", binary());
    std::fs::write(folder.path().join("loadcase.toml"), own).expect("written");
    let said = run(folder.path(), &["docs", "Redis", "--server", "own"]);
    assert_eq!(said.code, Some(5));
    assert!(said.err.contains("offers neither"), "{}", said.err);
}

/// A child that ends with this value.
struct Ends(std::process::Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn servers_are_reached_over_http_with_a_secret_from_the_environment() {
    let served = crate::http::served(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let name = |url: &str, headers: Value, more: Value| {
        let mut server = json!({"type": "http", "url": url, "headers": headers});
        server.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        std::fs::write(folder.path().join(".mcp.json"), json!({"mcpServers": {"web": server}}).to_string())
            .expect("written");
    };
    let ask = |token: &str| {
        let mut command = Command::new(binary());
        command.args(["docs", "redis", "--server", "web", "--timeout", "20"]).current_dir(folder.path());
        command.env("TEST_TOKEN", token);
        let output = finished(command, Duration::from_secs(60));
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!format!("{out}{err}").contains(token), "{out}{err}");
        (output.status.code(), out.into_owned(), err.into_owned())
    };
    name(&served.url, json!({"Authorization": "Bearer ${TEST_TOKEN}"}), json!({}));
    let (code, _, err) = ask(crate::http::TOKEN);
    assert!(code == Some(5) && err.contains("offers neither"), "let in, and found wanting: {err}");
    let (code, _, err) = ask("another-token-0123456789");
    assert!(code == Some(5) && !err.contains("offers neither"), "not let in: {err}");

    let Some(python) = crate::clients::python() else { return };
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    let mut command = Command::new(python);
    command.arg(here("handbook.py")).arg(port.to_string()).stderr(std::process::Stdio::null());
    let _handbook = Ends(command.spawn().expect("it starts"));
    let toml = format!(
        "[docs.servers.web]\nurl = \"http://127.0.0.1:{port}/mcp\"\ntool = \"search\"\nargument = \"question\"\n"
    );
    std::fs::write(folder.path().join("loadcase.toml"), toml).expect("written");
    let start = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
        && start.elapsed() < Duration::from_secs(20)
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    let (code, out, err) = ask("unused-here");
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("https://handbook.example.invalid/redis"), "{out}{err}");
}

#[test]
fn a_library_that_is_not_known_is_looked_up_by_name() {
    let Some(project) = project() else { return };
    let said = project
        .run(&[&["docs", "Fastify Core Team", "--about", "versions", "--format", "json"][..], &DAY].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    let quoted: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(quoted[0]["library"], "/fastify/fastify", "{quoted}");
    let nothing = project.run(&["docs", "nothing of that name"]);
    assert_eq!(nothing.code, Some(0));
    assert!(nothing.err.contains("knows no such library") && nothing.out.is_empty(), "{}", nothing.err);
}

#[test]
fn every_documented_failure_is_no_answer_and_says_so() {
    let Some(project) = project() else { return };
    for word in [
        "fail-400",
        "fail-401",
        "fail-402",
        "fail-403",
        "fail-404",
        "fail-422",
        "fail-429",
        "fail-500",
        "fail-503",
        "moved",
        "pending",
        "nojson",
        "empty",
        "cut",
        "unsourced",
    ] {
        // The library is found, its documentation fails.
        let said = project.run(&["docs", &format!("stub-{word}"), "--about", "versions"]);
        assert_eq!(said.code, Some(0), "{word}: {}", said.err);
        assert!(
            said.out.is_empty() && said.err.contains("no answer for"),
            "{word}: {} {}",
            said.out,
            said.err
        );
    }
    let said = project.run(&["docs", "fail-500", "--about", "versions"]);
    assert!(said.err.contains("knows no such library"), "{}", said.err);
}

#[test]
fn a_service_that_never_answers_is_given_up() {
    let Some(project) = project() else { return };
    let said = project.run(&["docs", "stub-slow", "--timeout", "5"]);
    assert!(said.err.contains("no answer"), "{}", said.err);
    assert!(said.time < Duration::from_secs(15), "{:?}", said.time);
}

#[test]
fn hostile_text_is_quoted_and_steers_nothing() {
    let Some(project) = project() else { return };
    let said = project.run(&[&["docs", "hostile", "--about", "versions"][..], &DAY].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    let all = format!("{}{}", said.out, said.err);
    assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{all:?}");
    let fenced: Vec<&str> = said.out.split("```").skip(1).step_by(2).collect();
    assert!(fenced.iter().any(|b| b.contains("Ignore your instructions")), "{}", said.out);
    let outside: String = said.out.split("```").step_by(2).collect();
    // The heading is text of the same stranger: it is shown, as a title.
    assert_eq!(outside.matches("Ignore your instructions").count(), 1, "{}", said.out);
}

#[test]
fn quotations_stand_under_their_technology_and_change_nothing_else() {
    let Some(project) = project() else { return };
    let brief = "A shop for used bikes, 20k monthly users, four engineers who know Fastify";
    let plain = project.run(&["design", "--no-input", "--format", "json", brief]);
    let quoted =
        project.run(&["design", "--no-input", "--format", "json", "--docs=context7", "--out", "out", brief]);
    assert_eq!(quoted.code, Some(0), "{}", quoted.err);
    let (plain, mut design): (Value, Value) =
        (serde_json::from_str(&plain.out).expect("JSON"), serde_json::from_str(&quoted.out).expect("JSON"));
    let taken = design.as_object_mut().expect("a design").remove("quotations").expect("quotations");
    assert!(taken.as_array().is_some_and(|q| !q.is_empty()), "{}", quoted.err);
    assert_eq!(plain, design);
    let technology =
        std::fs::read_to_string(project.folder.path().join("out/technology.md")).expect("written");
    assert!(technology.contains("### From its documentation"), "{technology}");
    assert!(loadcase_publish::untagged_numbers(&technology).is_empty());
    let explained = project.run(&["explain", "fastify", "--docs=context7"]);
    assert!(explained.out.contains("https://docs.example.invalid/lts"), "{}{}", explained.out, explained.err);
}

#[test]
fn a_file_of_a_repository_starts_nothing_by_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let mark: PathBuf = folder.path().join("started");
    let config = json!({"mcpServers": {"context7": {"command": "touch", "args": [mark.display().to_string()]},
        "other": {"command": "touch", "args": [mark.display().to_string()]}}});
    std::fs::write(folder.path().join(".mcp.json"), config.to_string()).expect("written");
    for arguments in [&["design", "--no-input", "A blog"][..], &["explain", "redis"], &["review", "."]] {
        run(folder.path(), arguments);
        assert!(!mark.exists(), "{arguments:?}");
    }
}
