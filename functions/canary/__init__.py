"""Answers the health check of its region: 200 when a message goes through the regional name."""
