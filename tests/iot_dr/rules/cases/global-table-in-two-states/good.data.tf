provider "aws" {
  region = "eu-west-1"
}

resource "aws_dynamodb_table" "state" {
  name             = "state"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "thing"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "thing"
    type = "S"
  }

  replica {
    region_name = "eu-central-1"
  }
}
