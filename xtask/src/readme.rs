//! The transcripts in README.md: what the program prints, pasted by this task and by nobody else.

use anyhow::{Context, Result};

use crate::{loadcase, root};

/// The lines before the outputs, and what is added to the command so that it ends well and asks nothing.
const PROMPTS: [(&str, &[&str]); 2] =
    [("$ loadcase design ", &["--no-input"]), ("$ loadcase review ", &["--fail-on", "never"])];

/// Runs the commands that README.md shows and replaces what stands below each.
pub(crate) fn write() -> Result<bool> {
    let path = root().join("README.md");
    let mut text = std::fs::read_to_string(&path).context("cannot read README.md")?;
    for (prompt, more) in PROMPTS {
        text = replaced(&text, prompt, more)?;
    }
    std::fs::write(&path, text)?;
    Ok(true)
}

/// The text with the output below one prompt replaced.
fn replaced(text: &str, prompt: &str, more: &[&str]) -> Result<String> {
    let start = text.find(prompt).with_context(|| format!("README.md shows no `{prompt}`"))?;
    let line = text[start..].lines().next().unwrap_or_default();
    let words = line.strip_prefix("$ loadcase ").unwrap_or_default();
    let output = start + line.len() + 1;
    let end = text[output..].find("```").context("the block in README.md has no end")? + output;
    // One argument may stand in quotes.
    let arguments: Vec<&str> = words
        .split('"')
        .enumerate()
        .flat_map(|(i, part)| if i % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
        .chain(more.iter().copied())
        .collect();
    let printed = loadcase(&arguments)?;
    Ok(format!("{}{}\n{}", &text[..output], printed.trim_end(), &text[end..]))
}
