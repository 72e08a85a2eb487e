//! Numbers as people write them, and what each is read as.

use loadcase_model::{Estimate, Horizon, Input, Origin};

use crate::reader::{Read, Reader};
use crate::testing::catalog;

fn read(text: &str) -> Read {
    Reader::new(catalog()).read(text)
}

fn at(read: &Read, input: Input, horizon: Horizon) -> Option<&Estimate> {
    let given = read.brief.numbers.get(&input)?;
    match horizon {
        Horizon::Now => given.now.as_ref(),
        Horizon::Later => given.later.as_ref(),
    }
}

/// Every text states this value of this input.
fn states(cases: &[(&str, Input, Horizon, f64)]) {
    for (text, input, horizon, value) in cases {
        let read = read(text);
        let found = at(&read, *input, *horizon).map(|e| e.value);
        let close = found.is_some_and(|f| (f - value).abs() <= value.abs() * 1e-6 + 1e-12);
        assert!(
            close,
            "{text}\n{} {horizon:?}: {found:?}, not {value}; read: {:?}",
            input.slug(),
            read.brief.numbers
        );
    }
}

/// No text states this input.
fn silent(cases: &[(&str, Input)]) {
    for (text, input) in cases {
        let read = read(text);
        assert!(!read.brief.numbers.contains_key(input), "{text}: {:?}", read.brief.numbers.get(input));
    }
}

use Horizon::{Later, Now};
use Input as I;

#[test]
fn people_who_use_it() {
    states(&[
        ("We have 10,000 monthly active users.", I::MonthlyUsers, Now, 10e3),
        ("MAU: 1.5M", I::MonthlyUsers, Now, 1.5e6),
        ("About 10k users.", I::MonthlyUsers, Now, 10e3),
        ("150 million active users read it.", I::MonthlyUsers, Now, 150e6),
        ("half a million players", I::MonthlyUsers, Now, 0.5e6),
        ("1.000.000 users", I::MonthlyUsers, Now, 1e6),
        ("1 000 000 users", I::MonthlyUsers, Now, 1e6),
        ("1.000 users", I::MonthlyUsers, Now, 1e3),
        ("20,000 daily users of a booking app", I::DailyUsers, Now, 20e3),
        ("DAU is 50k", I::DailyUsers, Now, 50e3),
        ("200,000 people use it every day", I::DailyUsers, Now, 200e3),
        ("5,000 concurrent users", I::Connections, Now, 5e3),
        ("about 5,000 connected at once", I::Connections, Now, 5e3),
        ("100,000 players online at the same time", I::Connections, Now, 100e3),
        ("50k open websocket connections", I::Connections, Now, 50e3),
        ("70 million players a month, 7 million of them connected at once", I::MonthlyUsers, Now, 70e6),
        ("70 million players a month, 7 million of them connected", I::Connections, Now, 7e6),
        ("80,000 people hit the site when sales open", I::Connections, Now, 80e3),
        ("for up to 1,000 employees", I::MonthlyUsers, Now, 1e3),
        ("a git platform for 500 developers in our company", I::MonthlyUsers, Now, 500.0),
        ("Sixteen million phones download it.", I::MonthlyUsers, Now, 16e6),
        ("One host must carry hundreds of thousands of accounts.", I::MonthlyUsers, Now, 300e3),
    ]);
    silent(&[
        ("Users follow up to thousands of accounts.", I::MonthlyUsers),
        ("80,000 people hit the site when sales open.", I::MonthlyUsers),
        ("A few accounts have tens of millions of followers.", I::MonthlyUsers),
        ("It makes thousands of clients read the same partition.", I::MonthlyUsers),
        ("Some users belong to several companies.", I::Tenants),
        ("a git platform for 500 developers in our company", I::Engineers),
    ]);
}

#[test]
fn requests_per_time() {
    states(&[
        ("Peak is 500 requests per second.", I::PeakRps, Now, 500.0),
        ("500 req/s", I::PeakRps, Now, 500.0),
        ("It takes 80 rps.", I::PeakRps, Now, 80.0),
        ("an average of 200 requests per second", I::AverageRps, Now, 200.0),
        ("8 million requests per minute", I::AverageRps, Now, 8e6 / 60.0),
        ("spikes of 10,000 requests an hour", I::PeakRps, Now, 10e3 / 3600.0),
        (
            "A normal day is 209 million HTTP requests at the load balancer",
            I::AverageRps,
            Now,
            209e6 / 86_400.0,
        ),
        ("20 million page views a day", I::AverageRps, Now, 20e6 / 86_400.0),
        ("They read their timeline 300,000 times a second at peak.", I::PeakRps, Now, 300e3),
        ("600 requests per second all day", I::AverageRps, Now, 600.0),
        (
            "600 requests per second all day, a spike to 2,000 each minute and 4,000 every ten minutes",
            I::PeakRps,
            Now,
            4e3,
        ),
        (
            "Peak is 20 API requests, 2 page views and 3 repository operations per second.",
            I::PeakRps,
            Now,
            25.0,
        ),
        ("800,000 people arrive in the first minute", I::PeakRps, Now, 800e3 / 60.0),
        ("5 billion status responses daily", I::AverageRps, Now, 5e9 / 86_400.0),
        ("Each user makes 30 requests a day.", I::RequestsPerUserDay, Now, 30.0),
        ("Our peak is five times the average: 5x.", I::PeakFactor, Now, 5.0),
        ("spikes of 20 times normal", I::PeakFactor, Now, 20.0),
    ]);
    silent(&[
        ("I ship several times a day.", I::AverageRps),
        ("customers with 10 million page views a month are asking to join", I::RequestsPerUserDay),
    ]);
}

#[test]
fn what_flows() {
    states(&[
        ("505 million SQL queries a day", I::QueriesPerS, Now, 505e6 / 86_400.0),
        ("Our DNS service takes 2 million queries per second.", I::PeakRps, Now, 2e6),
        ("Flags change only a few hundred times a day.", I::WritesPerS, Now, 400.0 / 86_400.0),
        ("Applications of our customers send 30,000 error events per second.", I::EventsPerS, Now, 30e3),
        ("hundreds of thousands of queries per second", I::QueriesPerS, Now, 300e3),
        ("about 6,000 posts are written per second", I::WritesPerS, Now, 6e3),
        ("only about 1,000 edits a minute", I::WritesPerS, Now, 1e3 / 60.0),
        ("50 orders per minute", I::WritesPerS, Now, 50.0 / 60.0),
        ("20,000 events per second", I::EventsPerS, Now, 20e3),
        ("60,000 votes per second arrive for four candidates", I::EventsPerS, Now, 60e3),
        ("8 million events per day", I::EventsPerS, Now, 8e6 / 86_400.0),
        ("60,000 trucks report their position every 10 seconds", I::EventsPerS, Now, 6e3),
        ("2,000 sensors send a value every minute", I::EventsPerS, Now, 2e3 / 60.0),
        ("Our chat stores 120 million messages a day.", I::WritesPerS, Now, 120e6 / 86_400.0),
        ("We send 500 million notifications a year.", I::JobsPerS, Now, 500e6 / 31_557_600.0),
        ("three independent consumers", I::Consumers, Now, 3.0),
        ("12 queries per request", I::QueriesPerRequest, Now, 12.0),
        ("4,000 writes per second on one row", I::HotKeyWritesPerS, Now, 4e3),
    ]);
    silent(&[("More than 900 kinds of background tasks", I::JobsPerS)]);
}

#[test]
fn reads_and_writes() {
    states(&[
        ("95% reads", I::ReadShare, Now, 0.95),
        ("5% of the requests are writes", I::ReadShare, Now, 0.95),
        ("Reads are about as many as writes.", I::ReadShare, Now, 0.5),
        ("The read/write ratio is 9:1.", I::ReadShare, Now, 0.9),
        ("Reads outnumber writes 19 to 1.", I::ReadShare, Now, 0.95),
        ("99 reads per write", I::ReadShare, Now, 0.99),
        ("300 reads and 100 writes per second", I::ReadShare, Now, 0.75),
        ("95% of them anonymous", I::EdgeCacheableShare, Now, 0.95),
        ("12,000 requests per second, 98% could come from cache", I::EdgeCacheableShare, Now, 0.98),
    ]);
}

#[test]
fn when_it_holds() {
    states(&[
        ("10,000 monthly users at launch and a million in two years", I::MonthlyUsers, Now, 10e3),
        ("10,000 monthly users at launch and a million in two years", I::MonthlyUsers, Later, 1e6),
        ("In two years we expect 1M users and 500 requests per second.", I::PeakRps, Later, 500.0),
        ("Expected 300 transfers per second in two years, all in one country.", I::WritesPerS, Later, 300.0),
        ("We have 5k users today and 50k users by 2028.", I::MonthlyUsers, Later, 50e3),
        ("10k users now, 1M next year", I::MonthlyUsers, Later, 1e6),
        ("We grow from 10k to 1M users in two years.", I::MonthlyUsers, Now, 10e3),
        ("We will grow from 10k to 1M users in two years.", I::MonthlyUsers, Later, 1e6),
        (
            "Volume went from 40 million to over 120 million events a day in half a year.",
            I::EventsPerS,
            Now,
            120e6 / 86_400.0,
        ),
        ("Engineering went from 90 people in 2014 to over a thousand in 2018.", I::Engineers, Now, 1e3),
        ("Within two years engineering grew from about 200 to 2,000 people.", I::Engineers, Now, 2e3),
        (
            "2,000 devices in the pilot, 500,000 in two years, each keeps a connection",
            I::Connections,
            Later,
            500e3,
        ),
        ("100,000 customers at launch, several million expected", I::MonthlyUsers, Later, 5e6),
    ]);
}

#[test]
fn how_it_grows() {
    states(&[
        ("Volume doubles each year.", I::Growth, Now, 4.0),
        ("Our site doubles every month and a half.", I::Growth, Now, 100.0),
        ("We expect traffic to grow by roughly half in the next two years.", I::Growth, Now, 1.5),
        ("Traffic grows by 30% a year.", I::Growth, Now, 1.69),
        ("Load will triple in two years.", I::Growth, Now, 3.0),
        ("Users grow about tenfold in two years.", I::Growth, Now, 10.0),
        ("Load grew almost a hundredfold in four years.", I::Growth, Now, 10.0),
        ("We peak at 300 queries per second and expect 4x more.", I::Growth, Now, 4.0),
    ]);
    silent(&[
        ("Support already sees double charges.", I::Growth),
        ("Engineering doubled every year.", I::Growth),
        ("Releases bring a tenfold peak.", I::Growth),
    ]);
}

#[test]
fn who_builds_and_runs_it() {
    states(&[
        ("Four engineers build it.", I::Engineers, Now, 4.0),
        ("a team of nine", I::Engineers, Now, 9.0),
        ("Team size: 12", I::Engineers, Now, 12.0),
        ("We are nine people running 43 services.", I::Engineers, Now, 9.0),
        ("We are nine people running 43 services.", I::ServicesNow, Now, 43.0),
        ("Two people build a product.", I::Engineers, Now, 2.0),
        ("a start-up of three", I::Engineers, Now, 3.0),
        ("a 6-person team", I::Engineers, Now, 6.0),
        ("a 3-person to-do app", I::Engineers, Now, 3.0),
        ("200 autonomous teams, about 1,600 engineers, deploy through it", I::Engineers, Now, 1.6e3),
        ("Three people.", I::Engineers, Now, 3.0),
        ("five developers and two founders", I::Engineers, Now, 7.0),
        ("a few dozen developers with a handful of operations people", I::Engineers, Now, 36.0),
        ("a few dozen developers with a handful of operations people", I::Operators, Now, 5.0),
        ("roughly a hundred operations and platform people", I::Operators, Now, 100.0),
        ("400 engineers in forty teams", I::Teams, Now, 40.0),
        ("I run a monitoring service alone.", I::Engineers, Now, 1.0),
    ]);
    silent(&[
        ("Now three full-time engineers do nothing but keep these alive.", I::Engineers),
        ("One team owns it all.", I::Engineers),
        ("One API team maintains it.", I::Teams),
        ("Our DNS service takes 2 million queries per second.", I::QueriesPerS),
        ("An architect proposes 30 microservices.", I::ServicesNow),
        ("A feature touches a dozen teams' services.", I::ServicesNow),
    ]);
}

#[test]
fn money() {
    let euro = 1.17;
    states(&[
        ("Budget around 1,000 dollars a month.", I::BudgetUsdMonth, Now, 1e3),
        ("budget: $5k/month", I::BudgetUsdMonth, Now, 5e3),
        ("I want the monthly bill under EUR 600.", I::BudgetUsdMonth, Now, 600.0 * euro),
        ("We spend 180,000 euros a month at a hyperscaler.", I::BillUsdMonth, Now, 180e3 * euro),
        ("They run in the cloud for 3.2 million dollars a year.", I::BillUsdMonth, Now, 3.2e6 / 12.0),
        ("Our bill is 45k a month.", I::BillUsdMonth, Now, 45e3),
        ("The hosting costs £100 a month.", I::BillUsdMonth, Now, 135.0),
    ]);
    silent(&[
        ("One job board alone made about 65,000 dollars a month.", I::BudgetUsdMonth),
        ("One job board alone made about 65,000 dollars a month.", I::BillUsdMonth),
        ("Most shops pay 29 dollars a month.", I::BillUsdMonth),
        ("We raised 2 million dollars.", I::BudgetUsdMonth),
    ]);
    let read = read("I want the monthly bill under EUR 600.");
    assert!(read.diagnostics.iter().any(|d| d.code == "currency-converted"));
    let budget = at(&read, I::BudgetUsdMonth, Now).expect("a budget is stated");
    assert_eq!(budget.origin, Origin::stated("EUR 600", 30));
}

#[test]
fn what_must_hold() {
    states(&[
        ("99.95 % availability", I::Availability, Now, 0.9995),
        ("uptime of 99.9%", I::Availability, Now, 0.999),
        ("four nines", I::Availability, Now, 0.9999),
        ("Timelines must load in well under 200 ms.", I::LatencyP99Ms, Now, 200.0),
        ("Pages must render in about 20-30 ms on the server.", I::LatencyP99Ms, Now, 25.0),
        ("p99 latency below 300 ms", I::LatencyP99Ms, Now, 300.0),
        ("Answers within 1.5 seconds are required.", I::LatencyP99Ms, Now, 1500.0),
        ("RPO 5 minutes, RTO one hour", I::RecoveryPointS, Now, 300.0),
        ("RPO 5 minutes, RTO one hour", I::RecoveryTimeS, Now, 3600.0),
        ("We may lose at most 30 seconds of data.", I::RecoveryPointS, Now, 30.0),
        ("a manual failover of a few minutes is acceptable", I::RecoveryTimeS, Now, 240.0),
        ("We want to launch in three months.", I::DeadlineMonths, Now, 3.0),
        ("seed money for 18 months", I::DeadlineMonths, Now, 18.0),
        ("three regions must serve users", I::Regions, Now, 3.0),
    ]);
    silent(&[
        ("Our product pages are slow, 1.2 s at p95.", I::LatencyP99Ms),
        ("Garbage collection pauses cause tail latency of 40-125 ms at p99.", I::LatencyP99Ms),
        ("Two hours of announced downtime are acceptable.", I::RecoveryTimeS),
        ("10,000 monthly users at launch and a million in two years", I::DeadlineMonths),
        ("The board asks for active-active in three regions.", I::Regions),
    ]);
    assert!(
        read("p95 latency must stay below 200 ms").diagnostics.iter().any(|d| d.code == "other-percentile")
    );
}

#[test]
fn data_and_tenants() {
    states(&[
        ("200 GB of data in total", I::DataGb, Now, 200.0),
        ("One Postgres with 1.8 TB", I::DataGb, Now, 1800.0),
        ("Some tables are now several terabytes.", I::DataGb, Now, 5000.0),
        ("350 small tenants", I::Tenants, Now, 350.0),
        ("We sell it to 4,000 small businesses.", I::Tenants, Now, 4e3),
        ("largest tenant 8% of it", I::LargestTenantShare, Now, 0.08),
    ]);
    silent(&[
        ("object storage for almost 10 petabytes", I::DataGb),
        ("one machine with 10 cores and 32 GB", I::DataGb),
        ("30 TB of logs a day", I::DataGb),
        ("the ten largest cause 60% of the volume", I::LargestTenantShare),
        ("a store of 5 billion profiles", I::Tenants),
    ]);
}

#[test]
fn ranges_say_how_sure_it_is() {
    for (text, low, high) in [
        ("about 100 requests per second", 80.0, 120.0),
        ("at least 100 requests per second", 100.0, 150.0),
        ("100 requests per second", 100.0, 100.0),
        ("between 50 and 150 requests per second", 50.0, 150.0),
    ] {
        let read = read(text);
        let estimate = at(&read, I::PeakRps, Now).expect("a rate is stated");
        assert!(
            (estimate.low - low).abs() < 1e-9 && (estimate.high - high).abs() < 1e-9,
            "{text}: {estimate:?}"
        );
    }
}

#[test]
fn origins_are_the_words() {
    let text = "Größe: wir haben 209 million HTTP requests a day.";
    let read = read(text);
    let rate = at(&read, I::AverageRps, Now).expect("a rate is stated");
    let Origin::Stated { text: words, at: Some(at) } = &rate.origin else { panic!("{:?}", rate.origin) };
    assert_eq!(words, "209 million HTTP requests a day");
    assert_eq!(&text[*at..*at + words.len()], words);
}

#[test]
fn what_cannot_be_meant_is_said_and_left_out() {
    for (text, input) in [
        ("We have -5 users.", I::MonthlyUsers),
        ("We have 1e300 users.", I::MonthlyUsers),
        ("We have 1e999 users.", I::MonthlyUsers),
        ("availability of 150%", I::Availability),
        ("99999999999999999999 requests per second", I::PeakRps),
    ] {
        let read = read(text);
        assert!(!read.brief.numbers.contains_key(&input), "{text}");
        assert!(read.diagnostics.iter().any(|d| d.code == "absurd-number"), "{text}: {:?}", read.diagnostics);
    }
    let always = read("100% availability");
    assert!(at(&always, I::Availability, Now).is_some_and(|e| e.value < 1.0));
    assert!(read("10 users, 5M rps").diagnostics.iter().any(|d| d.code == "contradictory-numbers"));
    assert!(
        read("100 monthly users and 500 daily users")
            .diagnostics
            .iter()
            .any(|d| d.code == "contradictory-numbers")
    );
}

#[test]
fn vague_words_behind_a_number_and_rates_of_an_ordinary_day() {
    states(&[
        ("60 or so engineers keep it going.", I::Engineers, Now, 60.0),
        ("Some 30-odd developers build it.", I::Engineers, Now, 30.0),
        ("8.64 million events on an ordinary day.", I::EventsPerS, Now, 100.0),
        ("5 million weekly users", I::MonthlyUsers, Now, 5e6),
        ("Traffic rises 12-fold when a match begins.", I::PeakFactor, Now, 12.0),
        ("Each device network sends 500 events per second per installation.", I::EventsPerS, Now, 500.0),
    ]);
    silent(&[
        ("Traffic rises 12-fold when a match begins.", I::Growth),
        ("Reads and writes matter, 99.5% of requests within 200 ms.", I::ReadShare),
        ("One customer must not slow another.", I::MonthlyUsers),
        ("Four people in the office type addresses.", I::Engineers),
    ]);
}

#[test]
fn the_size_of_one_tenant_is_multiplied() {
    for (text, users) in [
        ("B2B SaaS, 400 companies with 50 users each, 8 engineers.", 20e3),
        ("400 tenants of 50 users each", 20e3),
        ("300 schools, each with 800 pupils", 240e3),
        ("50 users per company, 400 companies", 20e3),
        ("1,000 tenants averaging 12 users", 12e3),
    ] {
        states(&[(text, I::MonthlyUsers, Now, users)]);
    }
    // What belongs to all of them is not multiplied.
    states(&[("400 companies with 50,000 users in all", I::MonthlyUsers, Now, 50e3)]);
    states(&[("400 companies and 50,000 users", I::MonthlyUsers, Now, 50e3)]);
}

#[test]
fn customers_with_staff_are_organisations() {
    states(&[("We have 300 customers with 25 employees each.", I::Tenants, Now, 300.0)]);
    silent(&[("We have 300 customers with 25 employees each.", I::MonthlyUsers)]);
}

#[test]
fn a_text_of_numbers_keeps_their_values() {
    let many: String = (0..60_000).map(|i| format!("{} ", 100_000 + i)).collect();
    let read = read(&format!("We have 7 engineers. {many}. They serve 123,456 monthly users."));
    let users = at(&read, I::Engineers, Now).map(|e| e.value);
    assert_eq!(users, Some(7.0));
}

#[test]
fn an_average_is_told_from_a_peak() {
    for (text, average) in [
        ("60,000 sensors send a reading every minute", true),
        ("60,000 trucks report their position every 10 seconds", true),
        ("8 million events per day", true),
        ("2,000 events per second", false),
        ("120,000 events per minute at peak", false),
        ("2,000 events per second on average", true),
    ] {
        let read = read(text);
        let given = read.brief.numbers.get(&I::EventsPerS).expect("a rate is stated");
        assert_eq!(given.average, average, "{text}");
    }
}

#[test]
fn what_each_device_sends_at_an_interval_is_told_from_a_stream() {
    for (text, each) in [
        ("60,000 sensors send a reading every minute", true),
        ("60,000 trucks report their position every 10 seconds", true),
        ("8 million events per day", false),
        ("2,000 events per second on average", false),
    ] {
        let given = &read(text).brief.numbers[&I::EventsPerS];
        assert_eq!(given.each, each, "{text}");
    }
}

#[test]
fn batches_are_heard() {
    let heard = |text: &str| read(text).brief.signals.get("batched-events").is_some_and(|s| s.holds);
    assert!(heard("60,000 sensors send their readings in batches every five minutes"));
    assert!(heard("5,000 gateways collect readings and send them every minute"));
    assert!(!heard("60,000 sensors send a reading every minute"));
}
