//! `review`: what is wrong with the architecture of a repository.

use loadcase_engine::Known;
use loadcase_engine::reviewing::{Config, Family, Options, Persona, Rank};
use loadcase_publish::outline::{self, ReviewOutline};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{Progress, Reply, Tool, arguments, input_schema, output_schema, page};
use crate::server::host::Host;
use crate::server::refusal::Refusal;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "review",
    title: "Review a repository",
    description: "Reviews the architecture of a repository on disk: recovers components, flows and operations from \
                  code and configuration, and reports faults in resilience, security, data, deployment and \
                  observability, each with path:line and a fix. Nothing of the repository is run. With a brief, \
                  capacity is checked against the load. Comes in pages, the gravest first; `explain` with a rule's \
                  name says more.",
    writes: false,
    input: input_schema::<Input>,
    output: output_schema::<ReviewOutline>,
    run,
};

/// Findings on a page, and the most that can be asked for.
const PAGE: (usize, usize) = (8, 20);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Folder of the repository inside the server's folders. Default: the first of them.
    #[serde(default)]
    repository: Option<String>,
    /// What is wanted of the system, in prose: its load and targets. Rules that need numbers use it.
    #[serde(default)]
    brief: Option<String>,
    /// Only these rules, by name, or whole families as "family:security".
    #[serde(default)]
    select: Vec<String>,
    /// Leave out findings below this severity.
    #[serde(default)]
    least: Option<Severity>,
    /// Findings that are less certain too: "pedantic" adds them, "auditor" adds all.
    #[serde(default)]
    persona: Option<Who>,
    /// `next` of the page before.
    #[serde(default)]
    after: Option<String>,
    /// Findings on a page, at most 20. Default 8.
    #[serde(default)]
    page: Option<usize>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Who {
    Regular,
    Pedantic,
    Auditor,
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    let folder = host.folder(input.repository.as_deref())?;
    let options = options(&folder, &input)?;
    progress.step(1, 3, "reading the repository")?;
    let session = host.session(Some(&folder))?;
    let brief = input.brief.as_deref().map(|b| host.brief(&session, b, None)).transpose()?;
    let survey = session.recover(&folder)?;
    progress.step(2, 3, "checking the rules")?;
    let known = Known { brief: brief.as_ref(), previous: None };
    let mut review = session.review(&survey, known, &options, &host.today())?;
    if let Some(least) = input.least {
        review.findings.retain(|f| Rank::named(f.severity.as_str()).is_some_and(|r| r >= rank(least)));
    }
    progress.step(3, 3, "writing the findings")?;
    let most = input.page.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let after = input.after.as_deref();
    let known = |after: &str| {
        review.findings.iter().filter_map(|f| f.review.as_ref()).any(|r| r.fingerprint == after)
    };
    if after.is_some_and(|after| !known(after)) {
        return Err(Refusal::new(
            "there is no finding that `after` names: the repository, or the call, is another than that of the page",
            "call again without `after`",
        ));
    }
    let outline = page(most, |n| outline::review(&review, after, n), ReviewOutline::text);
    Reply::new(&outline, &outline.text())
}

const fn rank(severity: Severity) -> Rank {
    match severity {
        Severity::Low => Rank::Low,
        Severity::Medium => Rank::Medium,
        Severity::High => Rank::High,
        Severity::Critical => Rank::Critical,
    }
}

fn options(folder: &std::path::Path, input: &Input) -> Result<Options, Refusal> {
    let families: Vec<String> = Family::ALL.iter().map(|f| format!("family:{}", f.name())).collect();
    for name in &input.select {
        if !loadcase_engine::reviewing::names_rules(name) {
            return Err(Refusal::new(
                format!("there is no rule `{name}`"),
                format!("`explain` without a topic lists the rules; families: {}", families.join(", ")),
            ));
        }
    }
    let persona = match input.persona {
        None | Some(Who::Regular) => Persona::Regular,
        Some(Who::Pedantic) => Persona::Pedantic,
        Some(Who::Auditor) => Persona::Auditor,
    };
    Ok(Options { persona, select: input.select.clone(), config: config(folder)?, ..Options::default() })
}

/// The `loadcase.toml` of the repository, when it has one.
fn config(folder: &std::path::Path) -> Result<Option<(String, Config)>, Refusal> {
    let path = folder.join("loadcase.toml");
    let there = std::fs::symlink_metadata(&path).is_ok_and(|m| m.is_file() && m.len() < 1 << 20);
    if !there {
        return Ok(None);
    }
    let advice = "correct loadcase.toml of the repository; docs/review.md shows what it may hold";
    let text = std::fs::read_to_string(&path).map_err(|e| Refusal::new(e.to_string(), advice))?;
    let config = Config::read("loadcase.toml", &text).map_err(|e| Refusal::new(e.to_string(), advice))?;
    Ok(Some(("loadcase.toml".to_owned(), config)))
}
