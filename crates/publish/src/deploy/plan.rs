//! What the files of a deployment have in common: where each component runs, under which name, with how much.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use loadcase_catalog::{Container, Technology, TechnologyKind};
use loadcase_model::{Capacity, Component, ComponentKind, Forecast, Horizon, Id};

use super::links::{Link, links};
use super::names::{label, unused, variable};
use crate::view::View;

/// The port that the product's own processes listen on.
pub(crate) const PORT: u16 = 8080;

/// Where a component runs.
#[derive(Clone, Copy)]
pub(crate) enum Home<'a> {
    /// It is the product's own code.
    Own,
    /// An image runs it.
    Container(&'a Technology, &'a Container),
    /// It lives inside another process.
    Inside,
    /// Somebody else runs it, or nobody knows how.
    Elsewhere,
}

/// A component with what files need to know of it.
pub(crate) struct Part<'a> {
    pub(crate) id: &'a Id,
    pub(crate) component: &'a Component,
    /// Its name in configuration: a DNS label, unlike any other.
    pub(crate) label: String,
    pub(crate) home: Home<'a>,
}

impl Part<'_> {
    pub(crate) const fn is_own(&self) -> bool {
        matches!(self.home, Home::Own)
    }

    /// Whether requests reach it from outside the product.
    pub(crate) fn answers(&self) -> bool {
        self.is_own() && self.component.kind != ComponentKind::Worker
    }

    /// Its size; one small copy where none was computed.
    pub(crate) fn size(&self) -> Size {
        Size::of(self.component.capacity.as_ref())
    }

    /// Prefix of the environment variables that speak of it.
    pub(crate) fn variable(&self) -> String {
        variable(&self.label)
    }
}

/// The size of one copy, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Size {
    pub(crate) copies: u32,
    /// Thousandths of a processor.
    pub(crate) millicores: u32,
    pub(crate) memory_mb: u32,
    pub(crate) storage_gb: u32,
}

impl Size {
    fn of(capacity: Option<&Capacity>) -> Self {
        let Some(capacity) = capacity else {
            return Self { copies: 1, millicores: 500, memory_mb: 512, storage_gb: 10 };
        };
        Self {
            copies: capacity.replicas.clamp(1, 1_000),
            millicores: whole(capacity.vcpu * 1_000.0, 100, 256_000),
            memory_mb: whole(capacity.memory_gb * 1_024.0, 128, 4_000_000),
            storage_gb: whole(capacity.storage_gb, 1, 60_000),
        }
    }
}

/// A number of a blueprint as a whole one within bounds.
pub(crate) fn whole(value: f64, low: u32, high: u32) -> u32 {
    let bounded = if value.is_finite() { value.ceil() } else { f64::from(low) };
    let bounded = bounded.clamp(f64::from(low), f64::from(high));
    // In range after the clamp, and whole after the ceiling.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let out = bounded as u32;
    out
}

/// A design made ready for deployment.
pub(crate) struct Plan<'a> {
    pub(crate) view: View<'a>,
    /// Name of the system as a DNS label.
    pub(crate) name: String,
    pub(crate) parts: Vec<Part<'a>>,
    pub(crate) links: Vec<Link<'a>>,
    /// The path of each operation that the contract has, parameters in braces.
    pub(crate) routes: std::collections::BTreeMap<Id, String>,
    /// The path of the schema of a store of columns.
    pub(crate) columns: Option<String>,
    /// Operations that the contract lets anybody call.
    pub(crate) open: BTreeSet<Id>,
    /// Whose sizes and rates the files are for.
    pub(crate) horizon: Horizon,
    /// Whether a service is written for it.
    pub(crate) has_service: bool,
    /// The components as they are in 24 months, where the files are for an earlier day.
    pub(crate) later: Option<&'a IndexMap<Id, Component>>,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(view: View<'a>, horizon: Horizon) -> Self {
        // Names that files use themselves.
        let mut taken: BTreeSet<String> =
            ["default", "collector", "prometheus", "migrate", "inside", "outside", "keep-partitions"]
                .map(str::to_owned)
                .into();
        let parts: Vec<Part<'a>> = view
            .blueprint()
            .components
            .iter()
            .map(|(id, component)| Part {
                id,
                component,
                label: unused(&mut taken, id.as_str()),
                home: home(&view, component),
            })
            .collect();
        let links = links(&view, &parts, horizon);
        let name = label(&view.blueprint().name);
        Self {
            view,
            name,
            parts,
            links,
            routes: std::collections::BTreeMap::new(),
            columns: None,
            open: BTreeSet::new(),
            horizon,
            has_service: false,
            later: None,
        }
    }

    pub(crate) fn own(&self) -> impl Iterator<Item = &Part<'a>> {
        self.parts.iter().filter(|p| p.is_own())
    }

    pub(crate) fn part(&self, id: &Id) -> Option<&Part<'a>> {
        self.parts.iter().find(|p| p.id == id)
    }

    /// Whether a part answers, and other systems send signed events to what answers.
    pub(crate) fn takes_webhooks(&self, part: &Part<'_>) -> bool {
        let mut operations = self.view.blueprint().operations.values();
        part.answers() && operations.any(|o| o.kind == loadcase_model::OperationKind::Webhook)
    }

    /// Whether processes check tokens that somebody signs. Sessions of one's own are rows, and need no key; a service
    /// that is written here checks tokens whatever was decided, until sign-in is written.
    pub(crate) fn checks_tokens(&self) -> bool {
        let decided = self.view.design.decision("authentication").is_some();
        self.has_service
            || !decided
            || self.parts.iter().any(|p| p.component.kind == ComponentKind::Identity)
            || ["jwt-access-tokens", "oidc-login"].iter().any(|w| self.view.uses(w))
    }

    /// Links that begin at a component.
    pub(crate) fn links_from(&self, id: &Id) -> impl Iterator<Item = &Link<'a>> {
        self.links.iter().filter(move |l| l.flow.from == *id)
    }

    /// Whether the platform of the design is called so.
    pub(crate) fn runs_on(&self, platform: &str) -> bool {
        self.view.blueprint().deployment.platform == *platform
    }

    /// The provider, when one is chosen.
    pub(crate) fn provider(&self) -> Option<&'a str> {
        self.view.blueprint().deployment.provider.as_ref().map(Id::as_str)
    }

    /// How a new version replaces the old one.
    pub(crate) fn rollout(&self) -> &'a str {
        self.view.blueprint().deployment.rollout.as_ref().map_or("rolling", Id::as_str)
    }

    /// The forecast of what the files set up.
    pub(crate) fn forecast(&self) -> &'a Forecast {
        self.view.design.forecasts.at(self.horizon)
    }
}

fn home<'a>(view: &View<'a>, component: &'a Component) -> Home<'a> {
    use ComponentKind as K;
    let technology = view.technology(component);
    if technology.is_some_and(|t| t.has("embedded") || t.has("in-process"))
        || component.technology.as_ref().is_some_and(|t| *t == "in-process-cache" || *t == "database-queue")
    {
        return Home::Inside;
    }
    match component.kind {
        K::Client | K::External | K::Edge => Home::Elsewhere,
        K::Service | K::Worker | K::Function if is_code(technology, component) => Home::Own,
        // An image with the extension is one of the store, too.
        _ => view
            .extension_of(component)
            .map(|t| &t.id)
            .or(component.technology.as_ref())
            .and_then(|t| view.catalog.container(t))
            .map_or(Home::Elsewhere, |(technology, container)| Home::Container(technology, container)),
    }
}

/// Whether a process is written by the team: it has a framework, or nothing but a language.
fn is_code(technology: Option<&Technology>, component: &Component) -> bool {
    component.framework.is_some()
        || technology.is_none_or(|t| matches!(t.kind, TechnologyKind::Language | TechnologyKind::Framework))
}
