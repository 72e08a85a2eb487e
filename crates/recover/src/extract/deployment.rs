//! Evidence in deployment: compose, Kubernetes, Helm, Terraform, platforms, proxies, pipelines.

use crate::extract::Extractor;

/// The extractors of this group.
pub(crate) const EXTRACTORS: &[Extractor] = &[];
