//! `verify`: what is known on a day of the versions in use or recommended.

use loadcase_engine::facts::{Ages, Options};
use loadcase_publish::outline::{self, VerificationOutline};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{Progress, Reply, Tool, arguments, input_schema, output_schema, page};
use crate::server::host::Host;
use crate::server::refusal::Refusal;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "verify",
    title: "Verify versions",
    description: "Checks every version that a repository (manifests, lock files, images, runtimes), a blueprint or a \
                  design names against dated facts: supported until when, affected by which advisory, deprecated, \
                  compatible with its runtime. Offline. Each statement carries its source and day; what no source \
                  covers is counted and never clean. Use it before you name or keep a version.",
    writes: false,
    input: input_schema::<Input>,
    output: output_schema::<VerificationOutline>,
    run,
};

/// Statements on a page, and the most that can be asked for.
const PAGE: (usize, usize) = (8, 25);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// Folder of a repository inside the server's folders. Default, when nothing else is given: the first of them.
    #[serde(default)]
    repository: Option<String>,
    /// A design made before: the versions it recommends.
    #[serde(default)]
    design_id: Option<String>,
    /// A blueprint file inside the server's folders.
    #[serde(default)]
    blueprint_file: Option<String>,
    /// Days after which a statement counts as stale. Default: by its kind.
    #[serde(default)]
    max_age_days: Option<u16>,
    /// `next` of the page before.
    #[serde(default)]
    after: Option<String>,
    /// Statements on a page, at most 25. Default 8.
    #[serde(default)]
    page: Option<usize>,
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    let from = match input.after.as_deref().map(str::parse::<usize>) {
        None => 0,
        Some(Ok(from)) => from,
        Some(Err(_)) => {
            return Err(Refusal::new("`after` is not what a page gave", "give `next` of the page before"));
        }
    };
    let mut options = Options::on(host.today());
    if let Some(days) = input.max_age_days {
        options.ages = Ages::all(i64::from(days));
    }
    progress.step(1, 2, "reading what is in use")?;
    let found = match (&input.repository, &input.design_id, &input.blueprint_file) {
        (None, Some(id), None) => host.usual_session()?.verify_design(&*host.design(id)?, &options),
        (None, None, Some(file)) => {
            let session = host.usual_session()?;
            session.verify_blueprint(&host.blueprint(&session, &host.text(file)?, file)?, &options)
        }
        (repository, None, None) => {
            let folder = host.folder(repository.as_deref())?;
            host.session(Some(&folder))?.verify_repository(&folder, &options)?
        }
        _ => {
            return Err(Refusal::new(
                "more than one of `repository`, `design_id` and `blueprint_file` was given",
                "give one of them",
            ));
        }
    };
    progress.step(2, 2, "writing the statements")?;
    let most = input.page.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let outline = page(most, |n| outline::verification(&found, from, n), VerificationOutline::text);
    Reply::new(&outline, &outline.text())
}
