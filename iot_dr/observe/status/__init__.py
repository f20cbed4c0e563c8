"""How an environment stands at this moment, as seen from this machine."""
