provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "standby"
  region = "eu-central-1"
}

resource "aws_route53_zone" "this" {
  name = "iot.example.com"
}

data "aws_iot_endpoint" "primary" {
  endpoint_type = "iot:Data-ATS"
}

data "aws_iot_endpoint" "standby" {
  provider      = aws.standby
  endpoint_type = "iot:Data-ATS"
}

resource "aws_route53_record" "ireland" {
  zone_id = aws_route53_zone.this.zone_id
  name    = "mqtt-ireland"
  type    = "CNAME"
  ttl     = 60
  records = [data.aws_iot_endpoint.primary.endpoint_address]
}

resource "aws_route53_record" "frankfurt" {
  zone_id = aws_route53_zone.this.zone_id
  name    = "mqtt-frankfurt"
  type    = "CNAME"
  ttl     = 60
  records = [data.aws_iot_endpoint.standby.endpoint_address]
}

resource "aws_route53_health_check" "ireland" {
  type              = "TCP"
  fqdn              = aws_route53_record.ireland.fqdn
  port              = 8883
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_health_check" "frankfurt" {
  type              = "TCP"
  fqdn              = aws_route53_record.frankfurt.fqdn
  port              = 8883
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_record" "primary" {
  zone_id         = aws_route53_zone.this.zone_id
  name            = "mqtt.iot.example.com"
  type            = "CNAME"
  ttl             = 300
  records         = [aws_route53_record.ireland.fqdn]
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.ireland.id

  failover_routing_policy {
    type = "PRIMARY"
  }
}

resource "aws_route53_record" "secondary" {
  zone_id         = aws_route53_zone.this.zone_id
  name            = "mqtt.iot.example.com"
  type            = "CNAME"
  ttl             = 300
  records         = [aws_route53_record.frankfurt.fqdn]
  set_identifier  = "secondary"
  health_check_id = aws_route53_health_check.frankfurt.id

  failover_routing_policy {
    type = "SECONDARY"
  }
}

resource "aws_iot_domain_configuration" "primary" {
  name                    = "mqtt"
  domain_name             = "mqtt.iot.example.com"
  server_certificate_arns = ["arn:aws:acm:eu-west-1:111111111111:certificate/11111111-2222-3333-4444-555555555555"]
}

resource "aws_iot_domain_configuration" "standby" {
  provider                = aws.standby
  name                    = "mqtt"
  domain_name             = "mqtt.iot.example.com"
  server_certificate_arns = ["arn:aws:acm:eu-central-1:111111111111:certificate/11111111-2222-3333-4444-555555555555"]
}
