# One root module, a provider with an alias for each region.
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "standby"
  region = "eu-central-1"
}

data "aws_route53_zone" "main" {
  name = "iot.example.com"
}

data "aws_iot_endpoint" "primary" {
  endpoint_type = "iot:Data-ATS"
}

data "aws_iot_endpoint" "standby" {
  provider      = aws.standby
  endpoint_type = "iot:Data-ATS"
}

resource "aws_acm_certificate" "primary" {
  domain_name       = "mqtt.iot.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate" "standby" {
  provider          = aws.standby
  domain_name       = "mqtt.iot.example.com"
  validation_method = "DNS"
}

resource "aws_iot_domain_configuration" "primary" {
  name                    = "devices"
  domain_name             = "mqtt.iot.example.com"
  server_certificate_arns = [aws_acm_certificate.primary.arn]
}

resource "aws_iot_domain_configuration" "standby" {
  provider                = aws.standby
  name                    = "devices"
  domain_name             = "mqtt.iot.example.com"
  server_certificate_arns = [aws_acm_certificate.standby.arn]
}

resource "aws_route53_health_check" "primary" {
  fqdn              = data.aws_iot_endpoint.primary.endpoint_address
  type              = "TCP"
  port              = 8883
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_health_check" "standby" {
  fqdn              = data.aws_iot_endpoint.standby.endpoint_address
  type              = "TCP"
  port              = 8883
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_record" "primary" {
  zone_id         = data.aws_route53_zone.main.zone_id
  name            = "mqtt.iot.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [data.aws_iot_endpoint.primary.endpoint_address]
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.primary.id

  failover_routing_policy {
    type = "PRIMARY"
  }
}

resource "aws_route53_record" "standby" {
  zone_id         = data.aws_route53_zone.main.zone_id
  name            = "mqtt.iot.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [data.aws_iot_endpoint.standby.endpoint_address]
  set_identifier  = "standby"
  health_check_id = aws_route53_health_check.standby.id

  failover_routing_policy {
    type = "SECONDARY"
  }
}
