"""Probes of a regional name, with a limit to how long they may take."""
