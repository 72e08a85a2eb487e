//! The official clients against `loadcase mcp`: what they see, and that they find no fault.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{TOKEN, served};
use crate::wire::binary;

const NPM: &str = include_str!("package.json");
const PIP: &str = include_str!("requirements.txt");

/// The folder of this module's files.
pub(crate) fn here(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mcp/clients").join(name).display().to_string()
}

/// Runs a program that must end in time.
pub(crate) fn finished(mut command: Command, time: Duration) -> Output {
    use std::process::Stdio;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let id = child.id();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let read = |mut pipe: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            bytes
        })
    };
    let (out, err) = (read(Box::new(out)), read(Box::new(err)));
    let start = std::time::Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        if start.elapsed() > time {
            let _ = child.kill();
            panic!("process {id} did not end within {time:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Output { status, stdout: out.join().unwrap(), stderr: err.join().unwrap() }
}

/// A folder of installed things that later runs use again: named after what is in it, complete when marked so.
fn installed(what: &str, list: &str, install: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let name = format!("mcp-{what}-{}", &blake3::hash(list.as_bytes()).to_hex()[..8]);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mark = folder.join("complete");
    if mark.is_file() {
        return Some(folder);
    }
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).ok()?;
    if !install(&folder) {
        return None;
    }
    std::fs::write(mark, "").ok()?;
    Some(folder)
}

/// Runs a program of the system quietly; whether it went well.
fn quiet(command: &mut Command) -> bool {
    command.output().is_ok_and(|o| o.status.success())
}

/// The packages of package.json, or a line that says why not.
pub(crate) fn packages() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let found = installed("npm", NPM, |folder| {
                std::fs::write(folder.join("package.json"), NPM).is_ok()
                    && quiet(
                        Command::new("npm")
                            .args([
                                "install",
                                "--no-package-lock",
                                "--ignore-scripts",
                                "--no-audit",
                                "--no-fund",
                            ])
                            .current_dir(folder),
                    )
            });
            if found.is_none() {
                eprintln!(
                    "SKIPPED: the packages of npm could not be installed: clients of JavaScript are not tried"
                );
            }
            found
        })
        .clone()
}

/// A Python with the SDK, or a line that says why not.
pub(crate) fn python() -> Option<PathBuf> {
    let found = installed("python", PIP, |folder| {
        let tool = folder.join("bin/pip");
        quiet(Command::new("python3").args(["-m", "venv"]).arg(folder))
            && quiet(
                Command::new(tool)
                    .args(["install", "--quiet", "--disable-pip-version-check"])
                    .args(PIP.split_whitespace()),
            )
    });
    if found.is_none() {
        eprintln!("SKIPPED: the Python SDK could not be installed: it is not tried");
    }
    found.map(|f| f.join("bin/python"))
}

fn seen(output: &Output) -> Value {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    serde_json::from_str(out.lines().last().unwrap_or_default())
        .unwrap_or_else(|e| panic!("{e}: {out}\n{err}"))
}

fn check(who: &str, seen: &Value) {
    assert_eq!(seen["server"], "loadcase", "{who}: {seen}");
    let tools = seen["tools"].as_array().expect("tools");
    assert!(tools.contains(&json!("design")) && tools.len() <= 8, "{who}: {tools:?}");
    assert_eq!(seen["prompts"].as_array().map(Vec::len), Some(3), "{who}");
    assert!(seen["report"].as_str().is_some_and(|r| r.starts_with("# ")), "{who}: {seen}");
    assert_eq!(seen["refused"], true, "{who}");
}

#[test]
fn the_python_sdk_finds_no_fault() {
    let Some(python) = python() else { return };
    let mut command = Command::new(python);
    command.arg(here("python.py")).arg(binary());
    let seen = seen(&finished(command, Duration::from_secs(120)));
    assert_eq!(seen["auto"]["protocol"], "2026-07-28");
    assert_eq!(seen["legacy"]["protocol"], "2025-11-25");
    for mode in ["auto", "legacy"] {
        check(mode, &seen[mode]);
        assert!(seen[mode]["progress"].as_array().is_some_and(|p| p.len() >= 2), "{mode}: {}", seen[mode]);
        assert_eq!(seen[mode]["explained"][0], "Why", "{mode}");
    }
}

#[test]
fn both_lines_of_the_typescript_sdk_find_no_fault() {
    let Some(folder) = packages() else { return };
    let served = served(&[]);
    let mut command = Command::new("node");
    command.arg(here("typescript.mjs")).args([binary(), &served.url, TOKEN]).current_dir(folder);
    let seen = seen(&finished(command, Duration::from_secs(180)));
    for (who, seen) in seen.as_object().expect("clients") {
        check(who, seen);
    }
    assert_eq!(seen.as_object().map(serde_json::Map::len), Some(5));
}

#[test]
fn the_inspector_lists_and_calls() {
    let Some(folder) = packages() else { return };
    let inspector =
        folder.join("node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js");
    let run = |arguments: &[&str]| {
        let mut command = Command::new("node");
        command.arg(&inspector).arg("--cli").arg(binary()).args(["mcp", "--no-state"]).args(arguments);
        command.env("HOME", &folder);
        let output = finished(command, Duration::from_secs(60));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), serde_json::from_str::<Value>(&text).unwrap_or(Value::Null), text + &why)
    };
    let (code, listed, said) = run(&["--method", "tools/list", "--strict"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(listed["tools"].as_array().is_some_and(|t| t.len() >= 6), "{said}");
    let call = ["--method", "tools/call", "--tool-name", "explain", "--tool-arg", "topic=p99"];
    let (code, called, said) = run(&call);
    assert_eq!(code, Some(0), "{said}");
    assert!(called["content"][0]["text"].as_str().is_some_and(|t| t.contains("percentile")), "{said}");
}

/// A relay that adds the token; it ends with this value.
struct Relay {
    child: std::process::Child,
    url: String,
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn relay(url: &str) -> Relay {
    use std::io::BufRead;
    use std::process::Stdio;
    let mut child = Command::new("node")
        .arg(here("relay.mjs"))
        .args([url, TOKEN])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).expect("an address");
    Relay { child, url: line.trim().to_owned() }
}

#[test]
fn the_conformance_suite_finds_no_fault_with_what_is_offered() {
    let Some(folder) = packages() else { return };
    let suite = folder.join("node_modules/@modelcontextprotocol/conformance/dist/index.js");
    let served = served(&[]);
    let relay = relay(&served.url);
    // The other scenarios need tools, resources and prompts made for the suite.
    for scenario in [
        "server-initialize",
        "ping",
        "tools-list",
        "resources-list",
        "prompts-list",
        "dns-rebinding-protection",
    ] {
        let mut command = Command::new("node");
        command
            .arg(&suite)
            .args(["server", "--url", &relay.url, "--scenario", scenario])
            .current_dir(&folder);
        let output = finished(command, Duration::from_secs(60));
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && !out.contains("FAILURE"),
            "{scenario}: {out}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
