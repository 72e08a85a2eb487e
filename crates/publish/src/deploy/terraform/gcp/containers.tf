# Each process has an account of its own, with no more than it needs.
resource "google_service_account" "service" {
  for_each = var.services

  account_id   = substr("${each.key}-${substr(sha1(var.name), 0, 6)}", 0, 30)
  display_name = "${each.key} of ${var.name}"
}

locals {
  # Their values are put in by hand or by a pipeline, never by this module; each must have one before the first start.
  secrets = merge([for name, service in var.services : { for key in service.secrets : "${name}-${key}" => name }]...)

  # What a process must know of what this module makes.
  settings = {
    for name, service in var.services : name => merge(
      # The platform sets the port itself.
      { for key, value in service.environment : key => value if key != "PORT" },
      { for name, value in { AUTH_ISSUER = var.auth_issuer, AUTH_AUDIENCE = var.auth_audience } : name => value if var.tokens },
      var.otlp_endpoint == "" ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint },
      { for bucket in var.buckets : "${upper(replace(bucket, "-", "_"))}_BUCKET" => google_storage_bucket.main[bucket].name if contains(service.reaches, bucket) },
    )
  }
}

resource "google_secret_manager_secret" "service" {
  for_each = local.secrets

  secret_id = "${var.name}-${each.key}"
  labels    = local.labels

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_iam_member" "service" {
  for_each = local.secrets

  secret_id = google_secret_manager_secret.service[each.key].id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${google_service_account.service[each.value].email}"
}

resource "google_storage_bucket_iam_member" "service" {
  for_each = { for pair in setproduct(keys(var.services), var.buckets) : "${pair[0]}/${pair[1]}" => { service = pair[0], bucket = pair[1] } if contains(var.services[pair[0]].reaches, pair[1]) }

  bucket = google_storage_bucket.main[each.value.bucket].name
  role   = "roles/storage.objectUser"
  member = "serviceAccount:${google_service_account.service[each.value.service].email}"
}

resource "google_cloud_run_v2_service" "service" {
  for_each = var.services

  name                = each.key
  location            = var.region
  ingress             = each.value.answers ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY"
  deletion_protection = true
  labels              = local.labels

  template {
    service_account                  = google_service_account.service[each.key].email
    timeout                          = "${each.value.timeout_s}s"
    max_instance_request_concurrency = each.value.concurrency
    execution_environment            = "EXECUTION_ENVIRONMENT_GEN2"

    scaling {
      min_instance_count = each.value.copies
      max_instance_count = each.value.most_copies
    }

    vpc_access {
      egress = "PRIVATE_RANGES_ONLY"

      network_interfaces {
        network    = google_compute_network.main.name
        subnetwork = google_compute_subnetwork.main.name
      }
    }

    containers {
      image = var.image

      ports {
        container_port = 8080
      }

      resources {
        # Work in the background needs its processor between requests too.
        cpu_idle = each.value.answers

        limits = {
          cpu    = "${max(1, ceil(each.value.millicores / 1000))}"
          memory = "${max(512, each.value.memory_mb)}Mi"
        }
      }

      startup_probe {
        period_seconds    = 2
        failure_threshold = 60

        http_get {
          path = "/livez"
        }
      }

      liveness_probe {
        period_seconds = 10

        http_get {
          path = "/livez"
        }
      }

      dynamic "env" {
        for_each = local.settings[each.key]

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = toset(each.value.secrets)

        content {
          name = env.key

          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.service["${each.key}-${env.key}"].secret_id
              version = "latest"
            }
          }
        }
      }
    }
  }

  # Rolling sends everything to the newest; blue-green and canary leave the share to the release.
  traffic {
    type    = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
    percent = 100
  }

  lifecycle {
    ignore_changes = [traffic, client, client_version]
  }

  depends_on = [google_secret_manager_secret_iam_member.service]
}

# Callers come from the internet; their tokens are checked by the service itself. With a load balancer in front, set
# the ingress above to INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER.
resource "google_cloud_run_v2_service_iam_member" "callers" {
  for_each = { for name, service in var.services : name => service if service.answers }

  name     = google_cloud_run_v2_service.service[each.key].name
  location = var.region
  role     = "roles/run.invoker"
  member   = "allUsers"
}

output "services" {
  description = "Addresses of the processes."
  value       = { for name, service in google_cloud_run_v2_service.service : name => service.uri }
}
