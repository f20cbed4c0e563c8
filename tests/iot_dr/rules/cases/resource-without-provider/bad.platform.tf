provider "aws" {
  alias  = "primary"
  region = "eu-west-1"
}

provider "aws" {
  alias  = "standby"
  region = "eu-central-1"
}

resource "aws_iot_policy" "device" {
  provider = aws.primary
  name     = "device"
  policy   = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iot_policy" "device_standby" {
  name   = "device"
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "terraform_data" "path" {
  input = "no provider of its own"
}
