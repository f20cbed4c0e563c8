provider "aws" {
  region = "eu-west-1"
}

resource "aws_cloudwatch_metric_alarm" "connects" {
  alarm_name          = "connects"
  namespace           = "Acme/Connects"
  metric_name         = "Succeeded"
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 2
}

resource "aws_route53_health_check" "connects" {
  type                            = "CLOUDWATCH_METRIC"
  cloudwatch_alarm_name           = aws_cloudwatch_metric_alarm.connects.alarm_name
  cloudwatch_alarm_region         = "eu-west-1"
  insufficient_data_health_status = "Unhealthy"

  triggers = {
    threshold          = aws_cloudwatch_metric_alarm.connects.threshold
    evaluation_periods = aws_cloudwatch_metric_alarm.connects.evaluation_periods
  }
}
