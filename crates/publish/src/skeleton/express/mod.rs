//! Node.js with Express.

use super::{ROWS, Stack};

pub(super) const STACK: Stack = Stack {
    framework: "express",
    about: include_str!("stack.yaml"),
    files: &[
        ("README.md", include_str!("README.md.j2")),
        ("package.json", include_str!("package.json.j2")),
        ("Dockerfile", include_str!("Dockerfile.j2")),
        (".dockerignore", include_str!("dockerignore")),
        ("src/main.js", include_str!("src/main.js.j2")),
        ("src/processes.js", include_str!("src/processes.js.j2")),
        ("src/health.js", include_str!("src/health.js.j2")),
        ("src/config.js", include_str!("src/config.js.j2")),
        ("src/app.js", include_str!("src/app.js.j2")),
        ("src/worker.js", include_str!("src/worker.js.j2")),
        ("src/database.js", include_str!("src/database.js.j2")),
        ("src/http/authenticate.js", include_str!("src/http/authenticate.js.j2")),
        ("src/http/idempotency.js", include_str!("src/http/idempotency.js.j2")),
        ("src/http/metrics.js", include_str!("src/http/metrics.js.j2")),
        ("src/http/otlp.js", include_str!("src/http/otlp.js.j2")),
        ("src/http/pagination.js", include_str!("src/http/pagination.js.j2")),
        ("src/http/problem.js", include_str!("src/http/problem.js.j2")),
        ("src/http/timeout.js", include_str!("src/http/timeout.js.j2")),
        ("src/http/webhook.js", include_str!("src/http/webhook.js.j2")),
        ("src/http/validate.js", include_str!("src/http/validate.js.j2")),
        ("src/modules/index.js", include_str!("src/modules/index.js.j2")),
        ("src/modules/{module}/routes.js", include_str!("src/modules/routes.js.j2")),
        ("src/modules/{main}.js", include_str!("src/modules/main.js.j2")),
        ("test/http.test.js", include_str!("test/http.test.js.j2")),
        ("test/worker.test.js", include_str!("test/worker.test.js.j2")),
        ("test/{main_rows}.sql", ROWS),
        ("test/{main_name}.test.js", include_str!("test/main.test.js.j2")),
    ],
};
