//! Bytes called deployment files are read without panic; the first byte chooses the name of the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use loadcase_fuzz::survey;

const PATHS: &[&str] = &[
    "docker-compose.yml",
    "Dockerfile",
    "k8s/deploy.yaml",
    "chart/templates/a.yaml",
    "chart/values.yaml",
    "chart/Chart.yaml",
    "main.tf",
    "variables.tf",
    "template.yaml",
    "serverless.yml",
    "Procfile",
    "fly.toml",
    "render.yaml",
    "railway.json",
    "vercel.json",
    "nginx.conf",
    "envoy.yaml",
    "traefik.yml",
    "traefik.toml",
    "Caddyfile",
    "haproxy.cfg",
    "kustomization.yaml",
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    "Jenkinsfile",
    "prometheus.yml",
    "skaffold.yaml",
];

fuzz_target!(|bytes: &[u8]| survey(PATHS, bytes));
