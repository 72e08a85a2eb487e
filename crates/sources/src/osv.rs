//! OSV: which advisories name which versions. Asked by package URL, so that names of ecosystems need not be known.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::{AdvisoryRecord, Affected, AffectedRange};
use loadcase_facts::{Answered, Subject};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::{Answer, Base, Fault, Http};
use crate::text::{clean, encoded};
use crate::{Gathered, Source, Wanted};

/// Each version that was asked about, with the identifiers of what affects it.
type AffectedBy<'a> = Vec<(&'a (Subject, String), BTreeSet<String>)>;

/// OSV.
#[derive(Clone, Debug)]
pub struct Osv {
    base: Base,
    http: Http,
}

/// Questions in one request.
const BATCH: usize = 500;

/// Most pages of answers: a server that always has another one is left.
const PAGES: usize = 20;

/// Most records that are fetched.
const RECORDS: usize = 2_000;

type Versions<'a> = Vec<&'a (Subject, String)>;

impl Osv {
    /// Where it is asked unless somebody says otherwise.
    pub const BASE: &'static str = "https://api.osv.dev";

    /// Asks at a base address.
    #[must_use]
    pub const fn new(base: Base, http: Http) -> Self {
        Self { base, http }
    }

    /// Which records name which versions; the versions that were answered for.
    fn named<'a>(&self, versions: &[&'a (Subject, String)]) -> Result<AffectedBy<'a>, Fault> {
        let mut found: Vec<(&(Subject, String), BTreeSet<String>)> =
            versions.iter().map(|v| (*v, BTreeSet::new())).collect();
        // The number of the question, and the page that is asked for.
        let mut open: Vec<(usize, Option<String>)> = (0..versions.len()).map(|i| (i, None)).collect();
        for _ in 0..PAGES {
            if open.is_empty() {
                return Ok(found);
            }
            let queries: Vec<Value> =
                open.iter().map(|(i, token)| query(versions[*i], token.as_deref())).collect();
            let answer =
                self.http.post(&self.base, "/v1/querybatch", &json!({ "queries": queries }).to_string())?;
            let batch: Batch = read(&answer)?;
            if batch.results.len() != open.len() {
                let (got, asked) = (batch.results.len(), open.len());
                return Err(Fault::Malformed(format!("{got} answers to {asked} questions")));
            }
            let mut next = Vec::new();
            for ((i, _), result) in open.into_iter().zip(batch.results) {
                found[i].1.extend(result.vulns.into_iter().map(|v| v.id));
                // An answer may hold nothing but the token of the next page.
                next.extend(result.next_page_token.filter(|t| !t.is_empty()).map(|t| (i, Some(t))));
            }
            open = next;
        }
        Err(Fault::Malformed(format!("more than {PAGES} pages")))
    }

    fn record(&self, id: &str) -> Result<Option<Record>, Fault> {
        let answer = self.http.get(&self.base, &format!("/v1/vulns/{}", encoded(id)))?;
        let record: Record = read(&answer)?;
        if record.id != id && !record.aliases.iter().any(|a| a == id) {
            return Err(Fault::Malformed(format!("it is about {}", clean(&record.id))));
        }
        Ok(Some(record).filter(|r| r.withdrawn.is_none()))
    }
}

impl Source for Osv {
    fn name(&self) -> &str {
        "OSV"
    }

    fn place(&self) -> String {
        self.base.host().to_owned()
    }

    fn gather(&self, wanted: &Wanted, progress: &mut dyn FnMut(usize, usize)) -> Gathered {
        let mut gathered = Gathered::default();
        let asked: Versions<'_> = wanted.versions.iter().filter(|(s, _)| purl(s).is_some()).collect();
        let mut named: Vec<(&(Subject, String), BTreeSet<String>)> = Vec::new();
        for (i, versions) in asked.chunks(BATCH).enumerate() {
            match self.named(versions) {
                Ok(found) => named.extend(found),
                Err(fault) => {
                    let count = asked.len() - i * BATCH;
                    gathered.unanswered.push(format!("{} about {count} versions: {fault}", self.name()));
                    break;
                }
            }
            progress(named.len(), asked.len());
        }
        let ids: BTreeSet<&String> = named.iter().flat_map(|(_, ids)| ids).collect();
        let mut records: BTreeMap<String, Option<Record>> = BTreeMap::new();
        for (i, id) in ids.iter().take(RECORDS).enumerate() {
            match self.record(id) {
                Ok(record) => _ = records.insert((*id).clone(), record),
                Err(fault) => {
                    gathered.unanswered.push(format!("{} about {}: {fault}", self.name(), clean(id)));
                }
            }
            progress(named.len() + i + 1, asked.len() + ids.len());
        }
        for ((subject, version), ids) in &named {
            // A version with a record that could not be read is not answered for.
            if ids.iter().all(|id| records.contains_key(id)) {
                let answered = Answered { source: self.name().to_owned(), day: self.http.today().to_owned() };
                gathered.answers.push((subject.clone(), version.clone(), answered));
            }
        }
        gathered.advisories = advisories(&records, &named, self.http.today());
        gathered
    }
}

/// The question about a version.
fn query((subject, version): &(Subject, String), token: Option<&str>) -> Value {
    let purl = purl(subject).unwrap_or_default();
    match token {
        Some(token) => json!({"package": {"purl": purl}, "version": version, "page_token": token}),
        None => json!({"package": {"purl": purl}, "version": version}),
    }
}

/// The package URL of a package, without its version: one is given, not two.
fn purl(subject: &Subject) -> Option<String> {
    let kind = match subject.ecosystem.as_str() {
        "go" => "golang",
        kind @ ("npm" | "pypi" | "maven" | "cargo" | "nuget" | "composer") => kind,
        _ => return None,
    };
    let name = subject.name.replace(':', "/");
    let parts: Vec<String> = name.split('/').map(encoded).collect();
    Some(format!("pkg:{kind}/{}", parts.join("/")))
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Fault> {
    serde_json::from_str(&answer.body).map_err(|e| Fault::Malformed(clean(&e.to_string())))
}

/// One advisory for each flaw: the same one is told by several databases.
fn advisories(
    records: &BTreeMap<String, Option<Record>>,
    named: &[(&(Subject, String), BTreeSet<String>)],
    today: &str,
) -> Vec<AdvisoryRecord> {
    let mut found: Vec<AdvisoryRecord> = Vec::new();
    for record in records.values().flatten() {
        let mut advisory = advisory(record, today);
        for ((subject, version), _) in named.iter().filter(|(_, ids)| ids.contains(&record.id)) {
            listed(&mut advisory, subject, version);
        }
        let names: BTreeSet<&String> = advisory.aliases.iter().chain([&advisory.id]).collect();
        match found.iter_mut().find(|f| f.aliases.iter().chain([&f.id]).any(|n| names.contains(n))) {
            Some(same) => merge(same, advisory),
            None => found.push(advisory),
        }
    }
    found
}

/// The database said so of this very version, whatever its ranges look like from here.
fn listed(advisory: &mut AdvisoryRecord, subject: &Subject, version: &str) {
    let same = |a: &Affected| Subject::new(&*a.ecosystem, &*a.name).key() == subject.key();
    if !advisory.affects.iter().any(same) {
        advisory.affects.push(Affected {
            ecosystem: subject.ecosystem.clone(),
            name: subject.name.clone(),
            lifecycle: None,
            ranges: Vec::new(),
            versions: Vec::new(),
        });
    }
    if let Some(affected) = advisory.affects.iter_mut().find(|a| same(a))
        && !affected.versions.iter().any(|v| v == version)
    {
        affected.versions.push(version.to_owned());
    }
}

fn merge(into: &mut AdvisoryRecord, other: AdvisoryRecord) {
    for name in other.aliases.into_iter().chain([other.id]) {
        if name != into.id && !into.aliases.contains(&name) {
            into.aliases.push(name);
        }
    }
    into.severity = into.severity.take().or(other.severity);
    into.cvss = into.cvss.take().or(other.cvss);
    for affected in other.affects {
        let known =
            into.affects.iter_mut().find(|a| a.ecosystem == affected.ecosystem && a.name == affected.name);
        match known {
            Some(known) => {
                if known.ranges.is_empty() {
                    known.ranges = affected.ranges;
                }
                known.versions.extend(affected.versions);
            }
            None => into.affects.push(affected),
        }
    }
}

fn advisory(record: &Record, today: &str) -> AdvisoryRecord {
    // The identifier that most people know comes first.
    let cve = record.aliases.iter().find(|a| a.starts_with("CVE-"));
    let id = cve.unwrap_or(&record.id);
    let names = record.aliases.iter().chain([&record.id]).filter(|n| *n != id);
    let summary = record.summary.as_deref().or(record.details.as_deref()).unwrap_or("no summary");
    let rated = record.database_specific.as_ref().and_then(|d| d.get("severity")).and_then(Value::as_str);
    AdvisoryRecord {
        id: clean(id),
        aliases: names.map(|n| clean(n)).collect(),
        severity: rated.map(|r| clean(r).to_ascii_lowercase()),
        score: None,
        cvss: record.severity.iter().find(|s| s.kind.starts_with("CVSS")).map(|s| clean(&s.score)),
        date: record.published.as_deref().and_then(|p| loadcase_facts::days_later(p, 0)),
        summary: clean(summary),
        exploited: None,
        second_hand: false,
        note: None,
        source: format!("OSV, {}", clean(&record.id)),
        licence: None,
        as_of: today.to_owned(),
        concerns: Vec::new(),
        affects: record.affected.iter().filter_map(affected).collect(),
    }
}

fn affected(of: &OsvAffected) -> Option<Affected> {
    let package = of.package.as_ref()?;
    let subject = subject(package.purl.as_deref()?)?;
    let mut ranges = Vec::new();
    for range in of.ranges.iter().filter(|r| r.kind != "GIT") {
        let mut from: Option<String> = None;
        for event in &range.events {
            if let Some(first) = &event.introduced {
                ranges.extend(from.take().map(|from| AffectedRange { from, fixed: None, last: None }));
                from = Some(first.clone());
            } else if let Some(start) =
                from.clone().filter(|_| event.fixed.is_some() || event.last_affected.is_some())
            {
                let (fixed, last) = (event.fixed.clone(), event.last_affected.clone());
                ranges.push(AffectedRange { from: start, fixed, last });
                from = None;
            }
        }
        ranges.extend(from.map(|from| AffectedRange { from, fixed: None, last: None }));
    }
    let versions = of.versions.clone();
    Some(Affected { ecosystem: subject.ecosystem, name: subject.name, lifecycle: None, ranges, versions })
}

/// `pkg:npm/%40a/b` as the package of an ecosystem.
fn subject(purl: &str) -> Option<Subject> {
    let (kind, name) = purl.strip_prefix("pkg:")?.split_once('/')?;
    let name = name.split(['?', '#']).next()?.replace("%40", "@").replace("%2F", "/");
    Some(match kind {
        "golang" => Subject::new("go", name),
        "maven" => Subject::new("maven", name.replacen('/', ":", 1)),
        "npm" | "pypi" | "cargo" | "nuget" | "composer" => Subject::new(kind, name),
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Batch {
    results: Vec<BatchResult>,
}

/// No finding is an object without anything in it.
#[derive(Deserialize)]
struct BatchResult {
    #[serde(default)]
    vulns: Vec<Named>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    summary: Option<String>,
    details: Option<String>,
    published: Option<String>,
    withdrawn: Option<String>,
    #[serde(default)]
    severity: Vec<Rating>,
    #[serde(default)]
    affected: Vec<OsvAffected>,
    database_specific: Option<Value>,
}

#[derive(Deserialize)]
struct Rating {
    #[serde(rename = "type")]
    kind: String,
    score: String,
}

#[derive(Deserialize)]
struct OsvAffected {
    package: Option<OsvPackage>,
    #[serde(default)]
    ranges: Vec<OsvRange>,
    #[serde(default)]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct OsvPackage {
    purl: Option<String>,
}

#[derive(Deserialize)]
struct OsvRange {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
    last_affected: Option<String>,
}
