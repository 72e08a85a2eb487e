//! `end-of-life-component`: a runtime, engine or library family is no longer maintained.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_facts::{Ending, Knowledge, ending};
use loadcase_model::{Id, Place};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;
use crate::version::{facts, lowest};

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "end-of-life-component",
    family: Family::Technology,
    severity: Rank::High,
    needs_numbers: false,
    fault: "A runtime, engine or library family is no longer maintained.",
    why: "The next hole in it stays open, and every month makes the move to a living version longer.",
    fires: "A version in an image, manifest or lock file is of a line whose fixes have ended by the bundled dates, or is older than every line that is known. Lines that end within six months are told with low severity.",
    silent: "Versions that are not written down; technologies whose dates the catalog does not have.",
    fix: "Move to the recommended line of the catalog; `loadcase explain` on the technology shows the lines and their ends.",
    references: &["A03:2025", "ASVS 15.2.1", "CWE-1104"],
    aliases: &[],
    check,
};

/// One use of a version: by whom, where, in the words of the file.
type Use<'a> = (Option<&'a Id>, &'a Place, String);

/// A line that ended and its uses.
type Ended<'a> = (Ending, Vec<Use<'a>>);

/// Days before the end of a line from which on it is told.
const NEAR: i64 = 180;

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let known = Knowledge::new(subject.catalog);
    // Ends that are near are told apart from ends that have passed.
    let mut found: BTreeMap<(String, bool), BTreeMap<String, Ended<'_>>> = BTreeMap::new();
    for library in &subject.survey.libraries {
        let Some(version) = library.version.as_deref() else { continue };
        let what = facts(library);
        if known.lifecycle_of(&what).is_none() {
            continue;
        }
        match ending(&known, &what, lowest(version), subject.today, NEAR) {
            Some(end) => {
                let lines = found.entry((end.technology.clone(), end.is_near)).or_default();
                let (_, uses) = lines.entry(end.line.clone()).or_insert_with(|| (end, Vec::new()));
                uses.push((
                    library.component.as_ref(),
                    &library.place,
                    format!("{} {version}", library.name),
                ));
            }
            None => answers.kept(),
        }
    }
    for ((_, is_near), lines) in found {
        let broken = told(&lines);
        let why = "it ends within six months, or goes on in a later phase";
        answers.broken(if is_near { broken.ranked(Rank::Low, why) } else { broken });
    }
}

/// One finding for all ended lines of a technology.
fn told(lines: &BTreeMap<String, Ended<'_>>) -> Broken {
    let uses = || lines.values().flat_map(|(_, uses)| uses);
    let components: BTreeSet<&Id> = uses().filter_map(|(c, ..)| *c).collect();
    let used = match components.len() {
        0 | 1 => String::new(),
        n => format!(", used by {n} components"),
    };
    let ends: Vec<String> = lines
        .values()
        .take(3)
        .map(|(end, _)| match end.told.strip_prefix("is ") {
            Some(told) => format!("{} {} is {told}", end.technology, end.line),
            None => format!("{}: {}", end.technology, end.told),
        })
        .collect();
    let mut broken = Broken::file(format!("{}{used}", ends.join("; "))).sure(Confidence::High);
    for component in components {
        broken = broken.and(component);
    }
    for (_, place, proves) in uses().take(24) {
        broken = broken.seen(place, proves.as_str());
    }
    let sources: BTreeSet<&str> = lines.values().map(|(end, _)| end.source.as_str()).collect();
    sources.into_iter().fold(broken, Broken::because)
}

#[cfg(test)]
mod tests {
    use crate::testing::Draft;

    fn draft(version: &str) -> Draft {
        Draft::new().service("a").library("docker", "postgres", version, "a")
    }

    #[test]
    fn a_line_whose_fixes_ended_is_found() {
        let found = draft("9.6").find("end-of-life-component");
        assert!(found[0].message.contains("PostgreSQL"), "{}", found[0].message);
    }

    #[test]
    fn a_living_line_is_kept() {
        assert!(!draft("18.1").breaks("end-of-life-component"));
    }

    #[test]
    fn tags_and_ranges_are_read_for_their_version() {
        for (ecosystem, name, version, ended) in [
            ("docker", "node", "16-alpine3.18", true),
            ("docker", "node", "latest", false),
            ("npm", "next", "^12.1.0", true),
            ("maven", "org.springframework.boot:spring-boot-starter-web", "2.7.18", true),
        ] {
            let draft = Draft::new().service("a").library(ecosystem, name, version, "a");
            assert_eq!(draft.breaks("end-of-life-component"), ended, "{name} {version}");
        }
    }
}
