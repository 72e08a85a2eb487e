locals {
  # The collector beside each process takes traces, and asks for metrics: what sent them, too, would be counted twice.
  telemetry = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = "http://localhost:4318/v1/traces" }

  target_type = "ip"

  # The sizes that Fargate has, each with the memory it can go with.
  sizes = [
    { cpu = 256, memory = [512, 1024, 2048] },
    { cpu = 512, memory = [1024, 2048, 3072, 4096] },
    { cpu = 1024, memory = [2048, 3072, 4096, 5120, 6144, 7168, 8192] },
    { cpu = 2048, memory = [4096, 8192, 12288, 16384] },
    { cpu = 4096, memory = [8192, 16384, 24576, 30720] },
    { cpu = 8192, memory = [16384, 32768, 61440] },
    { cpu = 16384, memory = [32768, 65536, 122880] },
  ]

  # The smallest size with the processors and the memory of the design.
  size = {
    for name, service in var.services : name => concat(flatten([
      for size in local.sizes : [
        for memory in size.memory : { cpu = size.cpu, memory = memory }
        if size.cpu >= service.millicores && memory >= service.memory_mb
      ]
    ]), [{ cpu = 16384, memory = 122880 }])[0]
  }
}

resource "aws_ecs_cluster" "main" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "service" {
  # checkov:skip=CKV_AWS_338: addresses of people are kept for weeks, not for a year
  for_each = var.services

  name              = "/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.main.arn
}

locals {
  assume = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.here.account_id } }
    }]
  })
}

# What the platform does for a process before it starts: fetch the image, read its secrets, open its log.
resource "aws_iam_role" "start" {
  for_each = var.services

  name               = "${var.name}-${each.key}-start"
  assume_role_policy = local.assume
}

resource "aws_iam_role_policy" "start" {
  for_each = var.services

  name = "start"
  role = aws_iam_role.start[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = concat([aws_secretsmanager_secret.service[each.key].arn], aws_secretsmanager_secret.telemetry[*].arn)
      },
      {
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = aws_kms_key.main.arn
      },
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.service[each.key].arn}:*"
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
        Resource = "arn:aws:ecr:${var.region}:${data.aws_caller_identity.here.account_id}:repository/${var.name}/*"
      },
    ]
  })
}

# What a process may do itself.
resource "aws_iam_role" "service" {
  for_each = var.services

  name               = "${var.name}-${each.key}"
  assume_role_policy = local.assume
}

resource "aws_iam_role_policy" "service" {
  for_each = var.services

  name   = "own-data"
  role   = aws_iam_role.service[each.key].id
  policy = data.aws_iam_policy_document.service[each.key].json
}

# What the monitoring service wants in the header Authorization; its value is put in by hand.
resource "aws_secretsmanager_secret" "telemetry" {
  count = var.otlp_endpoint == "" ? 0 : 1

  name       = "${var.name}/telemetry"
  kms_key_id = aws_kms_key.main.arn
}

resource "aws_ecs_task_definition" "service" {
  for_each = var.services

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = local.size[each.key].cpu
  memory                   = local.size[each.key].memory
  execution_role_arn       = aws_iam_role.start[each.key].arn
  task_role_arn            = aws_iam_role.service[each.key].arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "ARM64"
  }

  container_definitions = jsonencode(concat([{
    name                   = each.key
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    user                   = "10001:10001"
    stopTimeout            = min(each.value.timeout_s + 5, 120)
    portMappings           = [{ containerPort = 8080, protocol = "tcp" }]
    environment            = [for key, value in local.settings[each.key] : { name = key, value = value }]
    # Every one of them must be in the secret before the first start.
    secrets         = [for key in each.value.secrets : { name = key, valueFrom = "${aws_secretsmanager_secret.service[each.key].arn}:${key}::" }]
    linuxParameters = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    mountPoints     = [{ sourceVolume = "scratch", containerPath = "/tmp", readOnly = false }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.service[each.key].name
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = "service"
        "mode"                  = "non-blocking"
      }
    }
    }], var.otlp_endpoint == "" ? [] : [{
    name                   = "collector"
    image                  = var.collector.image
    command                = ["--config=env:COLLECTOR_CONFIG"]
    essential              = false
    readonlyRootFilesystem = true
    user                   = "10001:10001"
    memoryReservation      = 128
    environment = [
      { name = "COLLECTOR_CONFIG", value = var.collector.configs[each.key] },
      { name = "TELEMETRY_URL", value = var.otlp_endpoint },
    ]
    secrets         = [{ name = "TELEMETRY_AUTHORIZATION", valueFrom = aws_secretsmanager_secret.telemetry[0].arn }]
    linuxParameters = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.service[each.key].name
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = "collector"
        "mode"                  = "non-blocking"
      }
    }
  }]))

  volume {
    name = "scratch"
  }
}

resource "aws_ecs_service" "service" {
  for_each = var.services

  name                   = each.key
  cluster                = aws_ecs_cluster.main.id
  task_definition        = aws_ecs_task_definition.service[each.key].arn
  desired_count          = each.value.copies
  launch_type            = "FARGATE"
  platform_version       = "LATEST"
  enable_execute_command = false
  propagate_tags         = "SERVICE"

  # Rolling: one new copy is ready before an old one goes. Restart: the old ones go first.
  deployment_minimum_healthy_percent = var.rollout == "restart" ? 0 : 100
  deployment_maximum_percent         = var.rollout == "restart" ? 100 : 100 + ceil(100 / max(each.value.copies, 1))

  deployment_controller {
    type = contains(["blue-green", "canary"], var.rollout) && each.value.answers ? "CODE_DEPLOY" : "ECS"
  }

  # Goes back by itself when the new one does not become healthy.
  dynamic "deployment_circuit_breaker" {
    for_each = contains(["blue-green", "canary"], var.rollout) && each.value.answers ? [] : [1]

    content {
      enable   = true
      rollback = true
    }
  }

  network_configuration {
    subnets          = [for subnet in aws_subnet.private : subnet.id]
    security_groups  = [aws_security_group.service.id]
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = each.value.answers ? [1] : []

    content {
      target_group_arn = aws_lb_target_group.main["${each.key}-a"].arn
      container_name   = each.key
      container_port   = 8080
    }
  }

  lifecycle {
    # The scaler and the releases change these.
    ignore_changes = [desired_count, task_definition, load_balancer]
  }

  depends_on = [aws_lb_listener.https]
}

resource "aws_appautoscaling_target" "service" {
  for_each = { for name, service in var.services : name => service if service.copies > 1 }

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${each.key}"
  min_capacity       = each.value.copies
  max_capacity       = each.value.most_copies

  depends_on = [aws_ecs_service.service]
}

resource "aws_appautoscaling_policy" "service" {
  for_each = aws_appautoscaling_target.service

  name               = "processors"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  scalable_dimension = each.value.scalable_dimension
  resource_id        = each.value.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

# Traffic moves at once with blue-green, a tenth first with canary, and back when an alarm rings.
resource "aws_iam_role" "release" {
  count = length(local.slots) > 1 ? 1 : 0

  name                = "${var.name}-release"
  managed_policy_arns = ["arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS"]

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codedeploy.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_codedeploy_app" "main" {
  count = length(local.slots) > 1 ? 1 : 0

  name             = var.name
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_group" "service" {
  for_each = length(local.slots) > 1 ? local.answering : {}

  app_name               = aws_codedeploy_app.main[0].name
  deployment_group_name  = each.key
  service_role_arn       = aws_iam_role.release[0].arn
  deployment_config_name = var.rollout == "canary" ? "CodeDeployDefault.ECSCanary10Percent15Minutes" : "CodeDeployDefault.ECSAllAtOnce"

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
  }

  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }

    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = 60
    }
  }

  ecs_service {
    cluster_name = aws_ecs_cluster.main.name
    service_name = aws_ecs_service.service[each.key].name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [aws_lb_listener.https.arn]
      }

      target_group {
        name = aws_lb_target_group.main["${each.key}-a"].name
      }

      target_group {
        name = aws_lb_target_group.main["${each.key}-b"].name
      }
    }
  }
}
