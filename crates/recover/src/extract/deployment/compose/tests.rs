//! Tests of the extractor of compose files.
use crate::sighting::{Deployed, Seen, Sighting};
use crate::testing::{practices, see, see_all};

fn deployed<'a>(seen: &'a [Sighting], name: &str) -> &'a Deployed {
    let of = |s: &'a Sighting| match &s.seen {
        Seen::Deployed(d) if d.name == name => Some(d.as_ref()),
        _ => None,
    };
    seen.iter().find_map(of).expect("it is deployed")
}

const FILE: &str = r#"
version: "3.8"
services:
  shop:
    build:
      context: ../shop
      dockerfile: docker/Dockerfile
    container_name: shop-1
    environment:
      - DB_URL=postgres://shop:${DB_PW:-geheim77}@db:5432/shop
      - MODE=${MODE}
      - INHERITED
    env_file: shop.env
    ports: ["127.0.0.1:8080:80", "9090"]
    links:
      - "db:database"
    depends_on:
      cache:
        condition: service_healthy
    deploy:
      replicas: 3
      resources:
        limits: {cpus: "0.5", memory: 256M}
    networks:
      inner:
        aliases: [storefront]
  db:
    image: postgres
    ports: ["5432:5432"]
    environment:
      POSTGRES_PASSWORD: postgres
    volumes:
      - ./init:/docker-entrypoint-initdb.d
  cache:
    image: redis:7.2
    healthcheck: {test: ["CMD", "redis-cli", "ping"]}
    command: redis-server --requirepass hunter2
  agent:
    image: example/agent:1
    profiles: [tools]
    privileged: true
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
"#;

#[test]
fn services_carry_what_the_file_says() {
    let env = "MODE=fast\nAPI_TOKEN=abcdef012345\n";
    let seen =
        see_all(&[("deploy/docker-compose.yml", FILE), ("deploy/.env", env), ("deploy/shop.env", env)]);
    let shop = deployed(&seen, "shop");
    assert_eq!(shop.build.as_deref(), Some("shop"));
    assert_eq!(shop.dockerfile.as_deref(), Some("shop/docker"));
    assert_eq!(shop.hosts, ["shop-1", "storefront"]);
    assert_eq!((shop.replicas, shop.memory_gb, shop.vcpu), (Some(3), Some(0.25), Some(0.5)));
    let env: Vec<String> = shop.env.iter().map(|(k, v, _)| format!("{k}={v}")).collect();
    assert!(env.contains(&"MODE=${MODE:fast}".to_owned()), "{env:?}");
    assert!(env.contains(&"INHERITED=${INHERITED}".to_owned()), "{env:?}");
    assert_eq!(shop.env_from, ["deploy/shop.env"]);
    let ports: Vec<_> =
        shop.ports.iter().map(|p| (p.inside, p.published.as_deref(), p.bind.as_deref())).collect();
    assert_eq!(ports, [(80, Some("8080"), Some("127.0.0.1")), (9090, Some("0"), None)]);
    let waits: Vec<&str> = shop.depends_on.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(waits, ["cache", "db"]);
    assert_eq!(deployed(&seen, "db").hosts, ["database"]);
    assert!(deployed(&seen, "agent").optional && !shop.optional);
    assert_eq!(deployed(&seen, "cache").command.as_deref(), Some("redis-server --requirepass ***"));
    let all = format!("{seen:?}");
    assert!(!all.contains("hunter2") && !all.contains("geheim77") && !all.contains("abcdef012345"), "{all}");
}

#[test]
fn practices_are_told_with_their_service() {
    let practices = practices(&see("docker-compose.yml", FILE));
    for expected in [
        "Exposure Absent 8080",
        "Exposure Present 9090",
        "Exposure Present 5432",
        "ImagePin Absent postgres",
        "ImagePin Present redis:7.2",
        "DefaultCredentials Present POSTGRES_PASSWORD",
        "LiteralSecret Present DB_URL",
        "LiteralSecret Present --requirepass",
        "DurableStorage Absent postgresql",
        "HealthProbe Present healthcheck",
        "HealthProbe Absent healthcheck",
        "ResourceLimit Present memory",
        "Privilege Present privileged",
        "Privilege Present /var/run/docker.sock",
    ] {
        assert!(practices.iter().any(|p| p == expected), "{expected} in {practices:#?}");
    }
}

#[test]
fn services_extend_others_across_files() {
    let base = "services:\n  base:\n    image: a/b:1\n    environment: {A: x, B: y}\n";
    let file = "services:\n  web:\n    extends: {file: common.yml, service: base}\n    environment: [\"B=z\"]\n  me:\n    extends: me\n";
    let seen = see_all(&[("common.yml", base), ("compose.yaml", file)]);
    let web = deployed(&seen, "web");
    assert_eq!(web.image.as_deref(), Some("a/b:1"));
    assert!(web.env.iter().any(|(k, v, l)| k == "A" && v == "x" && *l == 3), "{:?}", web.env);
}

#[test]
fn other_yaml_is_left_alone() {
    assert!(see("config/services.yaml", "services:\n  App\\Foo:\n    arguments: [x]\n").is_empty());
    assert!(see("a.yml", "services: [docker]\nimage: x\n").is_empty());
    let first = see("docker-compose.yml", "web:\n  image: x:1\n  links: [db]\ndb:\n  image: mysql:8\n");
    assert_eq!(deployed(&first, "web").depends_on.len(), 1);
}
