//! Numbers of technologies: the catalog's fact, or the planning default of the kind of component.

use loadcase_catalog::Catalog;
use loadcase_model::ComponentKind::{
    self, Analytics, Broker, Cache, Edge, External, Function, Gateway, Identity, ObjectStore, Pooler, Search,
    Store,
};
use loadcase_model::{Figure, Id, Origin, Unit, format_quantity};

/// A number of a technology, with its origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The value.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// Where it comes from: a dated fact or an assumption.
    pub origin: Origin,
    /// What to call it, such as `postgresql.cpu-ms-read`.
    pub id: String,
    /// The day it was true, when the catalog has it.
    pub as_of: Option<String>,
}

impl Known {
    /// The number with its name and what it rests on, for the basis of a record:
    /// `postgresql.cpu-ms-read 0.12 ms (planning assumption, as of 2026-11-22)`.
    #[must_use]
    pub fn text(&self) -> String {
        let quantity = format_quantity(self.value, self.unit);
        let standing = match (&self.origin, &self.as_of) {
            (Origin::Fact { .. }, Some(day)) => format!("fact, as of {day}"),
            (_, Some(day)) => format!("planning assumption, as of {day}"),
            _ => "planning assumption, the catalog has no figure".to_owned(),
        };
        format!("{} {quantity} ({standing})", self.id)
    }

    /// The number as a figure.
    #[must_use]
    pub fn figure(&self) -> Figure {
        Figure { value: self.value, unit: self.unit, origin: self.origin.clone() }
    }
}

/// The catalog's figure for a technology; absent when the catalog has none or it is not a sane number.
#[must_use]
pub fn stated(catalog: &Catalog, technology: Option<&Id>, name: &str) -> Option<Known> {
    let technology = technology?;
    let fact = catalog.technology(technology.as_str())?.fact(name)?;
    let id = format!("{technology}.{name}");
    (fact.value.is_finite() && fact.value >= 0.0).then(|| Known {
        value: fact.value,
        unit: fact.unit,
        origin: fact.origin(&id),
        id,
        as_of: Some(fact.as_of.clone()),
    })
}

/// The catalog's figure for a technology, or the planning default for this kind of component.
#[must_use]
pub fn known(catalog: &Catalog, technology: Option<&Id>, kind: ComponentKind, name: &str) -> Known {
    stated(catalog, technology, name).unwrap_or_else(|| {
        let planning = planning(kind, name);
        let whose = technology.map_or_else(String::new, |t| format!(" of {t}"));
        Known {
            value: planning.value,
            unit: catalog.lexicon.fact_names.get(name).map_or(planning.unit, |n| n.unit),
            origin: Origin::assumed(
                planning.low,
                planning.high,
                format!("the catalog has no `{name}`{whose}: {}", planning.because),
            ),
            id: technology.map_or_else(|| name.to_owned(), |t| format!("{t}.{name}")),
            as_of: None,
        }
    })
}

/// What is planned with where the catalog is silent.
struct Planning {
    name: &'static str,
    /// Kinds it holds for; empty means every kind.
    kinds: &'static [ComponentKind],
    value: f64,
    low: f64,
    high: f64,
    unit: Unit,
    because: &'static str,
}

/// The default for a number nobody planned for: nothing.
const NOTHING: Planning = Planning {
    name: "",
    kinds: &[],
    value: 0.0,
    low: 0.0,
    high: 0.0,
    unit: Unit::One,
    because: "nothing is planned for it",
};

fn planning(kind: ComponentKind, name: &str) -> &'static Planning {
    let fits = |p: &&Planning| p.name == name && (p.kinds.is_empty() || p.kinds.contains(&kind));
    PLANNING.iter().find(fits).unwrap_or(&NOTHING)
}

const fn plan(
    name: &'static str,
    kinds: &'static [ComponentKind],
    (value, low, high): (f64, f64, f64),
    unit: Unit,
    because: &'static str,
) -> Planning {
    Planning { name, kinds, value, low, high, unit, because }
}

/// Planning defaults by name and kind; the first that fits counts.
static PLANNING: &[Planning] = &[
    plan(
        "cpu-ms-read",
        &[Search, Analytics],
        (3.0, 1.0, 10.0),
        Unit::Milliseconds,
        "one query over an index of words or columns",
    ),
    plan("cpu-ms-read", &[], (0.2, 0.07, 0.5), Unit::Milliseconds, "2,000 to 15,000 reads per core"),
    plan("cpu-ms-write", &[], (1.0, 0.5, 2.0), Unit::Milliseconds, "500 to 2,000 durable writes per core"),
    plan("wait-ms-read", &[], (0.8, 0.3, 2.0), Unit::Milliseconds, "one round trip in the zone, warm data"),
    plan("wait-ms-write", &[], (2.0, 0.5, 5.0), Unit::Milliseconds, "a round trip and a flush to disk"),
    plan("cpu-ms-op", &[Cache], (0.012, 0.005, 0.03), Unit::Milliseconds, "some 80,000 commands per core"),
    plan("cpu-ms-op", &[Broker], (0.05, 0.02, 0.2), Unit::Milliseconds, "some 20,000 messages per core"),
    plan("cpu-ms-op", &[Pooler], (0.02, 0.01, 0.05), Unit::Milliseconds, "a statement is only passed on"),
    plan("cpu-ms-op", &[Gateway], (0.05, 0.02, 0.2), Unit::Milliseconds, "a request is only passed on"),
    plan("cpu-ms-op", &[], (0.1, 0.05, 0.5), Unit::Milliseconds, "a small operation"),
    plan("wait-ms-op", &[Edge], (1.0, 0.5, 5.0), Unit::Milliseconds, "an answer from the edge's memory"),
    plan("wait-ms-op", &[ObjectStore], (30.0, 10.0, 100.0), Unit::Milliseconds, "first byte of an object"),
    plan("wait-ms-op", &[Pooler], (0.1, 0.05, 0.3), Unit::Milliseconds, "it stands beside the application"),
    plan("wait-ms-op", &[], (0.5, 0.2, 1.0), Unit::Milliseconds, "one round trip in the zone"),
    plan("round-trip-ms", &[], (0.5, 0.1, 1.5), Unit::Milliseconds, "between processes of one zone"),
    plan("scv", &[], (1.0, 0.3, 4.0), Unit::One, "exponential service"),
    plan("availability-single", &[External], (0.999, 0.99, 0.9999), Unit::Share, "somebody else's promise"),
    plan("availability-single", &[], (0.995, 0.99, 0.999), Unit::Share, "what one instance is promised at"),
    plan("availability-redundant", &[External], (0.999, 0.99, 0.9999), Unit::Share, "as promised elsewhere"),
    plan("availability-redundant", &[Store], (0.9995, 0.999, 0.9999), Unit::Share, "copies in two zones"),
    plan("availability-redundant", &[], (0.9999, 0.999, 0.99995), Unit::Share, "copies in two zones"),
    plan("failover-s", &[], (60.0, 20.0, 180.0), Unit::Seconds, "a standby is noticed and promoted"),
    plan("replication-lag-s", &[], (1.0, 0.0, 10.0), Unit::Seconds, "an asynchronous copy in the region"),
    plan("start-s", &[], (60.0, 5.0, 300.0), Unit::Seconds, "time to start another instance"),
    plan("memory-gb-per-vcpu", &[], (4.0, 2.0, 8.0), Unit::Gigabytes, "the usual machine shape"),
    plan("usd-month-vcpu", &[Function], (55.0, 30.0, 90.0), Unit::UsdPerMonth, "functions, if always busy"),
    plan("usd-month-vcpu", &[], (36.0, 10.0, 70.0), Unit::UsdPerMonth, "list price of one vCPU with 2 GB"),
    plan("usd-month-gb-storage", &[ObjectStore], (0.023, 0.01, 0.03), Unit::UsdPerMonth, "object storage"),
    plan("usd-month-gb-storage", &[], (0.12, 0.05, 0.3), Unit::UsdPerMonth, "network disks"),
    plan("usd-per-million-requests", &[Store], (0.3, 0.1, 0.6), Unit::Usd, "stores paid by use"),
    plan("usd-per-million-requests", &[Broker], (0.4, 0.2, 1.0), Unit::Usd, "queues paid by use"),
    plan("usd-per-million-requests", &[Function], (0.2, 0.1, 1.0), Unit::Usd, "functions paid by use"),
    plan("usd-per-million-requests", &[Edge], (0.6, 0.0, 1.2), Unit::Usd, "edge networks"),
    plan("usd-per-million-requests", &[Gateway], (0.4, 0.0, 3.5), Unit::Usd, "balancers of a platform"),
    plan("usd-per-million-writes", &[Store], (1.2, 0.5, 2.0), Unit::Usd, "stores paid by use"),
    plan(
        "engineers-managed",
        &[Store, Broker, Search],
        (0.05, 0.02, 0.1),
        Unit::Engineers,
        "somebody hosts it",
    ),
    plan(
        "engineers-managed",
        &[Analytics, Identity],
        (0.05, 0.02, 0.1),
        Unit::Engineers,
        "somebody hosts it",
    ),
    plan("engineers-managed", &[], (0.02, 0.0, 0.05), Unit::Engineers, "somebody hosts it"),
    plan(
        "engineers-self",
        &[Store, Broker, Search],
        (0.25, 0.1, 0.5),
        Unit::Engineers,
        "patches, backups, alarms",
    ),
    plan(
        "engineers-self",
        &[Analytics, Identity],
        (0.25, 0.1, 0.5),
        Unit::Engineers,
        "patches, backups, alarms",
    ),
    plan("engineers-self", &[], (0.1, 0.03, 0.2), Unit::Engineers, "patches and alarms"),
    plan(
        "engineers-per-deployable",
        &[],
        (0.1, 0.05, 0.3),
        Unit::Engineers,
        "its pipeline, alarms and upgrades",
    ),
    plan("engineers-per-node", &[], (0.01, 0.0, 0.03), Unit::Engineers, "patches and replacements"),
];
