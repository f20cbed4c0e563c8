"""Mutants of synthesized designs: generated, and judged in stages (docs/mutants.md)."""
