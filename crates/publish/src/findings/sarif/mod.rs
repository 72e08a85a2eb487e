//! Findings as SARIF 2.1.0, for code scanning.

mod log;
mod taxonomy;

use std::collections::BTreeMap;

use loadcase_model::{
    Accepted, Blueprint, FailedCheck, Finding, Id, Place, Review, StaleAcceptance, Undecided,
};

use crate::findings::RuleSheet;
use crate::findings::sarif::log::{
    Artifact, Configuration, Descriptor, Invocation, Location, Log, LogicalLocation, Named, Notification,
    PhysicalLocation, Region, ResultProperties, RuleProperties, Run, SarifResult, Suppression, Text, Tool,
    ToolComponent,
};
use crate::findings::sarif::taxonomy::{Taxonomies, cwe_tag, is_security, weakness_page};
use crate::text::{clean, sentence};

/// Readers of SARIF take absolute addresses only, and pages of a checkout have none: those of rules that are about no
/// listed weakness are named instead.
const PAGES: &str = "urn:loadcase:";

/// Most further places of one finding.
const RELATED: usize = 50;

/// A review as a SARIF log. `rules` are all rules there are; `blueprint` tells where elements were seen, for
/// findings that have no place of their own.
#[must_use]
pub fn sarif(review: &Review, rules: &[RuleSheet], blueprint: &Blueprint) -> String {
    let writer = Writer { rules, blueprint };
    let mut results: Vec<SarifResult> = review.findings.iter().map(|f| writer.finding(f)).collect();
    results.extend(review.accepted.iter().map(|a| writer.accepted(a)));
    results.extend(review.undecided.iter().map(|u| writer.undecided(u)));
    let run = Run {
        tool: Tool { driver: writer.driver() },
        taxonomies: Taxonomies::of(rules).components(),
        automation_details: Named { id: "loadcase/review/".to_owned() },
        invocations: [Invocation {
            execution_successful: true,
            tool_configuration_notifications: review.stale.iter().map(stale).collect(),
            tool_execution_notifications: review.failed.iter().map(failed).collect(),
        }],
        column_kind: "utf16CodeUnits",
        results,
    };
    let log = Log { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] };
    serde_json::to_string_pretty(&log).expect("a log has string keys and no floats")
}

/// What results need to know beyond the finding.
struct Writer<'a> {
    rules: &'a [RuleSheet],
    blueprint: &'a Blueprint,
}

impl Writer<'_> {
    fn driver(&self) -> ToolComponent {
        let taxonomies = Taxonomies::of(self.rules);
        ToolComponent {
            name: "Loadcase".to_owned(),
            organization: Some("Loadcase".to_owned()),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            short_description: Some(plain("Reviews the architecture of a repository.")),
            supported_taxonomies: Taxonomies::references(),
            rules: self.rules.iter().map(|r| descriptor(r, &taxonomies)).collect(),
            ..ToolComponent::default()
        }
    }

    fn finding(&self, finding: &Finding) -> SarifResult {
        let detail = finding.review.as_deref();
        let proves = |i: usize| detail.and_then(|d| d.proves.get(i)).filter(|p| !p.is_empty());
        let places = &finding.location.places;
        let related = places.iter().enumerate().skip(1).take(RELATED).map(|(i, place)| Location {
            id: Some(i),
            physical_location: Some(physical(place)),
            message: proves(i).map(|p| message(p)),
            ..Location::default()
        });
        let mut text = sentence(&finding.message);
        if let Some(proof) = proves(0) {
            text.push_str(&format!(" Seen here: {}", sentence(proof)));
        }
        text.push_str(&format!(" {}", sentence(&finding.fix)));
        let fingerprint = |d: &loadcase_model::ReviewDetail| ("loadcaseFinding/v1", d.fingerprint.clone());
        SarifResult {
            rule_id: finding.rule.to_string(),
            rule_index: self.index(finding.rule.as_str()),
            kind: "fail",
            level: level(finding.severity.as_str()),
            message: message(&text),
            locations: vec![self.location(places.first(), &finding.location.elements)],
            related_locations: related.collect(),
            partial_fingerprints: detail.map(fingerprint).into_iter().collect::<BTreeMap<_, _>>(),
            suppressions: Vec::new(),
            properties: detail.map(|d| ResultProperties {
                severity: finding.severity.to_string(),
                confidence: d.confidence.to_string(),
                why: d.why.iter().map(|w| clean(w)).collect(),
                numbers: d.numbers.iter().map(|n| format!("{}: {}", n.name, n.figure.tagged())).collect(),
            }),
        }
    }

    fn accepted(&self, accepted: &Accepted) -> SarifResult {
        let outside = accepted.place.path.ends_with(".toml")
            && accepted.finding.location.places.first().is_none_or(|p| p.path != accepted.place.path);
        let place = Location { physical_location: Some(physical(&accepted.place)), ..Location::default() };
        let suppression = Suppression {
            kind: if outside { "external" } else { "inSource" },
            status: "accepted",
            justification: clean(&accepted.reason),
            location: place,
        };
        SarifResult { suppressions: vec![suppression], ..self.finding(&accepted.finding) }
    }

    fn undecided(&self, undecided: &Undecided) -> SarifResult {
        let text = format!("Not decided for {}: {} is not known.", undecided.element, undecided.fact);
        SarifResult {
            rule_id: undecided.rule.to_string(),
            rule_index: self.index(undecided.rule.as_str()),
            kind: "open",
            level: "none",
            message: message(&text),
            locations: vec![self.location(None, std::slice::from_ref(&undecided.element))],
            related_locations: Vec::new(),
            partial_fingerprints: BTreeMap::new(),
            suppressions: Vec::new(),
            properties: None,
        }
    }

    fn index(&self, rule: &str) -> Option<usize> {
        self.rules.iter().position(|r| r.id == rule)
    }

    /// A place with the elements; without a place, where the first of them was seen, else the repository.
    fn location(&self, place: Option<&Place>, elements: &[Id]) -> Location {
        let seen = place.cloned().or_else(|| elements.iter().find_map(|e| self.seen(e)));
        let place = seen.unwrap_or_else(|| Place { path: ".".into(), line: 1 });
        Location {
            physical_location: Some(physical(&place)),
            logical_locations: elements.iter().map(|e| self.element(e)).collect(),
            ..Location::default()
        }
    }

    fn seen(&self, element: &Id) -> Option<Place> {
        let component = self.blueprint.components.get(element).map(|c| &c.evidence);
        let operation = self.blueprint.operations.get(element).map(|o| &o.evidence);
        component.or(operation)?.first().cloned()
    }

    fn element(&self, element: &Id) -> LogicalLocation {
        let blueprint = self.blueprint;
        let kind = if blueprint.components.contains_key(element) {
            "component"
        } else if blueprint.operations.contains_key(element) {
            "operation"
        } else {
            "element"
        };
        let component = blueprint.components.get(element).map(|c| &c.name);
        let name = component.or_else(|| blueprint.operations.get(element).map(|o| &o.name));
        let name = name.map_or_else(String::new, |n| clean(n));
        LogicalLocation {
            name: if name.is_empty() { element.to_string() } else { name },
            fully_qualified_name: element.to_string(),
            kind,
        }
    }
}

fn descriptor(rule: &RuleSheet, taxonomies: &Taxonomies) -> Descriptor {
    let security = rule.family == "security" || rule.references.iter().any(|r| is_security(r));
    let persona = if rule.severity == "info" { "persona/pedantic" } else { "persona/regular" };
    let mut tags = vec![format!("family/{}", rule.family), persona.to_owned()];
    tags.extend(security.then(|| "security".to_owned()));
    tags.extend(rule.needs_numbers.then(|| "needs-numbers".to_owned()));
    tags.extend(rule.references.iter().filter_map(|r| cwe_tag(r)));
    Descriptor {
        id: rule.id.clone(),
        name: Some(crate::text::words(&rule.id).split(' ').map(crate::text::capital).collect()),
        deprecated_ids: rule.aliases.clone(),
        short_description: Some(plain(&rule.fault)),
        full_description: Some(plain(&format!("{} {}", rule.fault, rule.why))),
        help: Some(Text {
            text: format!("{} {}", rule.why, rule.fix),
            markdown: Some(rule.documentation.clone()),
        }),
        // The page of the rule itself comes along as `help.markdown`, which readers show.
        help_uri: Some(
            rule.references
                .iter()
                .find_map(|r| weakness_page(r))
                .unwrap_or_else(|| format!("{PAGES}{}", rule.page())),
        ),
        default_configuration: Some(Configuration { level: level(&rule.severity) }),
        relationships: taxonomies.relationships(rule),
        properties: Some(RuleProperties {
            tags,
            problem_severity: problem(&rule.severity),
            security_severity: security.then(|| score(&rule.severity)),
        }),
    }
}

fn stale(stale: &StaleAcceptance) -> Notification {
    let text = format!("The acceptance of {} does nothing: {}.", clean(&stale.rule), clean(&stale.problem));
    Notification { level: "note", message: message(&text), locations: vec![at(&stale.place)] }
}

fn failed(failed: &FailedCheck) -> Notification {
    let path = failed.path.iter().map(|p| at(&Place { path: p.as_str().into(), line: 1 }));
    let text = format!("Not checked ({}): {}", failed.check, sentence(&clean(&failed.reason)));
    Notification { level: "warning", message: message(&text), locations: path.collect() }
}

fn at(place: &Place) -> Location {
    Location { physical_location: Some(physical(place)), ..Location::default() }
}

fn physical(place: &Place) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: Artifact { uri: uri(&place.path) },
        region: Region { start_line: place.line.max(1) },
    }
}

/// A path as a relative reference: everything but unreserved characters and slashes is encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A message. Brackets are escaped: they would begin a link.
fn message(text: &str) -> Text {
    let text = clean(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
    Text { text, markdown: None }
}

fn plain(text: &str) -> Text {
    Text { text: text.to_owned(), markdown: None }
}

fn level(severity: &str) -> &'static str {
    match severity {
        "critical" | "high" => "error",
        "medium" => "warning",
        _ => "note",
    }
}

fn problem(severity: &str) -> &'static str {
    match level(severity) {
        "note" => "recommendation",
        other => other,
    }
}

/// The middle of the band in which code scanning shows a severity.
fn score(severity: &str) -> &'static str {
    match severity {
        "critical" => "9.5",
        "high" => "8.0",
        "medium" => "5.5",
        "low" => "3.0",
        _ => "1.0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references_that_stay_relative() {
        assert_eq!(uri("src/a b.rs"), "src/a%20b.rs");
        assert_eq!(uri("http://x"), "http%3A//x");
        assert_eq!(uri("ä\n%"), "%C3%A4%0A%25");
    }

    #[test]
    fn names_cannot_become_links() {
        assert_eq!(message("see [this](https://example.org)").text, "see \\[this\\](https://example.org)");
    }
}
