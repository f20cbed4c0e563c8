# What the regions have; another root module has the names.
provider "aws" {
  alias  = "west"
  region = "eu-west-1"
}

provider "aws" {
  alias  = "central"
  region = "eu-central-1"
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

output "hosts" {
  value = { PRIMARY = aws_lb.west.dns_name, SECONDARY = aws_lb.central.dns_name }
}
