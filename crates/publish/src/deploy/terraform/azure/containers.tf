data "azurerm_client_config" "here" {}

resource "azurerm_container_app_environment" "main" {
  name                       = var.name
  location                   = var.region
  resource_group_name        = azurerm_resource_group.main.name
  log_analytics_workspace_id = azurerm_log_analytics_workspace.main.id
  infrastructure_subnet_id   = azurerm_subnet.services.id
  zone_redundancy_enabled    = true
  tags                       = local.tags

  workload_profile {
    name                  = "Consumption"
    workload_profile_type = "Consumption"
  }
}

# Each process has an identity of its own, with no more than it needs.
resource "azurerm_user_assigned_identity" "service" {
  for_each = var.services

  name                = "${var.name}-${each.key}"
  location            = var.region
  resource_group_name = azurerm_resource_group.main.name
  tags                = local.tags
}

resource "azurerm_key_vault" "main" {
  name                          = substr("${local.short}${substr(sha1(var.name), 0, 8)}", 0, 24)
  location                      = var.region
  resource_group_name           = azurerm_resource_group.main.name
  tenant_id                     = data.azurerm_client_config.here.tenant_id
  sku_name                      = "standard"
  rbac_authorization_enabled    = true
  purge_protection_enabled      = true
  soft_delete_retention_days    = 90
  public_network_access_enabled = false
  tags                          = local.tags

  network_acls {
    default_action = "Deny"
    bypass         = "AzureServices"
  }
}

resource "azurerm_role_assignment" "secrets" {
  for_each = var.services

  scope                = azurerm_key_vault.main.id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.service[each.key].principal_id
}

resource "azurerm_role_assignment" "files" {
  for_each = { for pair in setproduct(keys(var.services), var.buckets) : "${pair[0]}/${pair[1]}" => { service = pair[0], bucket = pair[1] } if contains(var.services[pair[0]].reaches, pair[1]) }

  scope                = azurerm_storage_account.main[each.value.bucket].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.service[each.value.service].principal_id
}

locals {
  # What a process must know of what this module makes.
  settings = {
    for name, service in var.services : name => merge(
      service.environment,
      { for name, value in { AUTH_ISSUER = var.auth_issuer, AUTH_AUDIENCE = var.auth_audience } : name => value if var.tokens },
      var.otlp_endpoint == "" ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint },
      { for bucket in var.buckets : "${upper(replace(bucket, "-", "_"))}_ENDPOINT" => azurerm_storage_account.main[bucket].primary_blob_endpoint if contains(service.reaches, bucket) },
    )
  }
}

resource "azurerm_container_app" "service" {
  for_each = var.services

  name                         = substr(each.key, 0, 32)
  resource_group_name          = azurerm_resource_group.main.name
  container_app_environment_id = azurerm_container_app_environment.main.id
  workload_profile_name        = "Consumption"
  revision_mode                = contains(["blue-green", "canary"], var.rollout) ? "Multiple" : "Single"
  tags                         = local.tags

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.service[each.key].id]
  }

  # Their values are put into the vault by hand or by a pipeline, never by this module: DATABASE_URL of the process app
  # is the secret app-DATABASE-URL. Each must have one before the first start.
  dynamic "secret" {
    for_each = { for key in each.value.secrets : lower(replace(key, "_", "-")) => replace(key, "_", "-") }

    content {
      name                = secret.key
      identity            = azurerm_user_assigned_identity.service[each.key].id
      key_vault_secret_id = "${azurerm_key_vault.main.vault_uri}secrets/${each.key}-${secret.value}"
    }
  }

  template {
    min_replicas                     = each.value.copies
    max_replicas                     = each.value.most_copies
    termination_grace_period_seconds = min(each.value.timeout_s + 5, 600)

    container {
      name   = "service"
      image  = var.image
      cpu    = max(0.25, min(4, ceil(each.value.millicores / 250) * 0.25))
      memory = "${max(0.5, min(8, ceil(each.value.millicores / 250) * 0.5))}Gi"

      dynamic "env" {
        for_each = local.settings[each.key]

        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = { for key in each.value.secrets : key => lower(replace(key, "_", "-")) }

        content {
          name        = env.key
          secret_name = env.value
        }
      }

      startup_probe {
        transport = "HTTP"
        port      = 8080
        path      = "/livez"
      }

      liveness_probe {
        transport = "HTTP"
        port      = 8080
        path      = "/livez"
      }

      readiness_probe {
        transport = "HTTP"
        port      = 8080
        path      = "/readyz"
      }
    }

    dynamic "http_scale_rule" {
      for_each = each.value.answers ? [1] : []

      content {
        name                = "requests"
        concurrent_requests = tostring(max(1, floor(each.value.concurrency * 0.6)))
      }
    }
  }

  dynamic "ingress" {
    for_each = each.value.answers ? [1] : []

    content {
      external_enabled           = true
      allow_insecure_connections = false
      target_port                = 8080
      transport                  = "http"

      traffic_weight {
        latest_revision = true
        percentage      = 100
      }
    }
  }

  lifecycle {
    # A release moves the weights.
    ignore_changes = [ingress[0].traffic_weight]
  }

  depends_on = [azurerm_role_assignment.secrets]
}

output "addresses" {
  description = "Addresses of the processes that answer."
  value       = { for name, service in azurerm_container_app.service : name => service.latest_revision_fqdn if var.services[name].answers }
}
