//! Everything a change must pass, in the order in which faults are cheapest to learn of.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::{root, schemas, tidy};

/// What has passed and failed so far: each test, and each other check as one.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
}

/// Runs every check; the last line says how many passed and failed.
pub(crate) fn run() -> Result<bool> {
    let mut tally = Tally::default();
    tally.tool("rustfmt", "formatting", &["fmt", "--all", "--check"])?;
    tally.step("tidy", tidy::run)?;
    let lints = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    tally.tool("clippy", "lints", &lints)?;
    tally.tests(&["test", "--workspace", "--no-fail-fast", "--locked"])?;
    tally.step("schemas", schemas::check)?;
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(tally.failed == 0)
}

impl Tally {
    fn step(&mut self, name: &str, check: impl FnOnce() -> Result<bool>) -> Result<()> {
        println!("== {name}");
        let start = Instant::now();
        let fine = check()?;
        println!(
            "   {name}: {} in {:.0} s",
            if fine { "ok" } else { "FAILED" },
            start.elapsed().as_secs_f64()
        );
        if fine {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
        Ok(())
    }

    /// A check by a part of the toolchain that minimal installations lack.
    fn tool(&mut self, component: &str, name: &str, arguments: &[&str]) -> Result<()> {
        let asked = Command::new("cargo").args([arguments[0], "--version"]).output();
        if !asked.is_ok_and(|o| o.status.success()) {
            println!("== {name}: SKIPPED, {component} is not installed (`rustup component add {component}`)");
            return Ok(());
        }
        self.step(name, || {
            let status = Command::new("cargo").args(arguments).current_dir(root()).status();
            Ok(status.context("cannot run cargo")?.success())
        })
    }

    /// Runs the tests, shows what cargo says, and adds up its closing lines.
    fn tests(&mut self, arguments: &[&str]) -> Result<()> {
        println!("== tests");
        let mut cargo = Command::new("cargo")
            .args(arguments)
            .current_dir(root())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run cargo")?;
        let failed_before = self.failed;
        let output = cargo.stdout.take().context("cargo has no output")?;
        for line in BufReader::new(output).lines() {
            let line = line?;
            println!("{line}");
            std::io::stdout().flush()?;
            let (passed, failed) = counts(&line);
            self.passed += passed;
            self.failed += failed;
        }
        let fine = cargo.wait()?.success();
        // Tests that do not compile, or die, print no closing line.
        if !fine && self.failed == failed_before {
            self.failed += 1;
        }
        Ok(())
    }
}

/// Passed and failed tests of a closing line of cargo's.
fn counts(line: &str) -> (u64, u64) {
    let Some(rest) = line.strip_prefix("test result:") else { return (0, 0) };
    let number = |word: &str| {
        let before = rest.split(word).next().unwrap_or("");
        before.split_whitespace().last().and_then(|n| n.parse().ok()).unwrap_or(0)
    };
    (number(" passed"), number(" failed"))
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn closing_lines_are_read() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(counts(line), (12, 3));
        assert_eq!(counts("test it::works ... ok"), (0, 0));
    }
}
