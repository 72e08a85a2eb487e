//! Bytes of any kind: what is text, what is YAML, and what is refused.

use std::time::{Duration, Instant};

use loadcase_brief::{Read, read_any, read_yaml};
use loadcase_model::{Diagnostic, Input};
use proptest::prelude::*;

use crate::{catalog, reader};

fn read(bytes: &[u8], name: &str) -> Result<Read, Box<Diagnostic>> {
    reader().read_any(bytes, name, catalog())
}

fn refused(bytes: &[u8], name: &str) -> Diagnostic {
    let refusal = read(bytes, name).expect_err("it is no brief");
    assert!(refusal.help.is_some(), "{refusal:?} says what to do");
    *refusal
}

#[test]
fn nothing_is_no_brief() {
    for bytes in [&b""[..], b" \n\t\r\n", "\u{feff}".as_bytes(), "\u{a0}\u{2003}".as_bytes()] {
        for name in ["brief", "standard input", "brief.md", "brief.yaml"] {
            assert_eq!(refused(bytes, name).code, "empty-brief", "{bytes:?} {name}");
        }
    }
}

#[test]
fn ten_megabytes_are_refused_at_once() {
    for unit in [&b"10k users. "[..], b"[", b"a: &a [*a]\n", b"\0", b"\xff"] {
        let bytes: Vec<u8> = unit.iter().copied().cycle().take(10 * 1024 * 1024 + 1).collect();
        for name in ["brief", "brief.yaml"] {
            let begun = Instant::now();
            refused(&bytes, name);
            assert!(begun.elapsed() < Duration::from_secs(2), "{unit:?} {name}: {:?}", begun.elapsed());
        }
    }
}

#[test]
fn a_long_text_takes_a_time_proportional_to_its_length() {
    for unit in ["not no never without ", "1 ", "a", "- ", "1,000,000.5% per second, ", "$", "\u{1f600}"] {
        let text: String = unit.chars().cycle().take(200_000).collect();
        let begun = Instant::now();
        let _ = read(text.as_bytes(), "brief");
        // Generous: a debug build on a busy machine. What is quadratic takes minutes.
        assert!(begun.elapsed() < Duration::from_secs(30), "{unit:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn what_is_no_text_is_told_with_its_place() {
    let refusal = refused(b"We have 10 users\nand caf\xe9s\n", "brief");
    assert!(refusal.message.contains("byte 24"), "{}", refusal.message);
    for bytes in [
        &b"a\0b"[..],
        b"\x7fELF\x02\x01\x01\0\0\0",
        b"PK\x03\x04\x14\0\0\0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    ] {
        refused(bytes, "brief");
        refused(bytes, "brief.yaml");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_brief() {
    let read_with =
        |text: &str, name: &str| read(format!("\u{feff}{text}").as_bytes(), name).expect("it is text");
    let prose = read_with("5 engineers", "brief.txt");
    assert_eq!(prose.brief.text, "5 engineers");
    let yaml = read_with("numbers: {engineers: 5}\n", "brief.yaml");
    assert!(yaml.brief.numbers.contains_key(&Input::Engineers));
}

#[test]
fn the_form_is_told_by_the_ending_of_the_name() {
    let yaml = b"numbers: {engineers: 5}\n";
    for name in ["brief.yaml", "a/b.c/Brief.YML", "brief", "standard input"] {
        let read = read(yaml, name).expect("it is sound");
        assert!(read.brief.numbers.contains_key(&Input::Engineers), "{name}");
    }
    assert_eq!(refused(b"number: 5\n", "brief.yaml").code, "unknown-field");
    // What looks like a field to a machine is a sentence to people.
    for text in ["We: 5 engineers", "Numbers first: 5 engineers", "question to you: 5 engineers?"] {
        let read = read(text.as_bytes(), "brief").expect("prose is never refused");
        assert!(read.brief.numbers.contains_key(&Input::Engineers), "{text}");
    }
}

#[test]
fn the_functions_read_as_a_reader_does() {
    let yaml = "numbers: {engineers: 5}\n";
    let expected = reader().read_yaml(yaml, catalog()).expect("it is sound");
    assert_eq!(read_yaml(yaml, catalog()).expect("it is sound"), expected);
    assert_eq!(read_any(yaml.as_bytes(), "brief.yml", catalog()).expect("it is sound"), expected);
}

#[test]
fn a_brief_in_flow_style_needs_no_file_name() {
    let read = read(b"{\"numbers\": {\"monthly-users\": \"10k\"}}", "answer.yaml").expect("it is sound");
    assert!(read.brief.numbers.contains_key(&Input::MonthlyUsers));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), yaml in any::<bool>()) {
        let _ = read(&bytes, if yaml { "brief.yaml" } else { "standard input" });
    }

    #[test]
    fn no_text_panics_and_places_lie_inside(text in "\\PC{0,300}") {
        if let Ok(read) = read(text.as_bytes(), "standard input") {
            for diagnostic in &read.diagnostics {
                if let Some(label) = &diagnostic.label {
                    prop_assert!(label.span.end <= read.brief.text.len(), "{diagnostic:?}");
                }
            }
        }
    }
}
