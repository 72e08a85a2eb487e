//! `diff`: what differs between two versions of an architecture.

use loadcase_engine::reviewing::Options;
use loadcase_engine::{Comparison, Revision, Session, Snapshot};
use loadcase_model::{Difference, Finding, Place};
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
    /// How much differs, in words; the lists hold the first twelve of each kind.
    summary: String,
    /// What has changed, a line each: `+` is new, `-` is gone, `~` has changed.
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
    let record = record(&found);
    Reply::new(&record, &record.text())
}

impl Output {
    /// The record in lines: how much first, since what follows may be cut.
    fn text(&self) -> String {
        let mut lines = vec![format!("{}; at most {MOST} of a kind are listed.", self.summary)];
        lines.extend(self.notes.iter().map(|n| format!("Note: {n}")));
        let list = |title: &str, list: &[String]| match list {
            [] => Vec::new(),
            list => std::iter::once(title.to_owned()).chain(list.iter().map(|l| format!("  {l}"))).collect(),
        };
        lines.extend(list("New findings:", &self.new_findings));
        lines.extend(list("Fixed findings:", &self.fixed_findings));
        let moved =
            |n: &Change| format!("{} {}: {} -> {}", n.name, n.horizon, n.before.tagged(), n.after.tagged());
        let moved: Vec<String> = self.numbers.iter().map(moved).collect();
        lines.extend(list("Forecast:", &moved));
        lines.extend(list("Changes:", &self.changes));
        lines.join("\n")
    }
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
        let lines = marked.iter().flat_map(|(mark, list)| {
            list.iter().map(move |e| format!("{mark} {kind} {}{}", e.name, at(&e.places)))
        });
        changes.extend(lines.take(MOST));
    }
    let told = |list: &[Finding]| {
        let line =
            |f: &Finding| format!("{} [{}] {}{}", f.severity, f.rule, f.message, at(&f.location.places));
        list.iter().take(MOST).map(line).collect()
    };
    Output {
        differs: !found.is_empty(),
        summary: difference::summary(found),
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

/// The first place, in brackets.
fn at(places: &[Place]) -> String {
    places.first().map_or_else(String::new, |p| format!(" ({p})"))
}
