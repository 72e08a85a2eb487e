//! Whether the line of a version gets fixes: which phase ended or ends when, in the product's own words.

use loadcase_catalog::{Cycle, End, Lifecycle};
use loadcase_model::{VersionAnswer as A, VersionClaim, VersionStatement, Weight};

use super::{Case, source_of, statement};
use crate::day::{days_between, days_later};
use crate::knowledge::{Knowledge, Line, Subject, gets_fixes, line_of};

const CLAIM: VersionClaim = VersionClaim::Supported;

/// Days by which a line may stay behind its sisters before that is told.
const LEFT_OUT: i64 = 60;

pub(super) fn statements(case: &Case<'_>) -> Vec<VersionStatement> {
    let (Some(lifecycle), Some(version)) = (case.lifecycle, case.version.as_deref()) else {
        return Vec::new();
    };
    // A list of versions without a word on their ends says nothing of support.
    if lifecycle.cycles.iter().all(|c| c.fixes.is_none() && c.active.is_none()) {
        return Vec::new();
    }
    let mut found = match line_of(lifecycle, version) {
        Line::Of(cycle) => of_line(case, lifecycle, cycle),
        Line::Floats(cycle) => {
            let mut found = of_line(case, lifecycle, cycle);
            for told in &mut found {
                told.text = format!("`{version}` can be any line up to {}, where {}", cycle.cycle, told.text);
            }
            found
        }
        Line::Older => vec![older(case, lifecycle)],
        Line::Newer => vec![unknown(lifecycle, version, "is newer than every line this data knows", "newer")],
        Line::Unknown => vec![unknown(lifecycle, version, "is of no line this data lists", "unknown-line")],
    };
    for told in &mut found {
        told.evidence = vec![source_of(lifecycle)];
    }
    found
}

fn unknown(lifecycle: &Lifecycle, version: &str, what: &str, verdict: &str) -> VersionStatement {
    let text = format!("{version} {what} (as of {})", lifecycle.as_of);
    statement(CLAIM, A::NotCovered, Weight::Note, verdict, text)
}

fn older(case: &Case<'_>, lifecycle: &Lifecycle) -> VersionStatement {
    let text = format!(
        "older than every line listed: those that were over long before {} are left out",
        lifecycle.as_of
    );
    let mut told = statement(CLAIM, A::Contradicted, Weight::Fault, "ended", text);
    told.todo = Some(move_to(case, lifecycle));
    told
}

/// The line to move to, in words.
fn move_to(case: &Case<'_>, lifecycle: &Lifecycle) -> String {
    match case.known.move_to(lifecycle, case.today()) {
        Some(cycle) => {
            let until = match &cycle.fixes {
                Some(End::On(day)) => format!(", which gets fixes until {day}"),
                _ => String::new(),
            };
            format!("move to {} {}{until}", lifecycle.name, cycle.cycle)
        }
        // Every line that is listed is over: newer ones are there, but not in this data.
        None => format!(
            "no line that this data lists gets fixes any more: {} is too old to say which one to move to; `--online` asks",
            lifecycle.as_of
        ),
    }
}

fn of_line(case: &Case<'_>, lifecycle: &Lifecycle, cycle: &Cycle) -> Vec<VersionStatement> {
    let mut told = match gets_fixes(cycle, case.today()) {
        Some(false) => over(case, lifecycle, cycle),
        Some(true) => living(case, lifecycle, cycle),
        None => {
            let text = format!("the end of line {} is not stated", cycle.cycle);
            statement(CLAIM, A::NotCovered, Weight::Fine, "not-stated", text)
        }
    };
    if told.weight == Weight::Fault || told.weight == Weight::Warning {
        told.todo.get_or_insert_with(|| move_to(case, lifecycle));
    }
    let behind = left_out(case, lifecycle, cycle).filter(|_| told.answer != A::Contradicted);
    std::iter::once(told).chain(behind).collect()
}

/// What a phase is called in a sentence; some labels are the headings of a column.
fn phase<'a>(name: Option<&'a String>, otherwise: &'a str) -> &'a str {
    match name.map_or(otherwise, String::as_str) {
        "Support Status" | "Supported" | "End of Support" | "Support" => "support",
        "End of Standard Support" => "standard support",
        "End of Extended Support" => "extended support",
        name => name,
    }
}

fn over(case: &Case<'_>, lifecycle: &Lifecycle, cycle: &Cycle) -> VersionStatement {
    let (text, goes_on) = ended(lifecycle, cycle, case.today());
    let weight = if goes_on == Some(true) { Weight::Warning } else { Weight::Fault };
    let verdict = if goes_on.is_some() { "later-phase" } else { "ended" };
    statement(CLAIM, A::Contradicted, weight, verdict, text)
}

/// What ended and when; and whether a later phase goes on, for everybody or not.
fn ended(lifecycle: &Lifecycle, cycle: &Cycle, today: &str) -> (String, Option<bool>) {
    let line = cycle.cycle.as_str();
    let fixes = phase(lifecycle.phases.fixes.as_ref(), "support");
    let when = match cycle.fixes.as_ref().or(cycle.active.as_ref()) {
        Some(End::On(day)) => format!("ended on {day}"),
        _ => format!("was over by {}", lifecycle.as_of),
    };
    let mut text = format!("{fixes} of line {line} {when}");
    let extended = phase(lifecycle.phases.extended.as_ref(), "extended support");
    let goes_on = match &cycle.extended {
        Some(End::On(day)) if today <= day.as_str() => Some(format!("{extended} runs until {day}")),
        Some(End::Open) => Some(format!("{extended} goes on, no end announced")),
        _ => None,
    };
    let free = is_free(extended);
    if let Some(goes_on) = &goes_on {
        let who = if free { "" } else { ", for those who pay for or have it" };
        text.push_str(&format!("; {goes_on}{who}"));
    }
    (text, goes_on.map(|_| free))
}

/// Whether everybody gets the fixes of a phase that follows the main one.
fn is_free(phase: &str) -> bool {
    let lower = phase.to_ascii_lowercase();
    let paid = ["commercial", "enterprise", "extended", "premium", "expanded", "paid", "rhbq", "confluent"];
    !paid.iter().any(|word| lower.contains(word))
}

fn living(case: &Case<'_>, lifecycle: &Lifecycle, cycle: &Cycle) -> VersionStatement {
    let line = cycle.cycle.as_str();
    let fixes = phase(lifecycle.phases.fixes.as_ref(), "support");
    let active = match (&cycle.active, &lifecycle.phases.active) {
        (Some(End::On(day)), Some(phase)) if case.today() > day.as_str() => {
            format!("; {phase} ended on {day}")
        }
        (Some(End::Over), Some(phase)) => format!("; {phase} is over"),
        _ => String::new(),
    };
    let stale = case.is_stale(&lifecycle.as_of, case.options.ages.support);
    let (answer, weight) = if stale { (A::Stale, Weight::Note) } else { (A::Verified, Weight::Fine) };
    let age = if stale { format!("; this is {}", case.age(&lifecycle.as_of)) } else { String::new() };
    let Some(End::On(day)) = cycle.fixes.as_ref().or(cycle.active.as_ref()) else {
        let rule = cycle.rule.as_deref().map_or_else(String::new, |r| format!(" ({r})"));
        let text = format!(
            "line {line} gets fixes, no end announced{rule}, read on {}{active}{age}",
            lifecycle.as_of
        );
        return statement(CLAIM, answer, weight, "supported", text);
    };
    let left = days_between(case.today(), day).unwrap_or(i64::MAX);
    if left <= case.options.window {
        let text = format!("{fixes} of line {line} ends on {day}, in {left} days{active}{age}");
        return statement(CLAIM, answer, Weight::Warning, "ending", text);
    }
    let text =
        format!("{fixes} of line {line} until {day}, announced, read on {}{active}{age}", lifecycle.as_of);
    statement(CLAIM, answer, weight, "supported", text)
}

/// A line that got a patch after a day, while it was supported, and the day.
fn patched_after<'a>(cycle: &'a Cycle, limit: &str) -> Option<(&'a Cycle, &'a str)> {
    let day = cycle.latest_date.as_deref()?;
    (day > limit && gets_fixes(cycle, day) != Some(false)).then_some((cycle, day))
}

/// A line that has ended, or soon will.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The technology.
    pub technology: String,
    /// The line; the version itself where it is older than every line listed.
    pub line: String,
    /// What ended or ends, and when, in the product's own words.
    pub told: String,
    /// Who says so, and the day it was true.
    pub source: String,
    /// Whether it has not ended yet.
    pub is_near: bool,
}

/// Whether the line of a version has ended by a day, or ends within so many days after it.
#[must_use]
pub fn ending(
    known: &Knowledge,
    subject: &Subject,
    version: &str,
    today: &str,
    window: i64,
) -> Option<Ending> {
    let lifecycle = known.lifecycle_of(subject)?;
    let (line, told, is_near) = match line_of(lifecycle, version) {
        Line::Of(cycle) | Line::Floats(cycle) => {
            let line = cycle.cycle.clone();
            match gets_fixes(cycle, today)? {
                false => {
                    let (told, goes_on) = ended(lifecycle, cycle, today);
                    (line, told, goes_on.is_some_and(|free| free))
                }
                true => {
                    let End::On(day) = cycle.fixes.as_ref().or(cycle.active.as_ref())? else { return None };
                    let left = days_between(today, day).filter(|left| *left <= window)?;
                    let fixes = phase(lifecycle.phases.fixes.as_ref(), "support");
                    (line.clone(), format!("{fixes} of line {line} ends on {day}, in {left} days"), true)
                }
            }
        }
        Line::Older => {
            (version.to_owned(), "is older than every line that still gets fixes".to_owned(), false)
        }
        Line::Newer | Line::Unknown => return None,
    };
    let source = format!("{} ({})", lifecycle.source, lifecycle.as_of);
    Some(Ending { technology: lifecycle.name.clone(), line, told, source, is_near })
}

/// A line that is called supported, but whose sisters got patches that it did not get: older ones and newer ones.
fn left_out(case: &Case<'_>, lifecycle: &Lifecycle, cycle: &Cycle) -> Option<VersionStatement> {
    let at = lifecycle.cycles.iter().position(|c| c.cycle == cycle.cycle)?;
    let own = cycle.latest_date.as_deref()?;
    let limit = days_later(own, LEFT_OUT)?;
    // One of the older lines is decisive: newer ones are released for other reasons as well.
    let (before, after) = (lifecycle.cycles.get(at + 1..)?, lifecycle.cycles.get(..at)?);
    let (sister, day) = before.iter().find_map(|c| patched_after(c, &limit))?;
    after.iter().find_map(|c| patched_after(c, &limit))?;
    let text = format!(
        "called supported, but its newest patch is {} of {own}, while {} got {} on {day}: it may lack their fixes",
        cycle.latest.as_deref().unwrap_or("unknown"),
        sister.cycle,
        sister.latest.as_deref().unwrap_or("one"),
    );
    let mut told = statement(CLAIM, A::Contradicted, Weight::Warning, "left-out", text);
    told.todo = Some(move_to(case, lifecycle));
    Some(told)
}
