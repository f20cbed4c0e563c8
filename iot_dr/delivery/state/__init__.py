"""Terraform's states in S3: bootstrap, locks, guards, and promotion of copies."""
