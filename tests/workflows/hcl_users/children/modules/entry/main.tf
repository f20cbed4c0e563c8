variable "targets" {
  type = map(object({ role = string, endpoint = string }))
}

data "aws_route53_zone" "main" {
  name = "iot.example.com"
}

resource "aws_route53_health_check" "target" {
  for_each          = var.targets
  fqdn              = each.value.endpoint
  type              = "TCP"
  port              = 8883
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_record" "device" {
  for_each        = var.targets
  zone_id         = data.aws_route53_zone.main.zone_id
  name            = "mqtt.iot.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [each.value.endpoint]
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.target[each.key].id

  failover_routing_policy {
    type = each.value.role
  }
}
