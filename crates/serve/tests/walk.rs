//! The mock server, asked over a socket what its contract says can be asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::Duration;

use loadcase_model::{Blueprint, yaml};
use loadcase_publish::contracts::{
    Answer, Call, CallKind, Contract, Language, Options, Version, contract, media, openapi, sample, success,
};
use loadcase_serve::{Bounds, CREDENTIALS, Mock, Stop, open};
use serde_json::Value;

struct Server {
    address: SocketAddr,
    contract: Contract,
    document: Value,
    stop: Option<Stop>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start() -> Self {
        let text = include_str!("shop.yaml");
        let blueprint: Blueprint =
            yaml::read(text).unwrap_or_else(|e| panic!("{}", e.one_line("shop.yaml", text)));
        let contract = contract(&blueprint, Options::default());
        let document = openapi(&contract, Version::V31).expect("calls over HTTP");
        let mock = Mock::new(contract.clone()).expect("a contract");
        let bounds = Bounds { body: 65_536, connections: 4, time: Duration::from_secs(5) };
        let mut door = open(mock, 0, bounds).expect("a port");
        let (address, stop) = (door.address(), door.stopper());
        Self { address, contract, document, stop, thread: Some(std::thread::spawn(move || door.run())) }
    }

    fn call(&self, name: &str) -> &Call {
        self.contract.calls.iter().find(|c| c.name == name).unwrap_or_else(|| panic!("no call {name}"))
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        stream.write_all(text.as_bytes()).expect("sent");
        stream.write_all(body).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        Reply::read(&String::from_utf8(answer).expect("text"))
    }

    fn right(&self, method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Reply {
        let csrf = ("X-CSRF-Token", "0123456789abcdef");
        let headers: Vec<(&str, &str)> = CREDENTIALS.iter().chain([&csrf]).chain(more).copied().collect();
        self.ask(method, path, &headers, body)
    }

    /// The path of a call with the first row's values, and the body of its example.
    fn example(&self, call: &Call) -> (String, Vec<u8>) {
        let mut path = call.path.clone();
        for field in &call.path_fields {
            let value = sample(&self.contract, field, 0);
            path = path.replace(&format!("{{{}}}", field.name), value.as_str().expect("text"));
        }
        let needed = call.filters.iter().filter(|f| f.field.required);
        for (n, filter) in needed.enumerate() {
            let value = sample(&self.contract, &filter.field, 0);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            path.push_str(&format!("{}{}={text}", if n == 0 { "?" } else { "&" }, filter.field.name));
        }
        let operation = &self.document["paths"][call.path.as_str()][call.method.to_lowercase()];
        let example = &operation["requestBody"]["content"][media(call)]["example"];
        (path, if example.is_null() { Vec::new() } else { example.to_string().into_bytes() })
    }

    /// Fails unless an answer is what the contract says of its status.
    fn keeps_to_contract(&self, call: &Call, reply: &Reply) {
        let operation = &self.document["paths"][call.path.as_str()][call.method.to_lowercase()];
        let responses = operation["responses"].as_object().expect("responses");
        let response = responses
            .get(&reply.status.to_string())
            .or_else(|| responses.get("default"))
            .expect("documented");
        let target =
            response["$ref"].as_str().and_then(|r| self.document.pointer(&r[1..])).unwrap_or(response);
        let Some(content) = target["content"].as_object() else {
            assert!(reply.body.is_empty(), "{}: {}", call.name, reply.body);
            return;
        };
        let (kind, described) = content.iter().next().expect("a kind of content");
        assert!(
            reply.header("content-type").is_some_and(|k| k.starts_with(kind.as_str())),
            "{}: {reply:?}",
            call.name
        );
        if kind.ends_with("json") {
            let mut schema = described["schema"].clone();
            schema["components"] = self.document["components"].clone();
            let validator = jsonschema::draft202012::options()
                .should_validate_formats(true)
                .build(&schema)
                .expect("a schema");
            let faults: Vec<String> =
                validator.iter_errors(&reply.json()).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert!(faults.is_empty(), "{}: {faults:?}\n{}", call.name, reply.body);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.now();
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[derive(Debug)]
struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Reply {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let mut lines = head.lines();
        let status =
            lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok()).expect("a status");
        let headers =
            lines.filter_map(|l| l.split_once(": ")).map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
        Self { status, headers, body: body.to_owned() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

const KEY: (&str, &str) = ("Idempotency-Key", "6f1c2a4e-7b4a-4c3d-9e2f-4b6a1c2d3e4f");
const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn every_example_of_the_contract_is_answered_as_it_says() {
    let server = Server::start();
    let mut count = 0;
    for call in server.contract.calls.iter().filter(|c| c.language == Language::OpenApi) {
        let (path, body) = server.example(call);
        let mut headers = vec![KEY];
        if !body.is_empty() {
            headers.push(JSON);
        }
        let version = server.right("GET", &path, &[], b"").header("etag").unwrap_or("\"1\"").to_owned();
        headers.push(("If-Match", &version));
        let reply = server.right(call.method, &path, &headers, &body);
        assert_eq!(reply.status, success(call).0, "{}: {}", call.name, reply.body);
        server.keeps_to_contract(call, &reply);
        assert!(reply.header("ratelimit").is_some(), "{}", call.name);
        count += 1;
    }
    assert!(count > 15, "only {count}");
}

#[test]
fn who_may_not_call_is_told_so() {
    let server = Server::start();
    for call in server.contract.calls.iter().filter(|c| !c.access.anonymous && c.kind != CallKind::Probe) {
        let (path, body) = server.example(call);
        let none = server.ask(call.method, &path, &[JSON], &body);
        assert_eq!(none.status, 401, "{}", call.name);
        server.keeps_to_contract(call, &none);
        let wrong = server.ask(
            call.method,
            &path,
            &[JSON, ("Cookie", "__Host-session=x; __Host-strong-session=x"), ("X-API-Key", "x")],
            &body,
        );
        assert_eq!(wrong.status, 401, "{}", call.name);
    }
    let order = server.call("listOwnOrders");
    let forbidden =
        server.ask("GET", &order.path, &[("Cookie", "__Host-session=mock-session-forbidden")], b"");
    assert_eq!(forbidden.status, 403);
    server.keeps_to_contract(order, &forbidden);
}

#[test]
fn what_does_not_keep_to_the_contract_is_refused_with_its_place() {
    let server = Server::start();
    let order = server.call("placeOrder");
    let (path, body) = server.example(order);
    let wrong = server.right("POST", &path, &[KEY, JSON], b"{\"currency\": \"euro\", \"nonsense\": 1}");
    assert_eq!(wrong.status, 422);
    server.keeps_to_contract(order, &wrong);
    let pointers: Vec<String> =
        wrong.json()["errors"].as_array().expect("faults").iter().map(|e| e["pointer"].to_string()).collect();
    assert!(pointers.iter().any(|p| p.contains("currency")), "{pointers:?}");
    for (status, method, path, headers, body) in [
        (400, "POST", path.as_str(), vec![KEY, JSON], &b"{"[..]),
        (400, "POST", path.as_str(), vec![JSON], &body[..]),
        (415, "POST", path.as_str(), vec![KEY, ("Content-Type", "text/plain")], &body[..]),
        (406, "GET", "/v1/me/orders", vec![("Accept", "text/html")], b""),
        (405, "DELETE", "/v1/me/orders", vec![], b""),
        (404, "GET", "/v1/nowhere", vec![], b""),
        (400, "GET", "/v1/me/orders?limit=0", vec![], b""),
        (400, "GET", "/v1/me/orders?limit=1&limit=2", vec![], b""),
        (400, "GET", "/v1/me/orders?cursor=unknown", vec![], b""),
        (404, "GET", "/v1/orders/00000000-0000-7000-8000-000000000000", vec![], b""),
        (413, "POST", path.as_str(), vec![KEY, JSON], &vec![b' '; 70_000][..]),
    ] {
        let reply = server.right(method, path, &headers, body);
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.body);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{method} {path}");
        assert_eq!(reply.json()["status"], status);
    }
    assert_eq!(server.right("DELETE", "/v1/me/orders", &[], b"").header("allow"), Some("GET"));
}

#[test]
fn cursors_lead_through_all_rows_once() {
    let server = Server::start();
    let mut seen = Vec::new();
    let mut path = "/v1/me/orders?limit=5".to_owned();
    for _ in 0..20 {
        let reply = server.right("GET", &path, &[], b"");
        assert_eq!(reply.status, 200, "{}", reply.body);
        let page = reply.json();
        let items = page["items"].as_array().expect("rows");
        assert!(items.len() <= 5);
        seen.extend(items.iter().map(|i| i["id"].as_str().expect("an identifier").to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/me/orders?limit=5&cursor={cursor}");
    }
    let mut distinct = seen.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), seen.len());
    assert!(seen.len() > 10, "{}", seen.len());
}

#[test]
fn a_repeated_key_gets_the_same_answer_and_a_new_row_is_found_again() {
    let server = Server::start();
    let order = server.call("placeOrder");
    let (path, body) = server.example(order);
    let key = ("Idempotency-Key", "0123456789abcdef");
    let first = server.right("POST", &path, &[key, JSON], &body);
    assert_eq!(first.status, 201, "{}", first.body);
    let again = server.right("POST", &path, &[key, JSON], &body);
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = server.right("POST", &path, &[key, JSON], b"{\"shipping_address\": {}}");
    assert_eq!(other.status, 422, "{}", other.body);
    let location = first.header("location").expect("an address").to_owned();
    let read = server.right("GET", &location, &[], b"");
    assert_eq!(read.status, 200, "{location}: {}", read.body);
    assert_eq!(read.json()["id"], first.json()["id"]);
}

#[test]
fn a_change_needs_the_version_that_was_read() {
    let server = Server::start();
    let call = server.call("editProduct");
    assert!(call.guarded && matches!(call.answer, Answer::One(_)));
    let (path, body) = server.example(call);
    assert_eq!(server.right("PATCH", &path, &[JSON], &body).status, 428);
    assert_eq!(server.right("PATCH", &path, &[JSON, ("If-Match", "\"99\"")], &body).status, 412);
    let changed =
        server.right("PATCH", &path, &[JSON, ("If-Match", "\"1\"")], b"{\"title\": \"Winter boot\"}");
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.json()["title"], "Winter boot");
    assert_eq!(changed.header("etag"), Some("\"2\""));
    assert_eq!(server.right("PATCH", &path, &[JSON, ("If-Match", "\"1\"")], &body).status, 412);
}
