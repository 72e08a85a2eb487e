locals {
  labels = { system = var.name, managed_by = "terraform" }

  replicas = merge([
    for name, database in var.databases : {
      for n in range(database.read_replicas) : "${name}-read-${n + 1}" => name
    }
  ]...)
}

resource "google_compute_network" "main" {
  name                    = var.name
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "main" {
  name                     = var.name
  network                  = google_compute_network.main.id
  ip_cidr_range            = "10.20.0.0/20"
  private_ip_google_access = true

  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.5
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

# Addresses of the databases: reached from inside only.
resource "google_compute_global_address" "services" {
  name          = "${var.name}-services"
  purpose       = "VPC_PEERING"
  address_type  = "INTERNAL"
  prefix_length = 20
  network       = google_compute_network.main.id
}

resource "google_service_networking_connection" "services" {
  network                 = google_compute_network.main.id
  service                 = "servicenetworking.googleapis.com"
  reserved_peering_ranges = [google_compute_global_address.services.name]
}

resource "google_sql_database_instance" "main" {
  for_each = var.databases

  name                = "${var.name}-${each.key}"
  database_version    = each.value.engine == "postgresql" ? "POSTGRES_${each.value.version}" : "MYSQL_${replace(each.value.version, ".", "_")}"
  region              = var.region
  deletion_protection = true

  settings {
    edition                     = "ENTERPRISE"
    tier                        = "db-custom-${max(1, ceil(each.value.millicores / 2000) * 2)}-${max(3840, ceil(each.value.memory_mb / 256) * 256)}"
    availability_type           = each.value.standby ? "REGIONAL" : "ZONAL"
    disk_type                   = "PD_SSD"
    disk_size                   = each.value.storage_gb
    disk_autoresize             = true
    disk_autoresize_limit       = each.value.most_storage_gb
    deletion_protection_enabled = true
    user_labels                 = local.labels

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.main.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }

    backup_configuration {
      enabled                        = true
      point_in_time_recovery_enabled = each.value.engine == "postgresql"
      binary_log_enabled             = each.value.engine == "mysql"

      backup_retention_settings {
        retained_backups = 14
      }
    }

    insights_config {
      query_insights_enabled = true
    }

    dynamic "database_flags" {
      for_each = each.value.engine == "postgresql" ? {
        "cloudsql.iam_authentication" = "on"
        "log_checkpoints"             = "on"
        "log_connections"             = "on"
        "log_disconnections"          = "on"
        "log_lock_waits"              = "on"
        "log_min_duration_statement"  = "500"
        "log_statement"               = "ddl"
      } : { "local_infile" = "off", "slow_query_log" = "on" }

      content {
        name  = database_flags.key
        value = database_flags.value
      }
    }
  }

  depends_on = [google_service_networking_connection.services]
}

resource "google_sql_database_instance" "read" {
  for_each = local.replicas

  name                 = "${var.name}-${each.key}"
  database_version     = google_sql_database_instance.main[each.value].database_version
  master_instance_name = google_sql_database_instance.main[each.value].name
  region               = var.region
  deletion_protection  = true

  settings {
    tier      = google_sql_database_instance.main[each.value].settings[0].tier
    edition   = "ENTERPRISE"
    disk_type = "PD_SSD"

    ip_configuration {
      ipv4_enabled    = false
      private_network = google_compute_network.main.id
      ssl_mode        = "ENCRYPTED_ONLY"
    }
  }
}

output "read_addresses" {
  description = "Copies that answer reads, by name: for a pool of its own beside that of the primary, for reads that may be a moment old. Never for who may do what."
  value       = { for name, copy in google_sql_database_instance.read : name => copy.private_ip_address }
}

resource "google_sql_database" "main" {
  for_each = var.databases

  name     = "app"
  instance = google_sql_database_instance.main[each.key].name
}

resource "google_redis_instance" "main" {
  for_each = var.caches

  name                    = "${var.name}-${each.key}"
  tier                    = each.value.standby ? "STANDARD_HA" : "BASIC"
  memory_size_gb          = max(1, ceil(each.value.memory_mb / 1024))
  region                  = var.region
  authorized_network      = google_compute_network.main.id
  connect_mode            = "PRIVATE_SERVICE_ACCESS"
  auth_enabled            = true
  transit_encryption_mode = "SERVER_AUTHENTICATION"
  redis_configs           = { maxmemory-policy = each.value.evicts ? "allkeys-lru" : "noeviction" }
  labels                  = local.labels

  depends_on = [google_service_networking_connection.services]
}

resource "google_storage_bucket" "access_log" {
  count = length(var.buckets) > 0 ? 1 : 0

  name                        = "${var.project}-${var.name}-access"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = local.labels

  versioning {
    enabled = true
  }

  lifecycle_rule {
    condition {
      age = 365
    }

    action {
      type = "Delete"
    }
  }
}

resource "google_storage_bucket" "main" {
  for_each = var.buckets

  name                        = "${var.project}-${var.name}-${each.key}"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  labels                      = local.labels

  versioning {
    enabled = true
  }

  logging {
    log_bucket = google_storage_bucket.access_log[0].name
  }

  lifecycle_rule {
    condition {
      num_newer_versions = 3
    }

    action {
      type = "Delete"
    }
  }
}
