data "aws_availability_zones" "here" {
  state = "available"
}

data "aws_caller_identity" "here" {}

locals {
  zones = slice(data.aws_availability_zones.here.names, 0, min(3, length(data.aws_availability_zones.here.names)))
}

# One key for everything this system keeps, turned each year.
resource "aws_kms_key" "main" {
  description             = "Data of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
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
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
      },
      ], length(var.buckets) == 0 ? [] : [
      {
        # What the network for content delivery reads from the stores of files is encrypted with this key.
        Sid       = "Edge"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = ["kms:Decrypt"]
        Resource  = "*"
        Condition = {
          ArnLike = { "aws:SourceArn" = "arn:aws:cloudfront::${data.aws_caller_identity.here.account_id}:distribution/*" }
        }
      },
    ])
  })
}

resource "aws_vpc" "main" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# Nothing may use the group that is there by default.
resource "aws_default_security_group" "none" {
  vpc_id = aws_vpc.main.id
}

resource "aws_cloudwatch_log_group" "network" {
  # checkov:skip=CKV_AWS_338: addresses of people are kept for weeks, not for a year
  name              = "/${var.name}/network"
  retention_in_days = var.log_days
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_iam_role" "network_log" {
  name = "${var.name}-network-log"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "network_log" {
  name = "write"
  role = aws_iam_role.network_log.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = "${aws_cloudwatch_log_group.network.arn}:*"
    }]
  })
}

resource "aws_flow_log" "main" {
  vpc_id          = aws_vpc.main.id
  traffic_type    = "REJECT"
  iam_role_arn    = aws_iam_role.network_log.arn
  log_destination = aws_cloudwatch_log_group.network.arn
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  for_each = { for n, zone in local.zones : zone => n }

  vpc_id                  = aws_vpc.main.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(aws_vpc.main.cidr_block, 8, each.value)
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-public-${each.value}" }
}

resource "aws_subnet" "private" {
  for_each = { for n, zone in local.zones : zone => n }

  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 4, each.value + 1)
  tags              = { Name = "${var.name}-private-${each.value}" }
}

resource "aws_eip" "out" {
  for_each = aws_subnet.public

  domain = "vpc"
}

# One way out in each zone: a zone that fails takes no other with it.
resource "aws_nat_gateway" "out" {
  for_each = aws_subnet.public

  subnet_id     = each.value.id
  allocation_id = aws_eip.out[each.key].id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "public" {
  for_each = aws_subnet.public

  subnet_id      = each.value.id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table" "private" {
  for_each = aws_subnet.private

  vpc_id = aws_vpc.main.id

  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.out[each.key].id
  }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_security_group" "service" {
  name        = "${var.name}-service"
  description = "The product's own processes"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_egress_rule" "service_https" {
  security_group_id = aws_security_group.service.id
  description       = "Other systems and the provider's own services"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "service_outside" {
  for_each = toset([for port in var.outside_ports : tostring(port)])

  security_group_id = aws_security_group.service.id
  description       = "Stores that others run outside of this network"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value)
  to_port           = tonumber(each.value)
}
