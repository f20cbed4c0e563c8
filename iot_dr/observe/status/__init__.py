"""The current state of an environment, observed from this machine."""
