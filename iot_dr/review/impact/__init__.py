"""Judges what the changes of a review do to devices."""
