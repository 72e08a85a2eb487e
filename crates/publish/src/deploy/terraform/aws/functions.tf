locals {
  telemetry = { OTEL_EXPORTER_OTLP_ENDPOINT = var.otlp_endpoint }

  # Nothing stands before functions.
  distribution_arns = []
  files_at_edge     = {}

  # Lambda gives a processor for every 1,769 MB.
  function_memory = { for name, service in var.services : name => max(128, min(10240, max(service.memory_mb, ceil(service.millicores * 1.769)))) }
  answering       = { for name, service in var.services : name => service if service.answers }
}

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_338: addresses of people are kept for weeks, not for a year
  for_each = var.services

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_iam_role" "function" {
  for_each = var.services

  name = "${var.name}-${each.key}"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "function_network" {
  for_each = var.services

  role       = aws_iam_role.function[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}

resource "aws_iam_role_policy" "function" {
  for_each = var.services

  name   = "own-data"
  role   = aws_iam_role.function[each.key].id
  policy = data.aws_iam_policy_document.service[each.key].json
}

resource "aws_sqs_queue" "function_failed" {
  for_each = var.services

  name                              = "${var.name}-${each.key}-undelivered"
  kms_master_key_id                 = aws_kms_key.main.id
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 1209600
}

resource "aws_iam_role_policy" "function_failed" {
  for_each = var.services

  name = "undelivered"
  role = aws_iam_role.function[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = aws_sqs_queue.function_failed[each.key].arn
    }]
  })
}

# A function has no other place for them than its environment, which is encrypted with the key of this system.
variable "secret_values" {
  description = "The secrets of each process by name, from the pipeline: { app = { DATABASE_URL = \"...\" } }. They are in the state, too."
  type        = map(map(string))
  sensitive   = true
  default     = {}
}

resource "aws_lambda_function" "service" {
  for_each = var.services

  function_name                  = "${var.name}-${each.key}"
  role                           = aws_iam_role.function[each.key].arn
  package_type                   = "Image"
  image_uri                      = var.image
  architectures                  = ["arm64"]
  memory_size                    = local.function_memory[each.key]
  timeout                        = min(each.value.timeout_s, 900)
  reserved_concurrent_executions = each.value.most_copies
  kms_key_arn                    = aws_kms_key.main.arn
  publish                        = true

  environment {
    variables = merge(local.settings[each.key], { for key in each.value.secrets : key => lookup(lookup(var.secret_values, each.key, {}), key, "") })
  }

  vpc_config {
    subnet_ids         = [for subnet in aws_subnet.private : subnet.id]
    security_group_ids = [aws_security_group.service.id]
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.function_failed[each.key].arn
  }

  tracing_config {
    mode = "Active"
  }

  depends_on = [aws_cloudwatch_log_group.function]
}

# Callers use the alias: a release moves it, at once or a share at a time.
resource "aws_lambda_alias" "live" {
  for_each = var.services

  name             = "live"
  function_name    = aws_lambda_function.service[each.key].function_name
  function_version = aws_lambda_function.service[each.key].version

  lifecycle {
    ignore_changes = [function_version, routing_config]
  }
}

resource "aws_apigatewayv2_api" "main" {
  count = length(local.answering) > 0 ? 1 : 0

  name          = var.name
  protocol_type = "HTTP"
}

resource "aws_cloudwatch_log_group" "gateway" {
  # checkov:skip=CKV_AWS_338: addresses of people are kept for weeks, not for a year
  name              = "/${var.name}/gateway"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_apigatewayv2_stage" "live" {
  count = length(local.answering) > 0 ? 1 : 0

  api_id      = aws_apigatewayv2_api.main[0].id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.gateway.arn
    format          = jsonencode({ request = "$context.requestId", status = "$context.status", latency = "$context.responseLatency", route = "$context.routeKey" })
  }

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_burst_limit   = 500
    throttling_rate_limit    = 200
  }
}

resource "aws_apigatewayv2_integration" "service" {
  for_each = local.answering

  api_id                 = aws_apigatewayv2_api.main[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_alias.live[each.key].invoke_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = min(each.value.timeout_s * 1000, 29000)
}

# Tokens are checked by the service itself, which knows which operations need one.
resource "aws_apigatewayv2_route" "service" {
  for_each = local.answering

  api_id             = aws_apigatewayv2_api.main[0].id
  route_key          = length(local.answering) == 1 ? "$default" : "ANY /${each.key}/{proxy+}"
  target             = "integrations/${aws_apigatewayv2_integration.service[each.key].id}"
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "gateway" {
  for_each = local.answering

  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.service[each.key].function_name
  qualifier     = aws_lambda_alias.live[each.key].name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.main[0].execution_arn}/*/*"
}

output "address" {
  description = "Where callers are sent."
  value       = [for api in aws_apigatewayv2_api.main : api.api_endpoint]
}
