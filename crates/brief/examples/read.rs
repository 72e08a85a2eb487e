//! Prints how a brief is read, to try phrases out: `cargo run -p loadcase-brief --example read < brief.md`.
//!
//! With `--json` the whole brief is printed as JSON.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example program talks to the terminal")]

use std::io::Read as _;

use loadcase_brief::Reader;
use loadcase_model::{Brief, Estimate, format_quantity};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalog = loadcase_catalog::load_embedded()?;
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let read = Reader::new(&catalog).read(&text);
    if std::env::args().any(|a| a == "--json") {
        println!("{}", serde_json::to_string_pretty(&read.brief)?);
    } else {
        summary(&read.brief);
    }
    for diagnostic in &read.diagnostics {
        eprintln!("{}", diagnostic.one_line("brief", &text));
    }
    Ok(())
}

fn summary(brief: &Brief) {
    println!("question: {}", brief.question.as_deref().unwrap_or("-"));
    for domain in &brief.domains {
        println!("domain: {} {:.0}%  {}", domain.id, domain.share * 100.0, domain.origin.describe());
    }
    for (input, given) in &brief.numbers {
        let show = |e: &Estimate| {
            let range = if e.low < e.value || e.high > e.value {
                format!(
                    " ({}..{})",
                    loadcase_model::format_number(e.low),
                    loadcase_model::format_number(e.high)
                )
            } else {
                String::new()
            };
            format!("{}{range}  {}", format_quantity(e.value, input.unit()), e.origin.describe())
        };
        for (when, estimate) in [("now", &given.now), ("later", &given.later)] {
            if let Some(estimate) = estimate {
                println!("{} {when}: {}", input.slug(), show(estimate));
            }
        }
    }
    for (id, signal) in &brief.signals {
        println!("{}{id}  {}", if signal.holds { "" } else { "NOT " }, signal.origin.describe());
    }
    for technology in &brief.technologies {
        println!("{:?} {}  {}", technology.stance, technology.id, technology.origin.describe());
    }
}
