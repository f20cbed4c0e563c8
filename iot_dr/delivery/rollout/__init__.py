"""Limits a rollout to one region at a time, by a turn (lease) that each region's stacks take."""
