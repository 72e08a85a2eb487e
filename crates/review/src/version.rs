//! Libraries and images as the facts on versions know them.

use loadcase_facts::Subject;
use loadcase_model::Library;

/// What a library or image is to the facts on versions.
pub(crate) fn facts(library: &Library) -> Subject {
    Subject::new(&*library.ecosystem, &*library.name)
}

/// The version, or the lowest one that a range lets in: `^2.3.1` is 2.3.1, `16-alpine` is 16.
pub(crate) fn lowest(version: &str) -> &str {
    let start = version.find(|c: char| c.is_ascii_digit()).unwrap_or(version.len());
    let rest = &version[start..];
    // A tag may go on with the system an image is built on.
    let end = rest.find([' ', ',', '<', '|', ')', ']']).unwrap_or(rest.len());
    let rest = &rest[..end];
    match rest.split_once('-') {
        Some((front, behind)) if !behind.starts_with(|c: char| c.is_ascii_digit()) && !is_early(behind) => {
            front
        }
        _ => rest,
    }
}

/// Whether what stands behind the numbers is a pre-release: part of the version.
fn is_early(behind: &str) -> bool {
    ["rc", "beta", "alpha", "canary", "pre", "m", "dev"].iter().any(|word| {
        behind.strip_prefix(word).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(['.', '1', '2', '3', '4', '5', '6', '7', '8', '9', '0'])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::lowest;

    #[test]
    fn ranges_and_tags_give_their_lowest_version() {
        for (text, expected) in [
            ("^2.3.1", "2.3.1"),
            (">=4.2,<5", "4.2"),
            ("16-alpine3.19", "16"),
            ("v1.3.1-0.20190301021747-ccb9e902956d", "1.3.1-0.20190301021747-ccb9e902956d"),
            ("14.3.0-canary.77", "14.3.0-canary.77"),
            ("latest", ""),
        ] {
            assert_eq!(lowest(text), expected, "{text}");
        }
    }
}
