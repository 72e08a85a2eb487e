//! Configuration that people start from: whole, in agreement with the blueprint, and safe from its names.

use std::path::Path;

use std::collections::BTreeSet;

use loadcase_catalog::{Catalog, load_embedded};
use loadcase_model::{Design, Flow, FlowStyle, Id, yaml};
use loadcase_publish::{Deliverable, deliverables, write};
use serde_json::Value;

use crate::fixture::{self, id};

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
/// Where the processes are told to send what they measure, and where to send traces only.
const TELEMETRY: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
const ROLLOUTS: &[&str] = &["rolling", "blue-green", "canary", "restart"];

pub(crate) fn embedded() -> Catalog {
    load_embedded().unwrap_or_else(|e| panic!("{e:?}"))
}

/// A design moved to another platform.
pub(crate) fn moved(
    design: &Design,
    platform: &str,
    provider: &str,
    rollout: &str,
    framework: &str,
) -> Design {
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

/// Files that start a deployment, by path.
fn files(design: &Design, catalog: &Catalog) -> Vec<Deliverable> {
    let wanted = |f: &Deliverable| f.path.starts_with("deploy/") || f.path.starts_with("service/");
    deliverables(design, catalog).into_iter().filter(wanted).collect()
}

/// All files of the service, one after the other.
fn service(files: &[Deliverable]) -> String {
    files.iter().filter(|f| f.path.starts_with("service/")).map(|f| f.text.as_str()).collect()
}

/// What a team gets of a domain on each framework: the framework and the files.
fn in_every_stack(domain: &str) -> Vec<(&'static str, Vec<Deliverable>)> {
    let catalog = embedded();
    let design = fixture::of_domain(catalog.domains.get(domain).expect("a domain"));
    let on =
        |framework| (framework, files(&moved(&design, "paas", "render", "rolling", framework), &catalog));
    FRAMEWORKS.iter().copied().map(on).collect()
}

fn text<'f>(files: &'f [Deliverable], path: &str) -> &'f str {
    let file = files.iter().find(|f| f.path == path);
    &file
        .unwrap_or_else(|| panic!("no {path} among {:?}", files.iter().map(|f| &f.path).collect::<Vec<_>>()))
        .text
}

/// The documents of a YAML file.
fn documents(path: &str, text: &str) -> Vec<Value> {
    let read = |part: &str| {
        yaml::read(part).unwrap_or_else(|e| panic!("{path}: {}\n{part}", e.one_line(path, part)))
    };
    text.split("\n---\n").map(read).collect()
}

/// Every domain, each on another platform, rollout and stack.
fn spread() -> (Catalog, Vec<Design>) {
    let catalog = embedded();
    let designs = catalog.domains.values().map(fixture::of_domain).enumerate().map(|(n, design)| {
        let (platform, provider) = PLATFORMS[n % PLATFORMS.len()];
        moved(&design, platform, provider, ROLLOUTS[n % ROLLOUTS.len()], FRAMEWORKS[n % FRAMEWORKS.len()])
    });
    let designs = designs.collect();
    (catalog, designs)
}

/// Whether a text is a DNS label.
fn is_label(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[test]
fn every_component_is_a_service_or_its_absence_is_explained() {
    let (catalog, designs) = spread();
    for design in designs {
        let files = files(&design, &catalog);
        let compose = documents("compose.yaml", text(&files, "deploy/compose.yaml")).remove(0);
        let named: BTreeSet<&String> = ["services", "x-elsewhere"]
            .iter()
            .filter_map(|key| compose[key].as_object())
            .flat_map(serde_json::Map::keys)
            .collect();
        let extra =
            ["collector", "prometheus"].iter().filter(|s| compose["services"].get(**s).is_some()).count();
        assert_eq!(
            named.len(),
            design.blueprint.components.len() + extra,
            "{}: {named:?}",
            design.blueprint.name
        );
        assert!(named.iter().all(|n| is_label(n)), "{named:?}");
        for (name, service) in compose["services"].as_object().expect("services") {
            assert_eq!(service["cap_drop"], serde_json::json!(["ALL"]), "{name}");
            assert_eq!(service["read_only"], true, "{name}");
            assert!(service["healthcheck"]["test"].is_array(), "{name}");
            assert!(service["deploy"]["resources"]["limits"]["memory"].is_string(), "{name}");
            let image = service["image"].as_str().unwrap_or("built:here");
            assert!(image.contains(':') && !image.ends_with(":latest"), "{name} has no version: {image}");
        }
    }
}

#[test]
fn every_flow_has_a_timeout_retries_and_a_pool() {
    let (catalog, designs) = spread();
    for design in designs {
        let files = files(&design, &catalog);
        let resilience = documents("resilience.yaml", text(&files, "deploy/resilience.yaml")).remove(0);
        let configured: Vec<&Value> = resilience["flows"].as_object().expect("flows").values().collect();
        assert_eq!(configured.len(), design.blueprint.flows.len());
        for (flow, found) in design.blueprint.flows.iter().zip(configured) {
            assert_eq!(
                (&found["from"], &found["to"]),
                (&Value::from(flow.from.as_str()), &Value::from(flow.to.as_str()))
            );
            assert!(found["timeout_ms"].as_u64().is_some_and(|t| t > 0), "{found}");
            assert!(
                found["retries"].is_u64() && found["pool"]["each"].as_u64().is_some_and(|n| n >= 2),
                "{found}"
            );
            assert!(!found["timeout_basis"].as_str().unwrap_or("").is_empty(), "{found}");
        }
    }
}

#[test]
fn the_environment_of_a_process_says_what_the_one_file_says() {
    let mut design = fixture::social();
    for flow in &mut design.blueprint.flows {
        flow.timeout_ms = Some(1_234.0);
        flow.basis = "you said 1,234 ms".to_owned();
    }
    let files = files(&design, &embedded());
    let env = text(&files, "deploy/env/app.env");
    assert!(env.contains("DB_TIMEOUT_MS=1234\n"), "{env}");
    assert!(text(&files, "deploy/resilience.yaml").contains("timeout_ms: 1234\n"));
}

#[test]
fn yaml_and_json_can_be_read_and_refer_to_files_that_are_there() {
    let (catalog, designs) = spread();
    for design in designs {
        let files = files(&design, &catalog);
        for file in &files {
            assert!(
                !file.text.is_empty() && !file.text.contains("{{") || file.path.starts_with("service/"),
                "{}",
                file.path
            );
            if file.path.ends_with(".yaml") && !file.path.starts_with("service/") {
                documents(&file.path, &file.text);
            } else if file.path.ends_with(".json") {
                serde_json::from_str::<Value>(&file.text).unwrap_or_else(|e| panic!("{}: {e}", file.path));
            }
        }
        for file in files.iter().filter(|f| f.path.ends_with("base/kustomization.yaml")) {
            for resource in documents(&file.path, &file.text)[0]["resources"].as_array().expect("resources") {
                text(&files, &format!("deploy/kubernetes/base/{}", resource.as_str().expect("a path")));
            }
        }
    }
}

#[test]
fn every_stack_starts_from_the_critical_write_of_the_contract() {
    let catalog = embedded();
    for framework in FRAMEWORKS {
        let design = moved(&fixture::social(), "paas", "render", "rolling", framework);
        let files = files(&design, &catalog);
        let dockerfile = text(&files, "service/Dockerfile");
        assert!(dockerfile.contains("USER 10001:10001") && !dockerfile.contains(":latest"), "{dockerfile}");
        let readme = text(&files, "service/README.md");
        assert!(readme.contains("is written from the contract to the table"), "{framework}: {readme}");
        let code = service(&files);
        assert!(
            code.contains("application/problem+json") || code.contains("APPLICATION_PROBLEM_JSON"),
            "{framework}"
        );
        for word in ["Idempotency-Key", "/readyz", "INSERT INTO", "cursor"] {
            assert!(code.contains(word), "{framework} lacks {word}");
        }
        for module in design.blueprint.modules.keys() {
            let ident = module.as_str().replace('-', "_");
            assert!(
                files.iter().any(|f| f.path.contains(&format!("/{ident}/"))),
                "{framework} has no {module}"
            );
        }
    }
}

#[test]
fn an_operation_with_a_key_takes_effect_once_in_every_stack() {
    for domain in ["iot", "payments"] {
        for (framework, files) in in_every_stack(domain) {
            let code = service(&files);
            assert!(code.contains("INSERT INTO idempotency_key"), "{framework}: {domain}");
        }
    }
}

#[test]
fn workers_of_every_stack_take_jobs_in_the_same_way_and_measure_what_the_alerts_look_at() {
    for (framework, files) in in_every_stack("multi-tenant-saas") {
        let code = service(&files);
        for word in ["FOR UPDATE SKIP LOCKED", "run_at = 'infinity'", "its worker was lost", "SET LOCAL ROLE"]
        {
            assert!(code.contains(word), "{framework} lacks {word}");
        }
        let alerts = text(&files, "deploy/observability/alerts.yaml");
        let mut seen = 0;
        for name in [
            "messaging_oldest_age_seconds",
            "messaging_set_aside_messages",
            "db_partitions_ahead",
            "db_size_bytes",
        ] {
            seen += usize::from(alerts.contains(name));
            assert!(!alerts.contains(name) || code.contains(name), "{framework}: nobody measures {name}");
        }
        assert!(seen >= 2, "{framework}: {seen}");
    }
}

#[test]
fn signed_events_are_checked_and_stored_with_their_work_in_every_stack() {
    for (framework, files) in in_every_stack("multi-tenant-saas") {
        let code = service(&files);
        for word in
            ["Webhook-Signature", "INSERT INTO billing_event", "'apply-billing-event'", "X-CSRF-Token"]
        {
            assert!(code.contains(word), "{framework} lacks {word}");
        }
        assert!(text(&files, "deploy/render.yaml").contains("WEBHOOK_SECRETS"), "{framework}");
    }
}

/// Names that the configuration of a service reads, in every stack: a module of its own, or what Spring binds.
fn read_by_the_service(files: &[Deliverable]) -> BTreeSet<String> {
    let config = files.iter().find(|f| {
        let name = f.path.rsplit('/').next().unwrap_or("");
        f.path.starts_with("service/") && (name.starts_with("config.") || name == "application.yaml")
    });
    let config = config.expect("a file that reads the settings");
    let words = config.text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
    let is_name = |w: &&str| matches!(*w, "COMPONENT" | "PORT") || (w.contains('_') && w.len() > 8);
    words.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_platform_sets_or_asks_for_what_the_service_reads() {
    let catalog = embedded();
    let design = fixture::of_domain(catalog.domains.get("multi-tenant-saas").expect("a domain"));
    for framework in FRAMEWORKS {
        for (platform, provider) in PLATFORMS {
            let files = files(&moved(&design, platform, provider, "rolling", framework), &catalog);
            let read = read_by_the_service(&files);
            for name in ["DATABASE_URL", "AUTH_ISSUER", "AUTH_PUBLIC_KEY", "WEBHOOK_SECRETS"] {
                assert!(read.contains(name), "{framework}: {name} of {read:?}");
            }
            // What a developer's machine has is no answer for production, and no more is prose.
            let told: Vec<&Deliverable> = files
                .iter()
                .filter(|f| f.path.starts_with("deploy/") && !f.path.ends_with(".md"))
                .filter(|f| !["deploy/compose.yaml", "deploy/.env.example"].contains(&f.path.as_str()))
                .filter(|f| !f.path.starts_with("deploy/env/") && !f.path.ends_with(".sh"))
                .collect();
            // Where the design says nothing of these, the service has its own.
            let own = ["PROCESSES", "WORKER_CONCURRENCY"];
            let sends = told.iter().any(|f| f.text.contains(TELEMETRY));
            let is_asked = told.iter().any(|f| f.text.contains(TRACES));
            let machines = *platform == "virtual-machines" || *platform == "functions";
            assert!(sends != is_asked || machines, "{provider} ({platform}): metrics come one way");
            for name in read.iter().map(String::as_str).filter(|n| !own.contains(n) && *n != TELEMETRY) {
                let is_told = told.iter().any(|f| f.text.contains(name));
                assert!(is_told, "{framework} on {provider} ({platform}): {name}");
            }
        }
    }
}

#[test]
fn modules_hand_every_secret_of_the_list_to_the_process() {
    let catalog = embedded();
    let design = fixture::of_domain(catalog.domains.get("multi-tenant-saas").expect("a domain"));
    for (platform, provider) in PLATFORMS {
        let files = files(&moved(&design, platform, provider, "rolling", "express"), &catalog);
        let Some(values) = files.iter().find(|f| f.path.ends_with("tfvars.json")) else { continue };
        let values: Value = serde_json::from_str(&values.text).expect("values");
        let secrets = values["services"]["app"]["secrets"].to_string();
        for name in ["AUTH_PUBLIC_KEY", "DATABASE_URL", "WEBHOOK_SECRETS"] {
            assert!(secrets.contains(name), "{provider}: {secrets}");
        }
        let code: String =
            files.iter().filter(|f| f.path.ends_with(".tf")).map(|f| f.text.as_str()).collect();
        // On machines of one's own Terraform starts no process.
        assert!(code.contains("value.secrets") || *provider == "hetzner", "{provider} ({platform})");
    }
}

/// A design on a platform whose edge, where it has one, is a content delivery network.
fn behind_a_network(platform: &str, provider: &str) -> Design {
    let catalog = embedded();
    let domain = catalog.domains.get("social").expect("a domain");
    let mut design = moved(&fixture::of_domain(domain), platform, provider, "rolling", "express");
    let edge = id("edge");
    let blueprint = &mut design.blueprint;
    if !blueprint.components.contains_key(&edge) {
        let mut network = blueprint.components.values().next().expect("a component").clone();
        network.kind = loadcase_model::ComponentKind::Edge;
        blueprint.components.insert(edge.clone(), network);
    }
    let network = &mut blueprint.components[&edge];
    network.technology = Some(id("cdn"));
    network.managed = true;
    // The network answers nine of ten requests for what is public.
    for operation in blueprint.operations.values_mut().filter(|o| o.method.as_deref() == Some("GET")) {
        let Some(first) = operation.steps.first().cloned() else { continue };
        let share = if operation.roles.is_empty() { 0.1 } else { 1.0 };
        operation.steps.iter_mut().for_each(|s| s.visits *= share);
        operation.steps.insert(0, loadcase_model::Step { component: edge.clone(), visits: 1.0, ..first });
    }
    design
}

#[test]
fn a_network_of_the_provider_stands_before_the_balancer_and_keeps_only_what_is_public() {
    let catalog = embedded();
    for platform in ["managed-containers", "virtual-machines"] {
        let design = behind_a_network(platform, "aws");
        let all = deliverables(&design, &catalog);
        let edge = text(&all, "deploy/terraform/edge.tf");
        for word in ["aws_cloudfront_distribution", "vpc_origin_config", "aws_wafv2_web_acl", "TLSv1.2_2021"]
        {
            assert!(edge.contains(word), "{word}");
        }
        assert!(!all.iter().any(|f| f.path.ends_with("/direct.tf")), "the balancer is in the internet");
        let values: Value =
            serde_json::from_str(text(&all, "deploy/terraform/design.auto.tfvars.json")).expect("values");
        let limit = values["edge"]["address_limit"].as_f64().expect("a limit");
        let later = design.forecasts.at(loadcase_model::Horizon::Later);
        assert!(limit >= 300.0 && limit / 300.0 <= later.saturation.rate.value.max(1.0), "{limit}");
        let contract = documents("openapi.yaml", text(&all, "openapi.yaml")).remove(0);
        let cached: Vec<&str> =
            values["edge"]["cached"].as_array().expect("paths").iter().filter_map(Value::as_str).collect();
        assert!(!cached.is_empty(), "{values}");
        for (path, item) in contract["paths"].as_object().expect("paths") {
            let shape = path
                .split('/')
                .map(|s| if s.starts_with('{') { "*" } else { s })
                .collect::<Vec<_>>()
                .join("/");
            for (method, operation) in item.as_object().expect("operations") {
                let Some(security) =
                    operation["security"].as_array().filter(|_| cached.contains(&shape.as_str()))
                else {
                    continue;
                };
                let is_open = security.iter().any(|s| s.as_object().is_some_and(serde_json::Map::is_empty));
                assert!(is_open && method == "get", "{method} {path} would be kept for everybody");
            }
        }
    }
}

#[test]
fn without_a_network_nothing_is_written_of_one() {
    let catalog = embedded();
    let mut design = behind_a_network("managed-containers", "aws");
    design.blueprint.components[&id("edge")].technology = Some(id("caddy"));
    let files = files(&design, &catalog);
    assert!(!files.iter().any(|f| f.path.ends_with("/edge.tf")));
    assert!(text(&files, "deploy/terraform/direct.tf").contains("0.0.0.0/0"));
    assert!(!text(&files, "deploy/terraform/design.auto.tfvars.json").contains("address_limit"));
}

#[test]
fn something_rings_when_everything_is_down() {
    let (catalog, designs) = spread();
    for design in designs {
        let files = files(&design, &catalog);
        let tests =
            documents("alerts.test.yaml", text(&files, "deploy/observability/alerts.test.yaml")).remove(0);
        let down =
            tests["tests"].as_array().expect("tests").iter().find(|t| t["name"] == "everything is down");
        let ring = down.map_or(0, |t| t["alert_rule_test"].as_array().map_or(0, Vec::len));
        assert!(ring >= 2, "{}: {ring}", design.blueprint.name);
    }
}

#[test]
fn no_login_is_a_member_of_the_owner_of_the_tables() {
    let (catalog, designs) = spread();
    let mut seen = 0;
    for design in designs {
        let all = deliverables(&design, &catalog);
        for store in loadcase_publish::data::of_design(&design, &catalog) {
            let logins =
                all.iter().filter(|f| f.path.ends_with(".sh") && f.text.contains("CREATE ROLE service"));
            for file in logins.filter(|f| f.text.contains(&store.application)) {
                seen += 1;
                let service =
                    file.text.lines().find(|l| l.starts_with("CREATE ROLE service")).expect("a login");
                assert!(
                    service.ends_with(&format!("IN ROLE {};", store.application)),
                    "{}: {service}",
                    file.path
                );
                let worker =
                    file.text.lines().find(|l| l.starts_with("CREATE ROLE worker")).expect("a login");
                assert!(
                    worker.ends_with(&format!("IN ROLE {};", store.maintenance)),
                    "{}: {worker}",
                    file.path
                );
                assert!(!file.text.contains(&store.owner), "{}: {}", file.path, file.text);
            }
        }
        for file in files(&design, &catalog).iter().filter(|f| f.path.starts_with("deploy/")) {
            assert!(!file.text.contains("fromDatabase"), "{} hands out the owner's address", file.path);
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn a_platform_is_told_where_in_the_words_it_knows() {
    let catalog = embedded();
    let mut design = moved(&fixture::social(), "paas", "render", "rolling", "express");
    for (regions, wanted) in [(vec![], "frankfurt"), (vec!["us-east-1".to_owned()], "virginia")] {
        design.blueprint.deployment.regions = regions;
        let files = files(&design, &catalog);
        let render = documents("render.yaml", text(&files, "deploy/render.yaml")).remove(0);
        let all = ["services", "databases"].iter().filter_map(|key| render[key].as_array()).flatten();
        let mut count = 0;
        for one in all {
            assert_eq!(one["region"], wanted, "{one}");
            count += 1;
        }
        assert!(count >= 2, "{render}");
    }
}

#[test]
fn modules_are_told_where_in_the_words_of_the_catalog() {
    let catalog = embedded();
    for (platform, provider) in PLATFORMS {
        let mut design = moved(&fixture::social(), platform, provider, "rolling", "express");
        let known = catalog.technology(provider).expect("a provider");
        let region = |design: &Design| {
            let files = files(design, &catalog);
            let values = files.iter().find(|f| f.path.ends_with("tfvars.json"))?;
            let values: Value = serde_json::from_str(&values.text).expect("values");
            values["region"].as_str().map(str::to_owned)
        };
        design.blueprint.deployment.regions = Vec::new();
        let Some(unnamed) = region(&design) else { continue };
        assert_eq!(Some(&unnamed), known.regions.get("eu"), "{provider}");
        for own in known.regions.values().chain(&known.more_regions) {
            design.blueprint.deployment.regions = vec![own.clone()];
            assert_eq!(region(&design).as_ref(), Some(own), "{provider}");
        }
    }
}

#[test]
fn what_the_contract_leaves_open_asks_for_no_token() {
    let catalog = embedded();
    let mut open = 0;
    for domain in catalog.domains.values() {
        let design = moved(&fixture::of_domain(domain), "paas", "render", "rolling", "express");
        let all = deliverables(&design, &catalog);
        let Some(contract) = all.iter().find(|f| f.path == "openapi.yaml") else { continue };
        let contract = documents("openapi.yaml", &contract.text).remove(0);
        let code: String =
            all.iter().filter(|f| f.path.ends_with("/routes.js")).map(|f| f.text.as_str()).collect();
        for operation in
            contract["paths"].as_object().expect("paths").values().filter_map(Value::as_object).flatten()
        {
            let id = operation.1["operationId"].as_str().unwrap_or("");
            let Some(security) = operation.1["security"].as_array().filter(|_| !id.is_empty()) else {
                continue;
            };
            let Some(line) = code.lines().find(|l| l.contains(&format!("unwritten({id:?})"))) else {
                continue;
            };
            let is_open = security.iter().any(|s| s.as_object().is_some_and(serde_json::Map::is_empty));
            open += usize::from(is_open);
            assert!(!is_open || !line.contains("callers("), "{}: {line}", domain.id);
            for role in
                operation.1["x-roles"].as_array().into_iter().flatten().filter(|_| line.contains("callers("))
            {
                assert!(line.contains(&role.to_string()), "{}: {line} lacks {role}", domain.id);
            }
        }
    }
    assert!(open > 10, "{open}");
}

#[test]
fn an_alert_rings_for_each_part_that_is_gone_and_before_the_load_is_too_much() {
    let (catalog, designs) = spread();
    for design in designs {
        let files = files(&design, &catalog);
        let alerts = documents("alerts.yaml", text(&files, "deploy/observability/alerts.yaml")).remove(0);
        let rules: Vec<&Value> = alerts["groups"]
            .as_array()
            .expect("groups")
            .iter()
            .filter_map(|g| g["rules"].as_array())
            .flatten()
            .collect();
        let compose = text(&files, "deploy/observability/collector.yaml");
        let jobs =
            compose.lines().filter_map(|l| l.trim().trim_start_matches("- ").strip_prefix("job_name: "));
        for job in jobs {
            let is_code = design
                .blueprint
                .components
                .iter()
                .any(|(id, c)| id.as_str() == job && c.kind != loadcase_model::ComponentKind::Function);
            let rings = rules
                .iter()
                .any(|r| r["expr"] == format!("absent(process_cpu_seconds_total{{job=\"{job}\"}})"));
            assert!(rings || !is_code, "{}: nothing rings when {job} is gone", design.blueprint.name);
        }
        let full = design.forecasts.at(loadcase_model::Horizon::Later).saturation.rate.value;
        if let Some(near) = rules.iter().find(|r| r["alert"] == "LoadNearsSaturation") {
            let bound: f64 =
                near["expr"].as_str().and_then(|e| e.rsplit(' ').next()?.parse().ok()).expect("a bound");
            // What works in the background is part of what is full, and no request.
            assert!(bound <= full * 0.8 * 1.000_1, "{}: {bound} of {full}", design.blueprint.name);
        }
    }
}

#[test]
fn what_has_no_files_yet_says_so() {
    let catalog = embedded();
    let design = moved(&fixture::social(), "managed-containers", "ovh", "rolling", "rails");
    let files = files(&design, &catalog);
    let readme = text(&files, "deploy/README.md");
    assert!(readme.contains("Nothing is written for"), "{readme}");
    assert!(readme.contains("There is no service to start from for `rails`"), "{readme}");
    text(&files, "deploy/compose.prod.yaml");
}

#[test]
fn names_that_break_languages_become_labels() {
    let long = "x".repeat(80);
    let names = ["1st", "null", "true", "yes", "a.b", "a_b", "a-b", "class", "import", "0", long.as_str()];
    let catalog = embedded();
    for (n, framework) in FRAMEWORKS.iter().enumerate() {
        let (platform, provider) = [
            ("kubernetes", "aws"),
            ("paas", "render"),
            ("paas", "fly-io"),
            ("managed-containers", "aws"),
            ("rented-server", "hetzner"),
        ][n];
        let mut design = moved(&fixture::social(), platform, provider, "canary", framework);
        let part =
            design.blueprint.components.values().find(|c| c.framework.is_some()).cloned().expect("a service");
        let modules: Vec<Id> = design.blueprint.modules.keys().cloned().collect();
        for (name, old) in names.iter().zip(modules.iter().cycle()) {
            design.blueprint.components.insert(id(name), part.clone());
            design.blueprint.flows.push(Flow {
                from: id(name),
                to: id("db"),
                style: FlowStyle::Sync,
                protocol: "sql: \"${x}\" {{ y }}".to_owned(),
                purpose: String::new(),
                timeout_ms: Some(f64::NAN),
                retries: Some(u32::MAX),
                encrypted: None,
                guard: None,
                basis: "\n---\n- x: &a".to_owned(),
                evidence: Vec::new(),
            });
            let module = design.blueprint.modules[old].clone();
            design.blueprint.modules.insert(id(name), module);
            for operation in
                design.blueprint.operations.values_mut().filter(|o| o.module.as_ref() == Some(old)).take(1)
            {
                operation.module = Some(id(name));
            }
        }
        design.blueprint.name = format!("Größe \"${{x}}\" %{{y}} {}", "ü".repeat(200));
        let files = files(&design, &catalog);
        let mut seen = BTreeSet::new();
        for file in &files {
            assert!(seen.insert(file.path.to_lowercase()), "{} twice", file.path);
            assert!(file.path.len() < 200 && file.path.is_ascii(), "{}", file.path);
            if file.path.ends_with(".yaml") && file.path.starts_with("deploy/") {
                for document in documents(&file.path, &file.text) {
                    if let Some(name) = document["metadata"]["name"].as_str() {
                        assert!(is_label(name), "{}: {name}", file.path);
                    }
                }
            }
        }
    }
}

#[test]
#[ignore = "writes the designs in the folder LOADCASE_DESIGNS, as JSON, to the folder LOADCASE_OUT"]
fn write_out() {
    let folder = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("set {name} to a folder"));
    let (from, out) = (folder("LOADCASE_DESIGNS"), folder("LOADCASE_OUT"));
    let catalog = embedded();
    let mut paths: Vec<_> =
        std::fs::read_dir(from).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    for (n, path) in paths.iter().enumerate() {
        let text = std::fs::read_to_string(path).expect("readable");
        let design: Design =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
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
                .filter(|f| {
                    ["deploy/", "service/"].iter().any(|p| f.path.starts_with(p))
                        || f.path.ends_with(".sql")
                        || f.path == "openapi.yaml"
                })
                .collect();
            write(&to.join(format!("{platform}-{provider}")), &files).expect("written");
        }
    }
}

/// A design whose first day has other sizes than its last.
fn grown() -> Design {
    let mut design = moved(&fixture::social(), "managed-containers", "aws", "rolling", "express");
    let mut today = loadcase_model::Today {
        components: design.blueprint.components.clone(),
        flows: design.blueprint.flows.clone(),
        ..loadcase_model::Today::default()
    };
    for component in today.components.values_mut() {
        if let Some(capacity) = &mut component.capacity {
            capacity.replicas = 1;
            capacity.storage_gb = 25.0;
        }
    }
    for component in design.blueprint.components.values_mut() {
        if let Some(capacity) = &mut component.capacity {
            capacity.replicas = 7;
            capacity.storage_gb = 900.0;
        }
    }
    design.today = Some(today);
    design
}

#[test]
fn what_is_applied_buys_the_first_day() {
    let catalog = embedded();
    let files = files(&grown(), &catalog);
    let values: Value =
        serde_json::from_str(text(&files, "deploy/terraform/design.auto.tfvars.json")).expect("JSON");
    for (name, service) in values["services"].as_object().expect("services") {
        assert_eq!(service["copies"], 1, "{name}");
    }
    let databases = values["databases"].as_object().expect("databases");
    assert!(!databases.is_empty());
    for (name, database) in databases {
        assert_eq!(database["storage_gb"], 25, "{name}");
        assert_eq!(database["most_storage_gb"], 900, "{name}: it grows by itself up to what is planned");
    }
    let readme = text(&files, "deploy/README.md");
    assert!(readme.contains("what the load of today needs"), "{readme}");
    assert!(readme.contains("900 GB"), "the sizes of then stand beside: {readme}");
}

#[test]
fn the_classes_of_databases_are_those_of_the_price_list() {
    let catalog = embedded();
    let files = files(&grown(), &catalog);
    let module = text(&files, "deploy/terraform/data.tf");
    let sizes = catalog.technology("aws").and_then(|t| t.database_sizes.as_ref()).expect("a list of prices");
    let lines: Vec<&str> = module.lines().filter(|l| l.contains("class = \"db.")).collect();
    assert_eq!(lines.len(), sizes.all.len());
    for (line, size) in lines.iter().zip(&sizes.all) {
        let wanted = [
            format!("millicores = {},", size.vcpu * 1e3),
            format!("memory_mb = {},", size.memory_gb * 1_024.0),
            format!("class = \"{}\"", size.name),
        ];
        assert!(wanted.iter().all(|w| line.contains(w)), "{line} is not {wanted:?}");
    }
}

#[test]
fn sessions_and_keys_are_looked_up_wherever_the_design_does_with_the_state_of_their_tenant() {
    let catalog = embedded();
    for domain in catalog.domains.values() {
        let mut design = fixture::of_domain(domain);
        for (id, operation) in &mut design.blueprint.operations {
            if let Some(own) = domain.operations.get(id) {
                operation.proof = domain.proof(own, |_| true);
            }
        }
        for framework in ["express", "fastapi", "axum"] {
            let design = moved(&design, "paas", "render", "rolling", framework);
            let code = service(&files(&design, &catalog));
            let unread = ["every proof of the design is looked up", "test_every_proof_of_the_design"];
            assert!(!unread.iter().any(|u| code.contains(u)), "{framework} of {}", domain.id);
            if domain.id == *"multi-tenant-saas" {
                assert!(code.contains("'proof', 'session'"), "{framework}");
                assert!(code.contains("AND EXISTS (SELECT FROM tenant AS o WHERE"), "{framework}");
            }
        }
    }
}
