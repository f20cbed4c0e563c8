# The host of each check is a function of a URL, and each record an alias of a load balancer.
provider "aws" {
  alias  = "west"
  region = "eu-west-1"
}

provider "aws" {
  alias  = "central"
  region = "eu-central-1"
}

locals {
  url_scheme = "https://"
}

resource "aws_route53_zone" "main" {
  provider = aws.west
  name     = "example.com"
}

resource "aws_lb" "west" {
  provider = aws.west
  name     = "west"
  subnets  = ["subnet-00000001", "subnet-00000002"]
}

resource "aws_lb" "central" {
  provider = aws.central
  name     = "central"
  subnets  = ["subnet-00000003", "subnet-00000004"]
}

resource "aws_apigatewayv2_api" "west" {
  provider      = aws.west
  name          = "health"
  protocol_type = "HTTP"
  target        = "https://west.example.org/health"
}

resource "aws_apigatewayv2_api" "central" {
  provider      = aws.central
  name          = "health"
  protocol_type = "HTTP"
  target        = "https://central.example.org/health"
}

resource "aws_route53_health_check" "west" {
  provider          = aws.west
  type              = "HTTPS"
  port              = 443
  fqdn              = trimprefix(aws_apigatewayv2_api.west.api_endpoint, local.url_scheme)
  resource_path     = "/health"
  request_interval  = 10
  failure_threshold = 3
}

resource "aws_route53_health_check" "central" {
  provider          = aws.central
  type              = "HTTPS"
  port              = 443
  fqdn              = trimprefix(aws_apigatewayv2_api.central.api_endpoint, local.url_scheme)
  resource_path     = "/health"
  request_interval  = 10
  failure_threshold = 3
}

resource "aws_route53_record" "primary" {
  provider        = aws.west
  zone_id         = aws_route53_zone.main.zone_id
  name            = "app.example.com"
  type            = "A"
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.west.id

  failover_routing_policy {
    type = "PRIMARY"
  }

  alias {
    name                   = aws_lb.west.dns_name
    zone_id                = aws_lb.west.zone_id
    evaluate_target_health = true
  }
}

resource "aws_route53_record" "secondary" {
  provider        = aws.west
  zone_id         = aws_route53_zone.main.zone_id
  name            = "app.example.com"
  type            = "A"
  set_identifier  = "secondary"
  health_check_id = aws_route53_health_check.central.id

  failover_routing_policy {
    type = "SECONDARY"
  }

  alias {
    name                   = aws_lb.central.dns_name
    zone_id                = aws_lb.central.zone_id
    evaluate_target_health = true
  }
}
