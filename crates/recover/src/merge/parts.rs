//! Parts: units and deployed things that are one component.

use std::collections::{BTreeMap, BTreeSet};

use loadcase_catalog::Sign;
use loadcase_model::{ComponentKind, Place, Role};

use crate::merge::plain;
use crate::merge::settings::Settings;
use crate::merge::units::{UnitInfo, Units, leaf};
use crate::sighting::{Address, Deployed, NameSource, Platform, Seen, Sighting};
use crate::source::is_test_path;
use loadcase_catalog::{Signs, image_tag};

/// A component while it is put together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    /// Its name.
    pub(crate) name: String,
    /// Every other name, best first.
    pub(crate) aliases: Vec<String>,
    /// The folder of its unit.
    pub(crate) unit: Option<String>,
    /// Whether the unit is more than a Dockerfile.
    pub(crate) has_code: bool,
    /// How it is deployed, the main deployment first.
    pub(crate) deployed: Vec<Deployed>,
    /// Roles.
    pub(crate) roles: BTreeSet<Role>,
    /// Technology: of a store its product, of a service its framework or language.
    pub(crate) technology: Option<String>,
    /// Version of the technology.
    pub(crate) version: Option<String>,
    /// What it is, when a file or an image says so.
    pub(crate) kind: Option<ComponentKind>,
    /// Whether it belongs to somebody else.
    pub(crate) external: bool,
    /// Whether it was made because something reaches it, not seen itself.
    pub(crate) made: bool,
    /// Whether requests from outside reach it without another component in between.
    pub(crate) exposed: bool,
    /// Host names and addresses.
    pub(crate) hosts: Vec<String>,
    /// Where it was seen.
    pub(crate) places: Vec<Place>,
}

impl Part {
    /// Whether its code is in the repository: more than a Dockerfile.
    pub(crate) fn has_code(&self) -> bool {
        self.has_code
    }

    /// What it is.
    pub(crate) fn kind(&self) -> ComponentKind {
        let of_role = |role: &Role| match role {
            Role::Gateway => Some(ComponentKind::Gateway),
            Role::Store => Some(ComponentKind::Store),
            Role::Cache => Some(ComponentKind::Cache),
            Role::Broker => Some(ComponentKind::Broker),
            Role::Search => Some(ComponentKind::Search),
            Role::ObjectStore => Some(ComponentKind::ObjectStore),
            Role::AuthServer => Some(ComponentKind::Identity),
            Role::WebApplication => Some(ComponentKind::Client),
            _ => None,
        };
        if self.external {
            return ComponentKind::External;
        }
        self.kind.or_else(|| self.roles.iter().find_map(of_role)).unwrap_or(ComponentKind::Service)
    }

    /// Every name, the own one first.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).chain(&self.hosts).map(String::as_str)
    }

    fn add_name(&mut self, name: &str) {
        if !name.is_empty() && self.name != name && !self.aliases.iter().any(|a| a == name) {
            self.aliases.push(name.to_owned());
        }
    }
}

/// The parts of a repository.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// The parts, in the order of their names once named.
    pub(crate) parts: Vec<Part>,
    /// Which parts a unit's code runs in.
    by_unit: BTreeMap<String, Vec<usize>>,
    /// Parts by plain name.
    by_name: BTreeMap<String, usize>,
    /// Names units give themselves, as templates, by folder.
    own_names: BTreeMap<String, Vec<(NameSource, String)>>,
    /// Folders that are only built on demand.
    on_demand: BTreeSet<String>,
    /// Folders of units, to find the owner of a file.
    units: Units,
    /// Parts by the names of what is deployed.
    by_deployed: BTreeMap<String, usize>,
    /// Parts by the plain names of what is deployed.
    by_plain: BTreeMap<String, Vec<usize>>,
    /// Units by the names of their manifests: the first that is more than an image.
    built: BTreeMap<String, String>,
    /// The parts a unit without a part of its own is built into.
    users: BTreeMap<String, Vec<usize>>,
    /// Whether a part with code is deployed otherwise than by provisioning.
    runs: bool,
    /// How many parts were made because something reaches them.
    made: usize,
}

/// Most parts that are made because something reaches them.
const MADE: usize = 2000;

impl Parts {
    /// Puts units and deployed things together.
    pub(crate) fn new(sightings: &[Sighting], units: &Units, signs: &Signs<'_>) -> Self {
        let mut parts = Self { units: units.clone(), ..Self::default() };
        for sighting in sightings {
            if let (Seen::Name(name), Some(owner)) = (&sighting.seen, units.owner(&sighting.place.path))
                && !is_test_path(&sighting.place.path)
            {
                parts.own_names.entry(owner.to_owned()).or_default().push((name.source, name.name.clone()));
            }
        }
        let deployed = deployments(sightings);
        parts.on_demand = on_demand(sightings);
        let links = Links::new(units, &parts.own_names);
        for group in &deployed {
            let unit = links.unit_of(group);
            parts.add_deployed(group, unit, signs);
        }
        parts.add_units(signs);
        parts.note_users();
        parts.add_addresses(sightings);
        parts.add_roles(sightings, signs);
        parts.settle_roles();
        parts.index();
        parts
    }

    fn add_deployed(&mut self, group: &[(&Deployed, &Place)], unit: Option<String>, signs: &Signs<'_>) {
        let known = unit.as_ref().and_then(|u| self.by_unit.get(u)).and_then(|p| p.first()).copied();
        // Several deployed things from one folder are several components: a web process and its worker.
        let index = match known
            .filter(|i| self.parts[*i].deployed.iter().any(|d| same_name(&d.name, &group[0].0.name)))
        {
            Some(index) => index,
            None => {
                self.parts.push(Part {
                    name: group[0].0.name.clone(),
                    unit: unit.clone(),
                    ..Part::default()
                });
                self.parts.len() - 1
            }
        };
        if let Some(unit) = unit {
            let of_unit = self.by_unit.entry(unit).or_default();
            if !of_unit.contains(&index) {
                of_unit.push(index);
            }
        }
        for (deployed, _) in group {
            let known = self.by_deployed.entry(deployed.name.clone()).or_insert(index);
            *known = index.min(*known);
            let named = self.by_plain.entry(plain(&deployed.name)).or_default();
            if !named.contains(&index) {
                named.push(index);
            }
        }
        let part = &mut self.parts[index];
        for (deployed, place) in group {
            part.add_name(&deployed.name);
            part.hosts.extend(deployed.hosts.iter().cloned());
            part.deployed.push((*deployed).clone());
            part.places.push((*place).clone());
            part.kind = part.kind.or(deployed.kind);
            part.technology = part.technology.take().or_else(|| deployed.technology.clone());
            part.version = part.version.take().or_else(|| deployed.version.clone());
            if let Some(image) = &deployed.image
                && let Some(sign) = signs.image(image)
                && (part.unit.is_none() || deployed.build.is_none())
                && !part.unit.as_ref().and_then(|u| self.units.get(u)).is_some_and(|u| u.has_entry)
            {
                describe(part, sign, Some(image));
            }
        }
        let is_code =
            part.unit.as_ref().and_then(|u| self.units.get(u)).is_some_and(|u| u.has_manifest || u.has_entry);
        if !is_code
            && part.kind.is_none()
            && part.roles.is_empty()
            && let Some(sign) = signs.image(&group[0].0.name)
        {
            describe(part, sign, None);
        }
        if let Some(unit) = part.unit.as_ref().and_then(|u| self.units.get(u))
            && !unit.has_entry
            && let Some(image) = &unit.base_image
            && let Some(sign) = signs.image(image)
            && !unit.has_manifest
        {
            describe(part, sign, Some(image));
        }
    }

    /// Units that nothing deploys but that start a process or are built into an image.
    fn add_units(&mut self, signs: &Signs<'_>) {
        let units = std::mem::take(&mut self.units);
        let is_deployed = !self.parts.is_empty();
        let included: BTreeSet<&str> = units
            .iter()
            .filter(|(_, u)| u.has_entry)
            .flat_map(|(f, _)| units.closure(f).into_iter().filter(move |i| *i != f))
            .collect();
        for (folder, unit) in units.iter() {
            // An image that nothing deploys beside things that are deployed: a base of others, a helper.
            let packed = unit.has_image && !folder.is_empty() && (unit.has_manifest || !is_deployed);
            let runs = unit.has_entry || packed;
            let library = (included.contains(folder) && !unit.has_entry) || self.on_demand.contains(folder);
            if !self.by_unit.contains_key(folder) && runs && !library && !is_test_path(&format!("{folder}/x"))
            {
                let mut part = Part { unit: Some(folder.to_owned()), ..Part::default() };
                if let Some(image) =
                    unit.base_image.as_ref().filter(|_| !unit.has_manifest && !unit.has_entry)
                    && let Some(sign) = signs.image(image)
                {
                    describe(&mut part, sign, Some(image));
                }
                self.by_unit.insert(folder.to_owned(), vec![self.parts.len()]);
                self.parts.push(part);
            }
        }
        // A repository with code and nothing that says how it runs is one component.
        if !self.parts.iter().any(|p| p.unit.is_some())
            && let Some((folder, _)) = units.iter().find(|(_, u)| u.answers)
        {
            self.by_unit.insert(folder.to_owned(), vec![self.parts.len()]);
            self.parts.push(Part { unit: Some(folder.to_owned()), ..Part::default() });
        }
        for part in &mut self.parts {
            let Some(unit) = part.unit.as_ref().and_then(|u| units.get(u)) else { continue };
            part.has_code = unit.has_manifest || unit.has_entry || unit.answers;
            part.places.extend(unit.places.iter().cloned());
            if part.technology.is_none() {
                part.technology = unit.framework.clone().or_else(|| unit.language.clone());
            }
        }
        self.units = units;
    }

    /// Notes which parts the code of each library is in, which units build what, and whether anything here runs.
    fn note_users(&mut self) {
        for (folder, unit) in self.units.iter().filter(|(_, u)| u.has_manifest) {
            for name in &unit.names {
                self.built.entry(name.clone()).or_insert_with(|| folder.to_owned());
            }
        }
        for (unit, parts) in &self.by_unit {
            for library in self.units.closure(unit) {
                if !self.by_unit.contains_key(library) {
                    self.users.entry(library.to_owned()).or_default().extend(parts);
                }
            }
        }
        self.runs = self.parts.iter().any(|p| p.has_code() && !p.deployed.is_empty() && !is_provisioned(p));
    }

    fn add_addresses(&mut self, sightings: &[Sighting]) {
        let mut labelled: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for (index, part) in self.parts.iter().enumerate() {
            for label in part.deployed.iter().flat_map(|d| &d.labels) {
                labelled.entry(label.clone()).or_default().push(index);
            }
        }
        for sighting in sightings {
            let Seen::Address(address) = &sighting.seen else { continue };
            let selected =
                address.selects.first().and_then(|label| labelled.get(label)).into_iter().flatten();
            let selected = selected.copied().find(|i| is_selected(&self.parts[*i], address));
            let named = address.of.as_ref().and_then(|of| self.by_deployed.get(of)).copied();
            let found = selected.into_iter().chain(named).min();
            if let Some(part) = found.and_then(|i| self.parts.get_mut(i)) {
                part.hosts.push(address.name.clone());
                part.hosts.extend(address.external.clone());
                part.exposed |= address.exposed;
            }
        }
    }

    fn add_roles(&mut self, sightings: &[Sighting], signs: &Signs<'_>) {
        for sighting in sightings {
            if is_test_path(&sighting.place.path) {
                continue;
            }
            match &sighting.seen {
                Seen::Plays(plays) => {
                    for index in self.owners(&sighting.place.path, plays.of.as_deref()) {
                        self.parts[index].roles.insert(plays.role);
                        if plays.technology.is_some() {
                            self.parts[index].technology.clone_from(&plays.technology);
                        }
                    }
                }
                Seen::Library(library) if !library.dev => {
                    let sign = signs.library(library.ecosystem, &library.name);
                    if let Some(role) = sign.filter(|s| s.library_is_role).and_then(|s| s.role) {
                        for index in self.owners(&sighting.place.path, None) {
                            self.parts[index].roles.insert(role);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// A dashboard inside a service does not make the service one; what only shows pages is a user interface.
    fn settle_roles(&mut self) {
        for part in &mut self.parts {
            let Some(unit) = part.unit.as_ref().and_then(|u| self.units.get(u)) else { continue };
            if unit.answers {
                part.roles.remove(&Role::Dashboard);
            }
            let name = plain(part.unit.as_deref().map_or("", leaf));
            // A program that only tries the others out is no part of the product.
            let tries = ["testclient", "loadtest", "loadtester", "loadgenerator", "trafficgenerator"];
            if tries.iter().any(|w| name.ends_with(w)) && !unit.answers && part.roles.is_empty() {
                part.roles.insert(Role::LoadGenerator);
            }
            let shows =
                ["webapplication", "webapp", "frontend", "webui", "spa"].iter().any(|w| name.ends_with(w))
                    || name == "ui";
            if shows && part.roles.is_empty() {
                part.roles.insert(Role::WebApplication);
            }
        }
    }

    /// The manifest of the repository that builds a library that a file names, when one does.
    pub(crate) fn built_at(&self, path: &str, library: &str) -> Option<Place> {
        // `group:artifact` of Maven.
        let artifact = library.rsplit(':').next().unwrap_or(library);
        let user = self.units.owner(path).and_then(|folder| self.units.get(folder))?;
        if !user.includes.iter().any(|i| i == artifact || i == library) {
            return None;
        }
        let folder = [artifact, library].into_iter().filter_map(|name| self.built.get(name)).min()?;
        self.units.get(folder)?.places.first().cloned()
    }

    /// The parts a sighting of a file belongs to: the named deployed thing, else those its unit's code runs in.
    pub(crate) fn owners(&self, path: &str, of: Option<&str>) -> Vec<usize> {
        if let Some(of) = of {
            return self.by_deployed.get(of).copied().or_else(|| self.named(of)).into_iter().collect();
        }
        let Some(owner) = self.units.owner(path) else { return Vec::new() };
        if let Some(direct) = self.by_unit.get(owner) {
            return self.named_in(path, direct);
        }
        // The code of a library belongs to what is built from it.
        if let Some(users) = self.users.get(owner) {
            return users.clone();
        }
        // Configuration beside Dockerfiles is for the component it is named after.
        if self.units.get(owner).is_some_and(|u| !u.has_manifest && !u.has_entry) {
            let named = self.named_anywhere(path);
            if !named.is_empty() && named.len() < self.parts.len() {
                return named;
            }
        }
        // A folder below a deployed one, or the only component with code.
        let mut above = owner;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if let Some(parts) = self.by_unit.get(parent) {
                return parts.clone();
            }
            above = parent;
        }
        self.by_unit.get("").cloned().unwrap_or_default()
    }

    /// Of several parts built from one folder, the ones a folder or file of the path is named after: an image that
    /// holds the code of all runs one of them.
    fn named_in(&self, path: &str, parts: &[usize]) -> Vec<usize> {
        if parts.len() < 2 {
            return parts.to_vec();
        }
        let hits = self.named_anywhere(path);
        let named: Vec<usize> = parts.iter().copied().filter(|i| hits.binary_search(i).is_ok()).collect();
        if named.is_empty() { parts.to_vec() } else { named }
    }

    /// The parts that a folder or the file of a path is named after, in their order.
    fn named_anywhere(&self, path: &str) -> Vec<usize> {
        let stem = |segment: &str| plain(segment.split('.').next().unwrap_or(segment));
        let hits: BTreeSet<usize> =
            path.split('/').filter_map(|s| self.by_plain.get(&stem(s))).flatten().copied().collect();
        hits.into_iter().collect()
    }

    /// Gives every part its name: the one it registers under, else the deployment's, else the folder's.
    pub(crate) fn name(&mut self, settings: &Settings) {
        for index in 0..self.parts.len() {
            let part = &self.parts[index];
            let alone = part.unit.as_ref().is_none_or(|u| self.by_unit.get(u).is_none_or(|p| p.len() == 1));
            let mut names: Vec<(NameSource, String)> = Vec::new();
            if let Some(unit) = &part.unit {
                let own = self.own_names.get(unit).into_iter().flatten();
                names.extend(own.map(|(source, name)| (*source, settings.resolve(index, name))));
                names.retain(|(_, name)| !name.contains("${") && !name.is_empty());
            }
            names.sort_by_key(|(source, _)| *source);
            let part = &mut self.parts[index];
            let folder = part.unit.as_deref().map(|u| leaf(u).to_owned()).filter(|f| !f.is_empty());
            let application =
                names.iter().find(|(s, _)| *s == NameSource::Application).map(|(_, n)| n.clone());
            let deployed = part.deployed.first().map(|d| d.name.clone());
            let package = names.iter().find(|(s, _)| *s == NameSource::Package).map(|(_, n)| n.clone());
            // People are called users: a component goes by another of its names where it has one.
            let own_folder = folder.clone().filter(|_| alone || deployed.is_none());
            let candidates = [application.filter(|_| alone), deployed, own_folder, package.filter(|_| alone)];
            let mut candidates: Vec<String> = candidates.into_iter().flatten().collect();
            candidates.sort_by_key(|c| plain(c) == "user");
            let mut candidates = candidates.into_iter();
            part.name = candidates.next().unwrap_or_else(|| "app".to_owned());
            candidates.for_each(|other| part.add_name(&other));
            if part.has_code() && plain(&part.name).contains("gateway") {
                part.roles.insert(Role::Gateway);
            }
            if alone {
                for name in folder.into_iter().chain(names.into_iter().map(|(_, n)| n)) {
                    part.add_name(&name);
                }
            }
            for image in part.deployed.iter().filter_map(|d| d.image.clone()).collect::<Vec<_>>() {
                let short =
                    image.rsplit('/').next().unwrap_or("").split([':', '@']).next().unwrap_or("").to_owned();
                if part.has_code() && !short.contains('$') {
                    part.add_name(&short);
                }
            }
            // People call a database by its product as well.
            if !part.has_code()
                && let Some(technology) = part.technology.clone()
            {
                part.add_name(&technology);
            }
            let own = part.name.clone();
            part.aliases.retain(|a| *a != own);
        }
        self.index();
    }

    fn index(&mut self) {
        self.by_name.clear();
        for (index, part) in self.parts.iter().enumerate() {
            self.by_name.entry(plain(&part.name)).or_insert(index);
        }
        for (index, part) in self.parts.iter().enumerate() {
            for name in part.names() {
                self.by_name.entry(plain(name)).or_insert(index);
            }
        }
    }

    /// The part a name stands for.
    pub(crate) fn named(&self, name: &str) -> Option<usize> {
        self.by_name.get(&plain(name)).copied()
    }

    /// Adds a part that something reaches, and its names; returns where it stands.
    pub(crate) fn make(&mut self, part: Part) -> usize {
        let index = self.parts.len();
        for name in part.names() {
            self.by_name.entry(plain(name)).or_insert(index);
        }
        self.parts.push(part);
        self.made += 1;
        index
    }

    /// Whether a part is infrastructure that only a provisioning file knows, beside a system that is deployed
    /// otherwise: another environment's half, not a component of this one.
    pub(crate) fn is_elsewhere(&self, index: usize) -> bool {
        let part = &self.parts[index];
        self.runs && !part.has_code() && is_provisioned(part)
    }

    /// Whether another part may be made.
    pub(crate) fn has_room(&self) -> bool {
        self.made < MADE
    }

    /// The units of the repository.
    pub(crate) fn units(&self) -> &Units {
        &self.units
    }
}

/// Whether only provisioning files know a part.
fn is_provisioned(part: &Part) -> bool {
    let is = |d: &Deployed| matches!(d.platform, Some(Platform::Terraform | Platform::CloudFormation));
    !part.deployed.is_empty() && part.deployed.iter().all(is)
}

/// Takes over what a sign says of a component.
pub(crate) fn describe(part: &mut Part, sign: &Sign, image: Option<&str>) {
    part.kind = part.kind.or(sign.component);
    part.roles.extend(sign.role);
    part.technology = part.technology.take().or_else(|| Some(sign.technology.as_str().to_owned()));
    let tag = image.and_then(image_tag).map(|t| t.split('-').next().unwrap_or(t));
    part.version = part
        .version
        .take()
        .or_else(|| tag.filter(|t| t.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned));
}

fn same_name(a: &str, b: &str) -> bool {
    plain(a) == plain(b)
}

/// Whether an address selects a part by its labels.
fn is_selected(part: &Part, address: &Address) -> bool {
    part.deployed.iter().any(|d| address.selects.iter().all(|pair| d.labels.contains(pair)))
}

/// Deployed things with equal names, over all platforms; those that only run on demand are left out.
fn deployments(sightings: &[Sighting]) -> Vec<Vec<(&Deployed, &Place)>> {
    let mut groups: BTreeMap<String, Vec<(&Deployed, &Place)>> = BTreeMap::new();
    for sighting in sightings {
        if let Seen::Deployed(deployed) = &sighting.seen
            && !deployed.optional
            && deployed.part_of.is_none()
            && deployed.platform != Some(Platform::Pipeline)
            && !is_test_path(&sighting.place.path)
        {
            groups.entry(plain(&deployed.name)).or_default().push((deployed, &sighting.place));
        }
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    for group in &mut groups {
        // The deployment that builds the code says most, then the shallowest file.
        group.sort_by_key(|(d, p)| (d.build.is_none(), d.platform, p.path.matches('/').count()));
    }
    groups
}

/// Folders that are built only for things that run on demand.
fn on_demand(sightings: &[Sighting]) -> BTreeSet<String> {
    let built = |optional: bool| -> BTreeSet<String> {
        let folder = |s: &Sighting| match &s.seen {
            Seen::Deployed(d) if d.optional == optional => d.build.clone(),
            _ => None,
        };
        sightings.iter().filter_map(folder).collect()
    };
    &built(true) - &built(false)
}

/// Finds the unit of a deployed thing.
struct Links<'a> {
    units: &'a Units,
    /// Folders by plain names: folder leaf, manifest names, application names.
    by_name: BTreeMap<String, Vec<&'a str>>,
    /// The plain names, each read backwards.
    backwards: BTreeMap<String, String>,
}

impl<'a> Links<'a> {
    fn new(units: &'a Units, own_names: &BTreeMap<String, Vec<(NameSource, String)>>) -> Self {
        let mut by_name: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
        for (folder, unit) in units.iter().filter(|(_, u)| !u.aggregates || u.has_entry) {
            let own = own_names.get(folder).into_iter().flatten().map(|(_, n)| n.as_str());
            let names: BTreeSet<String> =
                unit.names.iter().map(String::as_str).chain([leaf(folder)]).chain(own).map(plain).collect();
            for name in names.into_iter().filter(|n| !n.is_empty()) {
                by_name.entry(name).or_default().push(folder);
            }
        }
        let backwards = by_name.keys().map(|name| (reversed(name), name.clone())).collect();
        Self { units, by_name, backwards }
    }

    /// The folders that run or are packed among those of some names.
    fn running<'n>(&self, names: impl Iterator<Item = &'n str>) -> BTreeSet<&'a str> {
        names
            .filter_map(|name| self.by_name.get(name))
            .flatten()
            .copied()
            .filter(|f| self.units.get(f).is_some_and(|u| u.has_entry || u.has_image))
            .collect()
    }

    fn unit_of(&self, group: &[(&Deployed, &Place)]) -> Option<String> {
        let built = group.iter().find_map(|(d, _)| self.built(d));
        let is_code = |f: &&str| self.units.get(f).is_some_and(|u| u.has_manifest || u.has_entry);
        // A folder with nothing but a Dockerfile packs code that stands elsewhere under the same name.
        let elsewhere = || group.iter().find_map(|(d, _)| self.by_names(d)).filter(is_code);
        // A published image that only a Dockerfile of the repository tells of.
        let packed = || {
            group
                .iter()
                .filter(|(d, _)| d.image.as_deref().is_some_and(|i| i.contains('/')))
                .find_map(|(d, _)| self.by_names(d))
        };
        built.filter(is_code).or_else(elsewhere).or(built).or_else(packed).map(str::to_owned)
    }

    /// The unit at the build folder; a build folder that holds several is no answer.
    fn built(&self, deployed: &Deployed) -> Option<&'a str> {
        let exact = |folder: &String| {
            let unit = self.units.get(folder)?;
            (!unit.aggregates || unit.has_entry || unit.has_image).then_some(())?;
            self.units.is_unit(folder)
        };
        let inside = |folder: &String| {
            let at = self.units.at(folder)?;
            let info = self.units.get(at)?;
            (!at.is_empty() && !info.aggregates).then_some(at)
        };
        let is_code = |f: &&str| self.units.get(f).is_some_and(|u| u.has_manifest || u.has_entry);
        let places = || [deployed.dockerfile.as_ref(), deployed.build.as_ref()].into_iter().flatten();
        let nearest = |f: &String| if f.is_empty() { None } else { exact(f).or_else(|| inside(f)) };
        // The folder of the code goes before a folder that holds Dockerfiles only.
        let found = places().filter_map(nearest).find(is_code);
        let root_is_code =
            || deployed.build.as_ref().filter(|b| b.is_empty()).and_then(exact).filter(is_code);
        let found = found
            .or_else(|| {
                root_is_code().and_then(|root| self.by_names(deployed).filter(is_code).or(Some(root)))
            })
            .or_else(|| places().find_map(nearest));
        found.or_else(|| {
            let root = deployed.build.as_ref().filter(|b| b.is_empty())?;
            self.by_names(deployed).or_else(|| exact(root))
        })
    }

    fn by_names(&self, deployed: &Deployed) -> Option<&'a str> {
        let image = deployed.image.as_deref().unwrap_or("");
        let image = image.rsplit('/').next().unwrap_or("").split([':', '@']).next().unwrap_or("");
        let names = std::iter::once(deployed.name.as_str())
            .chain([image])
            .chain(deployed.hosts.iter().map(String::as_str));
        let mut ends = Vec::new();
        // `catalog-app` packs `catalog`.
        let bare = |n: String| {
            ["application", "app", "service", "svc", "server"]
                .iter()
                .find_map(|e| n.strip_suffix(e).map(str::to_owned))
        };
        let names: Vec<String> = names.map(plain).filter(|n| n.len() > 1).collect();
        let stems: Vec<String> = names.iter().cloned().filter_map(bare).filter(|n| n.len() > 2).collect();
        for name in names.into_iter().chain(stems) {
            if let Some(folder) = self.by_name.get(&name).and_then(|f| one_running(f, self.units)) {
                return Some(folder);
            }
            ends.push(name);
        }
        // `shop-retail-cart` is built from the only folder that is called `cart`.
        let image = plain(image);
        let tails = (1..image.len()).filter_map(|at| image.get(at..)).filter(|tail| tail.len() > 3);
        let built = self.running(tails);
        if let (1, Some(only)) = (built.len(), built.first()) {
            return Some(only);
        }
        // `customers-service` is the only folder that ends so: `spring-petclinic-customers-service`.
        ends.iter().filter(|n| n.len() > 3).find_map(|end| {
            let head = reversed(end);
            let ending = self.backwards.range(head.clone()..).take_while(|(name, _)| name.starts_with(&head));
            let hits = self.running(ending.map(|(_, name)| name.as_str()));
            (hits.len() == 1).then(|| hits.first().copied()).flatten()
        })
    }
}

/// A name read backwards: names with the same end stand together then.
fn reversed(name: &str) -> String {
    name.chars().rev().collect()
}

/// The one of several folders that runs: code before what only packs it; nothing when several do.
fn one_running<'a>(folders: &[&'a str], units: &Units) -> Option<&'a str> {
    if let [only] = folders {
        return Some(only);
    }
    let having = |is: fn(&UnitInfo) -> bool| -> Vec<&'a str> {
        folders.iter().filter(|f| units.get(f).is_some_and(is)).copied().collect()
    };
    let steps: [fn(&UnitInfo) -> bool; 3] =
        [|u| u.has_entry, |u| u.has_manifest && u.has_image, |u| u.has_manifest || u.has_image];
    steps.into_iter().find_map(|is| match having(is).as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}
