//! Decision records and descriptions of a backend in Markdown: the components, flows and controls they name.

use crate::extract::Extractor;
use crate::sighting::{ClaimSeen, Seen};
use crate::source::{Sightings, Source};

/// Reads documents about the architecture.
pub(crate) const EXTRACTOR: Extractor =
    Extractor { id: "markdown", reads: is_architecture, sees: &[], extract };

/// Folders that hold such documents.
const FOLDERS: &[&str] = &["adr", "adrs", "decisions", "architecture", "backend", "design", "rfcs"];

/// Files that are such documents wherever they stand.
const NAMES: &[&str] = &["architecture.md", "design.md", "system-design.md"];

fn is_architecture(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let Some((folder, name)) = lower.rsplit_once('/') else { return NAMES.contains(&lower.as_str()) };
    if !name.ends_with(".md") || name == "readme.md" && !folder.contains("docs") {
        return false;
    }
    let of_docs = folder.split('/').any(|p| matches!(p, "doc" | "docs" | "documentation"));
    let of_kind = folder.split('/').any(|p| FOLDERS.contains(&p));
    NAMES.contains(&name) || (of_kind && (of_docs || folder.contains("adr")))
}

/// Controls by the words that promise them, in lower case.
const CONTROLS: &[(&str, &[&str])] = &[
    ("timeout", &["timeout", "time limit", "deadline of"]),
    ("retry", &["retry", "retries", "retried"]),
    ("circuit-breaker", &["circuit breaker", "circuit-breaker"]),
    ("rate-limit", &["rate limit", "rate-limit", "throttl"]),
    ("encryption-in-transit", &["tls", "mtls", "https only", "encrypted in transit"]),
    ("encryption-at-rest", &["encrypted at rest", "encryption at rest"]),
    ("authentication", &["authenticat", "oauth", "oidc", "jwt"]),
    ("authorization", &["authoriz", "authoris", "rbac", "role-based"]),
    ("idempotency", &["idempoten"]),
    ("outbox", &["outbox"]),
    ("dead-letter", &["dead letter", "dead-letter"]),
    ("backup", &["backup", "point-in-time"]),
    ("audit", &["audit log", "audit trail", "audit event"]),
    ("health-check", &["health check", "readiness", "liveness"]),
    ("page-limit", &["pagination", "page limit", "page size"]),
    ("secret-store", &["secret manager", "secrets manager", "vault", "key vault"]),
];

/// Words by which a sentence says that something is not so, or not yet.
const DENIES: &[&str] = &[
    " no ",
    " not ",
    "without",
    "n't",
    "never",
    "rejected",
    "instead of",
    "todo",
    "out of scope",
    "later",
    "future",
];

fn extract(source: &Source<'_>, out: &mut Sightings) {
    let mut heading = String::new();
    let mut fence: Option<String> = None;
    let mut column = false;
    for (i, text) in source.text.lines().enumerate() {
        let (number, line) = (i + 1, text.trim());
        if let Some(language) = line.strip_prefix("```") {
            fence = match fence {
                Some(_) => None,
                None => Some(language.trim().to_ascii_lowercase()),
            };
            continue;
        }
        match &fence {
            Some(language) if language.starts_with("mermaid") => {
                drawn(line, number, out);
                continue;
            }
            Some(_) => continue,
            None => {}
        }
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim().to_owned();
            column = false;
            continue;
        }
        listed(line, &heading, &mut column, number, out);
        arrow(line, number, out);
        controls(line, &heading, number, out);
    }
}

fn claim(kind: &'static str, subject: &str, object: &str, line: usize, out: &mut Sightings) {
    let (subject, object) = (subject.to_owned(), object.to_owned());
    out.add(line, Seen::Claim(ClaimSeen { kind, subject, object }));
}

/// Components in lists and tables below a heading that promises them.
fn listed(line: &str, heading: &str, column: &mut bool, number: usize, out: &mut Sightings) {
    let lower = heading.to_ascii_lowercase();
    let promises = ["component", "service", "container", "building block"].iter().any(|w| lower.contains(w));
    if let Some(row) = line.strip_prefix('|') {
        let first = row.split('|').next().unwrap_or("").trim();
        let named = first.trim_matches(['*', '`', ' ']);
        if ["component", "service", "container"].iter().any(|w| named.eq_ignore_ascii_case(w)) {
            *column = true;
        } else if *column && !first.starts_with('-') && !first.starts_with(':') && is_name(named) {
            claim("component", named, "", number, out);
        }
        return;
    }
    *column = false;
    let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
    let Some(item) = item.filter(|_| promises) else { return };
    let marked = ["**", "`"].iter().find_map(|m| item.strip_prefix(m)?.split(m).next());
    if let Some(name) = marked.map(|n| n.trim().trim_end_matches(':')).filter(|n| is_name(n)) {
        claim("component", name, "", number, out);
    }
}

/// Whether a text is a name and no sentence.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 60
        && text.split_whitespace().count() <= 4
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/'))
}

/// `orders -> payments`, also in list items.
fn arrow(line: &str, number: usize, out: &mut Sightings) {
    let plain = line.trim_start_matches(['-', '*', ' ']);
    for sign in [" -> ", " → ", " --> "] {
        let Some((from, rest)) = plain.split_once(sign) else { continue };
        let to = rest.split([':', '(', ',', '.', ';']).next().unwrap_or(rest);
        let (from, to) = (from.trim().trim_matches(['`', '*']), to.trim().trim_matches(['`', '*']));
        if is_name(from) && is_name(to) {
            claim("flow", from, to, number, out);
        }
        return;
    }
}

/// Controls that a sentence promises; the subject is what it marks as code or bold, else the heading.
fn controls(line: &str, heading: &str, number: usize, out: &mut Sightings) {
    let lower = format!(" {} ", line.to_ascii_lowercase());
    if line.len() < 12 || DENIES.iter().any(|d| lower.contains(d)) {
        return;
    }
    let marked = line.split('`').nth(1).or_else(|| line.split("**").nth(1)).filter(|n| is_name(n));
    for (control, words) in CONTROLS {
        let found = words.iter().any(|w| {
            lower.match_indices(w).any(|(at, _)| {
                lower.get(..at).and_then(|b| b.chars().last()).is_none_or(|c| !c.is_alphanumeric())
            })
        });
        if found {
            claim("control", marked.unwrap_or(heading), control, number, out);
        }
    }
}

/// An edge of a Mermaid flowchart: `a[Orders] -->|http| b[(Store)]`.
fn drawn(line: &str, number: usize, out: &mut Sightings) {
    for sign in ["-->", "-.->", "==>", "->>"] {
        let Some((from, to)) = line.split_once(sign) else { continue };
        let to = to.trim().strip_prefix('|').and_then(|t| t.split_once('|')).map_or(to, |(_, t)| t);
        let from = from.split("-- ").next().unwrap_or(from);
        let (from, to) = (label(from), label(to.split(':').next().unwrap_or(to)));
        if is_name(&from) && is_name(&to) {
            claim("flow", &from, &to, number, out);
        }
        return;
    }
}

/// The label of a node of Mermaid, else its identifier.
fn label(node: &str) -> String {
    let node = node.trim().trim_end_matches(';');
    let inside = node.find(['[', '(', '{']).and_then(|at| node.get(at..)).unwrap_or(node);
    inside.trim_matches(['[', ']', '(', ')', '{', '}', '"', '>', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::is_architecture;
    use crate::sighting::Seen;
    use crate::testing::see;

    #[test]
    fn components_flows_and_controls_are_claims() {
        assert!(is_architecture("docs/backend/api.md") && is_architecture("adr/0001-x.md"));
        assert!(!is_architecture("README.md") && !is_architecture("src/backend/notes.md"));
        let text = "# Shop\n## Components\n- **orders**: takes orders\n\n| Service | Does |\n|---|---|\n| carts | keeps carts |\n\n## Rules\nEvery call to `payments` has a timeout of 2 s.\nThere is no rate limit.\n- orders -> payments: charges\n```mermaid\nflowchart LR\n  a[Web] -->|http| b[(Store)]\n```\n";
        let claims: Vec<String> = see("docs/architecture/shop.md", text)
            .iter()
            .filter_map(|s| match &s.seen {
                Seen::Claim(c) => Some(format!("{} {} {}", c.kind, c.subject, c.object)),
                _ => None,
            })
            .collect();
        assert_eq!(
            claims,
            [
                "component orders ",
                "component carts ",
                "control payments timeout",
                "flow orders payments",
                "flow Web Store",
            ]
        );
    }
}
