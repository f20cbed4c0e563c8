"""Causes of a missed target; each function returns a Diagnosis if its cause fits, else None."""
