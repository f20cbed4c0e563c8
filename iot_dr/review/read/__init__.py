"""Reads the plans of a review: what changes, without what is secret."""
