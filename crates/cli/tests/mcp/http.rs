//! The server over HTTP: who is let in, and what unkind connections do to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::wire::binary;

pub(crate) const TOKEN: &str = "a-token-of-the-tests-0123456789";

/// A server on a free port.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
    address: SocketAddr,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn served(options: &[&str]) -> Served {
    let mut child = Command::new(binary())
        .args(["mcp", "--no-state", "--today", "2026-11-23", "--http", "127.0.0.1:0"])
        .args(options)
        .env("LOADCASE_MCP_TOKEN", TOKEN)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let mut url = String::new();
    BufReader::new(child.stdout.take().expect("an output")).read_line(&mut url).expect("an address");
    let url = url.trim().to_owned();
    let address = url.strip_prefix("http://").and_then(|u| u.strip_suffix("/mcp")).expect("an address");
    let address = address.parse().expect("an address");
    Served { child, url, address }
}

impl Served {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends a request and returns status and body; `headers` come on top of those a client sends.
    fn post(&self, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut all = vec![
            ("Host", "localhost"),
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
            ("Connection", "close"),
        ];
        all.retain(|(name, _)| !headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
        all.extend(headers);
        let head: String = all.iter().map(|(n, v)| format!("{n}: {v}\r\n")).collect();
        let mut stream = self.connect();
        write!(stream, "POST /mcp HTTP/1.1\r\n{head}Content-Length: {}\r\n\r\n{body}", body.len())
            .expect("sent");
        answer(&mut stream)
    }

    fn allowed(&self, message: &Value) -> (u16, String) {
        let token = format!("Bearer {TOKEN}");
        let mut headers = vec![("Authorization", token.as_str())];
        let method = message["method"].as_str().unwrap_or_default();
        let version = message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].as_str();
        let name = message["params"]["name"].as_str();
        if let Some(version) = version {
            headers.extend([("MCP-Protocol-Version", version), ("Mcp-Method", method)]);
            headers.extend(name.map(|n| ("Mcp-Name", n)));
        }
        self.post(&headers, &message.to_string())
    }
}

fn answer(stream: &mut TcpStream) -> (u16, String) {
    let mut text = String::new();
    let _ = stream.read_to_string(&mut text);
    let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    (status, text.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
}

fn list() -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}).to_string()
}

#[test]
fn both_generations_are_served_without_sessions() {
    let served = served(&[]);
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}});
    let (status, body) = served.allowed(&hello);
    assert!(status == 200 && body.contains("2025-11-25"), "{status} {body}");
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call",
        "params": {"name": "explain", "arguments": {"topic": "p99"}}});
    let (status, body) = served.allowed(&call);
    assert!(status == 200 && body.contains("structuredContent"), "{status} {body}");
    let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}});
    let found = json!({"jsonrpc": "2.0", "id": 3, "method": "server/discover", "params": {"_meta": meta}});
    let (status, body) = served.allowed(&found);
    assert!(status == 200 && body.contains("supportedVersions"), "{status} {body}");
    let call = json!({"jsonrpc": "2.0", "id": 4, "method": "tools/call",
        "params": {"name": "explain", "arguments": {"topic": "p99"}, "_meta": meta}});
    let (status, body) = served.allowed(&call);
    assert!(status == 200 && body.contains("\"resultType\":\"complete\""), "{status} {body}");
}

#[test]
fn only_callers_of_this_machine_with_the_token_are_let_in() {
    let served = served(&["--allow-origin", "https://desk.test"]);
    let token = format!("Bearer {TOKEN}");
    let token = ("Authorization", token.as_str());
    assert_eq!(served.post(&[token], &list()).0, 200);
    assert_eq!(served.post(&[token, ("Origin", "http://localhost:6274")], &list()).0, 200);
    assert_eq!(served.post(&[token, ("Origin", "https://desk.test")], &list()).0, 200);
    for (headers, status) in [
        (vec![], 401),
        (vec![("Authorization", "Bearer wrong-token-of-the-right-len")], 401),
        (vec![("Authorization", "Basic YTpi")], 401),
        (vec![token, ("Host", "evil.test")], 403),
        (vec![token, ("Host", "localhost.evil.test")], 403),
        (vec![token, ("Origin", "https://evil.test")], 403),
        (vec![token, ("Origin", "null")], 403),
    ] {
        let (got, body) = served.post(&headers, &list());
        assert_eq!(got, status, "{headers:?}: {body}");
        assert!(!body.contains(TOKEN));
    }
    let mut stream = served.connect();
    write!(stream, "GET /secret HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(answer(&mut stream).0, 404);
}

#[test]
fn bad_bodies_are_refused() {
    let served = served(&[]);
    let token = format!("Bearer {TOKEN}");
    let token = ("Authorization", token.as_str());
    let (status, _) = served.post(&[token], "not json");
    assert!((400..500).contains(&status), "{status}");
    let (status, _) = served.post(&[token, ("Content-Type", "text/plain")], &list());
    assert!((400..500).contains(&status), "{status}");
    let (status, _) = served.post(&[token], &"x".repeat(5 * 1024 * 1024));
    assert!(status == 413 || status == 0, "{status}");
    assert_eq!(served.post(&[token], &list()).0, 200);
}

#[test]
fn half_open_connections_do_not_keep_others_out() {
    let served = served(&[]);
    let open: Vec<TcpStream> = (0..30)
        .map(|n| {
            let mut stream = served.connect();
            let _ = if n % 2 == 0 {
                write!(stream, "POST /mcp HTTP/1.1\r\nHost: local")
            } else {
                write!(stream, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 100\r\n\r\n{{")
            };
            stream
        })
        .collect();
    let start = Instant::now();
    let token = format!("Bearer {TOKEN}");
    assert_eq!(served.post(&[("Authorization", &token)], &list()).0, 200);
    assert!(start.elapsed() < Duration::from_secs(5));
    drop(open);
}

#[test]
fn other_addresses_and_short_tokens_are_refused_at_once() {
    for (address, token, told) in [
        ("0.0.0.0:0", TOKEN, "loopback"),
        ("192.0.2.1:80", TOKEN, "loopback"),
        ("127.0.0.1:0", "short", "token"),
    ] {
        let output = Command::new(binary())
            .args(["mcp", "--no-state", "--http", address])
            .env("LOADCASE_MCP_TOKEN", token)
            .output()
            .expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{said}");
    }
}
