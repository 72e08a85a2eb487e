//! Whatever a documentation server answers, the client ends in time and takes nothing without a source. The bytes are
//! cut at each `\xff` into answers: the first of each says as what it is sent (JSON, a stream of events, an error), and
//! `#` in it becomes the identifier that was asked with.

#![no_main]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use loadcase_mcp::client::{Consultation, Limits, POINTS, Reach, ServerSpec, Shape, Subject, consult};
use loadcase_model::Id;

/// What is left to answer with.
static ANSWERS: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// A server on loopback that answers with the next of them, whatever it is asked.
static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer(stream));
        }
    });
    format!("http://{address}/mcp")
});

fn answer(mut stream: TcpStream) {
    let _ = stream.set_read_timeout(Some(Duration::from_millis(500)));
    let asked = request(&mut stream);
    let id = asked["id"].to_string();
    let mut answers = ANSWERS.lock().expect("whole");
    let next = if answers.is_empty() { b"n".to_vec() } else { answers.remove(0) };
    drop(answers);
    let (kind, body) = next.split_first().map_or((b'n', &[][..]), |(k, b)| (*k, b));
    let body: Vec<u8> =
        body.iter().flat_map(|b| if *b == b'#' { id.as_bytes().to_vec() } else { vec![*b] }).collect();
    let (status, media) = match kind % 5 {
        0 => ("200 OK", "application/json"),
        1 => ("200 OK", "text/event-stream"),
        2 => ("202 Accepted", "application/json"),
        3 => ("400 Bad Request", "application/json"),
        _ => ("404 Not Found", "text/plain"),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

/// The message of a request; null when there is none.
fn request(stream: &mut TcpStream) -> serde_json::Value {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return serde_json::from_str(body).unwrap_or_default();
            }
        }
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 && seen.len() < 1 << 20 => seen.extend_from_slice(&buffer[..read]),
            _ => return serde_json::Value::Null,
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    *ANSWERS.lock().expect("whole") = bytes.split(|b| *b == 0xff).take(12).map(<[u8]>::to_vec).collect();
    let server = ServerSpec {
        name: "fuzz".to_owned(),
        reach: Reach::Http { url: ADDRESS.clone(), headers: BTreeMap::new() },
        shape: Shape::Library,
        from: "fuzz".to_owned(),
    };
    let short = Duration::from_millis(800);
    let limits = Limits { connect: short, call: short, total: 2 * short, largest: 64 * 1024 };
    let subjects = [Subject { id: Id::slug("x"), name: "X".to_owned(), library: None }];
    let asked =
        Consultation { server: &server, subjects: &subjects, points: &POINTS, today: "2026-11-23", limits };
    let found = match consult(&asked) {
        Ok(found) => found,
        Err(failure) => return assert!(!failure.told().is_empty() && !failure.told().contains('\n')),
    };
    assert!(found.quotations.iter().all(|q| q.url.starts_with("http")), "{found:?}");
    assert!(!found.quotations.is_empty() || !found.unanswered.is_empty(), "silence is told");
});
