//! Managed stores, caches and brokers: engine, encryption, backups, reachability.

use loadcase_model::{Aspect, ComponentKind, State};

use super::{About, Ask, Resource, kinds, name_of};
use crate::source::Sightings;
use crate::yaml::Node;

/// The technology that attributes tell: `engine = "aurora-postgresql"`, `database_version = "MYSQL_8_0"`.
pub(super) fn engine(body: &Node) -> Option<String> {
    let told =
        ["engine", "engine_type", "database_version", "family"].iter().find_map(|k| body.text_of(k))?;
    let lower = told.to_ascii_lowercase();
    const WORDS: &[(&str, &str)] = &[
        ("postgres", "postgresql"),
        ("mysql", "mysql"),
        ("aurora", "mysql"),
        ("mariadb", "mariadb"),
        ("sqlserver", "sqlserver"),
        ("oracle", "oracle"),
        ("valkey", "valkey"),
        ("redis", "redis"),
        ("memcached", "memcached"),
        ("mongo", "mongodb"),
        ("docdb", "mongodb"),
        ("rabbitmq", "rabbitmq"),
        ("activemq", "activemq"),
        ("kafka", "kafka"),
        ("opensearch", "opensearch"),
    ];
    if lower == "pg" {
        return Some("postgresql".to_owned());
    }
    WORDS.iter().find(|(word, _)| lower.contains(word)).map(|(_, t)| (*t).to_owned())
}

/// The version of the engine.
pub(super) fn version(body: &Node) -> Option<String> {
    let told = ["engine_version", "kafka_version", "version", "redis_version", "elasticsearch_version"]
        .iter()
        .find_map(|k| body.text_of(k));
    // `POSTGRES_15`, `MYSQL_8_0`
    let of_google = || body.text_of("database_version").and_then(|v| v.split_once('_')).map(|(_, v)| v);
    let version = told.or_else(of_google)?.replace('_', ".");
    version.contains(|c: char| c.is_ascii_digit()).then_some(version).filter(|v| !v.contains('{'))
}

/// Copies of a store or a service.
pub(super) fn copies(body: &Node) -> Option<u32> {
    let keys = [
        "desired_count",
        "num_cache_clusters",
        "number_of_broker_nodes",
        "num_cache_nodes",
        "node_count",
        "replicas",
    ];
    let counted = keys.iter().find_map(|k| body.text_of(k)?.parse().ok());
    counted.or_else(|| {
        let twice = body.is_yes("multi_az")
            || body.at(&["settings", "availability_type"]).and_then(Node::text) == Some("REGIONAL")
            || body.at(&["high_availability", "mode"]).is_some()
            || body.text_of("tier") == Some("STANDARD_HA");
        twice.then_some(2)
    })
}

/// How a service encrypts what it keeps.
enum Encryption {
    /// Only when one of the attributes says so.
    Asked(&'static [&'static str]),
    /// Always, by the provider's key at least.
    Always,
}

fn encryption(of: &str) -> Option<Encryption> {
    use Encryption::{Always, Asked};
    Some(match of {
        "aws_db_instance" | "aws_rds_cluster" | "aws_docdb_cluster" | "aws_neptune_cluster" => {
            Asked(&["storage_encrypted"])
        }
        "aws_elasticache_replication_group" => Asked(&["at_rest_encryption_enabled"]),
        "aws_redshift_cluster" | "aws_efs_file_system" | "aws_ebs_volume" => Asked(&["encrypted"]),
        "aws_kinesis_stream" => Asked(&["encryption_type"]),
        "aws_sns_topic" => Asked(&["kms_master_key_id"]),
        "aws_opensearch_domain" | "aws_elasticsearch_domain" => {
            Asked(&["encrypt_at_rest", "encryption_at_rest_options"])
        }
        "aws_dynamodb_table"
        | "aws_s3_bucket"
        | "aws_sqs_queue"
        | "aws_msk_cluster"
        | "aws_memorydb_cluster" => Always,
        _ if of.starts_with("google_") || of.starts_with("azurerm_") => {
            kinds::find(of).filter(|k| keeps(k.kind))?;
            Always
        }
        _ => return None,
    })
}

fn keeps(kind: ComponentKind) -> bool {
    use ComponentKind as K;
    matches!(kind, K::Store | K::Analytics | K::Cache | K::Search | K::ObjectStore | K::Broker)
}

/// Tells the practices of what keeps data.
pub(super) fn practices(resource: &Resource<'_>, out: &mut Sightings) {
    let name = kinds::find(resource.of).map(|_| name_of(resource.of, resource.label));
    let mut about = About { out, of: name.as_deref() };
    at_rest(resource, &mut about);
    backups(resource, &mut about);
    reachable(resource, &mut about);
    in_transit(resource, &mut about);
}

fn at_rest(resource: &Resource<'_>, about: &mut About<'_, '_>) {
    let (aspect, subject) = (Aspect::EncryptionAtRest, resource.label);
    match encryption(resource.of) {
        Some(Encryption::Always) => {
            about.practice(resource.line, aspect, State::Present, subject, "encrypted by default");
        }
        Some(Encryption::Asked(keys)) => {
            let found = keys.iter().find_map(|k| resource.body.get(k).map(|n| (*k, n)));
            let off = |n: &Node| matches!(n.text(), Some("false" | "NONE")) || n.is_no("enabled");
            match found {
                Some((key, node)) if off(node) => {
                    about.practice(node.line, aspect, State::Absent, subject, format!("{key} is off"));
                }
                Some((key, node)) => about.practice(node.line, aspect, State::Present, subject, key),
                // A copy or a snapshot takes it from its source.
                None if inherits(resource.body) => {}
                None => {
                    let detail =
                        format!("{} is not set, and off by default", keys.first().copied().unwrap_or(""));
                    about.practice(resource.line, aspect, State::Absent, subject, detail);
                }
            }
        }
        None => {}
    }
}

fn inherits(body: &Node) -> bool {
    [
        "replicate_source_db",
        "snapshot_identifier",
        "source_db_instance_identifier",
        "global_cluster_identifier",
    ]
    .iter()
    .any(|k| body.get(k).is_some())
}

fn backups(resource: &Resource<'_>, about: &mut About<'_, '_>) {
    let body = resource.body;
    let (line, subject) = (resource.line, resource.label);
    let days = body.get("backup_retention_period").or_else(|| body.get("backup_retention_days"));
    match resource.of {
        "aws_db_instance" | "aws_rds_cluster" | "aws_docdb_cluster" | "aws_neptune_cluster" => match days {
            Some(node) if node.text() == Some("0") => {
                about.practice(node.line, Aspect::Backup, State::Absent, subject, "backups are kept 0 days");
            }
            Some(node) => {
                let detail = format!("kept {} days", node.text().unwrap_or("?"));
                about.practice(node.line, Aspect::Backup, State::Present, subject, detail);
            }
            None if inherits(body) => {}
            // An instance keeps none unless told, a cluster one day.
            None if resource.of == "aws_db_instance" && resource.platform == super::Platform::Terraform => {
                about.practice(
                    line,
                    Aspect::Backup,
                    State::Absent,
                    subject,
                    "no retention is set, and none by default",
                );
            }
            None => about.practice(line, Aspect::Backup, State::Present, subject, "kept 1 day by default"),
        },
        "aws_dynamodb_table" => {
            let node = body
                .get("point_in_time_recovery")
                .or_else(|| body.get("point_in_time_recovery_specification"));
            let on = node.is_some_and(|n| n.is_yes("enabled") || n.is_yes("point_in_time_recovery_enabled"));
            let (state, detail) = match on {
                true => (State::Present, "point-in-time recovery"),
                false => (State::Absent, "no point-in-time recovery"),
            };
            about.practice(node.map_or(line, |n| n.line), Aspect::Backup, state, subject, detail);
        }
        "google_sql_database_instance" => {
            let node = body.at(&["settings", "backup_configuration"]);
            let on = node.is_some_and(|n| n.is_yes("enabled"));
            let state = if on { State::Present } else { State::Absent };
            if body.get("master_instance_name").is_none() {
                about.practice(
                    node.map_or(line, |n| n.line),
                    Aspect::Backup,
                    state,
                    subject,
                    "backup_configuration",
                );
            }
        }
        of if of.starts_with("azurerm_") && of.ends_with("_server") && kinds::find(of).is_some() => {
            let detail = format!("kept {} days", days.and_then(Node::text).unwrap_or("7"));
            about.practice(days.map_or(line, |n| n.line), Aspect::Backup, State::Present, subject, detail);
        }
        "aws_s3_bucket_versioning" | "aws_backup_plan" | "aws_backup_selection" | "google_sql_backup_run" => {
            let off =
                body.at(&["versioning_configuration", "status"]).and_then(Node::text) == Some("Suspended");
            let state = if off { State::Absent } else { State::Present };
            about.practice(line, Aspect::Backup, state, subject, resource.of);
        }
        _ => {}
    }
}

fn reachable(resource: &Resource<'_>, about: &mut About<'_, '_>) {
    let body = resource.body;
    let subject = resource.label;
    let mut say = |line: usize, state: State, detail: &str| {
        about.practice(line, Aspect::Exposure, state, subject, detail);
    };
    if let Some(node) = body.get("publicly_accessible") {
        let (state, detail) = match node.is_true() {
            true => (State::Present, "publicly accessible"),
            false => (State::Absent, "not publicly accessible"),
        };
        say(node.line, state, detail);
    }
    let networks = body.at(&["settings", "ip_configuration"]);
    for network in networks.map(|c| c.every("authorized_networks")).unwrap_or_default() {
        if network.text_of("value").is_some_and(|v| v.starts_with("0.0.0.0/0")) {
            say(network.line, State::Present, "any address may connect");
        }
    }
    for key in ["acl", "access_control"] {
        if let Some(node) = body.get(key)
            && node.text().is_some_and(|a| a.to_ascii_lowercase().replace('-', "").starts_with("publicread"))
        {
            say(node.line, State::Present, "anybody may read");
        }
    }
    if let Some(node) =
        body.get("public_network_access_enabled").or_else(|| body.get("allow_nested_items_to_be_public"))
        && node.is_true()
        && kinds::find(resource.of).is_some_and(|k| keeps(k.kind))
    {
        say(node.line, State::Present, "public network access");
    }
    if resource.of == "aws_s3_bucket_public_access_block" {
        let all =
            ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];
        let off = all.iter().filter(|k| !body.is_yes(k)).count();
        let (state, detail) = if off == 0 {
            (State::Absent, "public access is blocked")
        } else {
            (State::Present, "public access is not fully blocked")
        };
        say(resource.line, state, detail);
    }
    if resource.of.starts_with("google_storage_") && resource.of.contains("_iam_") {
        let everybody = |m: Option<&str>| matches!(m, Some("allUsers" | "allAuthenticatedUsers"));
        let members = body.get("members").map(Node::list).unwrap_or_default();
        if everybody(body.text_of("member")) || members.iter().any(|m| everybody(m.text())) {
            say(resource.line, State::Present, "anybody may read");
        }
    }
}

fn in_transit(resource: &Resource<'_>, about: &mut About<'_, '_>) {
    let body = resource.body;
    let subject = resource.label;
    let mut say = |line: usize, on: bool, detail: &str| {
        let state = if on { State::Present } else { State::Absent };
        about.practice(line, Aspect::Tls, state, subject, detail);
    };
    match resource.of {
        "aws_elasticache_replication_group" => match body.get("transit_encryption_enabled") {
            Some(node) => say(node.line, node.is_true(), "transit_encryption_enabled"),
            None => say(resource.line, false, "transit_encryption_enabled is not set, and off by default"),
        },
        "aws_msk_cluster" => {
            if let Some(node) = body.at(&["encryption_info", "encryption_in_transit", "client_broker"]) {
                say(node.line, node.text() == Some("TLS"), "client_broker");
            }
        }
        "aws_opensearch_domain" | "aws_elasticsearch_domain" => {
            let node = body.at(&["domain_endpoint_options", "enforce_https"]);
            say(node.map_or(resource.line, |n| n.line), node.is_some_and(Node::is_true), "enforce_https");
        }
        "google_redis_instance" => {
            let node = body.get("transit_encryption_mode");
            let on = node.and_then(Node::text) == Some("SERVER_AUTHENTICATION");
            say(node.map_or(resource.line, |n| n.line), on, "transit_encryption_mode");
        }
        "google_sql_database_instance" => {
            let settings = body.at(&["settings", "ip_configuration"]);
            let node = settings.and_then(|s| s.get("ssl_mode").or_else(|| s.get("require_ssl")));
            if let Some(node) = node {
                say(
                    node.line,
                    node.is_true() || node.text().is_some_and(|m| !m.starts_with("ALLOW_UN")),
                    "ssl_mode",
                );
            }
        }
        "azurerm_redis_cache" => {
            let keys = ["enable_non_ssl_port", "non_ssl_port_enabled"];
            if let Some(node) = keys.iter().find_map(|k| body.get(k)) {
                say(node.line, !node.is_true(), "a port without TLS");
            }
        }
        "azurerm_storage_account" => {
            let keys = ["https_traffic_only_enabled", "enable_https_traffic_only"];
            if let Some(node) = keys.iter().find_map(|k| body.get(k)) {
                say(node.line, node.is_true(), "https_traffic_only_enabled");
            }
        }
        of if of.starts_with("azurerm_") => {
            if let Some(node) = body.get("ssl_enforcement_enabled").or_else(|| body.get("https_only")) {
                say(node.line, node.is_true(), "only encrypted connections");
            }
        }
        _ => {}
    }
}
