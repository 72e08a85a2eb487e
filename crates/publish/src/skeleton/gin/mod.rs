//! Go with Gin.

use super::{ROWS, Stack};

pub(super) const STACK: Stack = Stack {
    framework: "gin",
    about: include_str!("stack.yaml"),
    files: &[
        ("README.md", include_str!("README.md.j2")),
        ("go.mod", include_str!("go.mod.j2")),
        ("Dockerfile", include_str!("Dockerfile.j2")),
        (".dockerignore", include_str!("dockerignore")),
        ("main.go", include_str!("main.go.j2")),
        ("internal/config/config.go", include_str!("internal/config.go.j2")),
        ("internal/store/store.go", include_str!("internal/store.go.j2")),
        ("internal/worker/worker.go", include_str!("internal/worker.go.j2")),
        ("internal/worker/worker_test.go", include_str!("internal/worker_test.go.j2")),
        ("internal/web/authentication.go", include_str!("internal/web/authentication.go.j2")),
        ("internal/web/idempotency.go", include_str!("internal/web/idempotency.go.j2")),
        ("internal/web/metrics.go", include_str!("internal/web/metrics.go.j2")),
        ("internal/web/pagination.go", include_str!("internal/web/pagination.go.j2")),
        ("internal/web/problem.go", include_str!("internal/web/problem.go.j2")),
        ("internal/web/timeout.go", include_str!("internal/web/timeout.go.j2")),
        ("internal/web/validate.go", include_str!("internal/web/validate.go.j2")),
        ("internal/web/webhook.go", include_str!("internal/web/webhook.go.j2")),
        ("internal/web/web_test.go", include_str!("internal/web/web_test.go.j2")),
        ("internal/service/service.go", include_str!("internal/service.go.j2")),
        ("internal/modules/{module}/routes.go", include_str!("internal/modules/routes.go.j2")),
        ("internal/modules/{main}.go", include_str!("internal/modules/operation.go.j2")),
        ("internal/service/testdata/{main_rows}.sql", ROWS),
        ("internal/service/{main_name}_test.go", include_str!("internal/operation_test.go.j2")),
    ],
};
