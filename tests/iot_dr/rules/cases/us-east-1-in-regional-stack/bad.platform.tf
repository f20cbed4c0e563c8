provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}

resource "aws_cloudwatch_metric_alarm" "health" {
  provider            = aws.virginia
  alarm_name          = "health"
  namespace           = "AWS/Route53"
  metric_name         = "HealthCheckStatus"
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 1
}

resource "aws_iot_policy" "device" {
  name   = "device"
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
