//! Tests of the extractor of helm files.
use crate::sighting::{Deployed, Seen, Sighting};
use crate::testing::{practices, see_all};

fn deployed(seen: &[Sighting]) -> Vec<(usize, &Deployed)> {
    seen.iter()
        .filter_map(|s| match &s.seen {
            Seen::Deployed(d) => Some((s.place.line, d.as_ref())),
            _ => None,
        })
        .collect()
}

const CHART: &str = "name: shop\nversion: 1.2.0\ndependencies:\n  - {name: redis, repository: 'https://charts.example.org', condition: redis.enabled}\n";

const VALUES: &str = "image:\n  repository: reg.example/shop\n  tag: ''\nredis: {enabled: false}\nsearch: {create: false}\nenv:\n  DB_HOST: shop-db\nextra:\n  - {name: MODE, value: fast}\nauth: {password: hunter22}\nresources:\n  limits: {memory: 128Mi}\nreplicaCount: 3\n";

const HELPERS: &str = r#"{{- define "shop.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- define "shop.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 }}
{{- end }}
{{- end }}
{{- end }}
{{- define "shop.labels" -}}
app.kubernetes.io/name: {{ include "shop.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
"#;

const TEMPLATE: &str = r#"{{/* a comment */}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "shop.fullname" . }}-web
spec:
  {{- if not .Values.autoscaling }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "shop.labels" . | nindent 8 }}
        tier: web
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.Version }}"
          env:
            {{- range $key, $value := .Values.env }}
            - name: {{ $key }}
              value: {{ $value | quote }}
            {{- end }}
            {{- with .Values.extra }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
            - name: ADMIN_PASSWORD
              value: {{ .Values.auth.password }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
{{- if .Values.search.create }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-search
spec:
  template:
    spec:
      containers: [{name: s, image: "elasticsearch:8.1.0"}]
{{- end }}
"#;

fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("chart/Chart.yaml", CHART),
        ("chart/values.yaml", VALUES),
        ("chart/templates/_helpers.tpl", HELPERS),
        ("chart/templates/web.yaml", TEMPLATE),
    ]
}

#[test]
fn templates_are_filled_in_with_the_values() {
    let seen = see_all(&files());
    let things = deployed(&seen);
    let (line, web) = things.iter().find(|(_, d)| d.name == "shop-web").expect("the web process");
    assert_eq!(*line, 5);
    assert_eq!(web.image.as_deref(), Some("reg.example/shop:1.2.0"));
    assert_eq!((web.replicas, web.memory_gb), (Some(3), Some(0.125)));
    let env: Vec<String> = web.env.iter().map(|(k, v, l)| format!("{k}={v}@{l}")).collect();
    assert_eq!(env, ["DB_HOST=shop-db@21", "MODE=fast@25", "ADMIN_PASSWORD=***@27"]);
    assert!(
        web.labels.contains(&("app.kubernetes.io/instance".to_owned(), "shop".to_owned())),
        "{:?}",
        web.labels
    );
    assert!(web.labels.contains(&("tier".to_owned(), "web".to_owned())));
    let practices = practices(&seen);
    assert!(practices.contains(&"LiteralSecret Present auth.password".to_owned()), "{practices:?}");
}

#[test]
fn what_the_values_leave_out_is_optional() {
    let seen = see_all(&files());
    let things = deployed(&seen);
    let optional = |name: &str| things.iter().find(|(_, d)| d.name == name).map(|(_, d)| d.optional);
    assert_eq!(
        (optional("search"), optional("redis"), optional("shop-web")),
        (Some(true), Some(true), Some(false))
    );
}

#[test]
fn templates_that_never_end_come_to_an_end() {
    let own = "{{ define \"a\" }}{{ include \"a\" . }}{{ include \"a\" . }}{{ end }}kind: Pod\napiVersion: v1\nx: {{ include \"a\" . }}\n";
    let deep = "{{ if true }}".repeat(5000) + "kind: Pod" + &"(".repeat(5000);
    let open = "{{ range until 60 }}{{ range until 60 }}{{ range until 60 }}{{ range until 60 }}x{{ end }}";
    let paths = ["a", "b", "c"].map(|n| format!("chart/templates/{n}.yaml"));
    let parens = format!("apiVersion: v1\nkind: Pod\nx: {{{{ {} }}}}", "(".repeat(10_000));
    see_all(&[
        ("chart/Chart.yaml", "name: x"),
        (&paths[0], own),
        (&paths[1], &deep),
        (&paths[2], open),
        ("chart/templates/d.yaml", &parens),
    ]);
}
