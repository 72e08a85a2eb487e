//! A server on the other end of two pipes, with time limits on everything.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longest wait for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The binary under test.
pub(crate) fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_loadcase")
}

/// A path below the workspace.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path).canonicalize().expect("it is there")
}

/// A running server.
pub(crate) struct Wire {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    next: u64,
    /// Everything that went over the wire, in order, with its direction.
    pub(crate) seen: Vec<(&'static str, Value)>,
    modern: bool,
}

/// A server with these options that has not been spoken to.
pub(crate) fn silent(options: &[&str]) -> Wire {
    let mut child = Command::new(binary())
        .args(["mcp", "--today", "2026-11-23"])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the server starts");
    let (sender, lines) = channel();
    let output = child.stdout.take().expect("an output");
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let input = child.stdin.take();
    Wire { child, input, lines, next: 1, seen: Vec::new(), modern: false }
}

/// A server greeted the older way, by a client with these capabilities.
pub(crate) fn greeted(options: &[&str], capabilities: Value) -> Wire {
    let mut wire = silent(options);
    let hello = json!({"protocolVersion": "2025-11-25", "capabilities": capabilities,
        "clientInfo": {"name": "test", "version": "0"}});
    let answer = wire.ask("initialize", hello);
    assert_eq!(answer["result"]["protocolVersion"], "2025-11-25", "{answer}");
    wire.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    wire
}

/// A server spoken to the newer way: every request carries what it needs.
pub(crate) fn modern(options: &[&str]) -> Wire {
    let mut wire = silent(options);
    wire.modern = true;
    wire
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Wire {
    /// Sends a message.
    pub(crate) fn send(&mut self, message: &Value) {
        self.seen.push(("client", message.clone()));
        self.raw(&message.to_string());
    }

    /// Sends a line as it is.
    pub(crate) fn raw(&mut self, line: &str) {
        let input = self.input.as_mut().expect("open");
        writeln!(input, "{line}").and_then(|()| input.flush()).expect("the server reads");
    }

    /// The next message of the server.
    pub(crate) fn receive(&mut self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("the server answers in time");
        let message: Value = serde_json::from_str(&line).expect("only messages on standard output");
        self.seen.push(("server", message.clone()));
        message
    }

    /// The next message, when one comes this soon.
    pub(crate) fn within(&mut self, time: Duration) -> Option<Value> {
        let line = self.lines.recv_timeout(time).ok()?;
        Some(serde_json::from_str(&line).expect("only messages on standard output"))
    }

    /// Sends a request and returns its identifier.
    pub(crate) fn request(&mut self, method: &str, mut params: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        if self.modern {
            params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
            if params["_meta"]["io.modelcontextprotocol/clientCapabilities"].is_null() {
                params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
            }
        }
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// The answer to a request; what else comes before it is kept in `seen`.
    pub(crate) fn answer(&mut self, id: u64) -> Value {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
        panic!("no answer to {id}");
    }

    /// A request and its answer.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.answer(id)
    }

    /// Calls a tool and returns the result.
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({"name": tool, "arguments": arguments}));
        assert!(answer.get("error").is_none(), "{tool}: {answer}");
        answer["result"].clone()
    }

    /// Closes the server's input and returns how it ended.
    pub(crate) fn close(mut self) -> ExitStatus {
        drop(self.input.take());
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(start.elapsed() < Duration::from_secs(10), "the server does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The text of a result.
pub(crate) fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().expect("a text")
}
