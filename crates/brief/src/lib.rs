//! Prose, YAML, established decisions and answers become a brief.
