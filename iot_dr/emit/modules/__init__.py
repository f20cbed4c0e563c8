"""The emitted modules, one per file."""
