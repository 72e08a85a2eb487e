//! endoflife.date, API v1: one product at a time.

use loadcase_catalog::{Cycle, End, Lifecycle, Lts, Phases};
use serde::Deserialize;

use crate::http::{Answer, Base, Fault, Http};
use crate::text::{clean, encoded};
use crate::{Gathered, Source, Wanted};

/// endoflife.date.
#[derive(Clone, Debug)]
pub struct EndOfLife {
    base: Base,
    http: Http,
}

/// Most lines of one product.
const CYCLES: usize = 2_000;

impl EndOfLife {
    /// Where it is asked unless somebody says otherwise.
    pub const BASE: &'static str = "https://endoflife.date/api/v1";

    /// Asks at a base address.
    #[must_use]
    pub const fn new(base: Base, http: Http) -> Self {
        Self { base, http }
    }

    fn product(&self, id: &str) -> Result<Lifecycle, Fault> {
        let answer = self.http.get(&self.base, &format!("/products/{}", encoded(id)))?;
        lifecycle(id, &answer)
    }
}

impl Source for EndOfLife {
    fn name(&self) -> &str {
        "endoflife.date"
    }

    fn place(&self) -> String {
        self.base.host().to_owned()
    }

    fn gather(&self, wanted: &Wanted, progress: &mut dyn FnMut(usize, usize)) -> Gathered {
        let mut gathered = Gathered::default();
        let (mut failures, mut unknown) = (0, 0);
        for (i, id) in wanted.lifecycles.iter().enumerate() {
            match self.product(id) {
                Ok(lifecycle) => gathered.lifecycles.push(lifecycle),
                // Many technologies are not listed there: what is delivered with Loadcase stays.
                Err(Fault::Unknown) => unknown += 1,
                Err(fault) => {
                    failures += 1;
                    gathered.unanswered.push(format!("{} about {id}: {fault}", self.name()));
                }
            }
            progress(i + 1, wanted.lifecycles.len());
            // A source that is down is not asked a hundred times.
            if failures >= 3 && gathered.lifecycles.is_empty() {
                let rest = wanted.lifecycles.len() - i - 1;
                if rest > 0 {
                    gathered
                        .unanswered
                        .push(format!("{}: {rest} further products were not asked for", self.name()));
                }
                break;
            }
        }
        if unknown > 0 && unknown == wanted.lifecycles.len() {
            gathered
                .unanswered
                .push(format!("{} knows none of the {unknown} products it was asked for", self.name()));
        }
        gathered
    }
}

#[derive(Deserialize)]
struct Envelope {
    generated_at: Option<String>,
    result: Product,
}

#[derive(Deserialize)]
struct Product {
    name: String,
    label: String,
    #[serde(default)]
    aliases: Vec<String>,
    category: Option<String>,
    #[serde(default)]
    identifiers: Vec<Identifier>,
    labels: Option<Labels>,
    links: Option<Links>,
    releases: Vec<Release>,
}

#[derive(Deserialize)]
struct Identifier {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Default, Deserialize)]
struct Labels {
    eoas: Option<String>,
    eol: Option<String>,
    eoes: Option<String>,
}

#[derive(Deserialize)]
struct Links {
    #[serde(rename = "releasePolicy")]
    policy: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    name: String,
    codename: Option<String>,
    release_date: Option<String>,
    #[serde(default)]
    is_lts: bool,
    lts_from: Option<String>,
    is_eoas: Option<bool>,
    eoas_from: Option<String>,
    is_eol: Option<bool>,
    eol_from: Option<String>,
    is_eoes: Option<bool>,
    eoes_from: Option<String>,
    latest: Option<Latest>,
}

#[derive(Deserialize)]
struct Latest {
    name: String,
    date: Option<String>,
}

/// Reads the answer about a product.
fn lifecycle(asked: &str, answer: &Answer) -> Result<Lifecycle, Fault> {
    let head = answer.body.trim_start();
    if head.starts_with('<') {
        return Err(Fault::Malformed("it is a page, not data".to_owned()));
    }
    let envelope: Envelope =
        serde_json::from_str(&answer.body).map_err(|e| Fault::Malformed(clean(&e.to_string())))?;
    let product = envelope.result;
    // Products are renamed: the old name is an alias then.
    if product.name != asked && !product.aliases.iter().any(|a| a == asked) {
        return Err(Fault::Malformed(format!("it is about {}", clean(&product.name))));
    }
    if product.releases.is_empty() || product.releases.len() > CYCLES {
        return Err(Fault::Malformed(format!("{} release lines", product.releases.len())));
    }
    let labels = product.labels.unwrap_or_default();
    let built = envelope.generated_at.as_deref().and_then(day);
    // A day in the future is no day the source can vouch for.
    let as_of = built.filter(|d| *d <= answer.day).unwrap_or_else(|| answer.day.clone());
    let identifiers = product.identifiers.iter().filter(|i| i.kind == "purl");
    Ok(Lifecycle {
        id: asked.to_owned(),
        name: clean(&product.label),
        kind: product.category.as_deref().map_or_else(|| "technology".to_owned(), clean),
        aliases: product.aliases.iter().map(|a| clean(a)).collect(),
        packages: identifiers.filter_map(|i| package(&i.id)).collect(),
        url: product.links.and_then(|l| l.policy).map(|u| clean(&u)),
        phases: Phases {
            active: labels.eoas.as_deref().map(clean),
            fixes: labels.eol.as_deref().map(clean),
            extended: labels.eoes.as_deref().map(clean),
        },
        source: "endoflife.date".to_owned(),
        as_of,
        fetched: Some(answer.day.clone()),
        licence: Some("MIT".to_owned()),
        cycles: product.releases.into_iter().map(cycle).collect(),
        ..Lifecycle::default()
    })
}

fn cycle(release: Release) -> Cycle {
    Cycle {
        cycle: clean(&release.name),
        name: release.codename.as_deref().map(clean),
        released: release.release_date.as_deref().and_then(day),
        lts: release
            .lts_from
            .as_deref()
            .and_then(day)
            .map(Lts::From)
            .or(release.is_lts.then_some(Lts::Said(true))),
        active: end(release.is_eoas, release.eoas_from.as_deref()),
        fixes: end(release.is_eol, release.eol_from.as_deref()),
        extended: end(release.is_eoes, release.eoes_from.as_deref()),
        latest: release.latest.as_ref().map(|l| clean(&l.name)),
        latest_date: release.latest.and_then(|l| l.date.as_deref().and_then(day)),
        ..Cycle::default()
    }
}

/// The end of a phase. The word is that of the day the site was built: the day counts where there is one. A phase that
/// the product does not have is absent, which is not the same as "not over".
fn end(over: Option<bool>, from: Option<&str>) -> Option<End> {
    match (from.and_then(day), over) {
        (Some(day), _) => Some(End::On(day)),
        (None, Some(true)) => Some(End::Over),
        (None, Some(false)) => Some(End::Open),
        (None, None) => None,
    }
}

/// The day of a day or a time.
fn day(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    loadcase_facts::days_later(day, 0)
}

/// `pkg:docker/library/redis` as `docker:redis`.
fn package(purl: &str) -> Option<String> {
    let (kind, name) = purl.strip_prefix("pkg:")?.split_once('/')?;
    let name = clean(name.split(['?', '#']).next().unwrap_or(name)).replace("%40", "@");
    Some(match kind {
        "docker" => format!("docker:{}", name.trim_start_matches("library/")),
        "maven" => format!("maven:{}", name.replacen('/', ":", 1)),
        "golang" => format!("go:{name}"),
        "npm" | "pypi" | "cargo" | "composer" | "nuget" | "gem" => format!("{kind}:{name}"),
        _ => return None,
    })
}
