//! `deploy/README.md`: what is here, why releases go the way they go, what pools rest on, and what to do when an
//! alert rings.

use loadcase_model::{ComponentKind, Figure, Tag, Unit};

use super::links::connections;
use super::observability::{BURNS, alerts, objectives};
use super::plan::{Home, Plan};
use crate::Deliverable;
use crate::honesty::{tagged, tagged_text};
use crate::hosting;
use crate::skeleton::Skeleton;
use crate::text::markdown::{Doc, Table, code, name, prose};
use crate::text::{capital, sentence, words};
use crate::tradeoffs;

pub(crate) fn file(plan: &Plan<'_>, skeleton: Option<&Skeleton>, files: &[Deliverable]) -> Deliverable {
    let mut doc = Doc::new(&format!("Deployment of {}", name(&plan.view.blueprint().name)));
    doc.heading(2, "Start today");
    start(&mut doc, plan, skeleton, files);
    doc.heading(2, "What is here");
    contents(&mut doc, plan, files);
    let outside = hosting::elsewhere(&plan.view);
    if !outside.is_empty() {
        doc.heading(2, "What runs elsewhere");
        doc.list(outside);
        doc.para("Its address, with the password, is the variable of the component that ends in `_URL`.");
    }
    let regions = hosting::unset_regions(&plan.view);
    if !regions.is_empty() {
        doc.heading(2, "Regions that no file sets");
        doc.list(regions);
    }
    doc.heading(2, "What is bought, and what to raise when");
    super::sizes::section(&mut doc, plan);
    super::sizes::not_started(&mut doc, plan);
    copies_for_reads(&mut doc, plan);
    doc.heading(2, "How a release replaces the one before");
    rollout(&mut doc, plan);
    doc.heading(2, "Timeouts, retries and pools");
    pools(&mut doc, plan, files);
    doc.heading(2, "Rights");
    rights(&mut doc, plan);
    doc.heading(2, "Objectives and alerts");
    watch(&mut doc, plan, files);
    doc.heading(2, "Runbook");
    runbook(&mut doc, plan, skeleton);
    Deliverable { path: "deploy/README.md".to_owned(), text: doc.finish() }
}

/// What has to be done so that copies of a database answer the reads that the forecast gives them.
fn copies_for_reads(doc: &mut Doc, plan: &Plan<'_>) {
    let copied =
        |p: &&super::plan::Part<'_>| p.component.capacity.as_ref().is_some_and(|c| c.read_replicas > 0);
    let names: Vec<String> = plan.parts.iter().filter(copied).map(|p| name(&p.component.name)).collect();
    if !names.is_empty() {
        doc.para(format!(
            "{} has copies that answer reads. The service that is generated asks the primary for everything: give the \
             modules whose reads may be a moment old a second pool with the address of a copy (Terraform tells them as \
             `read_addresses`), before the primary is {} busy. Who may do what is always asked of the primary.",
            crate::text::listed(&names),
            tagged_text("60%", Tag::Assumed),
        ));
    }
}

/// The path of a file as a link from this document.
fn linked(path: &str) -> String {
    let own = path.strip_prefix("deploy/").map_or_else(|| format!("../{path}"), str::to_owned);
    format!("[{own}]({own})")
}

fn has(files: &[Deliverable], path: &str) -> bool {
    files.iter().any(|f| f.path == path)
}

fn start(doc: &mut Doc, plan: &Plan<'_>, skeleton: Option<&Skeleton>, files: &[Deliverable]) {
    doc.fence("sh", "cd deploy\ncp .env.example .env\ndocker compose up --build --wait");
    doc.para(format!(
        "{} starts the stores, the collector and Prometheus with the alerts{}. The passwords of `.env` are \
         for a developer's machine only.",
        linked("deploy/compose.yaml"),
        if skeleton.is_some() { ", and the service itself" } else { "" },
    ));
    match skeleton {
        Some(skeleton) => {
            doc.para(format!(
                "The service is in [../service](../service/README.md), with {}.",
                skeleton.operation.as_ref().map_or_else(
                    || "a route for every operation of the contract, none of them written yet".to_owned(),
                    |(method, path, title)| format!(
                        "one operation from the contract to the table, {} ({}); the others answer with the status `501` until \
                         they are written",
                        code(&format!("{method} {path}")),
                        name(title)
                    )
                )
            ));
        }
        None => {
            let framework = plan.own().find_map(|p| p.component.framework.as_ref());
            doc.para(framework.map_or_else(
                || "No framework is chosen, so there is no service to start from: build it with a Dockerfile in `service/`.".to_owned(),
                |f| format!("There is no service to start from for {} yet: build it with a Dockerfile in `service/`.", code(f.as_str())),
            ));
        }
    }
    if has(files, "deploy/compose.yaml") {
        let missing: Vec<String> = plan
            .parts
            .iter()
            .filter(|p| {
                matches!(p.home, Home::Elsewhere)
                    && matches!(
                        p.component.kind,
                        ComponentKind::Store
                            | ComponentKind::Broker
                            | ComponentKind::Cache
                            | ComponentKind::Search
                            | ComponentKind::Analytics
                            | ComponentKind::ObjectStore
                            | ComponentKind::Identity
                    )
            })
            .map(|p| name(&p.component.name))
            .collect();
        if !missing.is_empty() {
            doc.para(format!(
                "Not on this machine, because nothing stands in for it: {}.",
                missing.join(", ")
            ));
        }
    }
}

fn contents(doc: &mut Doc, plan: &Plan<'_>, files: &[Deliverable]) {
    const ABOUT: &[(&str, &str)] = &[
        ("deploy/compose.yaml", "everything on one machine, for development"),
        ("deploy/logins.sh", "the tables and the logins of the processes, once for each database"),
        ("deploy/resilience.yaml", "timeout, retries and pool of every flow"),
        ("deploy/observability/collector.yaml", "OpenTelemetry Collector"),
        ("deploy/observability/prometheus.yaml", "Prometheus for development"),
        ("deploy/observability/alerts.yaml", "alerts from the targets and the capacity model"),
        ("deploy/observability/alerts.test.yaml", "tests of the alerts"),
        ("deploy/kubernetes/base/kustomization.yaml", "Kubernetes: what both overlays share"),
        ("deploy/kubernetes/overlays/dev/kustomization.yaml", "Kubernetes: a cluster to try things"),
        ("deploy/kubernetes/overlays/prod/kustomization.yaml", "Kubernetes: production"),
        (
            "deploy/terraform/design.auto.tfvars.json",
            "the sizes and settings that the Terraform module beside it reads",
        ),
        ("deploy/render.yaml", "blueprint of the platform"),
        ("deploy/fly.toml", "configuration of the platform"),
        ("deploy/app.json", "what the platform sets up"),
        ("deploy/heroku.yml", "how the platform builds and runs it"),
        ("deploy/do-app.yaml", "specification of the platform"),
        ("deploy/compose.prod.yaml", "one machine in production"),
        ("deploy/Caddyfile", "the proxy in front of it"),
        ("deploy/systemd/release.sh", "puts a release on a machine, and goes back when it fails"),
    ];
    let mut table = Table::new(&["file", "what it is"]);
    for (path, about) in ABOUT.iter().filter(|(path, _)| has(files, path)) {
        table.row([linked(path), (*about).to_owned()]);
    }
    let poolers = files.iter().filter(|f| f.path.starts_with("deploy/pgbouncer/"));
    for file in poolers {
        table.row([linked(&file.path), "a connection pooler".to_owned()]);
    }
    doc.para(table.render());
    let deployment = &plan.view.blueprint().deployment;
    let on = words(deployment.platform.as_str());
    let provider = deployment
        .provider
        .as_ref()
        .map_or_else(String::new, |p| format!(" at {}", provider_name(plan, p.as_str())));
    let known = plan.runs_on("kubernetes")
        || super::terraform::has_module(plan)
        || files.iter().any(|f| PLATFORM.contains(&f.path.as_str()));
    if !known {
        doc.para(format!(
            "Nothing is written for {} yet. {} runs the same images on a machine; what it says of settings, health and \
             rights holds there too.",
            name(&format!("{on}{provider}")),
            linked("deploy/compose.prod.yaml"),
        ));
    }
}

const PLATFORM: &[&str] = &["deploy/render.yaml", "deploy/fly.toml", "deploy/app.json", "deploy/do-app.yaml"];

fn provider_name(plan: &Plan<'_>, id: &str) -> String {
    plan.view.catalog.technology(id).map_or_else(|| id.to_owned(), |t| t.name.clone())
}

fn rollout(doc: &mut Doc, plan: &Plan<'_>) {
    match plan.view.design.decision("rollout") {
        Some(decision) => {
            doc.para(format!(
                "**{}.** {}",
                name(&decision.verdict.name),
                sentence(&prose(&decision.verdict.summary, Tag::Computed))
            ));
            doc.list(tradeoffs::drivers(decision));
            doc.para("What it beat, and what would change it, stands in [trade-offs.md](../trade-offs.md).");
        }
        None => {
            doc.para(format!("**{}**, as the blueprint says.", name(&capital(&words(plan.rollout())))));
        }
    }
    let how = match plan.rollout() {
        "restart" => {
            "The old copies stop before the new ones start: callers see an interruption of seconds. Release at a quiet hour."
        }
        "blue-green" => {
            "The new release stands beside the old one with all its copies. When it is ready, traffic moves at once; the old one stays for an hour, so that going back is one switch."
        }
        "canary" => {
            "The new release gets a small share of the traffic first, and is widened while the burn-rate alerts stay silent. One that rings stops the release, and the share goes back to none."
        }
        _ => {
            "A new copy is ready before an old one goes, one at a time; one that does not become ready stops the release, and the old copies stay."
        }
    };
    doc.para(how);
    doc.para("Old and new copies run side by side, so every change of the schema suits both: expand, move, contract, each in a release of its own (see [data-design.md](../data-design.md)).");
}

fn pools(doc: &mut Doc, plan: &Plan<'_>, files: &[Deliverable]) {
    doc.para(format!(
        "{} has them for every flow; the environment of each process is written from the same numbers. A pool holds what \
         is in flight, calls per second at the peak {} times the time a call holds its connection (Little's \
         law), with room for three standard deviations.",
        linked("deploy/resilience.yaml"),
        plan.horizon.label(),
    ));
    let mut table =
        Table::new(&["flow", "timeout", "tried again", "calls at the peak", "connections of each copy"]);
    for link in plan.links.iter().filter(|l| plan.part(&l.flow.from).is_some_and(super::plan::Part::is_own)) {
        table.row([
            code(&link.name),
            tagged(&link.timeout),
            tagged(&link.retries),
            tagged(&Figure::computed(link.pool.calls, Unit::PerSecond, "workload times visits")),
            tagged(&link.pool.figure()),
        ]);
    }
    doc.table(&table, "No process of the product calls anything.");
    for part in plan.parts.iter().filter(|p| super::resilience::is_pooled(p.component)) {
        let found = connections(&plan.view, &plan.links, part);
        let Some(limit) = found.limit else { continue };
        let figure = |n: u32, by: &str| tagged(&Figure::computed(f64::from(n), Unit::One, by));
        doc.para(format!(
            "All callers of {} together open {} connections while a release is rolled out, of {} that {} takes with a fifth \
             left for people and maintenance.{}",
            name(&part.component.name),
            figure(found.wanted, "pools of all callers and one more copy of each"),
            figure(limit, if found.of_plan { "four fifths of what the provider's plan takes" } else { "four fifths of the store's limit" }),
            if found.of_plan { "the plan that is bought" } else { "it" },
            if found.needs_pooler() { " That is too many: the pooler holds fewer, in transaction mode." } else { "" }
        ));
    }
    pooler(doc, plan, files);
}

/// The poolers' sizes, and where they run.
fn pooler(doc: &mut Doc, plan: &Plan<'_>, files: &[Deliverable]) {
    let mut poolers = files.iter().filter(|f| f.path.starts_with("deploy/pgbouncer/")).peekable();
    if poolers.peek().is_none() {
        return;
    }
    for file in poolers {
        doc.para(format!("The pooler, from {}:", linked(&file.path)));
        doc.fence("ini", &section(&file.text, "[databases]", "[pgbouncer]"));
    }
    if !super::pooler::is_one(plan) {
        doc.para(format!(
            "One runs beside each copy of a process, as a second container that the process reaches at its own address, so \
             that no way between processes has to be opened. Its connections are what that copy keeps in flight, calls per \
             second times the time a statement holds one, over the copies that run, with three standard deviations on top; \
             at most {} copies, together, stay within what the store takes. No other file here starts it: it needs this \
             file, a list of users and its certificates, with the address of the store as its certificate names it. Where \
             documents count poolers as parts of their own, it is these; one pooler of the provider for all takes their place.",
            tagged(&Figure::computed(f64::from(super::pooler::beside(plan)), Unit::One, "copies of all callers when their number has grown under load")),
        ));
    }
}

/// The lines of a file between two lines.
fn section(text: &str, from: &str, to: &str) -> String {
    let lines = text.lines().skip_while(|l| *l != from).take_while(|l| *l != to);
    lines.collect::<Vec<_>>().join("\n")
}

fn rights(doc: &mut Doc, plan: &Plan<'_>) {
    let mut items = vec![
        "Processes run as a user without rights, on a file system they cannot write to, without Linux capabilities.".to_owned(),
        "The service logs in with a role that owns no table, so that the policies of the schema hold for it; workers have the login of maintenance, which sees all tenants; migrations use another.".to_owned(),
        "Secrets come from the secret store of the platform, one for each process; none is in these files.".to_owned(),
    ];
    let staff = plan.parts.iter().find_map(|p| crate::data::rights(&plan.view, p.id)?.staff);
    if let Some(staff) = staff {
        items.insert(
            2,
            format!(
                "Operations that are the house's alone work on the rows of all tenants. Their transactions begin with {} and a row in {}, with the person, the operation and the transaction's number; without that row the policies show them nothing. The service has no such right otherwise, and logs in with no other login for it. What the role may do is what these operations do: see its grants in the schema.",
                code(&format!("SET LOCAL ROLE {staff}")),
                code("staff_access")
            ),
        );
    }
    if plan.runs_on("kubernetes") {
        items.push("Network policies forbid everything, and allow what the blueprint has a flow for. The ingress lives in a namespace labelled `network-role=ingress`.".to_owned());
        items.push("No process gets a token of the cluster.".to_owned());
    } else if super::terraform::has_module(plan) {
        items.push(
            "Each process has an identity of its own that reaches its own secrets, queues and files."
                .to_owned(),
        );
    }
    doc.list(items);
    if plan.runs_on("kubernetes") {
        let mut secrets: Vec<String> = plan.own().map(|p| code(&format!("{}-secrets", p.label))).collect();
        if plan.parts.iter().any(|p| crate::data::rights(&plan.view, p.id).is_some_and(|r| r.partitioned)) {
            secrets.push(format!("{} (the login of the worker)", code("keep-partitions-secrets")));
        }
        doc.para(format!(
            "Secrets to make before the first release, each with the names that its process reads: {}.",
            secrets.join(", ")
        ));
        for part in plan.parts.iter().filter(|p| super::pooler::settings(plan, p).is_some()) {
            doc.para(format!(
                "{} holds what the pooler needs: `userlist.txt` with the logins, `tls.crt` and `tls.key` of its own, and `ca.crt`, by which it checks the store.",
                code(&format!("{}-secrets", part.label))
            ));
        }
    }
    if let Some(file) = &plan.columns {
        for part in plan.parts.iter().filter(|p| super::compose::keeps_columns(plan, p)) {
            doc.para(format!(
                "Before the first release, make the tables of {}, which `logins.sh` does not: {}. Give the processes a user of \
                 their own there, which may read and insert and change no table. compose.yaml does the first of it by itself.",
                name(&part.component.name),
                code(&format!("clickhouse-client --secure --host ... --user ... --password ... --database app --multiquery < {file}"))
            ));
        }
    }
    if super::terraform::has_module(plan) && plan.provider() == Some("aws") {
        doc.para(
            "Before the first release: run `deploy/logins.sh` once from inside the network, with the address and the \
             password that the database service keeps for its owner, and put what `secrets` lists for each process in \
             [terraform/design.auto.tfvars.json](terraform/design.auto.tfvars.json) into its secret.",
        );
    }
    let has = |kind| plan.parts.iter().any(|p| p.component.kind == kind);
    super::edge::describe(doc, plan);
    if super::terraform::has_module(plan) && plan.provider() == Some("aws") && has(ComponentKind::ObjectStore)
    {
        doc.para(
            "Pages of a browser may put and read files by signed links once `web_origins` names the origin of the web client.",
        );
    }
    if plan.runs_on("functions") {
        doc.para(
            "The service answers HTTP. A function platform hands over events instead: put its adapter for web \
             applications into the image (AWS Lambda Web Adapter as an extension, port and `/readyz` in its settings).",
        );
    }
}

fn watch(doc: &mut Doc, plan: &Plan<'_>, files: &[Deliverable]) {
    let objectives = objectives(plan);
    if objectives.is_empty() {
        doc.para("The design has no target for availability or latency that an alert could watch.");
    }
    for objective in &objectives {
        let target = tagged(&objective.target.target);
        doc.para(match objective.within_s {
            None => format!("**Availability:** {target} of requests end without an error of the server."),
            Some(_) => format!(
                "**Latency:** all but {} of requests are answered within {target}.",
                tagged(&Figure::computed(objective.budget, Unit::Share, "the percentile of the target"))
            ),
        });
        if !objective.left_out.is_empty() {
            let routes: Vec<String> = objective.left_out.iter().map(|r| code(r)).collect();
            doc.para(format!(
                "Left out of it, because they wait for another system and are forecast to be slower: {}.",
                routes.join(", ")
            ));
        }
    }
    doc.para(super::observability::heard(plan));
    if !objectives.is_empty() {
        let mut table = Table::new(&["burns so many times too fast", "over", "and still over", "then"]);
        for (factor, long, short, severity) in BURNS {
            let fact = |text: &str| tagged_text(text, Tag::Fact);
            let span = |w: &str| {
                fact(
                    &w.replace('h', " h")
                        .replace('m', " min")
                        .replace('d', if w == "1d" { " day" } else { " days" }),
                )
            };
            table.row([
                fact(&loadcase_model::format_number(factor)),
                span(long),
                span(short),
                if severity == "page" { "somebody is woken" } else { "a ticket" }.to_owned(),
            ]);
        }
        doc.para("An alert rings when the budget of a month burns too fast over two windows at once: the long one proves that it matters, the short one that it still goes on (Google, The Site Reliability Workbook, chapter on alerting).");
        doc.para(table.render());
    }
    if let Some(file) = files.iter().find(|f| f.path.ends_with("alerts.yaml")) {
        let first: Vec<&str> = file
            .text
            .lines()
            .skip_while(|l| !l.contains("alert:"))
            .take_while(|l| !l.contains("for:") && !l.contains("labels:"))
            .collect();
        doc.para(format!("The first of them, from {}:", linked(&file.path)));
        doc.fence("yaml", &first.join("\n"));
    }
}

fn runbook(doc: &mut Doc, plan: &Plan<'_>, skeleton: Option<&Skeleton>) {
    let forecast = plan.forecast();
    for (alert, summary, page) in alerts(plan, skeleton) {
        doc.heading(3, &alert);
        let severity = if page { "Wakes somebody." } else { "A ticket." };
        doc.para(format!("{} {severity}", sentence(&prose(&summary, Tag::Assumed))));
        doc.steps(actions(&alert).into_iter().map(str::to_owned));
        if alert == "LoadNearsSaturation" {
            doc.para(format!(
                "The design carries {}; {} is full first. The next steps are the growth path of [scaling.md](../scaling.md).",
                tagged(&forecast.saturation.rate),
                name(plan.view.label(&forecast.saturation.station))
            ));
        }
    }
}

/// What to do first, second and third.
fn actions(alert: &str) -> Vec<&'static str> {
    match alert {
        a if a.starts_with("Availability") => vec![
            "Was there a release within the hour? Go back first, look for the reason later.",
            "Which operation fails, and with which problem type? The metric has the route, the log the error.",
            "Does a system behind it fail? Its timeouts show up as the same number each time; shed what needs it.",
        ],
        a if a.starts_with("Latency") => vec![
            "Which operation is slow, and where does its trace spend the time?",
            "Do requests wait for a connection? Then look at the alert on pools first.",
            "Did the plan of a statement change? Compare it with its access pattern in the data design.",
        ],
        a if a.ends_with("ProcessorsBusy") => vec![
            "Is the load what the forecast says? If not, who sends it?",
            "Add a copy, when the connections that all callers open then are still within what the store takes: see above.",
            "Profile one copy: one operation usually takes most of it.",
        ],
        a if a.ends_with("PoolExhausted") => vec![
            "Look for statements that run for long and for transactions left open while something else is awaited.",
            "Do not raise the pool first: the store would get more work at once, and each call would take longer.",
            "If calls per second grew, take the next step of the growth path.",
        ],
        a if a.ends_with("Gone") => vec![
            "Do callers get an answer? If they do, the collector or the network to it is down, not the service.",
            "Was there a release or a change of settings within the hour? Go back first.",
            "Do copies start and end again? Their last lines in the log say why.",
        ],
        a if a.ends_with("SetsAside") => vec![
            "Read last_error of the rows of the table of jobs whose run_at is infinity.",
            "Repair the cause, then set run_at to now() and attempts back to none; delete what must not run any more.",
        ],
        "NothingAnswersOutside" => vec![
            "Ask the public address yourself, from another network: does the name resolve, does the certificate hold, does the balancer answer?",
            "Are the processes heard? Then the fault is between them and the callers; if they are not, see their own alerts.",
            "In production another place than the one that runs the service must ask, such as a probe of a second provider: put the public address in place of the container's in the receiver httpcheck there.",
        ],
        "BackupTooOld" => vec![
            "Look at the provider's list of backups, or at the log of the job that makes them; make one by hand now.",
            "The metric is backup_last_success_timestamp_seconds: let the job that makes a backup, or one that reads the provider's list each hour, send it to the collector.",
            "Restore the last good one into an empty database: a backup that was never restored is a hope.",
        ],
        a if a.ends_with("DiskFills") => vec![
            "Which table grew? Compare it with its row of the growth table in the data design.",
            "Enlarge the disk now: it takes hours with some providers, and most never make one smaller.",
            "Does the deletion of old rows run, and do partitions go? Dead rows of a table that vacuum cannot keep up with count too.",
        ],
        "RowsWithoutPartition" => vec![
            "The clock of a sender may be wrong: look at the times of the rows in the table that ends in _rest, and refuse such times where they come in.",
            "As the owner, move the rows to a table of their own, call keep_partitions(), and insert them again; what is in the way keeps a partition of its time from being made.",
        ],
        "PartitionsRunOut" => vec![
            "Call keep_partitions() by hand with the login of the worker, and read its error.",
            "Rows in a table that ends in _rest keep a partition of their time from being made: as the owner, move them to a table of their own, call keep_partitions(), and insert them again.",
            "Then see why the daily job did not run.",
        ],
        a if a.ends_with("QueueLags") => vec![
            "Does one message fail again and again? Move it aside and go on.",
            "Is the worker alive, and is what it calls answering?",
            "Add a copy of the worker while the store has room.",
        ],
        _ => vec![
            "Compare the load of this week with the forecast.",
            "Plan the next step of the growth path now: it takes longer than the load waits.",
        ],
    }
}
