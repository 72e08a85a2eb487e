//! Runs the binary with a time bound.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Seconds after which a run is stopped and the test fails. Unoptimised builds are slow, and tests run beside
/// each other.
const PATIENCE_S: u64 = if cfg!(debug_assertions) { 240 } else { 10 };

/// The sentence the documentation begins with.
pub(crate) const SOCIAL: &str =
    "I'm building a social media platform. Should I use microservices or a monolith?";

/// A run to be.
pub(crate) struct Run {
    command: Command,
    input: Vec<u8>,
    patience_s: u64,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

/// `loadcase` with arguments, in an environment that says nothing but UTF-8, in a folder without a catalog.
pub(crate) fn loadcase(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadcase"));
    command.args(arguments).env_clear().env("LC_ALL", "C.UTF-8").current_dir(env!("CARGO_TARGET_TMPDIR"));
    Run { command, input: Vec::new(), patience_s: PATIENCE_S }
}

/// `loadcase design` without questions, as JSON, of a brief on standard input.
pub(crate) fn design_json(brief: &[u8]) -> Ended {
    loadcase(&["design", "--no-input", "--format", "json", "-"]).given(brief).end()
}

impl Run {
    /// Puts bytes on standard input.
    pub(crate) fn given(mut self, input: impl AsRef<[u8]>) -> Self {
        self.input = input.as_ref().to_vec();
        self
    }

    /// Sets an environment variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Waits longer than usual: for what a server has to do.
    pub(crate) fn within_s(mut self, seconds: u64) -> Self {
        self.patience_s = seconds;
        self
    }

    /// Runs in a folder.
    pub(crate) fn inside(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it to its end.
    pub(crate) fn end(mut self) -> Ended {
        let mut child = self.start();
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let input = std::mem::take(&mut self.input);
        // A program that refuses early closes its input: no fault of the writer's.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let out = reader(child.stdout.take().expect("standard output is piped"));
        let err = reader(child.stderr.take().expect("standard error is piped"));
        let code = wait(&mut child, self.patience_s);
        writer.join().expect("the writer does not panic");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
        Ended { code, out: text(out.join().expect("read")), err: text(err.join().expect("read")) }
    }

    /// Runs it with nobody reading its output; the exit code and standard error.
    pub(crate) fn end_unread(mut self) -> (Option<i32>, String) {
        let mut child = self.start();
        drop(child.stdin.take());
        drop(child.stdout.take());
        let err = reader(child.stderr.take().expect("standard error is piped"));
        let code = wait(&mut child, self.patience_s);
        (code, String::from_utf8_lossy(&err.join().expect("read")).into_owned())
    }

    fn start(&mut self) -> Child {
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts")
    }
}

impl Ended {
    /// Fails the test unless it ended well.
    #[track_caller]
    pub(crate) fn fine(self) -> Self {
        self.ended_with(0)
    }

    /// Fails the test unless it ended with this code, without a panic.
    #[track_caller]
    pub(crate) fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "standard error:\n{}", self.err);
        assert!(!self.err.contains("panicked"), "{}", self.err);
        self
    }

    /// Fails the test unless the input was refused: exit code 3, nothing on standard output, a reason and help.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        let ended = self.ended_with(3);
        assert_eq!(ended.out, "", "a refusal belongs on standard error");
        assert!(ended.err.contains("error"), "{}", ended.err);
        ended.err
    }
}

fn reader(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("the pipe can be read");
        bytes
    })
}

/// Waits for the end, but not for ever.
fn wait(child: &mut Child, patience_s: u64) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            return status.code();
        }
        if start.elapsed() > Duration::from_secs(patience_s) {
            // The test fails either way; the process must not outlive it.
            let _ = child.kill();
            panic!("no end after {patience_s} s");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
