//! `end-of-life-component`: a runtime, engine or library family is no longer maintained.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::Technology;
use loadcase_model::{Id, Place};

use crate::answer::{Answers, Broken, Confidence};
use crate::rule::{Family, Rank, Rule};
use crate::subject::Subject;
use crate::version::{Products, numbers};

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
type Ended<'a> = (End, Vec<Use<'a>>);

fn check(subject: &Subject<'_>, answers: &mut Answers) {
    let products = Products::new(subject.catalog);
    // Ends that are near are told apart from ends that have passed.
    let mut found: BTreeMap<(&str, bool), BTreeMap<String, Ended<'_>>> = BTreeMap::new();
    for library in &subject.survey.libraries {
        let (Some(technology), Some(version)) = (products.released_with(library), library.version.as_deref())
        else {
            continue;
        };
        match end_of(technology, version, subject.today) {
            Some(end) => {
                let lines = found.entry((technology.id.as_str(), end.is_near)).or_default();
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
    for ((technology, is_near), lines) in found {
        let name = subject.catalog.technology(technology).map_or(technology, |t| t.name.as_str());
        let broken = told(name, &lines);
        answers.broken(if is_near { broken.ranked(Rank::Low, "it ends within six months") } else { broken });
    }
}

/// One finding for all ended lines of a technology.
fn told(name: &str, lines: &BTreeMap<String, (End, Vec<Use<'_>>)>) -> Broken {
    let uses = || lines.values().flat_map(|(_, uses)| uses);
    let components: BTreeSet<&Id> = uses().filter_map(|(c, ..)| *c).collect();
    let used = match components.len() {
        0 | 1 => String::new(),
        n => format!(", used by {n} components"),
    };
    let ends: Vec<String> =
        lines.values().take(3).map(|(end, _)| format!("{name} {} {}", end.line, end.told)).collect();
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

/// When a line ends.
struct End {
    line: String,
    told: String,
    source: String,
    is_near: bool,
}

/// Whether and when fixes for a version end: now, within six months, or nothing.
fn end_of(technology: &Technology, version: &str, today: &str) -> Option<End> {
    let used = numbers(version);
    if used.is_empty() || technology.releases.is_empty() {
        return None;
    }
    let line = technology.releases.iter().find(|r| {
        let cycle = numbers(&r.cycle);
        !cycle.is_empty() && used.starts_with(&cycle)
    });
    if let Some(release) = line {
        let eol = release.eol.as_deref()?;
        let source = format!("{} ({})", release.source, release.as_of);
        if eol <= today {
            return Some(End {
                line: release.cycle.clone(),
                told: format!("got its last fixes on {eol}"),
                source,
                is_near: false,
            });
        }
        let near = months_later(today, 6).is_some_and(|limit| eol < limit.as_str());
        return near.then(|| End {
            line: release.cycle.clone(),
            told: format!("gets its last fixes on {eol}"),
            source,
            is_near: true,
        });
    }
    let oldest = technology.releases.iter().map(|r| numbers(&r.cycle)).filter(|c| !c.is_empty()).min()?;
    let release = technology.releases.last()?;
    (used < oldest).then(|| End {
        line: version.to_owned(),
        told: "is older than every line that still gets fixes".to_owned(),
        source: format!("{} ({})", release.source, release.as_of),
        is_near: false,
    })
}

/// The day so many months later, `YYYY-MM-DD`.
fn months_later(day: &str, months: u32) -> Option<String> {
    let mut parts = day.split('-');
    let (year, month, date): (u32, u32, &str) =
        (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    let total = month - 1 + months;
    Some(format!("{:04}-{:02}-{date}", year + total / 12, total % 12 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn months_pass_the_year() {
        assert_eq!(months_later("2026-11-23", 6).as_deref(), Some("2027-05-23"));
    }
}
