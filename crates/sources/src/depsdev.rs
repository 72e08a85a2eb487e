//! deps.dev, API v3: which versions of a package there are, and which are deprecated.

use indexmap::IndexMap;
use loadcase_catalog::PackageFact;
use loadcase_facts::Subject;
use loadcase_facts::version::{Scheme, Version};
use serde::Deserialize;

use crate::http::{Answer, Base, Fault, Http};
use crate::text::{clean, encoded};
use crate::{Gathered, Source, Wanted};

/// deps.dev.
#[derive(Clone, Debug)]
pub struct DepsDev {
    base: Base,
    http: Http,
}

/// Packages that are asked for at the same time.
const AT_ONCE: usize = 8;

/// Most versions of one package.
const VERSIONS: usize = 50_000;

impl DepsDev {
    /// Where it is asked unless somebody says otherwise.
    pub const BASE: &'static str = "https://api.deps.dev";

    /// Asks at a base address.
    #[must_use]
    pub const fn new(base: Base, http: Http) -> Self {
        Self { base, http }
    }

    fn package(&self, subject: &Subject) -> Result<PackageFact, Fault> {
        let system = system(subject).unwrap_or_default();
        let path = format!("/v3/systems/{system}/packages/{}", encoded(&subject.name));
        fact(subject, &self.http.get(&self.base, &path)?)
    }
}

/// The system of an ecosystem.
fn system(subject: &Subject) -> Option<&'static str> {
    Some(match subject.ecosystem.as_str() {
        "npm" => "npm",
        "pypi" => "pypi",
        "maven" => "maven",
        "go" => "go",
        "cargo" => "cargo",
        "nuget" => "nuget",
        _ => return None,
    })
}

impl Source for DepsDev {
    fn name(&self) -> &str {
        "deps.dev"
    }

    fn place(&self) -> String {
        self.base.host().to_owned()
    }

    fn gather(&self, wanted: &Wanted, progress: &mut dyn FnMut(usize, usize)) -> Gathered {
        let asked: Vec<&Subject> = wanted.packages.iter().filter(|s| system(s).is_some()).collect();
        let mut gathered = Gathered::default();
        let mut done = 0;
        for subjects in asked.chunks(AT_ONCE) {
            let answers: Vec<Result<PackageFact, Fault>> = std::thread::scope(|scope| {
                let asking: Vec<_> =
                    subjects.iter().map(|subject| scope.spawn(|| self.package(subject))).collect();
                let lost = || Err(Fault::Malformed("the answer stopped its reader".to_owned()));
                asking.into_iter().map(|a| a.join().unwrap_or_else(|_| lost())).collect()
            });
            let mut failed = 0;
            for (subject, answer) in subjects.iter().zip(answers) {
                match answer {
                    Ok(fact) => gathered.packages.push(fact),
                    Err(fault) => {
                        failed += usize::from(fault != Fault::Unknown);
                        gathered.unanswered.push(format!("{} about {}: {fault}", self.name(), subject.name));
                    }
                }
            }
            done += subjects.len();
            progress(done, asked.len());
            // A source that is down is not asked for all of them.
            if failed == subjects.len() && gathered.packages.is_empty() {
                let rest = asked.len() - done;
                if rest > 0 {
                    gathered
                        .unanswered
                        .push(format!("{}: {rest} further packages were not asked for", self.name()));
                }
                break;
            }
        }
        gathered
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    versions: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    version_key: VersionKey,
    published_at: Option<String>,
    is_deprecated: Option<bool>,
    deprecated_reason: Option<String>,
}

#[derive(Deserialize)]
struct VersionKey {
    version: String,
}

fn fact(subject: &Subject, answer: &Answer) -> Result<PackageFact, Fault> {
    let package: Package =
        serde_json::from_str(&answer.body).map_err(|e| Fault::Malformed(clean(&e.to_string())))?;
    if package.versions.len() > VERSIONS {
        return Err(Fault::Malformed(format!("{} versions", package.versions.len())));
    }
    let scheme = Scheme::of(&subject.ecosystem);
    let mut newest: Option<(Version, &Listed)> = None;
    let mut deprecated = IndexMap::new();
    for listed in &package.versions {
        let text = &listed.version_key.version;
        if listed.is_deprecated == Some(true) {
            let why = listed.deprecated_reason.as_deref().map_or_else(|| "no reason given".to_owned(), clean);
            deprecated.insert(clean(text), why);
        }
        let Some(version) = Version::parse(scheme, text).filter(|v| !v.is_prerelease()) else { continue };
        if newest.as_ref().is_none_or(|(n, _)| *n < version) {
            newest = Some((version, listed));
        }
    }
    let Some((_, newest)) = newest else {
        return Err(Fault::Malformed("it lists no version that is no pre-release".to_owned()));
    };
    Ok(PackageFact {
        ecosystem: subject.ecosystem.clone(),
        name: subject.name.clone(),
        latest: clean(&newest.version_key.version),
        released: newest.published_at.as_deref().and_then(|p| loadcase_facts::days_later(p, 0)),
        deprecated,
        tells_deprecated: package.versions.iter().any(|v| v.is_deprecated.is_some()),
        versions: package.versions.iter().map(|v| clean(&v.version_key.version)).collect(),
        source: "deps.dev".to_owned(),
        as_of: answer.day.clone(),
        ..PackageFact::default()
    })
}
