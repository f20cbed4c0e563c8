# Instances by count; the routing policy and the alias are dynamic blocks.
provider "aws" {
  region = "eu-west-1"
}

variable "regions" {
  type    = list(string)
  default = ["eu-west-1", "eu-west-3"]
}

resource "aws_route53_zone" "main" {
  name = "example.com"
}

resource "aws_lb" "side" {
  count   = length(var.regions)
  region  = var.regions[count.index]
  name    = "side-${count.index}"
  subnets = ["subnet-00000001", "subnet-00000002"]
}

resource "aws_route53_health_check" "side" {
  count             = length(var.regions)
  type              = "TCP"
  port              = 443
  fqdn              = aws_lb.side[count.index].dns_name
  request_interval  = 10
  failure_threshold = 3
}

resource "aws_route53_record" "side" {
  count           = length(var.regions)
  zone_id         = aws_route53_zone.main.zone_id
  name            = "app.example.com"
  type            = "A"
  set_identifier  = var.regions[count.index]
  health_check_id = element(aws_route53_health_check.side[*].id, count.index)

  dynamic "failover_routing_policy" {
    for_each = [count.index == 0 ? "PRIMARY" : "SECONDARY"]
    content {
      type = failover_routing_policy.value
    }
  }

  dynamic "alias" {
    for_each = [aws_lb.side[count.index]]
    content {
      name                   = alias.value.dns_name
      zone_id                = alias.value.zone_id
      evaluate_target_health = false
    }
  }
}
