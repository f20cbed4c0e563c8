"""Procedures of several steps on a platform that runs."""
