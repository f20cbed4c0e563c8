"""A change of primary: what it would change, and what devices will see of it."""
