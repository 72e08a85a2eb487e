//! Configuration that people start from: whole, in agreement with the blueprint, and safe from its names.

use std::path::Path;

use loadcase_catalog::{Catalog, load_embedded};
use loadcase_model::Design;
use loadcase_publish::{Deliverable, deliverables, write};

use crate::fixture::id;

/// Platforms with providers, as designs choose them or people ask for.
const PLATFORMS: &[(&str, &str)] = &[
    ("paas", "render"),
    ("paas", "fly-io"),
    ("paas", "heroku"),
    ("paas", "digitalocean"),
    ("paas", "aws"),
    ("managed-containers", "aws"),
    ("managed-containers", "gcp"),
    ("managed-containers", "azure"),
    ("virtual-machines", "aws"),
    ("virtual-machines", "hetzner"),
    ("virtual-machines", "ovh"),
    ("bare-metal", "hetzner"),
    ("rented-server", "hetzner"),
    ("functions", "aws"),
    ("functions", "gcp"),
    ("kubernetes", "aws"),
];

const FRAMEWORKS: &[&str] = &["express", "fastapi", "gin", "spring-boot", "axum"];
const ROLLOUTS: &[&str] = &["rolling", "blue-green", "canary", "restart"];

pub(crate) fn embedded() -> Catalog {
    load_embedded().unwrap_or_else(|e| panic!("{e:?}"))
}

/// A design moved to another platform.
fn moved(design: &Design, platform: &str, provider: &str, rollout: &str, framework: &str) -> Design {
    let mut design = design.clone();
    let deployment = &mut design.blueprint.deployment;
    deployment.platform = id(platform);
    deployment.provider = Some(id(provider));
    deployment.rollout = Some(id(rollout));
    for component in design.blueprint.components.values_mut().filter(|c| c.framework.is_some()) {
        component.framework = Some(id(framework));
    }
    design
}

#[test]
#[ignore = "writes the designs in the folder LOADCASE_DESIGNS, as JSON, to the folder LOADCASE_OUT"]
fn write_out() {
    let folder = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("set {name} to a folder"));
    let (from, out) = (folder("LOADCASE_DESIGNS"), folder("LOADCASE_OUT"));
    let catalog = embedded();
    let mut paths: Vec<_> = std::fs::read_dir(from).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    for (n, path) in paths.iter().enumerate() {
        let text = std::fs::read_to_string(path).expect("readable");
        let design: Design = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let to = Path::new(&out).join(&stem);
        write(&to.join("own"), &deliverables(&design, &catalog)).expect("written");
        for (m, (platform, provider)) in PLATFORMS.iter().enumerate() {
            let design = moved(
                &design,
                platform,
                provider,
                ROLLOUTS[(n + m) % ROLLOUTS.len()],
                FRAMEWORKS[(n + m) % FRAMEWORKS.len()],
            );
            let files: Vec<Deliverable> = deliverables(&design, &catalog)
                .into_iter()
                .filter(|f| ["deploy/", "service/"].iter().any(|p| f.path.starts_with(p)) || f.path.ends_with(".sql") || f.path == "openapi.yaml")
                .collect();
            write(&to.join(format!("{platform}-{provider}")), &files).expect("written");
        }
    }
}
