"""The modules that are emitted: for each one file that says what is in it."""
