"""Keeps a rollout to one region at a time, and to the region that serves after the others."""
