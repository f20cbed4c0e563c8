provider "aws" {
  region = "eu-west-1"
}

resource "aws_route53_zone" "this" {
  name = "iot.example.com"
}

resource "aws_dynamodb_table" "state" {
  name         = "state"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "thing"

  attribute {
    name = "thing"
    type = "S"
  }
}

resource "aws_route53_health_check" "deep" {
  type              = "HTTPS"
  fqdn              = "health.example.com"
  port              = 443
  resource_path     = "/health"
  request_interval  = 30
  failure_threshold = 3
}

output "deep_check_id" {
  value = aws_route53_health_check.deep.id
}
