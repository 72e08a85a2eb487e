//! A server of our own on a socket in a folder of its own, which outlives nothing.
//!
//! A shell supervises it. The shell holds the reading end of a pipe whose writing end only this process has: when
//! this process ends, for whatever reason, the shell reads the end of the pipe, stops the server and removes the
//! folder. It makes the folder itself, so that there is no moment in which nobody would remove it.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::find;
use crate::input::Error;

/// The role that owns the server.
pub(crate) const USER: &str = "loadcase";

/// The account that runs the server where we are root, which PostgreSQL refuses.
const ACCOUNT: &str = "postgres";

/// Seconds for the server to come up and to go: machines may be busy.
const UP_S: u64 = 240;
const DOWN_S: u64 = 60;

/// Longest folder for a socket: a path of one may have 107 bytes.
const LONGEST: usize = 60;

/// The supervisor: arguments are the folder of the programs and the one for temporary files.
const SUPERVISOR: &str = include_str!("supervise.sh");

/// A running server.
pub(crate) struct Cluster {
    shell: Child,
    /// Closing it ends the server.
    lifeline: Option<ChildStdin>,
    folder: PathBuf,
}

impl Cluster {
    /// Starts it.
    pub(crate) fn start(programs: &Path, path: Option<&OsStr>, temp: &Path) -> Result<Self, Error> {
        let mut command = supervisor(path)?;
        command.args(["-c", SUPERVISOR, "loadcase"]).arg(programs).arg(socket_folder(temp)).arg(USER);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).current_dir("/");
        // A group of its own: an interrupt from the terminal is ours to handle, not the server's.
        #[cfg(unix)]
        command.process_group(0);
        let fail = |e: std::io::Error| Error::Server(format!("cannot start PostgreSQL: {e}"));
        let mut shell = command.spawn().map_err(fail)?;
        let lifeline = shell.stdin.take();
        let output = shell.stdout.take();
        let mut cluster = Self { shell, lifeline, folder: PathBuf::new() };
        let (send, receive) = mpsc::channel();
        std::thread::spawn(move || {
            let lines = output.map(|o| BufReader::new(o).lines()).into_iter().flatten();
            lines.map_while(Result::ok).for_each(|line| drop(send.send(line)));
        });
        let mut said = Vec::new();
        let until = Instant::now() + Duration::from_secs(UP_S);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match receive.recv_timeout(left) {
                Ok(line) => match line.strip_prefix("ready ") {
                    Some(folder) => {
                        cluster.folder = PathBuf::from(folder);
                        return Ok(cluster);
                    }
                    None => said.push(line),
                },
                Err(_) => {
                    return Err(Error::Server(format!("PostgreSQL did not start: {}", said.join("; "))));
                }
            }
        }
    }

    /// The folder with the socket.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let until = Instant::now() + Duration::from_secs(DOWN_S);
        while Instant::now() < until {
            match self.shell.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(20)),
                _ => return,
            }
        }
    }
}

/// The shell, as somebody else where we are root.
fn supervisor(path: Option<&OsStr>) -> Result<Command, Error> {
    let missing = |what: &str| Error::Server(format!("cannot start PostgreSQL: there is no `{what}`"));
    let shell = find::program("sh", path).ok_or_else(|| missing("sh"))?;
    let mut command = if is_root(path) { as_account(&shell, path)? } else { Command::new(&shell) };
    let usual = OsString::from("/usr/bin:/bin:/usr/sbin:/sbin");
    command.env_clear().env("PATH", path.filter(|p| !p.is_empty()).unwrap_or(&usual)).env("LC_ALL", "C");
    Ok(command)
}

fn as_account(shell: &Path, path: Option<&OsStr>) -> Result<Command, Error> {
    if let Some(setpriv) = find::program("setpriv", path) {
        let mut command = Command::new(setpriv);
        command.args(["--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups", "--"]).arg(shell);
        return Ok(command);
    }
    let runuser = find::program("runuser", path).ok_or_else(|| {
        Error::Server(
            "PostgreSQL does not run as root, and neither setpriv nor runuser is here: run as another user, or give --database-url"
                .to_owned(),
        )
    })?;
    let mut command = Command::new(runuser);
    command.args(["-u", ACCOUNT, "--"]).arg(shell);
    Ok(command)
}

fn is_root(path: Option<&OsStr>) -> bool {
    let Some(id) = find::program("id", path) else { return false };
    Command::new(id).arg("-u").output().is_ok_and(|o| o.stdout.trim_ascii() == b"0")
}

/// The folder for temporary files, unless a socket in it would have too long a path or one to be quoted.
fn socket_folder(temp: &Path) -> &Path {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    match temp.to_str() {
        Some(text) if text.len() <= LONGEST && text.chars().all(plain) && temp.is_absolute() => temp,
        _ => Path::new("/tmp"),
    }
}
