//! Rust with Axum.

use super::{ROWS, Stack};

pub(super) const STACK: Stack = Stack {
    framework: "axum",
    about: include_str!("stack.yaml"),
    files: &[
        ("README.md", include_str!("README.md.j2")),
        ("Cargo.toml", include_str!("Cargo.toml.j2")),
        ("Dockerfile", include_str!("Dockerfile.j2")),
        (".dockerignore", include_str!("dockerignore")),
        ("src/main.rs", include_str!("src/main.rs.j2")),
        ("src/lib.rs", include_str!("src/lib.rs.j2")),
        ("src/config.rs", include_str!("src/config.rs.j2")),
        ("src/database.rs", include_str!("src/database.rs.j2")),
        ("src/worker.rs", include_str!("src/worker.rs.j2")),
        ("src/http/mod.rs", include_str!("src/http/mod.rs.j2")),
        ("src/http/authentication.rs", include_str!("src/http/authentication.rs.j2")),
        ("src/http/idempotency.rs", include_str!("src/http/idempotency.rs.j2")),
        ("src/http/metrics.rs", include_str!("src/http/metrics.rs.j2")),
        ("src/http/pagination.rs", include_str!("src/http/pagination.rs.j2")),
        ("src/http/problem.rs", include_str!("src/http/problem.rs.j2")),
        ("src/http/timeout.rs", include_str!("src/http/timeout.rs.j2")),
        ("src/http/validate.rs", include_str!("src/http/validate.rs.j2")),
        ("src/http/webhook.rs", include_str!("src/http/webhook.rs.j2")),
        ("src/modules/mod.rs", include_str!("src/modules/mod.rs.j2")),
        ("src/modules/{module}/mod.rs", include_str!("src/modules/module.rs.j2")),
        ("src/modules/{main}.rs", include_str!("src/modules/operation.rs.j2")),
        ("tests/http.rs", include_str!("tests/http.rs.j2")),
        ("tests/worker.rs", include_str!("tests/worker.rs.j2")),
        ("tests/{main_rows}.sql", ROWS),
        ("tests/{main_name}.rs", include_str!("tests/operation.rs.j2")),
    ],
};
