//! Python with FastAPI.

use super::{ROWS, Stack};

pub(super) const STACK: Stack = Stack {
    framework: "fastapi",
    about: include_str!("stack.yaml"),
    files: &[
        ("README.md", include_str!("README.md.j2")),
        ("pyproject.toml", include_str!("pyproject.toml.j2")),
        ("requirements.txt", include_str!("requirements.txt.j2")),
        ("Dockerfile", include_str!("Dockerfile.j2")),
        (".dockerignore", include_str!("dockerignore")),
        ("app/__init__.py", include_str!("app/init.py.j2")),
        ("app/__main__.py", include_str!("app/main.py.j2")),
        ("app/application.py", include_str!("app/application.py.j2")),
        ("app/config.py", include_str!("app/config.py.j2")),
        ("app/database.py", include_str!("app/database.py.j2")),
        ("app/health.py", include_str!("app/health.py.j2")),
        ("app/worker.py", include_str!("app/worker.py.j2")),
        ("app/http/__init__.py", include_str!("app/http/init.py.j2")),
        ("app/http/authentication.py", include_str!("app/http/authentication.py.j2")),
        ("app/http/idempotency.py", include_str!("app/http/idempotency.py.j2")),
        ("app/http/metrics.py", include_str!("app/http/metrics.py.j2")),
        ("app/http/otlp.py", include_str!("app/http/otlp.py.j2")),
        ("app/http/webhook.py", include_str!("app/http/webhook.py.j2")),
        ("app/http/pagination.py", include_str!("app/http/pagination.py.j2")),
        ("app/http/problem.py", include_str!("app/http/problem.py.j2")),
        ("app/http/timeout.py", include_str!("app/http/timeout.py.j2")),
        ("app/modules/__init__.py", include_str!("app/modules/init.py.j2")),
        ("app/modules/{module}/__init__.py", include_str!("app/modules/module.py.j2")),
        ("app/modules/{module}/routes.py", include_str!("app/modules/routes.py.j2")),
        ("app/modules/{main}.py", include_str!("app/modules/operation.py.j2")),
        ("tests/test_http.py", include_str!("tests/test_http.py.j2")),
        ("tests/{main_rows}.sql", ROWS),
        ("tests/test_{main_name}.py", include_str!("tests/test_operation.py.j2")),
    ],
};
