//! How a technology is run as a container: what its image does not say of itself.
//!
//! The name of the image and its port are those of the technology's sign (`catalog/signs/`), its version that of
//! the recommended release: a container only adds what neither knows.

use indexmap::IndexMap;
use loadcase_model::Id;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::Catalog;
use crate::sign::Sign;
use crate::technology::Technology;

/// How a technology is run as a container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// The image, where it is not the first one of the technology's sign.
    #[serde(default)]
    pub image: Option<String>,
    /// The tag, with `{version}` for the version.
    #[serde(default = "version")]
    pub tag: String,
    /// The port, where it is not the first one of the technology's sign.
    #[serde(default)]
    pub port: Option<u16>,
    /// User and group to run as, by number; absent when the image changes to one by itself.
    #[serde(default)]
    pub user: Option<String>,
    /// Folder that outlives the container.
    #[serde(default)]
    pub data: Option<String>,
    /// Folders it writes to that may be forgotten.
    #[serde(default)]
    pub scratch: Vec<String>,
    /// Folder of scripts that run when the data folder is empty.
    #[serde(default)]
    pub first_run: Option<String>,
    /// Ports on which it is asked over TLS where a provider runs it, beside 443.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secure_ports: Vec<u16>,
    /// Arguments, in place of those of the image.
    #[serde(default)]
    pub command: Vec<String>,
    /// Settings.
    #[serde(default)]
    pub environment: IndexMap<String, String>,
    /// Settings that hold a secret, each with the words `{password}` where the secret stands.
    #[serde(default)]
    pub secrets: IndexMap<String, String>,
    /// The command that exits with zero when it is ready.
    pub health: Vec<String>,
    /// How a client is told of it: `{host}`, `{port}` and `{password}` are filled in.
    #[serde(default)]
    pub url: Option<String>,
    /// The least memory it starts with, MB.
    pub least_mb: u32,
    /// Who says so.
    pub source: String,
    /// The day this was true, `YYYY-MM-DD`.
    pub as_of: String,
}

fn version() -> String {
    "{version}".to_owned()
}

impl Catalog {
    /// What runs a technology on a machine of one's own: itself, or what stands in for a service that nobody can
    /// run. `None` when there is no such thing.
    #[must_use]
    pub fn container(&self, id: &Id) -> Option<(&Technology, &Container)> {
        let technology = self.technology(id.as_str())?;
        if let Some(container) = &technology.container {
            return Some((technology, container));
        }
        let other = self.technology(technology.stands_in.as_ref()?.as_str())?;
        Some((other, other.container.as_ref()?))
    }

    /// The image of a container, without its tag.
    #[must_use]
    pub fn image_of<'a>(&'a self, technology: &Technology, container: &'a Container) -> Option<&'a str> {
        let own = container.image.as_deref();
        own.or_else(|| {
            self.sign_of(&technology.id, |s| !s.images.is_empty())?.images.first().map(String::as_str)
        })
    }

    /// The port of a container: its own, that of its sign, or that of the technology whose clients it serves.
    #[must_use]
    pub fn port_of(&self, technology: &Technology, container: &Container) -> Option<u16> {
        let of = |id: &Id| self.sign_of(id, |s| !s.ports.is_empty())?.ports.first().copied();
        let spoken = || of(self.sign_of(&technology.id, |s| s.speaks.is_some())?.speaks.as_ref()?);
        container.port.or_else(|| of(&technology.id)).or_else(spoken)
    }

    /// Whether clients of one technology can talk to another.
    #[must_use]
    pub fn speaks(&self, technology: &Id, language: &str) -> bool {
        let spoken = |s: &Sign| s.speaks.as_ref().is_some_and(|l| l == language);
        technology == language || self.sign_of(technology, spoken).is_some()
    }

    fn sign_of(&self, technology: &Id, holds: impl Fn(&Sign) -> bool) -> Option<&Sign> {
        self.signs.values().find(|s| s.technology == *technology && holds(s))
    }
}
