//! Reads a brief from bytes of unknown form: prose or YAML, with or without a byte order mark.

use loadcase_catalog::Catalog;
use loadcase_model::{Diagnostic, Span};

use crate::reader::{Read, Reader};

/// Largest brief accepted, in bytes.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// Keys by which a text without a telling name is recognised as YAML.
const KEYS: &[&str] = &["summary", "question", "domains", "numbers", "signals", "technologies", "text"];

/// Reads bytes as prose or YAML, by the ending of the name, or by what they hold when the name does not tell.
///
/// # Errors
/// When the bytes are no text, too many or none, or when YAML in them is malformed.
pub fn read_any(bytes: &[u8], name: &str, catalog: &Catalog) -> Result<Read, Box<Diagnostic>> {
    Reader::new(catalog).read_any(bytes, name, catalog)
}

impl Reader {
    /// Reads bytes as prose or YAML, by the ending of the name, or by what they hold when the name does not
    /// tell.
    ///
    /// # Errors
    /// When the bytes are no text, too many or none, or when YAML in them is malformed.
    pub fn read_any(&self, bytes: &[u8], name: &str, catalog: &Catalog) -> Result<Read, Box<Diagnostic>> {
        let text = text_of(bytes)?;
        if is_yaml(name, &text) { self.read_yaml(&text, catalog) } else { Ok(self.read(&text)) }
    }
}

/// The text of a file.
///
/// # Errors
/// When the bytes are no text, too many or none.
pub(crate) fn text_of(bytes: &[u8]) -> Result<String, Box<Diagnostic>> {
    if bytes.len() > MAX_BYTES {
        let message = format!("the brief has {} bytes, the limit is {MAX_BYTES}", bytes.len());
        return Err(Box::new(
            Diagnostic::error("file-too-large", message)
                .help("keep to what is wanted: a few pages are plenty"),
        ));
    }
    let text = decode(bytes)?;
    if text.trim().is_empty() {
        return Err(Box::new(
            Diagnostic::error("empty-brief", "the brief is empty")
                .help("say what you want to build, for how many users, and with how many people"),
        ));
    }
    Ok(text)
}

fn decode(bytes: &[u8]) -> Result<String, Box<Diagnostic>> {
    let utf16 = |unit: fn([u8; 2]) -> u16, bytes: &[u8]| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|c| unit([c[0], c[1]])).collect();
        String::from_utf16(&units).map_err(|_| Box::new(not_text("is not valid UTF-16")))
    };
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(u16::from_le_bytes, rest)?,
        [0xfe, 0xff, rest @ ..] => utf16(u16::from_be_bytes, rest)?,
        _ => utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))?,
    };
    if let Some(at) = text.find('\0') {
        let diagnostic = not_text("holds a NUL byte, so it is binary").at(Span::new(at, at + 1), "");
        return Err(Box::new(diagnostic));
    }
    Ok(text)
}

fn utf8(bytes: &[u8]) -> Result<String, Box<Diagnostic>> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let at = error.valid_up_to();
        let line = 1 + bytes[..at].iter().filter(|b| **b == b'\n').count();
        Box::new(not_text(&format!("is not UTF-8: byte {at}, line {line}")))
    })
}

fn not_text(why: &str) -> Diagnostic {
    Diagnostic::error("not-text", format!("the brief {why}"))
        .help("give a text file in UTF-8: prose, Markdown or YAML")
}

fn is_yaml(name: &str, text: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("yaml" | "yml" | "json") => true,
        Some("md" | "markdown" | "txt" | "text" | "rst" | "adoc") => false,
        _ => looks_like_yaml(text),
    }
}

/// Whether the first line that says anything is a key of a brief.
fn looks_like_yaml(text: &str) -> bool {
    let mut lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#') && *l != "---");
    let first = lines.next().unwrap_or("");
    KEYS.iter().any(|key| first.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::catalog;

    fn code(bytes: &[u8], name: &str) -> &'static str {
        read_any(bytes, name, catalog()).map_or_else(|e| e.code, |_| "fine")
    }

    #[test]
    fn what_is_no_text_is_refused_with_a_reason() {
        assert_eq!(code(b"", "-"), "empty-brief");
        assert_eq!(code(b" \n\t", "-"), "empty-brief");
        assert_eq!(code(b"\xef\xbb\xbf", "-"), "empty-brief");
        assert_eq!(code(b"a\0b", "-"), "not-text");
        assert_eq!(code(b"10 users \xff\xfe\xfd", "-"), "not-text");
        assert_eq!(code(&vec![b'a'; MAX_BYTES + 1], "-"), "file-too-large");
        assert_eq!(code(b"\x7fELF\x02\x01\x01\0\0", "-"), "not-text");
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_brief() {
        let read = read_any(b"\xef\xbb\xbf10,000 daily users", "-", catalog()).expect("it is text");
        assert_eq!(read.brief.text, "10,000 daily users");
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("5 engineers".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let read = read_any(&utf16, "-", catalog()).expect("it is text");
        assert_eq!(read.brief.text, "5 engineers");
    }

    #[test]
    fn the_form_is_told_by_name_or_content() {
        let yaml = "numbers: {monthly-users: 10k}\n";
        assert_eq!(code(yaml.as_bytes(), "brief.yaml"), "fine");
        for (name, users) in [("brief.yaml", 10_000.0), ("-", 10_000.0)] {
            let read = read_any(yaml.as_bytes(), name, catalog()).expect("it is sound");
            let given = &read.brief.numbers[&loadcase_model::Input::MonthlyUsers];
            assert!((given.now.as_ref().expect("now is given").value - users).abs() < 1e-9);
        }
        assert_eq!(code(b"number: 5", "brief.yaml"), "unknown-field");
        assert_eq!(code(b"We have: 5 engineers", "-"), "fine");
    }
}
