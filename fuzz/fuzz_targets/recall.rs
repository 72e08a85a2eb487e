//! Documents of any kind give pins that name options of the catalog at lines that exist, without panic.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use loadcase_brief::{Document, Recaller};
use loadcase_catalog::Catalog;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| loadcase_catalog::load_embedded().expect("the embedded catalog is sound"));
static RECALLER: LazyLock<Recaller> = LazyLock::new(|| Recaller::new(&CATALOG));

fuzz_target!(|text: &str| {
    let document = |path: &str| Document { path: path.to_owned(), text: text.to_owned() };
    let documents = [document("docs/backend/architecture.md"), document("docs/adr/0001-a.md")];
    let lines = text.matches('\n').count() + 1;
    for pin in RECALLER.recall(&documents).0 {
        let decision = CATALOG.decision(pin.decision.as_str()).expect("the decision is known");
        assert!(decision.option(pin.option.as_str()).is_some(), "{pin:?}");
        assert!((1..=lines).contains(&pin.place.line), "{pin:?}");
    }
    let _ = RECALLER.documented(&documents);
});
