//! Reading YAML that somebody wrote: bounded, strict, with errors that point at the place.

use serde::de::DeserializeOwned;

use crate::diagnostic::Diagnostic;
use crate::span::Span;

/// Largest YAML file accepted, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Reads a YAML document into `T`.
///
/// Booleans must be `true` or `false`, keys may not repeat, and the reader's budget bounds depth, anchors and
/// node count, so that a hostile document is refused instead of exhausting memory.
///
/// # Errors
/// A diagnostic that names the field, points at line and column, and suggests the nearest known field.
pub fn read<T: DeserializeOwned>(source: &str) -> Result<T, Box<Diagnostic>> {
    if source.len() > MAX_BYTES {
        return Err(Box::new(
            Diagnostic::error(
                "file-too-large",
                format!("the file has {} bytes, the limit is {MAX_BYTES}", source.len()),
            )
            .help("split the file, or remove what does not belong in it"),
        ));
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(source, options).map_err(|error| Box::new(diagnose(source, &error)))
}

/// Turns the reader's error into a diagnostic with a place and a suggestion.
fn diagnose(source: &str, error: &serde_saphyr::Error) -> Diagnostic {
    use serde_saphyr::Error;
    // The place and the snippet wrap the cause, sometimes more than once.
    let mut cause = error;
    while let Error::WithSnippet { error, .. } | Error::AliasError { error, .. } = cause {
        cause = error;
    }
    let mut diagnostic = match cause {
        Error::SerdeUnknownField { field, expected, .. } => {
            let message = format!("there is no field `{field}` here");
            suggest(Diagnostic::error("unknown-field", message), field, expected)
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            let message = format!("`{variant}` is not one of the values known here");
            suggest(Diagnostic::error("unknown-value", message), variant, expected)
        }
        Error::SerdeMissingField { field, .. } => {
            Diagnostic::error("missing-field", format!("the field `{field}` is missing"))
                .help(format!("add `{field}:` to this record"))
        }
        Error::DuplicateMappingKey { .. } => {
            Diagnostic::error("duplicate-key", without_place(&cause.to_string())).help("keep one of the two")
        }
        Error::Budget { .. } => Diagnostic::error("document-too-complex", without_place(&cause.to_string()))
            .help("remove nesting, anchors or repetition: no brief or blueprint needs that much"),
        _ => Diagnostic::error("invalid-yaml", without_place(&cause.to_string())),
    };
    if let Some(location) = error.location() {
        let span = span_at(source, to_index(location.line()), to_index(location.column()));
        diagnostic = diagnostic.at(span, "");
    }
    diagnostic
}

fn to_index(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(0)
}

/// The reader appends ` at line 3, column 5`; the place is shown by the diagnostic itself.
fn without_place(message: &str) -> String {
    let first = message.lines().next().unwrap_or("the document cannot be read");
    let first = first.strip_prefix("error: ").unwrap_or(first);
    first.split(" at line ").next().unwrap_or(first).trim().to_owned()
}

/// Suggests the nearest known name, or lists the known ones when none is near.
fn suggest(diagnostic: Diagnostic, wrong: &str, known: &[&str]) -> Diagnostic {
    let near = |name: &str| strsim::jaro_winkler(wrong, name);
    match known.iter().copied().max_by(|a, b| near(a).total_cmp(&near(b))) {
        Some(best) if near(best) > 0.8 => diagnostic.help(format!("did you mean `{best}`?")),
        Some(_) => diagnostic.help(format!("known here: {}", known.join(", "))),
        None => diagnostic,
    }
}

/// The word at a line and column, as a span.
fn span_at(source: &str, line: usize, column: usize) -> Span {
    let line_start: usize = source.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = source.get(line_start..).unwrap_or("");
    let text = rest.lines().next().unwrap_or("");
    let offset = text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(i, _)| i);
    let length = text[offset..]
        .char_indices()
        .find(|(_, c)| c.is_whitespace() || matches!(c, ':' | ',' | '}' | ']'))
        .map_or(text.len() - offset, |(i, _)| i);
    Span::new(line_start + offset, line_start + offset + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Team {
        #[allow(dead_code, reason = "read by serde only")]
        engineers: u32,
    }

    #[test]
    fn an_unknown_field_is_pointed_at_and_corrected() {
        let source = "# team\nenginers: 4\n";
        let diagnostic = read::<Team>(source).expect_err("the field is misspelt");
        assert_eq!(diagnostic.code, "unknown-field");
        assert_eq!(diagnostic.help.as_deref(), Some("did you mean `engineers`?"));
        assert!(
            diagnostic.one_line("brief.yaml", source).starts_with("brief.yaml:2:1: error[unknown-field]")
        );
    }

    #[test]
    fn bombs_and_oversized_documents_are_refused() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for i in 1..12 {
            let items = vec![format!("*a{}", i - 1); 9].join(",");
            bomb.push_str(&format!("a{i}: &a{i} [{items}]\n"));
        }
        assert!(read::<serde_json::Value>(&bomb).is_err());
        let deep = "[".repeat(100_000);
        assert!(read::<serde_json::Value>(&deep).is_err());
        assert_eq!(
            read::<serde_json::Value>(&"a".repeat(MAX_BYTES + 1)).expect_err("too large").code,
            "file-too-large"
        );
    }
}
