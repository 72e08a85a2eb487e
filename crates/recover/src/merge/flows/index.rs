//! Parts by what reaches tell of them.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_model::Role;

use crate::merge::parts::{Part, Parts};
use crate::merge::settings::Settings;
use loadcase_catalog::Signs;

/// Parts by what they are told by, so that nothing looks through all of them for every reach.
#[derive(Default)]
pub(super) struct Index {
    /// By the port they listen on.
    pub(super) ports: BTreeMap<u16, BTreeSet<usize>>,
    /// By what their technology speaks.
    pub(super) technologies: BTreeMap<String, Vec<usize>>,
    /// By what they are for the others.
    pub(super) roles: BTreeMap<Role, Vec<usize>>,
}

impl Index {
    /// Indexes the parts that were seen.
    pub(super) fn new(parts: &Parts, settings: &Settings, signs: &Signs<'_>) -> Self {
        let mut index = Self::default();
        for (at, part) in parts.parts.iter().enumerate() {
            index.add(at, part, signs);
            let own = settings.get(at, "server.port").or_else(|| settings.get(at, "PORT"));
            let deployed = part.deployed.iter().flat_map(|d| &d.ports);
            let published = deployed.clone().filter_map(|p| {
                let port: u16 = p.published.as_deref()?.parse().ok()?;
                (p.published.as_deref() == Some(port.to_string().as_str())).then_some(port)
            });
            let ports = own.and_then(|p| p.parse().ok()).into_iter().chain(deployed.map(|p| p.inside));
            for port in ports.chain(published) {
                index.ports.entry(port).or_default().insert(at);
            }
        }
        index
    }

    /// Adds a part: one that was seen, or one that is made because something reaches it.
    pub(super) fn add(&mut self, at: usize, part: &Part, signs: &Signs<'_>) {
        if let Some(technology) = &part.technology {
            self.technologies.entry(signs.spoken(technology)).or_default().push(at);
        }
        for role in &part.roles {
            self.roles.entry(*role).or_default().push(at);
        }
    }
}
