"""Devices, what takes their messages, and how many this machine can do."""
