//! Verdicts on the security rules of microservices, and dashboards that see every container.

use loadcase_recover::dataflow;
use serde_json::Value;

use crate::{catalog, survey_of};

/// The neutral shape of a repository of the given files.
fn shape(files: &[(&str, &str)]) -> Value {
    dataflow(&survey_of(files), catalog())
}

/// Whether a rule holds.
fn holds(shape: &Value, rule: &str) -> bool {
    shape["rules"][rule].as_bool().unwrap_or_else(|| panic!("no verdict on {rule}"))
}

fn pom(name: &str, library: &str) -> String {
    format!(
        "<project><groupId>shop</groupId><artifactId>{name}</artifactId><dependencies><dependency><groupId>org.springframework.cloud</groupId><artifactId>{library}</artifactId></dependency></dependencies></project>"
    )
}

/// A gateway before a service, with a registry; what the service's code and the deployment add.
fn shop(code: &str, services: &str) -> Value {
    let compose = format!(
        "services:\n  gateway: {{build: ./gateway, ports: ['80:8080']}}\n  orders: {{build: ./orders}}\n  registry: {{build: ./registry}}\n{services}"
    );
    let gateway = pom("gateway", "spring-cloud-starter-netflix-zuul");
    let orders = pom("orders", "spring-cloud-starter-netflix-eureka-client");
    let registry = pom("registry", "spring-cloud-starter-netflix-eureka-server");
    let orders_code = format!(
        "@SpringBootApplication {code} class Orders {{ public static void main(String[] a) {{}} @GetMapping(\"/orders\") String all() {{ return \"\"; }} }}"
    );
    shape(&[
        ("docker-compose.yml", &compose),
        ("gateway/pom.xml", &gateway),
        ("gateway/Dockerfile", "FROM eclipse-temurin:21\n"),
        (
            "gateway/src/main/java/Gateway.java",
            "@SpringBootApplication @EnableZuulProxy class Gateway { public static void main(String[] a) {} }",
        ),
        (
            "gateway/src/main/resources/application.yml",
            "spring.application.name: gateway\nzuul:\n  routes:\n    orders: {path: /orders/**, serviceId: orders}\n",
        ),
        ("orders/pom.xml", &orders),
        ("orders/Dockerfile", "FROM eclipse-temurin:21\n"),
        ("orders/src/main/java/Orders.java", &orders_code),
        ("orders/src/main/resources/application.yml", "spring.application.name: orders\n"),
        ("registry/pom.xml", &registry),
        ("registry/Dockerfile", "FROM eclipse-temurin:21\n"),
        (
            "registry/src/main/java/Registry.java",
            "@SpringBootApplication @EnableEurekaServer class Registry { public static void main(String[] a) {} }",
        ),
    ])
}

#[test]
fn every_rule_has_a_verdict() {
    let rules = shop("", "");
    let rules = rules["rules"].as_object().expect("rules");
    let expected: Vec<String> = (1..=25).map(|n| format!("R{n:02}")).collect();
    assert!(rules.keys().eq(expected.iter()), "{rules:?}");
}

#[test]
fn a_gateway_is_the_entry_and_does_what_its_product_does() {
    let shop = shop("", "");
    for rule in ["R01", "R02", "R03", "R23"] {
        assert!(holds(&shop, rule), "{rule}");
    }
    for rule in ["R04", "R05", "R24"] {
        assert!(!holds(&shop, rule), "{rule}: nobody asks who is calling");
    }
}

#[test]
fn what_all_is_asked_of_must_exist_and_what_none_is_asked_of_may_be_missing() {
    let nothing = shape(&[("README.md", "# nothing\n")]);
    let held: Vec<u32> = (1..=25).filter(|n| holds(&nothing, &format!("R{n:02}"))).collect();
    // No issuer has other duties, and nobody who logs lacks a broker or reaches the central log.
    assert_eq!(held, [10, 11, 18, 19]);
}

#[test]
fn calls_are_authenticated_when_who_is_called_asks_for_a_token() {
    let open = shop("", "");
    assert!(!holds(&open, "R06") && !holds(&open, "R07"));
    let guarded = shop("@EnableResourceServer", "");
    assert!(holds(&guarded, "R06") && holds(&guarded, "R07"));
}

#[test]
fn a_second_registry_and_a_second_way_in_are_one_too_many() {
    let two = shop("", "  consul: {image: 'consul:1.15'}\n");
    assert!(!holds(&two, "R23"));
    let beside = shop("", "  pages: {image: 'nginx:1.27', ports: ['8080:80']}\n");
    assert!(holds(&shop("", ""), "R01") && !holds(&beside, "R01"));
}

#[test]
fn brokers_dashboards_logs_and_secrets_are_seen() {
    let shop = shop(
        "",
        "  kafka: {image: 'apache/kafka:3.9.0'}\n  grafana: {image: 'grafana/grafana:11.0.0'}\n  logstash: {image: 'logstash:8.15.0'}\n  vault: {image: 'hashicorp/vault:1.18'}\n",
    );
    for rule in ["R16", "R17", "R20", "R25"] {
        assert!(holds(&shop, rule), "{rule}");
    }
    assert!(!holds(&shop, "R21"), "nothing is connected to the dashboard");
}

#[test]
fn a_dashboard_of_containers_sees_all_of_them() {
    let shop = shop("", "  scope: {image: 'weaveworks/scope:1.13.2', ports: ['4040:4040']}\n");
    assert!(holds(&shop, "R20") && holds(&shop, "R21"));
    let told = |from: &str| {
        let edges = shop["connections"].as_array().expect("connections");
        edges.iter().any(|e| e["from"] == from && e["to"] == "scope")
    };
    for name in ["gateway", "orders"] {
        assert!(told(name), "{name}: {}", shop["connections"]);
    }
    assert!(!told("scope"));
}

#[test]
fn a_page_that_calls_its_own_host_reaches_what_is_published_there() {
    let shape = shape(&[
        (
            "docker-compose.yml",
            "services:\n  web: {build: ./web, ports: ['80:80']}\n  api: {image: 'shop/api:1', ports: ['8080:8080']}\n",
        ),
        ("web/Dockerfile", "FROM node:22\n"),
        (
            "web/package.json",
            "{\"name\": \"web\", \"dependencies\": {\"axios\": \"1\", \"react-dom\": \"19\"}}",
        ),
        (
            "web/src/app.js",
            "import axios from 'axios';\nexport const stock = () => axios.get('http://' + window.location.hostname + ':8080/stock');\n",
        ),
    ]);
    let edges = shape["connections"].as_array().expect("connections");
    assert!(edges.iter().any(|e| e["from"] == "web" && e["to"] == "api"), "{edges:?}");
}
