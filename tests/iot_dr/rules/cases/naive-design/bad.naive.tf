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

resource "aws_acm_certificate" "primary" {
  domain_name       = "iot.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate" "standby" {
  provider          = aws.standby
  domain_name       = "iot.example.com"
  validation_method = "DNS"
}

resource "aws_route53_record" "primary_validation" {
  for_each = {
    for option in aws_acm_certificate.primary.domain_validation_options : option.domain_name => option
  }

  zone_id         = aws_route53_zone.this.zone_id
  name            = each.value.resource_record_name
  type            = each.value.resource_record_type
  ttl             = 300
  records         = [each.value.resource_record_value]
  allow_overwrite = true
}

resource "aws_route53_record" "standby_validation" {
  for_each = {
    for option in aws_acm_certificate.standby.domain_validation_options : option.domain_name => option
  }

  zone_id         = aws_route53_zone.this.zone_id
  name            = each.value.resource_record_name
  type            = each.value.resource_record_type
  ttl             = 300
  records         = [each.value.resource_record_value]
  allow_overwrite = true
}

resource "aws_iot_domain_configuration" "primary" {
  name                    = "devices"
  domain_name             = "iot.example.com"
  service_type            = "DATA"
  server_certificate_arns = [aws_acm_certificate.primary.arn]

  tls_config {
    security_policy = "IoTSecurityPolicy_TLS13_1_3_2022_10"
  }
}

resource "aws_iot_domain_configuration" "standby" {
  provider                = aws.standby
  name                    = "devices"
  domain_name             = "iot.example.com"
  service_type            = "DATA"
  server_certificate_arns = [aws_acm_certificate.standby.arn]

  tls_config {
    security_policy = "IoTSecurityPolicy_TLS13_1_3_2022_10"
  }
}

resource "aws_route53_health_check" "primary" {
  type              = "HTTPS"
  fqdn              = data.aws_iot_endpoint.primary.endpoint_address
  port              = 443
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_health_check" "shared" {
  type              = "HTTPS"
  fqdn              = "iot.example.com"
  port              = 443
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_record" "primary" {
  zone_id         = aws_route53_zone.this.zone_id
  name            = "iot.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [data.aws_iot_endpoint.primary.endpoint_address]
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.primary.id

  failover_routing_policy {
    type = "PRIMARY"
  }
}

resource "aws_route53_record" "secondary" {
  zone_id         = aws_route53_zone.this.zone_id
  name            = "iot.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [data.aws_iot_endpoint.standby.endpoint_address]
  set_identifier  = "secondary"
  health_check_id = aws_route53_health_check.shared.id

  failover_routing_policy {
    type = "SECONDARY"
  }
}

resource "aws_route53_record" "third" {
  zone_id        = aws_route53_zone.this.zone_id
  name           = "iot.example.com"
  type           = "CNAME"
  ttl            = 60
  records        = [data.aws_iot_endpoint.standby.endpoint_address]
  set_identifier = "third"

  failover_routing_policy {
    type = "SECONDARY"
  }
}

resource "aws_kinesis_stream" "telemetry" {
  name        = "telemetry"
  shard_count = 1
}

resource "aws_iam_role" "ingest" {
  name               = "ingest"
  assume_role_policy = "{}"
}

resource "aws_iot_topic_rule" "primary" {
  name        = "telemetry"
  enabled     = true
  sql         = "SELECT * FROM 'telemetry/#'"
  sql_version = "2016-03-23"

  kinesis {
    stream_name = aws_kinesis_stream.telemetry.name
    role_arn    = aws_iam_role.ingest.arn
  }
}
