//! `deploy/kubernetes/`: manifests with Kustomize, a base and two overlays.

use loadcase_catalog::Container;
use loadcase_model::{ComponentKind, Id};
use serde_json::{Map, Value, json};

use super::compose::{image_name, settings};
use super::environment::{TRACES, environment};
use super::plan::{Home, PORT, Part, Plan};
use super::{yaml, yaml_all};
use crate::Deliverable;
use crate::skeleton::Skeleton;
use crate::text::clean;

/// Copies that answer more than their share may be multiplied so far before somebody looks.
const MOST_GROWTH: u32 = 3;

pub(crate) fn files(plan: &Plan<'_>, skeleton: Option<&Skeleton>) -> Vec<Deliverable> {
    let mut base: Vec<(String, Vec<Value>)> = vec![("namespace.yaml".to_owned(), namespace(plan))];
    for part in plan.own() {
        base.push((format!("{}.yaml", part.label), own(plan, part, skeleton)));
    }
    for part in plan.parts.iter().filter(|p| !p.component.managed && !p.is_own()) {
        if let Some(objects) = stateful(plan, part) {
            base.push((format!("{}.yaml", part.label), objects));
        }
    }
    if let Some(objects) = partitions(plan) {
        base.push((format!("{PARTITIONS}.yaml"), objects));
    }
    let names: Vec<&str> = base.iter().map(|(name, _)| name.as_str()).collect();
    let kustomization = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": plan.name,
        "labels": [{"pairs": {"app.kubernetes.io/part-of": plan.name}, "includeSelectors": false}],
        "resources": names,
    });
    let title = clean(&plan.view.blueprint().name);
    let at = |path: &str| format!("deploy/kubernetes/{path}");
    let mut files = vec![yaml(
        &at("base/kustomization.yaml"),
        &format!(
            "{title} on Kubernetes: what both overlays share. Build with: kubectl kustomize deploy/kubernetes/overlays/prod"
        ),
        &kustomization,
    )];
    for (name, objects) in &base {
        files.push(yaml_all(&at(&format!("base/{name}")), objects));
    }
    files.push(yaml(
        &at("overlays/dev/kustomization.yaml"),
        "A cluster to try things: one copy of each.",
        &dev(plan),
    ));
    files.push(yaml(
        &at("overlays/prod/kustomization.yaml"),
        "Production: the sizes of the base, and the image of the release.",
        &prod(plan),
    ));
    files
}

/// The daily job that makes partitions ahead of time. The label is one that no part of a design can have.
const PARTITIONS: &str = "keep-partitions";

fn partitions(plan: &Plan<'_>) -> Option<Vec<Value>> {
    let split = |p: &&Part<'_>| crate::data::rights(&plan.view, p.id).is_some_and(|r| r.partitioned);
    let store = plan.parts.iter().filter(|p| p.component.kind == ComponentKind::Store).find(split)?;
    let hosted = Hosted::of(plan, store)?;
    let container = json!({
        "name": "psql", "image": hosted.image, "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", format!("exec psql --set=ON_ERROR_STOP=1 --dbname \"$DATABASE_URL\" --command '{}'", super::logins::KEEP_PARTITIONS)],
        "env": [{"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": format!("{PARTITIONS}-secrets"), "key": "DATABASE_URL"}}}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true,
            "runAsUser": hosted.user, "capabilities": {"drop": ["ALL"]},
        },
    });
    let pod = json!({
        "automountServiceAccountToken": false, "restartPolicy": "Never",
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": hosted.user, "runAsGroup": hosted.group,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    });
    let labels = json!({"app.kubernetes.io/name": PARTITIONS, "app.kubernetes.io/part-of": plan.name});
    let policy = json!({
        "podSelector": {"matchLabels": selector(PARTITIONS)}, "policyTypes": ["Ingress", "Egress"],
        "ingress": [], "egress": outgoing(plan, store.id).into_iter().collect::<Vec<_>>(),
    });
    Some(vec![
        json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata(plan, PARTITIONS, PARTITIONS),
            "spec": {
                "schedule": "17 3 * * *", "timeZone": "Etc/UTC", "concurrencyPolicy": "Forbid",
                "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 3,
                "jobTemplate": {"spec": {
                    "backoffLimit": 3, "activeDeadlineSeconds": 600,
                    "template": {"metadata": {"labels": labels}, "spec": pod},
                }},
            },
        }),
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": metadata(plan, PARTITIONS, PARTITIONS), "spec": policy,
        }),
    ])
}

fn metadata(plan: &Plan<'_>, name: &str, part: &str) -> Value {
    json!({
        "name": name,
        "namespace": plan.name,
        "labels": {"app.kubernetes.io/name": part, "app.kubernetes.io/part-of": plan.name},
    })
}

fn selector(part: &str) -> Value {
    json!({"app.kubernetes.io/name": part})
}

/// The namespace, under the strictest standard, with everything forbidden that nothing allows.
fn namespace(plan: &Plan<'_>) -> Vec<Value> {
    vec![
        json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": plan.name, "labels": {
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            }},
        }),
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "default-deny", "namespace": plan.name},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
        }),
        json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "allow-names", "namespace": plan.name},
            "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [{
                "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
                "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
            }]},
        }),
    ]
}

/// Everything of one process: account, settings, the process itself, how it is reached, and how many there are.
fn own(plan: &Plan<'_>, part: &Part<'_>, skeleton: Option<&Skeleton>) -> Vec<Value> {
    let settings: Map<String, Value> = settings(plan, part).into_iter().map(|(k, v)| (k, json!(v))).collect();
    let mut out = vec![
        json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(plan, &part.label, &part.label),
            "automountServiceAccountToken": false,
        }),
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(plan, &part.label, &part.label), "data": settings,
        }),
    ];
    let slots: &[&str] = match plan.rollout() {
        "blue-green" if part.answers() => &["blue", "green"],
        "canary" if part.answers() => &["stable", "canary"],
        _ => &[""],
    };
    for slot in slots {
        out.push(deployment(plan, part, slot, skeleton));
    }
    if part.answers() {
        let mut chosen = selector(&part.label);
        if plan.rollout() == "blue-green" {
            chosen["slot"] = json!("blue");
        }
        out.push(json!({
            "apiVersion": "v1", "kind": "Service", "metadata": metadata(plan, &part.label, &part.label),
            "spec": {"selector": chosen, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
        }));
    }
    out.extend(budget(plan, part));
    out.extend(scaler(plan, part, slots));
    out.push(policy(plan, part));
    out
}

fn deployment(plan: &Plan<'_>, part: &Part<'_>, slot: &str, skeleton: Option<&Skeleton>) -> Value {
    let size = part.size();
    let name = if slot.is_empty() { part.label.clone() } else { format!("{}-{slot}", part.label) };
    let mut labels = selector(&part.label);
    if !slot.is_empty() {
        labels["slot"] = json!(slot);
    }
    let copies = match slot {
        "green" => 0,
        "canary" => 1,
        _ => size.copies,
    };
    let strategy = if plan.rollout() == "restart" {
        json!({"type": "Recreate"})
    } else {
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}})
    };
    let mut metadata = metadata(plan, &name, &part.label);
    if !slot.is_empty() {
        metadata["labels"]["slot"] = json!(slot);
    }
    let mut pod_labels = labels.clone();
    pod_labels["app.kubernetes.io/part-of"] = json!(plan.name);
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": {
            "replicas": copies,
            "revisionHistoryLimit": 5,
            "strategy": strategy,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": pod_labels}, "spec": pod(plan, part, skeleton)},
        },
    })
}

/// An image that is named by its digest: the release writes the real one over it.
fn unreleased(plan: &Plan<'_>) -> String {
    format!("registry.invalid/{}/service@sha256:{}", plan.name, "0".repeat(64))
}

fn pod(plan: &Plan<'_>, part: &Part<'_>, skeleton: Option<&Skeleton>) -> Value {
    let size = part.size();
    // Requests in flight get the time their callers wait, and the load balancer a moment to notice.
    let grace = super::resilience::inbound_ms(plan, part).div_ceil(1_000).clamp(10, 300) + 5;
    let scratch = skeleton.map_or_else(|| vec!["/tmp".to_owned()], |s| s.scratch.clone());
    let mounts: Vec<Value> = scratch
        .iter()
        .enumerate()
        .map(|(n, path)| json!({"name": format!("scratch-{n}"), "mountPath": path}))
        .collect();
    let volumes: Vec<Value> = (0..scratch.len())
        .map(|n| json!({"name": format!("scratch-{n}"), "emptyDir": {"sizeLimit": "256Mi"}}))
        .collect();
    let secret = format!("{}-secrets", part.label);
    let mut env = vec![json!({"name": TRACES, "value": "http://collector.observability:4318/v1/traces"})];
    env.extend(environment(plan, part).into_iter().filter(|v| v.name != TRACES).map(|v| {
        json!({"name": v.name, "valueFrom": {"secretKeyRef": {"name": secret, "key": v.name, "optional": v.name != "AUTH_PUBLIC_KEY"}}})
    }));
    let container = json!({
        "name": "service",
        "image": unreleased(plan),
        "imagePullPolicy": "Always",
        "ports": [{"containerPort": PORT, "name": "http"}],
        "envFrom": [{"configMapRef": {"name": part.label}}],
        "env": env,
        "volumeMounts": mounts,
        "resources": {
            "requests": {"cpu": format!("{}m", (size.millicores / 2).max(50)), "memory": format!("{}Mi", size.memory_mb)},
            "limits": {"cpu": format!("{}m", size.millicores), "memory": format!("{}Mi", size.memory_mb)},
        },
        "startupProbe": {"httpGet": {"path": "/livez", "port": "http"}, "periodSeconds": 2, "failureThreshold": 60},
        "livenessProbe": {"httpGet": {"path": "/livez", "port": "http"}, "periodSeconds": 10, "timeoutSeconds": 2, "failureThreshold": 3},
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 2},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
            "runAsUser": 10_001,
            "capabilities": {"drop": ["ALL"]},
        },
    });
    json!({
        "serviceAccountName": part.label,
        "automountServiceAccountToken": false,
        "terminationGracePeriodSeconds": grace,
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": 10_001, "runAsGroup": 10_001, "fsGroup": 10_001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [{
            "maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector(&part.label)},
        }],
        "containers": [container],
        "volumes": volumes,
    })
}

/// How many may be taken away at once; none of a lone copy would stop every upgrade of the cluster.
fn budget(plan: &Plan<'_>, part: &Part<'_>) -> Option<Value> {
    (part.size().copies > 1).then(|| {
        json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata(plan, &part.label, &part.label),
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": selector(&part.label)}},
        })
    })
}

/// More copies when processors are busier than planned, up to a bound that somebody should look at.
fn scaler(plan: &Plan<'_>, part: &Part<'_>, slots: &[&str]) -> Option<Value> {
    let copies = part.size().copies;
    if copies < 2 {
        return None;
    }
    let target = match slots.first() {
        None | Some(&"") => part.label.clone(),
        Some(slot) => format!("{}-{slot}", part.label),
    };
    Some(json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata(plan, &part.label, &part.label),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
            "minReplicas": copies,
            "maxReplicas": copies.saturating_mul(MOST_GROWTH),
            // Of the requests, which are half of the limits: six tenths of a copy's processors.
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 120}}}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
        },
    }))
}

/// What may reach a process and what it may reach: the flows of the blueprint, and nothing else.
fn policy(plan: &Plan<'_>, part: &Part<'_>) -> Value {
    let mut ingress: Vec<Value> = Vec::new();
    let mut egress: Vec<Value> = Vec::new();
    for link in &plan.links {
        if link.flow.to == *part.id {
            let from = plan.part(&link.flow.from).filter(|p| inside(plan, p));
            let peer = from.map_or_else(
                || json!({"namespaceSelector": {"matchLabels": {"network-role": "ingress"}}}),
                |p| json!({"podSelector": {"matchLabels": selector(&p.label)}}),
            );
            ingress.push(json!({"from": [peer], "ports": [{"port": PORT}]}));
        } else if link.flow.from == *part.id {
            egress.extend(outgoing(plan, &link.flow.to));
        }
    }
    ingress.push(json!({
        "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}],
        "ports": [{"port": PORT}],
    }));
    egress.push(json!({
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}],
        "ports": [{"port": 4318}],
    }));
    dedup(&mut ingress);
    dedup(&mut egress);
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata(plan, &part.label, &part.label),
        "spec": {
            "podSelector": {"matchLabels": selector(&part.label)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress,
            "egress": egress,
        },
    })
}

fn dedup(rules: &mut Vec<Value>) {
    let mut seen = std::collections::BTreeSet::new();
    rules.retain(|r| seen.insert(r.to_string()));
}

/// Whether a part runs in this namespace.
fn inside(plan: &Plan<'_>, part: &Part<'_>) -> bool {
    part.is_own() || !part.component.managed && Hosted::of(plan, part).is_some()
}

fn outgoing(plan: &Plan<'_>, to: &Id) -> Option<Value> {
    let part = plan.part(to)?;
    if part.is_own() {
        return Some(
            json!({"to": [{"podSelector": {"matchLabels": selector(&part.label)}}], "ports": [{"port": PORT}]}),
        );
    }
    let port = match part.home {
        Home::Container(technology, container) => plan.view.catalog.port_of(technology, container)?,
        Home::Inside => return None,
        _ if super::compose::watches(plan, part) => return None,
        _ => 443,
    };
    if inside(plan, part) {
        return Some(
            json!({"to": [{"podSelector": {"matchLabels": selector(&part.label)}}], "ports": [{"port": port}]}),
        );
    }
    // A managed store is in the private network; its addresses are the provider's. Anybody else is on the internet.
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
    let is_data = part.component.kind != ComponentKind::External && port != 443;
    let peers: Vec<Value> = if is_data {
        private.iter().map(|cidr| json!({"ipBlock": {"cidr": cidr}})).collect()
    } else {
        vec![json!({"ipBlock": {"cidr": "0.0.0.0/0", "except": private}})]
    };
    Some(json!({"to": peers, "ports": [{"port": port}]}))
}

/// What a store or broker that the team runs itself is started from.
struct Hosted<'a> {
    container: &'a Container,
    image: String,
    port: u16,
    user: i64,
    group: i64,
}

impl<'a> Hosted<'a> {
    /// `None` where no image is known, or the image would have to run as root.
    fn of(plan: &Plan<'a>, part: &Part<'a>) -> Option<Self> {
        let Home::Container(technology, container) = part.home else { return None };
        let (user, group) = container.user.as_deref()?.split_once(':')?;
        let (user, group): (i64, i64) = (user.parse().ok()?, group.parse().ok()?);
        let image = image_name(plan, technology, container, Some(part))?;
        let port = plan.view.catalog.port_of(technology, container)?;
        (user != 0).then_some(Self { container, image, port, user, group })
    }

    fn filled(&self, part: &Part<'_>, text: &str) -> String {
        text.replace("{host}", &part.label).replace("{port}", &self.port.to_string())
    }

    /// The command that tells whether it is ready.
    fn probe(&self) -> Vec<String> {
        match self.container.health.split_first() {
            Some((first, rest)) if first == "CMD-SHELL" => {
                vec!["sh".to_owned(), "-c".to_owned(), rest.join(" ").replace("$$", "$")]
            }
            Some((_, rest)) => rest.to_vec(),
            None => Vec::new(),
        }
    }

    fn running(&self, part: &Part<'_>, mounts: &[Value]) -> Value {
        let size = part.size();
        let container = self.container;
        let env: Vec<Value> = container
            .environment
            .iter()
            .map(|(k, v)| json!({"name": k, "value": self.filled(part, v)}))
            .chain(container.secrets.keys().map(|k| {
                json!({"name": k, "valueFrom": {"secretKeyRef": {"name": format!("{}-secrets", part.label), "key": k}}})
            }))
            .collect();
        let resources = json!({
            "cpu": format!("{}m", size.millicores), "memory": format!("{}Mi", size.memory_mb.max(container.least_mb)),
        });
        let mut running = json!({
            "name": "server", "image": self.image, "imagePullPolicy": "IfNotPresent",
            "ports": [{"containerPort": self.port, "name": "server"}],
            "env": env,
            "volumeMounts": mounts,
            "resources": {"requests": resources, "limits": resources},
            "readinessProbe": {"exec": {"command": self.probe()}, "periodSeconds": 10, "timeoutSeconds": 5},
            "livenessProbe": {"tcpSocket": {"port": "server"}, "periodSeconds": 20, "failureThreshold": 6},
            "securityContext": {
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "runAsNonRoot": true,
                "runAsUser": self.user, "capabilities": {"drop": ["ALL"]},
            },
        });
        if !container.command.is_empty() {
            let command: Vec<String> = container.command.iter().map(|c| self.filled(part, c)).collect();
            running["args"] = json!(command);
        }
        running
    }
}

/// The folders of a store: what may be forgotten, what is kept, and the settings of a pooler.
fn folders(part: &Part<'_>, hosted: &Hosted<'_>, has_settings: bool) -> (Vec<Value>, Vec<Value>) {
    let scratch = hosted.container.scratch.iter().enumerate();
    let mut mounts: Vec<Value> =
        scratch.clone().map(|(n, path)| json!({"name": format!("scratch-{n}"), "mountPath": path})).collect();
    let mut volumes: Vec<Value> =
        scratch.map(|(n, _)| json!({"name": format!("scratch-{n}"), "emptyDir": {}})).collect();
    if has_settings {
        mounts.push(json!({"name": "settings", "mountPath": "/etc/pgbouncer", "readOnly": true}));
        let users = json!([
            {"key": "userlist.txt", "path": "userlist.txt"},
            {"key": "tls.crt", "path": "tls/tls.crt"}, {"key": "tls.key", "path": "tls/tls.key"}, {"key": "ca.crt", "path": "tls/ca.crt"},
        ]);
        let sources = json!([
            {"configMap": {"name": part.label}},
            {"secret": {"name": format!("{}-secrets", part.label), "items": users}},
        ]);
        volumes.push(json!({"name": "settings", "projected": {"defaultMode": 288, "sources": sources}}));
    }
    mounts.extend(hosted.container.data.as_ref().map(|d| json!({"name": "data", "mountPath": d})));
    (mounts, volumes)
}

/// Who may reach a store, and whom it may reach.
fn store_policy(plan: &Plan<'_>, part: &Part<'_>, port: u16) -> Value {
    let callers: Vec<Value> = plan
        .links
        .iter()
        .filter(|l| l.flow.to == *part.id)
        .filter_map(|l| plan.part(&l.flow.from).filter(|p| inside(plan, p)))
        .map(|p| json!({"podSelector": {"matchLabels": selector(&p.label)}}))
        .collect();
    let mut egress: Vec<Value> =
        plan.links_from(part.id).filter_map(|l| outgoing(plan, &l.flow.to)).collect();
    dedup(&mut egress);
    let mut callers = callers;
    if crate::data::rights(&plan.view, part.id).is_some_and(|r| r.partitioned) {
        callers.push(json!({"podSelector": {"matchLabels": selector(PARTITIONS)}}));
    }
    let ingress =
        if callers.is_empty() { json!([]) } else { json!([{"from": callers, "ports": [{"port": port}]}]) };
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata(plan, &part.label, &part.label),
        "spec": {
            "podSelector": {"matchLabels": selector(&part.label)}, "policyTypes": ["Ingress", "Egress"],
            "ingress": ingress, "egress": egress,
        },
    })
}

/// A store or broker that the team runs itself: one copy with a disk. Copies that stand by need an operator for
/// that store, which knows how to promote one.
fn stateful(plan: &Plan<'_>, part: &Part<'_>) -> Option<Vec<Value>> {
    let hosted = Hosted::of(plan, part)?;
    let size = part.size();
    let settings = super::pooler::settings(plan, part);
    let (mounts, volumes) = folders(part, &hosted, settings.is_some());
    let keeps = hosted.container.data.is_some();
    let claim = json!({
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": format!("{}Gi", size.storage_gb)}}},
    });
    let about = || metadata(plan, &part.label, &part.label);
    let pod = json!({
        "serviceAccountName": part.label, "automountServiceAccountToken": false,
        "terminationGracePeriodSeconds": 60,
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": hosted.user, "runAsGroup": hosted.group, "fsGroup": hosted.group,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [hosted.running(part, &mounts)],
        "volumes": volumes,
    });
    let labels = json!({"app.kubernetes.io/name": part.label, "app.kubernetes.io/part-of": plan.name});
    let mut out = vec![
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": about(), "automountServiceAccountToken": false}),
        json!({
            "apiVersion": "v1", "kind": "Service", "metadata": about(),
            "spec": {
                "clusterIP": "None", "selector": selector(&part.label),
                "ports": [{"name": "server", "port": hosted.port}],
            },
        }),
        json!({
            "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": about(),
            "spec": {
                "serviceName": part.label, "replicas": if keeps { 1 } else { size.copies.max(2) },
                "selector": {"matchLabels": selector(&part.label)},
                "template": {"metadata": {"labels": labels}, "spec": pod},
                "volumeClaimTemplates": if keeps { json!([claim]) } else { json!([]) },
            },
        }),
        store_policy(plan, part, hosted.port),
    ];
    out.extend(settings.map(|text| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": about(), "data": {"pgbouncer.ini": text}})
    }));
    Some(out)
}

fn dev(plan: &Plan<'_>) -> Value {
    let mut patches = Vec::new();
    for part in plan.own().filter(|p| p.size().copies > 1) {
        patches.push(json!({
            "target": {"kind": "HorizontalPodAutoscaler", "name": part.label},
            "patch": format!("- op: replace\n  path: /spec/minReplicas\n  value: 1\n- op: replace\n  path: /spec/maxReplicas\n  value: 1\n"),
        }));
    }
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
        "namespace": plan.name,
        "resources": ["../../base"],
        "patches": patches,
    })
}

fn prod(plan: &Plan<'_>) -> Value {
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
        "namespace": plan.name,
        "resources": ["../../base"],
        "images": [{
            "name": format!("registry.invalid/{}/service", plan.name),
            "newName": format!("registry.invalid/{}/service", plan.name),
            "digest": format!("sha256:{}", "0".repeat(64)),
        }],
    })
}
