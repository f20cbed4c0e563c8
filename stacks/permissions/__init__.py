"""Permissions of pipelines' and functions' roles, computed from stacks' resources (ADR 0032)."""
