"""Limits a rollout to one region at a time, by a lease that each region's stacks take."""
