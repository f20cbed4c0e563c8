terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "label" { type = string }
variable "role" { type = string }
variable "zone_id" { type = string }

resource "aws_eip" "this" {
  domain = "vpc"
}

resource "aws_route53_health_check" "this" {
  type              = "TCP"
  port              = 8883
  ip_address        = aws_eip.this.public_ip
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_record" "this" {
  zone_id         = var.zone_id
  name            = "broker"
  type            = "A"
  ttl             = 60
  records         = [aws_eip.this.public_ip]
  set_identifier  = var.label
  health_check_id = aws_route53_health_check.this.id

  failover_routing_policy {
    type = var.role
  }
}
