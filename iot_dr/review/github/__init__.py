"""Publishes reviews on GitHub pull requests."""
