"""Writes down what changes in the device registry of a region."""
