"""Applies plans that were kept, and no others."""
