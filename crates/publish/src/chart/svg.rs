//! A chart as SVG. It stands alone as a file and inside a page, and follows the reader's light or dark scheme.

use std::fmt::Write;

use super::scale::Scale;
use super::{Chart, Dot};
use crate::text::markup::escape;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 308.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = 18.0;
const TOP: f64 = 74.0;
const BOTTOM: f64 = 48.0;
/// Width of a letter in the legend and at the axes, roughly: enough to keep texts apart.
const LETTER: f64 = 6.4;
/// Colours of lines.
const COLOURS: usize = 6;

/// Each chart has its own names: several stand in one page.
const STYLE: &str = ".chart{color-scheme:light dark}\
.chart text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;font-size:12px;fill:#3b4756}\
.chart .paper{fill:#fff}.chart .title{font-size:14px;font-weight:600;fill:#1c2530}\
.chart .grid{stroke:#dfe4ea;stroke-width:1}.chart .axis{stroke:#8a96a5;stroke-width:1}\
.chart .band{fill:#e8762c;opacity:.13}.chart .mark+text,.chart .boundname{paint-order:stroke;stroke:#fff;stroke-width:4px}.chart .mark{stroke:#5a6675;stroke-width:1.2;stroke-dasharray:2 3}\
.chart .bound{stroke:#c22b2b;stroke-width:1.4;stroke-dasharray:7 4}.chart .boundname{fill:#c22b2b}\
.chart .line{fill:none;stroke-width:2;stroke-linejoin:round}.chart .dot{stroke-width:1.6;fill:#fff;stroke:#1c2530}\
.chart .reach{stroke:#1c2530;stroke-width:1.6}\
.chart .c0{stroke:#2f6fb3}.chart .c1{stroke:#d9822b}.chart .c2{stroke:#b3323c}.chart .c3{stroke:#3d8b4f}\
.chart .c4{stroke:#7657b0}.chart .c5{stroke:#6b7683}\
@media (prefers-color-scheme:dark){.chart text{fill:#b4bfcc}.chart .paper{fill:#14191f}\
.chart .title{fill:#e4e8ee}.chart .grid{stroke:#2b343f}.chart .axis{stroke:#66727f}.chart .band{opacity:.2}\
.chart .mark{stroke:#9aa6b5}.chart .mark+text,.chart .boundname{stroke:#14191f}.chart .bound{stroke:#ef6a6a}.chart .boundname{fill:#ef6a6a}\
.chart .dot{fill:#14191f;stroke:#e4e8ee}.chart .reach{stroke:#e4e8ee}\
.chart .c0{stroke:#6aa9e9}.chart .c1{stroke:#eba45c}.chart .c2{stroke:#ef7d86}.chart .c3{stroke:#75c487}\
.chart .c4{stroke:#ad93e0}.chart .c5{stroke:#a3aebb}}";

/// Draws a chart. Names cannot leave their text.
pub(crate) fn svg(chart: &Chart) -> String {
    let ends = chart.lines.iter().flat_map(|l| l.points.iter().map(|p| p.0));
    let marks = chart.marks.iter().map(|m| m.0).chain(chart.dots.iter().map(|d| d.x));
    let reach = ends.chain(marks).chain(chart.x.at_least);
    let x = Scale::new(reach, chart.x.quantity, false, (LEFT, WIDTH - RIGHT));
    let tops = chart.values().chain(chart.y.at_least);
    let y = Scale::new(tops, chart.y.quantity, chart.y.may_be_logarithmic, (HEIGHT - BOTTOM, TOP));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\"/>\n\
         <text class=\"title\" x=\"{}\" y=\"22\">{}</text>\n",
        escape(&chart.title),
        n(16.0),
        escape(&chart.title),
    );
    legend(&mut out, chart);
    grid(&mut out, chart, &x, &y);
    for (i, line) in chart.lines.iter().enumerate() {
        path(&mut out, i, &line.points, &x, &y);
    }
    chart.dots.iter().for_each(|d| dot(&mut out, *d, &x, &y));
    // Names come last: a line may run below them.
    moments(&mut out, chart, &x);
    bound(&mut out, chart, &y);
    out.push_str("</svg>\n");
    out
}

/// A coordinate with a tenth of a pixel.
fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// What each line is, from left to right.
fn legend(out: &mut String, chart: &Chart) {
    let mut at = 16.0;
    let mut item = |drawn: &dyn Fn(&mut String, f64), name: &str| {
        drawn(out, at);
        let _ = writeln!(out, "<text x=\"{}\" y=\"46\">{}</text>", n(at + 24.0), escape(name));
        at += 24.0 + name.chars().count() as f64 * LETTER + 20.0;
    };
    for (i, line) in chart.lines.iter().enumerate() {
        let class = i % COLOURS;
        let drawn = |out: &mut String, at: f64| {
            let _ = write!(out, "<path class=\"line c{class}\" d=\"M{} 42h18\"/>", n(at));
        };
        item(&drawn, &line.name);
    }
    if !chart.dots.is_empty() {
        let drawn = |out: &mut String, at: f64| {
            let _ = write!(
                out,
                "<path class=\"reach\" d=\"M{} 35v14\"/><circle class=\"dot\" cx=\"{}\" cy=\"42\" r=\"3.5\"/>",
                n(at + 9.0),
                n(at + 9.0)
            );
        };
        item(&drawn, &chart.dots_name);
    }
}

fn grid(out: &mut String, chart: &Chart, x: &Scale, y: &Scale) {
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for (at, text) in y.ticks() {
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{LEFT} {}H{right}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            n(at),
            n(LEFT - 8.0),
            n(at + 4.0),
            escape(&text)
        );
    }
    let mut free = f64::NEG_INFINITY;
    for (at, text) in x.ticks() {
        let half = text.chars().count() as f64 * LETTER / 2.0;
        let _ = write!(out, "<path class=\"axis\" d=\"M{} {bottom}v4\"/>", n(at));
        // Texts that would touch the one before are left out.
        if at - half > free {
            free = at + half + LETTER;
            let _ = write!(
                out,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                n(at.min(WIDTH - half - 4.0)),
                n(bottom + 18.0),
                escape(&text)
            );
        }
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "<path class=\"axis\" d=\"M{LEFT} {bottom}H{right}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        n((LEFT + right) / 2.0),
        n(HEIGHT - 10.0),
        escape(&chart.x.name)
    );
}

/// Shaded stretches and moments, with their names above the lines.
fn moments(out: &mut String, chart: &Chart, x: &Scale) {
    let bottom = HEIGHT - BOTTOM;
    for (from, until, name) in &chart.bands {
        let (a, b) = (x.at(*from), x.at(*until));
        let _ = writeln!(
            out,
            "<rect class=\"band\" x=\"{}\" y=\"{TOP}\" width=\"{}\" height=\"{}\"/>{}",
            n(a),
            n((b - a).max(2.0)),
            n(bottom - TOP),
            beside(a, name, TOP - 6.0)
        );
    }
    for (i, (at, name)) in chart.marks.iter().enumerate() {
        let a = x.at(*at);
        // Names of moments stand at the top and at the bottom in turn, so that neighbours do not touch.
        let down = if i % 2 == 0 { TOP + 14.0 } else { bottom - 10.0 };
        let _ = writeln!(
            out,
            "<path class=\"mark\" d=\"M{} {TOP}V{bottom}\"/>{}",
            n(a),
            beside(a + 5.0, name, down)
        );
    }
}

/// A name that begins at a pixel, or ends there where it would leave the chart.
fn beside(at: f64, name: &str, y: f64) -> String {
    let long = name.chars().count() as f64 * LETTER;
    let (x, anchor) = if at + long > WIDTH - RIGHT { (at - 10.0, "end") } else { (at, "start") };
    format!("<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>", n(x), n(y), escape(name))
}

fn bound(out: &mut String, chart: &Chart, y: &Scale) {
    if let Some((value, name)) = &chart.bound {
        let at = y.at(*value);
        let _ = writeln!(
            out,
            "<path class=\"bound\" d=\"M{LEFT} {}H{}\"/><text class=\"boundname\" x=\"{}\" y=\"{}\">{}</text>",
            n(at),
            n(WIDTH - RIGHT),
            n(LEFT + 6.0),
            // Above the line there is the legend, where it is the upper end of the chart.
            n(if at < TOP + 16.0 { at + 15.0 } else { at - 5.0 }),
            escape(name)
        );
    }
}

fn path(out: &mut String, i: usize, points: &[(f64, Option<f64>)], x: &Scale, y: &Scale) {
    let mut d = String::new();
    let mut pen = 'M';
    for (at, value) in points {
        match value.filter(|v| v.is_finite()) {
            Some(value) => {
                let _ = write!(d, "{pen}{} {}", n(x.at(*at)), n(y.at(value)));
                pen = 'L';
            }
            None => pen = 'M',
        }
    }
    if !d.is_empty() {
        let _ = writeln!(out, "<path class=\"line c{}\" d=\"{d}\"/>", i % COLOURS);
    }
}

fn dot(out: &mut String, dot: Dot, x: &Scale, y: &Scale) {
    let (cx, low, high) = (n(x.at(dot.x)), n(y.at(dot.low)), n(y.at(dot.high)));
    let _ = writeln!(
        out,
        "<path class=\"reach\" d=\"M{cx} {low}V{high}\"/><circle class=\"dot\" cx=\"{cx}\" cy=\"{}\" r=\"3.5\"/>",
        n(y.at(dot.y))
    );
}
