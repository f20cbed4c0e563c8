provider "aws" {
  region = "eu-central-1"
}

resource "aws_iot_policy" "device" {
  name   = "device"
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
