//! Rules on prose: links and paths lead somewhere, and no file names the host of a package registry.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::{root, shown};

/// Domains of package registries, as their two last labels: this file may not name them either.
const REGISTRIES: [(&str, &str); 8] = [
    ("crates", "io"),
    ("npmjs", "com"),
    ("npmjs", "org"),
    ("pypi", "org"),
    ("pythonhosted", "org"),
    ("rubygems", "org"),
    ("nuget", "org"),
    ("packagist", "org"),
];

/// Checks every tracked file.
pub(crate) fn check() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for path in tracked()? {
        // Not every tracked file is text, nor is every one still there.
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else { continue };
        if path != "Cargo.lock" {
            problems.extend(registries(&path, &text));
        }
        if path.ends_with(".md") {
            problems.extend(dead_ends(&path, &text));
        }
    }
    Ok(problems)
}

/// The files that git tracks; outside a checkout, every file that is not built.
fn tracked() -> Result<Vec<String>> {
    let output = Command::new("git").args(["ls-files"]).current_dir(root()).output();
    if let Ok(output) = output
        && output.status.success()
    {
        return Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect());
    }
    let all = crate::files(root())?;
    let skipped = |p: &str| ["target/", ".git/"].iter().any(|folder| p.starts_with(folder));
    Ok(all.iter().map(|p| shown(p)).filter(|p| !skipped(p)).collect())
}

fn registries(path: &str, text: &str) -> Vec<String> {
    let hosts = REGISTRIES.map(|(name, end)| format!("{name}.{end}"));
    let named = |line: &str| hosts.iter().any(|host| line.contains(host.as_str()));
    let lines = text.lines().enumerate().filter(|(_, line)| named(line));
    lines.map(|(i, _)| format!("{path}:{}: names the host of a package registry", i + 1)).collect()
}

/// Links and backticked paths of a Markdown file that lead nowhere.
fn dead_ends(path: &str, text: &str) -> Vec<String> {
    let folder = root().join(path).parent().map(Path::to_owned).unwrap_or_default();
    let mut problems = Vec::new();
    let mut fenced = false;
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        let links = links(line).into_iter().map(|target| (target, folder.join(target)));
        let paths = paths(line).into_iter().map(|target| (target, root().join(target)));
        for (target, _) in links.chain(paths).filter(|(_, file)| !file.exists()) {
            problems.push(format!("{path}:{}: `{target}` leads nowhere", number + 1));
        }
    }
    problems
}

/// Targets of `[text](target)` that are files, without their `#fragment`.
fn links(line: &str) -> Vec<&str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = targets.map(|t| t.split('#').next().unwrap_or("")).filter(|t| !t.contains("://"));
    files.filter(|t| !t.is_empty()).collect()
}

/// Backticked paths into the repository that hold no placeholder.
fn paths(line: &str) -> Vec<&str> {
    // Not `docs/`: the user has such a folder too.
    const FOLDERS: [&str; 4] = ["crates/", "catalog/", "examples/", "xtask/"];
    let spans = line.split('`').skip(1).step_by(2);
    let whole = |s: &&str| !s.contains(['<', '*', ' ', '{']);
    spans.filter(|s| FOLDERS.iter().any(|f| s.starts_with(f))).filter(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_nowhere_is_named() {
        let text = "See [the map](ARCHITECTURE.md), [that](nowhere.md#part), [web](https://example.org).\n\
                    Also `crates/model/src/nowhere.rs`, `crates/model/src/lib.rs` and `catalog/<kind>/x.yaml`.\n\
                    ```\n`crates/in/a/fence.rs`\n```\n";
        let problems = dead_ends("README.md", text);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("README.md:1: `nowhere.md`"));
    }

    #[test]
    fn registries_are_found() {
        let text = format!("fine\nsee https://{}.{}/x\n", "npmjs", "com");
        assert_eq!(registries("a.md", &text).len(), 1);
    }
}
