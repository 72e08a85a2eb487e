//! Versions, and which technology of the catalog a library or an image is.

use std::collections::HashMap;

use loadcase_catalog::{Catalog, Sign, Technology};
use loadcase_model::Library;

/// The leading numbers of a version: `^2.3.1-alpine` is 2, 3, 1.
pub(crate) fn numbers(version: &str) -> Vec<u32> {
    let start = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let end = start.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(start.len());
    start[..end].split('.').map_while(|p| p.parse().ok()).collect()
}

/// The catalog's technologies by the names that images and libraries have: lock files list thousands.
#[derive(Debug)]
pub(crate) struct Products<'a> {
    images: HashMap<&'a str, Option<&'a Technology>>,
    packages: HashMap<&'a str, &'a Technology>,
    /// Groups of Maven as `maven:group:`.
    groups: Vec<(&'a str, &'a Technology)>,
}

impl<'a> Products<'a> {
    /// Indexes a catalog; the first of several entries with one name counts.
    pub(crate) fn new(catalog: &'a Catalog) -> Self {
        let mut products = Self { images: HashMap::new(), packages: HashMap::new(), groups: Vec::new() };
        // Exporters and tools of a technology have versions of their own.
        let is_itself = |s: &&Sign| s.id == s.technology || s.id.as_str().starts_with("runtime-");
        for sign in catalog.signs.values().filter(is_itself) {
            for image in &sign.images {
                let technology = catalog.technology(sign.technology.as_str());
                products.images.entry(image).or_insert(technology);
            }
        }
        for technology in catalog.technologies.values() {
            let Some(package) = technology.ids.package.as_deref() else { continue };
            products.packages.entry(package).or_insert(technology);
            if package.starts_with("maven:")
                && let Some(colon) = package.rfind(':')
            {
                products.groups.push((&package[..=colon], technology));
            }
        }
        products
    }

    /// The technology that a library or image is.
    pub(crate) fn of(&self, library: &Library) -> Option<&'a Technology> {
        if library.ecosystem == "docker" {
            return self.images.get(library.name.as_str()).copied().flatten();
        }
        self.packages.get(full_name(library).as_str()).copied()
    }

    /// The technology that a library or image is or is released with: all artifacts of a Maven group have one
    /// version.
    pub(crate) fn released_with(&self, library: &Library) -> Option<&'a Technology> {
        let name = full_name(library);
        let group = self.groups.iter().find(|(group, _)| name.starts_with(group)).map(|(_, t)| *t);
        group.or_else(|| self.of(library))
    }
}

/// `ecosystem:name`, as the catalog writes packages.
fn full_name(library: &Library) -> String {
    format!("{}:{}", library.ecosystem, library.name)
}
