locals {
  tags  = { system = var.name, managed_by = "terraform" }
  short = substr(replace(var.name, "-", ""), 0, 14)

  # The smallest class with the memory of the design, MB.
  database_classes = [
    { memory_mb = 4096, postgresql = "B_Standard_B2s", mysql = "B_Standard_B2s" },
    { memory_mb = 8192, postgresql = "GP_Standard_D2ds_v5", mysql = "GP_Standard_D2ds_v4" },
    { memory_mb = 16384, postgresql = "GP_Standard_D4ds_v5", mysql = "GP_Standard_D4ds_v4" },
    { memory_mb = 32768, postgresql = "GP_Standard_D8ds_v5", mysql = "GP_Standard_D8ds_v4" },
    { memory_mb = 65536, postgresql = "GP_Standard_D16ds_v5", mysql = "GP_Standard_D16ds_v4" },
    { memory_mb = 4000000, postgresql = "MO_Standard_E32ds_v5", mysql = "MO_Standard_E32ds_v4" },
  ]
  disk_steps = [32768, 65536, 131072, 262144, 524288, 1048576, 2097152, 4193280, 8388608, 16777216, 33553408]
}

resource "azurerm_resource_group" "main" {
  name     = var.name
  location = var.region
  tags     = local.tags
}

resource "azurerm_log_analytics_workspace" "main" {
  name                = var.name
  location            = var.region
  resource_group_name = azurerm_resource_group.main.name
  sku                 = "PerGB2018"
  retention_in_days   = 30
  tags                = local.tags
}

resource "azurerm_virtual_network" "main" {
  name                = var.name
  location            = var.region
  resource_group_name = azurerm_resource_group.main.name
  address_space       = ["10.20.0.0/16"]
  tags                = local.tags
}

resource "azurerm_network_security_group" "inside" {
  name                = "${var.name}-inside"
  location            = var.region
  resource_group_name = azurerm_resource_group.main.name
  tags                = local.tags
}

resource "azurerm_subnet" "services" {
  name                 = "services"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.20.0.0/23"]

  delegation {
    name = "containers"

    service_delegation {
      name    = "Microsoft.App/environments"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_subnet" "databases" {
  for_each = toset([for database in var.databases : database.engine])

  name                 = each.key
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = [each.key == "postgresql" ? "10.20.4.0/24" : "10.20.5.0/24"]

  delegation {
    name = each.key

    service_delegation {
      name    = each.key == "postgresql" ? "Microsoft.DBforPostgreSQL/flexibleServers" : "Microsoft.DBforMySQL/flexibleServers"
      actions = ["Microsoft.Network/virtualNetworks/subnets/join/action"]
    }
  }
}

resource "azurerm_subnet_network_security_group_association" "databases" {
  for_each = azurerm_subnet.databases

  subnet_id                 = each.value.id
  network_security_group_id = azurerm_network_security_group.inside.id
}

resource "azurerm_private_dns_zone" "databases" {
  for_each = azurerm_subnet.databases

  name                = each.key == "postgresql" ? "${var.name}.postgres.database.azure.com" : "${var.name}.mysql.database.azure.com"
  resource_group_name = azurerm_resource_group.main.name
  tags                = local.tags
}

resource "azurerm_private_dns_zone_virtual_network_link" "databases" {
  for_each = azurerm_private_dns_zone.databases

  name                  = each.key
  private_dns_zone_name = each.value.name
  resource_group_name   = azurerm_resource_group.main.name
  virtual_network_id    = azurerm_virtual_network.main.id
}

resource "random_password" "owner" {
  for_each = var.databases

  length  = 40
  special = false
}

resource "azurerm_postgresql_flexible_server" "main" {
  for_each = { for name, database in var.databases : name => database if database.engine == "postgresql" }

  name                          = "${var.name}-${each.key}"
  location                      = var.region
  resource_group_name           = azurerm_resource_group.main.name
  version                       = each.value.version
  sku_name                      = [for c in local.database_classes : c.postgresql if c.memory_mb >= each.value.memory_mb][0]
  storage_mb                    = [for step in local.disk_steps : step if step >= each.value.storage_gb * 1024][0]
  auto_grow_enabled             = true
  backup_retention_days         = 14
  geo_redundant_backup_enabled  = true
  public_network_access_enabled = false
  delegated_subnet_id           = azurerm_subnet.databases["postgresql"].id
  private_dns_zone_id           = azurerm_private_dns_zone.databases["postgresql"].id
  administrator_login           = "owner"
  administrator_password        = random_password.owner[each.key].result
  tags                          = local.tags

  # A standby in another zone, on classes that can have one.
  dynamic "high_availability" {
    for_each = each.value.standby && each.value.memory_mb > 4096 ? [1] : []

    content {
      mode = "ZoneRedundant"
    }
  }

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [zone, high_availability[0].standby_availability_zone]
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.databases]
}

resource "azurerm_mysql_flexible_server" "main" {
  for_each = { for name, database in var.databases : name => database if database.engine == "mysql" }

  name                         = "${var.name}-${each.key}"
  location                     = var.region
  resource_group_name          = azurerm_resource_group.main.name
  sku_name                     = [for c in local.database_classes : c.mysql if c.memory_mb >= each.value.memory_mb][0]
  backup_retention_days        = 14
  geo_redundant_backup_enabled = true
  delegated_subnet_id          = azurerm_subnet.databases["mysql"].id
  private_dns_zone_id          = azurerm_private_dns_zone.databases["mysql"].id
  administrator_login          = "owner"
  administrator_password       = random_password.owner[each.key].result
  tags                         = local.tags

  storage {
    size_gb           = each.value.storage_gb
    auto_grow_enabled = true
  }

  lifecycle {
    prevent_destroy = true
    ignore_changes  = [zone]
  }

  depends_on = [azurerm_private_dns_zone_virtual_network_link.databases]
}

resource "azurerm_redis_cache" "main" {
  for_each = var.caches

  name                          = "${var.name}-${each.key}"
  location                      = var.region
  resource_group_name           = azurerm_resource_group.main.name
  family                        = "C"
  sku_name                      = each.value.standby ? "Standard" : "Basic"
  capacity                      = each.value.memory_mb <= 1024 ? 1 : each.value.memory_mb <= 2560 ? 2 : each.value.memory_mb <= 6144 ? 3 : 4
  minimum_tls_version           = "1.2"
  non_ssl_port_enabled          = false
  public_network_access_enabled = false
  tags                          = local.tags

  redis_configuration {
    maxmemory_policy = each.value.evicts ? "allkeys-lru" : "noeviction"
  }
}

resource "azurerm_storage_account" "main" {
  for_each = var.buckets

  name                            = substr("${local.short}${replace(each.key, "-", "")}", 0, 24)
  location                        = var.region
  resource_group_name             = azurerm_resource_group.main.name
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  min_tls_version                 = "TLS1_2"
  https_traffic_only_enabled      = true
  allow_nested_items_to_be_public = false
  shared_access_key_enabled       = false
  public_network_access_enabled   = false
  tags                            = local.tags

  blob_properties {
    versioning_enabled = true

    delete_retention_policy {
      days = 30
    }
  }
}
