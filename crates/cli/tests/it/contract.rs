//! `loadcase contract` and `loadcase mock`: what a blueprint promises, written down and answered.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use crate::out::files;
use crate::run::{SOCIAL, loadcase};

fn designed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    loadcase(&["design", "--no-input", "--out", ".", SOCIAL]).inside(folder.path()).end().fine();
    folder
}

#[test]
fn each_style_writes_its_files() {
    let folder = designed();
    for (style, file) in [
        ("rest", "openapi.yaml"),
        ("pages", "openapi.yaml"),
        ("graphql", "schema.graphql"),
        ("grpc", "asyncapi.yaml"),
    ] {
        let arguments = ["contract", "blueprint.yaml", "--style", style, "--out", style];
        loadcase(&arguments).inside(folder.path()).end().fine();
        let written = files(&folder.path().join(style));
        assert!(written.contains_key(file), "{style}: {:?}", written.keys());
        assert_eq!(written.keys().any(|k| k.ends_with(".proto")), style == "grpc", "{style}");
    }
    loadcase(&["contract", "blueprint.yaml", "--openapi", "3.2", "--out", "newer"])
        .inside(folder.path())
        .end()
        .fine();
    assert!(files(&folder.path().join("newer"))["openapi.yaml"].contains("openapi: \"3.2.0\""));
}

#[test]
fn a_file_that_is_no_blueprint_is_refused_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("x.yaml"), "schema: loadcase/blueprint/1\nnonsense: 1\n")
        .expect("written");
    for command in ["contract", "mock"] {
        let ended = loadcase(&[command, "x.yaml"]).inside(folder.path()).end().ended_with(3);
        assert!(ended.err.contains("x.yaml:2"), "{}", ended.err);
    }
}

#[test]
fn the_mock_says_where_it_is_and_answers_there() {
    let folder = designed();
    let mut child = Command::new(env!("CARGO_BIN_EXE_loadcase"))
        .args(["mock", "blueprint.yaml", "--openapi", "served.yaml"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("an address");
    let address = line.trim().strip_prefix("http://").expect("an address").to_owned();
    let mut stream = TcpStream::connect(&address).expect("a connection");
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    child.kill().expect("ended");
    child.wait().expect("ended");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(folder.path().join("served.yaml").exists());
}
