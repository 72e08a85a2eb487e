//! Custom resources by which operators run databases, brokers and the like.

use crate::sighting::{Deployed, Seen};
use crate::source::Sightings;
use crate::yaml::Node;

use super::Manifest;

/// Group of the resource, its kind, the technology, and what the operator appends to the name for the service.
const RESOURCES: &[(&str, &str, &str, &[&str])] = &[
    ("kafka.strimzi.io", "Kafka", "kafka", &["-kafka-bootstrap", "-kafka-brokers"]),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch", "elasticsearch", &["-es-http"]),
    ("kibana.k8s.elastic.co", "Kibana", "kibana", &["-kb-http"]),
    ("rabbitmq.com", "RabbitmqCluster", "rabbitmq", &[]),
    ("postgresql.cnpg.io", "Cluster", "postgresql", &["-rw", "-ro", "-r"]),
    ("acid.zalan.do", "postgresql", "postgresql", &["-repl"]),
    ("postgres-operator.crunchydata.com", "PostgresCluster", "postgresql", &["-primary", "-pgbouncer"]),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity", "mongodb", &["-svc"]),
    ("psmdb.percona.com", "PerconaServerMongoDB", "mongodb", &["-rs0", "-mongos"]),
    ("pxc.percona.com", "PerconaXtraDBCluster", "mysql", &["-haproxy", "-proxysql"]),
    ("mysql.oracle.com", "InnoDBCluster", "mysql", &[]),
    ("k8s.mariadb.com", "MariaDB", "mariadb", &["-primary"]),
    ("databases.spotahome.com", "RedisFailover", "redis", &[]),
    ("redis.redis.opstreelabs.in", "Redis", "redis", &[]),
    ("redis.redis.opstreelabs.in", "RedisCluster", "redis", &["-leader", "-follower"]),
    ("k8ssandra.io", "K8ssandraCluster", "cassandra", &["-service"]),
    ("cassandra.datastax.com", "CassandraDatacenter", "cassandra", &["-service"]),
    ("scylla.scylladb.com", "ScyllaCluster", "scylladb", &["-client"]),
    ("crdb.cockroachlabs.com", "CrdbCluster", "cockroachdb", &["-public"]),
    ("clickhouse.altinity.com", "ClickHouseInstallation", "clickhouse", &[]),
    ("minio.min.io", "Tenant", "minio", &["-hl"]),
    ("opensearch.opster.io", "OpenSearchCluster", "opensearch", &[]),
    ("k8s.keycloak.org", "Keycloak", "keycloak", &["-service"]),
    ("keycloak.org", "Keycloak", "keycloak", &["-service"]),
    ("jaegertracing.io", "Jaeger", "jaeger", &["-collector", "-query", "-agent"]),
    ("opentelemetry.io", "OpenTelemetryCollector", "opentelemetry", &["-collector"]),
    ("monitoring.coreos.com", "Prometheus", "prometheus", &["-operated"]),
    ("grafana.integreatly.org", "Grafana", "grafana", &["-service"]),
    ("pulsar.streamnative.io", "PulsarBroker", "pulsar", &["-broker"]),
    ("cluster.redpanda.com", "Redpanda", "redpanda", &[]),
    ("zookeeper.pravega.io", "ZookeeperCluster", "zookeeper", &["-client"]),
];

/// Tells a resource of an operator; whether it is one.
pub(super) fn tell(manifest: &Manifest<'_>, out: &mut Sightings) -> bool {
    let group = manifest.api.split('/').next().unwrap_or("");
    let hit = RESOURCES.iter().find(|(g, k, _, _)| *g == group && *k == manifest.kind);
    let Some((_, _, technology, ends)) = hit else { return false };
    let name = manifest.name();
    if name.is_empty() {
        return false;
    }
    let sign = manifest.set.source.signs.technology(technology);
    let count = ["replicas", "instances"].iter().find_map(|k| manifest.spec(&[k])?.text()?.parse().ok());
    let version =
        manifest.spec(&["version"]).or_else(|| manifest.spec(&["kafka", "version"])).and_then(Node::text);
    let deployed = Deployed {
        name: name.to_owned(),
        platform: Some(manifest.set.platform),
        hosts: ends.iter().map(|e| format!("{name}{e}")).collect(),
        technology: Some((*technology).to_owned()),
        kind: sign.and_then(|s| s.component),
        version: version.map(str::to_owned),
        replicas: count,
        optional: manifest.optional,
        ..Deployed::default()
    };
    out.add(manifest.line(), Seen::Deployed(Box::new(deployed)));
    true
}
