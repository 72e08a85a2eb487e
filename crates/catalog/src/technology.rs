//! Technologies: what each can do, what it costs, which versions are supported, where that is written.

use indexmap::IndexMap;
use loadcase_model::{Fact, Id, Mark, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::container::Container;

/// What a technology is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TechnologyKind {
    /// A programming language or its runtime.
    Language,
    /// A web framework.
    Framework,
    /// A database.
    Store,
    /// A cache.
    Cache,
    /// A queue, broker or log.
    Broker,
    /// A search engine.
    Search,
    /// A store for analytical queries.
    Analytics,
    /// A way to run processes: rented server, virtual machines, platform, orchestrator, functions.
    Compute,
    /// A cloud or hosting provider.
    Provider,
    /// A content delivery network, reverse proxy, load balancer or gateway.
    Edge,
    /// A store for files.
    ObjectStore,
    /// Sign-in as a product.
    Identity,
    /// Monitoring, logging, tracing.
    Observability,
    /// A tool to build, migrate or deliver with.
    Tool,
}

/// How a store is told what it keeps: the language of its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// SQL as PostgreSQL has it.
    Postgresql,
    /// SQL as MySQL and MariaDB have it.
    Mysql,
    /// SQL as SQLite has it.
    Sqlite,
    /// SQL of column stores of the MergeTree kind.
    Clickhouse,
    /// Tables by query in CQL.
    Cql,
    /// Collections with validators and indexes.
    Mongodb,
    /// One table with composed keys and secondary indexes.
    Dynamodb,
    /// Keys with a time to live.
    Redis,
}

/// A technology of the catalog: one file under `catalog/technologies/<kind>/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Technology {
    /// Identifier, equal to the file name.
    pub id: Id,
    /// Name in prose.
    pub name: String,
    /// What it is for.
    pub kind: TechnologyKind,
    /// One sentence.
    pub summary: String,
    /// Other words people use for it, lower case; `id` and `name` are implied.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it can and cannot do, as traits of the lexicon.
    #[serde(default)]
    pub traits: Vec<Id>,
    /// The language of its schema, where Loadcase writes one.
    #[serde(default)]
    pub dialect: Option<Dialect>,
    /// What of that language it does not know: `brin`, `clock`, `constraint-triggers`, `gist`, `foreign-keys`,
    /// `partitions`, `roles`, `triggers`.
    #[serde(default)]
    pub dialect_lacks: Vec<Id>,
    /// The language a framework is written for.
    #[serde(default)]
    pub language: Option<Id>,
    /// Who runs it as a service, by technology or provider identifier, with the name of that service.
    #[serde(default)]
    pub managed_as: IndexMap<Id, String>,
    /// Of an extension: providers whose own managed databases carry it in full.
    #[serde(default)]
    pub hosted_by: Vec<Id>,
    /// Of a provider: its region for each area of the lexicon, in its own words. An area it has no region in is absent.
    #[serde(default)]
    pub regions: IndexMap<Id, String>,
    /// Of a provider: other regions of it that a blueprint may name as they are.
    #[serde(default)]
    pub more_regions: Vec<String>,
    /// Names under which other sources know it.
    #[serde(default)]
    pub ids: TechnologyIds,
    /// Release lines, newest first. Empty for services without versions.
    #[serde(default)]
    pub releases: Vec<Release>,
    /// The release line to start with today.
    #[serde(default)]
    pub recommended: Option<String>,
    /// Numbers, by the names of the lexicon: service demands, limits, prices, availability, operating load.
    #[serde(default)]
    pub facts: IndexMap<Id, Fact>,
    /// Prices that fall with the volume of a month, by the name of the fact that has the first of them.
    #[serde(default)]
    pub tiers: IndexMap<Id, Tiers>,
    /// Of a kind of thing that many sell: the technology that a provider sells as it, whose numbers hold there.
    #[serde(default)]
    pub sold_as: IndexMap<Id, Id>,
    /// Of a provider: the sizes of its processes, where their prices do not grow evenly.
    #[serde(default)]
    pub process_sizes: Option<Sizes>,
    /// Of a provider: the sizes of its relational databases.
    #[serde(default)]
    pub database_sizes: Option<Sizes>,
    /// How it is run as a container; absent for services that only others run.
    #[serde(default)]
    pub container: Option<Container>,
    /// The technology that takes its place on a developer's machine, where nobody can run it.
    #[serde(default)]
    pub stands_in: Option<Id>,
    /// What it is good for.
    #[serde(default)]
    pub good_for: Vec<String>,
    /// What it is bad for.
    #[serde(default)]
    pub bad_for: Vec<String>,
    /// Known limitations, each a sentence.
    #[serde(default)]
    pub limitations: Vec<String>,
    /// Documentation.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Selected advisories. Absence says nothing: the list is a chosen one.
    #[serde(default)]
    pub advisories: Vec<Advisory>,
}

/// A price that falls with the volume of a month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tiers {
    /// How sure the prices are.
    pub mark: Mark,
    /// Who says so.
    pub source: String,
    /// A link, where there is one.
    #[serde(default)]
    pub url: Option<String>,
    /// The day the prices were true, `YYYY-MM-DD`.
    pub as_of: String,
    /// The prices, that of the first units first; the last has no end.
    pub all: Vec<Tier>,
}

/// One price of several.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The volume of a month up to which it holds; absent for the last.
    #[serde(default)]
    pub up_to: Option<f64>,
    /// Price of one unit, USD.
    pub usd: f64,
}

impl Tiers {
    /// What is bought at each price when `amount` comes on top of what was `before` it in the same month.
    #[must_use]
    pub fn parts(&self, before: f64, amount: f64) -> Vec<(f64, f64)> {
        let (mut from, end) = (before.max(0.0), before.max(0.0) + amount.max(0.0));
        let mut parts = Vec::new();
        for tier in &self.all {
            let until = tier.up_to.unwrap_or(f64::INFINITY).min(end);
            if until > from {
                parts.push((until - from, tier.usd));
                from = until;
            }
        }
        parts
    }

    /// What `amount` costs on top of what was `before` it.
    #[must_use]
    pub fn total(&self, before: f64, amount: f64) -> f64 {
        self.parts(before, amount).iter().map(|(units, usd)| units * usd).sum()
    }

    /// Whether volumes rise, prices are sane and the last has no end.
    pub(crate) fn is_sound(&self) -> bool {
        let ends: Vec<f64> = self.all.iter().map_while(|t| t.up_to).collect();
        let sane = |v: &f64| v.is_finite() && *v >= 0.0;
        ends.len() + 1 == self.all.len()
            && ends.iter().all(|e| sane(e) && *e > 0.0)
            && ends.windows(2).all(|w| w[0] < w[1])
            && self.all.iter().all(|t| sane(&t.usd))
    }
}

/// The sizes that machines of a provider come in, small ones first, each with its price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    /// How sure the prices are.
    pub mark: Mark,
    /// Who says so.
    pub source: String,
    /// A link, where there is one.
    #[serde(default)]
    pub url: Option<String>,
    /// The day the prices were true, `YYYY-MM-DD`.
    pub as_of: String,
    /// The provider and region of the prices, such as `aws/us-east-1`, where others differ.
    #[serde(default)]
    pub of: Option<String>,
    /// The sizes.
    pub all: Vec<MachineSize>,
}

/// One size of a machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MachineSize {
    /// Its name at the provider.
    pub name: String,
    /// Processors.
    pub vcpu: f64,
    /// Memory, GB.
    pub memory_gb: f64,
    /// Price of one copy a month, USD.
    pub usd_month: f64,
    /// Whether it cannot have a standby.
    #[serde(default)]
    pub alone: bool,
    /// Of a database: the connections that the provider lets it take, where it sets a limit of its own.
    #[serde(default)]
    pub connections: Option<u32>,
}

impl Sizes {
    /// The smallest size that has what is asked for; the largest where none has.
    #[must_use]
    pub fn fitting(&self, vcpu: f64, memory_gb: f64, standby: bool) -> Option<&MachineSize> {
        let may = |s: &&MachineSize| !(standby && s.alone);
        let fits = |s: &&MachineSize| s.vcpu >= vcpu - 1e-6 && s.memory_gb >= memory_gb - 1e-6;
        let mut all = self.all.iter().filter(may);
        all.clone().find(fits).or_else(|| all.next_back())
    }

    /// The price of a size as a fact.
    #[must_use]
    pub fn price(&self, size: &MachineSize) -> Fact {
        Fact {
            value: size.usd_month,
            unit: Unit::UsdPerMonth,
            low: None,
            high: None,
            mark: self.mark,
            source: self.source.clone(),
            url: self.url.clone(),
            as_of: self.as_of.clone(),
            of: self.of.clone(),
            note: None,
        }
    }
}

impl Technology {
    /// Whether it has a trait.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.traits.iter().any(|t| t == name)
    }

    /// A number of this technology, when the catalog has it.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.get(name)
    }

    /// The release line to recommend: the named one, else the newest.
    #[must_use]
    pub fn release(&self) -> Option<&Release> {
        match &self.recommended {
            Some(cycle) => self.releases.iter().find(|r| r.cycle == *cycle),
            None => self.releases.first(),
        }
    }
}

/// Names under which other sources know a technology.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TechnologyIds {
    /// Product name at endoflife.date.
    #[serde(default)]
    pub endoflife: Option<String>,
    /// `ecosystem:name` as deps.dev and OSV know it.
    #[serde(default)]
    pub package: Option<String>,
    /// Library path at Context7.
    #[serde(default)]
    pub context7: Option<String>,
    /// Package URL.
    #[serde(default)]
    pub purl: Option<String>,
}

/// A release line with its support window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The line, such as `18` or `3.14`.
    pub cycle: String,
    /// Newest version of the line.
    pub latest: String,
    /// Day of the newest version, `YYYY-MM-DD`.
    #[serde(default)]
    pub latest_date: Option<String>,
    /// Day from which the line is long-term supported; absent when it is not.
    #[serde(default)]
    pub lts: Option<String>,
    /// Day on which full support ends; absent when unknown or without such a phase.
    #[serde(default)]
    pub support_end: Option<String>,
    /// Day on which fixes end; absent when no day is announced.
    #[serde(default)]
    pub eol: Option<String>,
    /// Who says so.
    pub source: String,
    /// The day this was true, `YYYY-MM-DD`.
    pub as_of: String,
}

/// A link to documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Title.
    pub title: String,
    /// Address.
    pub url: String,
}

/// A security advisory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// Identifier, such as `CVE-2025-29927`.
    pub id: String,
    /// `critical`, `high`, `moderate` or `low`.
    pub severity: String,
    /// What happens, in a sentence.
    pub summary: String,
    /// First version with the fault, when earlier lines are known to lack it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introduced: Option<String>,
    /// Versions with the fix.
    #[serde(default)]
    pub fixed_in: Vec<String>,
    /// Who says so.
    pub source: String,
    /// Day of publication, `YYYY-MM-DD`, when known.
    #[serde(default)]
    pub date: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_size_that_has_all_is_taken() {
        let size = |name: &str, vcpu: f64, memory_gb: f64, alone: bool| MachineSize {
            name: name.to_owned(),
            vcpu,
            memory_gb,
            usd_month: 10.0 * vcpu,
            alone,
            connections: None,
        };
        let sizes = Sizes {
            mark: Mark::Remembered,
            source: "a price list".to_owned(),
            url: None,
            as_of: "2026-11-22".to_owned(),
            of: None,
            all: vec![size("s", 1.0, 2.0, true), size("m", 2.0, 4.0, false), size("l", 4.0, 8.0, false)],
        };
        let name = |vcpu, memory, standby| sizes.fitting(vcpu, memory, standby).map(|s| s.name.as_str());
        assert_eq!(name(1.0, 2.0, false), Some("s"));
        assert_eq!(name(1.0, 2.0, true), Some("m"), "the small one has no standby");
        assert_eq!(name(1.0, 5.0, false), Some("l"), "memory counts too");
        assert_eq!(name(64.0, 5.0, false), Some("l"), "there is nothing larger");
    }
}
