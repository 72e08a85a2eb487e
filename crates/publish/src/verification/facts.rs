//! What is known of versions, for a terminal: each line with its day, each source with its age.

use loadcase_catalog::{AdvisoryRecord, Cycle, End, Lifecycle, Lts, PackageFact};

use crate::text::clean;
use crate::text::plain::pad;

/// Days since a day.
pub type Age<'a> = &'a dyn Fn(&str) -> i64;

fn days(age: i64) -> String {
    match age {
        0 => "of today".to_owned(),
        1 => "1 day old".to_owned(),
        i64::MAX => "of an unknown day".to_owned(),
        n => format!("{n} days old"),
    }
}

fn end(end: Option<&End>) -> String {
    match end {
        Some(End::On(day)) => day.clone(),
        Some(End::Over) => "over".to_owned(),
        Some(End::Open) => "no day announced".to_owned(),
        None => "-".to_owned(),
    }
}

/// Everything that is known, a line each.
#[must_use]
pub fn known(
    lifecycles: &[&Lifecycle],
    packages: &[&PackageFact],
    advisories: &[AdvisoryRecord],
    today: &str,
    age: Age<'_>,
) -> String {
    let row = |cells: [&str; 5]| {
        let widths = [26, 12, 20, 18, 14];
        let line: String = cells.iter().zip(widths).map(|(c, w)| pad(&clean(c), w) + "  ").collect();
        line.trim_end().to_owned() + "\n"
    };
    let mut out = row(["technology", "newest line", "newest version", "fixes until", "as of"]);
    for lifecycle in lifecycles {
        let cycle = lifecycle.cycles.first();
        out.push_str(&row([
            &lifecycle.id,
            cycle.map_or("-", |c| c.cycle.as_str()),
            cycle.and_then(|c| c.latest.as_deref()).unwrap_or("-"),
            &end(cycle.and_then(|c| c.fixes.as_ref())),
            &lifecycle.as_of,
        ]));
    }
    let day = packages.iter().map(|p| p.as_of.as_str()).min().unwrap_or("-");
    let newest = advisories.iter().filter_map(|a| a.date.as_deref()).max().unwrap_or("-");
    out.push_str(&format!(
        "\non {today}: {} technologies; {} packages, {}; {} advisories, a chosen list, the newest of {newest}, {}\n",
        lifecycles.len(),
        packages.len(),
        days(age(day)),
        advisories.len(),
        days(age(newest))
    ));
    out.push_str("`loadcase facts show NAME` shows one with its sources, `loadcase facts refresh` fetches what is newer\n");
    out
}

/// What is known of one technology or package.
#[must_use]
pub fn shown(
    lifecycle: Option<&Lifecycle>,
    packages: &[&PackageFact],
    advisories: &[&AdvisoryRecord],
    today: &str,
    age: Age<'_>,
) -> String {
    let mut out = String::new();
    if let Some(lifecycle) = lifecycle {
        lines(&mut out, lifecycle, today, age);
    }
    for package in packages {
        self::package(&mut out, package, age);
    }
    for advisory in advisories {
        self::advisory(&mut out, advisory, age);
    }
    if advisories.is_empty() {
        out.push_str("advisories: none in the chosen list that is delivered, which does not mean that there are none\n");
    }
    out
}

fn lines(out: &mut String, lifecycle: &Lifecycle, today: &str, age: Age<'_>) {
    out.push_str(&format!("{} ({})\n", clean(&lifecycle.name), clean(&lifecycle.id)));
    let phases = &lifecycle.phases;
    let named = |name: &Option<String>, otherwise: &str| clean(name.as_deref().unwrap_or(otherwise));
    let has = |of: fn(&Cycle) -> Option<&End>| lifecycle.cycles.iter().any(|c| of(c).is_some());
    let mut head = vec!["line".to_owned(), "newest".to_owned(), "released".to_owned()];
    let mut columns: Vec<fn(&Cycle) -> Option<&End>> = Vec::new();
    for (of, name) in [
        (
            (|c: &Cycle| c.active.as_ref()) as fn(&Cycle) -> Option<&End>,
            named(&phases.active, "active support"),
        ),
        (|c: &Cycle| c.fixes.as_ref(), named(&phases.fixes, "support")),
        (|c: &Cycle| c.extended.as_ref(), named(&phases.extended, "extended support")),
    ] {
        if has(of) {
            columns.push(of);
            head.push(format!("{name} until"));
        }
    }
    let mut rows = vec![head];
    for cycle in &lifecycle.cycles {
        let long = match &cycle.lts {
            Some(Lts::Said(true)) => " LTS".to_owned(),
            Some(Lts::From(day)) if day.as_str() <= today => " LTS".to_owned(),
            Some(Lts::From(day)) => format!(" LTS from {day}"),
            _ => String::new(),
        };
        let mut row = vec![
            clean(&format!("{}{long}", cycle.cycle)),
            clean(cycle.latest.as_deref().unwrap_or("-")),
            clean(cycle.released.as_deref().unwrap_or("-")),
        ];
        row.extend(columns.iter().map(|of| end(of(cycle))));
        rows.push(row);
    }
    let widths: Vec<usize> = (0..rows[0].len())
        .map(|i| rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0))
        .collect();
    for row in rows {
        let line: String = row.iter().zip(&widths).map(|(c, w)| pad(c, *w) + "  ").collect();
        out.push_str(&format!("  {}\n", line.trim_end()));
    }
    for seen in &lifecycle.seen {
        let by = seen.by.as_deref().map_or_else(String::new, |d| format!(" out by {d},"));
        out.push_str(&format!(
            "  newer: {},{by} seen on {} ({}): {}\n",
            clean(&seen.version),
            seen.as_of,
            days(age(&seen.as_of)),
            clean(&seen.source)
        ));
    }
    let fetched = lifecycle.fetched.as_deref().map_or_else(String::new, |d| format!(", fetched on {d}"));
    out.push_str(&format!(
        "source: {}; of {}{fetched} ({})\n",
        clean(&lifecycle.source),
        lifecycle.as_of,
        days(age(&lifecycle.as_of))
    ));
    if let Some(url) = &lifecycle.url {
        out.push_str(&format!("policy: {}\n", clean(url)));
    }
    out.push('\n');
}

fn package(out: &mut String, package: &PackageFact, age: Age<'_>) {
    out.push_str(&format!(
        "{} {}: newest {}",
        package.ecosystem,
        clean(&package.name),
        clean(&package.latest)
    ));
    if let Some(day) = &package.released {
        // A mirror's day is the day it took the version in.
        out.push_str(&if package.released_at_the_latest {
            format!(", out by {day}")
        } else {
            format!(", of {day}")
        });
    }
    let lines: Vec<String> =
        package.lines.values().filter(|v| **v != package.latest).map(|v| clean(v)).collect();
    if !lines.is_empty() {
        out.push_str(&format!("; other lines: {}", lines.join(", ")));
    }
    if let Some(runtime) = &package.runtime {
        out.push_str(&format!("; asks for {} {}", runtime.on, clean(&runtime.range)));
    }
    let told =
        if package.tells_deprecated { "" } else { "; whether it is deprecated, the source does not say" };
    out.push_str(&format!(
        "{told}\nsource: {}; of {} ({})\n\n",
        clean(&package.source),
        package.as_of,
        days(age(&package.as_of))
    ));
}

fn advisory(out: &mut String, advisory: &AdvisoryRecord, age: Age<'_>) {
    let rated = advisory.severity.as_deref().map_or_else(String::new, |s| format!(" ({s})"));
    let fixed: Vec<&str> =
        advisory.affects.iter().flat_map(|a| &a.ranges).filter_map(|r| r.fixed.as_deref()).collect();
    let fixed =
        if fixed.is_empty() { "no fix known".to_owned() } else { format!("fixed in {}", fixed.join(", ")) };
    let hand = if advisory.second_hand { ", second-hand" } else { "" };
    let licence = advisory.licence.as_deref().map_or_else(String::new, |l| format!(", {l}"));
    out.push_str(&format!(
        "{}{rated}: {} {fixed}\nsource: {}{licence}{hand}; read on {} ({})\n\n",
        clean(&advisory.id),
        clean(&advisory.summary),
        clean(&advisory.source),
        advisory.as_of,
        days(age(&advisory.as_of))
    ));
}
