//! Where parts run that the provider does not run.

use loadcase_catalog::Catalog;
use loadcase_model::{ComponentKind, Design, FlowStyle};
use loadcase_publish::deliverables;

use crate::deploy::{embedded, moved};
use crate::fixture::{self, id};

/// Measurements in ClickHouse, on a platform of a provider.
fn on(platform: &str, provider: &str) -> (Catalog, Design) {
    let catalog = embedded();
    let mut design =
        moved(&fixture::of_domain(&catalog.domains["iot"]), platform, provider, "rolling", "express");
    let mut analytics = design.blueprint.components["db"].clone();
    analytics.name = "Analytical store".to_owned();
    analytics.kind = ComponentKind::Analytics;
    analytics.technology = Some(id("clickhouse"));
    analytics.version = None;
    analytics.managed = true;
    design.blueprint.components.insert(id("analytics"), analytics);
    let mut flow = design.blueprint.flows.iter().find(|f| f.to == "db").expect("a flow").clone();
    flow.to = id("analytics");
    flow.style = FlowStyle::Sync;
    design.blueprint.flows.insert(0, flow);
    (catalog, design)
}

fn text(design: &Design, catalog: &Catalog, path: &str) -> String {
    let found = deliverables(design, catalog).into_iter().find(|f| f.path == path);
    found.unwrap_or_else(|| panic!("no {path}")).text
}

#[test]
fn what_a_platform_does_not_offer_is_said_with_where_it_runs() {
    const ELSEWHERE: &str =
        "does not offer ClickHouse. It runs as ClickHouse Cloud (AWS, Google Cloud and Azure)";
    for (provider, name) in [("render", "Render"), ("heroku", "Heroku"), ("fly-io", "Fly.io")] {
        let (catalog, design) = on("paas", provider);
        let architecture = text(&design, &catalog, "architecture.md");
        let readme = text(&design, &catalog, "deploy/README.md");
        for told in [architecture.replace('\\', ""), readme.replace('\\', "")] {
            let clouds = catalog.technologies["gcp"].name.as_str();
            let wanted = ELSEWHERE
                .replace("AWS", &catalog.technologies["aws"].name)
                .replace("Google Cloud", clouds)
                .replace("Azure", &catalog.technologies["azure"].name);
            assert!(told.contains(&format!("{name} {wanted}")), "{name} {wanted}\n{told}");
        }
        assert!(readme.contains("## What runs elsewhere"));
    }
    let (catalog, design) = on("managed-containers", "aws");
    assert!(text(&design, &catalog, "architecture.md").contains("ClickHouse Cloud, on "));
    assert!(!text(&design, &catalog, "deploy/README.md").contains("## What runs elsewhere"));
}

#[test]
fn the_database_of_the_service_is_not_the_store_that_reports_ask() {
    let (catalog, design) = on("paas", "render");
    let blueprint = text(&design, &catalog, "deploy/render.yaml");
    assert!(!blueprint.contains("name: analytics"), "{blueprint}");
    assert!(blueprint.contains("key: ANALYTICS_URL") && blueprint.contains("key: DATABASE_URL"));
}

#[test]
fn on_machines_of_its_own_the_team_runs_what_the_host_does_not() {
    let (catalog, design) = on("virtual-machines", "hetzner");
    let told = text(&design, &catalog, "architecture.md");
    assert!(told.contains("The team runs it on a machine of its own"), "{told}");
}
