"""Lambda function of the deep health check: HTTP 200 if a message to the regional name arrives."""
