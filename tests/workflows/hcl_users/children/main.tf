# Child modules with for_each: a region is a key, and the provider's `region` is an argument.
provider "aws" {
  region = "eu-west-1"
}

locals {
  regions = { "eu-west-1" = "PRIMARY", "eu-central-1" = "SECONDARY" }
}

module "region" {
  source   = "./modules/region"
  for_each = local.regions
  region   = each.key
}

module "entry" {
  source  = "./modules/entry"
  targets = { for region, role in local.regions : region => { role = role, endpoint = module.region[region].endpoint } }
}
