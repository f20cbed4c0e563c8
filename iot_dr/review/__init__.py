"""Reads the plans of all stacks and reports what they mean for devices."""
