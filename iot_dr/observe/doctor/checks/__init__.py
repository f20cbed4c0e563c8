"""The checks of an account: a file for each."""
