"""Closes the connections of a region that was switched away, at a rate (ADR 0047)."""
