"""Procedures of several steps on a running platform."""
