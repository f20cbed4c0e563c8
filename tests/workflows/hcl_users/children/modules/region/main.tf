variable "region" {
  type = string
}

data "aws_iot_endpoint" "this" {
  region        = var.region
  endpoint_type = "iot:Data-ATS"
}

resource "aws_acm_certificate" "this" {
  region            = var.region
  domain_name       = "mqtt.iot.example.com"
  validation_method = "DNS"
}

resource "aws_iot_domain_configuration" "this" {
  region                  = var.region
  name                    = "devices"
  domain_name             = "mqtt.iot.example.com"
  server_certificate_arns = [aws_acm_certificate.this.arn]
}

output "endpoint" {
  value = data.aws_iot_endpoint.this.endpoint_address
}
