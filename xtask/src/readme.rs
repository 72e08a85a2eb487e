//! The transcript in README.md: what the program prints, pasted by this task and by nobody else.

use anyhow::{Context, Result};

use crate::{loadcase, root};

/// The line before the output.
const PROMPT: &str = "$ loadcase design \"";

/// Runs the command that README.md shows and replaces what stands below it.
pub(crate) fn write() -> Result<bool> {
    let path = root().join("README.md");
    let text = std::fs::read_to_string(&path).context("cannot read README.md")?;
    let start = text.find(PROMPT).context("README.md shows no `$ loadcase design \"...\"`")?;
    let rest = &text[start + PROMPT.len()..];
    let (brief, _) = rest.split_once("\"\n").context("the command in README.md has no end")?;
    let output = start + PROMPT.len() + brief.len() + 2;
    let end = text[output..].find("```").context("the block in README.md has no end")? + output;
    let printed = loadcase(&["design", "--no-input", brief])?;
    std::fs::write(&path, format!("{}{}\n{}", &text[..output], printed.trim_end(), &text[end..]))?;
    Ok(true)
}
