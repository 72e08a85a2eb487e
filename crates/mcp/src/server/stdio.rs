//! The server on standard input and output, as clients start it, or on any other pair of pipes.

use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite};

use super::handler::Server;

/// Longest message, bytes. Longer ones are dropped unread.
const LONGEST: usize = 4 * 1024 * 1024;
/// How long calls that still compute may take after the client has gone.
const LAST_WORK: Duration = Duration::from_millis(200);

/// Answers on standard input and output until the client closes them.
///
/// # Errors
/// When the runtime cannot be made.
pub fn serve_stdio(server: Server) -> std::io::Result<()> {
    serve_between(server, rmcp::transport::stdio_pipes)
}

/// Answers on a pair of pipes, made once the runtime is there, until the client closes them.
///
/// # Errors
/// When the runtime cannot be made.
pub fn serve_between<R, W>(server: Server, pipes: impl FnOnce() -> (R, W)) -> std::io::Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async move {
        let (read, write) = pipes();
        let transport = AsyncRwTransport::new(read, write).with_max_line_length(LONGEST);
        // A client that leaves before or after it said hello ends the server: that is no fault.
        if let Ok(running) = server.serve(transport).await {
            let _ = running.waiting().await;
        }
    });
    // A call that still computes for nobody must not keep the process.
    runtime.shutdown_timeout(LAST_WORK);
    Ok(())
}
