//! Versions in use, held against what is known of them on a day.

use std::path::Path;

use loadcase_facts::{Inventory, Knowledge, Options, verify};
use loadcase_model::{Blueprint, Design, Survey, Verification};

use crate::{EngineError, Session};

impl Session {
    /// What this session knows of versions: what is delivered with Loadcase, with the user's own catalog files.
    #[must_use]
    pub fn knowledge(&self) -> Knowledge {
        Knowledge::new(self.catalog())
    }

    /// What a repository names.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn inventory(&self, repository: &Path, known: &Knowledge) -> Result<Inventory, EngineError> {
        let survey = self.recover(repository)?;
        Ok(Inventory::of_survey(&survey, known, self.catalog()))
    }

    /// Verifies the versions that a repository names.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn verify_repository(
        &self,
        repository: &Path,
        options: &Options,
    ) -> Result<Verification, EngineError> {
        let known = self.knowledge();
        Ok(verify(&self.inventory(repository, &known)?, &known, options))
    }

    /// Verifies the versions that a survey found.
    #[must_use]
    pub fn verify_survey(&self, survey: &Survey, options: &Options) -> Verification {
        let known = self.knowledge();
        verify(&Inventory::of_survey(survey, &known, self.catalog()), &known, options)
    }

    /// Verifies the versions that a blueprint names.
    #[must_use]
    pub fn verify_blueprint(&self, blueprint: &Blueprint, options: &Options) -> Verification {
        verify(&Inventory::of_blueprint(blueprint), &self.knowledge(), options)
    }

    /// Verifies the versions that a design recommends.
    #[must_use]
    pub fn verify_design(&self, design: &Design, options: &Options) -> Verification {
        verify(&Inventory::of_design(design, self.catalog()), &self.knowledge(), options)
    }
}
