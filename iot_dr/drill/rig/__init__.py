"""What stands on this machine for an environment: regions, DNS, Route 53, and what starts them."""
