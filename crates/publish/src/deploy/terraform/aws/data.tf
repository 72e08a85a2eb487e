locals {
  ports = { postgresql = 5432, mysql = 3306 }

  # Classes from small to large: the first with the processors and the memory of the design is taken.
  database_classes = [
    { millicores = 2000, memory_mb = 4096, class = "db.t4g.medium" },
    { millicores = 2000, memory_mb = 8192, class = "db.t4g.large" },
    { millicores = 2000, memory_mb = 16384, class = "db.r8g.large" },
    { millicores = 4000, memory_mb = 16384, class = "db.m8g.xlarge" },
    { millicores = 4000, memory_mb = 32768, class = "db.r8g.xlarge" },
    { millicores = 8000, memory_mb = 32768, class = "db.m8g.2xlarge" },
    { millicores = 8000, memory_mb = 65536, class = "db.r8g.2xlarge" },
    { millicores = 16000, memory_mb = 65536, class = "db.m8g.4xlarge" },
    { millicores = 16000, memory_mb = 131072, class = "db.r8g.4xlarge" },
    { millicores = 32000, memory_mb = 131072, class = "db.m8g.8xlarge" },
    { millicores = 32000, memory_mb = 262144, class = "db.r8g.8xlarge" },
    { millicores = 48000, memory_mb = 196608, class = "db.m8g.12xlarge" },
    { millicores = 48000, memory_mb = 393216, class = "db.r8g.12xlarge" },
    { millicores = 64000, memory_mb = 262144, class = "db.m8g.16xlarge" },
    { millicores = 64000, memory_mb = 524288, class = "db.r8g.16xlarge" },
    { millicores = 96000, memory_mb = 786432, class = "db.r8g.24xlarge" },
  ]
  database_class = {
    for name, database in var.databases : name => concat([
      for c in local.database_classes : c.class if c.millicores >= database.millicores && c.memory_mb >= database.memory_mb
    ], ["db.r8g.24xlarge"])[0]
  }
  cache_classes = [
    { memory_mb = 1400, class = "cache.t4g.small" },
    { memory_mb = 3100, class = "cache.t4g.medium" },
    { memory_mb = 6380, class = "cache.m7g.large" },
    { memory_mb = 13000, class = "cache.r7g.large" },
    { memory_mb = 26000, class = "cache.r7g.xlarge" },
    { memory_mb = 4000000, class = "cache.r7g.4xlarge" },
  ]

  # What a process must know of what this module makes.
  settings = {
    for name, service in var.services : name => merge(
      service.environment,
      { for name, value in { AUTH_ISSUER = var.auth_issuer, AUTH_AUDIENCE = var.auth_audience } : name => value if var.tokens },
      var.otlp_endpoint == "" ? {} : local.telemetry,
      { for bucket in var.buckets : "${upper(replace(bucket, "-", "_"))}_BUCKET" => aws_s3_bucket.main[bucket].id if contains(service.reaches, bucket) },
      merge({}, [
        for bucket, found in local.files_at_edge : { for name, value in found : "${upper(replace(bucket, "-", "_"))}_${name}" => value } if contains(service.reaches, bucket)
      ]...),
    )
  }

  replicas = merge([
    for name, database in var.databases : {
      for n in range(database.read_replicas) : "${name}-read-${n + 1}" => name
    }
  ]...)
}

resource "aws_db_subnet_group" "main" {
  count = length(var.databases) > 0 ? 1 : 0

  name       = var.name
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}

resource "aws_security_group" "database" {
  for_each = var.databases

  name        = "${var.name}-${each.key}"
  description = "Callers of ${each.key}"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  for_each = var.databases

  security_group_id            = aws_security_group.database[each.key].id
  description                  = "The product's own processes"
  referenced_security_group_id = aws_security_group.service.id
  ip_protocol                  = "tcp"
  from_port                    = local.ports[each.value.engine]
  to_port                      = local.ports[each.value.engine]
}

resource "aws_vpc_security_group_egress_rule" "database" {
  for_each = var.databases

  security_group_id            = aws_security_group.service.id
  description                  = "To ${each.key}"
  referenced_security_group_id = aws_security_group.database[each.key].id
  ip_protocol                  = "tcp"
  from_port                    = local.ports[each.value.engine]
  to_port                      = local.ports[each.value.engine]
}

resource "aws_db_parameter_group" "main" {
  for_each = var.databases

  name   = "${var.name}-${each.key}"
  family = each.value.engine == "postgresql" ? "postgres${each.value.version}" : "mysql${each.value.version}"

  # No connection without encryption, and slow statements in the log.
  dynamic "parameter" {
    for_each = each.value.engine == "postgresql" ? { "rds.force_ssl" = "1", log_min_duration_statement = "500", log_statement = "ddl" } : { require_secure_transport = "ON", slow_query_log = "1", long_query_time = "0.5" }

    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

resource "aws_iam_role" "database_monitoring" {
  count = length(var.databases) > 0 ? 1 : 0

  name                = "${var.name}-database-monitoring"
  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"]

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_db_instance" "main" {
  for_each = var.databases

  identifier     = "${var.name}-${each.key}"
  engine         = each.value.engine == "postgresql" ? "postgres" : "mysql"
  engine_version = each.value.version
  instance_class = local.database_class[each.key]

  # From 400 GB on a volume has 12,000 operations a second instead of 3,000: what is just below begins there.
  allocated_storage     = each.value.storage_gb >= 360 && each.value.storage_gb < 400 ? 400 : each.value.storage_gb
  max_allocated_storage = each.value.most_storage_gb # grows by itself up to here, and never back
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = aws_kms_key.main.arn

  db_name                             = "app"
  username                            = "owner"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.main.arn
  iam_database_authentication_enabled = true
  parameter_group_name                = aws_db_parameter_group.main[each.key].name

  multi_az               = each.value.standby
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.main[0].name
  vpc_security_group_ids = [aws_security_group.database[each.key].id]

  backup_retention_period         = var.backup_days
  copy_tags_to_snapshot           = true
  deletion_protection             = true
  skip_final_snapshot             = false
  final_snapshot_identifier       = "${var.name}-${each.key}-final"
  auto_minor_version_upgrade      = true
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.main.arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.database_monitoring[0].arn
  enabled_cloudwatch_logs_exports = each.value.engine == "postgresql" ? ["postgresql", "upgrade"] : ["error", "slowquery"]
}

resource "aws_db_instance" "read" {
  for_each = local.replicas

  identifier                      = "${var.name}-${each.key}"
  replicate_source_db             = aws_db_instance.main[each.value].identifier
  instance_class                  = aws_db_instance.main[each.value].instance_class
  storage_encrypted               = true
  kms_key_id                      = aws_kms_key.main.arn
  publicly_accessible             = false
  vpc_security_group_ids          = [aws_security_group.database[each.value].id]
  auto_minor_version_upgrade      = true
  copy_tags_to_snapshot           = true
  deletion_protection             = true
  skip_final_snapshot             = true
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.main.arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.database_monitoring[0].arn
}

output "read_addresses" {
  description = "Copies that answer reads, by name: for a pool of its own beside that of the primary, for reads that may be a moment old. Never for who may do what."
  value       = { for name, copy in aws_db_instance.read : name => copy.address }
}

resource "aws_elasticache_subnet_group" "main" {
  count = length(var.caches) > 0 ? 1 : 0

  name       = var.name
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}

resource "aws_security_group" "cache" {
  for_each = var.caches

  name        = "${var.name}-${each.key}"
  description = "Callers of ${each.key}"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "cache" {
  for_each = var.caches

  security_group_id            = aws_security_group.cache[each.key].id
  description                  = "The product's own processes"
  referenced_security_group_id = aws_security_group.service.id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_vpc_security_group_egress_rule" "cache" {
  for_each = var.caches

  security_group_id            = aws_security_group.service.id
  description                  = "To ${each.key}"
  referenced_security_group_id = aws_security_group.cache[each.key].id
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_elasticache_parameter_group" "main" {
  for_each = var.caches

  name   = "${var.name}-${each.key}"
  family = "valkey8"

  # A queue that evicts loses work.
  parameter {
    name  = "maxmemory-policy"
    value = each.value.evicts ? "allkeys-lru" : "noeviction"
  }
}

resource "aws_elasticache_replication_group" "main" {
  for_each = var.caches

  replication_group_id       = "${var.name}-${each.key}"
  description                = "${each.key} of ${var.name}"
  engine                     = "valkey"
  parameter_group_name       = aws_elasticache_parameter_group.main[each.key].name
  node_type                  = [for c in local.cache_classes : c.class if c.memory_mb >= each.value.memory_mb][0]
  num_cache_clusters         = each.value.standby ? 2 : 1
  automatic_failover_enabled = each.value.standby
  multi_az_enabled           = each.value.standby
  subnet_group_name          = aws_elasticache_subnet_group.main[0].name
  security_group_ids         = [aws_security_group.cache[each.key].id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  kms_key_id                 = aws_kms_key.main.arn
  snapshot_retention_limit   = each.value.evicts ? 0 : 7
}

resource "aws_sqs_queue" "failed" {
  for_each = var.queues

  name                              = "${var.name}-${each.key}-failed"
  kms_master_key_id                 = aws_kms_key.main.id
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 1209600
}

resource "aws_sqs_queue" "main" {
  for_each = var.queues

  name                              = "${var.name}-${each.key}"
  kms_master_key_id                 = aws_kms_key.main.id
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 345600
  visibility_timeout_seconds        = 300
  receive_wait_time_seconds         = 20

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed[each.key].arn
    maxReceiveCount     = 5
  })
}

resource "aws_dynamodb_table" "main" {
  for_each = var.tables

  name                        = "${var.name}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "pk"
  range_key                   = "sk"
  deletion_protection_enabled = true

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.main.arn
  }
}

resource "aws_s3_bucket" "main" {
  for_each = var.buckets

  bucket_prefix = "${substr(var.name, 0, 20)}-${substr(each.key, 0, 14)}-"
}

resource "aws_s3_bucket_public_access_block" "main" {
  for_each = aws_s3_bucket.main

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.main.arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "main" {
  for_each = aws_s3_bucket.main

  bucket = each.value.id

  rule {
    id     = "unfinished-and-old"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    # As long as the backups of the databases: what was erased is gone from both at the same time.
    noncurrent_version_expiration {
      noncurrent_days = var.backup_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }
}

# Browsers put files into the store and read them from it with links that the service signs.
resource "aws_s3_bucket_cors_configuration" "main" {
  for_each = length(var.web_origins) > 0 ? aws_s3_bucket.main : {}

  bucket = each.value.id

  cors_rule {
    allowed_methods = ["GET", "HEAD", "PUT"]
    allowed_origins = var.web_origins
    allowed_headers = ["content-type", "content-md5", "x-amz-checksum-sha256"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3600
  }
}

# The secrets that the processes read; their values are put in by hand or by a pipeline, never by this module.
resource "aws_secretsmanager_secret" "service" {
  for_each = var.services

  name       = "${var.name}/${each.key}"
  kms_key_id = aws_kms_key.main.arn
}

# What a process may do: the queues, tables and files that it has a flow to, and nothing else.
data "aws_iam_policy_document" "service" {
  for_each = var.services

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.main.arn]
  }

  dynamic "statement" {
    for_each = length(setintersection(var.queues, each.value.reaches)) > 0 ? [1] : []

    content {
      sid       = "Queues"
      actions   = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
      resources = [for name, queue in aws_sqs_queue.main : queue.arn if contains(each.value.reaches, name)]
    }
  }

  dynamic "statement" {
    for_each = length(setintersection(var.tables, each.value.reaches)) > 0 ? [1] : []

    content {
      sid       = "Tables"
      actions   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"]
      resources = flatten([for name, table in aws_dynamodb_table.main : [table.arn, "${table.arn}/index/*"] if contains(each.value.reaches, name)])
    }
  }

  dynamic "statement" {
    for_each = length(setintersection(var.buckets, each.value.reaches)) > 0 ? [1] : []

    content {
      sid       = "Files"
      actions   = concat(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], each.value.answers ? [] : ["s3:DeleteObjectVersion"])
      resources = [for name, bucket in aws_s3_bucket.main : "${bucket.arn}/*" if contains(each.value.reaches, name)]
    }
  }

  # What must be gone at once is gone with its old versions, and from the network: work in the background does that.
  dynamic "statement" {
    for_each = !each.value.answers && length(setintersection(var.buckets, each.value.reaches)) > 0 ? [1] : []

    content {
      sid       = "OldVersions"
      actions   = ["s3:ListBucketVersions"]
      resources = [for name, bucket in aws_s3_bucket.main : bucket.arn if contains(each.value.reaches, name)]
    }
  }

  dynamic "statement" {
    for_each = each.value.answers ? [] : local.distribution_arns

    content {
      sid       = "Purge"
      actions   = ["cloudfront:CreateInvalidation"]
      resources = [statement.value]
    }
  }
}
