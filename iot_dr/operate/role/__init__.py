"""A change of primary: what it changes, and its effects on devices."""
