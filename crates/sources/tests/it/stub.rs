//! A server on loopback that answers as a test says, and keeps what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loadcase_sources::{Base, Bounds, Http};

/// What the server does.
pub(crate) enum Does {
    /// Answers with a status, headers and a body.
    Says(u16, Vec<(&'static str, String)>, String),
    /// Sends the head, then a byte now and then, without end.
    Drips,
    /// Sends nothing.
    Hangs,
    /// Sends this, whatever it is.
    Sends(Vec<u8>),
    /// Sends a body without end, as fast as it goes.
    Floods,
}

/// A good answer.
pub(crate) fn ok(body: impl Into<String>) -> Does {
    Does::Says(200, Vec::new(), body.into())
}

/// A question: method, path, headers in lower case, body.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

pub(crate) struct Stub {
    pub(crate) base: Base,
    asked: Arc<Mutex<Vec<Asked>>>,
    ends: Arc<AtomicBool>,
    port: u16,
}

impl Stub {
    pub(crate) fn new(does: impl Fn(&Asked, usize) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let ends: Arc<AtomicBool> = Arc::default();
        let (does, all, stop) = (Arc::new(does), Arc::clone(&asked), Arc::clone(&ends));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (does, all, stop) = (Arc::clone(&does), Arc::clone(&all), Arc::clone(&stop));
                std::thread::spawn(move || serve(stream, does.as_ref(), &all, &stop));
            }
        });
        let base = Base::new(&format!("http://127.0.0.1:{port}/api")).expect("a base");
        Self { base, asked, ends, port }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("nobody panics with it").clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(
    mut stream: TcpStream,
    does: &(dyn Fn(&Asked, usize) -> Does + Send + Sync),
    all: &Mutex<Vec<Asked>>,
    stop: &AtomicBool,
) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut head = String::new();
    while reader.read_line(&mut head).is_ok_and(|n| n > 2) {}
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|l| l.strip_prefix("content-length: ").and_then(|n| n.trim().parse::<usize>().ok()));
    let mut body = vec![0; length.unwrap_or(0)];
    let _ = reader.read_exact(&mut body);
    let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let asked =
        Asked { path, head: head.to_ascii_lowercase(), body: String::from_utf8_lossy(&body).into_owned() };
    let count = {
        let mut all = all.lock().expect("nobody panics with it");
        all.push(asked.clone());
        all.len()
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    match does(&asked, count) {
        Does::Says(status, headers, body) => {
            let mut text =
                format!("HTTP/1.1 {status} It\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
            headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
            let _ = stream.write_all(format!("{text}\r\n{body}").as_bytes());
        }
        Does::Drips => {
            let _ = stream.write_all(format!("{head}Content-Length: 1000000\r\n\r\n").as_bytes());
            while !stop.load(Ordering::SeqCst) && stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Does::Hangs => {
            while !stop.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Does::Sends(bytes) => _ = stream.write_all(&bytes),
        Does::Floods => {
            let _ = stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes());
            let block = vec![b'x'; 64 * 1024];
            while !stop.load(Ordering::SeqCst) && stream.write_all(&block).is_ok() {}
        }
    }
}

/// Short bounds.
pub(crate) fn bounds() -> Bounds {
    Bounds {
        attempt: Duration::from_millis(600),
        whole: Duration::from_secs(3),
        tries: 2,
        wait: Duration::from_millis(20),
        bytes: 100_000,
        fresh_days: 0,
    }
}

/// Asks without a cache on a fixed day.
pub(crate) fn http() -> Http {
    Http::new(bounds(), None, "2026-11-23")
}
