//! The file that a platform as a service reads: one per platform, because each has its own.

use loadcase_model::ComponentKind;
use serde_json::{Map, Value, json};

use super::compose::{behind_pooler, database, settings};
use super::plan::{Home, PORT, Part, Plan};
use super::yaml;
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

/// `deploy/render.yaml`: a blueprint of Render.
fn render(plan: &Plan<'_>) -> Deliverable {
    const PLANS: &[(&str, u32)] = &[
        ("starter", 512),
        ("standard", 2_048),
        ("pro", 4_096),
        ("pro plus", 8_192),
        ("pro max", 16_384),
        ("pro ultra", 32_768),
    ];
    const DATABASES: &[(&str, u32)] = &[
        ("basic-256mb", 256),
        ("basic-1gb", 1_024),
        ("basic-4gb", 4_096),
        ("pro-8gb", 8_192),
        ("pro-16gb", 16_384),
        ("pro-32gb", 32_768),
        ("pro-64gb", 65_536),
        ("pro-128gb", 131_072),
        ("pro-256gb", 262_144),
    ];
    let mut services: Vec<Value> = Vec::new();
    for part in plan.own() {
        let mut env: Vec<Value> =
            settings(plan, part).into_iter().map(|(k, v)| json!({"key": k, "value": v})).collect();
        if let Some(store) = asked(plan, part) {
            env.push(json!({"key": "DATABASE_URL", "fromDatabase": {"name": store.label, "property": "connectionString"}}));
        }
        env.push(json!({"key": "AUTH_PUBLIC_KEY", "sync": false}));
        let size = part.size();
        let mut service = json!({
            "type": if part.answers() { "web" } else { "worker" },
            "name": format!("{}-{}", plan.name, part.label),
            "runtime": "docker",
            "plan": plan_for(PLANS, size.memory_mb),
            "rootDir": "service",
            "dockerfilePath": "./Dockerfile",
            "numInstances": size.copies,
            "autoDeployTrigger": "checksPass",
            "maxShutdownDelaySeconds": super::resilience::inbound_ms(plan, part).div_ceil(1_000).clamp(10, 300),
            "envVars": env,
        });
        if part.answers() {
            service["healthCheckPath"] = json!("/readyz");
        }
        services.push(service);
    }
    for part in stores(plan, "redis") {
        services.push(json!({
            "type": "keyvalue",
            "name": format!("{}-{}", plan.name, part.label),
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
                "plan": plan_for(DATABASES, size.memory_mb),
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
    yaml(
        "deploy/render.yaml",
        "Blueprint of Render: copy it to the root of the repository.",
        &Value::Object(document),
    )
}

/// The database behind a process, past a pooler.
fn asked<'p, 'a>(plan: &'p Plan<'a>, part: &Part<'_>) -> Option<&'p Part<'a>> {
    database(plan, part).map(|store| behind_pooler(plan, store))
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
    const DYNOS: &[(&str, u32)] =
        &[("basic", 512), ("standard-2x", 1_024), ("performance-m", 2_560), ("performance-l", 14_336)];
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
            json!({"quantity": size.copies, "size": plan_for(DYNOS, size.memory_mb)}),
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
    env.insert(
        "AUTH_PUBLIC_KEY".to_owned(),
        json!({"description": "The public key of whoever signs the tokens, as PEM."}),
    );
    let mut addons: Vec<Value> = stores(plan, "postgresql")
        .map(|p| {
            let plan_name = plan_for(
                &[
                    ("essential-1", 512),
                    ("standard-0", 4_096),
                    ("standard-2", 8_192),
                    ("standard-4", 30_720),
                    ("standard-6", 61_440),
                ],
                p.size().memory_mb,
            );
            json!({"plan": format!("heroku-postgresql:{plan_name}"), "options": {"version": major(plan, p)}})
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
            "How Heroku builds and runs it: copy it to the root of the repository.",
            &json!({"build": {"docker": images}, "run": run}),
        ),
    ]
}

/// `deploy/do-app.yaml`: an App Platform specification.
fn digitalocean(plan: &Plan<'_>) -> Deliverable {
    const SLUGS: &[(&str, u32)] = &[
        ("apps-s-1vcpu-0.5gb", 512),
        ("apps-s-1vcpu-1gb", 1_024),
        ("apps-s-1vcpu-2gb", 2_048),
        ("apps-d-1vcpu-4gb", 4_096),
        ("apps-d-2vcpu-8gb", 8_192),
        ("apps-d-4vcpu-16gb", 16_384),
    ];
    let (mut services, mut workers) = (Vec::new(), Vec::new());
    for part in plan.own() {
        let size = part.size();
        let mut envs: Vec<Value> = settings(plan, part)
            .into_iter()
            .map(|(k, v)| json!({"key": k, "value": v, "scope": "RUN_TIME"}))
            .collect();
        if let Some(store) = asked(plan, part) {
            envs.push(json!({"key": "DATABASE_URL", "value": format!("${{{}.DATABASE_URL}}", store.label), "scope": "RUN_TIME"}));
        }
        let mut value = json!({
            "name": part.label,
            "source_dir": "service",
            "dockerfile_path": "service/Dockerfile",
            "instance_count": size.copies,
            "instance_size_slug": plan_for(SLUGS, size.memory_mb),
            "envs": envs,
        });
        if part.answers() {
            value["http_port"] = json!(PORT);
            value["health_check"] = json!({"http_path": "/readyz", "period_seconds": 10});
            services.push(value);
        } else {
            workers.push(value);
        }
    }
    let databases: Vec<Value> = stores(plan, "postgresql")
        .map(|p| json!({"name": p.label, "engine": "PG", "version": major(plan, p), "production": true}))
        .collect();
    let mut document = Map::new();
    document.insert("name".to_owned(), json!(plan.name));
    for (key, list) in [("services", services), ("workers", workers), ("databases", databases)] {
        if !list.is_empty() {
            document.insert(key.to_owned(), json!(list));
        }
    }
    // A specification, not a Compose file, although both have services.
    yaml(
        "deploy/do-app.yaml",
        "Specification for App Platform: doctl apps create --spec deploy/do-app.yaml",
        &Value::Object(document),
    )
}
