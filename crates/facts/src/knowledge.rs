//! What sources say: lifecycles, packages and advisories, indexed by the names that files use.

use std::collections::{BTreeMap, HashMap};

use loadcase_catalog::{
    AdvisoryRecord, Affected, Catalog, Cycle, End, Lifecycle, PackageFact, Release, SeenVersion, Sign,
    Technology,
};

use crate::version::{Scheme, numbers};

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    lifecycles: BTreeMap<String, Lifecycle>,
    /// Lifecycle by package or image as `ecosystem:name`.
    by_member: HashMap<String, String>,
    /// Lifecycle by `maven:group:`.
    by_group: Vec<(String, String)>,
    /// Lifecycle by technology of the catalog.
    by_technology: HashMap<String, String>,
    packages: HashMap<String, PackageFact>,
    advisories: Vec<AdvisoryRecord>,
    /// Number of the advisory and of what it affects, by `ecosystem:name`.
    by_package: HashMap<String, Vec<(usize, usize)>>,
    /// The same by lifecycle.
    by_lifecycle: HashMap<String, Vec<(usize, usize)>>,
    answered: HashMap<String, Answered>,
    recommended: HashMap<String, String>,
    /// Day of the newest advisory that was delivered with Loadcase.
    listed_until: String,
}

/// A database of advisories was asked about one version of one package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Which.
    pub source: String,
    /// The day it was asked, `YYYY-MM-DD`.
    pub day: String,
}

/// What a name in a file is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// `npm`, `pypi`, `maven`, `go`, `cargo`, ...; `docker` for images, `technology` for names of the catalog.
    pub ecosystem: String,
    /// Its name there.
    pub name: String,
}

impl Subject {
    /// A subject.
    pub fn new(ecosystem: impl Into<String>, name: impl Into<String>) -> Self {
        Self { ecosystem: ecosystem.into(), name: name.into() }
    }

    /// `ecosystem:name`, as it is looked up: where the ecosystem does, letters of either case are one.
    #[must_use]
    pub fn key(&self) -> String {
        match self.ecosystem.as_str() {
            // PEP 503: runs of `-`, `_` and `.` are one hyphen.
            "pypi" => format!("pypi:{}", python_name(&self.name)),
            "docker" | "npm" | "nuget" | "composer" => {
                format!("{}:{}", self.ecosystem, self.name.to_ascii_lowercase())
            }
            _ => format!("{}:{}", self.ecosystem, self.name),
        }
    }
}

fn python_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.push(c.to_ascii_lowercase()),
        }
    }
    out
}

/// Where a version stands among the lines of a lifecycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line<'a> {
    /// It is of this line.
    Of(&'a Cycle),
    /// It names more than one line (`8` where there are 8.0 and 8.2); this is the newest of them.
    Floats(&'a Cycle),
    /// It is older than every line listed, and lines that are over were left out.
    Older,
    /// It is newer than every line listed: the list does not know it.
    Newer,
    /// It is none of the lines listed.
    Unknown,
}

impl Knowledge {
    /// What is delivered with Loadcase, with the user's own catalog files.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        let mut known = Self::default();
        for lifecycle in catalog.lifecycles.values() {
            known.lifecycles.insert(lifecycle.id.clone(), lifecycle.clone());
        }
        for technology in catalog.technologies.values() {
            known.releases(technology);
        }
        known.images(catalog);
        for lifecycle in known.lifecycles.values() {
            index(lifecycle, &mut known.by_member, &mut known.by_group);
        }
        for package in catalog.packages.values() {
            known.put_package(package.clone());
        }
        for advisory in catalog.advisories.values() {
            known.put_advisory(advisory.clone());
        }
        let days = catalog.advisories.values().filter_map(|a| a.date.as_deref());
        known.listed_until = days.max().unwrap_or_default().to_owned();
        known
    }

    /// The release lines that a technology's own file lists: newer versions of known lines, lines that the lifecycle
    /// lacks, or a lifecycle where there is none.
    fn releases(&mut self, technology: &Technology) {
        let own = technology.ids.endoflife.clone().filter(|id| self.lifecycles.contains_key(id));
        let of = |l: &&Lifecycle| l.technology.as_ref() == Some(&technology.id);
        let id = own
            .or_else(|| self.lifecycles.values().find(of).map(|l| l.id.clone()))
            .unwrap_or_else(|| technology.id.as_str().to_owned());
        let (Some(first), known) = (technology.releases.first(), self.lifecycles.contains_key(&id)) else {
            if self.lifecycles.contains_key(&id) {
                self.by_technology.insert(technology.id.as_str().to_owned(), id);
            }
            return;
        };
        if let Some(recommended) = &technology.recommended {
            self.recommended.insert(id.clone(), recommended.clone());
        }
        self.by_technology.insert(technology.id.as_str().to_owned(), id.clone());
        let lifecycle = self.lifecycles.entry(id.clone()).or_insert_with(|| Lifecycle {
            id,
            name: technology.name.clone(),
            kind: "technology".to_owned(),
            technology: Some(technology.id.clone()),
            aliases: technology.aliases.clone(),
            source: first.source.clone(),
            as_of: first.as_of.clone(),
            ..Lifecycle::default()
        });
        lifecycle.packages.extend(technology.ids.package.clone());
        for release in &technology.releases {
            merge(lifecycle, release, known);
        }
    }

    /// Images as the signs of the catalog name them. Exporters and tools of a technology have versions of their own.
    fn images(&mut self, catalog: &Catalog) {
        let is_itself = |s: &&Sign| s.id == s.technology || s.id.as_str().starts_with("runtime-");
        for sign in catalog.signs.values().filter(is_itself) {
            let Some(id) = self.by_technology.get(sign.technology.as_str()) else { continue };
            for image in &sign.images {
                self.by_member.entry(format!("docker:{image}")).or_insert_with(|| id.clone());
            }
        }
    }

    /// Adds a lifecycle, in place of one with its identifier; what the catalog knows of packages and services stays.
    pub fn put_lifecycle(&mut self, mut lifecycle: Lifecycle) {
        if let Some(old) = self.lifecycles.get(&lifecycle.id) {
            lifecycle.technology = lifecycle.technology.take().or_else(|| old.technology.clone());
            lifecycle.packages.extend(old.packages.iter().cloned());
            lifecycle.groups.extend(old.groups.iter().cloned());
            lifecycle.service = lifecycle.service.take().or_else(|| old.service.clone());
            lifecycle.seen.extend(old.seen.iter().cloned());
            for cycle in &mut lifecycle.cycles {
                let before = old.cycles.iter().find(|c| c.cycle == cycle.cycle);
                if let Some(before) = before.filter(|_| cycle.runs_on.is_empty()) {
                    cycle.runs_on.clone_from(&before.runs_on);
                }
            }
        }
        index(&lifecycle, &mut self.by_member, &mut self.by_group);
        self.lifecycles.insert(lifecycle.id.clone(), lifecycle);
    }

    /// Adds a package, in place of one with its name.
    pub fn put_package(&mut self, package: PackageFact) {
        let key = Subject::new(&*package.ecosystem, &*package.name).key();
        self.packages.insert(key, package);
    }

    /// Adds an advisory; one that is known by this or another of its identifiers is replaced.
    pub fn put_advisory(&mut self, advisory: AdvisoryRecord) {
        let same = |a: &AdvisoryRecord| {
            a.id == advisory.id || a.aliases.contains(&advisory.id) || advisory.aliases.contains(&a.id)
        };
        // The record in the catalog keeps ranges by line; a database's own record adds what it affects.
        if let Some(at) = self.advisories.iter().position(same) {
            for affected in advisory.affects {
                let known = &mut self.advisories[at].affects;
                if !known.iter().any(|k| k.ecosystem == affected.ecosystem && k.name == affected.name) {
                    known.push(affected);
                    let number = known.len() - 1;
                    self.index_affected(at, number);
                }
            }
            return;
        }
        self.advisories.push(advisory);
        let at = self.advisories.len() - 1;
        for number in 0..self.advisories[at].affects.len() {
            self.index_affected(at, number);
        }
    }

    fn index_affected(&mut self, at: usize, number: usize) {
        let affected = &self.advisories[at].affects[number];
        let key = Subject::new(&*affected.ecosystem, &*affected.name).key();
        if let Some(lifecycle) = &affected.lifecycle {
            self.by_lifecycle.entry(lifecycle.clone()).or_default().push((at, number));
        }
        self.by_package.entry(key).or_default().push((at, number));
    }

    /// Remembers that a database was asked about a version.
    pub fn put_answer(&mut self, subject: &Subject, version: &str, answered: Answered) {
        self.answered.insert(format!("{}@{version}", subject.key()), answered);
    }

    /// The database that was asked about a version.
    #[must_use]
    pub fn answered(&self, subject: &Subject, version: &str) -> Option<&Answered> {
        self.answered.get(&format!("{}@{version}", subject.key()))
    }

    /// The lifecycle of what goes by a name: a package, an image, a technology.
    #[must_use]
    pub fn lifecycle_of(&self, subject: &Subject) -> Option<&Lifecycle> {
        if subject.ecosystem == "technology" {
            return self.lifecycle(&subject.name);
        }
        let key = subject.key();
        let grouped = || self.by_group.iter().find(|(group, _)| key.starts_with(group)).map(|(_, id)| id);
        // Majors of Go modules are modules of their own: `.../echo/v4` is Echo.
        let module = || {
            let (front, major) = key.rsplit_once("/v").filter(|_| key.starts_with("go:"))?;
            major.chars().all(|c| c.is_ascii_digit()).then(|| self.by_member.get(front)).flatten()
        };
        self.by_member.get(&key).or_else(grouped).or_else(module).and_then(|id| self.lifecycles.get(id))
    }

    /// The lifecycle with an identifier, or of a technology of the catalog.
    #[must_use]
    pub fn lifecycle(&self, id: &str) -> Option<&Lifecycle> {
        let of_technology = || self.by_technology.get(id).and_then(|id| self.lifecycles.get(id));
        of_technology().or_else(|| self.lifecycles.get(id))
    }

    /// The lifecycle of a technology as a provider's service.
    #[must_use]
    pub fn service(&self, provider: &str, technology: &str) -> Option<&Lifecycle> {
        let is = |l: &&Lifecycle| {
            l.service.as_ref().is_some_and(|s| s.by.as_str() == provider && s.of.as_str() == technology)
        };
        self.lifecycles.values().find(is)
    }

    /// Every lifecycle, by identifier.
    pub fn lifecycles(&self) -> impl Iterator<Item = &Lifecycle> {
        self.lifecycles.values()
    }

    /// Every package, by ecosystem and name.
    #[must_use]
    pub fn packages(&self) -> Vec<&PackageFact> {
        let mut all: Vec<&PackageFact> = self.packages.values().collect();
        all.sort_by(|a, b| (&a.ecosystem, &a.name).cmp(&(&b.ecosystem, &b.name)));
        all
    }

    /// Every advisory, in the order it was added.
    #[must_use]
    pub fn advisories(&self) -> &[AdvisoryRecord] {
        &self.advisories
    }

    /// Day of the newest advisory that was delivered with Loadcase.
    #[must_use]
    pub fn listed_until(&self) -> &str {
        &self.listed_until
    }

    /// A package.
    #[must_use]
    pub fn package(&self, subject: &Subject) -> Option<&PackageFact> {
        self.packages.get(&subject.key())
    }

    /// Advisories about a package, an image or a technology, each with what of it is affected.
    #[must_use]
    pub fn advisories_of(&self, subject: &Subject) -> Vec<(&AdvisoryRecord, &Affected)> {
        let key = subject.key();
        let mut found: Vec<(usize, usize)> = self.by_package.get(&key).cloned().unwrap_or_default();
        // A program by its image or name, and what always comes with its packages.
        let whole = matches!(subject.ecosystem.as_str(), "docker" | "technology");
        let lifecycle = self.lifecycle_of(subject).filter(|l| {
            whole || l.packages.contains(&key) || l.groups.iter().any(|g| key.starts_with(&format!("{g}:")))
        });
        let named = lifecycle.and_then(|l| self.by_lifecycle.get(&l.id)).into_iter().flatten();
        for at in named {
            let of = &self.advisories[at.0].affects[at.1];
            let grouped = lifecycle.is_some_and(|l| !l.groups.is_empty());
            if !found.contains(at) && (whole || grouped || of.ecosystem == "generic") {
                found.push(*at);
            }
        }
        found.sort_unstable();
        found
            .iter()
            .map(|(at, number)| (&self.advisories[*at], &self.advisories[*at].affects[*number]))
            .collect()
    }

    /// The line to move to on a day: the recommended one where it still gets fixes, else the newest that has long-term
    /// support, else the newest. Nothing when no line that is listed gets fixes.
    #[must_use]
    pub fn move_to<'a>(&self, lifecycle: &'a Lifecycle, today: &str) -> Option<&'a Cycle> {
        let lives = |c: &&Cycle| gets_fixes(c, today) == Some(true);
        let recommended = self.recommended.get(&lifecycle.id);
        let named = lifecycle.cycles.iter().filter(lives).find(|c| Some(&c.cycle) == recommended);
        let long = || {
            lifecycle.cycles.iter().filter(lives).find(|c| match &c.lts {
                Some(loadcase_catalog::Lts::From(day)) => day.as_str() <= today,
                Some(loadcase_catalog::Lts::Said(said)) => *said,
                None => false,
            })
        };
        named.or_else(long).or_else(|| lifecycle.cycles.iter().find(lives))
    }
}

/// Names that are known and look like one that is not, the likeliest first.
#[must_use]
pub fn suggestions(known: &Knowledge, name: &str) -> Vec<String> {
    let own = known
        .lifecycles()
        .flat_map(|l| l.aliases.iter().chain([&l.id]).map(move |n| (n.as_str(), l.id.clone())));
    let packages = known.packages();
    let all = own.chain(packages.iter().map(|p| (p.name.as_str(), format!("{}:{}", p.ecosystem, p.name))));
    let mut near: Vec<(usize, String)> = all
        .map(|(n, shown)| (strsim::damerau_levenshtein(n, name), shown))
        .filter(|(distance, _)| *distance <= 1 + name.chars().count() / 4)
        .collect();
    near.sort();
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter().take(3).map(|(_, shown)| shown).collect()
}

/// Whether a line gets fixes on a day; nothing when its end is not stated. A phase is over from the day after its end.
#[must_use]
pub(crate) fn gets_fixes(cycle: &Cycle, today: &str) -> Option<bool> {
    match cycle.fixes.as_ref().or(cycle.active.as_ref())? {
        End::On(day) => Some(today <= day.as_str()),
        End::Over => Some(false),
        End::Open => Some(true),
    }
}

fn index(lifecycle: &Lifecycle, members: &mut HashMap<String, String>, groups: &mut Vec<(String, String)>) {
    for package in &lifecycle.packages {
        let (ecosystem, name) = package.split_once(':').unwrap_or(("", package));
        members.insert(Subject::new(ecosystem, name).key(), lifecycle.id.clone());
        // All artifacts of a Maven group have one version.
        if ecosystem == "maven"
            && let Some((group, _)) = name.rsplit_once(':')
        {
            let group = format!("maven:{group}:");
            if !groups.iter().any(|(g, _)| *g == group) {
                groups.push((group, lifecycle.id.clone()));
            }
        }
    }
}

/// Adds what a technology's own file says of a line.
fn merge(lifecycle: &mut Lifecycle, release: &Release, known: bool) {
    let line = lifecycle.cycles.iter().find(|c| c.cycle == release.cycle);
    let Some(line) = line else {
        let end = |day: &Option<String>| day.clone().map(End::On);
        let cycle = Cycle {
            cycle: release.cycle.clone(),
            lts: release.lts.clone().map(loadcase_catalog::Lts::From),
            active: end(&release.support_end),
            fixes: end(&release.eol),
            latest: Some(release.latest.clone()),
            latest_date: release.latest_date.clone(),
            ..Cycle::default()
        };
        let newer = |c: &Cycle| numbers(&c.cycle) < numbers(&cycle.cycle);
        let at = lifecycle.cycles.iter().position(newer).filter(|_| known).unwrap_or(lifecycle.cycles.len());
        lifecycle.cycles.insert(at, cycle);
        return;
    };
    let older = line.latest.as_deref().is_some_and(|latest| {
        Scheme::Dotted.compare(latest, &release.latest) == Some(std::cmp::Ordering::Less)
    });
    if older && !lifecycle.seen.iter().any(|s| s.version == release.latest) {
        lifecycle.seen.push(SeenVersion {
            version: release.latest.clone(),
            by: release.latest_date.clone(),
            source: release.source.clone(),
            as_of: release.as_of.clone(),
        });
    }
}

/// The line a version belongs to.
#[must_use]
pub(crate) fn line_of<'a>(lifecycle: &'a Lifecycle, version: &str) -> Line<'a> {
    let by_name = lifecycle.cycles.iter().find(|c| {
        let name = c.name.as_deref().and_then(|n| n.split_whitespace().next()).unwrap_or_default();
        name.eq_ignore_ascii_case(version)
    });
    if let Some(cycle) = by_name {
        return Line::Of(cycle);
    }
    let used = numbers(version);
    if used.is_empty() {
        return Line::Unknown;
    }
    let lines: Vec<(Vec<u64>, &Cycle)> =
        lifecycle.cycles.iter().map(|c| (numbers(&c.cycle), c)).filter(|(n, _)| !n.is_empty()).collect();
    let of = lines.iter().filter(|(n, _)| used.starts_with(n)).max_by_key(|(n, _)| n.len());
    if let Some((_, cycle)) = of {
        return Line::Of(cycle);
    }
    // Java's old form: 1.8 is 8.
    if let [1, n, ..] = used[..]
        && let Some((_, cycle)) = lines.iter().find(|(line, _)| *line == [n])
        && !lines.iter().any(|(line, _)| line.first() == Some(&1))
    {
        return Line::Of(cycle);
    }
    // `8` where lines are 8.0, 8.2 and 8.4.
    let floating = lines.iter().filter(|(n, _)| n.starts_with(&used)).max_by(|a, b| a.0.cmp(&b.0));
    if let Some((_, cycle)) = floating {
        return Line::Floats(cycle);
    }
    let (lowest, highest) = (lines.iter().map(|(n, _)| n).min(), lines.iter().map(|(n, _)| n).max());
    match (lowest, highest) {
        (Some(lowest), _) if used < *lowest && lifecycle.left_out > 0 => Line::Older,
        (_, Some(highest)) if used > *highest => Line::Newer,
        _ => Line::Unknown,
    }
}
