"""AWS during an outage of the drill, on a virtual clock, as commands see it."""
