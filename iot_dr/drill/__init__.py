"""Rehearses failovers on one machine, and simulates what a fleet of millions would do."""
