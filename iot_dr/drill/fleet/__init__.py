"""Devices, consumers of their messages, and how many devices this machine supports."""
