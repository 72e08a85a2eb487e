//! The session every door shares: read, recall, design, answer.
//!
//! A session holds the catalog (embedded, with the user's files on top) and runs the stages in order. It does no
//! printing and knows no clock; the only I/O is reading the folders it is given, bounded and without following
//! links out of them.

mod change;
mod compare;
mod folder;
mod interview;
mod load;
mod prove;
mod revision;
mod simulate;
mod verify;
mod what_if;

use std::path::{Path, PathBuf};

use loadcase_brief::{Document, Read};
use loadcase_catalog::{Catalog, LoadError, SourceFile};
use loadcase_forecast::blueprint::PriceContext;
use loadcase_model::{
    Blueprint, Brief, ComponentKind, Design, Diagnostic, Forecast, Horizon, Input, Review, Survey, yaml,
};

pub use change::ChangeError;
pub use compare::{Comparison, Revision, Snapshot};
pub use loadcase_calibrate as calibrating;
pub use loadcase_design::DesignOptions;
pub use loadcase_facts as facts;
pub use loadcase_prove as proving;
pub use loadcase_recover::{callgraph, dataflow};
pub use loadcase_review as reviewing;
pub use prove::Written;
pub use simulate::{Follow, Progress, SimulateError, SimulateOptions, System, Watching, Which};

/// Why a session cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A catalog file of the user's is malformed.
    #[error("{0}")]
    Catalog(#[from] Box<LoadError>),
    /// The catalog with the user's files on top is incomplete.
    #[error("{0}")]
    Incomplete(#[from] loadcase_design::IncompleteCatalog),
    /// An answer could not be rendered.
    #[error("cannot render the answer: {0}")]
    Answer(String),
    /// A repository cannot be surveyed.
    #[error(transparent)]
    Recover(#[from] loadcase_recover::RecoverError),
    /// Nothing could be proven.
    #[error(transparent)]
    Prove(#[from] loadcase_prove::Error),
    /// A revision does not exist or cannot be read.
    #[error("{0}")]
    Revision(String),
    /// A folder or file cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// What was being read.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What is known of a system beside its repository.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What is wanted of it: load and targets.
    pub brief: Option<&'a Brief>,
    /// An earlier version of it.
    pub previous: Option<&'a Blueprint>,
}

/// The stages, wired.
pub struct Session {
    catalog: Catalog,
}

impl Session {
    /// Opens a session; `project` is the folder whose `.loadcase/catalog/` extends the catalog.
    ///
    /// # Errors
    /// When a catalog file is malformed or the folder cannot be read.
    pub fn open(project: Option<&Path>) -> Result<Self, EngineError> {
        let user = match project {
            Some(folder) => user_catalog(folder)?,
            None => Vec::new(),
        };
        Ok(Self { catalog: loadcase_catalog::load_with(&user)? })
    }

    /// What this session knows.
    #[must_use]
    pub const fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Reads a brief in prose or YAML; `name` is its file name, for telling the two apart.
    ///
    /// # Errors
    /// A diagnostic when the bytes are not a text a brief can be read from.
    pub fn read(&self, bytes: &[u8], name: &str) -> Result<Read, Box<Diagnostic>> {
        loadcase_brief::read_any(bytes, name, &self.catalog)
    }

    /// Adds the decisions that documents under `repository` establish.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn recall(&self, repository: &Path, brief: &mut Brief) -> Result<Vec<Diagnostic>, EngineError> {
        let documents: Vec<Document> = folder::documents(repository)?
            .into_iter()
            .map(|f| Document { path: f.path, text: f.text })
            .collect();
        let (pins, diagnostics) = loadcase_brief::recall(&documents, &self.catalog);
        brief.pins.extend(pins);
        loadcase_brief::merge(brief, loadcase_brief::documented(&documents, &self.catalog));
        Ok(diagnostics)
    }

    /// Designs.
    ///
    /// # Errors
    /// When the user's catalog files left it incomplete.
    pub fn design(&self, brief: &Brief, options: &DesignOptions) -> Result<Design, EngineError> {
        Ok(loadcase_design::design(brief, &self.catalog, options)?)
    }

    /// Reads a blueprint that somebody wrote or edited.
    ///
    /// # Errors
    /// The first diagnostic: malformed YAML, or a reference that leads nowhere.
    pub fn read_blueprint(&self, source: &str) -> Result<Blueprint, Box<Diagnostic>> {
        if source.trim().is_empty() {
            let empty = Diagnostic::error("empty-blueprint", "the blueprint is empty");
            return Err(Box::new(empty.help("`loadcase design BRIEF --out docs/backend` writes one")));
        }
        let blueprint: Blueprint = yaml::read(source).map_err(|mut diagnostic| {
            diagnostic
                .help
                .get_or_insert_with(|| "`loadcase schema blueprint` says what a blueprint holds".to_owned());
            diagnostic
        })?;
        loadcase_model::dangling(&blueprint, source)
            .into_iter()
            .next()
            .map_or(Ok(blueprint), |d| Err(Box::new(d)))
    }

    /// Forecasts a blueprint under each of its workloads.
    #[must_use]
    pub fn forecast(&self, blueprint: &Blueprint) -> Vec<Forecast> {
        self.forecast_for(blueprint, None)
    }

    /// The same, with what is known of the design that the blueprint came from: what it pays for depends on how the
    /// peak stands to the average, and on the size of answers.
    pub(crate) fn forecast_for(&self, blueprint: &Blueprint, design: Option<&Design>) -> Vec<Forecast> {
        let option = self
            .catalog
            .decision("deployment")
            .and_then(|d| d.option(blueprint.deployment.platform.as_str()));
        let known = |input, horizon| {
            let reading = design.and_then(|d| d.reading(input));
            reading.map(|r| if horizon == Horizon::Now { r.now.value } else { r.later.value })
        };
        let number = |input, horizon| known(input, horizon).or_else(|| self.plain(input));
        let prices = |horizon| PriceContext {
            compute: option
                .and_then(|o| o.technologies.first().cloned())
                .unwrap_or_else(|| blueprint.deployment.platform.clone()),
            managed: blueprint.components.values().any(|c| c.kind == ComponentKind::Store && c.managed),
            average_over_peak: number(Input::PeakFactor, horizon).map_or(1.0, |f| 1.0 / f.max(1.0)),
            response_kb: number(Input::ResponseKb, horizon).unwrap_or(0.0),
            seats: known(Input::Engineers, horizon).unwrap_or(0.0),
            file_days: loadcase_model::stored::file_days(
                design.is_some_and(|d| d.brief.holds("existing-system")),
            ),
            recovery_point_s: known(Input::RecoveryPointS, Horizon::Later),
        };
        let under = |w: &loadcase_model::Workload| {
            loadcase_forecast::blueprint::forecast(blueprint, w, &self.catalog, &prices(w.horizon))
        };
        blueprint.workloads.iter().map(under).collect()
    }

    /// What is assumed of an input when nothing is known.
    fn plain(&self, input: Input) -> Option<f64> {
        self.catalog
            .lexicon
            .assumptions
            .iter()
            .find(|a| a.input == input && a.when.is_none())
            .map(|a| a.value)
    }

    /// Surveys a repository.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn recover(&self, repository: &Path) -> Result<Survey, EngineError> {
        Ok(loadcase_recover::recover(repository, &self.catalog, &loadcase_recover::Limits::default())?)
    }

    /// Reviews a survey; `today` is `YYYY-MM-DD`. With a brief, rules that need numbers use its load and the
    /// design computed for it; otherwise the workloads of the blueprint, if it has any.
    ///
    /// # Errors
    /// When the user's catalog files left it incomplete.
    pub fn review(
        &self,
        survey: &Survey,
        known: Known<'_>,
        options: &loadcase_review::Options,
        today: &str,
    ) -> Result<Review, EngineError> {
        let design = known.brief.map(|b| self.design(b, &DesignOptions::default())).transpose()?;
        let forecasts = match &design {
            Some(design) => self.forecast(&load::under_load(&survey.blueprint, design, &self.catalog)),
            None => self.forecast(&survey.blueprint),
        };
        let index = loadcase_review::Index::new(survey);
        let subject = loadcase_review::Subject {
            survey,
            index: &index,
            forecasts: &forecasts,
            brief: known.brief,
            design: design.as_ref(),
            previous: known.previous,
            catalog: &self.catalog,
            today,
        };
        Ok(loadcase_review::review(&subject, options))
    }

    /// Answers a question from the design made for it; `material` is code or text given with it.
    ///
    /// # Errors
    /// When a topic of the user's catalog cannot be rendered.
    pub fn answer(
        &self,
        question: &str,
        material: Option<&str>,
        design: &Design,
    ) -> Result<String, EngineError> {
        let asked = loadcase_publish::answer::Asked { question, material, design, catalog: &self.catalog };
        loadcase_publish::answer::answer(&asked).map_err(|e| EngineError::Answer(e.to_string()))
    }
}

/// The user's catalog files, when there are any.
fn user_catalog(project: &Path) -> Result<Vec<SourceFile>, EngineError> {
    let root = project.join(".loadcase").join("catalog");
    if !root.is_dir() {
        return Ok(Vec::new());
    }
    folder::files(&root, &["yaml"])
}
