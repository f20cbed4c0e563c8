# Two regions from one module, and every way in which a plan tells a value; see README.md.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "home" {
  default = "eu-west-1"
}

variable "revision" {
  default = 1
}

provider "aws" {
  region                      = var.home
  skip_credentials_validation = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "standby"
  region                      = "eu-central-1"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
}

resource "aws_route53_zone" "main" {
  name = "iot.example.com"
}

module "home" {
  source  = "./regional"
  zone_id = aws_route53_zone.main.zone_id
  zone    = aws_route53_zone.main
  label   = "mqtt-home"
}

module "other" {
  for_each = toset(["a", "b"])
  source   = "./regional"
  zone_id  = aws_route53_zone.main.zone_id
  zone     = aws_route53_zone.main
  label    = "mqtt-${each.key}"

  providers = { aws = aws.standby }
}

resource "aws_route53_health_check" "region" {
  for_each          = { home = module.home.fqdn }
  type              = "TCP"
  port              = 8883
  fqdn              = each.value
  failure_threshold = 3
  request_interval  = 10
}

resource "aws_route53_record" "device" {
  for_each        = { home = "PRIMARY" }
  zone_id         = aws_route53_zone.main.zone_id
  name            = "mqtt"
  type            = "CNAME"
  ttl             = 60
  records         = [each.key == "home" ? module.home.fqdn : module.other["a"].fqdn]
  set_identifier  = each.key
  health_check_id = aws_route53_health_check.region[each.key].id

  failover_routing_policy {
    type = each.value
  }
}

resource "aws_acm_certificate" "main" {
  domain_name       = "*.iot.example.com"
  validation_method = "DNS"
}

resource "aws_route53_record" "validation" {
  for_each = { for option in aws_acm_certificate.main.domain_validation_options : option.domain_name => option }
  zone_id  = aws_route53_zone.main.zone_id
  name     = each.value.resource_record_name
  type     = each.value.resource_record_type
  records  = [each.value.resource_record_value]
  ttl      = 60
}

resource "aws_iot_policy" "device" {
  name   = "device"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "iot:Publish"
      Resource = "arn:aws:iot:eu-west-1:111111111111:topic/$${iot:Connection.Thing.ThingName}"
    }]
  })
}

resource "terraform_data" "replaced" {
  triggers_replace = [var.revision]
}

data "terraform_remote_state" "network" {
  backend = "local"
  config  = { path = "network.tfstate" }
}

output "zone_id" {
  value = aws_route53_zone.main.zone_id
}

output "device_policy" {
  value = aws_iot_policy.device.name
}
