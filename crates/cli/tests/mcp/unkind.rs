//! Documentation servers that are dead, slow, endless, lying or malformed: a clear line, in time, and the answer without
//! them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::clients::finished;
use crate::wire::binary;

/// Longest time for any of it: the limit given, and a moment.
const LIMIT: &str = "4";
const MOMENT: Duration = Duration::from_secs(12);

struct Told {
    out: String,
    err: String,
    code: Option<i32>,
}

fn told(server: &serde_json::Value, arguments: &[&str]) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(".mcp.json"), json!({"mcpServers": {"bad": server}}).to_string())
        .expect("written");
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(folder.path());
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    let start = Instant::now();
    let output = finished(command, Duration::from_secs(60));
    assert!(start.elapsed() < MOMENT, "{server}: {:?}", start.elapsed());
    Told {
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    }
}

fn check(server: &serde_json::Value) {
    let docs = told(server, &["docs", "redis", "--server", "bad", "--timeout", LIMIT, "--about", "versions"]);
    assert_eq!(docs.code, Some(5), "{server}: {}", docs.err);
    assert!(docs.out.is_empty() && docs.err.contains("bad cannot be asked: "), "{server}: {}", docs.err);
    assert!(docs.err.lines().all(|l| l.len() < 500), "{server}: {}", docs.err);
    assert!(!docs.err.contains("rmcp") && !docs.err.contains("Transport"), "names of types: {}", docs.err);
    assert!(!docs.err.contains('\u{1b}'), "{:?}", docs.err);
}

/// A server on a port that answers every connection with these bytes.
fn speaking(bytes: Vec<u8>, endless: bool) -> serde_json::Value {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let bytes = bytes.clone();
            std::thread::spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(1)));
                let mut buffer = [0; 16_384];
                let _ = stream.read(&mut buffer);
                while stream.write_all(&bytes).is_ok() && endless {}
                if bytes.is_empty() {
                    std::thread::sleep(Duration::from_secs(30));
                }
            });
        }
    });
    json!({"type": "http", "url": url})
}

fn response(kind: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").into_bytes()
}

#[test]
fn dead_programs() {
    check(&json!({"command": "/no/such/program"}));
    check(&json!({"command": "false"}));
    check(&json!({"command": "true"}));
}

#[cfg(unix)]
#[test]
fn programs_that_speak_nonsense_or_nothing() {
    let shell = |script: &str| json!({"command": "sh", "args": ["-c", script]});
    check(&shell("cat > /dev/null"));
    check(&shell("sleep 60"));
    check(&shell("yes"));
    check(&shell("cat /dev/zero"));
    check(&shell("echo not json; cat > /dev/null"));
    check(&shell("while read line; do echo '{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{}}'; done"));
    check(&shell(
        "while read line; do echo '{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32601,\"message\":\"\\u001b[2Jno\"}}'; done",
    ));
}

#[cfg(unix)]
#[test]
fn what_a_program_started_ends_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let mark = folder.path().join("pid");
    let script = format!("sleep 47 & echo $! > {}; wait", mark.display());
    check(&json!({"command": "sh", "args": ["-c", script]}));
    let id = std::fs::read_to_string(mark).expect("written");
    let state = || std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
    let gone = || state().is_empty() || state().contains(") Z ");
    for _ in 0..50 {
        if gone() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("process {id} still runs");
}

#[test]
fn addresses_that_are_dead_slow_endless_or_malformed() {
    check(&json!({"url": "http://127.0.0.1:9/mcp"}));
    check(&json!({"url": "no address"}));
    check(&speaking(Vec::new(), false));
    check(&speaking(b"not HTTP at all\r\n\r\n".to_vec(), false));
    check(&speaking(response("application/json", "{"), false));
    check(&speaking(response("text/html", "<html>"), false));
    check(&speaking(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/elsewhere\r\nContent-Length: 0\r\n\r\n".to_vec(),
        false,
    ));
    check(&speaking(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n".to_vec(), false));
    let mut endless = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n".to_vec();
    endless.extend(vec![b'x'; 65_536]);
    check(&speaking(endless, true));
    let huge = format!("{{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"{}\"}}", "x".repeat(5_000_000));
    check(&speaking(response("application/json", &huge), false));
}

#[test]
fn a_design_is_made_without_them() {
    let bad = json!({"command": "false"});
    let design = told(
        &bad,
        &["design", "--no-input", "--docs=bad", "--docs-timeout", LIMIT, "A blog, 500 readers a day"],
    );
    assert_eq!(design.code, Some(0), "{}", design.err);
    assert!(design.out.contains("ANSWER"));
    assert!(design.err.contains("the answer stands without it"), "{}", design.err);
}

#[test]
fn unknown_servers_and_missing_variables_are_named_and_secrets_are_not() {
    let server = json!({"command": "false", "env": {"KEY": "${NO_SUCH_VARIABLE_OF_LOADCASE}"}});
    let missing = told(&server, &["docs", "redis", "--server", "bad"]);
    assert_eq!(missing.code, Some(2));
    assert!(missing.err.contains("NO_SUCH_VARIABLE_OF_LOADCASE"), "{}", missing.err);
    let unknown = told(&server, &["docs", "redis", "--server", "worse"]);
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("bad and context7"), "{}", unknown.err);
}
