"""The operator's switch: devices taken away from a region, and given back."""
