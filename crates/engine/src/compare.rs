//! Two versions of an architecture: taken from folders, files or revisions, and compared.

use std::path::Path;

use loadcase_model::{
    Blueprint, Difference, Figure, FindingChanges, Forecast, Id, NumberChange, Review, Survey,
};
use loadcase_review::{Options, Version};
use tempfile::TempDir;

use crate::{EngineError, Known, Session, revision};

/// A version of an architecture, and what to call it.
#[derive(Debug)]
pub struct Snapshot {
    /// A path or a revision.
    pub name: String,
    /// The architecture.
    pub survey: Survey,
    /// Whether it was recovered from files; otherwise it is a blueprint that says only what it says.
    pub recovered: bool,
}

impl Snapshot {
    /// A blueprint as a version.
    #[must_use]
    pub fn of_blueprint(name: String, blueprint: Blueprint) -> Self {
        let survey = Survey { files: 1, ..Survey::of(blueprint) };
        Self { name, survey, recovered: false }
    }

    fn version(&self) -> Version<'_> {
        Version { blueprint: &self.survey.blueprint, names: &self.survey.names }
    }
}

/// The files of a git revision in a folder that goes away with this value.
#[derive(Debug)]
pub struct Revision {
    folder: TempDir,
}

impl Revision {
    /// Takes the files of a revision out of a repository; `repository` may be a folder inside it. Nothing that the
    /// repository configures is run.
    ///
    /// # Errors
    /// When git is not there, the folder belongs to no repository, or the revision does not exist.
    pub fn open(repository: &Path, revision: &str) -> Result<Self, EngineError> {
        Ok(Self { folder: revision::files_of(repository, revision)? })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// How two versions are compared.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// How the first is reviewed.
    pub before: &'a Options,
    /// How the second is reviewed.
    pub after: &'a Options,
    /// Today, `YYYY-MM-DD`.
    pub today: &'a str,
}

impl Session {
    /// Compares two versions: shape, findings, forecast.
    ///
    /// # Errors
    /// When the user's catalog files left it incomplete.
    pub fn compare(
        &self,
        before: &Snapshot,
        after: &Snapshot,
        how: Comparison<'_>,
    ) -> Result<Difference, EngineError> {
        let alike = before.recovered == after.recovered;
        let mut notes = Vec::new();
        if !alike {
            notes.push(
                "a blueprint and a repository do not tell the same things: what only one of them states is left out, and of the findings only those that need both are listed".to_owned(),
            );
        }
        Ok(Difference {
            schema: Difference::SCHEMA.to_owned(),
            before: before.name.clone(),
            after: after.name.clone(),
            shape: loadcase_review::shape(&before.version(), &after.version(), alike),
            findings: self.finding_changes(before, after, how)?,
            numbers: self.number_changes(before, after),
            notes,
        })
    }

    fn finding_changes(
        &self,
        before: &Snapshot,
        after: &Snapshot,
        how: Comparison<'_>,
    ) -> Result<FindingChanges, EngineError> {
        let previous = in_the_names_of(before, after);
        let known = Known { brief: None, previous: Some(&previous) };
        let is = self.review(&after.survey, known, how.after, how.today)?;
        let alone = |s: &Snapshot, options: &Options| -> Result<Review, EngineError> {
            self.review(&s.survey, Known::default(), options, how.today)
        };
        if before.recovered == after.recovered {
            let was = alone(before, how.before)?;
            return Ok(loadcase_review::finding_changes(&was.findings, &is.findings));
        }
        // What the second version says alone is no news: only what the comparison itself shows is.
        let was = alone(after, how.after)?;
        let news = loadcase_review::finding_changes(&was.findings, &is.findings);
        Ok(FindingChanges { unchanged: 0, ..news })
    }

    fn number_changes(&self, before: &Snapshot, after: &Snapshot) -> Vec<NumberChange> {
        let (old, new) = (self.forecast(&before.survey.blueprint), self.forecast(&after.survey.blueprint));
        let mut changes = Vec::new();
        for is in &new {
            let Some(was) = old.iter().find(|f| f.horizon == is.horizon) else { continue };
            for ((name, was), (_, is_now)) in numbers(was).into_iter().zip(numbers(is)) {
                if was.text() != is_now.text() {
                    let (before, after) = (was.clone(), is_now.clone());
                    changes.push(NumberChange { name: Id::slug(name), horizon: is.horizon, before, after });
                }
            }
        }
        changes
    }
}

/// The numbers of a forecast that stand for the whole.
fn numbers(forecast: &Forecast) -> [(&'static str, &Figure); 7] {
    [
        ("arrivals", &forecast.arrivals),
        ("p99 response time", &forecast.latency.p99),
        ("rate at saturation", &forecast.saturation.rate),
        ("availability", &forecast.availability.share),
        ("recovery time", &forecast.availability.recovery_time),
        ("monthly cost", &forecast.cost_total),
        ("people to run it", &forecast.people_total),
    ]
}

/// The first version with the operations' components named as the second names them, so that rules find them.
fn in_the_names_of(before: &Snapshot, after: &Snapshot) -> Blueprint {
    let partners = loadcase_review::partners(&before.version(), &after.version());
    let mut blueprint = before.survey.blueprint.clone();
    for step in blueprint.operations.values_mut().flat_map(|o| &mut o.steps) {
        if let Some(partner) = partners.get(&step.component) {
            step.component = partner.clone();
        }
    }
    blueprint
}
