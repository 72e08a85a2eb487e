//! Whatever arrives on standard input, the program ends with a design or a refusal, in time.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::run::{Ended, design_json};

/// Runs per property: each is a process.
const CASES: u32 = 24;

/// The same cases in every run, and no files left behind.
fn repeatable() -> ProptestConfig {
    ProptestConfig {
        cases: CASES,
        max_shrink_iters: 64,
        rng_seed: RngSeed::Fixed(20_261_122),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Words that mean something to the reader, numbers that should not, and the signs between them.
fn soup() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[0-9]{1,12}[kMG%]?",
        "-?[0-9]{1,3}e[0-9]{1,3}",
        prop::sample::select(vec![
            "users",
            "rps",
            "requests per second",
            "no",
            "not",
            "without",
            "we use",
            "PostgreSQL",
            "Kafka",
            "shop",
            "payments",
            "TB",
            "per minute",
            "in two years",
            "doubles",
            "every",
            "engineers",
            "teams",
            "nines",
            "ms",
            "p99",
            "$",
            "EUR",
            "to",
            "about",
            "up",
            "between",
            "and",
            "or",
            ",",
            ".",
            "?",
            ":",
            "-",
            "(",
            ")",
            "{",
            "[",
            "&a",
            "*a",
            "\n",
            "\t",
            "numbers",
            "%",
            "/",
            "\u{1f600}",
            "\u{0}",
            "\u{85}",
            "é",
            "half",
            "dozen",
        ])
        .prop_map(str::to_owned),
    ];
    vec(word, 0..80).prop_map(|words| words.join(" "))
}

fn ends_well(ended: &Ended) -> Result<(), TestCaseError> {
    prop_assert!(matches!(ended.code, Some(0 | 3 | 4)), "{:?}\n{}", ended.code, ended.err);
    prop_assert!(!ended.err.contains("panicked"), "{}", ended.err);
    prop_assert_eq!(ended.out.is_empty(), ended.code == Some(3));
    Ok(())
}

proptest! {
    #![proptest_config(repeatable())]

    #[test]
    fn any_bytes_are_survived(bytes in vec(any::<u8>(), 0..2_000)) {
        ends_well(&design_json(&bytes))?;
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,600}") {
        ends_well(&design_json(text.as_bytes()))?;
    }

    #[test]
    fn any_mixture_of_known_words_is_survived(text in soup()) {
        ends_well(&design_json(text.as_bytes()))?;
    }
}
