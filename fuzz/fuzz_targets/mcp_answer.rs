//! Whatever a documentation server says, only quotations with an address of the web come of it, cut and without
//! anything that steers a terminal.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_mcp::client::{blocks, library_ids};

fuzz_target!(|text: &str| {
    for id in library_ids(text) {
        assert!(id.starts_with('/') && !id.contains(".."), "{id:?}");
    }
    for block in blocks(text) {
        assert!(block.url.starts_with("https://") || block.url.starts_with("http://"), "{block:?}");
        assert!(!block.url.contains(char::is_whitespace) && !block.url.contains(')'), "{block:?}");
        assert!(!block.text.is_empty() && block.text.chars().count() <= 700, "{block:?}");
        assert!(!block.title.contains('\n') && block.title.chars().count() <= 120, "{block:?}");
        assert!(
            !block.text.chars().chain(block.title.chars()).any(|c| c.is_control() && c != '\n'),
            "{block:?}"
        );
    }
});
