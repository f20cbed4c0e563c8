"""Checks and reports of a pipeline's builds, and the choice of the active pipeline."""
