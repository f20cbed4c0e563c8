"""Causes of a missed target, a function each: from the evidence to a diagnosis, or to none."""
