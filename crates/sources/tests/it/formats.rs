//! What sources answer, in their own formats.

use std::collections::BTreeSet;

use loadcase_catalog::End;
use loadcase_facts::version::Pin;
use loadcase_facts::{Inventory, Knowledge, Options, Subject, Use, verify};
use loadcase_model::{VersionAnswer, VersionClaim};
use loadcase_sources::{DepsDev, EndOfLife, Osv, Source, Wanted};
use serde_json::{Value, json};

use crate::stub::{Does, Stub, http, ok};

/// A product in the shape of API v1.
pub(crate) const REDIS: &str = r#"{
  "schema_version": "1.2.1", "generated_at": "2026-11-20T06:00:00+00:00", "last_modified": "2026-11-19T00:00:00+00:00",
  "a_new_field": {"of": "tomorrow"},
  "result": {
    "name": "redis", "aliases": [], "label": "Redis", "category": "a-new-category", "tags": [],
    "identifiers": [{"id": "pkg:docker/library/redis", "type": "purl"}, {"id": "cpe:2.3:a:redis:redis", "type": "cpe"}],
    "labels": {"eoas": "Active Support", "discontinued": null, "eol": "Security Support", "eoes": null},
    "links": {"icon": null, "html": "https://endoflife.date/redis", "releasePolicy": "https://redis.io/x"},
    "releases": [
      {"name": "8.12", "codename": null, "label": "8.12", "releaseDate": "2026-10-30", "isLts": false, "ltsFrom": null,
       "isEoas": false, "eoasFrom": null, "isEol": false, "eolFrom": null, "isMaintained": true,
       "latest": {"name": "8.12.1", "date": "2026-11-18", "link": null}, "custom": null},
      {"name": "8.0", "codename": null, "label": "8.0", "releaseDate": "2025-05-02", "isLts": false, "ltsFrom": null,
       "isEoas": false, "eoasFrom": "2025-08-04", "isEol": false, "eolFrom": "2026-11-21", "isMaintained": true,
       "latest": {"name": "8.0.7", "date": "2026-11-01", "link": null}, "custom": null},
      {"name": "7.0", "codename": null, "label": "7.0", "releaseDate": "2022-04-27", "isLts": false, "ltsFrom": null,
       "isEol": true, "eolFrom": null, "isMaintained": false, "latest": null, "custom": null}
    ]
  }
}"#;

fn known() -> Knowledge {
    Knowledge::new(&loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests"))
}

fn exact(ecosystem: &str, name: &str, version: &str) -> Use {
    Use::new(Subject::new(ecosystem, name), Pin::Exact(version.to_owned()))
}

fn inventory(uses: Vec<Use>) -> Inventory {
    Inventory { name: "it".to_owned(), uses, unversioned: 0 }
}

#[test]
fn days_count_and_the_words_of_the_day_it_was_built_do_not() {
    let stub = Stub::new(|_, _| ok(REDIS));
    let wanted = Wanted { lifecycles: ["redis".to_owned()].into(), ..Wanted::default() };
    let mut gathered = EndOfLife::new(stub.base.clone(), http()).gather(&wanted, &mut |_, _| {});
    let redis = &gathered.lifecycles[0];
    let ends: Vec<_> = redis.cycles.iter().map(|c| (c.active.clone(), c.fixes.clone())).collect();
    let on = |day: &str| Some(End::On(day.to_owned()));
    assert_eq!(
        ends,
        [(Some(End::Open), Some(End::Open)), (on("2025-08-04"), on("2026-11-21")), (None, Some(End::Over))],
        "no day announced; over by its day although the site was built before; no such phase"
    );
    assert_eq!((redis.as_of.as_str(), redis.fetched.as_deref()), ("2026-11-20", Some("2026-11-23")));
    assert_eq!(redis.packages, ["docker:redis"]);
    let mut known = known();
    std::mem::take(&mut gathered).apply(&mut known);
    let told =
        verify(&inventory(vec![exact("docker", "redis", "8.0.7")]), &known, &Options::on("2026-11-23"));
    let supported =
        told.checked[0].statements.iter().find(|s| s.claim == VersionClaim::Supported).expect("a statement");
    assert!(supported.text.contains("ended on 2026-11-21"), "{}", supported.text);
    assert_eq!(supported.evidence[0].fetched.as_deref(), Some("2026-11-23"));
    // The catalog's own links stay: the technology, and advisories that it knows by lifecycle.
    assert!(told.checked[0].statements.iter().any(|s| s.advisory.as_deref() == Some("CVE-2026-23479")));
}

/// A stand-in for OSV: two databases tell of one flaw, one record is withdrawn.
fn osv() -> Stub {
    Stub::new(|asked, _| {
        let record = |id: &str, more: Value| {
            let mut record = json!({
                "id": id, "modified": "2026-11-01T00:00:00Z", "published": "2026-10-30T00:00:00Z",
                "affected": [{"package": {"ecosystem": "npm", "name": "left", "purl": "pkg:npm/%40a/left"},
                    "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"}, {"introduced": "2.0.0"}, {"fixed": "2.0.3"}]},
                               {"type": "GIT", "events": [{"introduced": "0"}]}]}]
            });
            for (key, value) in more.as_object().expect("an object") {
                record[key] = value.clone();
            }
            ok(record.to_string())
        };
        match asked.path.as_str() {
            "/api/v1/querybatch" => {
                let question: Value = serde_json::from_str(&asked.body).expect("a question");
                let one = |q: &Value| match (q["package"]["purl"].as_str(), q["page_token"].as_str()) {
                    (Some("pkg:npm/%40a/left"), None) => json!({"next_page_token": "more"}),
                    (Some("pkg:npm/%40a/left"), Some("more")) => {
                        json!({"vulns": [{"id": "GHSA-1"}, {"id": "PYSEC-1"}, {"id": "GHSA-9"}]})
                    }
                    _ => json!({}),
                };
                let results: Vec<Value> =
                    question["queries"].as_array().expect("questions").iter().map(one).collect();
                ok(json!({ "results": results }).to_string())
            }
            "/api/v1/vulns/GHSA-1" => record(
                "GHSA-1",
                json!({"aliases": ["CVE-2026-1"], "summary": "It leaks.", "database_specific": {"severity": "HIGH"}}),
            ),
            "/api/v1/vulns/PYSEC-1" => {
                record("PYSEC-1", json!({"aliases": ["CVE-2026-1"], "details": "It leaks indeed."}))
            }
            "/api/v1/vulns/GHSA-9" => {
                record("GHSA-9", json!({"withdrawn": "2026-11-02T00:00:00Z", "summary": "It was none."}))
            }
            _ => Does::Says(404, Vec::new(), String::new()),
        }
    })
}

#[test]
fn one_flaw_of_several_databases_is_told_once_and_withdrawn_ones_are_not() {
    let stub = osv();
    let inventory = inventory(vec![
        exact("npm", "@a/left", "2.0.1"),
        exact("npm", "right", "1.0.0"),
        exact("docker", "postgres", "18.6"),
    ]);
    let mut known = known();
    let wanted = Wanted::of(&inventory, &known);
    assert_eq!(wanted.versions.len(), 2, "images are not asked for: {wanted:?}");
    let gathered = Osv::new(stub.base.clone(), http()).gather(&wanted, &mut |_, _| {});
    assert_eq!(gathered.unanswered, Vec::<String>::new());
    let ids: Vec<&str> = gathered.advisories.iter().map(|a| a.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2026-1"]);
    gathered.apply(&mut known);
    let told = verify(&inventory, &known, &Options::on("2026-11-23"));
    let patched = |name: &str| {
        let checked = told.checked.iter().find(|c| c.name == name).expect("it is there");
        checked.statements.iter().filter(|s| s.claim == VersionClaim::Patched).collect::<Vec<_>>()
    };
    assert_eq!(patched("@a/left").len(), 1);
    assert!(
        patched("@a/left")[0].text.starts_with("CVE-2026-1 (high): It leaks."),
        "{}",
        patched("@a/left")[0].text
    );
    assert!(
        patched("@a/left")[0].todo.as_deref().is_some_and(|t| t.contains("2.0.3")),
        "{:?}",
        patched("@a/left")
    );
    assert_eq!(patched("right")[0].answer, VersionAnswer::Verified, "asked and nothing found");
    assert!(patched("right")[0].text.contains("no advisory in OSV on 2026-11-23"));
    assert!(
        patched("PostgreSQL")
            .iter()
            .all(|s| s.answer != VersionAnswer::Verified || s.verdict == *"listed-fixes")
    );
    // Only names and versions left the machine, each version in one place.
    let sent: Value = serde_json::from_str(&stub.asked()[0].body).expect("a question");
    let keys: BTreeSet<&String> = sent["queries"][0].as_object().expect("an object").keys().collect();
    assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["package", "version"]);
    assert!(!sent["queries"][0]["package"]["purl"].as_str().expect("a name").contains("2.0.1"));
}

#[test]
fn a_version_with_an_unread_record_is_not_answered_for() {
    let stub = Stub::new(|asked, _| match asked.path.as_str() {
        "/api/v1/querybatch" => ok(r#"{"results": [{"vulns": [{"id": "GHSA-1", "modified": "x"}]}]}"#),
        _ => Does::Says(500, Vec::new(), String::new()),
    });
    let wanted =
        Wanted { versions: [(Subject::new("npm", "left"), "1.0.0".to_owned())].into(), ..Wanted::default() };
    let gathered = Osv::new(stub.base.clone(), http()).gather(&wanted, &mut |_, _| {});
    assert!(gathered.answers.is_empty());
    assert!(gathered.unanswered[0].contains("OSV about GHSA-1"), "{:?}", gathered.unanswered);
}

#[test]
fn pages_without_end_and_missing_answers_are_faults() {
    let wanted =
        Wanted { versions: [(Subject::new("npm", "left"), "1.0.0".to_owned())].into(), ..Wanted::default() };
    let ask = |stub: &Stub| Osv::new(stub.base.clone(), http()).gather(&wanted, &mut |_, _| {});
    let endless = Stub::new(|_, _| ok(r#"{"results": [{"next_page_token": "again"}]}"#));
    let gathered = ask(&endless);
    assert!(
        gathered.answers.is_empty() && gathered.unanswered[0].contains("more than 20 pages"),
        "{gathered:?}"
    );
    let short = Stub::new(|_, _| ok(r#"{"results": []}"#));
    let gathered = ask(&short);
    assert!(
        gathered.answers.is_empty() && gathered.unanswered[0].contains("0 answers to 1 questions"),
        "{gathered:?}"
    );
}

#[test]
fn versions_that_were_never_released_and_deprecated_ones_are_found() {
    let listed = |v: &str, more: &str| {
        format!(
            r#"{{"versionKey": {{"system": "NPM", "name": "@a/left", "version": "{v}"}}, "publishedAt": "2026-10-01T00:00:00Z", "isDefault": false{more}}}"#
        )
    };
    let body = format!(
        r#"{{"packageKey": {{"system": "NPM", "name": "@a/left"}}, "versions": [{}, {}, {}]}}"#,
        listed("1.0.0", r#", "isDeprecated": true, "deprecatedReason": "use right""#),
        listed("2.0.0", r#", "isDeprecated": false"#),
        listed("3.0.0-beta.1", "")
    );
    let stub = Stub::new(move |_, _| ok(body.clone()));
    let inventory = inventory(vec![
        exact("npm", "@a/left", "1.0.0"),
        exact("npm", "@a/left", "1.9.9"),
        exact("npm", "@a/left", "2.0.0"),
    ]);
    let mut known = known();
    DepsDev::new(stub.base.clone(), http())
        .gather(&Wanted::of(&inventory, &known), &mut |_, _| {})
        .apply(&mut known);
    assert_eq!(stub.asked()[0].path, "/api/v3/systems/npm/packages/%40a%2Fleft");
    let told = verify(&inventory, &known, &Options::on("2026-11-23"));
    let verdicts = |version: &str| -> Vec<String> {
        let checked =
            told.checked.iter().find(|c| c.version.as_deref() == Some(version)).expect("it is there");
        checked.statements.iter().map(|s| s.verdict.as_str().to_owned()).collect()
    };
    assert!(verdicts("1.0.0").contains(&"deprecated".to_owned()), "{:?}", verdicts("1.0.0"));
    assert!(verdicts("1.9.9").contains(&"no-such-version".to_owned()), "{:?}", verdicts("1.9.9"));
    assert_eq!(verdicts("2.0.0"), ["released", "maintained", "newest"]);
}
