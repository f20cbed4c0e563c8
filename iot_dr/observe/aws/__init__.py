"""Calls to AWS services by region, with time limits and errors that a user can act on."""
