//! Bytes called a YAML brief are read or refused with a place inside them, without panic.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use loadcase_brief::Reader;
use loadcase_catalog::Catalog;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| loadcase_catalog::load_embedded().expect("the embedded catalog is sound"));
static READER: LazyLock<Reader> = LazyLock::new(|| Reader::new(&CATALOG));

fuzz_target!(|bytes: &[u8]| {
    match READER.read_any(bytes, "brief.yaml", &CATALOG) {
        Ok(read) => {
            for estimate in read.brief.numbers.values().flat_map(|g| [&g.now, &g.later]).flatten() {
                assert!(estimate.low <= estimate.value && estimate.value <= estimate.high, "{estimate:?}");
                assert!((0.0..=1e12).contains(&estimate.value), "{estimate:?}");
            }
        }
        Err(refusal) => {
            let text = String::from_utf8_lossy(bytes);
            assert!(!refusal.one_line("brief.yaml", &text).is_empty());
        }
    }
});
