"""A flight simulator: an outage at a random moment, and the real commands against it."""
