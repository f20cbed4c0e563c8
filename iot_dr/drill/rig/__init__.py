"""The rig: an environment's regions, Route 53 and DNS, run on this machine."""
