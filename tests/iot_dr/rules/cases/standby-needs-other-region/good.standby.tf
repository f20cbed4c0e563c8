provider "aws" {
  region = "eu-central-1"
}

resource "aws_iot_policy" "device" {
  name   = "device"
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}

resource "aws_iam_role" "consumer" {
  name               = "consumer-eu-central-1"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "consumer" {
  role = aws_iam_role.consumer.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "dynamodb:PutItem"
      Resource = "arn:aws:dynamodb:eu-central-1:111111111111:table/state"
    }]
  })
}

resource "aws_lambda_function" "consumer" {
  function_name = "consumer"
  role          = aws_iam_role.consumer.arn
  runtime       = "python3.13"
  handler       = "consumer.handle"
  s3_bucket     = "code-eu-central-1"
  s3_key        = "consumer.zip"

  environment {
    variables = {
      QUEUE_URL = "https://sqs.eu-central-1.amazonaws.com/111111111111/telemetry"
    }
  }
}
