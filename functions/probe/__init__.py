"""Probes of a regional name, and what all functions share: metrics, variables, error codes."""
