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
    let rows: f64 =
        entities.filter_map(|(id, e)| stored::growth(blueprint, id, e, &factor)).map(|g| g.added).sum();
    rows + standing(design).iter().map(stored::Standing::later).sum::<f64>()
}

/// The tables that the chosen patterns bring.
fn standing(design: &Design) -> Vec<stored::Standing> {
    let catalog = catalog();
    let chosen = |word: &str| {
        let options = design.decisions.iter().filter_map(|d| {
            catalog.decision(d.id.as_str()).and_then(|spec| spec.option(d.verdict.option.as_str()))
        });
        options.flat_map(|o| &o.patterns).any(|p| p.as_str().contains(word))
    };
    let patterns = stored::Patterns { jobs: chosen("database-as-queue"), outbox: chosen("outbox") };
    stored::standing(&design.blueprint, patterns, &value(design, Input::PeakFactor))
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
            * if stores().any(|c| c.capacity.as_ref().is_some_and(|c| c.replicas > 0)) { 1.5 } else { 1.0 };
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

#[test]
fn an_average_is_brought_to_the_peak_and_rows_count_the_average() {
    let catalog = catalog();
    let designed = |average: bool| {
        let mut draft = Draft::default().domain("iot").now(Input::EventsPerS, 1_000.0);
        draft.0.numbers.entry(Input::EventsPerS).or_default().average = average;
        draft.design(&catalog)
    };
    for (average, seconds_of_a_day) in [(true, 86_400.0), (false, 86_400.0 / 1.8)] {
        let design = designed(average);
        let factor = value(&design, Input::PeakFactor);
        assert!((factor.now - 1.8).abs() < 1e-9, "the domain's factor");
        let peak = value(&design, Input::EventsPerS).now;
        assert!((peak - if average { 1_800.0 } else { 1_000.0 }).abs() < 1e-6, "{peak} events at the peak");
        let rows = stored::rows_per_day(&design.blueprint, &Id::slug("reading"), &factor).expect("known").now;
        assert!((rows / (1_000.0 * seconds_of_a_day) - 1.0).abs() < 1e-4, "{rows} rows a day");
    }
}

#[test]
fn what_each_device_sends_by_itself_comes_by_a_call_of_its_own() {
    let catalog = catalog();
    let designed = |each: bool, batches: bool| {
        let mut draft = Draft::default().domain("iot").now(Input::EventsPerS, 1_000.0);
        let given = draft.0.numbers.entry(Input::EventsPerS).or_default();
        (given.average, given.each) = (true, each);
        if batches {
            draft = draft.says("batched-events");
        }
        draft.design(&catalog)
    };
    let intake = catalog.domains["iot"].intake.clone().expect("devices send");
    for (each, batches, single) in [(true, false, true), (true, true, false), (false, true, false)] {
        let design = designed(each, batches);
        let now = &design.blueprint.workloads[0];
        let calls = now.rate_per_s[&intake];
        let events = value(&design, Input::EventsPerS).now;
        assert_eq!((calls - events).abs() < 1e-3 * events, single, "{calls} calls bring {events} events");
        // Whoever looks at the balancer counts them.
        let requests: f64 = now
            .rate_per_s
            .iter()
            .filter(|(id, _)| {
                let kind = design.blueprint.operations[*id].kind;
                !matches!(kind, OperationKind::Job | OperationKind::Scheduled)
            })
            .map(|(_, rate)| rate)
            .sum();
        let told = value(&design, Input::PeakRps).now;
        assert!((requests / told - 1.0).abs() < 1e-3, "{requests} requests, {told} told");
        let average = value(&design, Input::AverageRps).now;
        assert!((average * value(&design, Input::PeakFactor).now / told - 1.0).abs() < 1e-6);
    }
}

#[test]
fn a_store_of_events_holds_them_and_a_primary_remembers_what_is_read() {
    let catalog = catalog();
    let mut draft = Draft::default().domain("iot").now(Input::EventsPerS, 2_000.0);
    draft.0.numbers.entry(Input::EventsPerS).or_default().each = true;
    let design = draft.says("time-series").design(&catalog);
    let blueprint = &design.blueprint;
    let alone = |(_, c): &(&Id, &loadcase_model::Component)| {
        c.kind == ComponentKind::Analytics && c.capacity.is_some()
    };
    if let Some((id, _)) = blueprint.components.iter().find(alone) {
        let there: Vec<&Id> =
            blueprint.entities.iter().filter(|(_, e)| e.store.as_ref() == Some(id)).map(|(e, _)| e).collect();
        assert!(there.iter().any(|e| **e == *"reading"), "the store was bought for {there:?}");
        assert!(design.forecasts.later.stations[id].throughput.value > 0.0, "nobody asks it");
    }
    for (_, design) in products() {
        let stores = design.blueprint.components.values().filter(|c| c.kind == ComponentKind::Store);
        for capacity in stores.filter_map(|c| c.capacity.as_ref()).filter(|c| c.replicas > 0) {
            assert!(capacity.basis.contains("in use at a time"), "{}", capacity.basis);
        }
    }
}

#[test]
fn things_that_the_brief_counts_are_as_many_in_the_table() {
    let catalog = catalog();
    for (id, domain) in &catalog.domains {
        let draft = Draft::default().domain(id.as_str());
        let draft = draft.now(Input::MonthlyUsers, 60_000.0).later(Input::MonthlyUsers, 300_000.0);
        let design = draft.now(Input::Tenants, 500.0).later(Input::Tenants, 2_500.0).design(&catalog);
        let factor = value(&design, Input::PeakFactor);
        for (entity, count) in &domain.counts {
            let wanted = value(&design, count.of).later * count.times;
            let kept = &design.blueprint.entities[entity];
            let per_day = stored::rows_per_day(&design.blueprint, entity, &factor).expect("a workload");
            let rows = stored::rows_after_24_months(&per_day, kept);
            assert!((wanted / 1.5..=wanted * 1.5).contains(&rows), "{id}: {rows} of {entity}, {wanted} said");
        }
        // What registers them is asked for as often, not at a share of the requests.
        let workload =
            design.blueprint.workloads.iter().find(|w| w.horizon == loadcase_model::Horizon::Later);
        for (name, operation) in &design.blueprint.operations {
            if operation.kind != OperationKind::Request {
                continue;
            }
            let added = operation.accesses.iter().filter(|a| a.kind == loadcase_model::AccessKind::Insert);
            for access in added.filter(|a| domain.counts.contains_key(&a.entity)) {
                let a_day = workload.expect("both").rate_per_s[name] * 86_400.0 / factor.later * access.rows;
                let grows = stored::registered_per_day(
                    design.blueprint.entities[&access.entity].count.as_ref().expect("counted"),
                );
                assert!(a_day <= grows * 1.001, "{id}: {name} adds {a_day} of {} a day", access.entity);
            }
        }
    }
}

#[test]
fn scheduled_work_finds_the_rows_that_came_in() {
    let catalog = catalog();
    let rolled = |events: f64| {
        let design = Draft::default().domain("iot").now(Input::EventsPerS, events).design(&catalog);
        let job = &design.blueprint.operations[&Id::slug("roll-up-readings")];
        assert_eq!(job.every, Some(300.0));
        job.accesses[0].rows / value(&design, Input::EventsPerS).later
    };
    for events in [100.0, 1_000.0] {
        let seconds = rolled(events);
        assert!((seconds - 300.0).abs() < 1.0, "a run finds {seconds} seconds of readings");
    }
}

#[test]
fn who_calls_is_looked_up_where_rows_say_it() {
    let catalog = catalog();
    for (option, looked_up) in [("framework-sessions", true), ("managed-identity", false)] {
        let draft = Draft::default().domain("social").now(Input::MonthlyUsers, 100_000.0);
        let design = draft.pin("authentication", option).design(&catalog);
        let feed = &design.blueprint.operations[&Id::slug("read-home-feed")];
        assert_eq!(feed.proof.iter().any(|a| a.entity == *"session"), looked_up, "{option}");
        let jobs = design.blueprint.operations.values().filter(|o| o.kind == OperationKind::Job);
        assert!(jobs.into_iter().all(|o| o.proof.is_empty()));
    }
}

#[test]
fn work_in_the_background_has_a_limit_of_its_own() {
    let catalog = catalog();
    let design = Draft::default().domain("iot").now(Input::EventsPerS, 1_000.0).design(&catalog);
    let blueprint = &design.blueprint;
    let is = |id: &Id, kind: ComponentKind| blueprint.components.get(id).is_some_and(|c| c.kind == kind);
    let longest = blueprint
        .operations
        .values()
        .filter(|o| matches!(o.kind, OperationKind::Job | OperationKind::Scheduled))
        .map(|o| {
            let here = o.steps.iter().filter(|s| is(&s.component, ComponentKind::Store));
            here.map(|s| s.visits * s.cpu_ms).sum::<f64>()
        })
        .fold(0.0, f64::max);
    let mut seen = false;
    for flow in &blueprint.flows {
        if is(&flow.from, ComponentKind::Worker) && is(&flow.to, ComponentKind::Store) {
            seen = true;
            assert!(
                flow.timeout_ms.is_some_and(|ms| ms >= longest),
                "{:?} for {longest} ms",
                flow.timeout_ms
            );
        }
    }
    assert!(seen || !blueprint.components.values().any(|c| c.kind == ComponentKind::Worker));
}
