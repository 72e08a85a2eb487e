//! Settings: what configuration says to each part.

use std::collections::BTreeMap;

use crate::merge::parts::Parts;
use crate::merge::plain;
use crate::sighting::{Seen, Sighting};
use crate::template::resolve;

/// Where a value comes from, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The environment of the deployment.
    Environment,
    /// Handed out by a config server for this application.
    Served,
    /// A file of its own without a profile.
    Own,
    /// Handed out by a config server for all.
    Shared,
    /// A file of its own for a profile of containers or production.
    Deployed,
    /// Another profile.
    Profile,
}

/// Values by normalised key, each with the number of the setting that gave it.
type Values = BTreeMap<String, (Rank, usize, String)>;

/// The settings of every part.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    parts: Vec<Values>,
    /// What is handed out to all.
    shared: Values,
    /// How many settings were put so far.
    count: usize,
}

impl Settings {
    /// Gathers the settings.
    pub(crate) fn new(sightings: &[Sighting], parts: &Parts) -> Self {
        let mut settings = Self { parts: vec![Values::new(); parts.parts.len()], ..Self::default() };
        let mut groups: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        let applications = applications(sightings);
        for sighting in sightings {
            let Seen::Setting(setting) = &sighting.seen else { continue };
            let (key, value) = (setting.key.as_str(), setting.value.as_str());
            let rank = match setting.profile.as_deref() {
                None => Rank::Own,
                Some(p)
                    if ["docker", "prod", "production", "k8s", "kubernetes", "container", "cloud"]
                        .contains(&p) =>
                {
                    Rank::Deployed
                }
                Some(_) => Rank::Profile,
            };
            match setting.of.as_deref() {
                None => {
                    for index in parts.owners(&sighting.place.path, None) {
                        settings.put(index, key, value, rank);
                    }
                }
                Some("*") => {
                    settings.count += 1;
                    put(&mut settings.shared, key, value, (rank.max(Rank::Shared), settings.count));
                }
                Some(of) => {
                    groups.entry(of).or_default().push((key, value));
                    if let Some(index) = parts.named(of).or_else(|| by_application(&applications, parts, of))
                    {
                        settings.put(index, key, value, if rank == Rank::Own { Rank::Served } else { rank });
                    }
                }
            }
        }
        for (index, part) in parts.parts.iter().enumerate() {
            for deployed in &part.deployed {
                for (key, value, _) in &deployed.env {
                    settings.put(index, key, value, Rank::Environment);
                }
                for group in &deployed.env_from {
                    for (key, value) in groups.get(group.as_str()).into_iter().flatten() {
                        settings.put(index, key, value, Rank::Environment);
                    }
                }
            }
        }
        settings
    }

    fn put(&mut self, index: usize, key: &str, value: &str, rank: Rank) {
        self.count += 1;
        put(&mut self.parts[index], key, value, (rank, self.count));
    }

    /// The value of a key for a part, placeholders resolved.
    pub(crate) fn get(&self, index: usize, key: &str) -> Option<String> {
        let value = self.raw(index, key)?;
        Some(self.resolve(index, &value))
    }

    fn raw(&self, index: usize, key: &str) -> Option<String> {
        // Parts that were made because something reaches them have no settings.
        let (own, key) = (self.parts.get(index)?, relaxed(key));
        let (own, shared) = (own.get(&key), self.shared.get(&key));
        // The strongest, and the first of equals.
        own.into_iter()
            .chain(shared)
            .min_by_key(|(rank, at, _)| (*rank, *at))
            .map(|(.., value)| value.clone())
    }

    /// A template with what is known of a part put in.
    pub(crate) fn resolve(&self, index: usize, template: &str) -> String {
        resolve(template, &|key| self.raw(index, key))
    }

    /// The logical database a part's main connection names: the path of its connection string.
    pub(crate) fn database(&self, index: usize) -> Option<String> {
        let keys =
            ["spring.datasource.url", "spring.data.mongodb.uri", "DATABASE_URL", "MONGO_URL", "MONGODB_URI"];
        let url = keys.iter().find_map(|k| self.get(index, k));
        let named = [
            "spring.data.mongodb.database",
            "DB_NAME",
            "POSTGRES_DB",
            "MYSQL_DATABASE",
            "MONGO_DB_NAME",
            "DATABASE_NAME",
        ];
        let path = url.and_then(|u| crate::merge::host::hosts(&u).into_iter().next()).map(|h| h.path);
        let path = path.map(|p| p.trim_start_matches('/').split(['?', ';']).next().unwrap_or("").to_owned());
        path.filter(|p| !p.is_empty()).or_else(|| named.iter().find_map(|k| self.get(index, k)))
    }
}

/// Puts a value where no stronger one stands.
fn put(values: &mut Values, key: &str, value: &str, (rank, at): (Rank, usize)) {
    let entry = values.entry(relaxed(key)).or_insert_with(|| (rank, at, value.to_owned()));
    if rank < entry.0 {
        *entry = (rank, at, value.to_owned());
    }
}

/// Keys are compared as Spring's relaxed binding does: case and punctuation do not count.
fn relaxed(key: &str) -> String {
    plain(key)
}

/// The part whose unit calls itself so, before parts have their names.
fn by_application(applications: &BTreeMap<String, &str>, parts: &Parts, name: &str) -> Option<usize> {
    parts.owners(applications.get(&plain(name))?, None).first().copied()
}

/// The files in which units first give themselves a name, by plain name.
fn applications(sightings: &[Sighting]) -> BTreeMap<String, &str> {
    let mut found = BTreeMap::new();
    for sighting in sightings {
        if let Seen::Name(name) = &sighting.seen {
            found.entry(plain(&name.name)).or_insert(sighting.place.path.as_str());
        }
    }
    found
}
