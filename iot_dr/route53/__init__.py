"""Failover records and health checks: which region answers, and why."""
