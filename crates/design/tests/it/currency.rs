//! Versions in designs: each with its source and day, judged by the day that is given.

use loadcase_design::{DesignOptions, design};
use loadcase_model::{Design, GateStatus};

use crate::briefs::Draft;

const SUPPORT: &str = "No recommended version is out of support or deprecated";
const SOURCES: &str = "Every recommended version has a dated source";

fn on(today: Option<&str>) -> Design {
    let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
    let options = DesignOptions { today: today.map(str::to_owned), ..DesignOptions::default() };
    design(&Draft::default().domain("commerce").0, &catalog, &options)
        .expect("the embedded catalog is complete")
}

fn gate<'a>(design: &'a Design, check: &str) -> (&'a GateStatus, &'a [String]) {
    let line = design.gate.iter().find(|l| l.check == check).expect("the gate has the line");
    (&line.status, &line.evidence)
}

#[test]
fn a_year_later_versions_are_stale_and_the_gate_says_so() {
    let (now, later) = (on(None), on(Some("2027-11-23")));
    for check in [SOURCES, SUPPORT] {
        assert_eq!(gate(&now, check).0, &GateStatus::Pass, "{check}: {:?}", gate(&now, check).1);
        assert_ne!(gate(&later, check).0, &GateStatus::Pass, "{check}: {:?}", gate(&later, check).1);
    }
    assert!(gate(&later, SOURCES).1.iter().any(|e| e.contains("stale")), "{:?}", gate(&later, SOURCES).1);
    assert_eq!(now.blueprint.components.len(), later.blueprint.components.len(), "the clock moves no box");
}

#[test]
fn a_design_says_by_when_to_look_again() {
    let design = on(None);
    let by = design.recommendation.review_by.as_str();
    // What is known of support is of 2026-08-22 and holds for 180 days.
    assert!(("2026-11-22".."2027-02-19").contains(&by), "{by}");
    assert_eq!(on(None).recommendation, design.recommendation, "the same brief gives the same day");
}

#[test]
fn every_version_of_a_blueprint_has_a_source_and_a_day() {
    let catalog = loadcase_catalog::load_embedded().expect("the embedded catalog is checked by its tests");
    let design = on(None);
    for (id, component) in &design.blueprint.components {
        let Some(version) = &component.version else { continue };
        let technology = component.technology.as_ref().and_then(|t| catalog.technology(t.as_str()));
        let release =
            technology.and_then(loadcase_catalog::Technology::release).expect("a version has a release");
        assert_eq!(&release.latest, version, "{id}");
        assert!(!release.source.is_empty() && release.as_of.len() == 10, "{id}");
    }
}
