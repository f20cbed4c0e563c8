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

resource "aws_acm_certificate" "primary" {
  domain_name       = "*.iot.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate" "standby" {
  provider          = aws.standby
  domain_name       = "*.iot.example.com"
  validation_method = "DNS"
}

resource "aws_route53_record" "validation" {
  for_each = {
    for option in aws_acm_certificate.primary.domain_validation_options : option.domain_name => option
  }

  zone_id = aws_route53_zone.this.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  ttl     = 300
  records = [each.value.resource_record_value]
}
