//! Whatever arguments a tool is given, it replies within its budget or refuses and says what to do. The first byte
//! chooses the tool.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::HOST;
use loadcase_mcp::server::{BUDGET, Silent, TOOLS};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let tool = &TOOLS[usize::from(*first) % TOOLS.len()];
    let Ok(mut arguments) = serde_json::from_slice::<serde_json::Value>(rest) else { return };
    // What may write, or run for as long as it is told to, is not what is tried here.
    if let Some(given) = arguments.as_object_mut() {
        given.remove("out");
        given.remove("seconds");
        if tool.name == "simulate" {
            given.insert("scenarios".to_owned(), serde_json::json!(["none"]));
        }
    }
    match (tool.run)(&HOST, arguments, &Silent) {
        Ok(reply) => {
            let ascii = reply.text.chars().filter(char::is_ascii).count();
            let tokens = ascii / 3 + reply.text.chars().count() - ascii;
            assert!(tokens <= BUDGET, "{}: {tokens} tokens", tool.name);
            assert!(reply.structured.is_object());
        }
        Err(refusal) => {
            let text = refusal.text();
            assert!(text.contains("What to do:"), "{}: {text}", tool.name);
            assert!(text.len() < 8_000, "{}: {} bytes", tool.name, text.len());
        }
    }
});
