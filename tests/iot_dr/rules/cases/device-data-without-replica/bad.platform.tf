provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "standby"
  region = "eu-central-1"
}

resource "aws_route53_zone" "this" {
  name = "iot.example.com"
}

data "aws_iot_endpoint" "primary" {
  endpoint_type = "iot:Data-ATS"
}

data "aws_iot_endpoint" "standby" {
  provider      = aws.standby
  endpoint_type = "iot:Data-ATS"
}

resource "aws_route53_record" "ireland" {
  zone_id = aws_route53_zone.this.zone_id
  name    = "mqtt-ireland"
  type    = "CNAME"
  ttl     = 60
  records = [data.aws_iot_endpoint.primary.endpoint_address]
}

resource "aws_route53_record" "frankfurt" {
  zone_id = aws_route53_zone.this.zone_id
  name    = "mqtt-frankfurt"
  type    = "CNAME"
  ttl     = 60
  records = [data.aws_iot_endpoint.standby.endpoint_address]
}

resource "aws_route53_health_check" "ireland" {
  type              = "TCP"
  fqdn              = aws_route53_record.ireland.fqdn
  port              = 8883
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_health_check" "frankfurt" {
  type              = "TCP"
  fqdn              = aws_route53_record.frankfurt.fqdn
  port              = 8883
  request_interval  = 30
  failure_threshold = 3
}

resource "aws_route53_record" "primary" {
  zone_id         = aws_route53_zone.this.zone_id
  name            = "mqtt.iot.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [aws_route53_record.ireland.fqdn]
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.ireland.id

  failover_routing_policy {
    type = "PRIMARY"
  }
}

resource "aws_route53_record" "secondary" {
  zone_id         = aws_route53_zone.this.zone_id
  name            = "mqtt.iot.example.com"
  type            = "CNAME"
  ttl             = 60
  records         = [aws_route53_record.frankfurt.fqdn]
  set_identifier  = "secondary"
  health_check_id = aws_route53_health_check.frankfurt.id

  failover_routing_policy {
    type = "SECONDARY"
  }
}

resource "aws_iam_role" "ingest" {
  name               = "ingest"
  assume_role_policy = "{}"
}

resource "aws_dynamodb_table" "ireland" {
  name             = "state"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "thing"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "thing"
    type = "S"
  }
}

resource "aws_dynamodb_table" "frankfurt" {
  provider         = aws.standby
  name             = "state"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "thing"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "thing"
    type = "S"
  }
}

resource "aws_iot_topic_rule" "ireland" {
  name        = "telemetry"
  enabled     = true
  sql         = "SELECT * FROM 'telemetry/#'"
  sql_version = "2016-03-23"

  dynamodbv2 {
    role_arn = aws_iam_role.ingest.arn

    put_item {
      table_name = aws_dynamodb_table.ireland.name
    }
  }

  s3 {
    bucket_name = aws_s3_bucket.raw_ireland.bucket
    key         = "raw"
    role_arn    = aws_iam_role.ingest.arn
  }

  firehose {
    delivery_stream_name = aws_kinesis_firehose_delivery_stream.ireland.name
    role_arn             = aws_iam_role.ingest.arn
  }
}

resource "aws_kinesis_firehose_delivery_stream" "ireland" {
  name        = "archive"
  destination = "extended_s3"

  extended_s3_configuration {
    bucket_arn = aws_s3_bucket.archive_ireland.arn
    role_arn   = aws_iam_role.ingest.arn
  }
}

resource "aws_s3_bucket" "raw_ireland" {
  bucket = "example-raw-ireland"
}

resource "aws_s3_bucket" "archive_ireland" {
  bucket = "example-archive-ireland"
}

resource "aws_kms_key" "ireland" {
  description = "device data"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "raw_ireland" {
  bucket = aws_s3_bucket.raw_ireland.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.ireland.arn
    }
  }
}

resource "aws_iot_topic_rule" "frankfurt" {
  provider    = aws.standby
  name        = "telemetry"
  enabled     = true
  sql         = "SELECT * FROM 'telemetry/#'"
  sql_version = "2016-03-23"

  dynamodbv2 {
    role_arn = aws_iam_role.ingest.arn

    put_item {
      table_name = aws_dynamodb_table.frankfurt.name
    }
  }

  s3 {
    bucket_name = aws_s3_bucket.raw_frankfurt.bucket
    key         = "raw"
    role_arn    = aws_iam_role.ingest.arn
  }

  firehose {
    delivery_stream_name = aws_kinesis_firehose_delivery_stream.frankfurt.name
    role_arn             = aws_iam_role.ingest.arn
  }
}

resource "aws_kinesis_firehose_delivery_stream" "frankfurt" {
  provider    = aws.standby
  name        = "archive"
  destination = "extended_s3"

  extended_s3_configuration {
    bucket_arn = aws_s3_bucket.archive_frankfurt.arn
    role_arn   = aws_iam_role.ingest.arn
  }
}

resource "aws_s3_bucket" "raw_frankfurt" {
  provider = aws.standby
  bucket   = "example-raw-frankfurt"
}

resource "aws_s3_bucket" "archive_frankfurt" {
  provider = aws.standby
  bucket   = "example-archive-frankfurt"
}

resource "aws_kms_key" "frankfurt" {
  provider    = aws.standby
  description = "device data"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "raw_frankfurt" {
  provider = aws.standby
  bucket   = aws_s3_bucket.raw_frankfurt.bucket

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.frankfurt.arn
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "raw" {
  bucket = aws_s3_bucket.raw_ireland.bucket
  role   = aws_iam_role.ingest.arn

  rule {
    id     = "all"
    status = "Enabled"

    destination {
      bucket = aws_s3_bucket.raw_frankfurt.arn
    }
  }
}

resource "aws_iot_domain_configuration" "primary" {
  name                    = "mqtt"
  domain_name             = "mqtt.iot.example.com"
  server_certificate_arns = ["arn:aws:acm:eu-west-1:111111111111:certificate/11111111-2222-3333-4444-555555555555"]
}

resource "aws_iot_domain_configuration" "standby" {
  provider                = aws.standby
  name                    = "mqtt"
  domain_name             = "mqtt.iot.example.com"
  server_certificate_arns = ["arn:aws:acm:eu-central-1:111111111111:certificate/11111111-2222-3333-4444-555555555555"]
}
