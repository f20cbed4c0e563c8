# One block for both sides, each in a region of its own (`region` of version 6 of the provider).
provider "aws" {
  region = "eu-west-1"
}

locals {
  sides = {
    PRIMARY   = { region = "eu-west-1", subnets = ["subnet-00000001", "subnet-00000002"] }
    SECONDARY = { region = "eu-north-1", subnets = ["subnet-00000003", "subnet-00000004"] }
  }
}

data "aws_route53_zone" "main" {
  name = "example.org"
}

resource "aws_lb" "side" {
  for_each = local.sides
  region   = each.value.region
  name     = lower(each.key)
  subnets  = each.value.subnets
}

resource "aws_route53_health_check" "side" {
  for_each          = local.sides
  type              = "TCP"
  port              = 443
  fqdn              = aws_lb.side[each.key].dns_name
  request_interval  = 10
  failure_threshold = 2
}

resource "aws_route53_record" "side" {
  for_each        = local.sides
  zone_id         = data.aws_route53_zone.main.zone_id
  name            = "app.example.org"
  type            = "CNAME"
  ttl             = 60
  records         = [aws_lb.side[each.key].dns_name]
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.side[each.key].id

  failover_routing_policy {
    type = each.key
  }
}
