//! What images, libraries, schemes and ports mean, indexed from the catalog.

use std::collections::HashMap;

use crate::catalog::Catalog;
use crate::sign::{Ability, Sign};

/// The catalog's signs, indexed.
#[derive(Debug)]
pub struct Signs<'a> {
    images: HashMap<String, &'a Sign>,
    libraries: HashMap<String, &'a Sign>,
    /// Names that end in `*`, without it.
    prefixes: Vec<(String, &'a Sign)>,
    schemes: HashMap<String, &'a Sign>,
    ports: HashMap<u16, &'a Sign>,
    technologies: HashMap<&'a str, &'a Sign>,
    /// Those with abilities.
    able: Vec<&'a Sign>,
}

impl<'a> Signs<'a> {
    /// Indexes the signs of a catalog.
    #[must_use]
    pub fn new(catalog: &'a Catalog) -> Self {
        let mut signs = Self {
            images: HashMap::new(),
            libraries: HashMap::new(),
            prefixes: Vec::new(),
            schemes: HashMap::new(),
            ports: HashMap::new(),
            technologies: HashMap::new(),
            able: catalog.signs.values().filter(|s| !s.gives.is_empty()).collect(),
        };
        for sign in catalog.signs.values() {
            signs.technologies.entry(sign.technology.as_str()).or_insert(sign);
            for image in &sign.images {
                signs.images.entry(image.to_ascii_lowercase()).or_insert(sign);
            }
            for library in &sign.libraries {
                match library.strip_suffix('*') {
                    Some(prefix) => signs.prefixes.push((prefix.to_ascii_lowercase(), sign)),
                    None => _ = signs.libraries.entry(library.to_ascii_lowercase()).or_insert(sign),
                }
            }
            for scheme in &sign.schemes {
                signs.schemes.entry(scheme.clone()).or_insert(sign);
            }
            for port in &sign.ports {
                signs.ports.entry(*port).or_insert(sign);
            }
        }
        signs
    }

    /// What an image is: `registry.example/org/postgres:15-alpine` is a sign of what `postgres` is.
    #[must_use]
    pub fn image(&self, image: &str) -> Option<&'a Sign> {
        let name = image_name(image);
        if let Some(sign) = self.images.get(&name) {
            return Some(sign);
        }
        // Without the registry, then without the organisation.
        let short = name.split_once('/').map(|(_, rest)| rest);
        short
            .and_then(|s| self.images.get(s))
            .or_else(|| self.images.get(name.rsplit('/').next().unwrap_or(&name)))
            .copied()
    }

    /// What a library is: `npm`, `pg`.
    #[must_use]
    pub fn library(&self, ecosystem: &str, name: &str) -> Option<&'a Sign> {
        let key = format!("{ecosystem}:{name}").to_ascii_lowercase();
        let exact = self.libraries.get(&key).copied();
        let longest = || {
            let matching = self.prefixes.iter().filter(|(p, _)| key.starts_with(p.as_str()));
            matching.max_by_key(|(p, _)| p.len()).map(|(_, s)| *s)
        };
        exact.or_else(longest)
    }

    /// What a connection string's scheme is: `mongodb` of `mongodb://db/x`, `jdbc:postgresql` of a JDBC URL.
    #[must_use]
    pub fn scheme(&self, url: &str) -> Option<&'a Sign> {
        let head = url.split("//").next().unwrap_or(url).trim_end_matches(':');
        self.schemes
            .get(head)
            .or_else(|| {
                // `jdbc:oracle:thin:@host`, `postgresql+asyncpg`, `r2dbc:pool:postgresql`
                let mut parts = head.split(':');
                let two = format!("{}:{}", parts.next().unwrap_or(""), parts.next().unwrap_or(""));
                self.schemes
                    .get(two.as_str())
                    .or_else(|| self.schemes.get(head.split(['+', ':']).next().unwrap_or(head)))
            })
            .copied()
    }

    /// What listens on a port by default.
    #[must_use]
    pub fn port(&self, port: u16) -> Option<&'a Sign> {
        self.ports.get(&port).copied()
    }

    /// Whether the client of one technology can talk to another.
    #[must_use]
    pub fn compatible(&self, client: &str, server: &str) -> bool {
        client == server || self.spoken(client) == self.spoken(server)
    }

    /// What a technology speaks: another's protocol, else its own.
    #[must_use]
    pub fn spoken(&self, technology: &str) -> String {
        let sign = self.technology(technology).and_then(|s| s.speaks.as_ref());
        sign.map_or_else(|| technology.to_owned(), |s| s.as_str().to_owned())
    }

    /// Whether a technology has an ability wherever it is in use.
    #[must_use]
    pub fn technology_gives(&self, technology: &str, ability: Ability) -> bool {
        self.technology(technology).is_some_and(|s| s.gives.contains(&ability))
    }

    /// Whether a library or, in the ecosystem `docker`, an image has an ability.
    #[must_use]
    pub fn library_gives(&self, ecosystem: &str, name: &str, ability: Ability) -> bool {
        let sign = if ecosystem == "docker" { self.image(name) } else { self.library(ecosystem, name) };
        sign.is_some_and(|s| s.gives.contains(&ability))
    }

    /// Whether something goes by the name of a product that has an ability: `node-exporter-prod` by that of the
    /// image `node-exporter`.
    #[must_use]
    pub fn name_gives(&self, name: &str, ability: Ability) -> bool {
        let plain = |t: &str| t.to_ascii_lowercase().replace(['-', '_', ' '], "");
        let name = plain(name);
        let able = self.able.iter().filter(|s| s.gives.contains(&ability));
        // `datadog/agent` is not called `agent`: only names that stand alone say enough.
        let names = able.flat_map(|s| &s.images).filter(|i| !i.contains('/')).map(|i| plain(i));
        names.into_iter().any(|i| i.len() > 4 && name.starts_with(&i))
    }

    /// The first sign of a technology.
    #[must_use]
    pub fn technology(&self, technology: &str) -> Option<&'a Sign> {
        self.technologies.get(technology).copied()
    }
}

/// An image without registry host, tag and digest, lower case.
#[must_use]
pub fn image_name(image: &str) -> String {
    let image = image.split('@').next().unwrap_or(image);
    let cut = image.rfind('/').map_or(0, |i| i + 1);
    let name = match image[cut..].find(':') {
        Some(colon) => &image[..cut + colon],
        None => image,
    };
    let name = name.to_ascii_lowercase();
    match name.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':', '$']) || host == "localhost" => rest.to_owned(),
        _ => name.trim_start_matches("library/").to_owned(),
    }
}

/// The tag of an image; nothing when it has none.
#[must_use]
pub fn image_tag(image: &str) -> Option<&str> {
    let image = image.split('@').next().unwrap_or(image);
    let last = image.rsplit('/').next().unwrap_or(image);
    last.split_once(':').map(|(_, tag)| tag)
}
