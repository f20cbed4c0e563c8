"""Mutants of designs: generated and judged in stages (docs/reference/measurements.md)."""
