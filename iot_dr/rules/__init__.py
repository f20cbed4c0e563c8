"""Disaster-recovery rules for Terraform JSON, one per file."""
