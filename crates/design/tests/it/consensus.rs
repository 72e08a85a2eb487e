//! What nearly every experienced architect would agree on.

use loadcase_model::{Feasibility, Input, Stance};

use crate::briefs::{Draft, catalog, chosen};

#[test]
fn four_people_do_not_get_microservices() {
    let catalog = catalog();
    let design = Draft::default()
        .domain("social")
        .says("greenfield seed-stage asks-microservices")
        .now(Input::Engineers, 4.0)
        .now(Input::MonthlyUsers, 10_000.0)
        .later(Input::MonthlyUsers, 1_000_000.0)
        .design(&catalog);
    assert!(["monolith", "modular-monolith"].contains(&chosen(&design, "topology").as_str()));
    assert_eq!(chosen(&design, "data-scaling"), "primary-replicas");
    assert!(design.findings.iter().any(|f| f.rule == *"premature-microservices"));
    assert_eq!(design.feasibility, Feasibility::Met);
}

#[test]
fn fifty_orders_a_minute_do_not_need_a_log() {
    let catalog = catalog();
    let design = Draft::default()
        .domain("commerce")
        .says("existing-system asks-kafka async-work notifications search")
        .now(Input::WritesPerS, 50.0 / 60.0)
        .design(&catalog);
    assert!(!["kafka", "nats"].contains(&chosen(&design, "messaging").as_str()));
    assert!(design.findings.iter().any(|f| f.rule == *"premature-streaming"));
}

#[test]
fn four_hundred_engineers_in_forty_teams_do_not_share_a_monolith() {
    let catalog = catalog();
    let design = Draft::default()
        .domain("marketplace")
        .says("existing-system autonomous-teams")
        .now(Input::Engineers, 400.0)
        .now(Input::Teams, 40.0)
        .design(&catalog);
    assert_eq!(chosen(&design, "topology"), "microservices");
}

#[test]
fn consumers_that_read_again_in_order_get_a_log() {
    let catalog = catalog();
    let design = Draft::default()
        .says("ordering many-consumers replay queue-throttled existing-system")
        .now(Input::EventsPerS, 20_000.0)
        .now(Input::Consumers, 3.0)
        .design(&catalog);
    assert_eq!(chosen(&design, "messaging"), "kafka");
}

#[test]
fn money_is_kept_by_double_entry_in_a_store_with_transactions() {
    let catalog = catalog();
    let design = Draft::default()
        .domain("payments")
        .says("money-movement audit-trail strong-consistency")
        .now(Input::Engineers, 8.0)
        .later(Input::WritesPerS, 300.0)
        .design(&catalog);
    assert_eq!(chosen(&design, "ledger-model"), "double-entry");
    let store = catalog.technology(&chosen(&design, "primary-store")).expect("stores are technologies");
    assert!(store.has("transactions"));
    assert!(design.targets.iter().all(|t| t.met), "{:?}", design.targets);
}

#[test]
fn banks_that_demand_it_get_their_own_database_and_the_rest_share() {
    let catalog = catalog();
    let design = Draft::default()
        .domain("multi-tenant-saas")
        .says("multi-tenant many-small-tenants dedicated-tenants eu-hosting")
        .now(Input::Tenants, 355.0)
        .now(Input::Engineers, 9.0)
        .design(&catalog);
    assert_eq!(chosen(&design, "tenancy"), "bridge");
}

#[test]
fn what_runs_is_kept_when_nothing_speaks_against_it() {
    let catalog = catalog();
    let brief =
        || Draft::default().domain("commerce").says("existing-system existing-monolith existing-relational");
    let design = brief().technology("mysql", Stance::Existing).design(&catalog);
    assert_eq!(chosen(&design, "primary-store"), "mysql");
    let rejected = brief().technology("postgresql", Stance::Rejected).design(&catalog);
    assert_ne!(chosen(&rejected, "primary-store"), "postgresql");
}

#[test]
fn nobody_who_refuses_to_run_servers_gets_servers() {
    let catalog = catalog();
    let design = Draft::default().domain("content").says("no-operations").design(&catalog);
    let platform = chosen(&design, "deployment");
    assert!(["paas", "managed-containers", "functions"].contains(&platform.as_str()), "{platform}");
}

#[test]
fn a_budget_that_nothing_meets_is_said_to_be_missed() {
    let catalog = catalog();
    let design = Draft::default()
        .domain("social")
        .now(Input::PeakRps, 200_000.0)
        .now(Input::BudgetUsdMonth, 50.0)
        .later(Input::BudgetUsdMonth, 50.0)
        .design(&catalog);
    assert!(
        matches!(&design.feasibility, Feasibility::Missed(what) if what.iter().any(|w| w.contains("budget")))
    );
}

#[test]
fn an_established_decision_is_respected_on_request_and_argued_with_otherwise() {
    let catalog = catalog();
    let draft = Draft::default().domain("social").now(Input::Engineers, 4.0).pin("topology", "microservices");
    let free = draft.design(&catalog);
    let consequence = free.decision("topology").and_then(|d| d.pin.clone()).expect("the pin is answered");
    assert!(consequence.departs && !consequence.because.is_empty());
    let options = loadcase_design::DesignOptions { respect_pins: true, ..Default::default() };
    let bound = loadcase_design::design(&draft.0, &catalog, &options).expect("the catalog is complete");
    assert_eq!(chosen(&bound, "topology"), "microservices");
}

#[test]
fn rows_that_name_their_tenant_are_sharded_by_it_when_the_primary_is_full() {
    let catalog = catalog();
    let full = Draft::default()
        .says("existing-system existing-relational multi-tenant tenant-key-everywhere primary-near-limit")
        .now(Input::Engineers, 25.0);
    assert_eq!(chosen(&full.design(&catalog), "data-scaling"), "sharded-by-tenant");
}

#[test]
fn a_split_by_area_that_is_used_up_is_not_proposed_again() {
    let catalog = catalog();
    let design = Draft::default()
        .says("existing-system existing-relational own-hardware split-by-area-done primary-near-limit key-access")
        .now(Input::Engineers, 60.0)
        .design(&catalog);
    assert_eq!(chosen(&design, "data-scaling"), "sharded-by-key");
}

#[test]
fn shards_that_exist_stay() {
    let catalog = catalog();
    let design = Draft::default()
        .says("existing-system existing-relational existing-shards")
        .now(Input::Engineers, 80.0)
        .design(&catalog);
    assert!(chosen(&design, "data-scaling").starts_with("sharded"));
}

#[test]
fn fifty_dollars_a_month_pay_one_machine() {
    let catalog = catalog();
    let design = Draft::default()
        .says("tight-budget payments")
        .now(Input::BudgetUsdMonth, 50.0)
        .now(Input::Engineers, 1.0)
        .now(Input::MonthlyUsers, 3_000.0)
        .now(Input::PeakRps, 3.0)
        .design(&catalog);
    assert_eq!(chosen(&design, "deployment"), "rented-server");
    assert_eq!(chosen(&design, "data-scaling"), "single-node");
}

#[test]
fn software_that_customers_install_brings_no_broker() {
    let catalog = catalog();
    let design = Draft::default()
        .says("customer-installed async-work existing-system")
        .now(Input::Engineers, 6.0)
        .now(Input::EventsPerS, 900.0)
        .design(&catalog);
    assert_eq!(chosen(&design, "messaging"), "database-queue");
}

#[test]
fn one_code_base_released_many_times_a_day_is_not_cut() {
    let catalog = catalog();
    let design = Draft::default()
        .says("existing-system existing-monolith framework-monolith ships-often asks-microservices")
        .now(Input::Engineers, 150.0)
        .design(&catalog);
    assert!(["monolith", "modular-monolith"].contains(&chosen(&design, "topology").as_str()));
}
