"""The operator's switch, which directs devices away from a region, and back."""
