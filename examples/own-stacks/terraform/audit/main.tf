terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "name" {
  type = string
}

variable "topic_arn" {
  type = string
}

resource "aws_cloudwatch_event_rule" "changes" {
  name          = var.name
  event_pattern = jsonencode({ source = ["aws.iot"] })
}

resource "aws_cloudwatch_event_target" "topic" {
  rule = aws_cloudwatch_event_rule.changes.name
  arn  = var.topic_arn
}

output "rule_arn" {
  value = aws_cloudwatch_event_rule.changes.arn
}
