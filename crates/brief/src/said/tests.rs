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
fn a_question_requires_nothing() {
    check(&[
        ("Do we need multi-region active-active?", &["asks-multi-region"], &["multi-region-writes"]),
        ("Would a relational database be worth it?", &[], &["existing-relational"]),
        ("Should we have search and real-time chat?", &[], &["search", "realtime", "chat"]),
        ("Is high availability needed for our internal tool?", &["internal-use"], &["high-availability"]),
        ("Should we use microservices for our 400 clinics?", &["asks-microservices", "multi-tenant"], &[]),
        ("How do we keep all messages for ever?", &["keep-forever"], &[]),
        ("We need search; is PostgreSQL enough?", &["search"], &[]),
    ]);
}

#[test]
fn ordinary_words_state_nothing() {
    check(&[
        ("We send updates in order to save money.", &[], &["ordering"]),
        ("The school pays for it.", &[], &["children"]),
        ("Sometimes the picture is frozen.", &[], &["media-files"]),
        ("Users upload an image.", &["media-files"], &[]),
        ("Design a URL shortener that handles 10,000 redirects per second.", &[], &["existing-system"]),
        ("Our product ingests 2 TB a day.", &["existing-system"], &["greenfield"]),
        ("Build me a chat app.", &["greenfield"], &["existing-system"]),
        ("Page views go to a table.", &[], &["replay"]),
        ("Mails go to 80,000 recipients.", &[], &["replay", "high-throughput-events"]),
        ("A few hundred messages a second arrive.", &[], &["high-throughput-events"]),
        ("GraphQL or REST?", &[], &["flexible-queries"]),
        ("We rebuild the checkout.", &[], &["replay"]),
        ("We copy data into our customers' warehouses.", &[], &["stock"]),
        ("Our goal is a stable product; our priorities are clear.", &[], &["spiky-load", "message-routing"]),
        (
            "95% of the load is reads and each user can have thousands of friends.",
            &[],
            &["primary-near-limit"],
        ),
    ]);
}

#[test]
fn limits_and_room() {
    check(&[
        ("We bought the biggest machine and writes are the limit.", &["primary-near-limit"], &[]),
        ("Managed MySQL is at its volume limit of 16 TB.", &["primary-near-limit"], &[]),
        ("We have MySQL with plenty of spare capacity.", &[], &["primary-near-limit"]),
        ("It used to live in MySQL, and MySQL became the bottleneck.", &["primary-near-limit"], &[]),
        ("Everything is fetched and written by learner.", &["key-access"], &[]),
        ("A request touches exactly one blog.", &["multi-tenant", "key-access"], &[]),
        ("We want something that keeps scaling.", &["linear-growth"], &[]),
        ("We do not want to operate shards.", &["no-own-sharding"], &[]),
        ("Redis ran out of memory.", &["broker-overloaded"], &[]),
        ("The primary is at its limit.", &["primary-near-limit"], &[]),
        ("Vacuum takes days.", &["primary-near-limit"], &[]),
        ("We cannot add more replicas.", &["primary-near-limit"], &[]),
        ("A single database server stopped being enough.", &["primary-near-limit"], &[]),
        ("We can't put more writes on it.", &["primary-near-limit"], &[]),
        ("It runs on the second largest size on offer.", &[], &["primary-near-limit"]),
        ("Nearly all of it is SELECTs.", &["reads-load-primary"], &[]),
        ("It must survive without an operator and grow by adding machines.", &["linear-growth"], &[]),
        ("No query spans accounts.", &["key-access"], &[]),
        (
            "A job is enqueued although the transaction that created it rolled back.",
            &["transactional-messages"],
            &[],
        ),
    ]);
}

#[test]
fn who_runs_it_and_where() {
    check(&[
        ("None of us wants to manage databases any more.", &["no-operations"], &[]),
        ("They must not spend time on managing and scaling servers.", &["no-operations"], &[]),
        ("We have no wish to administer machines.", &["no-operations"], &[]),
        ("They look after machines that sponsors donate in a few data centres.", &["own-hardware"], &[]),
        ("The customer installs it and nothing may need a second server.", &["one-machine"], &[]),
        ("The customer runs one command on a small rented machine.", &["customer-installed"], &[]),
        ("Nobody can say whether one or ten million come on the first day.", &["unpredictable-load"], &[]),
        ("It is used only in the last three days of each quarter.", &["spiky-load"], &[]),
        ("We want to pay only for what is used.", &["wants-pay-per-use"], &[]),
        ("Answers must go on when the central database is down.", &["works-without-center"], &[]),
        ("It must keep working when a server fails.", &["high-availability"], &["works-without-center"]),
        ("SQL database, cache and repository storage run on it.", &["existing-cache"], &[]),
    ]);
}

#[test]
fn counted_tenants_and_a_small_budget_are_circumstances() {
    check(&[
        ("Marketing software used by 70,000 online shops.", &["multi-tenant"], &[]),
        ("We have 200 euros a month for hosting.", &["tight-budget"], &[]),
        ("Our budget is 3,000 dollars a month.", &[], &["tight-budget"]),
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

#[test]
fn rows_that_name_their_customer_can_be_told_apart_by_it() {
    check(&[
        ("Every record carries the customer id.", &["tenant-key-everywhere"], &[]),
        ("Nearly all queries filter by tenant.", &["tenant-key-everywhere", "multi-tenant"], &[]),
        ("All drawings belong to one workspace.", &["tenant-key-everywhere"], &[]),
        ("No report ever spans two accounts.", &["tenant-key-everywhere"], &[]),
        ("Customers must never see each other's invoices.", &["multi-tenant"], &["async-work"]),
        ("We draw maps for hikers.", &[], &["tenant-key-everywhere", "multi-tenant"]),
    ]);
}

#[test]
fn a_database_at_its_end_is_told_in_many_ways() {
    check(&[
        ("Inserts reached their ceiling again.", &["primary-near-limit"], &[]),
        ("The master was enlarged three times.", &["primary-near-limit"], &[]),
        ("The disk will be full before Easter.", &["primary-near-limit"], &[]),
        ("The database has plenty of headroom.", &[], &["primary-near-limit"]),
        ("Tables were already split by feature.", &["split-by-area-done"], &[]),
        ("Should we split tables by area?", &[], &["split-by-area-done"]),
        ("One primary with fifteen read replicas answers it all.", &["single-primary-serves"], &[]),
    ]);
}

#[test]
fn whose_machines_they_are_matters() {
    check(&[
        ("We keep hardware of our own in a cellar.", &["own-hardware"], &[]),
        ("Users install it on their own servers.", &["customer-installed"], &["own-hardware"]),
        ("The shop used to run on-premises; today we are in a public cloud.", &[], &["on-premises"]),
        ("At night it may be down.", &["downtime-tolerated"], &[]),
        ("We want to stop operating databases.", &["no-operations"], &[]),
    ]);
}

#[test]
fn what_a_broker_suffers_from_and_what_its_readers_want() {
    check(&[
        ("Our brokers choke as soon as readers lag.", &["broker-overloaded"], &[]),
        ("Each team goes at its own pace and may start over.", &["replay"], &[]),
        ("Edits must be applied in order.", &["ordering"], &[]),
        ("None keeps up with a billion events per day.", &["high-throughput-events"], &[]),
        ("Bookings are made in order to save time.", &[], &["ordering"]),
    ]);
}

#[test]
fn habits_of_the_calendar_are_no_events() {
    check(&[
        ("The report comes once a year.", &[], &["short-event"]),
        ("The race takes place once a year.", &["short-event"], &[]),
        ("3,000 firms with 40 employees each plan shifts with it.", &[], &["internal-use"]),
        ("Our 400 employees request leave.", &["internal-use"], &[]),
    ]);
}
