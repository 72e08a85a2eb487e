//! Numbers that a design says in several places are one number, for every domain of the catalog.

use std::collections::BTreeSet;

use loadcase_model::{ComponentKind, Design, Entity, Horizons, Id, Input, OperationKind, stored};

use crate::briefs::{Draft, catalog};

/// A product of each domain, with a stream of events where devices send one.
fn products() -> Vec<(String, Design)> {
    let catalog = catalog();
    let of = |id: &Id| {
        let draft = Draft::default().domain(id.as_str()).now(Input::Engineers, 8.0);
        let draft = match id.as_str() {
            "iot" => draft.now(Input::EventsPerS, 500.0),
            _ => draft.now(Input::MonthlyUsers, 100_000.0),
        };
        (id.to_string(), draft.design(&catalog))
    };
    catalog.domains.keys().map(of).collect()
}

fn value(design: &Design, input: Input) -> Horizons<f64> {
    let reading = design.readings.iter().find(|r| r.input == input).expect("the input is read");
    Horizons { now: reading.now.value, later: reading.later.value }
}

/// The rows of the growth table that lie in primary stores, GB.
fn table(design: &Design) -> f64 {
    let blueprint = &design.blueprint;
    let factor = value(design, Input::PeakFactor);
    let apart = |e: &Entity| {
        let store = e.store.as_ref().and_then(|s| blueprint.components.get(s));
        store.is_some_and(|c| c.kind == ComponentKind::Analytics)
    };
    let entities = blueprint.entities.iter().filter(|(_, e)| !apart(e));
    entities.filter_map(|(id, e)| stored::growth(blueprint, id, e, &factor)).map(|g| g.added).sum()
}

#[test]
fn data_is_one_number_in_the_table_on_the_disk_and_in_the_bill() {
    for (domain, design) in products() {
        let planned = value(&design, Input::DataGb);
        let rows = table(&design);
        assert!(rows > 0.0, "{domain} writes nothing");
        let before = planned.later - rows;
        assert!(
            (-1e-6 * rows..=planned.now * 1.000_001).contains(&before),
            "{domain}: {} GB planned, {rows} GB of rows, {} GB today",
            planned.later,
            planned.now
        );
        let stores = || design.blueprint.components.values().filter(|c| c.kind == ComponentKind::Store);
        let disk: f64 = stores()
            .filter_map(|c| c.capacity.as_ref())
            .map(|c| c.storage_gb * f64::from(c.replicas.max(1)))
            .sum();
        let wanted = planned.later
            * if stores().any(|c| c.capacity.as_ref().is_some_and(|c| c.replicas > 0)) { 1.3 } else { 1.0 };
        // Disks come in steps, and none is smaller than 20 GB.
        let nodes: u32 = stores().filter_map(|c| c.capacity.as_ref()).map(|c| c.replicas.max(1)).sum();
        let room = 0.01 * wanted + f64::from(nodes) * 20.0;
        assert!(
            disk >= 0.99 * wanted && disk <= wanted + room,
            "{domain}: {disk} GB of disk, {wanted} GB wanted"
        );
        let billed = design
            .forecasts
            .later
            .cost
            .iter()
            .find(|l| l.item.contains("tore") && l.item.ends_with("storage"));
        if let Some(line) = billed {
            let gb = loadcase_model::format_number(
                stores().next().and_then(|c| c.capacity.as_ref()).expect("sized").storage_gb,
            );
            assert!(
                line.arithmetic.contains(&format!("{gb} GB")),
                "{domain}: {gb} GB are not in {}",
                line.arithmetic
            );
        }
    }
}

#[test]
fn where_the_application_has_copies_the_worker_has_too() {
    for (domain, design) in products() {
        let copies = |kind| {
            let of = design.blueprint.components.values().filter(move |c| c.kind == kind);
            of.filter_map(|c| c.capacity.as_ref()).map(|c| c.replicas).max()
        };
        if copies(ComponentKind::Service).is_some_and(|n| n > 1)
            && let Some(workers) = copies(ComponentKind::Worker)
        {
            assert!(workers > 1, "{domain}: {workers}");
        }
    }
}

#[test]
fn the_latency_target_is_held_against_the_slowest_request() {
    for (domain, design) in products() {
        let target = design.targets.iter().find(|t| t.name.starts_with("p99")).expect("there is one");
        let forecast = &design.forecasts.later.operations;
        let asked = design.blueprint.operations.iter().filter(|(_, o)| o.kind == OperationKind::Request);
        // Systems of others aside, so that an operation without them is a lower bound.
        let alone = asked.filter(|(_, o)| {
            o.steps.iter().all(|s| {
                design
                    .blueprint
                    .components
                    .get(&s.component)
                    .is_none_or(|c| c.kind != ComponentKind::External)
            })
        });
        let slowest = alone.filter_map(|(id, _)| forecast.get(id)).filter(|f| f.rate.value > 0.0);
        let slowest = slowest.map(|f| f.latency.p99.value).fold(0.0, f64::max);
        assert!(
            target.forecast.value >= slowest * 0.999,
            "{domain}: {} below {slowest}",
            target.forecast.value
        );
        assert_eq!(target.met, target.forecast.value <= target.target.value, "{domain}");
    }
}

#[test]
fn the_growth_path_never_goes_back() {
    for (domain, design) in products() {
        let mut left: BTreeSet<String> = BTreeSet::new();
        let mut at = 0.0;
        for step in design.growth.iter().skip(1) {
            assert!(step.at.value > at, "{domain}: {} after {at}", step.at.value);
            at = step.at.value;
            let moves = step.action.trim_start_matches("Move ").split(", and ");
            for change in moves.filter_map(|m| m.strip_prefix("from ")?.split_once(" to ")) {
                let to = change.1.split(':').next().unwrap_or("").to_owned();
                assert!(!left.contains(&to), "{domain}: back to {to}");
                left.insert(change.0.to_owned());
            }
        }
    }
}

#[test]
fn the_region_is_where_the_brief_says() {
    let catalog = catalog();
    for (text, wanted) in [("for merchants in the EU", Some("eu")), ("for merchants", None)] {
        let mut draft = Draft::default().domain("commerce");
        text.clone_into(&mut draft.0.text);
        let design = draft.design(&catalog);
        let place = &design.blueprint.deployment;
        let provider = place.provider.as_ref().and_then(|p| catalog.technologies.get(p)).expect("chosen");
        let expected = wanted.map(|a| provider.regions[a].clone());
        assert_eq!(place.regions.first(), expected.as_ref(), "{text}");
    }
}

#[test]
fn nobody_is_invented_beside_the_devices_that_were_stated() {
    let catalog = catalog();
    let mut draft = Draft::default().domain("iot");
    let said = loadcase_model::Origin::stated("50,000 devices send a measurement every 10 seconds", 0);
    draft.0.numbers.entry(Input::EventsPerS).or_default().now =
        Some(loadcase_model::Estimate::exact(5_000.0, said));
    let design = draft.design(&catalog);
    assert!((value(&design, Input::MonthlyUsers).now - 50_000.0).abs() < 1e-6);
    let workload = &design.blueprint.workloads[0];
    let readings: f64 = workload
        .rate_per_s
        .iter()
        .filter_map(|(id, rate)| Some((design.blueprint.operations.get(id)?, rate)))
        .flat_map(|(o, rate)| o.accesses.iter().map(move |a| (a, rate)))
        .filter(|(a, _)| a.entity == *"reading" && a.kind == loadcase_model::AccessKind::Insert)
        .map(|(a, rate)| a.rows * rate)
        .sum();
    assert!((readings - 5_000.0).abs() < 1.0, "{readings} readings a second of 5,000 stated");
}

#[test]
fn a_chosen_option_says_what_it_costs_and_every_option_has_a_downside() {
    let catalog = catalog();
    for decision in catalog.decisions.values() {
        for option in &decision.options {
            assert!(!option.drawback.is_empty(), "{} {}", decision.id, option.id);
        }
    }
}
