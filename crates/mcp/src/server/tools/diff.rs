//! `diff`: what differs between two versions of an architecture.

use loadcase_engine::reviewing::Options;
use loadcase_engine::{Comparison, Revision, Session, Snapshot};
use loadcase_model::Difference;
use loadcase_publish::difference;
use loadcase_publish::outline::Number;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Progress, Reply, Tool, arguments, input_schema, output_schema};
use crate::server::host::Host;
use crate::server::refusal::Refusal;

/// The tool.
pub(super) const TOOL: Tool = Tool {
    name: "diff",
    title: "Compare two versions of an architecture",
    description: "Compares two versions of an architecture: components, flows, operations, findings and forecast. Each \
                  side is a repository folder or a blueprint file inside the server's folders, `design:ID` for a \
                  design made before, or `rev:NAME` for a git revision of `repository`. Use it to see what a change \
                  does to the architecture, or where code has drifted from its design.",
    writes: false,
    input: input_schema::<Input>,
    output: output_schema::<Output>,
    run,
};

/// Entries of each list.
const MOST: usize = 12;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    /// The first version: a path, `design:ID` or `rev:NAME`.
    before: String,
    /// The second version, in the same forms.
    after: String,
    /// Folder of the repository that `rev:` speaks of. Default: the first of the server's folders.
    #[serde(default)]
    repository: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Output {
    /// Whether anything differs.
    differs: bool,
    /// What has changed, a line each: `+` is new, `-` is gone, `~` has changed. At most twelve of a kind.
    changes: Vec<String>,
    /// Findings that are new, the gravest first.
    new_findings: Vec<String>,
    /// Findings that are gone.
    fixed_findings: Vec<String>,
    /// Numbers of the forecast that have changed.
    numbers: Vec<Change>,
    /// What could not be compared, and why.
    notes: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Change {
    /// What it is.
    name: String,
    /// `now` or `in 24 months`.
    horizon: &'static str,
    /// What it was.
    before: Number,
    /// What it is now.
    after: Number,
}

fn run(host: &Host, arguments_given: Value, progress: &dyn Progress) -> Result<Reply, Refusal> {
    let input: Input = arguments(&TOOL, arguments_given)?;
    progress.step(1, 3, "reading the first version")?;
    let session = host.usual_session()?;
    let before = side(host, &session, &input.before, &input)?;
    progress.step(2, 3, "reading the second version")?;
    let after = side(host, &session, &input.after, &input)?;
    progress.step(3, 3, "comparing")?;
    let options = Options::default();
    let today = host.today();
    let how = Comparison { before: &options, after: &options, today: &today };
    let found = session.compare(&before, &after, how)?;
    Reply::new(&record(&found), &difference::text(&found))
}

/// One version, from what names it.
fn side(host: &Host, session: &Session, named: &str, input: &Input) -> Result<Snapshot, Refusal> {
    let recovered = |folder: &std::path::Path| -> Result<Snapshot, Refusal> {
        Ok(Snapshot { name: named.to_owned(), survey: session.recover(folder)?, recovered: true })
    };
    if let Some(id) = named.strip_prefix("design:") {
        return Ok(Snapshot::of_blueprint(named.to_owned(), host.design(id)?.blueprint.clone()));
    }
    if let Some(revision) = named.strip_prefix("rev:") {
        let folder = host.folder(input.repository.as_deref())?;
        return recovered(Revision::open(&folder, revision)?.path());
    }
    let path = host.roots().existing(named)?;
    if path.is_dir() {
        return recovered(&path);
    }
    let blueprint = host.blueprint(session, &host.text(named)?, named)?;
    Ok(Snapshot::of_blueprint(named.to_owned(), blueprint))
}

fn record(found: &Difference) -> Output {
    let shape = &found.shape;
    let mut changes: Vec<String> = shape
        .system
        .iter()
        .map(|f| format!("~ {}: {} -> {}", f.field, f.before, f.after))
        .take(MOST)
        .collect();
    for (kind, of) in [
        ("component", &shape.components),
        ("flow", &shape.flows),
        ("operation", &shape.operations),
        ("entity", &shape.entities),
    ] {
        let marked = [('-', &of.removed), ('+', &of.added), ('~', &of.changed)];
        let lines = marked
            .iter()
            .flat_map(|(mark, list)| list.iter().map(move |e| format!("{mark} {kind} {}", e.name)));
        changes.extend(lines.take(MOST));
    }
    let told = |list: &[loadcase_model::Finding]| {
        list.iter().take(MOST).map(|f| format!("{} [{}] {}", f.severity, f.rule, f.message)).collect()
    };
    Output {
        differs: !found.is_empty(),
        changes,
        new_findings: told(&found.findings.new),
        fixed_findings: told(&found.findings.fixed),
        numbers: found
            .numbers
            .iter()
            .take(MOST)
            .map(|n| Change {
                name: n.name.to_string(),
                horizon: n.horizon.label(),
                before: Number::of(&n.before),
                after: Number::of(&n.after),
            })
            .collect(),
        notes: found.notes.clone(),
    }
}
