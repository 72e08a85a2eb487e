//! Prose of any kind is read without panic, and every place in the result lies inside the text.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use loadcase_brief::Reader;

static READER: LazyLock<Reader> =
    LazyLock::new(|| Reader::new(&loadcase_catalog::load_embedded().expect("the embedded catalog is sound")));

fuzz_target!(|text: &str| {
    let read = READER.read(text);
    assert_eq!(read.brief.text, text);
    for label in read.diagnostics.iter().filter_map(|d| d.label.as_ref()) {
        assert!(label.span.start <= label.span.end && label.span.end <= text.len(), "{label:?}");
    }
    for estimate in read.brief.numbers.values().flat_map(|g| [&g.now, &g.later]).flatten() {
        assert!(
            estimate.value.is_finite() && estimate.low <= estimate.value && estimate.value <= estimate.high,
            "{estimate:?}"
        );
    }
});
