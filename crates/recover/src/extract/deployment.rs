//! Evidence in deployment: compose, Kubernetes, Helm, Terraform, platforms, proxies, pipelines.

mod apache;
mod cloud;
mod cloudformation;
mod compose;
mod container;
mod dockerfile;
mod hcl;
mod helm;
mod kubernetes;
mod kustomize;
mod monitoring;
mod nginx;
mod paas;
mod pipeline;
mod proxies;
mod registry;
mod serverless;
mod terraform;

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[
    compose::EXTRACTOR,
    dockerfile::EXTRACTOR,
    cloudformation::EXTRACTOR,
    apache::EXTRACTOR,
    monitoring::EXTRACTOR,
    nginx::EXTRACTOR,
    paas::EXTRACTOR,
    pipeline::EXTRACTOR,
    proxies::EXTRACTOR,
    proxies::YAML,
    registry::EXTRACTOR,
    serverless::EXTRACTOR,
    helm::CHARTS,
    helm::TEMPLATES,
    kubernetes::EXTRACTOR,
    terraform::EXTRACTOR,
];
