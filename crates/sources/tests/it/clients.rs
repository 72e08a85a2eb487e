//! The user's own package clients, and programs that only look like one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use loadcase_facts::Subject;
use loadcase_sources::{Client, Gathered, Program, Source, Wanted};

/// A program that does what a script says.
fn script(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("client");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("made executable");
    path
}

fn ask(command: PathBuf, names: &[&str]) -> (Gathered, Duration) {
    let wanted =
        Wanted { packages: names.iter().map(|n| Subject::new("npm", *n)).collect(), ..Wanted::default() };
    let start = Instant::now();
    let client = Client::new(Program::Npm, command, Duration::from_millis(700), "2026-11-23");
    (client.gather(&wanted, &mut |_, _| {}), start.elapsed())
}

#[test]
fn a_client_is_asked_without_a_shell_and_in_an_empty_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = folder.path().join("told");
    let text = format!(
        "printf '%s\\n' \"$@\" > {0}; ls -A >> {0}; printf '{{\"version\": \"1.2.0\", \"versions\": [\"1.1.0\", \"1.2.0\"]}}'",
        told.display()
    );
    let (gathered, _) = ask(script(&folder, &text), &["@a/left", "--registry=http://x", "a; touch /tmp/x"]);
    assert_eq!(gathered.packages.len(), 1, "{:?}", gathered.unanswered);
    assert_eq!(gathered.packages[0].latest, "1.2.0");
    let arguments = std::fs::read_to_string(told).expect("it was run");
    assert!(arguments.starts_with("view\n--json\n@a/left\nname\n"), "{arguments}");
    assert!(arguments.ends_with("dist-tags\n"), "the folder it runs in is empty: {arguments}");
}

#[test]
fn clients_that_hang_flood_fail_or_are_not_there_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, expected) in [
        ("sleep 30", "no answer within 0.7 s"),
        ("yes", "no answer within"),
        ("head -c 9000000 /dev/zero", "larger than 8388608 bytes"),
        ("exit 1", "not known there"),
        ("echo '<html>'", "cannot be read"),
    ] {
        let (gathered, took) = ask(script(&folder, text), &["left"]);
        assert!(gathered.packages.is_empty());
        let fits = gathered.unanswered[0].contains(expected)
            || text == "yes" && gathered.unanswered[0].contains("larger");
        assert!(fits, "{text}: {:?}", gathered.unanswered);
        assert!(took < Duration::from_secs(3), "{text} took {took:?}");
    }
    let (gathered, _) = ask(PathBuf::from("/nonexistent/npm"), &["left", "right"]);
    assert_eq!(gathered.unanswered.len(), 1, "asked once");
    assert!(gathered.unanswered[0].contains("npm cannot be started"), "{:?}", gathered.unanswered);
}
