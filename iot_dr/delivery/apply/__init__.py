"""Applies kept plans."""
