locals {
  labels = { system = var.name, managed_by = "terraform" }

  # The smallest type with the memory of the design, MB.
  machine_types = [
    { memory_mb = 4096, type = "cx23" },
    { memory_mb = 8192, type = "cx33" },
    { memory_mb = 16384, type = "cx43" },
    { memory_mb = 32768, type = "cx53" },
    { memory_mb = 65536, type = "ccx43" },
    { memory_mb = 4000000, type = "ccx63" },
  ]

  machines = merge([
    for name, service in var.services : {
      for n in range(service.copies) : "${name}-${n + 1}" => { service = name, memory_mb = service.memory_mb }
    }
  ]...)
  stores = merge([
    for name, database in var.databases : {
      for n in range(1 + (database.standby ? 1 : 0) + database.read_replicas) : "${name}-${n + 1}" => database
    }
  ]...)
  balanced = var.certificate_id != null

  # Outside Europe each location has a zone of its own.
  network_zone = lookup({ ash = "us-east", hil = "us-west", sin = "ap-southeast" }, var.region, "eu-central")
}

resource "hcloud_network" "main" {
  name     = var.name
  ip_range = "10.20.0.0/16"
  labels   = local.labels
}

resource "hcloud_network_subnet" "main" {
  network_id   = hcloud_network.main.id
  type         = "cloud"
  network_zone = local.network_zone
  ip_range     = "10.20.1.0/24"
}

# From outside nothing but administrators: callers come over the balancer and the private network.
resource "hcloud_firewall" "inside" {
  name   = "${var.name}-inside"
  labels = local.labels

  dynamic "rule" {
    for_each = length(var.administrators) > 0 ? [1] : []

    content {
      direction  = "in"
      protocol   = "tcp"
      port       = "22"
      source_ips = var.administrators
    }
  }

  # Without a balancer the machine itself answers.
  dynamic "rule" {
    for_each = local.balanced ? [] : ["80", "443"]

    content {
      direction  = "in"
      protocol   = "tcp"
      port       = rule.value
      source_ips = ["0.0.0.0/0", "::/0"]
    }
  }
}

# Machines of one process never share a host.
resource "hcloud_placement_group" "service" {
  for_each = var.services

  name   = "${var.name}-${each.key}"
  type   = "spread"
  labels = local.labels
}

resource "hcloud_server" "service" {
  for_each = local.machines

  name               = "${var.name}-${each.key}"
  image              = "debian-13"
  server_type        = [for t in local.machine_types : t.type if t.memory_mb >= each.value.memory_mb][0]
  location           = var.region
  ssh_keys           = var.ssh_keys
  firewall_ids       = [hcloud_firewall.inside.id]
  placement_group_id = hcloud_placement_group.service[each.value.service].id
  backups            = false
  delete_protection  = true
  rebuild_protection = true
  labels             = merge(local.labels, { service = each.value.service })

  network {
    network_id = hcloud_network.main.id
  }

  # The files of this folder are put on the machine by the release; here is what they need.
  user_data = <<-CLOUD
    #cloud-config
    package_update: true
    package_upgrade: true
    packages: [docker.io, docker-compose-v2, unattended-upgrades]
    ssh_pwauth: false
    disable_root: false
    write_files:
      - path: /etc/ssh/sshd_config.d/10-keys-only.conf
        content: |
          PasswordAuthentication no
          PermitRootLogin prohibit-password
    runcmd:
      - systemctl enable --now docker
      - systemctl restart ssh
  CLOUD

  depends_on = [hcloud_network_subnet.main]

  lifecycle {
    ignore_changes = [user_data, ssh_keys, image]
  }
}

# Stores the team runs itself: a machine for the primary, one for each standby and reader.
resource "hcloud_server" "store" {
  for_each = local.stores

  name               = "${var.name}-${each.key}"
  image              = "debian-13"
  server_type        = [for t in local.machine_types : t.type if t.memory_mb >= each.value.memory_mb][0]
  location           = var.region
  ssh_keys           = var.ssh_keys
  firewall_ids       = [hcloud_firewall.inside.id]
  backups            = true
  delete_protection  = true
  rebuild_protection = true
  labels             = local.labels

  network {
    network_id = hcloud_network.main.id
  }

  depends_on = [hcloud_network_subnet.main]

  lifecycle {
    ignore_changes = [ssh_keys, image]
  }
}

resource "hcloud_volume" "store" {
  for_each = local.stores

  name              = "${var.name}-${each.key}"
  size              = max(10, each.value.storage_gb)
  server_id         = hcloud_server.store[each.key].id
  format            = "ext4"
  automount         = true
  delete_protection = true
  labels            = local.labels
}

resource "hcloud_load_balancer" "main" {
  count = local.balanced ? 1 : 0

  name               = var.name
  load_balancer_type = "lb11"
  location           = var.region
  delete_protection  = true
  labels             = local.labels
}

resource "hcloud_load_balancer_network" "main" {
  count = local.balanced ? 1 : 0

  load_balancer_id = hcloud_load_balancer.main[0].id
  network_id       = hcloud_network.main.id
}

resource "hcloud_load_balancer_target" "service" {
  for_each = { for name, service in var.services : name => service if service.answers && local.balanced }

  type             = "label_selector"
  load_balancer_id = hcloud_load_balancer.main[0].id
  label_selector   = "system=${var.name},service=${each.key}"
  use_private_ip   = true

  depends_on = [hcloud_load_balancer_network.main]
}

resource "hcloud_load_balancer_service" "https" {
  count = local.balanced ? 1 : 0

  load_balancer_id = hcloud_load_balancer.main[0].id
  protocol         = "https"
  listen_port      = 443
  destination_port = 8080

  http {
    certificates  = [var.certificate_id]
    redirect_http = true
  }

  health_check {
    protocol = "http"
    port     = 8080
    interval = 10
    timeout  = 3
    retries  = 3

    http {
      path         = "/livez"
      status_codes = ["200"]
    }
  }
}

output "machines" {
  description = "Private addresses of the machines."
  value       = { for name, server in hcloud_server.service : name => [for n in server.network : n.ip] }
}
