//! Whatever a client sends after it said hello, the server answers in messages or not at all, and ends when the client
//! leaves. The first byte chooses between the greeting of the older protocol, none, and garbage before it.

#![no_main]

use std::io::Cursor;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::HOST;
use loadcase_mcp::server::{Server, serve_between};
use tokio::io::AsyncWrite;

const HELLO: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{}},"clientInfo":{"name":"f","version":"0"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
"#;

/// Keeps what the server writes.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl AsyncWrite for Written {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let sent = match first % 4 {
        0 => rest.to_vec(),
        1 => [b"\0{]\n", HELLO, rest].concat(),
        _ => [HELLO, rest].concat(),
    };
    let written = Written::default();
    let output = written.clone();
    let server = Server::new(HOST.clone(), [7; 32]);
    serve_between(server, move || (Cursor::new(sent), output)).expect("a runtime");
    let written = written.0.lock().expect("whole");
    for line in written.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let message: serde_json::Value = serde_json::from_slice(line).expect("only messages are written");
        assert_eq!(message["jsonrpc"], "2.0", "{message}");
    }
});
