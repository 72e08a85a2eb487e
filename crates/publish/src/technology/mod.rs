//! Technologies: version, support, advisories, why, limits, links.

use loadcase_catalog::{Release, Technology};

use crate::honesty::count;

/// What the catalog knows of how current a technology is.
pub(crate) struct Currency<'a> {
    pub(crate) technology: &'a Technology,
    /// The release line to use; absent for services without versions.
    pub(crate) release: Option<&'a Release>,
    /// The day fixes end.
    pub(crate) until: Option<&'a str>,
}

pub(crate) fn currency(technology: &Technology) -> Currency<'_> {
    let release = technology.release();
    let until = release.and_then(|r| r.eol.as_deref().or(r.support_end.as_deref()));
    Currency { technology, release, until }
}

impl Currency<'_> {
    /// `1 c advisory`, `no advisories`.
    pub(crate) fn advisories_text(&self) -> String {
        match self.technology.advisories.len() {
            0 => "no advisories".to_owned(),
            1 => format!("{} advisory", count(1).tagged()),
            n => format!("{} advisories", count(n).tagged()),
        }
    }
}
