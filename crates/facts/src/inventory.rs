//! The inventory: every technology and version that a repository, a blueprint or a design names, with its place.

use loadcase_catalog::{Catalog, Signs};
use loadcase_model::{Blueprint, Design, Id, Place, Survey};

use crate::knowledge::{Knowledge, Subject};
use crate::version::{Pin, image_tag, pin};

/// What is in use.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// Name of the system.
    pub name: String,
    /// Technologies, packages and images.
    pub uses: Vec<Use>,
    /// Names in use of which no version is written down.
    pub unversioned: usize,
}

/// A use of a version.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// What.
    pub subject: Subject,
    /// The version, as the place writes it.
    pub version: Pin,
    /// Whether it stands in a tag that is moved: `16` of an image names no patch.
    pub floats: bool,
    /// The component it belongs to.
    pub component: Option<Id>,
    /// Where it is written.
    pub place: Option<Place>,
    /// The versions of its runtime that it asks for.
    pub requires: Option<String>,
    /// Why a lock file calls it deprecated.
    pub deprecated: Option<String>,
    /// Whether a manifest asks for it, beside the lock file that has its version.
    pub direct: bool,
    /// The provider that runs it.
    pub provider: Option<Id>,
    /// The lifecycle of the runtime it is, when others run on it.
    pub runtime: Option<String>,
    /// Whether Loadcase recommends it.
    pub recommended: bool,
}

/// Manifests whose version of a runtime is the least they need, not the one they run on.
const LEAST: [&str; 8] = [
    "package.json",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "Cargo.toml",
    "go.mod",
    "composer.json",
    "Pipfile",
];

impl Inventory {
    /// What a repository names.
    #[must_use]
    pub fn of_survey(survey: &Survey, known: &Knowledge, catalog: &Catalog) -> Self {
        let mut inventory = Self { name: survey.blueprint.name.clone(), ..Self::default() };
        let signs = Signs::new(catalog);
        for library in survey.libraries.iter().filter(|l| l.ecosystem != "source" && l.built_at.is_none()) {
            let Some(written) = library.version.as_deref() else {
                inventory.unversioned += 1;
                continue;
            };
            let one = Use {
                subject: Subject::new(&*library.ecosystem, &*library.name),
                component: library.component.clone(),
                place: Some(library.place.clone()),
                requires: library.requires.clone(),
                deprecated: library.deprecated.clone(),
                ..Use::new(Subject::new("", ""), Pin::Other(String::new()))
            };
            if library.ecosystem == "docker" {
                inventory.image(one, written, known, &signs);
            } else {
                let version = pin(&library.ecosystem, written, library.locked);
                inventory.uses.push(Use { version, ..one });
            }
        }
        inventory.locked_over_ranges();
        for runtime in &survey.runtimes {
            let name = runtime.place.path.rsplit('/').next().unwrap_or_default();
            let exact = matches!(pin("runtime", &runtime.version, false), Pin::Exact(_));
            if LEAST.contains(&name) || !exact {
                continue;
            }
            let subject = Subject::new("technology", &*runtime.language);
            let Some(lifecycle) = known.lifecycle(&runtime.language) else { continue };
            let own = Some(lifecycle.id.clone());
            let component = runtime.component.clone();
            let version = Pin::Exact(runtime.version.clone());
            let floats = crate::version::numbers(&runtime.version).len() < 3;
            let place = Some(runtime.place.clone());
            inventory.uses.push(Use { component, place, floats, runtime: own, ..Use::new(subject, version) });
        }
        inventory.components(&survey.blueprint);
        inventory
    }

    /// What a blueprint names.
    #[must_use]
    pub fn of_blueprint(blueprint: &Blueprint) -> Self {
        let mut inventory = Self { name: blueprint.name.clone(), ..Self::default() };
        inventory.components(blueprint);
        inventory
    }

    /// What a design recommends: the versions of the catalog that its documents print.
    #[must_use]
    pub fn of_design(design: &Design, catalog: &Catalog) -> Self {
        let chosen = design.decisions.iter().filter_map(|d| {
            let option = catalog.decision(d.id.as_str())?.option(d.verdict.option.as_str())?;
            Some(option.technologies.iter().take(1))
        });
        let parts = design.blueprint.components.values();
        let named = parts.flat_map(|c| c.technology.iter().chain(&c.framework)).chain(chosen.flatten());
        Self { name: design.blueprint.name.clone(), ..Self::recommended(named, catalog) }
    }

    /// The versions that the catalog recommends of technologies.
    pub fn recommended<'a>(technologies: impl IntoIterator<Item = &'a Id>, catalog: &Catalog) -> Self {
        let mut inventory = Self::default();
        let mut seen = std::collections::BTreeSet::new();
        for id in technologies {
            let Some(technology) = catalog.technology(id.as_str()).filter(|_| seen.insert(id.clone())) else {
                continue;
            };
            let Some(release) = technology.release() else { continue };
            let subject = Subject::new("technology", id.as_str());
            let version = Pin::Exact(release.latest.clone());
            inventory.uses.push(Use { recommended: true, ..Use::new(subject, version) });
        }
        inventory
    }

    /// An image: what it runs, and the system it is built on.
    fn image(&mut self, one: Use, written: &str, known: &Knowledge, signs: &Signs<'_>) {
        let tag = image_tag(written);
        if let Some((system, version)) = tag.system {
            let subject = Subject::new("technology", system);
            let (component, place) = (one.component.clone(), one.place.clone());
            self.uses.push(Use { component, place, floats: true, ..Use::new(subject, Pin::Exact(version)) });
        }
        let Some(version) = tag.version else {
            self.uses.push(Use { version: Pin::Other(written.to_owned()), ..one });
            return;
        };
        let known_by = known.lifecycle_of(&one.subject);
        let runtime = known_by.filter(|l| l.kind == "language-runtime").map(|l| l.id.clone());
        let by_sign = || {
            let sign = signs.image(&one.subject.name)?;
            sign.id.as_str().starts_with("runtime-").then(|| known.lifecycle(sign.technology.as_str()))?
        };
        let runtime = runtime.or_else(|| by_sign().map(|l| l.id.clone()));
        let floats = crate::version::numbers(&version).len() < places(known_by);
        self.uses.push(Use { version: Pin::Exact(version), floats, runtime, ..one });
    }

    /// Components whose version the blueprint names and no image does.
    fn components(&mut self, blueprint: &Blueprint) {
        for (id, component) in &blueprint.components {
            let told =
                self.uses.iter().any(|u| u.component.as_ref() == Some(id) && u.subject.ecosystem == "docker");
            let (Some(technology), false) = (&component.technology, told) else { continue };
            let Some(version) = component.version.as_deref() else { continue };
            let subject = Subject::new("technology", technology.as_str());
            let provider = blueprint.deployment.provider.clone().filter(|_| component.managed);
            let version = pin("technology", version, true);
            let floats = matches!(&version, Pin::Exact(v) if crate::version::numbers(v).len() < 2);
            self.uses.push(Use {
                component: Some(id.clone()),
                place: component.evidence.first().cloned(),
                provider,
                floats,
                ..Use::new(subject, version)
            });
        }
    }

    /// Where a lock file names the version of a package, the range that led to it says nothing more.
    fn locked_over_ranges(&mut self) {
        let folder = |u: &Use| {
            let path = u.place.as_ref().map_or("", |p| p.path.as_str());
            path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
        };
        let exact: std::collections::BTreeSet<(String, String)> = self
            .uses
            .iter()
            .filter(|u| matches!(u.version, Pin::Exact(_)))
            .map(|u| (u.subject.key(), folder(u)))
            .collect();
        let mut asked_for = std::collections::BTreeSet::new();
        self.uses.retain(|u| {
            if matches!(u.version, Pin::Exact(_)) {
                return true;
            }
            // Lock files stand beside the manifest, or above it in a workspace.
            let (key, folder) = (u.subject.key(), folder(u));
            let mut at = Some(folder.as_str());
            while let Some(here) = at {
                if exact.contains(&(key.clone(), here.to_owned())) {
                    asked_for.insert((key, here.to_owned()));
                    return false;
                }
                at = match here.rsplit_once('/') {
                    Some((above, _)) => Some(above),
                    None if here.is_empty() => None,
                    None => Some(""),
                };
            }
            true
        });
        for one in &mut self.uses {
            one.direct = asked_for.contains(&(one.subject.key(), folder(one)));
        }
    }
}

/// Numbers a full version has: two where lines have one (PostgreSQL), three otherwise.
fn places(lifecycle: Option<&loadcase_catalog::Lifecycle>) -> usize {
    let newest = lifecycle.and_then(|l| l.cycles.iter().find_map(|c| c.latest.as_deref()));
    newest.map_or(3, |v| crate::version::numbers(v).len().max(1))
}

impl Use {
    /// A use of which nothing else is known.
    #[must_use]
    pub const fn new(subject: Subject, version: Pin) -> Self {
        Self {
            subject,
            version,
            floats: false,
            component: None,
            place: None,
            requires: None,
            deprecated: None,
            direct: false,
            provider: None,
            runtime: None,
            recommended: false,
        }
    }
}
