//! Circumstances and domains as people state and deny them.

use crate::reader::Reader;
use crate::testing::catalog;

/// Whether each signal holds, is denied, or is not mentioned.
fn check(cases: &[(&str, &[&str], &[&str])]) {
    let reader = Reader::new(catalog());
    for (text, hold, denied) in cases {
        let brief = reader.read(text).brief;
        for id in *hold {
            assert!(brief.holds(id), "{text}: {id} should hold, read {:?}", brief.signals.keys());
        }
        for id in *denied {
            assert!(!brief.holds(id), "{text}: {id} should not hold");
        }
    }
}

#[test]
fn needs_and_their_denial() {
    check(&[
        ("We need search and real-time chat.", &["search", "realtime", "chat"], &[]),
        ("We don't need search, chat or notifications.", &[], &["search", "chat", "notifications"]),
        ("No real-time features, but people upload images.", &["media-files", "file-upload"], &["realtime"]),
        ("Search is not needed.", &[], &["search"]),
        ("Messages must never be lost or sent twice.", &["no-data-loss", "no-duplicates"], &[]),
        ("Balances must never go negative.", &["strong-consistency"], &[]),
        ("Eventual consistency is fine.", &["approximate-ok"], &["strong-consistency"]),
        ("Download counts may lag.", &["counters", "approximate-ok"], &[]),
        ("It must keep working when a server fails.", &["high-availability"], &["downtime-tolerated"]),
        ("Nobody is hurt if it is down for an hour.", &["downtime-tolerated"], &["zero-downtime"]),
        ("Downtime during the move is unacceptable.", &["zero-downtime"], &["downtime-tolerated"]),
        ("There must be no single point of failure.", &["high-availability"], &[]),
        ("They need all of them in order per instrument.", &["ordering"], &[]),
    ]);
}

#[test]
fn where_and_by_whom_it_is_run() {
    check(&[
        ("We do not want to run servers.", &["no-operations"], &[]),
        ("We have no operations team.", &["no-operations"], &["operations-team"]),
        (
            "Our operations team runs racks in two data centres.",
            &["operations-team", "own-hardware"],
            &["no-operations"],
        ),
        ("Should we move to rented servers?", &[], &["rented-servers"]),
        ("We rent three dedicated servers.", &["rented-servers"], &["own-hardware"]),
        ("Data must stay in the EU.", &["eu-hosting", "data-residency"], &[]),
        ("We have customers in Germany.", &["gdpr"], &["eu-hosting"]),
        ("I build and run it alone.", &["solo"], &[]),
        ("We are nine engineers, and I run the backend team.", &[], &["solo"]),
        ("It must run on the customer's premises without internet access.", &["on-premises"], &[]),
        ("Money is tight.", &["tight-budget"], &[]),
    ]);
}

#[test]
fn what_exists_and_what_hurts() {
    check(&[
        ("We are building a new social network; no users yet.", &["greenfield"], &["existing-system"]),
        (
            "We run a Rails monolith with one MySQL.",
            &["existing-monolith", "existing-system"],
            &["greenfield"],
        ),
        (
            "We are nine people running 43 services.",
            &["existing-microservices", "too-many-services"],
            &["solo"],
        ),
        (
            "Should we go with microservices or a monolith?",
            &["asks-microservices"],
            &["existing-microservices", "existing-monolith"],
        ),
        (
            "Our dashboards run on the production database and take 40 seconds.",
            &["analytics-on-primary", "slow-responses"],
            &[],
        ),
        ("Indexes no longer fit in memory.", &["index-exceeds-memory"], &[]),
        ("Customers are sometimes charged twice.", &["double-charges", "payments"], &[]),
        ("One tenant slows all others.", &["noisy-neighbour"], &[]),
        ("Releases take two weeks because everybody waits for everybody.", &["deploy-contention"], &[]),
        ("It is written in a slow dynamic language.", &[], &["slow-responses"]),
        ("It was idle for years.", &[], &["idle-most-of-the-time"]),
    ]);
}

#[test]
fn counted_numbers_settle_circumstances() {
    let reader = Reader::new(catalog());
    let brief = reader.read("Six developers look after 25 services.").brief;
    assert!(brief.holds("existing-microservices"));
    assert!(!reader.read("I build it with a team of 5 engineers.").brief.holds("solo"));
}

#[test]
fn domains_need_evidence() {
    let reader = Reader::new(catalog());
    let brief = reader
        .read("A social network with posts, where people follow each other; later an online shop.")
        .brief;
    let domains: Vec<_> = brief.domains.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(domains, ["social", "commerce"]);
    assert!((brief.domains.iter().map(|d| d.share).sum::<f64>() - 1.0).abs() < 1e-9);
    assert!(reader.read("We post things.").brief.domains.is_empty(), "one ordinary word is no evidence");
    assert!(reader.read("It is not a social network.").brief.domains.is_empty());
    assert!(reader.read("What is the best architecture for my app?").brief.says_nothing());
}

#[test]
fn the_catalog_says_no_phrase_that_is_empty() {
    for signal in catalog().lexicon.signals.values() {
        assert!(!signal.phrases.is_empty(), "{} has no phrase", signal.id);
        for phrase in signal.phrases.iter().chain(&signal.denied_by) {
            let required =
                phrase.split_whitespace().filter(|part| !part.starts_with('?') && *part != "..").count();
            assert!(required > 0, "{}: `{phrase}` matches nothing or everything", signal.id);
        }
    }
}
