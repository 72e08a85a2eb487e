//! A blueprint as a drawing: one column or more for each trust zone, boxes for components, curves for flows.

use std::collections::BTreeMap;

use loadcase_model::{Blueprint, ComponentKind, Flow, FlowStyle, Id};
use unicode_width::UnicodeWidthChar;

use crate::recovered::layout::{Band, Cell, Layout, layout};
use crate::text::markup::escape;

/// The worst severity found at elements, which their boxes show.
pub type Marks = BTreeMap<Id, String>;

const BOX_WIDTH: usize = 212;
const BOX_HEIGHT: usize = 46;
const ROW: usize = BOX_HEIGHT + 18;
const COLUMN: usize = BOX_WIDTH + 84;
const MARGIN: usize = 24;
const TOP: usize = 56;
/// Characters of a name and of the line below it.
const NAME: usize = 25;
const BELOW: usize = 32;

const STYLE: &str = "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#1c2530}\
.zone{fill:#f4f6f9;stroke:#d5dbe3}.band{font-size:12px;font-weight:600;fill:#5a6675}\
.box{fill:#fff;stroke:#66788f;stroke-width:1.2}.actor{fill:#fff8e6;stroke:#b08a2e}.data{fill:#eaf3fb;stroke:#3f74a8}\
.queue{fill:#f2edfb;stroke:#7657b0}.foreign{fill:#f3f3f3;stroke:#8a8a8a;stroke-dasharray:4 3}\
.critical,.high{stroke:#c22b2b;stroke-width:2.4}.medium{stroke:#d9822b;stroke-width:2.2}\
.name{font-size:13px;font-weight:600}.kind{font-size:11px;fill:#5a6675}\
.flow{fill:none;stroke:#66788f;stroke-width:1.2;opacity:.7}.later{stroke-dasharray:5 4;stroke:#7657b0}\
.legend{font-size:11px;fill:#5a6675}";

/// Draws a blueprint. The same blueprint gives the same bytes; names cannot leave their text.
#[must_use]
pub fn svg(blueprint: &Blueprint, marks: &Marks) -> String {
    let layout = layout(blueprint);
    let columns = layout.heights.len().max(1);
    let rows = layout.heights.iter().copied().max().unwrap_or(0).max(1);
    let width = 2 * MARGIN + columns * COLUMN - (COLUMN - BOX_WIDTH);
    let height = TOP + rows * ROW + MARGIN + 20;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" style=\"min-width:{}px\" role=\"img\" aria-label=\"{}\">\n<style>{STYLE}</style>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\"><path d=\"M0 0L8 4L0 8z\" fill=\"#66788f\"/></marker></defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n",
        // Pages may shrink it, but not below what can be read.
        width * 2 / 3,
        escape(&format!("Components and flows of {}", blueprint.name)),
    );
    for band in &layout.bands {
        out.push_str(&zone(band, rows));
    }
    for ((from, to, style), flows) in arrows(blueprint) {
        if let (Some(a), Some(b)) = (layout.cells.get(from), layout.cells.get(to)) {
            out.push_str(&arrow(&layout, *a, *b, style, &told(blueprint, &flows)));
        }
    }
    for (id, cell) in &layout.cells {
        out.push_str(&node(blueprint, &layout, id, *cell, marks.get(*id).map(String::as_str)));
    }
    let legend = height - 12;
    out.push_str(&format!(
        "<text class=\"legend\" x=\"{MARGIN}\" y=\"{legend}\">Solid: the caller waits. Dashed: it goes on.</text>\n</svg>\n"
    ));
    out
}

/// Flows by their ends and whether the caller waits: one arrow each.
fn arrows(blueprint: &Blueprint) -> BTreeMap<(&Id, &Id, bool), Vec<&Flow>> {
    let mut arrows: BTreeMap<_, Vec<&Flow>> = BTreeMap::new();
    for flow in &blueprint.flows {
        arrows.entry((&flow.from, &flow.to, flow.style == FlowStyle::Async)).or_default().push(flow);
    }
    arrows
}

/// What an arrow tells when pointed at.
fn told(blueprint: &Blueprint, flows: &[&Flow]) -> String {
    let name = |id: &Id| blueprint.components.get(id).map_or_else(|| id.to_string(), |c| c.name.clone());
    let each = flows.iter().map(|f| match (f.protocol.as_str(), f.purpose.as_str()) {
        ("", purpose) => purpose.to_owned(),
        (protocol, "") => protocol.to_owned(),
        (protocol, purpose) => format!("{protocol}, {purpose}"),
    });
    let each: Vec<String> = each.filter(|t| !t.is_empty()).collect();
    let ends = flows.first().map_or_else(String::new, |f| format!("{} → {}", name(&f.from), name(&f.to)));
    if each.is_empty() { ends } else { format!("{ends}: {}", each.join("; ")) }
}

fn zone(band: &Band, rows: usize) -> String {
    let x = MARGIN + band.first * COLUMN - 12;
    let width = (band.last - band.first) * COLUMN + BOX_WIDTH + 24;
    let height = rows * ROW + 22;
    format!(
        "<rect class=\"zone\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n<text class=\"band\" x=\"{}\" y=\"{}\">{}</text>\n",
        TOP - 36,
        x + 12,
        TOP - 18,
        escape(&shorten(&band.name, 60)),
    )
}

/// The upper left corner of a box; columns with few boxes stand in the middle.
fn corner(layout: &Layout<'_>, cell: Cell) -> (usize, usize) {
    let rows = layout.heights.iter().copied().max().unwrap_or(1);
    let free = rows.saturating_sub(layout.heights[cell.column]) * ROW / 2;
    (MARGIN + cell.column * COLUMN, TOP + free + cell.row * ROW)
}

fn node(blueprint: &Blueprint, layout: &Layout<'_>, id: &Id, cell: Cell, mark: Option<&str>) -> String {
    let (x, y) = corner(layout, cell);
    let component = blueprint.components.get(id);
    let actor = blueprint.actors.get(id);
    let name = component.map(|c| &c.name).or_else(|| actor.map(|a| &a.name));
    let name = name.map_or_else(|| id.to_string(), |n| crate::text::clean(n));
    let class = component.map_or(" actor", |c| shade(c.kind));
    let below = component.map_or_else(
        || "outside".to_owned(),
        |c| {
            let made = c.technology.as_ref().or(c.framework.as_ref());
            let kind = c.kind.word().replace('-', " ");
            made.map_or_else(|| kind.clone(), |m| format!("{kind} · {m}"))
        },
    );
    let mark = mark.filter(|m| ["critical", "high", "medium"].contains(m));
    let marked = mark.map_or(String::new(), |m| format!(" {m}"));
    let told = mark.map_or(String::new(), |m| format!(", worst finding {m}"));
    format!(
        "<g><title>{}</title><rect class=\"box{class}{marked}\" x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"6\"/><text class=\"name\" x=\"{}\" y=\"{}\">{}</text><text class=\"kind\" x=\"{}\" y=\"{}\">{}</text></g>\n",
        escape(&format!("{name} ({below}){told}")),
        x + 10,
        y + 19,
        escape(&shorten(&name, NAME)),
        x + 10,
        y + 35,
        escape(&shorten(&below, BELOW)),
    )
}

fn arrow(layout: &Layout<'_>, from: Cell, to: Cell, later: bool, told: &str) -> String {
    let ((x1, y1), (x2, y2)) = (corner(layout, from), corner(layout, to));
    let (y1, y2) = (y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2);
    let class = if later { "flow later" } else { "flow" };
    // A flow that passes over columns at one height would hide behind the boxes there: it bows.
    let bow = if y1.abs_diff(y2) < BOX_HEIGHT && from.column.abs_diff(to.column) > 1 { ROW } else { 0 };
    let path = match from.column.cmp(&to.column) {
        std::cmp::Ordering::Less => {
            let (x1, bend) = (x1 + BOX_WIDTH, (x2 - x1 - BOX_WIDTH) / if bow > 0 { 5 } else { 2 });
            format!("M{x1} {y1}C{} {} {} {} {x2} {y2}", x1 + bend, y1 + bow, x2 - bend, y2 + bow)
        }
        // To its own column or to itself: out and back on the right.
        std::cmp::Ordering::Equal => {
            let (x, bend) = (x1 + BOX_WIDTH, x1 + BOX_WIDTH + 46);
            let (y1, y2) = if from == to { (y1 - 10, y2 + 10) } else { (y1, y2) };
            format!("M{x} {y1}C{bend} {y1} {bend} {y2} {x} {y2}")
        }
        std::cmp::Ordering::Greater => {
            let (x2, bend) = (x2 + BOX_WIDTH, (x1 - x2 - BOX_WIDTH) / if bow > 0 { 5 } else { 2 });
            format!("M{x1} {y1}C{} {} {} {} {x2} {y2}", x1 - bend, y1 + bow, x2 + bend, y2 + bow)
        }
    };
    format!(
        "<path class=\"{class}\" d=\"{path}\" marker-end=\"url(#tip)\"><title>{}</title></path>\n",
        escape(told)
    )
}

const fn shade(kind: ComponentKind) -> &'static str {
    match kind {
        ComponentKind::Store
        | ComponentKind::Cache
        | ComponentKind::Search
        | ComponentKind::ObjectStore
        | ComponentKind::Analytics => " data",
        ComponentKind::Broker => " queue",
        ComponentKind::External => " foreign",
        _ => "",
    }
}

/// The text, cut to a number of terminal columns.
fn shorten(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut width = 0;
    for c in text.chars() {
        width += c.width().unwrap_or(0);
        if width > most {
            out.push('…');
            break;
        }
        out.push(c);
    }
    out
}
