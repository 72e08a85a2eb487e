//! A simulation on a terminal: one line for each scenario, then what is broken and what would have held.

use loadcase_catalog::Catalog;
use loadcase_model::{Horizon, Interval, Remedy, ScenarioRun, Simulation, SkippedScenario, Tag, TriedChange};

use super::{back, in_time};
use crate::honesty::plain_legend;
use crate::terminal::paint::{Line, Style, render};
use crate::text::clean;
use crate::text::plain::{clip, pad, prose, width, wrap};
use crate::{Screen, fidelity};

/// Longest name of a scenario or part in a column.
const NAME: usize = 34;
/// Columns of the headings at the left of a paragraph.
const LEAD: usize = 18;

/// For a terminal. `again` is the command line that was run, for what to do next.
#[must_use]
pub fn text(simulation: &Simulation, catalog: &Catalog, again: &str, screen: Screen) -> String {
    let screen = Screen { width: screen.width.clamp(80, 120), ..screen };
    let mut page = Page { lines: Vec::new(), width: screen.width };
    page.head(simulation);
    page.table(&simulation.scenarios);
    for run in &simulation.scenarios {
        if !run.holds {
            page.broken(run, again);
        }
    }
    page.trust(catalog);
    page.tail(simulation);
    render(&page.lines, screen)
}

struct Page {
    lines: Vec<Line>,
    width: usize,
}

impl Page {
    fn put(&mut self, text: String, style: Style) {
        self.lines.push(Line { text, lead: 0, style });
    }

    fn blank(&mut self) {
        self.lines.push(Line::plain(""));
    }

    /// A paragraph with a heading at its left.
    fn section(&mut self, title: &str, text: &str) {
        for (i, line) in wrap(text, self.width - LEAD, 0).into_iter().enumerate() {
            let title = if i == 0 { title } else { "" };
            self.lines.push(Line::plain(format!("    {}{line}", pad(title, LEAD - 4))));
        }
    }

    fn head(&mut self, simulation: &Simulation) {
        let name = clean(&simulation.name);
        let when = match simulation.horizon {
            Some(Horizon::Now) => ", under the load of today",
            Some(Horizon::Later) => ", under the load in 24 months",
            None => "",
        };
        let lead = name.chars().count();
        self.lines.push(Line { text: format!("{name}{when}"), lead, style: Style::Plain });
        if let Some(bound) = &simulation.in_time {
            for line in wrap(&in_time(&bound.tagged()), self.width, 0) {
                self.lines.push(Line::plain(line));
            }
        }
        self.blank();
    }

    fn table(&mut self, runs: &[ScenarioRun]) {
        let head = ["", "in time", "p50", "p95", "p99", "no answer", "back after", "full first"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        let mut shown: Vec<Option<&ScenarioRun>> = vec![None];
        for (i, run) in runs.iter().enumerate() {
            let mark = if run.holds { "✓" } else { "✗" };
            let several = runs.iter().filter(|r| r.id == run.id).count() > 1;
            let (scenario, variant) =
                run.name.split_once(": ").filter(|_| several).unwrap_or(("", &run.name));
            if several && (i == 0 || runs[i - 1].id != run.id) {
                rows.push(vec![format!("  {}", clip(&clean(scenario), NAME)); 1]);
                shown.push(None);
            }
            let indent = if several { "  " } else { "" };
            shown.push(Some(run));
            rows.push(vec![
                format!("{mark} {indent}{}", clip(&clean(variant), NAME)),
                run.good.tagged(),
                run.p50.tagged(),
                run.p95.tagged(),
                run.p99.tagged(),
                unanswered(run),
                back(run).map_or_else(str::to_owned, loadcase_model::Figure::tagged),
                run.saturated.as_ref().map_or_else(|| "-".to_owned(), |s| clip(&clean(&s.part), NAME)),
            ]);
        }
        let widest = |i: usize| rows.iter().filter_map(|r| r.get(i)).map(|c| width(c)).max().unwrap_or(0);
        let widths: Vec<usize> = (0..head.len()).map(widest).collect();
        for (row, run) in rows.iter().zip(shown) {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(c, w)| pad(c, *w)).collect();
            let style = match run {
                Some(run) if run.holds => Style::Good,
                Some(_) => Style::Bad,
                None => Style::Plain,
            };
            self.put(format!("  {}", cells.join("  ").trim_end()), style);
        }
    }

    fn broken(&mut self, run: &ScenarioRun, again: &str) {
        self.blank();
        self.put(format!("  ✗ {}", clean(&run.name)), Style::Bad);
        self.section("what happens", &prose(&run.summary, Tag::Assumed));
        for target in run.targets.iter().filter(|t| !t.held) {
            let seen = match target.seen.value {
                Some(_) => target.seen.tagged(),
                None => "not within the run".to_owned(),
            };
            self.section(
                "broken",
                &format!("{}: {seen}, wanted {}", clean(&target.name), target.wanted.tagged()),
            );
        }
        if !run.errors.is_empty() {
            let causes: Vec<String> =
                run.errors.iter().map(|e| format!("{} {}", clean(&e.cause), e.share.tagged())).collect();
            self.section("no answer", &causes.join(", "));
        }
        if let Some(part) = &run.saturated {
            self.section(
                "full first",
                &format!("{}, {} after the start", clean(&part.part), part.at.tagged()),
            );
        }
        match &run.remedy {
            Some(remedy) => self.remedy(run, remedy, again),
            None if run.partial => self.section("would hold", "not looked for: the run was stopped"),
            None => {}
        }
    }

    fn remedy(&mut self, run: &ScenarioRun, remedy: &Remedy, again: &str) {
        match &remedy.found {
            Some(found) => {
                self.section("would hold", &format!("{}{}", told(found), tried(remedy)));
                self.section("", &prose(&found.because, Tag::Assumed));
                // One line, however long, so that it can be copied.
                let with: Vec<String> = found.with.split(' ').map(|w| format!("--with '{w}'")).collect();
                let command = format!("loadcase simulate {again}--scenario {} {}", run.id, with.join(" "));
                self.lines.push(Line::plain(format!("    {}{command}", pad("", LEAD - 4))));
            }
            None => {
                let best = remedy
                    .others
                    .first()
                    .map_or(String::new(), |o| format!(" The best of them: {}.", told(o)));
                let stopped = if remedy.partial { " (the search was stopped)" } else { "" };
                self.section(
                    "would hold",
                    &format!("none of the {} changes that were tried{stopped}.{best}", remedy.tried.tagged()),
                );
            }
        }
    }

    /// What the figures are worth.
    fn trust(&mut self, catalog: &Catalog) {
        self.blank();
        self.put(fidelity::TITLE.to_owned(), Style::Plain);
        for text in fidelity::lines(catalog) {
            wrap(&text, self.width - 2, 2).into_iter().for_each(|l| self.put(format!("  {l}"), Style::Dim));
        }
    }

    fn tail(&mut self, simulation: &Simulation) {
        self.blank();
        for text in left_out(&simulation.skipped) {
            wrap(&text, self.width, 2).into_iter().for_each(|l| self.put(l, Style::Dim));
        }
        for note in &simulation.notes {
            let text = format!("note: {}", prose(note, Tag::User));
            wrap(&text, self.width, 2).into_iter().for_each(|l| self.put(l, Style::Dim));
        }
        self.put(summary(simulation), Style::Plain);
        let all: Vec<String> = self.lines.iter().map(|l| l.text.clone()).collect();
        let used = crate::honesty::scan(&all.join("\n"));
        let legend = plain_legend(|tag| used.iter().any(|q| q.tag.is_some_and(|t| t.0 == tag)));
        self.put(legend, Style::Dim);
    }
}

/// `Application: copies, 3 to 6 (120 USD/month c more): 99.8% c in time`.
fn told(change: &TriedChange) -> String {
    let cost = match &change.monthly {
        Some(more) if more.value > 0.0 => format!(" ({} more)", more.tagged()),
        Some(less) => {
            let less = loadcase_model::Figure { value: -less.value, ..less.clone() };
            format!(" ({} less)", less.tagged())
        }
        None => String::new(),
    };
    format!("{}{cost}: {} in time", prose(&change.change, Tag::Computed), change.good.tagged())
}

fn tried(remedy: &Remedy) -> String {
    let before = remedy.tried.value - 1.0;
    if before < 0.5 {
        return "; tried by running it".to_owned();
    }
    let many = loadcase_model::Figure { value: before, ..remedy.tried.clone() };
    let pair = remedy.found.as_ref().is_some_and(|f| f.with.contains(' '));
    let together = if pair { "; both together, since none alone is enough" } else { "" };
    format!("{together}; tried by running it, after {} others that did not hold", many.tagged())
}

/// Share of requests without an answer, all causes together.
pub(crate) fn unanswered(run: &ScenarioRun) -> String {
    total(run).map_or_else(|| "-".to_owned(), |all| all.tagged())
}

/// Requests without an answer; none where each got one.
pub(crate) fn total(run: &ScenarioRun) -> Option<Interval> {
    let first = run.errors.first()?;
    let sum: f64 = run.errors.iter().filter_map(|e| e.share.value).sum();
    Some(Interval { value: Some(sum), low: None, high: None, ..first.share.clone() })
}

/// What was not run, one line for each reason.
pub(crate) fn left_out(skipped: &[SkippedScenario]) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for one in skipped {
        let name = clean(&one.name);
        match reasons.iter_mut().find(|(reason, _)| *reason == one.reason) {
            Some((_, names)) => names.push(name),
            None => reasons.push((&one.reason, vec![name])),
        }
    }
    let told =
        |(reason, names): (&str, Vec<String>)| format!("not run: {} ({})", names.join("; "), clean(reason));
    reasons.into_iter().map(told).collect()
}

/// One line: how many scenarios held.
pub(crate) fn summary(simulation: &Simulation) -> String {
    let all = simulation.scenarios.len();
    let held = simulation.scenarios.iter().filter(|r| r.holds).count();
    let partial = if simulation.partial { "PARTIAL, stopped before everything had run: " } else { "" };
    if all == 0 {
        return format!("{partial}Nothing was run.");
    }
    format!("{partial}Targets held in {held} c of {all} c scenarios; seed {} a.", simulation.seed)
}
