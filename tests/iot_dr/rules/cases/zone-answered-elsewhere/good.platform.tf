provider "aws" {
  region = "eu-west-1"
}

resource "aws_route53_zone" "this" {
  name = "iot.example.com"
}

resource "aws_route53_record" "name_servers" {
  zone_id         = aws_route53_zone.this.zone_id
  name            = "iot.example.com"
  type            = "NS"
  ttl             = 172800
  records         = aws_route53_zone.this.name_servers
  allow_overwrite = true
}
