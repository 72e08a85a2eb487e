//! The answer on a terminal: one screen first, everything else on request.

mod full;
pub(crate) mod paint;
mod simulated;

use loadcase_catalog::Catalog;
use loadcase_model::{Decision, Design, Feasibility, Figure, Flip, Horizon, Input, Reading, Tag, Unit};

use crate::diagram::ascii;
use crate::honesty::{bare, plain_legend, scan};
use crate::lost::Stock;
use crate::technology::{Currency, currency};
use crate::text::plain::{pad, prose, width, wrap};
use crate::text::{capital, clean, sentence};
use crate::view::View;
use paint::{Line, Style, render};

/// What is known of the terminal, and how much to show on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Whether to use colour.
    pub color: bool,
    /// Whether it shows Unicode; otherwise the output is ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
    /// Whether to show every decision, table and check.
    pub full: bool,
}

/// Columns of the headings at the left.
const LEAD: usize = 9;
/// From this share of the bill on, what files cost is told apart.
const TELLING_FILES: f64 = 0.2;
/// Lines that reasons take on the first screen.
const MOST_REASONS: usize = 2;
/// Lines that flips take on the first screen, and the fewest flips there.
const MOST_FLIPS: (usize, usize) = (5, 2);
/// Technologies on the first screen.
const MOST_FACTS: usize = 3;

/// The answer as text for a terminal.
#[must_use]
pub fn terminal(design: &Design, catalog: &Catalog, screen: Screen) -> String {
    let screen = Screen { width: screen.width.clamp(60, 120), ..screen };
    let mut page = Page {
        view: View::new(design, catalog),
        stock: Stock::new(design, catalog),
        width: screen.width,
        full: screen.full,
        lines: Vec::new(),
    };
    page.answer();
    page.targets();
    page.diagram();
    page.flips();
    page.cost();
    page.facts();
    page.simulated();
    page.risks();
    page.assumptions();
    if screen.full {
        page.everything_else();
    }
    page.next();
    page.legend();
    render(&page.lines, screen)
}

struct Page<'a> {
    view: View<'a>,
    stock: Stock,
    width: usize,
    full: bool,
    lines: Vec<Line>,
}

impl<'a> Page<'a> {
    fn blank(&mut self) {
        self.lines.push(Line::plain(""));
    }

    /// A paragraph with a heading at its left.
    fn section(&mut self, title: &str, text: &str) {
        for (i, line) in wrap(text, self.width - LEAD, 0).into_iter().enumerate() {
            let title = if i == 0 { title } else { "" };
            let lead = title.chars().count();
            self.lines.push(Line { text: format!("{}{line}", pad(title, LEAD)), lead, style: Style::Plain });
        }
    }

    /// A paragraph under a heading.
    fn under(&mut self, text: &str) {
        self.section("", text);
    }

    /// Rows in columns, each as wide as its widest cell; where a row is too long its cells are wrapped.
    fn columns(&mut self, indent: usize, rows: &[(Style, Vec<String>)]) {
        let count = rows.iter().map(|(_, r)| r.len()).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..count)
            .map(|i| rows.iter().filter_map(|(_, r)| r.get(i)).map(|c| width(c)).max().unwrap_or(0))
            .collect();
        let room = self.width.saturating_sub(indent + 2 * count.saturating_sub(1));
        while widths.iter().sum::<usize>() > room {
            let Some(widest) = widths.iter_mut().max() else { break };
            if *widest <= 16 {
                break;
            }
            *widest -= 1;
        }
        for (style, row) in rows {
            let cells: Vec<Vec<String>> = row.iter().zip(&widths).map(|(c, w)| wrap(c, *w, 2)).collect();
            for i in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
                let line: Vec<String> = cells
                    .iter()
                    .zip(&widths)
                    .map(|(lines, w)| pad(lines.get(i).map_or("", String::as_str), *w))
                    .collect();
                let style = if i == 0 { *style } else { Style::Plain };
                let text = format!("{}{}", " ".repeat(indent), line.join("  "));
                self.lines.push(Line { text, lead: 0, style });
            }
        }
    }

    /// Columns under a heading.
    fn table(&mut self, title: &str, header: &[&str], rows: Vec<(Style, Vec<String>)>) {
        if rows.is_empty() {
            return;
        }
        let mut all = vec![(Style::Plain, header.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>())];
        all[0].1[0] = format!("{title} {}", header[0]);
        all.extend(rows);
        let from = self.lines.len();
        self.columns(2, &all);
        if let Some(first) = self.lines.get_mut(from) {
            // The heading stands at the left edge, the rows two columns further in.
            let gap = title.len() + 2;
            first.text = format!("{title}  {}", first.text.get(gap..).unwrap_or(""));
            first.lead = title.chars().count();
        }
    }

    fn answer(&mut self) {
        let design = self.view.design;
        let recommendation = &design.recommendation;
        self.section("ANSWER", &sentence(&prose(&recommendation.headline, Tag::Computed)));
        self.reasons();
        let margin = &recommendation.margin;
        let station = clean(self.view.label(&margin.station));
        self.under(&format!(
            "Carries {} the peak in 24 months; {station} is full first. Holds in {} of sampled \
             assumptions{}; {} designs compared.",
            margin.headroom.tagged(),
            margin.holds.tagged(),
            least_sure(design),
            recommendation.candidates.tagged(),
        ));
        if let Feasibility::Missed(missed) = &design.feasibility {
            let missed = if !self.full && design.targets.iter().any(|t| !t.met) {
                " what is marked below".to_owned()
            } else {
                let missed: Vec<String> = missed.iter().map(|m| prose(m, Tag::Computed)).collect();
                format!(": {}", missed.join("; "))
            };
            self.section("MISSED", &format!("No design meets every requirement. This one misses{missed}."));
        }
        self.blank();
    }

    /// The heaviest reasons, as many as find room.
    fn reasons(&mut self) {
        let from = self.lines.len();
        for reason in &self.view.design.recommendation.reasons {
            let before = self.lines.len();
            let reason = prose(self.stock.trimmed(reason), Tag::Computed);
            self.under(&format!("· {}", sentence(&capital(&reason))));
            if !self.full && before > from && self.lines.len() - from > MOST_REASONS {
                self.lines.truncate(before);
            }
        }
    }

    fn targets(&mut self) {
        // The heading of the table says it once.
        let horizon = format!(" {}", Horizon::Later.label());
        let rows = self.view.design.targets.iter().map(|t| {
            let (style, mark) = if t.met { (Style::Good, '✓') } else { (Style::Bad, '✗') };
            let name = t.name.strip_suffix(&horizon).unwrap_or(&t.name);
            let name = format!("{mark} {}", prose(name, t.target.origin.tag()));
            (style, vec![name, t.forecast.tagged(), t.target.tagged()])
        });
        let rows: Vec<_> = rows.collect();
        if !rows.is_empty() {
            self.table("TARGETS", &["in 24 months", "forecast", "wanted"], rows);
            for beside in self.view.design.targets.iter().filter_map(|t| t.beside.as_deref()) {
                self.under(&sentence(&prose(beside, Tag::Computed)));
            }
            self.blank();
        }
    }

    fn diagram(&mut self) {
        let picture = ascii::architecture(&self.view, self.width - 2);
        if !picture.is_empty() {
            self.lines.extend(picture.into_iter().map(|l| Line::plain(format!("  {l}"))));
            self.blank();
        }
    }

    fn flips(&mut self) {
        let mut rows: Vec<(Style, Vec<String>)> = Vec::new();
        for (_, flip) in nearest_flips(self.view.design) {
            let [when, then, planned] = flip_row(flip);
            // One change may turn several decisions.
            if let Some((_, row)) = rows.iter_mut().find(|(_, row)| row[0] == when && row[2] == planned) {
                if !row[1].split(", ").any(|t| t == then) {
                    row[1].push_str(&format!(", {then}"));
                }
            } else {
                rows.push((Style::Plain, vec![when, then, planned]));
            }
        }
        rows.truncate(4);
        if !rows.is_empty() {
            let from = self.lines.len();
            self.table("FLIPS", &FLIPS, rows.clone());
            while self.lines.len() - from > MOST_FLIPS.0 + 1 && rows.len() > MOST_FLIPS.1 {
                rows.pop();
                self.lines.truncate(from);
                self.table("FLIPS", &FLIPS, rows.clone());
            }
            self.blank();
        }
    }

    fn cost(&mut self) {
        let design = self.view.design;
        let (now, later) = (&design.forecasts.now, &design.forecasts.later);
        let files = later.files().filter(|f| f.value > TELLING_FILES * later.cost_total.value);
        let files = files.map_or_else(String::new, |f| format!(", {} of it for files", f.tagged()));
        self.section(
            "COST",
            &format!(
                "{} now, {} in 24 months{files}; {} to run it then; {} with people, on average.",
                now.cost_total.tagged(),
                later.cost_total.tagged(),
                later.people_total.tagged(),
                design.recommendation.cost_of_ownership.tagged(),
            ),
        );
    }

    fn facts(&mut self) {
        let most = if self.full { usize::MAX } else { MOST_FACTS };
        let used = self.view.technologies();
        let facts: Vec<Currency<'_>> =
            used.iter().map(|u| currency(u.technology)).filter(|f| f.release.is_some()).take(most).collect();
        let texts: Vec<String> = facts.iter().filter_map(fact_text).collect();
        let days: Vec<&str> = facts.iter().filter_map(|f| f.release).map(|r| r.as_of.as_str()).collect();
        if let Some(oldest) = days.iter().min() {
            self.section("FACTS", &format!("{}. As of {}.", texts.join("; "), clean(oldest)));
        }
    }

    fn risks(&mut self) {
        let mut title = "RISKS";
        for (n, risk) in ranked_risks(self.view.design).into_iter().take(3).enumerate() {
            let text = format!("{}: {}", risk.severity, risk.text);
            // The third is told where it is short.
            if n < 2 || LEAD + width(&text) <= self.width {
                self.section(title, &text);
            }
            title = "";
        }
    }

    fn assumptions(&mut self) {
        let mut text = String::new();
        for reading in telling(self.view.design).take(3) {
            let (now, later) = (bare(&reading.now).tagged(), bare(&reading.later).tagged());
            let value = if now == later { now } else { format!("{now} now, {later} in 24 months") };
            let sways = match (reading.sways.value > 0.0, text.is_empty()) {
                (false, _) => String::new(),
                (true, true) => format!(" (flips {} of samples)", reading.sways.tagged()),
                (true, false) => format!(" ({})", reading.sways.tagged()),
            };
            text.push_str(if text.is_empty() { "" } else { "; " });
            let moves = reading.moves.as_ref().filter(|m| moves_the_bill(self.view.design, m));
            let moves =
                moves.map_or_else(String::new, |m| format!(" (its range moves the bill by {})", m.tagged()));
            text.push_str(&format!("{} {value}{sways}{moves}", reading.input.label()));
        }
        if !text.is_empty() {
            self.section("ASSUMED", &sentence(&text));
        }
    }

    fn next(&mut self) {
        let mut rows = vec![
            ("loadcase design … --out docs/backend", "documents, contracts, schema"),
            ("loadcase explain <term>", "what a decision or a word means"),
        ];
        if self.full {
            self.blank();
        } else {
            rows.insert(1, ("loadcase design … --full", "every decision, table and check"));
        }
        let from = self.lines.len();
        let rows: Vec<_> =
            rows.into_iter().map(|(c, d)| (Style::Plain, vec![c.to_owned(), d.to_owned()])).collect();
        self.columns(LEAD, &rows);
        if let Some(first) = self.lines.get_mut(from) {
            first.text.replace_range(.."NEXT".len(), "NEXT");
            first.lead = "NEXT".len();
        }
    }

    /// What the letters mean that stand on this page.
    fn legend(&mut self) {
        let used = |tag: Tag| {
            self.lines.iter().any(|l| scan(&l.text).iter().any(|q| q.tag.is_some_and(|(t, _)| t == tag)))
        };
        let text = plain_legend(used);
        let legend = wrap(&text, self.width, 0);
        self.lines.extend(legend.into_iter().map(|text| Line { text, lead: 0, style: Style::Dim }));
    }
}

/// The verdict that holds least often, where that is clearly less often than what the answer names.
fn least_sure(design: &Design) -> String {
    let least = design.decisions.iter().min_by(|a, b| a.holds.value.total_cmp(&b.holds.value));
    least.filter(|d| d.holds.value < design.recommendation.margin.holds.value - 0.05).map_or_else(
        || ", all that it names".to_owned(),
        |d| format!(" (least: {}, {})", clean(&d.verdict.name), d.holds.tagged()),
    )
}

/// `PostgreSQL 18.4 f, fixes until 2030-11-14, 1 c advisory`.
fn fact_text(facts: &Currency<'_>) -> Option<String> {
    let release = facts.release?;
    let until = facts.until.map_or_else(String::new, |day| format!(" until {}", clean(day)));
    let advisories = match facts.technology.advisories.len() {
        0 => String::new(),
        _ => format!(", {}", facts.advisories_text()),
    };
    Some(format!("{} {} f{until}{advisories}", clean(&facts.technology.name), clean(&release.latest)))
}

/// Flips of all decisions: first the nearest of each decision, then the second of each, and so on; among equals
/// the nearest to the planned value.
pub(crate) fn nearest_flips(design: &Design) -> Vec<(&Decision, &Flip)> {
    let mut ranked: Vec<(usize, &Decision, &Flip)> = Vec::new();
    for decision in &design.decisions {
        let mut flips: Vec<&Flip> = decision.flips.iter().collect();
        flips.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
        ranked.extend(flips.into_iter().enumerate().map(|(rank, flip)| (rank, decision, flip)));
    }
    ranked.sort_by(|a, b| a.0.cmp(&b.0).then(distance(a.2).total_cmp(&distance(b.2))));
    ranked.into_iter().map(|(_, decision, flip)| (decision, flip)).collect()
}

/// How many times the input must grow or shrink until the verdict changes. Of a share near one, what is missing
/// to one counts: from two nines to three is a factor of ten.
fn distance(flip: &Flip) -> f64 {
    let near_one = flip.at.unit == Unit::Share && flip.present.value > 0.9;
    let scale = |value: f64| if near_one { 1.0 - value } else { value };
    let (at, present) = (scale(flip.at.value).abs().max(1e-9), scale(flip.present.value).abs().max(1e-9));
    (at / present).ln().abs()
}

/// What the columns of [`flip_row`] hold.
const FLIPS: [&str; 3] = ["when, in 24 months", "then rather", "planned"];

fn flip_row(flip: &Flip) -> [String; 3] {
    let side = if flip.above { "above" } else { "below" };
    let now = if flip.horizon == Horizon::Now { " now" } else { "" };
    [
        format!("{} {side} {}{now}", flip.input.label(), bare(&flip.at).tagged()),
        format!("{}{}", clean(&flip.to_name), if is_toss(flip) { " (a coin toss)" } else { "" }),
        bare(&flip.present).tagged(),
    ]
}

/// Whether a verdict turns so near to what is planned that neither can be told from the other.
pub(crate) fn is_toss(flip: &Flip) -> bool {
    distance(flip) < COIN_TOSS.ln()
}

/// Up to this factor from the planned value a flip is a coin toss: inputs are not known that well.
const COIN_TOSS: f64 = 1.05;

/// A risk or a red flag, as text.
pub(crate) struct RankedRisk {
    pub(crate) severity: String,
    pub(crate) text: String,
    pub(crate) mitigation: String,
}

/// Risks and the graver red flags, the worst first.
pub(crate) fn ranked_risks(design: &Design) -> Vec<RankedRisk> {
    let rank = |severity: &str| ["high", "medium", "low"].iter().position(|s| severity == *s).unwrap_or(3);
    let flags = design.findings.iter().map(|f| RankedRisk {
        severity: f.severity.to_string(),
        text: sentence(&prose(&f.message, Tag::Computed)),
        mitigation: sentence(&prose(&f.fix, Tag::Assumed)),
    });
    let risks = design.risks.iter().map(|r| RankedRisk {
        severity: r.severity.to_string(),
        text: sentence(&prose(&r.risk, r.origin.tag())),
        mitigation: sentence(&prose(&r.mitigation, Tag::Assumed)),
    });
    let mut all: Vec<RankedRisk> = flags.filter(|f| rank(&f.severity) < 2).chain(risks).collect();
    all.sort_by_key(|risk| rank(&risk.severity));
    all
}

/// Readings nobody stated, those that change the answer most often first.
pub(crate) fn assumptions(design: &Design) -> Vec<&Reading> {
    let assumed = |r: &&Reading| r.now.origin.tag() == Tag::Assumed || r.later.origin.tag() == Tag::Assumed;
    let mut found: Vec<&Reading> = design.readings.iter().filter(assumed).collect();
    found.sort_by(|a, b| b.sways.value.total_cmp(&a.sways.value));
    found
}

/// The assumptions worth a place on the first screen: those that change the answer at all, at least one, and those that
/// move the bill most.
pub(crate) fn telling(design: &Design) -> impl Iterator<Item = &Reading> {
    let all = assumptions(design);
    let mut bill: Vec<&Reading> =
        all.iter().copied().filter(|r| r.moves.as_ref().is_some_and(|m| moves_the_bill(design, m))).collect();
    let usd = |r: &Reading| r.moves.as_ref().map_or(0.0, |m| m.value);
    bill.sort_by(|a, b| usd(b).total_cmp(&usd(a)));
    bill.truncate(MOST_OF_BILL);
    let of_bill: Vec<Input> = bill.iter().map(|r| r.input).collect();
    let told = all.into_iter().enumerate();
    told.filter(move |(n, r)| *n == 0 || r.sways.value > 0.0 || of_bill.contains(&r.input)).map(|(_, r)| r)
}

/// Assumptions that are shown because they move the bill.
const MOST_OF_BILL: usize = 2;

/// Whether the range of an assumption moves the bill by more than a fifth of it.
fn moves_the_bill(design: &Design, moves: &Figure) -> bool {
    moves.value > 0.2 * design.forecasts.later.cost_total.value
}
