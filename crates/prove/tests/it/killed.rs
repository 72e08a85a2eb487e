//! A run that is killed leaves no server and no files.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use loadcase_prove::{Error, Server};

use crate::place;

/// What the test below kills: this program again, with a server, waiting.
#[test]
#[ignore = "started and killed by another test"]
fn holds_a_server() {
    match Server::start(&place()) {
        Ok(server) => {
            println!("FOLDER {}", server.folder().expect("its own").display());
            std::thread::sleep(Duration::from_secs(120));
        }
        Err(Error::NoServer) => println!("FOLDER none"),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_killed_run_leaves_no_server_and_no_files() {
    let mut run = Command::new(std::env::current_exe().expect("this program"))
        .args(["killed::holds_a_server", "--exact", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(run.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let folder = lines.find_map(|l| l.split_once("FOLDER ").map(|(_, f)| f.to_owned())).expect("a folder");
    if folder == "none" {
        println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH: nothing was killed");
        run.wait().expect("ended");
        return;
    }
    let pid =
        std::fs::read_to_string(Path::new(&folder).join("data/postmaster.pid")).expect("a running server");
    let pid = pid.lines().next().expect("its number").to_owned();
    let runs = || Command::new("ps").args(["-p", &pid]).output().is_ok_and(|o| o.status.success());
    assert!(runs(), "the server runs");
    run.kill().expect("killed with SIGKILL");
    run.wait().expect("gone");
    let until = Instant::now() + Duration::from_secs(60);
    while (Path::new(&folder).exists() || runs()) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!Path::new(&folder).exists(), "{folder} is left");
    assert!(!runs(), "the server {pid} is left");
}

#[test]
fn a_run_that_ends_leaves_no_files() {
    let server = match Server::start(&place()) {
        Ok(server) => server,
        Err(Error::NoServer) => {
            println!("SKIPPED: no PostgreSQL in /usr/lib/postgresql or on PATH");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let folder = server.folder().expect("its own").to_owned();
    assert!(folder.exists());
    drop(server);
    assert!(!folder.exists());
}
