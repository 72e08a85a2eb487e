//! How the first screen looks: colour, signs, width.

use crate::run::{SOCIAL, loadcase};

fn screen(environment: &[(&str, &str)], more: &[&str]) -> String {
    let mut arguments = vec!["design", "--no-input"];
    arguments.extend(more);
    arguments.push(SOCIAL);
    let run = environment.iter().fold(loadcase(&arguments), |run, (name, value)| run.with(name, value));
    run.end().fine().out
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    assert!(!screen(&[], &[]).contains('\u{1b}'));
    assert!(screen(&[], &["--color", "always"]).contains('\u{1b}'));
    assert!(screen(&[("FORCE_COLOR", "1")], &[]).contains('\u{1b}'));
    assert!(!screen(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], &[]).contains('\u{1b}'));
    assert!(!screen(&[("FORCE_COLOR", "1")], &["--color", "never"]).contains('\u{1b}'));
}

#[test]
fn colour_changes_no_word() {
    let painted = screen(&[], &["--color", "always"]);
    let mut parts = painted.split('\u{1b}');
    let before = parts.next().unwrap_or("").to_owned();
    let bare = parts.fold(before, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest));
    assert_eq!(bare, screen(&[], &[]));
}

#[test]
fn a_locale_without_utf_8_gets_plain_signs() {
    for full in [&[][..], &["--full"]] {
        let text = screen(&[("LC_ALL", "C")], full);
        let strange: String = text.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(strange, "", "{text}");
    }
    assert!(!screen(&[("LC_ALL", "en_US.UTF-8")], &[]).is_ascii());
}

#[test]
fn the_answer_comes_first_and_no_line_is_too_wide() {
    let text = screen(&[], &[]);
    let first: String = text.lines().take(4).collect::<Vec<_>>().join(" ").to_lowercase();
    assert!(first.contains("monolith"), "{text}");
    for line in text.lines() {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn the_first_screen_is_one_screen_and_says_what_matters() {
    let text = screen(&[], &[]);
    assert!(text.lines().count() <= 45, "{} lines\n{text}", text.lines().count());
    for part in [
        "ANSWER", "Carries", "Holds in", "TARGETS", "✓", "┌", "FLIPS", "COST", "FACTS", "As of", "RISKS",
        "ASSUMED", "NEXT",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn the_whole_answer_holds_the_first_screen_and_more() {
    let (short, full) = (screen(&[], &[]), screen(&[], &["--full"]));
    assert!(full.lines().count() > short.lines().count());
}
