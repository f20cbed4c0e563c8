"""Processes that the drill starts and tells what to do."""
