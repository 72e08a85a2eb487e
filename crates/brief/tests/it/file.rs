//! Briefs in YAML: the examples, every way to write an amount, and what is refused with its place.

use std::path::{Path, PathBuf};

use loadcase_brief::{BriefFile, Read};
use loadcase_model::{Brief, Diagnostic, Estimate, Id, Input, Origin, Stance};
use proptest::prelude::*;

use crate::{catalog, reader};

fn read(text: &str) -> Brief {
    try_read(text).unwrap_or_else(|d| panic!("{}\n{text}", d.one_line("brief.yaml", text))).brief
}

fn try_read(text: &str) -> Result<Read, Box<Diagnostic>> {
    reader().read_yaml(text, catalog())
}

fn now(brief: &Brief, input: Input) -> &Estimate {
    brief.numbers[&input].now.as_ref().unwrap_or_else(|| panic!("{} has no value now", input.slug()))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= b.abs() * 1e-9
}

/// The refusal of a file and the place it points at, as `line:column`.
fn refused(text: &str) -> (Diagnostic, String) {
    let Err(refusal) = try_read(text) else { panic!("accepted:\n{text}") };
    let place = refusal.label.as_ref().map_or_else(String::new, |label| {
        let at = label.span.position(text);
        format!("{}:{}", at.line, at.column)
    });
    (*refusal, place)
}

fn examples() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/briefs");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .expect("the folder is there")
        .map(|e| e.expect("an entry").path())
        .collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "yaml"));
    paths.sort();
    paths.into_iter().map(|p| (p.clone(), std::fs::read_to_string(p).expect("it can be read"))).collect()
}

#[test]
fn every_example_is_read_and_says_what_it_means() {
    let examples = examples();
    assert!(examples.len() >= 5, "only {} examples", examples.len());
    for (path, text) in examples {
        let read =
            try_read(&text).unwrap_or_else(|d| panic!("{}", d.one_line(&path.to_string_lossy(), &text)));
        assert!(read.diagnostics.is_empty(), "{}: {:?}", path.display(), read.diagnostics);
        assert!(!read.brief.says_nothing(), "{}", path.display());
        assert_eq!(read.brief.text, text);
        for_each_origin(&read.brief, |origin| {
            assert!(matches!(origin, Origin::Stated { .. }), "{}: {origin:?}", path.display());
        });
    }
}

fn for_each_origin(brief: &Brief, mut check: impl FnMut(&Origin)) {
    brief.domains.iter().for_each(|d| check(&d.origin));
    brief.signals.values().for_each(|s| check(&s.origin));
    brief.technologies.iter().for_each(|t| check(&t.origin));
    brief.numbers.values().flat_map(|g| [&g.now, &g.later]).flatten().for_each(|e| check(&e.origin));
}

#[test]
fn a_brief_written_as_a_file_says_the_same() {
    for (path, text) in examples() {
        let first = read(&text);
        let written = serde_json::to_string(&BriefFile::from(&first)).expect("it can be written");
        let second = read(&written);
        let numbers = |brief: &Brief| -> Vec<(Input, bool, [f64; 3])> {
            let of = |input: Input, later: bool, e: &Option<Estimate>| {
                e.as_ref().map(|e| (input, later, [e.value, e.low, e.high].map(|v| (v * 1e9).round() / 1e9)))
            };
            let given = brief.numbers.iter();
            given.flat_map(|(i, g)| [of(*i, false, &g.now), of(*i, true, &g.later)]).flatten().collect()
        };
        assert_eq!(numbers(&first), numbers(&second), "{}", path.display());
        let names = |brief: &Brief| brief.domains.iter().map(|d| d.id.clone()).collect::<Vec<_>>();
        assert_eq!(names(&first), names(&second), "{}", path.display());
        for (id, signal) in &first.signals {
            assert_eq!(
                second.signals.get(id).map(|s| s.holds),
                Some(signal.holds),
                "{}: {id}",
                path.display()
            );
        }
        for mention in &first.technologies {
            assert!(second.names(mention.id.as_str(), mention.stance), "{}: {}", path.display(), mention.id);
        }
        assert_eq!(first.question, second.question, "{}", path.display());
    }
}

#[test]
fn amounts_are_read_in_the_unit_of_their_input() {
    let cases = [
        ("monthly-users: 10000", Input::MonthlyUsers, 10_000.0),
        ("monthly-users: 10k", Input::MonthlyUsers, 10_000.0),
        ("monthly-users: \"1,200,000\"", Input::MonthlyUsers, 1.2e6),
        ("monthly-users: half a million", Input::MonthlyUsers, 0.5e6),
        ("daily-users: 1.5M users", Input::DailyUsers, 1.5e6),
        ("peak-rps: 500", Input::PeakRps, 500.0),
        ("peak-rps: 500 rps", Input::PeakRps, 500.0),
        ("average-rps: 86.4M requests per day", Input::AverageRps, 1000.0),
        ("events-per-s: 1.2M per minute", Input::EventsPerS, 20_000.0),
        ("availability: 99.95%", Input::Availability, 0.9995),
        ("availability: 0.9995", Input::Availability, 0.9995),
        ("availability: four nines", Input::Availability, 0.9999),
        ("read-share: 95 %", Input::ReadShare, 0.95),
        ("budget-usd-month: \"$5k\"", Input::BudgetUsdMonth, 5_000.0),
        ("budget-usd-month: $60k a year", Input::BudgetUsdMonth, 5_000.0),
        ("latency-p99-ms: 300ms", Input::LatencyP99Ms, 300.0),
        ("latency-p99-ms: 1.5 s", Input::LatencyP99Ms, 1_500.0),
        ("recovery-point-s: 15 min", Input::RecoveryPointS, 900.0),
        ("recovery-time-s: 4 hours", Input::RecoveryTimeS, 14_400.0),
        ("data-gb: 2 TB", Input::DataGb, 2_000.0),
        ("data-gb: 500 MB", Input::DataGb, 0.5),
        ("response-kb: 1 MB", Input::ResponseKb, 1_000.0),
        ("deadline-months: 1 year", Input::DeadlineMonths, 12.0),
        ("growth: 3x", Input::Growth, 3.0),
        ("engineers: six", Input::Engineers, 6.0),
        ("regions: 2", Input::Regions, 2.0),
        ("recovery-point-s: 0", Input::RecoveryPointS, 0.0),
    ];
    for (line, input, value) in cases {
        let brief = read(&format!("numbers:\n  {line}\n"));
        let estimate = now(&brief, input);
        assert!(close(estimate.value, value), "{line}: {estimate:?}");
        assert!(estimate.low <= estimate.value && estimate.value <= estimate.high, "{line}: {estimate:?}");
    }
}

#[test]
fn amounts_may_have_ranges_reasons_and_horizons() {
    let brief = read(
        "numbers:\n  monthly-users: {now: 10k, later: 1M}\n  peak-factor: {value: 4, low: 3, high: 8, because: sales at noon}\n  engineers: {later: 9}\n  peak-rps: 200-400\n",
    );
    let users = &brief.numbers[&Input::MonthlyUsers];
    assert!(
        close(users.now.as_ref().expect("now").value, 1e4)
            && close(users.later.as_ref().expect("later").value, 1e6)
    );
    let factor = now(&brief, Input::PeakFactor);
    assert!(close(factor.low, 3.0) && close(factor.value, 4.0) && close(factor.high, 8.0), "{factor:?}");
    assert!(brief.numbers[&Input::Engineers].now.is_none());
    let peak = now(&brief, Input::PeakRps);
    assert!(close(peak.low, 200.0) && close(peak.high, 400.0), "{peak:?}");
}

#[test]
fn values_keep_the_words_and_the_place_they_were_read_from() {
    let text = "# é\nnumbers:\n  peak-rps: 500 rps\nsignals:\n  gdpr: true\n";
    let brief = read(text);
    for (origin, expected) in
        [(&now(&brief, Input::PeakRps).origin, "peak-rps"), (&brief.signals["gdpr"].origin, "gdpr")]
    {
        let Origin::Stated { text: words, at: Some(at) } = origin else { panic!("{origin:?}") };
        assert_eq!(
            text.get(*at..at + words.len()),
            Some(words.as_str()),
            "the words stand where the origin says"
        );
        assert!(words.contains(expected) || words.contains("500") || words.contains("true"), "{words}");
    }
}

#[test]
fn fields_win_over_prose() {
    let brief = read(
        "text: |\n  We are 9 engineers with search on MongoDB.\n  500 monthly users, 20k in two years.\nnumbers: {engineers: 4, monthly-users: 800}\nsignals: {search: false}\ntechnologies: {rejected: [mongodb]}\ndomains: [booking]\n",
    );
    assert!(close(now(&brief, Input::Engineers).value, 4.0));
    assert!(close(now(&brief, Input::MonthlyUsers).value, 800.0));
    let later = brief.numbers[&Input::MonthlyUsers].later.as_ref().map(|e| e.value);
    assert_eq!(later, Some(20_000.0), "what the field leaves open the prose may say");
    assert!(!brief.holds("search"));
    assert!(brief.names("mongodb", Stance::Rejected) && !brief.names("mongodb", Stance::Existing));
    assert_eq!(brief.domains.len(), 1);
    assert_eq!(brief.domains[0].id, Id::slug("booking"));
}

#[test]
fn the_question_is_the_field_or_what_the_text_asks() {
    assert_eq!(read("question: >\n  Do we\n  need Kafka?\n").question.as_deref(), Some("Do we need Kafka?"));
    assert_eq!(
        read("text: We sell shoes. Do we need Kafka?\n").question.as_deref(),
        Some("Do we need Kafka?")
    );
}

#[test]
fn numbers_that_cannot_be_meant_are_refused_where_they_stand() {
    for line in [
        "peak-rps: -5",
        "peak-rps: \"-5\"",
        "peak-rps: .nan",
        "peak-rps: .inf",
        "peak-rps: nan",
        "peak-rps: 1e300",
        "peak-rps: \"1e300\"",
        "peak-rps: 99999999999999999999999999",
        "monthly-users: 2e12",
        "read-share: 150%",
        "availability: 101%",
        "availability: -1",
        "latency-p99-ms: 5 GB",
        "data-gb: 5 minutes",
        "engineers: lots",
        "engineers: \"\"",
        "engineers: true",
        "engineers: [4]",
        "engineers: {value: -1}",
        "engineers: {value: 4, low: 5}",
        "engineers: {value: 4, high: 3}",
        "engineers: {now: 4, later: -9}",
        "engineers: {now: 4, value: 5}",
        "engineers: {}",
    ] {
        let text = format!("summary: A shop.\nnumbers:\n  monthly-users: 10k\n  {line}\n")
            .replace("  monthly-users: 10k\n  monthly", "  monthly");
        let (refusal, place) = refused(&text);
        let at: usize = place.split(':').next().and_then(|l| l.parse().ok()).unwrap_or(0);
        assert!((3..=4).contains(&at), "{line}: {place:?} {refusal:?}");
    }
}

#[test]
fn unknown_names_are_corrected() {
    for (text, code, help, line) in [
        ("sumary: x\n", "unknown-field", "summary", 1),
        ("numbers:\n  monthly-user: 5\n", "", "monthly-users", 2),
        ("signals:\n  gdprr: true\n", "", "gdpr", 2),
        ("domains:\n  - sociall\n", "", "social", 2),
        ("technologies:\n  existing:\n    - postgresq\n", "", "postgresql", 3),
        ("technologies:\n  exsting: [postgresql]\n", "unknown-field", "existing", 2),
        ("numbers:\n  engineers: {now: 3, latter: 4}\n", "unknown-field", "later", 2),
    ] {
        let (refusal, place) = refused(text);
        assert!(code.is_empty() || refusal.code == code, "{text}: {refusal:?}");
        let suggested = refusal.help.as_deref().unwrap_or("");
        assert!(suggested.contains(&format!("`{help}`")), "{text}: {refusal:?}");
        assert!(place.starts_with(&format!("{line}:")), "{text}: {place}");
    }
}

#[test]
fn what_follows_from_a_circumstance_holds_too() {
    let specs = &catalog().lexicon.signals;
    let (id, implied) =
        specs.values().find_map(|s| s.implies.first().map(|i| (&s.id, i))).expect("one implies another");
    assert!(read(&format!("signals: {{{id}: true}}\n")).holds(implied.as_str()), "{id} implies {implied}");
    assert!(!read(&format!("signals: {{{id}: true, {implied}: false}}\n")).holds(implied.as_str()));
}

#[test]
fn contradictions_are_told() {
    let read = try_read("numbers: {monthly-users: 10, peak-rps: 5M}\n").expect("both are kept");
    assert!(read.diagnostics.iter().any(|d| d.code == "contradictory-numbers"), "{:?}", read.diagnostics);
}

#[test]
fn hostile_yaml_is_refused_soon() {
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for i in 1..12 {
        let items = vec![format!("*a{}", i - 1); 9].join(",");
        bomb.push_str(&format!("a{i}: &a{i} [{items}]\n"));
    }
    let hostile = [
        bomb,
        "[".repeat(100_000),
        "{a: ".repeat(50_000),
        "- ".repeat(100_000),
        "numbers: &n {engineers: *n}\n".to_owned(),
        "summary: a\nsummary: b\n".to_owned(),
        "numbers: {engineers: 1, engineers: 2}\n".to_owned(),
        "numbers:\n  engineers: 1\n  ? engineers\n  : 2\n".to_owned(),
        "!!python/object/apply:os.system [\"true\"]\n".to_owned(),
        "summary: [a, b]\n".to_owned(),
        "summary: \"unterminated\n".to_owned(),
        "- summary\n".to_owned(),
        "5\n".to_owned(),
        "summary: a\n---\nsummary: b\n".to_owned(),
        "signals: {gdpr: yes}\n".to_owned(),
        "\u{0}".to_owned(),
    ];
    for text in hostile {
        let begun = std::time::Instant::now();
        let shown: String = text.chars().take(60).collect();
        assert!(try_read(&text).is_err(), "accepted: {shown}");
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{shown}: {:?}", begun.elapsed());
    }
}

#[test]
fn repeated_keys_name_the_key() {
    let (refusal, place) = refused("numbers:\n  engineers: 1\n  engineers: 2\n");
    assert_eq!(refusal.code, "duplicate-key");
    assert!(place.starts_with("3:"), "{place}");
}

#[test]
fn every_input_and_field_stands_in_the_schema() {
    let schema = serde_json::to_string(&schemars::schema_for!(BriefFile)).expect("it can be written");
    for input in Input::ALL {
        assert!(schema.contains(&format!("\"{}\"", input.slug())), "{}", input.slug());
    }
    assert!(schema.contains("\"additionalProperties\":false"));
}

/// Pieces of which briefs are made, some of them broken.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("numbers:\n".to_owned()),
        Just("  monthly-users: ".to_owned()),
        Just("  availability: ".to_owned()),
        Just("signals: {gdpr: true}\n".to_owned()),
        Just("text: |\n  ".to_owned()),
        Just("{now: ".to_owned()),
        Just(", later: ".to_owned()),
        Just("}\n".to_owned()),
        Just("technologies: {existing: [".to_owned()),
        Just("&a ".to_owned()),
        Just("*a".to_owned()),
        "[0-9.,]{1,12}(k|M|%| ms|x| TB|e99)?",
        "\\PC{0,12}",
        Just("\n".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn no_yaml_panics(pieces in proptest::collection::vec(piece(), 0..14)) {
        let text = pieces.concat();
        match try_read(&text) {
            Ok(read) => {
                for estimate in read.brief.numbers.values().flat_map(|g| [&g.now, &g.later]).flatten() {
                    prop_assert!(estimate.low <= estimate.value && estimate.value <= estimate.high, "{estimate:?}");
                    prop_assert!(estimate.value.is_finite() && estimate.value >= 0.0 && estimate.value <= 1e12);
                }
            }
            Err(refusal) => prop_assert!(!refusal.one_line("brief.yaml", &text).is_empty()),
        }
    }

    #[test]
    fn any_number_is_taken_or_refused(value in any::<f64>(), index in 0..Input::COUNT) {
        let input = Input::ALL[index];
        for written in [format!("{value}"), format!("{value:e}"), format!("\"{value}\"")] {
            let text = format!("numbers: {{{}: {written}}}\n", input.slug());
            if let Ok(read) = try_read(&text) {
                let read = now(&read.brief, input).value;
                prop_assert!(read.is_finite() && (0.0..=1e12).contains(&read), "{text} is {read}");
            }
        }
    }
}
