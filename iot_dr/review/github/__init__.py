"""Tells a pull request on GitHub what its plans mean."""
