provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "frankfurt"
  region = "eu-central-1"
}

resource "aws_cloudwatch_metric_alarm" "away" {
  alarm_name          = "switch"
  namespace           = "Devices"
  metric_name         = "Away"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
}

resource "aws_cloudwatch_metric_alarm" "crowded" {
  alarm_name          = "crowded"
  namespace           = "Devices"
  metric_name         = "Connected"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 100000
  period              = 60
  evaluation_periods  = 1
}

resource "aws_cloudwatch_metric_alarm" "in_frankfurt" {
  provider            = aws.frankfurt
  alarm_name          = "switch"
  namespace           = "Devices"
  metric_name         = "Away"
  statistic           = "Maximum"
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 1
  treat_missing_data  = "ignore"
}
