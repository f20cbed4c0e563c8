"""Reads the plans of a review and hides their sensitive values."""
