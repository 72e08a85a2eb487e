variable "certificate_arn" {
  type        = string
  description = "Certificate of the host name that callers use."
}

locals {
  answering = { for name, service in var.services : name => service if service.answers }

  # With blue-green and canary there are two of each: the release in use and the one that comes.
  slots  = contains(["blue-green", "canary"], var.rollout) ? ["a", "b"] : ["a"]
  groups = { for pair in setproduct(keys(local.answering), local.slots) : "${pair[0]}-${pair[1]}" => { service = pair[0], slot = pair[1] } }
  first  = length(local.answering) > 0 ? sort(keys(local.answering))[0] : ""
}

resource "aws_security_group" "balancer" {
  name        = "${var.name}-balancer"
  description = "Callers"
  vpc_id      = aws_vpc.main.id
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = aws_security_group.balancer.id
  description                  = "To the processes that answer"
  referenced_security_group_id = aws_security_group.service.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_vpc_security_group_ingress_rule" "service" {
  security_group_id            = aws_security_group.service.id
  description                  = "From the balancer"
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
}

resource "aws_lb" "main" {
  name                       = substr(var.name, 0, 32)
  load_balancer_type         = "application"
  internal                   = local.behind_edge
  subnets                    = [for subnet in(local.behind_edge ? aws_subnet.private : aws_subnet.public) : subnet.id]
  security_groups            = [aws_security_group.balancer.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = true
  idle_timeout               = 60
}

resource "aws_lb_target_group" "main" {
  for_each = local.groups

  name_prefix          = "svc-"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = aws_vpc.main.id
  target_type          = local.target_type
  deregistration_delay = var.services[each.value.service].timeout_s

  health_check {
    # Not the store: a copy that is started anew heals no store that fails over.
    path                = "/livez"
    interval            = 10
    timeout             = 3
    healthy_threshold   = 2
    unhealthy_threshold = 3
    matcher             = "200"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type = "forward"

    forward {
      dynamic "target_group" {
        for_each = local.first == "" ? {} : { for slot in local.slots : slot => aws_lb_target_group.main["${local.first}-${slot}"].arn }

        content {
          arn    = target_group.value
          weight = target_group.key == "a" ? 100 : 0
        }
      }
    }
  }

  lifecycle {
    # A release moves the weights.
    ignore_changes = [default_action]
  }
}

# What the platform asks of the processes is nobody else's business; /livez answers who probes from outside, too.
resource "aws_lb_listener_rule" "inside" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 1

  condition {
    path_pattern {
      values = ["/metrics", "/readyz"]
    }
  }

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "not found"
      status_code  = "404"
    }
  }
}

# Processes beside the first one answer under their own name.
resource "aws_lb_listener_rule" "other" {
  for_each = { for name, service in local.answering : name => service if name != local.first }

  listener_arn = aws_lb_listener.https.arn
  priority     = 10 + index(sort(keys(local.answering)), each.key)

  condition {
    host_header {
      values = ["${each.key}.*"]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.main["${each.key}-a"].arn
  }

  lifecycle {
    ignore_changes = [action]
  }
}
