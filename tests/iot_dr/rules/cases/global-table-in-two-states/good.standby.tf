provider "aws" {
  region = "eu-central-1"
}

data "aws_dynamodb_table" "state" {
  name = "state"
}
