//! The bill: what stands on the first day is what is paid for then, files are in it, and the answer claims no more
//! than its decisions.

use loadcase_model::{ComponentKind, CostLine, Design, Horizon, Input};

use crate::briefs::{Draft, catalog};

fn photos() -> Design {
    let draft = Draft::default().domain("social").says("media-files file-upload").now(Input::Engineers, 10.0);
    draft.now(Input::MonthlyUsers, 2_000_000.0).now(Input::PeakRps, 1_500.0).design(&catalog())
}

fn line<'a>(design: &'a Design, horizon: Horizon, part: &str) -> Option<&'a CostLine> {
    design.forecasts.at(horizon).cost.iter().find(|l| l.item.contains(part))
}

#[test]
fn the_first_day_is_what_the_present_bill_is_for() {
    let design = photos();
    let first = design.on_the_first_day().expect("the parts are the same ones today");
    for (id, component) in &first.blueprint.components {
        let Some(capacity) = &component.capacity else { continue };
        if capacity.replicas == 0 || component.kind != ComponentKind::Store {
            continue;
        }
        let storage = line(&design, Horizon::Now, &format!("({id}): storage")).expect("its disks are billed");
        let gigabytes = loadcase_model::format_number(capacity.storage_gb);
        assert!(storage.arithmetic.contains(&format!("x {gigabytes} GB")), "{}", storage.arithmetic);
        let later = design.blueprint.components[id].capacity.as_ref().expect("it is sized");
        assert!(capacity.storage_gb < later.storage_gb, "today needs a smaller disk");
        assert!((capacity.storage_gb % 5.0).abs() < 1e-9, "disks are sold in whole steps");
    }
    let known = |id| first.blueprint.components.contains_key(id);
    assert!(first.blueprint.operations.values().flat_map(|o| &o.steps).all(|s| known(&s.component)));
    assert!(
        first.blueprint.flows.iter().all(|f| known(&f.from) || first.blueprint.actors.contains_key(&f.from))
    );
}

#[test]
fn files_and_their_traffic_are_in_the_bill_of_both_horizons() {
    let design = photos();
    for horizon in Horizon::ALL {
        let forecast = design.forecasts.at(horizon);
        let kept = line(&design, horizon, CostLine::STORED_FILES).expect("files lie somewhere");
        let sent = line(&design, horizon, CostLine::FILE_TRAFFIC).expect("files are looked at");
        assert!(kept.monthly.value > 0.0 && sent.monthly.value > 0.0);
        let files = forecast.files().expect("there are lines").value;
        let lines = forecast.cost.iter().filter(|l| l.is_of_files()).map(|l| l.monthly.value);
        assert!(
            (files - lines.sum::<f64>()).abs() < 1e-6 && files >= kept.monthly.value + sent.monthly.value
        );
        let sum: f64 = forecast.cost.iter().map(|l| l.monthly.value).sum();
        assert!((forecast.cost_total.value - sum).abs() < 1e-6, "the total has every line");
    }
    let [now, later] = Horizon::ALL.map(|h| design.forecasts.at(h).files().map_or(0.0, |f| f.value));
    assert!(later > now, "{later} is not above {now}");
    let plain = Draft::default().domain("monitoring").now(Input::EventsPerS, 100.0).design(&catalog());
    assert!(plain.forecasts.later.files().is_none(), "no files, no line");
}

#[test]
fn whoever_answers_with_a_link_to_a_file_reaches_the_store() {
    let design = photos();
    let files = design.blueprint.components.iter().find(|(_, c)| c.kind == ComponentKind::ObjectStore);
    let (files, _) = files.expect("files are kept");
    let service = |id| design.blueprint.components.get(id).is_some_and(|c| c.kind == ComponentKind::Service);
    assert!(design.blueprint.flows.iter().any(|f| f.to == *files && service(&f.from)));
}

#[test]
fn the_answer_holds_no_more_often_than_what_it_names() {
    for domain in ["iot", "multi-tenant-saas", "payments"] {
        let draft = Draft::default().domain(domain).now(Input::Engineers, 8.0);
        let design = draft.now(Input::MonthlyUsers, 100_000.0).design(&catalog());
        let holds = design.recommendation.margin.holds.value;
        for id in ["topology", "primary-store", "deployment"] {
            let own = design.decision(id).expect("it is always decided").holds.value;
            assert!(holds <= own + 1e-9, "{domain}: {holds} is above {own} of {id}");
        }
    }
}
