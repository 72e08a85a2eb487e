//! Input that nobody means well with: a clear error or a stated assumption, in time, and never a panic.

use crate::run::{Ended, design_json, loadcase};

/// Reads a brief as YAML from a file.
fn yaml(text: &str) -> Ended {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("brief.yaml"), text).expect("written");
    loadcase(&["design", "--no-input", "--format", "json", "brief.yaml"]).inside(folder.path()).end()
}

#[test]
fn an_empty_brief_is_refused() {
    for brief in ["", " \n\t\n", "\u{feff}"] {
        design_json(brief.as_bytes()).refused();
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let bytes: Vec<u8> = (0..=255).collect();
    for brief in
        [&bytes[..], b"\x7fELF\x02\x01\x01\0\0\0\0", b"A shop for caf\xe9s", &[0; 4096], b"PK\x03\x04\0\0"]
    {
        design_json(brief).refused();
    }
}

#[test]
fn ten_megabytes_end_in_time() {
    for unit in ["A shop with 20 orders a minute. ", "a", "\n", "10 users, ", "no no not "] {
        let brief = unit.repeat(10 * 1024 * 1024 / unit.len());
        let ended = design_json(brief.as_bytes());
        assert!(matches!(ended.code, Some(0 | 3 | 4)), "{unit}: {:?} {}", ended.code, ended.err);
        assert!(ended.err.len() < 10_000, "{unit}: {} bytes of messages", ended.err.len());
    }
}

#[test]
fn ten_megabytes_of_material_end_in_time() {
    let folder = tempfile::tempdir().expect("a folder");
    for unit in ["    charge card in transaction\n@Transactional\n", "A retry after the timeout. ", "x"] {
        let material = unit.repeat(10 * 1024 * 1024 / unit.len());
        std::fs::write(folder.path().join("code.txt"), material).expect("written");
        let run = loadcase(&["ask", "Review our payment service", "--material", "code.txt"]);
        let answer = run.inside(folder.path()).end().fine().out;
        assert!(answer.len() < 40_000, "{unit}: {} bytes", answer.len());
    }
}

#[test]
fn nested_yaml_and_alias_bombs_are_refused() {
    let deep = format!("product: {}", "[".repeat(200_000));
    yaml(&deep).refused();
    yaml(&"a: {".repeat(50_000)).refused();
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..40 {
        let items = vec![format!("*a{}", i - 1); 9].join(", ");
        bomb.push_str(&format!("a{i}: &a{i} [{items}]\n"));
    }
    yaml(&bomb).refused();
}

#[test]
fn a_misspelt_field_is_pointed_at_and_corrected() {
    let why = yaml("numbers:\n  monthly-users: 50000\nnumberz:\n  engineers: 4\n").refused();
    assert!(why.contains("brief.yaml:3:1"), "{why}");
    assert!(why.contains("did you mean `numbers`?"), "{why}");
}

#[test]
fn absurd_numbers_are_survived() {
    for brief in [
        "A shop with 1e300 users",
        "A shop with -5 users and -3 engineers",
        "A shop with NaN users, infinity requests per second and inf engineers",
        "A shop with 0 users, 0 engineers and a budget of 0 dollars",
        "A shop with 99999999999999999999999999999999999999999999999999 orders per second",
        "A shop with 0.000000000000000000000001 users, 120% availability, 400 nines",
        "p99 under 0 ms, 100% availability, 1e-300 GB, 1e308 TB, 5 users, 1/0 requests",
        "a shop with 10 users, 10 users, 11 users, 2 million users, 3 users in two years",
    ] {
        let ended = design_json(brief.as_bytes());
        assert!(matches!(ended.code, Some(0 | 3 | 4)), "{brief}: {:?} {}", ended.code, ended.err);
        assert!(!ended.err.contains("panicked"), "{brief}: {}", ended.err);
        if ended.code != Some(3) {
            serde_json::from_str::<serde_json::Value>(&ended.out).expect("JSON without NaN");
        }
    }
}

#[test]
fn contradictions_are_told() {
    let ended = design_json(b"A product with 10 users and 5M rps.");
    assert!(matches!(ended.code, Some(0 | 4)), "{:?} {}", ended.code, ended.err);
    assert!(ended.err.contains("warning"), "{}", ended.err);
}

#[test]
fn absurd_numbers_in_yaml_are_refused_or_survived() {
    for value in
        [".nan", ".inf", "-1", "1e300", "-1e300", "true", "[]", "{}", "~", "'many'", "0x7fffffffffffffff"]
    {
        let ended = yaml(&format!("numbers:\n  monthly-users: {value}\n  peak-rps: {value}\n"));
        assert!(matches!(ended.code, Some(0 | 3 | 4)), "{value}: {:?} {}", ended.code, ended.err);
        assert!(!ended.err.contains("panicked"), "{value}: {}", ended.err);
    }
}

#[test]
fn terminal_codes_in_a_brief_do_not_reach_the_terminal() {
    let brief = "A shop \u{1b}[31mwith\u{1b}[0m 20 orders \u{7} a minute and 4 engineers\u{202e}";
    for arguments in
        [&["design", "--no-input", "--full", "-"][..], &["ask", "-"], &["design", "--format", "md", "-"]]
    {
        let ended = loadcase(arguments).given(brief).end();
        let shown = format!("{}{}", ended.out, ended.err);
        assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{arguments:?}: {shown}");
    }
}
