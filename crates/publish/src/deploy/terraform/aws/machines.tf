locals {
  telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint }

  target_type = "instance"

  # The smallest type with the memory of the design, MB.
  machine_types = [
    { memory_mb = 2048, type = "t4g.small" },
    { memory_mb = 4096, type = "t4g.medium" },
    { memory_mb = 8192, type = "m8g.large" },
    { memory_mb = 16384, type = "m8g.xlarge" },
    { memory_mb = 32768, type = "m8g.2xlarge" },
    { memory_mb = 65536, type = "m8g.4xlarge" },
    { memory_mb = 4000000, type = "m8g.12xlarge" },
  ]
}

data "aws_ssm_parameter" "image" {
  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
}

resource "aws_iam_role" "machine" {
  for_each = var.services

  name                = "${var.name}-${each.key}"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"]

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "machine" {
  for_each = var.services

  name   = "own-data"
  role   = aws_iam_role.machine[each.key].id
  policy = data.aws_iam_policy_document.service[each.key].json
}

# A machine reads the secret of its process when it starts.
resource "aws_iam_role_policy" "machine_secret" {
  for_each = var.services

  name = "own-secret"
  role = aws_iam_role.machine[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = aws_secretsmanager_secret.service[each.key].arn
    }]
  })
}

resource "aws_iam_instance_profile" "machine" {
  for_each = var.services

  name = "${var.name}-${each.key}"
  role = aws_iam_role.machine[each.key].name
}

resource "aws_launch_template" "machine" {
  for_each = var.services

  name_prefix            = "${var.name}-${each.key}-"
  image_id               = data.aws_ssm_parameter.image.value
  instance_type          = [for t in local.machine_types : t.type if t.memory_mb >= each.value.memory_mb][0]
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.service.id]

  iam_instance_profile {
    arn = aws_iam_instance_profile.machine[each.key].arn
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size = 30
      volume_type = "gp3"
      encrypted   = true
      kms_key_id  = aws_kms_key.main.arn
    }
  }

  user_data = base64encode(join("\n", concat(
    [
      "#!/bin/sh",
      "set -eu",
      "dnf install --assumeyes docker",
      "systemctl enable --now docker",
      "install --directory --mode 0700 /etc/${var.name}",
      "cat > /etc/${var.name}/service.env <<'SETTINGS'",
    ],
    [for key, value in local.settings[each.key] : "${key}=${value}"],
    [
      "SETTINGS",
      # Every name of the list must be in the secret before the first start.
      "aws secretsmanager get-secret-value --region ${var.region} --secret-id ${aws_secretsmanager_secret.service[each.key].name} --query SecretString --output text | python3 -c 'import json, sys; values = json.load(sys.stdin); [print(name + \"=\" + values[name].replace(chr(10), chr(92) + \"n\")) for name in \"${join(" ", each.value.secrets)}\".split()]' >> /etc/${var.name}/service.env",
      "chmod 0600 /etc/${var.name}/service.env",
      "docker run --detach --restart always --name service --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --user 10001:10001 --pids-limit 400 --memory ${each.value.memory_mb}m --env-file /etc/${var.name}/service.env --publish 8080:8080 ${var.image}",
    ],
  )))
}

resource "aws_autoscaling_group" "service" {
  for_each = var.services

  name                      = "${var.name}-${each.key}"
  min_size                  = each.value.copies
  max_size                  = each.value.most_copies
  vpc_zone_identifier       = [for subnet in aws_subnet.private : subnet.id]
  target_group_arns         = each.value.answers ? [aws_lb_target_group.main["${each.key}-a"].arn] : []
  health_check_type         = each.value.answers ? "ELB" : "EC2"
  health_check_grace_period = 120

  launch_template {
    id      = aws_launch_template.machine[each.key].id
    version = aws_launch_template.machine[each.key].latest_version
  }

  # A new machine is ready before an old one goes, and a release that does not become healthy is taken back.
  instance_refresh {
    strategy = "Rolling"

    preferences {
      min_healthy_percentage = var.rollout == "restart" ? 0 : 100
      max_healthy_percentage = var.rollout == "restart" ? 100 : 200
      auto_rollback          = true
      instance_warmup        = 60
    }
  }

  tag {
    key                 = "Name"
    value               = "${var.name}-${each.key}"
    propagate_at_launch = true
  }
}

resource "aws_autoscaling_policy" "service" {
  for_each = { for name, service in var.services : name => service if service.copies > 1 }

  name                   = "processors"
  autoscaling_group_name = aws_autoscaling_group.service[each.key].name
  policy_type            = "TargetTrackingScaling"

  target_tracking_configuration {
    target_value = 60

    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
  }
}
