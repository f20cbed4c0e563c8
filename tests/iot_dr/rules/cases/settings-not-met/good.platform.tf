provider "aws" {
  region = "eu-west-1"
}

locals {
  sites = {
    ireland   = { side = "PRIMARY", address = "54.70.10.1" }
    frankfurt = { side = "SECONDARY", address = "54.80.10.1" }
  }
}

resource "aws_route53_zone" "this" {
  name = "example.com"
}

resource "aws_route53_record" "site" {
  for_each = local.sites
  zone_id  = aws_route53_zone.this.zone_id
  name     = "${each.key}.example.com"
  type     = "A"
  ttl      = 60
  records  = [each.value.address]
}

resource "aws_route53_health_check" "site" {
  for_each          = local.sites
  type              = "TCP"
  ip_address        = each.value.address
  port              = 8883
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_record" "side" {
  for_each        = local.sites
  zone_id         = aws_route53_zone.this.zone_id
  name            = "mqtt.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = ["${each.key}.example.com"]
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.site[each.key].id

  failover_routing_policy {
    type = each.value.side
  }
}
