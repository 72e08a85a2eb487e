//! Dead, slow, lying, endless, redirecting, huge and malformed servers: a clear line, an answer without them, and
//! never a wait beyond the bounds.

use std::time::{Duration, Instant};

use loadcase_sources::{Base, Cache, EndOfLife, Gathered, Http, Source, Wanted};

use crate::formats::REDIS;
use crate::stub::{Asked, Does, Stub, bounds, http, ok};

fn redis() -> Wanted {
    Wanted { lifecycles: ["redis".to_owned()].into(), ..Wanted::default() }
}

fn ask(base: Base, http: Http) -> (Gathered, Duration) {
    let start = Instant::now();
    let gathered = EndOfLife::new(base, http).gather(&redis(), &mut |_, _| {});
    (gathered, start.elapsed())
}

/// What one server's failure is told as.
fn failure(does: impl Fn(&Asked, usize) -> Does + Send + Sync + 'static) -> String {
    let stub = Stub::new(does);
    let (gathered, took) = ask(stub.base.clone(), http());
    assert!(took < Duration::from_secs(4), "took {took:?}");
    assert!(gathered.lifecycles.is_empty());
    assert_eq!(gathered.unanswered.len(), 1, "{:?}", gathered.unanswered);
    gathered.unanswered[0].clone()
}

#[test]
fn a_dead_server_is_told_at_once() {
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    let (gathered, took) = ask(Base::new(&format!("http://127.0.0.1:{port}")).expect("a base"), http());
    assert!(
        gathered.unanswered[0].starts_with("endoflife.date about redis: no connection"),
        "{:?}",
        gathered.unanswered
    );
    assert!(took < Duration::from_secs(2));
}

#[test]
fn slow_and_endless_servers_are_left() {
    assert!(failure(|_, _| Does::Hangs).contains("no answer within 0.6 s"));
    assert!(failure(|_, _| Does::Drips).contains("no answer within"));
    let flood = failure(|_, _| Does::Floods);
    assert!(flood.contains("larger than 100000 bytes") || flood.contains("no answer within"), "{flood}");
}

#[test]
fn huge_answers_are_refused() {
    assert!(failure(|_, _| ok("x".repeat(200_000))).contains("larger than 100000 bytes"));
}

#[test]
fn malformed_answers_are_told() {
    for body in [
        "",
        "{",
        "[]",
        "{\"result\": 1}",
        "{\"result\": {\"name\": \"redis\", \"label\": \"Redis\", \"releases\": []}}",
        &"[".repeat(5_000),
    ] {
        let body = body.to_owned();
        let told = failure(move |_, _| ok(body.clone()));
        assert!(told.contains("cannot be read"), "{told}");
    }
    let bytes = failure(|_, _| {
        Does::Sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n\xff\xfe".to_vec())
    });
    assert!(bytes.contains("it is no text"), "{bytes}");
    let garbage = failure(|_, _| Does::Sends(b"\x00\x01\x02 what is this\r\n\r\n".to_vec()));
    assert!(garbage.contains("about redis:"), "{garbage}");
}

#[test]
fn a_page_in_place_of_data_is_none() {
    let page = "<!doctype html><title>Not found</title>";
    // Unknown products are a page with status 404: nothing is known of them, which is no failure of the source.
    let stub = Stub::new(move |_, _| {
        Does::Says(404, vec![("Content-Type", "text/html".to_owned())], page.to_owned())
    });
    let (gathered, _) = ask(stub.base.clone(), http());
    assert_eq!(gathered.unanswered, ["endoflife.date knows none of the 1 products it was asked for"]);
    assert_eq!(stub.asked().len(), 1, "it is not asked again");
    assert!(failure(move |_, _| ok(page)).contains("a page, not data"));
}

#[test]
fn a_lying_server_is_not_believed() {
    let other = REDIS.replace("\"name\": \"redis\"", "\"name\": \"valkey\"");
    assert!(failure(move |_, _| ok(other.clone())).contains("it is about valkey"));
    // A day of tomorrow is no day a source can vouch for, and its texts cannot steer a terminal.
    let future = REDIS
        .replace("2026-11-20T06:00:00", "2099-01-01T06:00:00")
        .replace("Active Support", "\\u001b[31mActive\\u202e");
    let stub = Stub::new(move |_, _| ok(future.clone()));
    let lifecycle = ask(stub.base.clone(), http()).0.lifecycles.remove(0);
    assert_eq!(
        (lifecycle.as_of.as_str(), lifecycle.phases.active.as_deref()),
        ("2026-11-23", Some("[31mActive"))
    );
}

#[test]
fn redirections_are_followed_inside_only() {
    let moved = |to: &'static str| {
        move |_: &Asked, _: usize| Does::Says(301, vec![("Location", to.to_owned())], String::new())
    };
    assert!(failure(moved("https://example.org/api/products/redis")).contains("it sends to another place"));
    assert!(failure(moved("//example.org/x")).contains("it sends to another place"));
    assert!(failure(moved("/api/products/redis")).contains("in circles"));
    // Products are renamed: the old name leads to the new one.
    let renamed = REDIS
        .replace("\"name\": \"redis\"", "\"name\": \"redis-server\"")
        .replace("\"aliases\": []", "\"aliases\": [\"redis\"]");
    let stub = Stub::new(move |asked, _| {
        if asked.path.ends_with("/redis") {
            Does::Says(301, vec![("Location", "/api/products/redis-server".to_owned())], String::new())
        } else {
            ok(renamed.clone())
        }
    });
    assert_eq!(ask(stub.base.clone(), http()).0.lifecycles.len(), 1);
}

#[test]
fn a_busy_server_is_asked_again_when_it_says() {
    let busy = |wait: &'static str| Does::Says(429, vec![("Retry-After", wait.to_owned())], String::new());
    let stub = Stub::new(move |_, n| if n == 1 { busy("1") } else { ok(REDIS) });
    let (gathered, took) = ask(stub.base.clone(), http());
    assert_eq!(gathered.lifecycles.len(), 1, "{:?}", gathered.unanswered);
    assert!(took >= Duration::from_secs(1), "it waited {took:?}");
    // Whoever asks for an hour gets no second question.
    let stub = Stub::new(move |_, _| busy("3600"));
    let (gathered, took) = ask(stub.base.clone(), http());
    assert!(gathered.unanswered[0].contains("left alone for 3600 s") && took < Duration::from_secs(1));
    assert_eq!(stub.asked().len(), 1);
}

#[test]
fn a_failing_server_is_tried_again_but_not_for_ever() {
    let stub = Stub::new(|_, n| if n == 1 { Does::Says(503, Vec::new(), String::new()) } else { ok(REDIS) });
    assert_eq!(ask(stub.base.clone(), http()).0.lifecycles.len(), 1);
    let stub = Stub::new(|_, _| Does::Says(500, Vec::new(), String::new()));
    assert!(ask(stub.base.clone(), http()).0.unanswered[0].contains("status 500"));
    assert_eq!(stub.asked().len(), 2);
    // "Accepted" is no answer.
    assert!(failure(|_, _| Does::Says(202, Vec::new(), REDIS.to_owned())).contains("status 202"));
}

#[test]
fn a_source_that_is_down_is_not_asked_a_hundred_times() {
    let stub = Stub::new(|_, _| Does::Says(500, Vec::new(), String::new()));
    let many = Wanted { lifecycles: (0..100).map(|i| format!("p{i}")).collect(), ..Wanted::default() };
    let gathered = EndOfLife::new(stub.base.clone(), http()).gather(&many, &mut |_, _| {});
    assert_eq!(stub.asked().len(), 6, "three products, two tries each");
    assert!(
        gathered.unanswered.last().is_some_and(|l| l.contains("97 further products")),
        "{:?}",
        gathered.unanswered
    );
}

#[test]
fn what_is_unchanged_is_not_sent_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path().to_owned(), 1_000_000);
    let stub = Stub::new(|asked, _| {
        if asked.head.contains("if-none-match: \"v1\"") {
            Does::Says(304, Vec::new(), String::new())
        } else {
            Does::Says(200, vec![("ETag", "\"v1\"".to_owned())], REDIS.to_owned())
        }
    });
    let on = |day: &str| Http::new(bounds(), Some(cache.clone()), day);
    let first = ask(stub.base.clone(), on("2026-11-22")).0.lifecycles.remove(0);
    let second = ask(stub.base.clone(), on("2026-11-23")).0.lifecycles.remove(0);
    assert_eq!(first.fetched.as_deref(), Some("2026-11-22"));
    assert_eq!(second.fetched.as_deref(), Some("2026-11-23"), "found unchanged on that day");
    assert_eq!(first.cycles, second.cycles);
    let fresh = loadcase_sources::Bounds { fresh_days: 1, ..bounds() };
    ask(stub.base.clone(), Http::new(fresh, Some(cache.clone()), "2026-11-23"));
    assert_eq!(stub.asked().len(), 2, "what is of today is not asked for again");
    // A server that says "unchanged" of what it never sent.
    assert!(failure(|_, _| Does::Says(304, Vec::new(), String::new())).contains("never sent"));
}
