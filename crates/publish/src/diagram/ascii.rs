//! Boxes and arrows in text: who calls, where requests come in, what computes, what stores.

use loadcase_model::{Component, ComponentKind, FlowStyle, Id, Unit};

use crate::honesty::{count, from_basis};
use crate::text::{clean, plain};
use crate::view::View;

/// Columns between two columns of boxes.
const GAP: usize = 4;
/// Boxes a column shows before it sums up the rest.
const MOST_BOXES: usize = 10;
/// Boxes that are still set apart by rules.
const MOST_RULED: usize = 5;
/// Columns by which the longest list may be wider than other boxes.
const SPARED: usize = 5;
/// Narrowest useful box.
const LEAST_WIDTH: usize = 11;

/// A box: what it stands for, and what is written in it.
struct Cell<'a> {
    ids: Vec<&'a Id>,
    lines: Vec<String>,
}

struct Column<'a> {
    cells: Vec<Cell<'a>>,
    width: usize,
    /// Whether rules stand between the boxes.
    ruled: bool,
}

/// The architecture in at most `width` columns.
pub(crate) fn architecture(view: &View<'_>, width: usize) -> Vec<String> {
    let mut columns: Vec<Column<'_>> = cells(view)
        .into_iter()
        .filter(|cells| !cells.is_empty())
        .map(|cells| {
            let content = cells.iter().flat_map(|c| &c.lines).map(|l| plain::width(l)).max().unwrap_or(0);
            let ruled = cells.len() <= MOST_RULED;
            Column { cells, width: content + 4, ruled }
        })
        .collect();
    if columns.is_empty() {
        return Vec::new();
    }
    shrink(&mut columns, width);
    columns.iter_mut().for_each(Column::fold);
    let rows: Vec<Vec<String>> = columns.iter().map(Column::draw).collect();
    let height = rows.iter().map(Vec::len).max().unwrap_or(0);
    let gaps: Vec<Vec<String>> = (1..columns.len()).map(|i| arrows(view, &columns, i, height)).collect();
    (0..height).map(|row| join(&columns, &rows, &gaps, row)).collect()
}

fn join(columns: &[Column<'_>], rows: &[Vec<String>], gaps: &[Vec<String>], row: usize) -> String {
    let mut line = String::new();
    for (i, column) in columns.iter().enumerate() {
        if i > 0 {
            line.push_str(&gaps[i - 1][row]);
        }
        match rows[i].get(row) {
            Some(text) => line.push_str(text),
            None => line.push_str(&" ".repeat(column.width)),
        }
    }
    line.trim_end().to_owned()
}

/// What stands in each column: those who call, ways in, processes, what they use.
fn cells<'a>(view: &View<'a>) -> [Vec<Cell<'a>>; 4] {
    use ComponentKind as K;
    let clients = view.components(&[K::Client]);
    let is_client = |id: &Id| clients.iter().any(|(c, _)| *c == id);
    // Whoever only uses the clients drawn is not drawn as well.
    let calls_itself = |id: &Id| {
        let mut flows = view.blueprint().flows.iter().filter(|f| f.from == *id).peekable();
        flows.peek().is_none() && clients.is_empty() || flows.any(|f| !is_client(&f.to))
    };
    let mut callers: Vec<Cell<'a>> = view
        .blueprint()
        .actors
        .iter()
        .filter(|(id, _)| calls_itself(id))
        .map(|(id, actor)| Cell { ids: vec![id], lines: vec![clean(&actor.name)] })
        .collect();
    callers.extend(of_kinds(view, &[K::Client]));
    let ways_in = of_kinds(view, &[K::Edge, K::Gateway]);
    let mut compute = of_kinds(view, &[K::Service, K::Function]);
    compute.extend(of_kinds(view, &[K::Worker]));
    let rest = [
        K::Pooler,
        K::Store,
        K::Cache,
        K::Broker,
        K::Search,
        K::Analytics,
        K::ObjectStore,
        K::Identity,
        K::External,
    ];
    [callers, ways_in, compute, of_kinds(view, &rest)].map(summed_up)
}

fn of_kinds<'a>(view: &View<'a>, kinds: &[ComponentKind]) -> Vec<Cell<'a>> {
    let mut found: Vec<Cell<'a>> = Vec::new();
    for kind in kinds {
        found.extend(
            view.components(&[*kind])
                .into_iter()
                .map(|(id, c)| Cell { ids: vec![id], lines: describe(view, id, c) }),
        );
    }
    found
}

/// Long columns get one line a box; very long ones end in a box that counts the rest.
fn summed_up(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'_>> {
    for at_most in [2_usize, 1] {
        if cells.iter().map(|c| c.lines.len() + 1).sum::<usize>() > 13 {
            cells.iter_mut().for_each(|c| c.lines.truncate(at_most));
        }
    }
    if cells.len() > MOST_BOXES {
        let rest = cells.split_off(MOST_BOXES - 1);
        let text = format!("and {} more", count(rest.len()).tagged());
        cells.push(Cell { ids: rest.into_iter().flat_map(|c| c.ids).collect(), lines: vec![text] });
    }
    cells
}

/// Name; copies and how busy they are; what is inside.
fn describe(view: &View<'_>, id: &Id, component: &Component) -> Vec<String> {
    let mut lines = vec![clean(&component.name)];
    let mut load = Vec::new();
    let capacity = component.capacity.as_ref();
    let copies = |n: u32, unit, basis: &str| from_basis(f64::from(n), unit, basis).tagged();
    if let Some(c) = capacity.filter(|c| c.replicas > 1) {
        load.push(copies(c.replicas, Unit::Times, &c.basis));
    }
    let station = view.design.forecasts.later.stations.get(id);
    load.extend(station.map(|s| format!("busy\u{A0}{}", s.utilisation.tagged())));
    let computes =
        matches!(component.kind, ComponentKind::Service | ComponentKind::Function | ComponentKind::Worker);
    let mut extra = Vec::new();
    if let Some(c) = capacity.filter(|c| c.read_replicas > 0) {
        extra.push(format!("+ {} readers", copies(c.read_replicas, Unit::One, &c.basis)));
    }
    if let Some(c) = capacity.filter(|c| c.standbys > 0) {
        extra.push(format!("+ {} standby", copies(c.standbys, Unit::One, &c.basis)));
    }
    if computes {
        let name =
            |m: &Id| clean(view.blueprint().modules.get(m).map_or(m.as_str(), |m| &m.name)).to_lowercase();
        extra.extend(
            (!component.modules.is_empty())
                .then(|| component.modules.iter().map(name).collect::<Vec<_>>().join(", ")),
        );
    }
    lines.extend([load.join(" · "), extra.join(" ")].into_iter().filter(|l| !l.is_empty()));
    lines
}

/// Takes columns from the widest box until the picture fits or every box is as narrow as it may be. The longest
/// list gives way last: its names would fold into more lines than the picture has.
fn shrink(columns: &mut [Column<'_>], width: usize) {
    let gaps = GAP * (columns.len() - 1);
    let longest = columns.iter().map(|c| c.cells.len()).max().unwrap_or(0);
    let rank = |c: &Column<'_>| {
        let spared =
            if c.cells.len() == longest { SPARED.min(c.width - LEAST_WIDTH.min(c.width)) } else { 0 };
        c.width - spared
    };
    while columns.iter().map(|c| c.width).sum::<usize>() + gaps > width {
        let Some(widest) = columns.iter_mut().max_by_key(|c| rank(c)) else { return };
        if widest.width <= LEAST_WIDTH {
            return;
        }
        widest.width -= 1;
    }
}

impl Column<'_> {
    /// Breaks what is too long for the boxes; a list of modules is cut instead.
    fn fold(&mut self) {
        let inner = self.width - 4;
        // Without rules between boxes, what continues a line is set in.
        let indent = if self.ruled { 0 } else { 2 };
        for cell in &mut self.cells {
            let lines = std::mem::take(&mut cell.lines);
            let fits = |line: &String| !line.contains(", ");
            cell.lines = lines
                .into_iter()
                .flat_map(|l| {
                    if fits(&l) { plain::wrap(&l, inner, indent) } else { vec![plain::clip(&l, inner)] }
                })
                .map(|l| l.trim_end_matches(" ·").to_owned())
                .collect();
        }
    }

    /// The boxes of a column on top of each other, with common borders.
    fn draw(&self) -> Vec<String> {
        let inner = self.width - 2;
        let rule = |left: char, right: char| format!("{left}{}{right}", "─".repeat(inner));
        let mut lines = vec![rule('┌', '┐')];
        for (i, cell) in self.cells.iter().enumerate() {
            if i > 0 && self.rule_before(i) {
                lines.push(rule('├', '┤'));
            }
            lines.extend(cell.lines.iter().map(|l| format!("│ {} │", plain::pad(l, inner - 2))));
        }
        lines.push(rule('└', '┘'));
        lines
    }

    /// Whether a rule stands above a box: names alone are a list.
    fn rule_before(&self, i: usize) -> bool {
        self.ruled && (self.cells[i - 1].lines.len() > 1 || self.cells[i].lines.len() > 1)
    }

    /// The row of each box's first line.
    fn rows(&self) -> Vec<usize> {
        let mut row = 1;
        self.cells
            .iter()
            .enumerate()
            .map(|(i, cell)| {
                row += usize::from(i > 0 && self.rule_before(i));
                let here = row;
                row += cell.lines.len();
                here
            })
            .collect()
    }
}

/// The arrows that end at the boxes of column `to`.
fn arrows(view: &View<'_>, columns: &[Column<'_>], to: usize, height: usize) -> Vec<String> {
    let callers: Vec<&Id> = columns[..to].iter().flat_map(|c| &c.cells).flat_map(|c| c.ids.clone()).collect();
    let targets: Vec<(usize, Option<FlowStyle>)> = columns[to]
        .rows()
        .into_iter()
        .zip(&columns[to].cells)
        .filter_map(|(row, cell)| {
            let mut flows = view
                .blueprint()
                .flows
                .iter()
                .filter(|f| callers.contains(&&f.from) && cell.ids.contains(&&f.to))
                .map(|f| f.style)
                .peekable();
            flows.peek().is_some().then(|| {
                let waits = flows.any(|s| s == FlowStyle::Sync);
                (row, Some(if waits { FlowStyle::Sync } else { FlowStyle::Async }))
            })
        })
        .collect();
    let targets = if targets.is_empty() { vec![(1, None)] } else { targets };
    let last = targets.iter().map(|(row, _)| *row).max().unwrap_or(1);
    let first = targets.iter().map(|(row, _)| *row).min().unwrap_or(1).min(1);
    (0..height)
        .map(|row| {
            let target = targets.iter().find(|(r, _)| *r == row).map(|(_, style)| *style);
            arrow(row, first, last, target)
        })
        .collect()
}

/// One row of a gap: the line that comes from row 1, runs down to `last`, and branches where a box is called.
fn arrow(row: usize, first: usize, last: usize, target: Option<Option<FlowStyle>>) -> String {
    if row < first || row > last {
        return " ".repeat(GAP);
    }
    let (from, down, up) = (row == 1, row < last, row > 1);
    let trunk = match (from, up, down, target.is_some()) {
        (true, _, false, _) => '─',
        (true, _, true, true) => '┬',
        (true, _, true, false) => '┐',
        (false, true, true, true) => '├',
        (false, true, false, _) => '└',
        _ => '│',
    };
    let left = if from { '─' } else { ' ' };
    let right = match target {
        None => return format!("{left}{trunk}  "),
        Some(Some(FlowStyle::Async)) => '╌',
        Some(_) => '─',
    };
    format!("{left}{trunk}{right}▶")
}
