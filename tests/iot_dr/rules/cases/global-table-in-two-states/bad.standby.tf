provider "aws" {
  region = "eu-central-1"
}

resource "aws_dynamodb_table_replica" "state" {
  global_table_arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/state"
}
