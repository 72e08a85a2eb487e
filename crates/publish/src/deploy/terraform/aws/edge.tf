# The content delivery network before the balancer and the stores of files, with a firewall for web requests. Both are
# made in us-east-1, where this provider keeps what is for the whole world; their logs stay in the region of the design.
provider "aws" {
  alias  = "edge"
  region = "us-east-1"

  default_tags {
    tags = {
      system     = var.name
      managed_by = "terraform"
    }
  }
}

variable "edge" {
  description = "What the edge does, from the blueprint and the capacity model."
  type = object({
    # Requests that one address may send in five minutes.
    address_limit = number
    # Paths whose answers are the same for everybody, and of those below them the ones that are not.
    cached     = list(string)
    not_cached = list(string)
  })
}

variable "hosts" {
  type        = list(string)
  description = "Host names that callers use, such as api.example.com. The certificate of the balancer must have them, too."
}

variable "edge_certificate_arn" {
  type        = string
  description = "Certificate of the host names that callers use, in us-east-1."
}

variable "files_public_key" {
  type        = string
  description = "Public half of the RSA key of 2048 bits by which processes sign links to files, as PEM; the private half is in their secret."
  default     = ""

  validation {
    condition     = length(var.buckets) == 0 || startswith(var.files_public_key, "-----BEGIN PUBLIC KEY-----")
    error_message = "Files pass through the network: it needs the public key by which it checks their links."
  }
}

locals {
  behind_edge       = true
  distribution_arns = [aws_cloudfront_distribution.main.arn]

  # Where a process finds what it signs links for.
  files_at_edge = {
    for bucket in var.buckets : bucket => { EDGE_URL = "https://${var.hosts[0]}/${bucket}/", EDGE_KEY_ID = aws_cloudfront_public_key.files[0].id }
  }

  # The first that fits a path counts.
  behaviors = concat(
    [for path in var.edge.not_cached : { path = path, cached = false }],
    [for path in var.edge.cached : { path = path, cached = true }],
  )
  reading = ["GET", "HEAD", "OPTIONS"]
  writing = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
}

# The balancer has no address in the internet: the network reaches it from inside, and nothing goes around it.
resource "aws_cloudfront_vpc_origin" "balancer" {
  vpc_origin_endpoint_config {
    name                   = var.name
    arn                    = aws_lb.main.arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "https-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }

  depends_on = [aws_internet_gateway.main]
}

data "aws_ec2_managed_prefix_list" "edge" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  security_group_id = aws_security_group.balancer.id
  description       = "HTTPS from the content delivery network"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.edge.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

data "aws_cloudfront_cache_policy" "none" {
  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_origin_request_policy" "all" {
  name = "Managed-AllViewer"
}

# An answer is kept for as long as its Cache-Control says, and not at all where it says nothing.
resource "aws_cloudfront_cache_policy" "public" {
  name        = "${var.name}-public"
  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 86400

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "whitelist"

      headers {
        items = ["Host", "Origin"]
      }
    }

    query_strings_config {
      query_string_behavior = "all"
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "main" {
  name = var.name

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = true
      override                   = false
    }

    content_type_options {
      override = true
    }
  }
}

# Files are kept for as long as their Cache-Control says, and for a day whatever it says: what lies under a name is never
# changed, and the signature is checked before.
resource "aws_cloudfront_cache_policy" "files" {
  count = length(var.buckets) > 0 ? 1 : 0

  name        = "${var.name}-files"
  min_ttl     = 86400
  default_ttl = 86400
  max_ttl     = 31536000

  parameters_in_cache_key_and_forwarded_to_origin {
    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    # The network reads the signature itself; nothing else of the query tells files apart.
    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

data "aws_cloudfront_origin_request_policy" "origins" {
  name = "Managed-CORS-S3Origin"
}

resource "aws_cloudfront_origin_access_control" "files" {
  count = length(var.buckets) > 0 ? 1 : 0

  name                              = "${var.name}-files"
  description                       = "The network reads the stores of files with an identity of its own"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_public_key" "files" {
  count = length(var.buckets) > 0 ? 1 : 0

  name_prefix = "${var.name}-files-"
  comment     = "Checks links to files"
  encoded_key = var.files_public_key

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudfront_key_group" "files" {
  count = length(var.buckets) > 0 ? 1 : 0

  name  = "${var.name}-files"
  items = [aws_cloudfront_public_key.files[0].id]
}

# The network may read what lies below the name of the store, and nothing else in it.
resource "aws_s3_bucket_policy" "files" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Edge"
      Effect    = "Allow"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Action    = ["s3:GetObject"]
      Resource  = "${each.value.arn}/${each.key}/*"
      Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.main.arn } }
    }]
  })
}

resource "aws_cloudfront_distribution" "main" {
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  comment         = var.name
  aliases         = var.hosts
  web_acl_id      = aws_wafv2_web_acl.edge.arn

  origin {
    origin_id   = "balancer"
    domain_name = aws_lb.main.dns_name

    vpc_origin_config {
      vpc_origin_id            = aws_cloudfront_vpc_origin.balancer.id
      origin_keepalive_timeout = 30
      origin_read_timeout      = min(60, max([for service in local.answering : service.timeout_s]...))
    }
  }

  dynamic "origin" {
    for_each = aws_s3_bucket.main

    content {
      origin_id                = "files-${origin.key}"
      domain_name              = origin.value.bucket_regional_domain_name
      origin_access_control_id = aws_cloudfront_origin_access_control.files[0].id
    }
  }

  # What is for one caller passes through with all that the caller sent.
  default_cache_behavior {
    target_origin_id           = "balancer"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = local.writing
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.main.id
    compress                   = true
  }

  # Files are read by signed links only. Whether a link holds, the network decides without asking anybody.
  dynamic "ordered_cache_behavior" {
    for_each = var.buckets

    content {
      path_pattern               = "/${ordered_cache_behavior.value}/*"
      target_origin_id           = "files-${ordered_cache_behavior.value}"
      viewer_protocol_policy     = "https-only"
      allowed_methods            = local.reading
      cached_methods             = ["GET", "HEAD"]
      cache_policy_id            = aws_cloudfront_cache_policy.files[0].id
      origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.origins.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.main.id
      trusted_key_groups         = [aws_cloudfront_key_group.files[0].id]
      compress                   = false
    }
  }

  # Where answers are kept, neither tokens nor cookies are passed on: what is kept is what a stranger may see.
  dynamic "ordered_cache_behavior" {
    for_each = local.behaviors

    content {
      path_pattern               = ordered_cache_behavior.value.path
      target_origin_id           = "balancer"
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = ordered_cache_behavior.value.cached ? local.reading : local.writing
      cached_methods             = ["GET", "HEAD"]
      cache_policy_id            = ordered_cache_behavior.value.cached ? aws_cloudfront_cache_policy.public.id : data.aws_cloudfront_cache_policy.none.id
      origin_request_policy_id   = ordered_cache_behavior.value.cached ? null : data.aws_cloudfront_origin_request_policy.all.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.main.id
      compress                   = true
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.edge_certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}

resource "aws_wafv2_web_acl" "edge" {
  provider = aws.edge

  name        = var.name
  description = "Requests from the internet"
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  # One address may not take what is left of the capacity at the peak.
  rule {
    name     = "address-limit"
    priority = 0

    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.edge.address_limit
        aggregate_key_type    = "IP"
        evaluation_window_sec = 300
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "address-limit"
    }
  }

  rule {
    name     = "AWSManagedRulesAmazonIpReputationList"
    priority = 10

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesAmazonIpReputationList"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "AWSManagedRulesAmazonIpReputationList"
    }
  }

  rule {
    name     = "AWSManagedRulesKnownBadInputsRuleSet"
    priority = 20

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesKnownBadInputsRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "AWSManagedRulesKnownBadInputsRuleSet"
    }
  }

  rule {
    name     = "AWSManagedRulesCommonRuleSet"
    priority = 30

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesCommonRuleSet"

        # The service has its own limit for the size of a body, which is larger than 8 kB.
        rule_action_override {
          name = "SizeRestrictions_BODY"

          action_to_use {
            count {}
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "AWSManagedRulesCommonRuleSet"
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
    metric_name                = var.name
  }
}

# Logs at the edge hold addresses of people: they stay in the region of the design, for weeks.
resource "aws_kms_key" "edge" {
  description             = "Logs at the edge of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.here.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.here.account_id } }
      },
    ]
  })
}

# The names that the firewall may write to begin so.
resource "aws_s3_bucket" "edge_log" {
  bucket_prefix = "aws-waf-logs-${substr(var.name, 0, 20)}-"
}

resource "aws_s3_bucket_public_access_block" "edge_log" {
  bucket                  = aws_s3_bucket.edge_log.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "edge_log" {
  bucket = aws_s3_bucket.edge_log.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.edge.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "edge_log" {
  bucket = aws_s3_bucket.edge_log.id

  rule {
    id     = "old"
    status = "Enabled"

    filter {}

    expiration {
      days = var.log_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "edge_log" {
  bucket = aws_s3_bucket.edge_log.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Write"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${aws_s3_bucket.edge_log.arn}/*"
        Condition = {
          StringEquals = { "s3:x-amz-acl" = "bucket-owner-full-control", "aws:SourceAccount" = data.aws_caller_identity.here.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:aws:logs:us-east-1:${data.aws_caller_identity.here.account_id}:*" }
        }
      },
      {
        Sid       = "Look"
        Effect    = "Allow"
        Principal = { Service = "delivery.logs.amazonaws.com" }
        Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
        Resource  = aws_s3_bucket.edge_log.arn
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.here.account_id } }
      },
    ]
  })
}

resource "aws_wafv2_web_acl_logging_configuration" "edge" {
  provider = aws.edge

  resource_arn            = aws_wafv2_web_acl.edge.arn
  log_destination_configs = [aws_s3_bucket.edge_log.arn]
  depends_on              = [aws_s3_bucket_policy.edge_log]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  # What was let through is in the log of the network.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}

resource "aws_cloudwatch_log_delivery_source" "edge" {
  provider = aws.edge

  name         = "${var.name}-edge"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.main.arn
}

resource "aws_cloudwatch_log_delivery_destination" "edge" {
  provider = aws.edge

  name          = "${var.name}-edge"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_s3_bucket.edge_log.arn
  }
}

resource "aws_cloudwatch_log_delivery" "edge" {
  provider = aws.edge

  delivery_source_name     = aws_cloudwatch_log_delivery_source.edge.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.edge.arn
  depends_on               = [aws_s3_bucket_policy.edge_log]

  # Neither cookies nor the signature of a link: what is left says who asked for what, and when.
  record_fields = [
    "date", "time", "x-edge-location", "sc-bytes", "c-ip", "cs-method", "cs(Host)", "cs-uri-stem", "sc-status",
    "cs(User-Agent)", "x-edge-result-type", "x-edge-request-id", "cs-protocol", "cs-bytes", "time-taken",
    "x-edge-response-result-type", "cs-protocol-version", "time-to-first-byte", "x-edge-detailed-result-type",
    "sc-content-type", "sc-content-len",
  ]

  s3_delivery_configuration {
    suffix_path = "/network/{yyyy}/{MM}/{dd}"
  }
}

output "address" {
  description = "Where callers are sent: point the host names here."
  value       = aws_cloudfront_distribution.main.domain_name
}
