"""Terraform's states in S3: made, looked at, and moved when their region is gone for good."""
