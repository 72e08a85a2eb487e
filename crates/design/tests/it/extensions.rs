//! Extensions of a store are chosen only where whoever runs the store carries them, and reasons read well.

use loadcase_model::{Design, Input, Stance};

use crate::briefs::{Draft, catalog, chosen};

fn telemetry(provider: &str) -> Draft {
    Draft::default()
        .domain("iot")
        .says("time-series append-only-events aggregate-queries runs-vms")
        .now(Input::EventsPerS, 5_000.0)
        .later(Input::EventsPerS, 5_000.0)
        .now(Input::Engineers, 9.0)
        .technology(provider, Stance::Existing)
}

fn reasons(design: &Design, decision: &str) -> Vec<String> {
    let found = design.decisions.iter().find(|d| d.id.as_str() == decision).expect("a decision");
    found.drivers.iter().map(|d| d.because.clone()).collect()
}

#[test]
fn timescaledb_is_not_chosen_where_the_providers_database_lacks_it() {
    let catalog = catalog();
    let on_aws = telemetry("aws").design(&catalog);
    let managed = on_aws.blueprint.components["store"].managed;
    assert!(managed, "the store of this brief is the provider's");
    assert_ne!(chosen(&on_aws, "analytics-store"), "timescaledb");
    let on_machines = telemetry("hetzner").design(&catalog);
    assert_eq!(chosen(&on_machines, "analytics-store"), "timescaledb");
}

#[test]
fn a_reason_does_not_say_the_name_of_its_option_again() {
    let design = telemetry("aws").technology("postgresql", Stance::Existing).design(&catalog());
    for decision in ["provider", "primary-store"] {
        let reasons = reasons(&design, decision);
        assert!(reasons.iter().any(|r| r.to_lowercase().contains("it is in use already")), "{reasons:?}");
    }
}
