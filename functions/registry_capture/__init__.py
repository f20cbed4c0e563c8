"""Lambda function that records local changes of a region's device registry."""
