//! Names that every language of contracts takes, each once.

use std::collections::BTreeSet;

use crate::text::capital;

/// Most characters of a name for programs.
const LONGEST: usize = 60;

/// The words of a name: runs of ASCII letters and digits, at most as many as fit.
fn parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut length = 0;
    for part in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()) {
        let kept: String = part.chars().take(LONGEST.saturating_sub(length)).collect();
        length += kept.len() + 1;
        if !kept.is_empty() {
            parts.push(kept.to_ascii_lowercase());
        }
    }
    // Languages want a letter first.
    if parts.first().is_none_or(|p| p.starts_with(|c: char| c.is_ascii_digit())) {
        parts.insert(0, "x".to_owned());
    }
    parts
}

/// `order-line` as `OrderLine`.
pub(crate) fn pascal(text: &str) -> String {
    parts(text).iter().map(|p| capital(p)).collect()
}

/// `read-feed` as `readFeed`.
pub(crate) fn camel(text: &str) -> String {
    let parts = parts(text);
    parts.iter().enumerate().map(|(i, p)| if i == 0 { p.clone() } else { capital(p) }).collect()
}

/// `order-line` as `order_line`; a digit joins the word before it, so that converting back and forth keeps the name.
pub(crate) fn snake(text: &str) -> String {
    let mut out = String::new();
    for part in parts(text) {
        if !out.is_empty() && !part.starts_with(|c: char| c.is_ascii_digit()) {
            out.push('_');
        }
        out.push_str(&part);
    }
    out
}

/// `in-transit` as `IN_TRANSIT`.
pub(crate) fn upper(text: &str) -> String {
    snake(text).to_ascii_uppercase()
}

/// `Multi tenant SaaS!` as `multi-tenant-saas`.
pub(crate) fn kebab(text: &str) -> String {
    snake(text).replace('_', "-")
}

/// `order-line` as `order_lines`.
pub(crate) fn plural(text: &str) -> String {
    let one = snake(text);
    match one.as_bytes() {
        [.., before, b'y'] if !b"aeiou".contains(before) => format!("{}ies", &one[..one.len() - 1]),
        [.., b's' | b'x'] | [.., b'c' | b's', b'h'] => format!("{one}es"),
        _ => format!("{one}s"),
    }
}

/// The name of a record's entity: without what says how it is used.
pub(crate) fn bare(record: &str) -> &str {
    let prefixes = ["Public", "New", "Change"];
    prefixes.iter().find_map(|p| record.strip_prefix(p)).filter(|r| !r.is_empty()).unwrap_or(record)
}

/// Names that are taken, whatever their case and their separators.
#[derive(Clone, Debug, Default)]
pub(crate) struct Taken(BTreeSet<String>);

impl Taken {
    pub(crate) fn with(names: &[&str]) -> Self {
        Self(names.iter().map(|n| fold(n)).collect())
    }

    /// `wanted`, or with the first number that makes it new.
    pub(crate) fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 2;
        while !self.0.insert(fold(&name)) {
            name = format!("{wanted}{n}");
            n += 1;
        }
        name
    }

    /// `stem` and `suffix`, with the first number between them that makes it new.
    pub(crate) fn free_before(&mut self, stem: &str, suffix: &str) -> String {
        let mut name = format!("{stem}{suffix}");
        let mut n = 2;
        while !self.0.insert(fold(&name)) {
            name = format!("{stem}{n}{suffix}");
            n += 1;
        }
        name
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(&fold(name))
    }
}

fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_what_people_write() {
        assert_eq!(pascal("order-line"), "OrderLine");
        assert_eq!(camel("read_feed.v2"), "readFeedV2");
        assert_eq!(snake("line-2-of"), "line2_of");
        assert_eq!(snake("größer ≥ 5"), "gr_er5");
        assert_eq!(camel("2fa"), "x2fa");
        assert_eq!(upper("łódź"), "D");
        assert_eq!(pascal("—"), "X");
        assert!(snake(&"a".repeat(200)).len() <= LONGEST);
        assert_eq!(plural("reply"), "replies");
        assert_eq!(plural("day"), "days");
        assert_eq!(plural("address"), "addresses");
    }

    #[test]
    fn names_that_differ_only_in_case_are_told_apart() {
        let mut taken = Taken::with(&["Problem"]);
        assert_eq!(taken.free("orderLine"), "orderLine");
        assert_eq!(taken.free("order_line"), "order_line2");
        assert_eq!(taken.free("problem"), "problem2");
    }
}
