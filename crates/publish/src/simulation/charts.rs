//! Charts of a simulation: over time, and against the load.

use loadcase_model::{Figure, LoadCurve, PartTimeline, ScenarioRun, Timeline};

use crate::chart::{Axis, Chart, Dot, Line, Quantity, svg};

/// Lines of one chart at most: more cannot be told apart.
const MOST_LINES: usize = 5;
/// Name of a part in a legend at most, characters.
const NAME: usize = 26;

/// A chart as SVG: its name for files, what it shows, and the drawing.
pub(crate) struct Drawn {
    pub(crate) file: String,
    pub(crate) title: String,
    pub(crate) svg: String,
}

/// The charts of a scenario: response times, requests, queues, and servers where their number changes.
pub(crate) fn of_scenario(run: &ScenarioRun, in_time: Option<&Figure>) -> Vec<Drawn> {
    let time = &run.timeline;
    let charts = [
        ("latency", latency(time, in_time)),
        ("requests", requests(time)),
        ("queues", queues(time)),
        ("servers", servers(time)),
    ];
    let slug = loadcase_model::Id::slug(&run.name);
    let drawn = |(kind, chart): (&str, Chart)| Drawn {
        file: format!("{slug}-{kind}.svg"),
        title: format!("{}: {}", run.name, chart.title),
        svg: svg(&chart),
    };
    charts.into_iter().filter(|(_, c)| !c.is_empty()).map(drawn).collect()
}

/// Response times against the load.
pub(crate) fn of_curve(curve: &LoadCurve) -> Drawn {
    let line = |name: &str, of: fn(&loadcase_model::CurvePoint) -> f64| Line {
        name: name.to_owned(),
        points: curve.formula.iter().map(|p| (p.load_per_s, Some(of(p)))).collect(),
    };
    let dot = |p: &loadcase_model::SimulatedPoint| {
        let y = p.p95.value?;
        Some(Dot { x: p.load_per_s, y, low: p.p95.low.unwrap_or(y), high: p.p95.high.unwrap_or(y) })
    };
    let chart = Chart {
        title: "Response time against load".to_owned(),
        x: Axis { name: "requests per second".to_owned(), ..Axis::default() },
        y: Axis { quantity: Quantity::Milliseconds, may_be_logarithmic: true, ..Axis::default() },
        lines: vec![
            line("p50 by formula", |p| p.p50_ms),
            line("p95 by formula", |p| p.p95_ms),
            line("p99 by formula", |p| p.p99_ms),
        ],
        dots: curve.simulated.iter().filter_map(dot).collect(),
        dots_name: "p95 simulated, with its interval".to_owned(),
        bands: Vec::new(),
        marks: vec![
            (curve.planned.value, format!("planned: {}", curve.planned.text())),
            (
                curve.saturation.value,
                format!(
                    "{} full: {}",
                    crate::text::plain::clip(&curve.station, NAME),
                    curve.saturation.text()
                ),
            ),
        ],
        bound: curve.wanted.as_ref().map(|w| (w.value, format!("p99 wanted: {}", w.text()))),
    };
    Drawn { file: "load.svg".to_owned(), title: chart.title.clone(), svg: svg(&chart) }
}

/// Moments of the values: the middles of their stretches.
fn points<T: Copy>(
    time: &Timeline,
    values: &[T],
    value: impl Fn(T) -> Option<f64>,
) -> Vec<(f64, Option<f64>)> {
    values.iter().enumerate().map(|(i, v)| ((i as f64 + 0.5) * time.step_s, value(*v))).collect()
}

fn over_time(time: &Timeline, title: &str, lines: Vec<Line>) -> Chart {
    let length = time.step_s * time.offered_per_s.len() as f64;
    Chart {
        title: title.to_owned(),
        x: Axis {
            name: "time".to_owned(),
            quantity: Quantity::Time,
            at_least: Some(length),
            ..Axis::default()
        },
        lines,
        bands: time.disturbed.iter().map(|d| (d.from_s, d.until_s, d.name.clone())).collect(),
        ..Chart::default()
    }
}

fn latency(time: &Timeline, in_time: Option<&Figure>) -> Chart {
    let line = |name: &str, values: &[Option<f64>]| Line {
        name: name.to_owned(),
        points: points(time, values, |v| v),
    };
    let lines = vec![line("p50", &time.p50_ms), line("p95", &time.p95_ms), line("p99", &time.p99_ms)];
    Chart {
        y: Axis { quantity: Quantity::Milliseconds, may_be_logarithmic: true, ..Axis::default() },
        bound: in_time.map(|t| (t.value, format!("in time: {}", t.text()))),
        ..over_time(time, "Response time of what was answered, by when the request came", lines)
    }
}

fn requests(time: &Timeline) -> Chart {
    let line =
        |name: &str, values: &[f64]| Line { name: name.to_owned(), points: points(time, values, Some) };
    let mut lines = vec![line("came", &time.offered_per_s), line("answered in time", &time.good_per_s)];
    if time.failed_per_s.iter().any(|v| *v > 0.0) {
        lines.push(line("no answer", &time.failed_per_s));
    }
    over_time(time, "Requests per second", lines)
}

fn parts(
    time: &Timeline,
    of: fn(&PartTimeline) -> &Vec<f64>,
    worth: impl Fn(&PartTimeline) -> bool,
) -> Vec<Line> {
    let shown = time.parts.iter().filter(|p| worth(p)).take(MOST_LINES);
    let line = |p: &PartTimeline| Line {
        name: crate::text::plain::clip(&p.name, NAME),
        points: points(time, of(p), Some),
    };
    shown.map(line).collect()
}

fn queues(time: &Timeline) -> Chart {
    let waits = |p: &PartTimeline| p.waiting.iter().any(|w| *w >= 1.0);
    over_time(time, "Work that waits", parts(time, |p| &p.waiting, waits))
}

fn servers(time: &Timeline) -> Chart {
    let changes = |p: &PartTimeline| p.servers.windows(2).any(|w| (w[0] - w[1]).abs() > 1e-6);
    over_time(
        time,
        "Servers that are up (processors, or places of a pool)",
        parts(time, |p| &p.servers, changes),
    )
}
