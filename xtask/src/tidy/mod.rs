//! Rules of the repository that no compiler checks. Each check returns what is wrong, a line for each fault.

mod crates;
mod prose;
mod sources;

use anyhow::Result;

use crate::report;

/// Runs every check.
pub(crate) fn run() -> Result<bool> {
    let mut problems = crates::check()?;
    problems.extend(sources::check()?);
    problems.extend(prose::check()?);
    Ok(report("tidy", &problems))
}
