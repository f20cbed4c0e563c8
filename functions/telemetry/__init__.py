"""Lambda function that writes the last state of devices' topics from a stream to DynamoDB."""
