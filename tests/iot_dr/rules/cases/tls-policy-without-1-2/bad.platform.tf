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

resource "aws_iot_domain_configuration" "ireland" {
  name                    = "ireland"
  domain_name             = "api.iot.example.com"
  service_type            = "DATA"
  server_certificate_arns = ["arn:aws:acm:eu-west-1:111111111111:certificate/0f0f0f0f-0000-4000-8000-000000000000"]

  tls_config {
    security_policy = "IoTSecurityPolicy_TLS13_1_3_2022_10"
  }
}

resource "aws_route53_record" "api" {
  zone_id = aws_route53_zone.this.zone_id
  name    = "api"
  type    = "CNAME"
  ttl     = 60
  records = [data.aws_iot_endpoint.primary.endpoint_address]
}

resource "aws_route53_health_check" "api" {
  type              = "HTTPS"
  fqdn              = "api.iot.example.com"
  port              = 443
  request_interval  = 30
  failure_threshold = 3
}
