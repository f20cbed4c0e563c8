provider "aws" {
  region = "eu-west-1"
}

data "terraform_remote_state" "regions" {
  backend = "local"
  config = {
    path = "../1-regions/terraform.tfstate"
  }
}

resource "aws_route53_zone" "main" {
  name = "example.com"
}

resource "aws_route53_health_check" "side" {
  for_each          = data.terraform_remote_state.regions.outputs.hosts
  type              = "TCP"
  port              = 443
  fqdn              = each.value
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_record" "side" {
  for_each        = data.terraform_remote_state.regions.outputs.hosts
  zone_id         = aws_route53_zone.main.zone_id
  name            = "app.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [each.value]
  set_identifier  = lower(each.key)
  health_check_id = aws_route53_health_check.side[each.key].id

  failover_routing_policy {
    type = each.key
  }
}
