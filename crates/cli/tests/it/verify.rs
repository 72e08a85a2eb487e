//! `loadcase verify` and `facts`: exit codes, what is said first, what is never said, and what leaves the machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc;

use crate::run::{Run, loadcase};

/// A repository with an affected package, an ended image and one that nobody knows.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("written");
    };
    write("web/Dockerfile", "FROM node:16.20.2-alpine3.18\nCMD [\"node\", \"x.js\"]\n");
    write(
        "web/package.json",
        "{\"name\": \"web\", \"dependencies\": {\"next\": \"^15.2.0\", \"left-pad-of-nobody\": \"1.0.0\"}}",
    );
    write(
        "web/package-lock.json",
        "{\n  \"packages\": {\n    \"node_modules/next\": {\n      \"version\": \"15.2.2\",\n      \"engines\": {\n        \"node\": \"^18.18.0 || >= 20.0.0\"\n      }\n    },\n    \"node_modules/left-pad-of-nobody\": {\n      \"version\": \"1.0.0\"\n    }\n  }\n}\n",
    );
    folder
}

fn verify(folder: &Path, arguments: &[&str]) -> Run {
    let path = folder.to_str().expect("a plain path");
    loadcase(&[&["verify", path, "--today", "2026-11-23"], arguments].concat()).with("XDG_CACHE_HOME", path)
}

#[test]
fn the_worst_comes_first_with_its_place_and_what_to_do() {
    let shop = shop();
    let ended = verify(shop.path(), &[]).end();
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let at = |words: &str| ended.out.find(words).unwrap_or_else(|| panic!("no `{words}` in\n{}", ended.out));
    assert!(at("CVE-2025-29927 (critical, CVSS 9.1)") < at("later phase  Node.js 16.20.2"));
    for words in [
        "web/package-lock.json:3",
        "-> move to 15.2.6 or newer",
        "incompatible Next.js 15.2.2",
        "not checked is not clean",
    ] {
        at(words);
    }
    assert!(!ended.out.contains("no fault"), "{}", ended.out);
    assert!(!ended.err.contains("asking"), "nobody is asked: {}", ended.err);
}

#[test]
fn nothing_known_is_never_said_to_be_clean() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("requirements.txt"), "left-pad-of-nobody==1.0.0\n").expect("written");
    let ended = verify(folder.path(), &[]).end().fine();
    assert!(
        ended.out.contains(
            "not checked is not clean: of 1 versions, no source says of 1 whether they are patched"
        ),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("nothing checked") && ended.out.contains("0 verified"), "{}", ended.out);
}

#[test]
fn old_facts_fail_only_where_that_is_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("Dockerfile"), "FROM node:24.21.0\nCMD [\"node\", \"x.js\"]\n")
        .expect("written");
    let code = |arguments: &[&str]| verify(folder.path(), arguments).end().code;
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--strict-facts", "--max-age", "30d"]), Some(1), "lifecycles are of 2026-08-22");
    assert_eq!(code(&["--strict-facts", "--max-age", "200d"]), Some(0));
    assert_eq!(code(&["--max-age", "soon"]), Some(2));
    assert_eq!(code(&["--today", "tomorrow"]), Some(2));
}

#[test]
fn programs_get_json_sarif_and_annotations() {
    let shop = shop();
    let json: serde_json::Value =
        serde_json::from_str(&verify(shop.path(), &["--format", "json"]).end().out).expect("JSON");
    assert_eq!(json["schema"], "loadcase/verification/1");
    assert!(json["tally"]["faults"].as_u64().is_some_and(|n| n >= 3), "{}", json["tally"]);
    let schema: serde_json::Value =
        serde_json::from_str(&loadcase(&["schema", "verification"]).end().fine().out).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a sound schema");
    assert!(validator.is_valid(&json));
    let sarif = verify(shop.path(), &["--format", "sarif"]).end().fine();
    let sarif: serde_json::Value = serde_json::from_str(&sarif.out).expect("SARIF");
    let rules: Vec<&str> = sarif["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|r| r["ruleId"].as_str())
        .collect();
    assert!(rules.contains(&"version-affected") && rules.contains(&"version-ended"), "{rules:?}");
    assert!(
        verify(shop.path(), &["--format", "github"]).end().out.contains("::error file=web/package-lock.json")
    );
    assert!(verify(shop.path(), &["--format", "md"]).end().out.contains("## To be changed"));
}

#[test]
fn hosts_are_named_before_they_are_asked_and_only_names_and_versions_leave() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let mut head = String::new();
            while reader.read_line(&mut head).is_ok_and(|n| n > 2) {}
            let length = head
                .to_lowercase()
                .lines()
                .find_map(|l| l.strip_prefix("content-length: ").and_then(|n| n.parse().ok()));
            let mut body = vec![0; length.unwrap_or(0)];
            let _ = reader.read_exact(&mut body);
            let _ = tell.send(format!("{head}{}", String::from_utf8_lossy(&body)));
            let _ =
                stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    let shop = shop();
    let ended = verify(
        shop.path(),
        &[
            "--online",
            "--endoflife-url",
            &address,
            "--osv-url",
            &address,
            "--depsdev-url",
            &address,
            "--timeout",
            "5",
        ],
    )
    .end();
    assert!(
        ended.err.starts_with(&format!("asking {}", address.trim_start_matches("http://"))),
        "{}",
        ended.err
    );
    assert!(ended.out.contains("no answer: OSV about"), "{}", ended.out);
    let sent: Vec<String> = told.try_iter().collect();
    assert!(!sent.is_empty());
    let place = shop.path().to_str().expect("a plain path");
    for question in &sent {
        assert!(
            !question.contains(place)
                && !question.contains("package-lock")
                && !question.contains("Dockerfile"),
            "{question}"
        );
    }
    let elsewhere = verify(shop.path(), &["--online", "--osv-url", "http://example.org"]).end();
    assert_eq!(elsewhere.code, Some(2), "{}", elsewhere.err);
    assert!(elsewhere.err.contains("use https://"), "{}", elsewhere.err);
}

#[test]
fn facts_are_listed_shown_and_suggested() {
    let all = loadcase(&["facts", "--today", "2026-11-23"]).end().fine();
    assert!(all.out.contains("postgresql") && all.out.contains("a chosen list"), "{}", all.out);
    let one = loadcase(&["facts", "show", "node", "--today", "2026-11-23"]).end().fine().out;
    for words in
        ["Node.js (nodejs)", "Security Support until", "93 days old", "CVE-2026-21710", "seen on 2026-11-22"]
    {
        assert!(one.contains(words), "no `{words}` in\n{one}");
    }
    // A mirror's day is the day it took a version in.
    let kafka = loadcase(&["facts", "show", "npm:kafkajs"]).end().fine().out;
    assert!(kafka.contains("newest 2.2.4") && kafka.contains("does not say"), "{kafka}");
    let typo = loadcase(&["facts", "show", "postgresq"]).end();
    assert_eq!(typo.code, Some(2));
    assert!(typo.err.contains("did you mean postgresql?"), "{}", typo.err);
}

#[test]
fn a_refresh_that_reaches_nobody_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = loadcase(&["facts", "refresh", "--endoflife-url", "http://127.0.0.1:9", "--timeout", "1"])
        .with("XDG_CACHE_HOME", folder.path().to_str().expect("a plain path"))
        .end();
    assert_eq!(ended.code, Some(5), "{}", ended.err);
    assert!(
        ended.err.contains("no connection") && ended.err.contains("nothing was fetched"),
        "{}",
        ended.err
    );
}
