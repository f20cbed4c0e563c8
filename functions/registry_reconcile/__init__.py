"""Compares the device registry of a region with what is written down of it."""
