terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.first, aws.second]
    }
  }
}

resource "aws_route53_zone" "main" {
  provider = aws.first
  name     = "example.net"
}

module "first" {
  source    = "./side"
  providers = { aws = aws.first }
  label     = "first"
  role      = "PRIMARY"
  zone_id   = aws_route53_zone.main.zone_id
}

module "second" {
  source    = "./side"
  providers = { aws = aws.second }
  label     = "second"
  role      = "SECONDARY"
  zone_id   = aws_route53_zone.main.zone_id
}
