"""Disaster-recovery rules over Terraform JSON, one a file."""
