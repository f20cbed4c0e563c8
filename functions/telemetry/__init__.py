"""Writes the last known state of each device from the stream of what devices send."""
