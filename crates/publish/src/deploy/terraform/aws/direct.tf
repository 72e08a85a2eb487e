# Nothing stands before the balancer: callers reach it from the internet.
locals {
  behind_edge       = false
  distribution_arns = []
  files_at_edge     = {}
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  security_group_id = aws_security_group.balancer.id
  description       = "HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

output "address" {
  description = "Where callers are sent: point the host name here."
  value       = aws_lb.main.dns_name
}
