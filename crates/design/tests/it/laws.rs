//! What must hold for any brief.

use loadcase_design::context::Context;
use loadcase_design::evaluate::Evaluator;
use loadcase_design::prepare::{Prepared, joint};
use loadcase_design::search::{Conflicts, enumerate};
use loadcase_design::{DesignOptions, design};
use loadcase_model::{Brief, Design, Horizon, Input, Stance};
use proptest::prelude::*;

use crate::briefs::{Draft, catalog, chosen};

fn social() -> Draft {
    Draft::default()
        .domain("social")
        .says("greenfield")
        .now(Input::Engineers, 4.0)
        .later(Input::PeakRps, 500.0)
}

#[test]
fn the_same_brief_gives_the_same_design_whatever_the_number_of_threads() {
    let catalog = catalog();
    let brief = social();
    let text =
        |design: &loadcase_model::Design| serde_saphyr::to_string(design).expect("designs can be written");
    let first = text(&brief.design(&catalog));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread can be had");
    let second = pool.install(|| text(&brief.design(&catalog)));
    assert_eq!(first, second);
}

/// A flip is a promise: at that value another option wins. Set the input there and look.
#[test]
fn flips_come_true() {
    let catalog = catalog();
    let present = social().design(&catalog);
    let topology = present.decision("topology").expect("topology is always decided");
    let flip =
        topology.flips.iter().find(|f| f.input == Input::Engineers && f.above).expect("more people flip it");
    let engineers = flip.at.value * 1.02;
    let flipped = Draft::default()
        .domain("social")
        .says("greenfield")
        .now(Input::Engineers, engineers)
        .later(Input::PeakRps, 500.0)
        .design(&catalog);
    assert_eq!(chosen(&flipped, "topology"), flip.to.as_str());
}

#[test]
fn every_alternative_has_a_reason_and_every_verdict_a_share() {
    let catalog = catalog();
    let design = social().design(&catalog);
    for decision in &design.decisions {
        assert!((0.0..=1.0).contains(&decision.holds.value), "{}", decision.id);
        for alternative in &decision.alternatives {
            assert!(!alternative.reason.is_empty(), "{} {}", decision.id, alternative.option);
            assert_eq!(
                alternative.feasible,
                alternative.behind.is_some(),
                "{} {}",
                decision.id,
                alternative.option
            );
        }
    }
}

#[test]
fn the_winner_is_no_dearer_than_any_option_it_beat() {
    let catalog = catalog();
    let design = social().design(&catalog);
    let behind = design.decisions.iter().flat_map(|d| &d.alternatives).filter_map(|a| a.behind.as_ref());
    assert!(behind.into_iter().all(|b| b.value >= 0.0));
}

/// The search sizes with few classes of requests; the forecast of the finished blueprint has one for each
/// operation. Both must agree on money, and on the percentile within the spread of operations.
#[test]
fn search_and_forecast_agree() {
    let catalog = catalog();
    for domain in ["social", "commerce", "multi-tenant-saas", "payments", "booking"] {
        let draft = Draft::default().domain(domain).now(Input::MonthlyUsers, 100_000.0);
        let context = Context::new(&draft.0, &catalog);
        let choice = loadcase_design::choice::choose(&context, &DesignOptions::default()).expect("complete");
        let design = draft.design(&catalog);
        let (searched, forecast) =
            (choice.winner.evaluation.infra_usd, design.forecasts.later.cost_total.value);
        assert!((0.5..2.0).contains(&(forecast / searched)), "{domain}: {searched} against {forecast} USD");
        let (searched, forecast) =
            (choice.winner.evaluation.p99_ms, design.forecasts.later.latency.p99.value);
        assert!((0.2..5.0).contains(&(forecast / searched)), "{domain}: {searched} against {forecast} ms");
    }
}

#[test]
fn every_technology_of_the_main_list_can_be_chosen() {
    let catalog = catalog();
    for (decision, option, technology) in [
        ("primary-store", "postgresql", "postgresql"),
        ("primary-store", "mongodb", "mongodb"),
        ("primary-store", "dynamodb", "dynamodb"),
        ("data-cache", "shared-cache", "redis"),
        ("messaging", "rabbitmq", "rabbitmq"),
        ("messaging", "kafka", "kafka"),
        ("messaging", "managed-queue", "sqs"),
        ("stack", "express", "express"),
        ("stack", "fastapi", "fastapi"),
        ("stack", "gin", "gin"),
        ("stack", "spring-boot", "spring-boot"),
        ("stack", "axum", "axum"),
        ("provider", "aws", "aws"),
        ("provider", "gcp", "gcp"),
        ("provider", "azure", "azure"),
        ("provider", "vercel", "vercel"),
        ("provider", "supabase", "supabase"),
    ] {
        let draft = Draft::default()
            .says("async-work")
            .technology(technology, Stance::Wanted)
            .technology(technology, Stance::Existing)
            .pin(decision, option);
        let options = DesignOptions { respect_pins: true, ..Default::default() };
        let design = design(&draft.0, &catalog, &options).expect("the catalog is complete");
        assert_eq!(chosen(&design, decision), option, "{technology}");
        assert!(design.forecasts.later.cost_total.value.is_finite(), "{technology}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Absurd numbers give absurd sizes, never a panic or an undefined number.
    #[test]
    fn any_numbers_are_carried(values in proptest::collection::vec(
        prop_oneof![0.0..1e12_f64, Just(0.0), Just(1e300), Just(f64::MIN_POSITIVE)], Input::COUNT))
    {
        let catalog = catalog();
        let mut draft = Draft::default();
        for (input, value) in Input::ALL.iter().zip(values) {
            draft = draft.now(*input, value);
        }
        let context = Context::new(&draft.0, &catalog);
        let decisions = joint(&context);
        let evaluator = Evaluator::new(&context, &decisions, 1.0);
        let prepared = Prepared::new(&context, &decisions, &context.base);
        let candidates = enumerate(&decisions, &prepared, &Conflicts::new(&decisions));
        prop_assert!(!candidates.is_empty());
        for candidate in candidates.iter().step_by(97) {
            let evaluation = evaluator.evaluate(candidate, &prepared, &context.base);
            prop_assert!(!evaluation.ownership_usd.is_nan() && !evaluation.p99_ms.is_nan());
        }
    }

    /// More load never needs fewer processors.
    #[test]
    fn more_load_never_costs_less(factor in 1.0..50.0_f64) {
        let catalog = catalog();
        let brief = Brief::default();
        let context = Context::new(&brief, &catalog);
        let decisions = joint(&context);
        let evaluator = Evaluator::new(&context, &decisions, 1.0);
        let prepared = Prepared::new(&context, &decisions, &context.base);
        let candidates = enumerate(&decisions, &prepared, &Conflicts::new(&decisions));
        let mut grown = context.base;
        for input in [Input::PeakRps, Input::AverageRps, Input::QueriesPerS, Input::WritesPerS, Input::JobsPerS] {
            grown.set(input, Horizon::Later, context.base.get(input, Horizon::Later) * factor);
        }
        for candidate in candidates.iter().step_by(251) {
            let before = evaluator.evaluate(candidate, &prepared, &context.base).infra_usd;
            let after = evaluator.evaluate(candidate, &prepared, &grown).infra_usd;
            prop_assert!(after >= before - 1e-6, "{before} then {after}");
        }
    }
}

#[test]
fn what_is_required_is_chosen_and_its_price_said() {
    let catalog = catalog();
    let shop =
        || Draft::default().domain("commerce").now(Input::DailyUsers, 50_000.0).now(Input::Engineers, 8.0);
    let option = |design: &Design, id: &str| {
        design.decisions.iter().find(|d| d.id == *id).map(|d| d.verdict.option.to_string())
    };
    let free = shop().design(&catalog);
    assert_eq!(option(&free, "primary-store").as_deref(), Some("postgresql"));
    for (technology, decision) in
        [("mongodb", "primary-store"), ("kubernetes", "deployment"), ("azure", "provider")]
    {
        let bound = shop().technology(technology, Stance::Required).design(&catalog);
        assert_eq!(option(&bound, decision).as_deref(), Some(technology));
    }
    let bound = shop().technology("mongodb", Stance::Required).design(&catalog);
    let price = &bound.recommendation.reasons[0];
    assert!(price.starts_with("MongoDB is required: PostgreSQL would cost"), "{price}");
    assert!(bound.recommendation.cost_of_ownership.value > free.recommendation.cost_of_ownership.value);
}

#[test]
fn a_requirement_that_cannot_be_met_is_said_first() {
    let catalog = catalog();
    let design = Draft::default()
        .domain("payments")
        .now(Input::DailyUsers, 50_000.0)
        .technology("cassandra", Stance::Required)
        .technology("kubernetes", Stance::Required)
        .design(&catalog);
    let reasons = &design.recommendation.reasons;
    assert!(
        reasons[0].starts_with("Apache Cassandra was required and is not used: ruled out"),
        "{reasons:?}"
    );
    let deployment =
        design.decisions.iter().find(|d| d.id == *"deployment").map(|d| d.verdict.option.to_string());
    assert_eq!(deployment.as_deref(), Some("kubernetes"), "one that cannot be met frees no other");
}
