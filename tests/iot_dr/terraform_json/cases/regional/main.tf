terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "zone_id" {}
variable "zone" {}
variable "label" {}

# Something that is not there yet keeps the endpoint from being read before the plan.
resource "terraform_data" "first" {}

data "aws_iot_endpoint" "ats" {
  endpoint_type = "iot:Data-ATS"
  depends_on    = [terraform_data.first]
}

resource "aws_route53_record" "regional" {
  count   = 1
  zone_id = var.zone_id
  name    = "${var.label}.${var.zone.name}"
  type    = "CNAME"
  ttl     = 60
  records = [data.aws_iot_endpoint.ats.endpoint_address]
}

output "fqdn" {
  value = one(aws_route53_record.regional[*].fqdn)
}
