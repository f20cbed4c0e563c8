"""What stands on this machine for an environment: its world, regions, Route 53 and DNS."""
