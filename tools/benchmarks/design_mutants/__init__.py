"""Mutants of synthesized designs: generated, and judged in stages (docs/reference/mutants.md)."""
