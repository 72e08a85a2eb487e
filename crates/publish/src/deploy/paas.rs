//! The file that a platform as a service reads: one per platform, because each has its own.

use std::collections::BTreeMap;

use loadcase_catalog::{Sizes, Technology};
use loadcase_model::ComponentKind;
use serde_json::{Map, Value, json};

use super::compose::settings;
use super::environment::{Origin, TELEMETRY, TRACES, Variable, environment};
use super::logins::login;
use super::plan::{Home, PORT, Part, Plan};
use super::{region, yaml};
use crate::Deliverable;
use crate::skeleton::Skeleton;
use crate::template::render_code;
use crate::text::clean;

const FLY: &str = include_str!("fly.toml.j2");

pub(crate) fn files(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Vec<Deliverable> {
    match plan.provider() {
        Some("render") => vec![render(plan)],
        Some("fly-io") => fly(plan),
        Some("heroku") => heroku(plan, skeleton),
        Some("digitalocean") => vec![digitalocean(plan)],
        _ => Vec::new(),
    }
}

/// The smallest plan of a list that has the memory asked for, the largest where none has.
fn plan_for<'n>(plans: &[(&'n str, u32)], memory_mb: u32) -> &'n str {
    let fits = plans.iter().find(|(_, memory)| *memory >= memory_mb);
    fits.or(plans.last()).map_or("", |(name, _)| *name)
}

fn stores<'p, 'a>(plan: &'p Plan<'a>, language: &'p str) -> impl Iterator<Item = &'p Part<'a>> {
    plan.parts.iter().filter(move |p| {
        matches!(p.component.kind, ComponentKind::Store | ComponentKind::Cache | ComponentKind::Broker)
            && matches!(p.home, Home::Container(t, _) if plan.view.catalog.speaks(&t.id, language))
    })
}

/// The major version of a store, where the blueprint or the catalog has one.
fn major(plan: &Plan<'_>, part: &Part<'_>) -> String {
    let own = part.component.version.as_deref();
    let release = plan.view.technology(part.component).and_then(|t| t.release());
    let version = own.or(release.map(|r| r.cycle.as_str())).unwrap_or("18");
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    if digits.is_empty() { "18".to_owned() } else { digits }
}

/// The size of the provider's list that a part gets, the same as in the bill.
fn size_name<'a>(
    plan: &Plan<'a>,
    of: impl Fn(&'a Technology) -> Option<&'a Sizes>,
    part: &Part<'_>,
) -> &'a str {
    let provider = plan.provider().and_then(|p| plan.view.catalog.technology(p));
    let size = part.size();
    let standby = part.component.capacity.as_ref().is_some_and(|c| c.standbys > 0);
    let (vcpu, memory_gb) = (f64::from(size.millicores) / 1e3, f64::from(size.memory_mb) / 1_024.0);
    let fitting = provider.and_then(of).and_then(|sizes| sizes.fitting(vcpu, memory_gb, standby));
    fitting.map_or("", |s| s.name.as_str())
}

/// `deploy/render.yaml`: a blueprint of Render.
fn render(plan: &Plan<'_>) -> Deliverable {
    let region = region::of(plan, "render");
    let mut has_logins = false;
    let mut services: Vec<Value> = Vec::new();
    for part in plan.own() {
        let mut env: Vec<Value> =
            settings(plan, part).into_iter().map(|(k, v)| json!({"key": k, "value": v})).collect();
        for variable in environment(plan, part) {
            has_logins |= matches!(variable.origin, Origin::Database(_));
            env.push(render_variable(plan, &variable));
        }
        let size = part.size();
        let mut service = json!({
            "type": render_type(part),
            "name": format!("{}-{}", plan.name, part.label),
            "runtime": "docker",
            "region": region,
            "plan": size_name(plan, |t| t.process_sizes.as_ref(), part),
            "rootDir": "service",
            "dockerfilePath": "./Dockerfile",
            "numInstances": size.copies,
            "autoDeployTrigger": "checksPass",
            "maxShutdownDelaySeconds": super::resilience::inbound_ms(plan, part).div_ceil(1_000).clamp(10, 300),
            "envVars": env,
        });
        if part.answers() {
            // The one check that the platform has: a release takes over when it passes, and a copy that fails it for a
            // minute is started anew. So it must not ask the store, which may fail over for longer; a release that
            // never reached the store is stopped all the same.
            service["healthCheckPath"] = json!("/livez");
        }
        services.push(service);
    }
    services.extend(partitions_job(plan, region));
    services.extend(render_collector(plan, region));
    for part in stores(plan, "redis") {
        services.push(json!({
            "type": "keyvalue",
            "name": format!("{}-{}", plan.name, part.label),
            "region": region,
            "plan": plan_for(&[("starter", 256), ("standard", 1_024), ("pro", 5_120)], part.size().memory_mb),
            "maxmemoryPolicy": if part.component.kind == ComponentKind::Cache { "allkeys-lru" } else { "noeviction" },
            "ipAllowList": [],
        }));
    }
    let databases: Vec<Value> = stores(plan, "postgresql")
        .map(|part| {
            let size = part.size();
            let standby = part.component.capacity.as_ref().is_some_and(|c| c.standbys > 0);
            json!({
                "name": part.label,
                "databaseName": "app",
                "region": region,
                "plan": size_name(plan, |t| t.database_sizes.as_ref(), part),
                "postgresMajorVersion": major(plan, part),
                "diskSizeGB": size.storage_gb.next_multiple_of(5),
                "highAvailability": {"enabled": standby},
                "ipAllowList": [],
            })
        })
        .collect();
    let mut document = Map::new();
    document.insert("services".to_owned(), json!(services));
    if !databases.is_empty() {
        document.insert("databases".to_owned(), json!(databases));
    }
    let head = render_head(plan, region, has_logins, &databases);
    yaml("deploy/render.yaml", &head, &Value::Object(document))
}

/// Only what is a web or a private service can be asked for its metrics.
fn render_type(part: &Part<'_>) -> &'static str {
    if part.answers() { "web" } else { "pserv" }
}

/// The collector, which asks every copy of every process: the name for discovery has an address for each.
fn render_collector(plan: &Plan<'_>, region: &str) -> Option<Value> {
    let image = super::observability::image(plan)?;
    let host = |part: &Part<'_>| format!("{}_HOST", part.variable());
    let scrape = plan.own().map(|part| {
        json!({
            "job_name": part.label,
            "scrape_interval": "15s",
            "dns_sd_configs": [{"names": [format!("${{env:{}}}-discovery", host(part))], "type": "A", "port": PORT, "refresh_interval": "30s"}],
        })
    });
    let mut env = vec![
        json!({"key": "PORT", "value": "4318"}),
        json!({"key": "COLLECTOR_CONFIG", "value": super::observability::production(&scrape.collect::<Vec<_>>(), &[])}),
    ];
    env.extend(plan.own().map(|part| {
        let name = format!("{}-{}", plan.name, part.label);
        json!({"key": host(part), "fromService": {"name": name, "type": render_type(part), "property": "host"}})
    }));
    env.extend(["TELEMETRY_URL", "TELEMETRY_AUTHORIZATION"].map(|key| json!({"key": key, "sync": false})));
    Some(json!({
        "type": "pserv",
        "name": format!("{}-collector", plan.name),
        "runtime": "image",
        "region": region,
        "plan": "starter",
        "image": {"url": format!("docker.io/{image}")},
        "dockerCommand": "/otelcol-contrib --config=env:COLLECTOR_CONFIG",
        "envVars": env,
    }))
}

/// What whoever uses the blueprint of Render must know.
fn render_head(plan: &Plan<'_>, region: &str, has_logins: bool, databases: &[Value]) -> String {
    let mut head = format!(
        "Blueprint of Render: copy it to the root of the repository. Everything is in the region {region}, which cannot be changed later."
    );
    if has_logins {
        head.push_str(
            " Before the processes start, run deploy/logins.sh once with the database's own address as OWNER_URL; then DATABASE_URL is that address with the login it made, service or worker, and its password.",
        );
    }
    if databases.iter().any(|d| d["highAvailability"]["enabled"] == true) {
        head.push_str(
            " The standby of a database is replicated without waiting for it: a failover may lose what was written in the last seconds.",
        );
    }
    head + &by_hand(plan)
}

/// A variable of a process: a blueprint of Render takes an address from what it makes, and asks for the others.
fn render_variable(plan: &Plan<'_>, variable: &Variable<'_>) -> Value {
    let key = &variable.name;
    match variable.origin {
        Origin::Database(store) if crate::data::rights(&plan.view, store.id).is_none() => {
            json!({"key": key, "fromDatabase": {"name": store.label, "property": "connectionString"}})
        }
        Origin::Store(store) if stores(plan, "redis").any(|p| p.id == store.id) => {
            let name = format!("{}-{}", plan.name, store.label);
            json!({"key": key, "fromService": {"name": name, "type": "keyvalue", "property": "connectionString"}})
        }
        _ => json!({"key": key, "sync": false}),
    }
}

/// What is set by hand, each with where it comes from, in the order of the names.
fn by_hand(plan: &Plan<'_>) -> String {
    let all = plan.own().flat_map(|p| environment(plan, p));
    // The address of the database is spoken of where its logins are.
    let told = all.filter(|v| !matches!(v.origin, Origin::Database(_) | Origin::Store(_)));
    let told: BTreeMap<String, String> = told.map(|v| (v.name, v.about)).collect();
    let mut told: Vec<String> = told.into_iter().map(|(name, about)| format!("{name}: {about}")).collect();
    if plan.provider() == Some("render") {
        told.push("TELEMETRY_URL: Address of your monitoring service, which takes metrics, traces and logs by OTLP over HTTPS, in the same area as the product.".to_owned());
        told.push("TELEMETRY_AUTHORIZATION: What it wants in the header Authorization.".to_owned());
    }
    format!("\nSet by hand:\n{}", told.join("\n"))
}

/// The daily job that makes partitions ahead of time.
fn partitions_job(plan: &Plan<'_>, region: &str) -> Option<Value> {
    let part = stores(plan, "postgresql")
        .find(|p| crate::data::rights(&plan.view, p.id).is_some_and(|r| r.partitioned))?;
    let Home::Container(technology, container) = part.home else { return None };
    let image = super::compose::image_name(plan, technology, container, Some(part))?;
    Some(json!({
        "type": "cron",
        "name": format!("{}-partitions", plan.name),
        "runtime": "image",
        "region": region,
        "plan": "starter",
        "image": {"url": format!("docker.io/{}", if image.contains('/') { image } else { format!("library/{image}") })},
        "schedule": "17 3 * * *",
        "dockerCommand": format!("sh -c 'psql --set=ON_ERROR_STOP=1 --dbname \"$DATABASE_URL\" --command \"{}\"'", super::logins::KEEP_PARTITIONS),
        "envVars": [{"key": "DATABASE_URL", "sync": false}],
    }))
}

/// `deploy/fly.toml`, and one more for each further process.
fn fly(plan: &Plan<'_>) -> Vec<Deliverable> {
    let own: Vec<&Part<'_>> = plan.own().collect();
    own.iter()
        .enumerate()
        .map(|(n, part)| {
            let size = part.size();
            let path = if n == 0 { "deploy/fly.toml".to_owned() } else { format!("deploy/fly.{}.toml", part.label) };
            let settings: Vec<Value> =
                settings(plan, part).into_iter().map(|(k, v)| json!({"key": k, "value": toml(&v)})).collect();
            let values = json!({
                "name": format!("{}-{}", plan.name, part.label),
                "settings": settings,
                "region": region::of(plan, "fly-io"),
                "login": login(plan, part),
                "secrets": environment(plan, part).into_iter().map(|v| json!({"name": v.name, "about": clean(&v.about)})).collect::<Vec<_>>(),
                "port": PORT.to_string(),
                "answers": part.answers(),
                "copies": size.copies.to_string(),
                "cpus": size.millicores.div_ceil(1_000).next_power_of_two().min(16).to_string(),
                "memory_mb": size.memory_mb.next_multiple_of(256).to_string(),
                "strategy": match plan.rollout() { "blue-green" => "bluegreen", "canary" => "canary", "restart" => "immediate", _ => "rolling" },
                "grace_s": super::resilience::inbound_ms(plan, part).div_ceil(1_000).clamp(5, 300).to_string(),
                "soft": (part.component.capacity.as_ref().and_then(|c| c.concurrency).unwrap_or(100) / 2).max(1).to_string(),
                "hard": part.component.capacity.as_ref().and_then(|c| c.concurrency).unwrap_or(100).max(2).to_string(),
            });
            Deliverable { text: render_code(&path, FLY, &values), path }
        })
        .collect()
}

/// A text as a basic string of TOML.
fn toml(text: &str) -> String {
    serde_json::to_string(&clean(text)).expect("a text has a JSON form")
}

/// `Procfile`, `heroku.yml` and `app.json`.
fn heroku(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Vec<Deliverable> {
    let mut formation = Map::new();
    let mut env = Map::new();
    let mut images = Map::new();
    let mut run = Map::new();
    let mut first = true;
    for part in plan.own() {
        let process = if part.answers() && first { "web".to_owned() } else { part.label.clone() };
        first &= !part.answers();
        let size = part.size();
        formation.insert(
            process.clone(),
            json!({"quantity": size.copies, "size": size_name(plan, |t| t.process_sizes.as_ref(), part)}),
        );
        images.insert(process.clone(), json!("service/Dockerfile"));
        for (key, value) in settings(plan, part) {
            if !matches!(key.as_str(), "COMPONENT" | "PORT") {
                env.entry(key).or_insert_with(|| json!({"value": value}));
            }
        }
        let command = skeleton.and_then(|s| s.commands.get("start")).map_or("./start", String::as_str);
        run.insert(process, json!(format!("env COMPONENT={} {command}", part.label)));
    }
    env.extend(plan.own().flat_map(|p| environment(plan, p)).map(|v| heroku_variable(&v)));
    let mut addons: Vec<Value> = stores(plan, "postgresql")
        .map(|p| {
            // A standby is to be had from the premium plans; credentials from the standard ones.
            let standby = p.component.capacity.as_ref().is_some_and(|c| c.standbys > 0);
            let size = plan_for(
                &[("0", 4_096), ("2", 8_192), ("4", 30_720), ("6", 61_440)],
                p.size().memory_mb,
            );
            let plan_name = format!("{}-{size}", if standby { "premium" } else { "standard" });
            json!({"plan": format!("heroku-postgresql:{plan_name}"), "as": "OWNER_DATABASE", "options": {"version": major(plan, p)}})
        })
        .collect();
    addons.extend(stores(plan, "redis").map(|_| json!({"plan": "heroku-redis:premium-0"})));
    let app = json!({
        "name": plan.name,
        "description": clean(&plan.view.blueprint().summary),
        "stack": "container",
        "formation": formation,
        "addons": addons,
        "env": env,
    });
    vec![
        Deliverable {
            path: "deploy/app.json".to_owned(),
            text: serde_json::to_string_pretty(&app).expect("JSON has a text form") + "\n",
        },
        yaml(
            "deploy/heroku.yml",
            &format!(
                "How Heroku builds and runs it: copy it to the root of the repository. Make the app with: heroku create --stack container --region {}. The add-on's own address is OWNER_DATABASE_URL and belongs to whoever owns the tables; roles are credentials there (heroku pg:credentials:create), so make those of schema.sql that way, and one each for the service and the worker, whose addresses are DATABASE_URL.",
                region::of(plan, "heroku")
            ),
            &json!({"build": {"docker": images}, "run": run}),
        ),
    ]
}

/// A variable of an app on Heroku, which is asked for when the app is made.
fn heroku_variable(variable: &Variable<'_>) -> (String, Value) {
    let about = match variable.origin {
        Origin::Database(_) => {
            "Address of the database with the login of the service: a credential of its own, not the one that the add-on sets."
        }
        _ => &variable.about,
    };
    (
        variable.name.clone(),
        json!({"description": about, "required": !matches!(variable.name.as_str(), TELEMETRY | TRACES)}),
    )
}

/// `deploy/do-app.yaml`: an App Platform specification.
fn digitalocean(plan: &Plan<'_>) -> Deliverable {
    let (mut services, mut workers) = (Vec::new(), Vec::new());
    for part in plan.own() {
        let size = part.size();
        let mut envs: Vec<Value> = settings(plan, part)
            .into_iter()
            .map(|(k, v)| json!({"key": k, "value": v, "scope": "RUN_TIME"}))
            .collect();
        envs.extend(environment(plan, part).iter().map(|variable| match variable.origin {
            Origin::Database(store) if crate::data::rights(&plan.view, store.id).is_none() => {
                json!({"key": variable.name, "value": format!("${{{}.DATABASE_URL}}", store.label), "scope": "RUN_TIME"})
            }
            _ => json!({"key": variable.name, "type": "SECRET", "scope": "RUN_TIME"}),
        }));
        let mut value = json!({
            "name": part.label,
            "source_dir": "service",
            "dockerfile_path": "service/Dockerfile",
            "instance_count": size.copies,
            "instance_size_slug": size_name(plan, |t| t.process_sizes.as_ref(), part),
            "envs": envs,
        });
        if part.answers() {
            value["http_port"] = json!(PORT);
            // Says when a release takes over.
            value["health_check"] = json!({"http_path": "/livez", "period_seconds": 10});
            value["liveness_health_check"] = json!({"http_path": "/livez", "period_seconds": 10});
            services.push(value);
        } else {
            workers.push(value);
        }
    }
    let databases: Vec<Value> = stores(plan, "postgresql")
        .map(|p| json!({"name": p.label, "cluster_name": format!("{}-{}", plan.name, p.label), "engine": "PG", "version": major(plan, p), "production": true}))
        .collect();
    let mut document = Map::new();
    document.insert("name".to_owned(), json!(plan.name));
    document.insert("region".to_owned(), json!(region::of(plan, "digitalocean")));
    for (key, list) in [("services", services), ("workers", workers), ("databases", databases)] {
        if !list.is_empty() {
            document.insert(key.to_owned(), json!(list));
        }
    }
    // A specification, not a Compose file, although both have services.
    yaml(
        "deploy/do-app.yaml",
        &format!(
            "Specification for App Platform: doctl apps create --spec deploy/do-app.yaml. The database clusters are made before, in the same region, with a standby where the design has one; then run deploy/logins.sh with a cluster's own address as OWNER_URL, and give each process the address with the login it made, service or worker.{}",
            by_hand(plan)
        ),
        &Value::Object(document),
    )
}
