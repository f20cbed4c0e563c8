"""Reads the plans of all stacks and tells a reviewer what they mean for devices."""
