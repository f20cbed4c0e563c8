"""Lambda function that writes each device's last known state from a Kinesis stream to DynamoDB."""
