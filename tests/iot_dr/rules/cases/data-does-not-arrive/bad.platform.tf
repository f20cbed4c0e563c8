provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
}

provider "aws" {
  alias  = "frankfurt"
  region = "eu-central-1"
}

locals {
  trust = { for service in ["iot", "lambda"] : service => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "${service}.amazonaws.com" }
    }]
  }) }
}

resource "aws_dynamodb_table" "states" {
  provider                    = aws.ireland
  name                        = "states"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "device"
  range_key                   = "region"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = true
  attribute {
    name = "device"
    type = "S"
  }
  attribute {
    name = "region"
    type = "S"
  }
  point_in_time_recovery {
    enabled = true
  }
  replica {
    region_name                 = "eu-central-1"
    point_in_time_recovery      = true
    deletion_protection_enabled = true
  }
}

resource "aws_kinesis_stream" "ireland" {
  provider    = aws.ireland
  name        = "telemetry"
  shard_count = 1
}

resource "aws_sqs_queue" "ireland" {
  provider = aws.ireland
  name     = "failed"
}

resource "aws_iam_role" "iot_ireland" {
  provider           = aws.ireland
  name               = "iot-ireland"
  assume_role_policy = local.trust.iot
}

resource "aws_iam_role_policy" "iot_ireland" {
  provider = aws.ireland
  role     = aws_iam_role.iot_ireland.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kinesis:PutRecord", Resource = "*" }]
  })
}

resource "aws_iam_role" "lambda_ireland" {
  provider           = aws.ireland
  name               = "telemetry-ireland"
  assume_role_policy = local.trust.lambda
}

resource "aws_iam_role_policy" "lambda_ireland" {
  provider = aws.ireland
  role     = aws_iam_role.lambda_ireland.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["kinesis:*", "dynamodb:PutItem", "sqs:SendMessage", "logs:*"]
      Resource = "*"
    }]
  })
}

resource "aws_lambda_function" "ireland" {
  provider      = aws.ireland
  function_name = "telemetry"
  timeout       = 30
  role          = aws_iam_role.lambda_ireland.arn
  handler       = "functions.telemetry.handler.handle"
  runtime       = "python3.13"
  s3_bucket     = "code-ireland"
  s3_key        = "telemetry.zip"
  environment {
    variables = {
      TELEMETRY_TABLE        = "states"
      TELEMETRY_FAILED_QUEUE = aws_sqs_queue.ireland.url
      TELEMETRY_ENVIRONMENT  = "dev"
    }
  }
}

resource "aws_lambda_event_source_mapping" "ireland" {
  provider                = aws.ireland
  event_source_arn        = aws_kinesis_stream.ireland.arn
  function_name           = aws_lambda_function.ireland.arn
  starting_position       = "TRIM_HORIZON"
  function_response_types = ["ReportBatchItemFailures"]
  enabled                 = false
}

resource "aws_iot_topic_rule" "ireland" {
  provider    = aws.ireland
  name        = "telemetry"
  enabled     = true
  sql_version = "2016-03-23"
  sql         = "SELECT encode(*, 'base64') AS payload, topic(2) AS device, timestamp() AS received FROM 'up/+'"
  kinesis {
    role_arn      = aws_iam_role.iot_ireland.arn
    stream_name   = aws_kinesis_stream.ireland.name
    partition_key = "$${topic(2)}"
  }
}

resource "aws_kinesis_stream" "frankfurt" {
  provider    = aws.frankfurt
  name        = "telemetry"
  shard_count = 1
}

resource "aws_sqs_queue" "frankfurt" {
  provider = aws.frankfurt
  name     = "failed"
}

resource "aws_iam_role" "iot_frankfurt" {
  provider           = aws.frankfurt
  name               = "iot-frankfurt"
  assume_role_policy = local.trust.iot
}

resource "aws_iam_role_policy" "iot_frankfurt" {
  provider = aws.frankfurt
  role     = aws_iam_role.iot_frankfurt.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kinesis:PutRecord", Resource = "*" }]
  })
}

resource "aws_iam_role" "lambda_frankfurt" {
  provider           = aws.frankfurt
  name               = "telemetry-frankfurt"
  assume_role_policy = local.trust.lambda
}

resource "aws_iam_role_policy" "lambda_frankfurt" {
  provider = aws.frankfurt
  role     = aws_iam_role.lambda_frankfurt.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["kinesis:*", "dynamodb:PutItem", "sqs:SendMessage", "logs:*"]
      Resource = "*"
    }]
  })
}

resource "aws_lambda_function" "frankfurt" {
  provider      = aws.frankfurt
  function_name = "telemetry"
  timeout       = 30
  role          = aws_iam_role.lambda_frankfurt.arn
  handler       = "functions.telemetry.handler.handle"
  runtime       = "python3.13"
  s3_bucket     = "code-frankfurt"
  s3_key        = "telemetry.zip"
  environment {
    variables = {
      TELEMETRY_TABLE        = "states"
      TELEMETRY_FAILED_QUEUE = aws_sqs_queue.frankfurt.url
      TELEMETRY_ENVIRONMENT  = "dev"
    }
  }
}

resource "aws_lambda_event_source_mapping" "frankfurt" {
  provider                = aws.frankfurt
  event_source_arn        = aws_kinesis_stream.frankfurt.arn
  function_name           = aws_lambda_function.frankfurt.arn
  starting_position       = "TRIM_HORIZON"
  function_response_types = ["ReportBatchItemFailures"]
  enabled                 = false
}

resource "aws_iot_topic_rule" "frankfurt" {
  provider    = aws.frankfurt
  name        = "telemetry"
  enabled     = true
  sql_version = "2016-03-23"
  sql         = "SELECT encode(*, 'base64') AS payload, topic(2) AS device, timestamp() AS received FROM 'up/+'"
  kinesis {
    role_arn      = aws_iam_role.iot_frankfurt.arn
    stream_name   = aws_kinesis_stream.frankfurt.name
    partition_key = "$${topic(2)}"
  }
}
