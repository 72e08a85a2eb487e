//! Java with Spring Boot.

use super::{ROWS, Stack};

pub(super) const STACK: Stack = Stack {
    framework: "spring-boot",
    about: include_str!("stack.yaml"),
    files: &[
        ("README.md", include_str!("README.md.j2")),
        ("pom.xml", include_str!("pom.xml.j2")),
        ("Dockerfile", include_str!("Dockerfile.j2")),
        (".dockerignore", include_str!("dockerignore")),
        ("src/main/resources/application.yaml", include_str!("application.yaml.j2")),
        ("src/main/java/service/Application.java", include_str!("java/Application.java.j2")),
        ("src/main/java/service/Store.java", include_str!("java/Store.java.j2")),
        ("src/main/java/service/Worker.java", include_str!("java/Worker.java.j2")),
        ("src/main/java/service/http/Authentication.java", include_str!("java/http/Authentication.java.j2")),
        ("src/main/java/service/http/Caller.java", include_str!("java/http/Caller.java.j2")),
        ("src/main/java/service/http/Field.java", include_str!("java/http/Field.java.j2")),
        ("src/main/java/service/http/Idempotency.java", include_str!("java/http/Idempotency.java.j2")),
        ("src/main/java/service/http/Metrics.java", include_str!("java/http/Metrics.java.j2")),
        ("src/main/java/service/http/Page.java", include_str!("java/http/Page.java.j2")),
        ("src/main/java/service/http/Problem.java", include_str!("java/http/Problem.java.j2")),
        ("src/main/java/service/http/Problems.java", include_str!("java/http/Problems.java.j2")),
        ("src/main/java/service/http/Webhook.java", include_str!("java/http/Webhook.java.j2")),
        ("src/main/java/service/modules/{module}/Routes.java", include_str!("java/modules/Routes.java.j2")),
        (
            "src/main/java/service/modules/{main_module}/{main_class}.java",
            include_str!("java/modules/Operation.java.j2"),
        ),
        ("src/test/resources/{main_rows}.sql", ROWS),
        ("src/test/java/service/http/HttpTest.java", include_str!("test/HttpTest.java.j2")),
        ("src/test/java/service/WorkerTest.java", include_str!("test/WorkerTest.java.j2")),
        ("src/test/java/service/{main_class}Test.java", include_str!("test/OperationTest.java.j2")),
    ],
};
