//! The lists of weaknesses and requirements that rules refer to, as SARIF taxonomies.

use std::collections::BTreeSet;

use crate::findings::RuleSheet;
use crate::findings::sarif::log::{
    ComponentReference, Descriptor, Relationship, Target, Text, ToolComponent,
};

/// A list of norms: how a reference to it begins or ends, and what it is called.
struct List {
    name: &'static str,
    organization: &'static str,
    version: Option<&'static str>,
    uri: &'static str,
    about: &'static str,
    /// The entry that a reference names; none when it belongs to another list.
    entry: fn(&str) -> Option<String>,
}

const LISTS: [List; 4] = [
    List {
        name: "CWE",
        organization: "MITRE",
        version: None,
        uri: "https://cwe.mitre.org/",
        about: "Common Weakness Enumeration.",
        entry: |r| digits(r.strip_prefix("CWE-")?).then(|| r.to_owned()),
    },
    List {
        name: "OWASP Top 10",
        organization: "OWASP",
        version: Some("2025"),
        uri: "https://owasp.org/Top10/",
        about: "OWASP Top 10 of web application risks.",
        entry: |r| digits(r.strip_prefix('A')?.strip_suffix(":2025")?).then(|| r.to_owned()),
    },
    List {
        name: "OWASP API Security Top 10",
        organization: "OWASP",
        version: Some("2023"),
        uri: "https://owasp.org/API-Security/",
        about: "OWASP Top 10 of API risks.",
        entry: |r| digits(r.strip_prefix("API")?.strip_suffix(":2023")?).then(|| r.to_owned()),
    },
    List {
        name: "OWASP ASVS",
        organization: "OWASP",
        version: Some("5.0.0"),
        uri: "https://owasp.org/www-project-application-security-verification-standard/",
        about: "OWASP Application Security Verification Standard.",
        entry: |r| {
            let number = r.strip_prefix("ASVS ")?;
            number.split('.').all(digits).then(|| format!("v5.0.0-{number}"))
        },
    },
];

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The lists with the entries that the rules refer to.
pub(super) struct Taxonomies {
    entries: Vec<Vec<String>>,
}

impl Taxonomies {
    /// The entries that these rules refer to.
    pub(super) fn of(rules: &[RuleSheet]) -> Self {
        let entries = |list: &List| {
            let named: BTreeSet<String> =
                rules.iter().flat_map(|r| &r.references).filter_map(|r| (list.entry)(r)).collect();
            named.into_iter().collect()
        };
        Self { entries: LISTS.iter().map(entries).collect() }
    }

    /// The lists, in the order that [`Self::references`] counts.
    pub(super) fn components(&self) -> Vec<ToolComponent> {
        LISTS.iter().zip(&self.entries).map(|(list, entries)| component(list, entries)).collect()
    }

    /// The lists by name and index.
    pub(super) fn references() -> Vec<ComponentReference> {
        (0..LISTS.len()).map(reference).collect()
    }

    /// The entries that one rule refers to.
    pub(super) fn relationships(&self, rule: &RuleSheet) -> Vec<Relationship> {
        let mut found = Vec::new();
        for (at, (list, entries)) in LISTS.iter().zip(&self.entries).enumerate() {
            for id in rule.references.iter().filter_map(|r| (list.entry)(r)) {
                if let Ok(index) = entries.binary_search(&id) {
                    let target = Target { id, index, tool_component: reference(at) };
                    found.push(Relationship { target, kinds: ["relevant"] });
                }
            }
        }
        found
    }
}

/// Whether a reference is to a list of security risks or requirements.
pub(super) fn is_security(reference: &str) -> bool {
    LISTS[1..].iter().any(|list| (list.entry)(reference).is_some())
}

/// The tag by which code scanning knows a weakness: `external/cwe/cwe-798`.
pub(super) fn cwe_tag(reference: &str) -> Option<String> {
    (LISTS[0].entry)(reference).map(|id| format!("external/cwe/{}", id.to_ascii_lowercase()))
}

/// The public page of a weakness, when a reference is to one.
pub(super) fn weakness_page(reference: &str) -> Option<String> {
    (LISTS[0].entry)(reference).and_then(|id| page_of(&id))
}

fn page_of(id: &str) -> Option<String> {
    id.strip_prefix("CWE-").map(|number| format!("https://cwe.mitre.org/data/definitions/{number}.html"))
}

fn reference(index: usize) -> ComponentReference {
    ComponentReference { name: LISTS[index].name.to_owned(), index }
}

fn component(list: &List, entries: &[String]) -> ToolComponent {
    let taxon = |id: &String| Descriptor { id: id.clone(), help_uri: page_of(id), ..Descriptor::default() };
    ToolComponent {
        name: list.name.to_owned(),
        organization: Some(list.organization.to_owned()),
        version: list.version.map(str::to_owned),
        information_uri: Some(list.uri.to_owned()),
        short_description: Some(Text { text: list.about.to_owned(), markdown: None }),
        taxa: entries.iter().map(taxon).collect(),
        ..ToolComponent::default()
    }
}
