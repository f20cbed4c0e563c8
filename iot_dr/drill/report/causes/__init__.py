"""Causes of a missed target; each function returns one if its cause fits, else None."""
