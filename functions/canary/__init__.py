"""Lambda function behind the deep health check: 200 if a message via the regional name works."""
