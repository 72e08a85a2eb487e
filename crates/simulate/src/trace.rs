//! Arrivals as they were recorded: the first column of a CSV text, in seconds.

use loadcase_model::{Diagnostic, Span};

use crate::network::Arrivals;

/// Most arrivals of a trace.
const MOST_ARRIVALS: usize = 10_000_000;

/// Reads arrivals from CSV: one request a line, its time in seconds in the first column, counted from the first
/// one. A first line that is no number is taken for headings; lines may come in any order.
///
/// # Errors
/// The first line whose first column is no time, with its place.
pub fn from_csv(text: &str) -> Result<Arrivals, Box<Diagnostic>> {
    let mut times: Vec<f64> = Vec::new();
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let cell = line.split([',', ';', '\t']).next().unwrap_or("").trim().trim_matches('"');
        match cell.parse::<f64>() {
            Ok(time) if time.is_finite() && times.len() < MOST_ARRIVALS => times.push(time),
            _ if cell.is_empty() || number == 0 => {}
            _ => {
                let message = format!("`{cell}` is no time in seconds, or the trace is too long");
                let place = Span::new(start, start + line.trim_end().len());
                return Err(Box::new(
                    Diagnostic::error("invalid-trace", message)
                        .at(place, "")
                        .help("write one request a line, its time in seconds first"),
                ));
            }
        }
        start += line.len();
    }
    times.sort_by(f64::total_cmp);
    let first = times.first().copied().unwrap_or(0.0);
    times.iter_mut().for_each(|t| *t -= first);
    Ok(Arrivals::Trace(times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_read_with_or_without_headings_and_counted_from_its_first_request() {
        let read = from_csv("time,path\n12.5,/a\n10,/b\n\n11,/c\n").expect("well-formed");
        assert_eq!(read, Arrivals::Trace(vec![0.0, 1.0, 2.5]));
    }

    #[test]
    fn a_line_without_a_time_is_pointed_at() {
        let text = "time\n1\nsoon\n";
        let error = from_csv(text).expect_err("`soon` is no time");
        assert!(
            error.one_line("trace.csv", text).starts_with("trace.csv:3:1: error[invalid-trace]"),
            "{error:?}"
        );
    }
}
