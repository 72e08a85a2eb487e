//! Tests of the extractor of kubernetes files.
use crate::sighting::{Address, Deployed, Seen, Sighting};
use crate::testing::{practices, see, see_all};

fn deployed(seen: &[Sighting]) -> Vec<&Deployed> {
    let of = |s: &'_ Sighting| matches!(&s.seen, Seen::Deployed(_));
    seen.iter()
        .filter(|s| of(s))
        .filter_map(|s| match &s.seen {
            Seen::Deployed(d) => Some(d.as_ref()),
            _ => None,
        })
        .collect()
}

fn addresses(seen: &[Sighting]) -> Vec<&Address> {
    seen.iter()
        .filter_map(|s| match &s.seen {
            Seen::Address(a) => Some(a),
            _ => None,
        })
        .collect()
}

const FILE: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  replicas: 2
  template:
    metadata:
      labels: {app: orders}
    spec:
      hostPID: true
      serviceAccountName: robot
      containers:
        - name: orders
          image: shop/orders:1.4
          ports: [{containerPort: 8080}]
          env:
            - {name: DB_HOST, value: orders-db}
            - {name: DB_PASSWORD, value: zu-geheim}
            - name: DB_NAME
              valueFrom: {configMapKeyRef: {name: shared, key: database}}
            - name: JAVA_OPTS
              value: -Xmx512m
          envFrom:
            - configMapRef: {name: common}
          livenessProbe: {httpGet: {path: /health, port: 8080}}
          readinessProbe: {httpGet: {path: /health, port: 8080}, periodSeconds: 3}
          securityContext: {privileged: true}
          resources:
            limits: {memory: 256Mi, cpu: 200m}
        - name: metrics-exporter
          image: prom/statsd-exporter
      volumes:
        - name: sock
          hostPath: {path: /var/run/docker.sock}
---
apiVersion: v1
kind: Service
metadata: {name: orders-svc}
spec:
  type: NodePort
  selector: {app: orders}
  ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec:
  rules:
    - host: shop.example.org
      http:
        paths:
          - path: /orders
            backend: {service: {name: orders-svc, port: {number: 80}}}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
data: {db-password: cm9vdA==, api: Z2VoZWltMTIz}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: ServiceAccount, name: robot}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders-db}
spec:
  template:
    metadata: {labels: {app: orders-db}}
    spec:
      containers:
        - name: db
          image: mongo:4
          volumeMounts: [{name: tmp, mountPath: /data/db}]
      volumes: [{name: tmp, emptyDir: {}}]
"#;

#[test]
fn workloads_addresses_and_practices_are_told() {
    let seen = see("k8s/all.yaml", FILE);
    let things = deployed(&seen);
    let orders = things.iter().find(|d| d.name == "orders").expect("orders");
    assert_eq!((orders.replicas, orders.memory_gb, orders.vcpu), (Some(2), Some(0.25), Some(0.2)));
    assert_eq!(orders.env_from, ["common", "shared"]);
    assert!(orders.env.iter().any(|(k, v, _)| k == "DB_NAME" && v == "${database}"), "{:?}", orders.env);
    assert!(things.iter().any(|d| d.part_of.as_deref() == Some("orders")));
    let addresses = addresses(&seen);
    assert!(addresses.iter().any(|a| a.name == "orders-svc" && a.exposed && a.ports == [(80, 8080)]));
    assert!(addresses.iter().any(|a| a.name == "shop.example.org" && a.of.as_deref() == Some("orders")));
    let practices = practices(&seen);
    for expected in [
        "Exposure Present 30080",
        "Exposure Present /orders",
        "Tls Absent front",
        "LiteralSecret Present DB_PASSWORD",
        "LiteralSecret Present api",
        "DefaultCredentials Present db-password",
        "HealthProbe Weak livenessProbe",
        "HealthProbe Absent readinessProbe",
        "HeapLimit Present -Xmx",
        "ImagePin Absent prom/statsd-exporter",
        "Privilege Present hostPID",
        "Privilege Present privileged",
        "Privilege Present /var/run/docker.sock",
        "GrantedRights Weak robot",
        "DurableStorage Absent mongodb",
        "ResourceLimit Absent memory",
    ] {
        assert!(practices.iter().any(|p| p == expected), "{expected} in {practices:#?}");
    }
    assert!(!format!("{seen:?}").contains("geheim"));
}

#[test]
fn overlays_and_components_are_optional_unless_they_are_listed() {
    let workload = |name: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: shop}}]}}}}}}\n"
        )
    };
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [x.yaml]\n";
    let seen = see_all(&[
        ("k/kustomization.yaml", "kind: Kustomization\nresources: [base]\ncomponents: [components/in]\n"),
        ("k/base/kustomization.yaml", "resources: [a.yaml]\nimages: [{name: shop, newTag: \"1.2\"}]\n"),
        ("k/base/a.yaml", &workload("a")),
        ("k/components/in/kustomization.yaml", component),
        ("k/components/in/x.yaml", &workload("b")),
        ("k/components/extra/kustomization.yaml", component),
        ("k/components/extra/x.yaml", &workload("c")),
        ("k/overlays/stage/kustomization.yaml", "resources: [../../base]\n"),
        ("k/overlays/stage/d.yaml", &workload("d")),
    ]);
    let things: Vec<(&str, bool)> = deployed(&seen).iter().map(|d| (d.name.as_str(), d.optional)).collect();
    assert_eq!(things, [("a", false), ("c", true), ("b", false), ("d", true)]);
    assert!(practices(&seen).contains(&"ImagePin Present shop:1.2".to_owned()), "{:?}", practices(&seen));
}

#[test]
fn a_mesh_limits_calls() {
    let file = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v}\nspec:\n  hosts: [orders]\n  http:\n    - timeout: 2s\n      retries: {attempts: 3, perTryTimeout: 500ms}\n      route: [{destination: {host: orders.shop.svc.cluster.local}}]\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec:\n  host: orders\n  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 3}}\n";
    let practices = practices(&see("mesh.yaml", file));
    for expected in ["Timeout Present orders", "Retry Present orders", "CircuitBreaker Present orders"] {
        assert!(practices.iter().any(|p| p == expected), "{expected} in {practices:?}");
    }
}
