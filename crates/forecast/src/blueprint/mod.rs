//! A blueprint under a workload becomes a forecast.
//!
//! `load` turns components with capacity into stations and operations into classes, `response` solves the
//! network and reads response times off it, `availability`, `cost` and `people` count the rest. Numbers of
//! technologies come from the catalog through [`known`], with a planning default for each kind of component.

mod availability;
mod cost;
mod files;
mod known;
mod load;
mod people;
mod response;
mod traffic;

use loadcase_catalog::{Catalog, MachineSize, Technology};
use loadcase_model::{
    Blueprint, Capacity, Component, ComponentKind, Fact, Figure, Forecast, Id, Origin, Unit, Workload,
    format_number,
};

pub use known::{Known, known, stated};

/// What prices depend on beyond the blueprint.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceContext {
    /// The technology the processes run on: what self-run components are priced at.
    pub compute: Id,
    /// Whether somebody else runs that platform.
    pub managed: bool,
    /// Average rate divided by the peak rate, for what is paid by use.
    pub average_over_peak: f64,
    /// Size of an average answer sent to the internet, kB; zero leaves that traffic out of the bill.
    pub response_kb: f64,
    /// People with a seat at the provider, where it charges for each; zero leaves them out of the bill.
    pub seats: f64,
    /// Days of today's uploads that lie in the store of files today.
    pub file_days: f64,
    /// Data that a failure may lose, s, where it is bounded: a standby of one's own is set to confirm first where it
    /// would otherwise lag further behind.
    pub recovery_point_s: Option<f64>,
}

/// Forecasts a blueprint: response times, saturation, availability, cost, people.
///
/// The rates of `workload` are peak rates. Operations without a rate are forecast as if alone on the loaded
/// system. A saturated system has unbounded response times, written as infinity; nothing panics.
#[must_use]
pub fn forecast(
    blueprint: &Blueprint,
    workload: &Workload,
    catalog: &Catalog,
    prices: &PriceContext,
) -> Forecast {
    let view = View { blueprint, workload, catalog, prices };
    let response = response::respond(&view);
    let cost = cost::cost(&view);
    let people = people::people(&view);
    let sum =
        |values: &mut dyn Iterator<Item = f64>, unit, by: &str| Figure::computed(values.sum(), unit, by);
    let cost_total = sum(&mut cost.iter().map(|l| l.monthly.value), Unit::UsdPerMonth, "sum of the lines");
    let people_total =
        sum(&mut people.iter().map(|l| l.engineers.value), Unit::Engineers, "sum of the lines");
    Forecast {
        horizon: workload.horizon,
        arrivals: Figure::computed(view.arrivals(), Unit::PerSecond, "sum of the workload's rates"),
        latency: response.latency,
        operations: response.operations,
        stations: response.stations,
        saturation: response.saturation,
        availability: availability::availability(&view),
        cost,
        cost_total,
        people,
        people_total,
    }
}

/// Everything a forecast reads.
struct View<'a> {
    blueprint: &'a Blueprint,
    workload: &'a Workload,
    catalog: &'a Catalog,
    prices: &'a PriceContext,
}

impl<'a> View<'a> {
    /// Arrivals per second of an operation.
    fn rate(&self, operation: &Id) -> f64 {
        self.workload.rate_per_s.get(operation).copied().map_or(0.0, sane)
    }

    /// Arrivals per second of all operations the blueprint has.
    fn arrivals(&self) -> f64 {
        self.blueprint.operations.keys().map(|id| self.rate(id)).sum()
    }

    /// Visits per second to a component: all of them, and those that only read.
    fn visits(&self, component: &Id) -> (f64, f64) {
        let (mut all, mut reads) = (0.0, 0.0);
        for (id, operation) in &self.blueprint.operations {
            for step in operation.steps.iter().filter(|s| s.component == *component) {
                let visits = self.rate(id) * sane(step.visits);
                all += visits;
                reads += if step.reads_only { visits } else { 0.0 };
            }
        }
        (all, reads)
    }

    fn technology(&self, component: &Component) -> Option<&'a Technology> {
        self.catalog.technology(component.technology.as_ref()?.as_str())
    }

    /// Whose machines it runs on.
    fn provider(&self) -> Option<&'a Technology> {
        self.catalog.technology(self.blueprint.deployment.provider.as_ref()?.as_str())
    }

    /// What is paid for where the design names a kind of thing that many sell: what its provider sells as it.
    fn sold(&self, component: &'a Component) -> Option<&'a Id> {
        let technology = component.technology.as_ref()?;
        let provider = self.blueprint.deployment.provider.as_ref();
        let known = self.catalog.technology(technology.as_str());
        let product = known.zip(provider).and_then(|(t, p)| t.sold_as.get(p));
        Some(product.unwrap_or(technology))
    }

    /// What stands between callers and the product, as it is paid for.
    fn edge(&self) -> Option<&'a Id> {
        let edge = self.blueprint.components.values().find(|c| c.kind == ComponentKind::Edge)?;
        self.sold(edge)
    }

    /// Whether a component's technology runs inside the process that uses it.
    fn is_inside(&self, component: &Component) -> bool {
        self.technology(component).is_some_and(|t| t.has("embedded"))
    }

    /// A number of whoever runs a component, where the technology alone does not settle it: what a platform charges
    /// that is another thing with each provider, and what a provider's own relational database costs and promises.
    fn of_provider(&self, component: &Component, name: &str) -> Option<Known> {
        let provider = self.blueprint.deployment.provider.as_ref();
        let of = |name: &str| stated(self.catalog, provider, name);
        if runs_own_code(component.kind) {
            let platform = self.catalog.technology(self.prices.compute.as_str())?;
            return of(name).filter(|_| name == "usd-month-vcpu" && platform.has("priced-by-provider"));
        }
        if !self.is_providers_database(component) {
            return None;
        }
        match name {
            "usd-month-vcpu" => of("usd-month-vcpu-database"),
            "usd-month-gb-storage" => of("usd-month-gb-database"),
            "replication-lag-s" => of("replication-lag-s"),
            // The promise is that of the service which the provider runs itself.
            "availability-single" => {
                of("availability-single-database").filter(|_| self.is_run_by(component, provider))
            }
            "availability-redundant" => {
                of("availability-redundant-database").filter(|_| self.is_run_by(component, provider))
            }
            _ => None,
        }
    }

    /// The machine that is bought for each copy of a component, where the provider has a price for each size.
    fn machine(&self, component: &Component, capacity: &Capacity) -> Option<(&'a MachineSize, Known)> {
        let provider = self.provider()?;
        let sizes = if runs_own_code(component.kind) {
            let platform = self.catalog.technology(self.prices.compute.as_str())?;
            provider.process_sizes.as_ref().filter(|_| platform.has("priced-by-provider"))?
        } else {
            provider.database_sizes.as_ref().filter(|_| self.is_providers_database(component))?
        };
        let size = sizes.fitting(sane(capacity.vcpu), sane(capacity.memory_gb), capacity.standbys > 0)?;
        let fact = sizes.price(size);
        let id = format!("{}.{}", provider.id, size.name.replace(' ', "-"));
        let known = Known {
            value: fact.value,
            unit: fact.unit,
            origin: self.origin(&fact, &id),
            id,
            as_of: Some(sizes.as_of.clone()),
        };
        Some((size, known))
    }

    /// Whether a component is a relational database that the provider runs.
    fn is_providers_database(&self, component: &Component) -> bool {
        let relational = self.technology(component).is_some_and(|t| t.has("relational"));
        component.kind == ComponentKind::Store && component.managed && relational
    }

    /// Whether a provider has a service of its own for the technology of a component. Those that spread their rows
    /// over nodes are others' services, with promises of their own.
    fn is_run_by(&self, component: &Component, provider: Option<&Id>) -> bool {
        let technology = self.technology(component).filter(|t| !t.has("partitioned"));
        provider.is_some_and(|p| technology.is_some_and(|t| t.managed_as.contains_key(p)))
    }

    /// Copies of a component that are paid for each: a provider's price may be that of a primary with its standby.
    fn paid_copies(&self, component: &Component) -> f64 {
        let included = self.provider().is_some_and(|p| p.has("standby-included"));
        match component.capacity.as_ref() {
            Some(c) if included && self.is_providers_database(component) => {
                f64::from(c.replicas) * (1.0 + f64::from(c.read_replicas))
            }
            _ => copies(component),
        }
    }

    /// A number of a component: of its own technology, or of the platform where a process of one's own runs.
    fn known(&self, component: &Component, name: &str) -> Known {
        if let Some(known) = self.of_provider(component, name) {
            return known;
        }
        let technology = if runs_own_code(component.kind) || (!component.managed && is_machine(name)) {
            Some(&self.prices.compute)
        } else {
            component.technology.as_ref()
        };
        let mut known = known(self.catalog, technology, component.kind, name);
        let fact = technology.and_then(|t| self.catalog.technology(t.as_str())?.fact(name));
        if let Some(fact) = fact.filter(|f| f.of.is_some() && known.as_of.is_some()) {
            known.origin = self.origin(fact, &known.id);
        }
        known
    }

    /// Where a fact comes from for this blueprint: one of another provider or region is an assumption here.
    fn origin(&self, fact: &Fact, id: &str) -> Origin {
        let deployment = &self.blueprint.deployment;
        let region = deployment.regions.first().map(String::as_str);
        fact.origin_at(id, deployment.provider.as_ref().map(Id::as_str), region)
    }

    /// A planning constant of the catalog, or another number where the catalog has none.
    fn plan(&self, id: &str, otherwise: f64) -> f64 {
        let value = self.catalog.lexicon.plan(id);
        if value > 0.0 { value } else { otherwise }
    }

    /// Whether everything runs on one machine, as the deployment option says.
    fn is_single_machine(&self) -> bool {
        let deployment = self.catalog.decision("deployment");
        let option = deployment.and_then(|d| d.option(self.blueprint.deployment.platform.as_str()));
        option.is_some_and(|o| o.has("single-machine"))
    }

    /// Average rate divided by peak rate.
    fn average(&self) -> f64 {
        let share = self.prices.average_over_peak;
        if share > 0.0 { share.min(1.0) } else { 1.0 }
    }
}

/// Whether a component runs code of one's own, on the platform.
const fn runs_own_code(kind: ComponentKind) -> bool {
    matches!(kind, ComponentKind::Service | ComponentKind::Worker | ComponentKind::Function)
}

/// Whether a number is about the machine underneath and not about the software.
fn is_machine(name: &str) -> bool {
    name.starts_with("usd-month-") && name != "usd-month-fixed"
}

/// Whether somebody waits for operations of a kind.
const fn is_awaited(kind: loadcase_model::OperationKind) -> bool {
    use loadcase_model::OperationKind as Kind;
    matches!(kind, Kind::Request | Kind::Webhook | Kind::Stream)
}

/// Copies of a component that are up: those that work, stand by and answer reads. Zero when it is paid by use.
fn copies(component: &Component) -> f64 {
    component
        .capacity
        .as_ref()
        .map_or(0.0, |c| f64::from(c.replicas) * (1.0 + f64::from(c.standbys) + f64::from(c.read_replicas)))
}

/// A rate, time or count as a number that can be computed with.
fn sane(value: f64) -> f64 {
    crate::guard::amount(value)
}

/// `3 nodes`, `1 node`.
fn counted(count: f64, one: &str, many: &str) -> String {
    let word = if (count - 1.0).abs() < 1e-9 { one } else { many };
    format!("{} {word}", format_number(count))
}
