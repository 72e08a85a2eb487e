//! Checks that no file of the catalog refers to something that is not there.

use std::collections::BTreeSet;

use loadcase_model::{Id, OperationKind, Part};

use crate::advisory::AdvisoryRecord;
use crate::catalog::Catalog;
use crate::condition::Condition;
use crate::decision::{DecisionSpec, OptionSpec};
use crate::domain::Domain;
use crate::lifecycle::{End, Lifecycle};
use crate::technology::Technology;

/// A fault in the catalog.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The record, such as `technology postgresql`.
    pub record: String,
    /// What is wrong.
    pub problem: String,
}

/// Every fault in the catalog, in a stable order; empty when it is sound.
#[must_use]
pub fn validate(catalog: &Catalog) -> Vec<Problem> {
    let mut check = Check { catalog, record: String::new(), problems: BTreeSet::new() };
    catalog.technologies.values().for_each(|t| check.technology(t));
    catalog.decisions.values().for_each(|d| check.decision(d));
    catalog.domains.values().for_each(|d| check.domain(d));
    for pattern in catalog.patterns.values() {
        check.record = format!("pattern {}", pattern.id);
        pattern.related.iter().for_each(|id| check.known_pattern(id));
        check.ensure(!pattern.references.is_empty(), || "has no reference".to_owned());
    }
    for remedy in catalog.remedies.values() {
        check.record = format!("remedy {}", remedy.id);
        remedy.pattern.iter().for_each(|id| check.known_pattern(id));
        check.ensure(!remedy.changes.is_empty(), || "changes nothing".to_owned());
        check.ensure(!remedy.sources.is_empty(), || "has no source".to_owned());
        check.ensure(is_day(&remedy.as_of), || format!("`{}` is not a day", remedy.as_of));
    }
    for scenario in catalog.scenarios.values() {
        check.record = format!("scenario {}", scenario.id);
        for (window, share) in scenario.holds.iter().chain(&scenario.spares) {
            check.ensure(scenario.windows.contains_key(window), || format!("holds in no window `{window}`"));
            check.ensure((0.0..=1.0).contains(share), || format!("`{share}` is no share"));
        }
    }
    catalog.lifecycles.values().for_each(|l| check.lifecycle(l));
    catalog.advisories.values().for_each(|a| check.advisory(a));
    for package in catalog.packages.values() {
        check.record = format!("package {}:{}", package.ecosystem, package.name);
        check.ensure(is_day(&package.as_of), || format!("`{}` is not a day", package.as_of));
        let day = package.released.as_deref().is_none_or(is_day);
        check.ensure(day, || "was released on no day".to_owned());
    }
    for signal in catalog.lexicon.signals.values() {
        check.record = format!("signal {}", signal.id);
        signal.implies.iter().for_each(|id| check.known_signal(id));
    }
    for flag in &catalog.lexicon.flags {
        check.record = format!("flag {}", flag.id);
        check.condition(&flag.when);
    }
    for assumption in &catalog.lexicon.assumptions {
        check.record = format!("assumption {}", assumption.input.slug());
        assumption.when.iter().for_each(|c| check.condition(c));
        let inside = assumption.low <= assumption.value && assumption.value <= assumption.high;
        check.ensure(inside, || "lies outside its range".to_owned());
    }
    check.problems.into_iter().collect()
}

struct Check<'a> {
    catalog: &'a Catalog,
    record: String,
    problems: BTreeSet<Problem>,
}

impl Check<'_> {
    fn ensure(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.problems.insert(Problem { record: self.record.clone(), problem: problem() });
        }
    }

    fn known_pattern(&mut self, id: &Id) {
        let known = self.catalog.patterns.contains_key(id);
        self.ensure(known, || format!("there is no pattern `{id}`"));
    }

    fn known_signal(&mut self, id: &Id) {
        let known = self.catalog.lexicon.signals.contains_key(id);
        self.ensure(known, || format!("there is no signal `{id}`"));
    }

    fn known_technology(&mut self, id: &Id) {
        let known = self.catalog.technologies.contains_key(id);
        self.ensure(known, || format!("there is no technology `{id}`"));
    }

    fn known_trait(&mut self, id: &Id) {
        let known = self.catalog.lexicon.traits.contains_key(id);
        self.ensure(known, || format!("there is no trait `{id}`"));
    }

    /// Files are written from it: image and port must be known, and health must be asked.
    fn container(&mut self, technology: &Technology) {
        let Some(container) = &technology.container else { return };
        let image = self.catalog.image_of(technology, container).is_some();
        let port = self.catalog.port_of(technology, container).is_some();
        self.ensure(image, || "has a container without an image".to_owned());
        self.ensure(port, || "has a container without a port".to_owned());
        self.ensure(!container.health.is_empty(), || "has a container without a health check".to_owned());
        let tagged = !container.tag.contains("{version}") || technology.release().is_some();
        self.ensure(tagged, || "has a container without a version".to_owned());
    }

    fn technology(&mut self, technology: &Technology) {
        self.record = format!("technology {}", technology.id);
        technology.traits.iter().for_each(|t| self.known_trait(t));
        technology.language.iter().for_each(|l| self.known_technology(l));
        technology.stands_in.iter().for_each(|t| self.known_technology(t));
        self.container(technology);
        technology.managed_as.keys().for_each(|p| self.known_technology(p));
        technology.sold_as.iter().for_each(|(by, as_what)| {
            self.known_technology(by);
            self.known_technology(as_what);
        });
        for (name, tiers) in &technology.tiers {
            self.ensure(is_day(&tiers.as_of), || format!("tiers: `{}` is not a day", tiers.as_of));
            self.ensure(tiers.is_sound(), || format!("tiers of `{name}` do not rise to one without an end"));
            let first = technology.facts.get(name).map(|f| f.value) == tiers.all.first().map(|t| t.usd);
            self.ensure(first, || format!("the first tier of `{name}` is not the price of that name"));
        }
        self.ensure(!technology.links.is_empty(), || "has no link to its documentation".to_owned());
        for sizes in technology.process_sizes.iter().chain(&technology.database_sizes) {
            self.ensure(is_day(&sizes.as_of), || format!("sizes: `{}` is not a day", sizes.as_of));
            self.ensure(!sizes.all.is_empty(), || "has a list of sizes without any".to_owned());
            let amount = |v: f64| v.is_finite() && v > 0.0;
            for size in &sizes.all {
                let sane = amount(size.vcpu) && amount(size.memory_gb) && amount(size.usd_month);
                self.ensure(sane, || format!("size `{}` has no sane numbers", size.name));
            }
        }
        for (name, fact) in &technology.facts {
            let spec = self.catalog.lexicon.fact_names.get(name);
            self.ensure(spec.is_some(), || format!("there is no fact name `{name}`"));
            self.ensure(spec.is_none_or(|s| s.unit == fact.unit), || format!("`{name}` has the wrong unit"));
            self.ensure(is_day(&fact.as_of), || format!("`{name}`: `{}` is not a day", fact.as_of));
            self.ensure(fact.value.is_finite() && fact.value >= 0.0, || {
                format!("`{name}` is not a sane number")
            });
            let (low, high) = fact.range();
            self.ensure(low <= fact.value && fact.value <= high, || {
                format!("`{name}` lies outside its range")
            });
        }
        for release in &technology.releases {
            for day in
                [&release.latest_date, &release.lts, &release.support_end, &release.eol].into_iter().flatten()
            {
                self.ensure(is_day(day), || format!("release {}: `{day}` is not a day", release.cycle));
            }
        }
        let recommended = technology.recommended.is_none() || technology.release().is_some();
        self.ensure(recommended, || "recommends a release line it does not list".to_owned());
    }

    fn lifecycle(&mut self, lifecycle: &Lifecycle) {
        self.record = format!("lifecycle {}", lifecycle.id);
        lifecycle.technology.iter().for_each(|t| self.known_technology(t));
        let service = lifecycle.service.as_ref();
        service.into_iter().flat_map(|s| [&s.by, &s.of]).for_each(|t| self.known_technology(t));
        self.ensure(!lifecycle.cycles.is_empty(), || "has no release line".to_owned());
        self.ensure(is_day(&lifecycle.as_of), || format!("`{}` is not a day", lifecycle.as_of));
        for cycle in &lifecycle.cycles {
            let ends = [&cycle.active, &cycle.fixes, &cycle.extended].into_iter().flatten();
            let ends = ends.filter_map(|e| if let End::On(day) = e { Some(day) } else { None });
            for day in ends.chain([&cycle.released, &cycle.latest_date].into_iter().flatten()) {
                self.ensure(is_day(day), || format!("line {}: `{day}` is not a day", cycle.cycle));
            }
        }
    }

    fn advisory(&mut self, advisory: &AdvisoryRecord) {
        self.record = format!("advisory {}", advisory.id);
        advisory.concerns.iter().for_each(|t| self.known_technology(t));
        self.ensure(is_day(&advisory.as_of), || format!("`{}` is not a day", advisory.as_of));
        for affected in &advisory.affects {
            let lifecycle = affected.lifecycle.as_ref();
            let known = lifecycle.is_none_or(|l| self.catalog.lifecycles.contains_key(l));
            self.ensure(known, || format!("{}: there is no such lifecycle", affected.name));
            let named = !affected.ranges.is_empty() || !affected.versions.is_empty();
            self.ensure(named, || format!("{}: no version is affected", affected.name));
        }
    }

    fn decision(&mut self, decision: &DecisionSpec) {
        self.record = format!("decision {}", decision.id);
        self.ensure(decision.options.len() >= 2, || "has fewer than two options".to_owned());
        decision.arises.iter().for_each(|c| self.condition(c));
        for need in &decision.needs {
            self.known_trait(&need.capability);
            self.condition(&need.when);
        }
        for option in &decision.options {
            self.record = format!("decision {} option {}", decision.id, option.id);
            self.option(option);
        }
    }

    fn option(&mut self, option: &OptionSpec) {
        option.technologies.iter().for_each(|t| self.known_technology(t));
        option.patterns.iter().for_each(|p| self.known_pattern(p));
        option.traits.iter().for_each(|t| self.known_trait(t));
        option.never.iter().for_each(|r| self.condition(&r.when));
        option.shifts.iter().filter_map(|s| s.when.as_ref()).for_each(|c| self.condition(c));
        self.ensure(!option.words.is_empty(), || "has no word of the published vocabulary".to_owned());
        for conflict in &option.conflicts {
            let other = self.catalog.decision(conflict.decision.as_str());
            self.ensure(other.is_some(), || format!("there is no decision `{}`", conflict.decision));
            for id in conflict.options.iter().chain(&conflict.unless) {
                let known = other.is_none_or(|d| d.option(id.as_str()).is_some());
                self.ensure(known, || format!("`{}` has no option `{id}`", conflict.decision));
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        condition.signals().into_iter().for_each(|s| self.known_signal(s));
        let (technologies, domains) = condition.names();
        technologies.into_iter().for_each(|t| self.known_technology(t));
        for domain in domains {
            let known = self.catalog.domains.contains_key(domain);
            self.ensure(known, || format!("there is no domain `{domain}`"));
        }
        for decision in condition.decisions() {
            let known = self.catalog.decisions.contains_key(decision);
            self.ensure(known, || format!("there is no decision `{decision}`"));
        }
    }

    fn domain(&mut self, domain: &Domain) {
        self.record = format!("domain {}", domain.id);
        domain.implies.iter().for_each(|s| self.known_signal(s));
        let mut shares = 0.0;
        for (id, operation) in &domain.operations {
            shares += if operation.kind == OperationKind::Job { 0.0 } else { operation.share };
            self.ensure(domain.modules.contains_key(&operation.module), || format!("`{id}`: no such module"));
            for access in &operation.accesses {
                self.access(domain, id, access);
            }
            for (_, fault) in loadcase_model::taking_faults(&operation.taking(), &domain.entities) {
                self.ensure(false, || format!("`{id}` {fault}"));
            }
            let clock = operation.kind == OperationKind::Scheduled;
            self.ensure(operation.every.is_none_or(|s| clock && s.is_finite() && s >= 1.0), || {
                format!("`{id}`: `every` is a number of seconds, for scheduled operations")
            });
            for from in operation.accesses.iter().filter_map(|a| a.rows_from.as_ref()) {
                let known = |e: &Option<Id>| e.as_ref().is_none_or(|e| domain.entities.contains_key(e));
                let counted = from.all.as_ref().is_none_or(|e| domain.counts.contains_key(e));
                self.ensure(clock && known(&from.added) && counted, || {
                    format!("`{id}`: `rows_from` names an entity, or for `all` a counted one, for scheduled operations")
                });
            }
            for follow in &operation.follows {
                self.ensure(domain.operations.contains_key(&follow.job), || {
                    format!("`{id}` starts an unknown job")
                });
            }
        }
        let following = domain.operations.iter().map(|(id, o)| (id, o.kind, o.after.as_ref()));
        for (id, fault) in loadcase_model::following_faults(following) {
            self.ensure(false, || format!("`{id}` {fault}"));
        }
        self.ensure((shares - 1.0).abs() < 1e-6, || format!("shares of requests sum to {shares}, not 1"));
        for module in domain.modules.values().flat_map(|m| &m.uses) {
            self.ensure(domain.modules.contains_key(module), || format!("no module `{module}`"));
        }
        for (id, entity) in &domain.entities {
            let module = entity.module.as_ref().is_some_and(|m| domain.modules.contains_key(m));
            self.ensure(module, || format!("entity `{id}` belongs to no module"));
            let books = matches!(entity.plays, Some(Part::LedgerEntry | Part::LedgerTransaction));
            self.ensure(!books || entity.keep_days.is_none(), || {
                format!("entity `{id}` deletes books by age, on which balances rest")
            });
            for to in entity.fields.iter().filter_map(|f| f.to.as_ref()) {
                self.ensure(domain.entities.contains_key(to), || {
                    format!("entity `{id}` refers to unknown `{to}`")
                });
            }
            let among = entity.unique_when.iter().flat_map(|u| u.fields.iter().chain(u.only.keys()));
            for field in among.chain(&entity.ages_by) {
                let known = entity.fields.iter().any(|f| f.name == *field);
                self.ensure(known, || format!("entity `{id}` has no field `{field}`"));
            }
        }
        for (way, lookup) in &domain.proofs {
            lookup.accesses.iter().for_each(|access| self.access(domain, way, access));
            let decision = self.catalog.decision("authentication");
            let known = decision.is_none_or(|d| d.options.iter().any(|o| o.has(lookup.with.as_str())));
            self.ensure(known, || format!("`{way}`: no way to sign in has the trait `{}`", lookup.with));
        }
        for (id, count) in &domain.counts {
            let sound = count.times.is_finite() && count.times > 0.0;
            self.ensure(sound && domain.entities.contains_key(id), || format!("no entity `{id}` to count"));
        }
        for id in &domain.main_operations {
            self.ensure(domain.operations.contains_key(id), || format!("no main operation `{id}`"));
        }
    }

    fn access(&mut self, domain: &Domain, id: &Id, access: &loadcase_model::Access) {
        let Some(entity) = domain.entities.get(&access.entity) else {
            self.ensure(false, || format!("`{id}` touches unknown entity `{}`", access.entity));
            return;
        };
        if let Some(fault) = access.needing_fault(entity) {
            self.ensure(false, || format!("`{id}` {fault}"));
        }
        for field in access.by.iter().chain(&access.order) {
            let implied = ["id", "created_at", "updated_at", "tenant_id"].contains(&field.as_str());
            let known = implied || entity.fields.iter().any(|f| f.name == *field);
            self.ensure(known, || format!("`{id}`: entity `{}` has no field `{field}`", access.entity));
        }
    }
}

/// `YYYY-MM-DD`, a real day.
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::load_embedded;

    #[test]
    fn the_embedded_catalog_is_sound() {
        let catalog = load_embedded().unwrap_or_else(|e| panic!("{e}"));
        let problems: Vec<String> =
            validate(&catalog).into_iter().map(|p| format!("{}: {}", p.record, p.problem)).collect();
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }

    #[test]
    fn a_body_names_fields_that_are_there() {
        let mut catalog = load_embedded().unwrap_or_else(|e| panic!("{e}"));
        let operation = &mut catalog.domains["social"].operations["edit-post"];
        operation.takes = Some(vec![loadcase_model::Taken::Column("post.titel".to_owned())]);
        let told = "`edit-post` takes `post.titel`, but `post` has no field `titel`";
        assert!(validate(&catalog).iter().any(|p| p.record == "domain social" && p.problem == told));
    }
}
