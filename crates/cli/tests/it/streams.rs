//! Where results and messages go, and the exit codes.

use crate::run::{SOCIAL, loadcase};

#[test]
fn an_answer_goes_to_standard_output() {
    let ended = loadcase(&["design", "--no-input", SOCIAL]).end().fine();
    assert!(ended.out.to_lowercase().contains("monolith"), "{}", ended.out);
    assert_eq!(ended.err, "");
}

#[test]
fn a_brief_comes_from_an_argument_a_file_or_standard_input() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("brief.md"), SOCIAL).expect("written");
    let said = loadcase(&["design", "--no-input", SOCIAL]).end().fine().out;
    let filed = loadcase(&["design", "--no-input", "brief.md"]).inside(folder.path()).end().fine().out;
    let piped = loadcase(&["design", "--no-input", "-"]).given(SOCIAL).end().fine().out;
    let default = loadcase(&["design", "--no-input"]).given(SOCIAL).end().fine().out;
    assert_eq!(said, filed);
    assert_eq!(said, piped);
    assert_eq!(said, default);
}

#[test]
fn nobody_is_asked_when_nobody_is_there() {
    let ended = loadcase(&["design", SOCIAL]).end().fine();
    assert!(!ended.err.contains("why:"), "{}", ended.err);
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["dezign"][..],
        &["design", "--formt", "json"],
        &["design", "--format", "xml", SOCIAL],
        &["schema", "nothing"],
        &[],
    ] {
        let ended = loadcase(arguments).end().ended_with(2);
        assert_eq!(ended.out, "");
        assert!(!ended.err.is_empty());
    }
}

#[test]
fn no_brief_at_all_is_refused() {
    for arguments in [&["design"][..], &["ask"]] {
        let why = loadcase(arguments).end().refused();
        assert!(why.contains("empty") || why.contains("no brief"), "{why}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    for (arguments, code) in [
        (&["design", "nowhere.yaml"][..], 3),
        (&["ask", "--material", "nowhere.py", "Is this sound?"], 3),
        (&["design", "--repo", "nowhere", SOCIAL], 3),
        (&["design", "--out", "/proc/nowhere", SOCIAL], 5),
    ] {
        let ended = loadcase(arguments).end().ended_with(code);
        assert!(ended.err.contains("nowhere"), "{}", ended.err);
    }
}

#[test]
fn what_no_design_can_meet_ends_with_4_and_still_says_the_best() {
    let brief = "A chat for 40 million daily users, 2 million requests per second, two engineers, \
                 budget 50 dollars a month, p99 under 1 ms, 99.9999% availability.";
    let ended = loadcase(&["design", "--no-input", brief]).end().ended_with(4);
    assert!(!ended.out.is_empty());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    for arguments in [&["design", "--no-input", "--full", SOCIAL][..], &["explain"], &["schema", "design"]] {
        let (code, err) = loadcase(arguments).end_unread();
        assert_eq!(code, Some(0), "{arguments:?}: {err}");
        assert_eq!(err, "", "{arguments:?}");
    }
}

#[test]
fn help_begins_with_examples_and_tells_the_exit_codes() {
    let help = loadcase(&["--help"]).end().fine().out;
    assert!(help.starts_with("Examples:"), "{help}");
    assert!(
        help.contains("Exit codes: 0 fine, 1 findings")
            && help.contains("2 wrong usage, 3 bad input, 4 no design"),
        "{help}"
    );
    assert!(loadcase(&["--version"]).end().fine().out.starts_with("loadcase "));
}
